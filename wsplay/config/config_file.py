"""The file of the user's settings: read at start, and changed at once when the user chooses something."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from wsplay.config.config import LAYOUTS, SETTINGS, Config
from wsplay.events.safe_text import visible
from wsplay.files.small_file import NotReadable, read_small_file

#: The largest file, in bytes.
MAX_SIZE = 100_000


class ConfigError(Exception):
    """A setting was not saved. The message is one line and says where and why."""


class _NotToml(NotReadable):
    """The content is not valid TOML."""


def read_config(path: Path) -> Config:
    """The settings in the file at `path`. Never raises: `problems` says what is wrong."""
    try:
        table = _parse(_read(path))
    except NotReadable as error:
        return Config(path, problems=(f"the settings are not read: {path} {error}; the defaults apply",))
    texts: dict[str, str] = {}
    problems = []
    for name in ("theme", "layout", "editor"):
        value = table.get(name)
        if isinstance(value, str):
            texts[name] = value
        elif value is not None:
            problems.append(f"{path}: `{name}` must be a string")
    if (layout := texts.get("layout")) is not None and layout not in LAYOUTS:
        there = " or ".join(f'"{known}"' for known in LAYOUTS)
        problems.append(f'{path}: no layout "{visible(layout, 60)}"; it is {there}')
        del texts["layout"]
    keys: dict[str, str] = {}
    given = table.get("keys", {})
    if not isinstance(given, dict):
        problems.append(f"{path}: `keys` must be a table, [keys]")
        given = {}
    for id, value in _flat(given):
        if isinstance(value, str) and value.strip():
            keys[id] = value
        else:
            problems.append(f'{path}: `{visible(id, 60)}` in [keys] must be a string such as "ctrl+r"')
    if unknown := [name for name in table if name not in SETTINGS]:
        problems.append(f"{path}: {unknown_names(unknown, SETTINGS, 'setting')}")
    return Config(path, keys=keys, problems=tuple(problems), **texts)


def unknown_names(names: list[str], known: tuple[str, ...], what: str) -> str:
    """Names that do not exist, on one line, each with the nearest that does."""
    from wsplay.protocol.did_you_mean import nearest, suggest  # not for a start with nothing wrong

    told = []
    for name in names:
        hint = suggest(nearest(name, known))
        told.append(f"`{visible(name, 60)}`{f', {hint}' if hint else ''}")
    return f"unknown {what}{'s' if len(names) > 1 else ''} {'; '.join(told)}"


def keep_setting(name: str, value: str, path: Path) -> str:
    """Write one setting into the file at `path`, and return what the user should know, or nothing.

    Everything else in the file stays as it is, comments included. The file is replaced atomically, while no
    other wsplay changes it; a link is followed. A file that is not valid TOML is set aside.

    Raises:
        ConfigError: If it is not saved.

    """
    import tomlkit

    from wsplay.files.kept_file import NotKept, only_writer, replace_file, set_aside

    told = ""
    try:
        with only_writer(path):
            try:
                text = _read(path)
                _parse(text)
            except _NotToml as error:
                aside = set_aside(path, "broken")
                told = f"{path} {error}. It is kept as {aside.name}, and a new file has your choice."
                text = ""
            document = tomlkit.parse(text)
            document[name] = value
            replace_file(path, tomlkit.dumps(document))
    except NotReadable as error:
        raise ConfigError(f"your choice is not saved: {path} {error}") from error
    except NotKept as error:
        raise ConfigError(f"your choice is not saved: {error}") from error
    return told


def _read(path: Path) -> str:
    """The text of the file; empty if there is none. Raises `NotReadable`."""
    try:
        return read_small_file(path, MAX_SIZE).decode("utf-8-sig")
    except FileNotFoundError:
        return ""
    except ValueError as error:
        raise _NotToml("is not UTF-8") from error


def _parse(text: str) -> dict[str, Any]:
    if not text.strip():
        return {}
    import tomllib

    try:
        return tomllib.loads(text)
    except RecursionError:
        raise _NotToml("is nested too deeply to be read") from None
    except ValueError as error:
        raise _NotToml(f"is not valid TOML: {visible(str(error), 200)}") from error


def _flat(table: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """`run.connect = ...` is a table in TOML unless it is quoted, and means the same here."""
    for name, value in table.items():
        if isinstance(value, dict) and before.count(".") < 3:
            yield from _flat(value, f"{before}{name}.")
        else:
            yield before + name, value
