"""Working copies: texts of files that the user has edited in wsplay, which does not write to those files.

Each is a file in one folder, named by the edited file's path and by the text it had. Two processes that edit
the same file each have a working copy.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from wsplay.files.kept_file import NotKept, only_writer, replace_file, set_aside
from wsplay.files.small_file import NotReadable, read_small_file

#: The largest working copy, in bytes.
MAX_SIZE = 1_000_000
#: Working copies of one file that are read.
MAX_COPIES = 50


@dataclass(frozen=True, slots=True)
class Edit:
    """A working copy as it was found. `edited` is when it was written, in seconds since 1970.

    `based` says whether the edited file still has the text that it began with.
    """

    path: Path
    text: str
    edited: float
    based: bool


def edits_path() -> Path:
    """`edits` in the user's state folder for wsplay."""
    from platformdirs import user_state_path

    return user_state_path("wsplay") / "edits"


def find_edits(folder: Path, file: str, original: str) -> tuple[list[Edit], list[str]]:
    """The working copies of `file`, whose text is `original`, the newest first; and what went wrong, a line
    each. Those without a change are left out. One that cannot be read is set aside. Never raises.
    """
    problems = []
    edits = []
    based = _key(original)
    for path in _copies(folder, file):
        try:
            text, edited = _read(path), path.stat().st_mtime
        except FileNotFoundError:
            continue  # discarded meanwhile, by another process
        except (OSError, NotReadable) as error:
            problems.append(_put_aside(path, error))
            continue
        if text != original:
            edits.append(Edit(path, text, edited, f"-{based}" in path.stem))
    return sorted(edits, key=lambda edit: edit.edited, reverse=True), problems


def _copies(folder: Path, file: str) -> list[Path]:
    prefix = _prefix(file)
    try:
        found = [entry for entry in os.listdir(folder) if entry.startswith(prefix) and entry.endswith(".py")]
    except OSError:
        return []  # there is none yet, or writing one will say why it cannot be read
    return [folder / name for name in sorted(found)[:MAX_COPIES]]


def _put_aside(path: Path, error: Exception) -> str:
    why = f"an edit is not read: {path} {error}"
    try:
        aside = set_aside(path, "broken")
    except NotKept:
        return why
    return f"{why}; it is kept as {aside.name}"


class WorkingFile:
    """The working copy of `file`, whose text is `original`, as this process last read or wrote it.

    It begins with a working copy that was found, or with none.
    """

    def __init__(self, folder: Path, file: str, original: str, found: Edit | None = None) -> None:
        self.path = None if found is None else found.path
        self._folder = folder
        self._file = file
        self._original = original
        self._known = None if found is None else found.text

    def write(self, text: str) -> None:
        """Keep this text, in one step. What another process has written to the same file meanwhile stays: the
        text then goes to a file of its own. Raises `NotKept`.
        """
        _check(text)
        with self._alone():
            path = self.path
            if path is None or not self._is_as_known(path):
                path = self._free_path()
            replace_file(path, text)
            self.path, self._known = path, text

    def changed(self) -> str | None:
        """The text that another program has written to the file, once; otherwise None."""
        if self.path is None:
            return None
        try:
            text = _read(self.path)
        except (OSError, NotReadable):
            return None  # an editor that replaces it; or what it has written is no text
        if text == self._known:
            return None
        self._known = text
        return text

    def discard(self) -> None:
        """Remove the file, unless another process has written to it. Raises `NotKept`."""
        path, self.path = self.path, None
        if path is None:
            return
        with self._alone():
            if self._is_as_known(path):
                try:
                    path.unlink(missing_ok=True)
                except OSError as error:
                    raise NotKept(f"{path}: {error.strerror or error}") from error
        self._known = None

    def _alone(self) -> contextlib.AbstractContextManager[None]:
        """No other process writes, finds a name or discards meanwhile."""
        return only_writer(self._folder / _prefix(self._file))

    def _is_as_known(self, path: Path) -> bool:
        """Whether the file has what this process last wrote or read, or is gone."""
        try:
            return _read(path) == self._known
        except FileNotFoundError:
            return True
        except (OSError, NotReadable):
            return False

    def _free_path(self) -> Path:
        for name in _names(self._file, self._original):
            path = self._folder / name
            if not os.path.lexists(path):
                return path
        raise NotKept(f"{self._folder}: too many edits of {os.path.basename(self._file)}")


def _names(file: str, original: str) -> Iterator[str]:
    start = f"{_prefix(file)}{_key(original)}"
    yield f"{start}.py"
    for number in range(2, MAX_COPIES + 1):
        yield f"{start}-{number}.py"


def _prefix(file: str) -> str:
    """How the names of a file's working copies begin: by its name, for people, and by its path."""
    stem = re.sub(r"[^\w.-]", "_", os.path.splitext(os.path.basename(file))[0], flags=re.ASCII)[:40]
    return f"{stem}-{_key(os.path.realpath(file))}-"


def _key(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _check(text: str) -> None:
    try:
        size = len(text.encode())
    except UnicodeEncodeError:
        raise NotKept("it has half a surrogate pair, which cannot be stored in a file") from None
    if size > MAX_SIZE:
        raise NotKept(f"it is larger than {MAX_SIZE:,} bytes")


def _read(path: Path) -> str:
    """The text of a working copy. Raises `NotReadable` or OSError."""
    data = read_small_file(path, MAX_SIZE)
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except ValueError as error:
        raise NotReadable("is not UTF-8") from error
