"""All scenarios: those that come with wsplay, and the user's own."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

import wsplay
from wsplay.events.safe_text import visible
from wsplay.files.small_file import NotReadable, read_small_file
from wsplay.protocol.did_you_mean import nearest
from wsplay.scenario.file import Problem, Scenario, parse_scenario

#: The environment variable with more folders of the user's, separated as in PATH.
FOLDERS_VARIABLE = "WSPLAY_SCENARIOS"
#: The largest scenario file, in bytes: Python compiles this much in a second.
MAX_SIZE = 250_000


class UnknownScenario(LookupError):
    """There is no scenario `name`; `nearest` are names that look like it, best first."""

    def __init__(self, name: str, nearest: list[str], why: str = "") -> None:
        self.name = name
        self.nearest = nearest
        super().__init__(why or f'no scenario "{visible(name, 200)}"')


class Library:
    """The scenarios of some folders, in order: by number, then by name, those without a number last.

    Nothing is hidden: if two files have the same name, the one in the earlier folder (wsplay's own, then the
    user's) keeps it and the other is called `name-2`. If two files have the same order number, the number
    means the one in the earlier folder.
    """

    def __init__(self, folders: Sequence[Path]) -> None:
        self._folders = tuple(folders)
        #: By resolved path, in the order they were found: the first one keeps its name.
        self._scenarios: dict[Path, Scenario] = {}
        self._opened: list[Path] = []
        self.notes: tuple[str, ...] = ()
        self.reload()

    @classmethod
    def find(cls, user_folders: Sequence[Path] | None = None) -> Library:
        """The library of this installation and this user.

        It looks in wsplay's own folder, then in those of `$WSPLAY_SCENARIOS` (separated by `os.pathsep`),
        then in `scenarios` of the user's configuration folder; `user_folders` replace the last two. Never
        raises: `notes` says which folder cannot be read.
        """
        mine = find_user_folders() if user_folders is None else user_folders
        return cls([builtin_folder(), *mine])

    @property
    def scenarios(self) -> tuple[Scenario, ...]:
        """All scenarios in order, including broken ones (see `Scenario.problem`)."""
        return tuple(sorted(self._scenarios.values(), key=_place))

    def reload(self) -> None:
        """Read all folders again. Files that were opened from elsewhere stay listed."""
        notes: list[str] = []
        paths: list[Path] = []
        for folder in self._folders:
            try:
                paths += sorted(path for path in folder.iterdir() if _is_scenario(path))
            except (OSError, ValueError) as error:  # ValueError: a NUL in the path
                why = getattr(error, "strerror", None) or error
                notes.append(f"cannot read the scenario folder {folder}: {why}")
        self._scenarios = {}
        for path in paths + self._opened:
            self._take(path)
        self.notes = tuple(visible(note) for note in notes)

    def get(self, ref: str) -> Scenario:
        """The scenario of an order number, a name, a title, or a path (`x.py`, or anything with a separator).

        A number is tried first, then the exact name, then name and title regardless of case, `-`, `_` and
        spaces. A file from outside the library's folders is read, and listed from then on. Raises
        `UnknownScenario`; a file that exists but is broken is returned, with its `problem`.
        """
        ref = ref.strip()
        if ref.endswith(".py") or "/" in ref or os.sep in ref:
            return self.open(ref)
        known = tuple(self._scenarios.values())  # by folder: the first of two with the same number
        if ref.isascii() and ref.isdigit():
            for scenario in known:
                if str(scenario.order) == (ref.lstrip("0") or "0"):
                    return scenario
        for scenario in known:
            if scenario.name == ref:
                return scenario
        for scenario in known:
            if ref and _folded(ref) in (_folded(scenario.name), _folded(scenario.title)):
                return scenario
        why = f"no scenario has the number {visible(ref, 20)}" if ref.isdigit() else ""
        orders = sorted({scenario.order for scenario in known if scenario.order is not None})
        if why and orders:
            why += f"; the numbers go from {orders[0]} to {orders[-1]}"
        raise UnknownScenario(ref, self._nearest(ref), why)

    def open(self, path: str | Path) -> Scenario:
        """The scenario in the file at `path`, read now, and listed from then on.

        Raises `UnknownScenario` if there is no such file.
        """
        place = Path(os.path.expanduser(path))
        if not os.path.isfile(place):
            there = "that is a folder" if os.path.isdir(place) else "that is no regular file"
            what = there if os.path.exists(place) else "no such file"
            why = f"{what}: {visible(str(path), 300)}"
            raise UnknownScenario(str(path), self._nearest(place.stem), why)
        if (known := self._scenarios.get(_resolved(place))) is not None:
            return self.refresh(known)
        self._opened.append(_absolute(place))
        return self._take(place)

    def refresh(self, scenario: Scenario) -> Scenario:
        """Read the scenario's file again and return it as it is now, under the same name."""
        path = Path(scenario.file)
        fresh = read_scenario(path, scenario.name)
        if _resolved(path) in self._scenarios:
            self._scenarios[_resolved(path)] = fresh
        return fresh

    def _take(self, path: Path) -> Scenario:
        key = _resolved(path)
        if key not in self._scenarios:
            taken = {scenario.name for scenario in self._scenarios.values()}
            name = _unused(visible(path.stem, 100), taken)
            self._scenarios[key] = read_scenario(_absolute(path), name)
        return self._scenarios[key]

    def _nearest(self, ref: str) -> list[str]:
        names = {}
        for scenario in self.scenarios:
            names[scenario.name] = scenario.name
            names.setdefault(scenario.title, scenario.name)
        near = [name for name in names if ref and _folded(name).startswith(_folded(ref))]
        near += nearest(ref, names, 3)
        return list(dict.fromkeys(names[name] for name in near))[:3]


def builtin_folder() -> Path:
    """The folder of wsplay's own scenarios: in the package of a wheel, next to it in a checkout."""
    package = Path(wsplay.PACKAGE)
    inside = package / "scenarios"
    return inside if inside.is_dir() else package.parent / "scenarios"


def find_user_folders() -> list[Path]:
    """The folders of `$WSPLAY_SCENARIOS`, existing or not, and the user's own if it exists."""
    named = [entry.strip() for entry in os.environ.get(FOLDERS_VARIABLE, "").split(os.pathsep)]
    folders = [Path(os.path.expanduser(entry)) for entry in named if entry]
    own = own_folder()
    return [*folders, own] if os.path.isdir(own) else folders


def own_folder() -> Path:
    """The folder of the user's own scenarios, existing or not."""
    from platformdirs import user_config_dir

    return Path(user_config_dir("wsplay", appauthor=False)) / "scenarios"


def read_scenario(path: Path, name: str | None = None) -> Scenario:
    """Read a scenario file, called `name` or by its file name. Never raises, whatever the file holds."""
    name = visible(path.stem, 100) if name is None else name
    file = str(path)
    try:
        data = read_small_file(path, MAX_SIZE)
    except FileNotFoundError:
        return _broken(name, file, "no file to read: it was moved or deleted, or is a link to nowhere")
    except (NotReadable, ValueError) as error:  # ValueError: a NUL in the path
        return _broken(name, file, f"{error}; a scenario is a Python file")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # What can be decoded is still shown, with replacement characters for the rest.
        scenario = parse_scenario(name, file, data.decode("utf-8", "replace"))
        message = f"byte 0x{error.object[error.start]:02x} is not UTF-8; save the file as UTF-8"
        line = error.object.count(b"\n", 0, error.start) + 1
        return dataclasses.replace(scenario, problem=Problem(message, line, file))
    return parse_scenario(name, file, text)


def _broken(name: str, file: str, message: str) -> Scenario:
    scenario = parse_scenario(name, file, "")
    return dataclasses.replace(scenario, problem=Problem(message, None, file))


def _is_scenario(path: Path) -> bool:
    return path.suffix == ".py" and not path.name.startswith(("_", "."))


def _place(scenario: Scenario) -> tuple[bool, int, str]:
    return scenario.order is None, scenario.order or 0, scenario.name


def _folded(name: str) -> str:
    return " ".join(name.casefold().replace("-", " ").replace("_", " ").split())


def _unused(name: str, taken: Iterable[str]) -> str:
    count, unused = 1, name
    while unused in taken:
        count += 1
        unused = f"{name}-{count}"
    return unused


def _absolute(path: Path) -> Path:
    return Path(os.path.abspath(path))


def _resolved(path: Path) -> Path:
    # Unlike Path.resolve, this does not raise for links that form a circle.
    return Path(os.path.realpath(path))
