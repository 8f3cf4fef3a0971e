"""A learner's progress between sessions: one JSON file in the user's state folder."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from wsplay.challenge.progress import VERSION, Progress
from wsplay.files.kept_file import NotKept, only_writer, replace_file, set_aside
from wsplay.files.small_file import NotReadable, read_small_file

#: Names another file for the progress.
VARIABLE = "WSPLAY_PROGRESS"

#: The largest progress file, in bytes.
MAX_SIZE = 1_000_000
_HINT = f"move it away, or name another file with {VARIABLE}"


class ProgressError(Exception):
    """The progress could not be read, saved or reset. The message is one line and says where and why."""


class BrokenProgress(ProgressError):
    """The progress could not be read because its file is broken. The next change sets it aside."""


def progress_path() -> Path:
    """`$WSPLAY_PROGRESS`, or `progress.json` in the user's state folder for wsplay."""
    if named := os.environ.get(VARIABLE):
        return Path(named)
    from platformdirs import user_state_path

    return user_state_path("wsplay") / "progress.json"


def read_progress(path: Path | None = None) -> Progress:
    """The saved progress; none if there is no file, or an empty one. Raises `ProgressError`."""
    path = path or progress_path()
    try:
        return Progress.from_json(_read(path))
    except NotReadable as error:
        kind = BrokenProgress if _is_broken(path, error) else ProgressError
        raise kind(f"progress is not read: {path} {error}; {_HINT}") from error


class _NotJson(NotReadable):
    """The content is not valid JSON."""


def _is_broken(path: Path, error: NotReadable) -> bool:
    """Whether the file is not what its name says, so that it cannot be another program's either."""
    return isinstance(error, _NotJson) and path.suffix == ".json"


def _read(path: Path) -> dict[str, Any]:
    """The JSON of the progress; nothing if there is no file, or an empty one.

    Raises `NotReadable` for anything that wsplay has not written. A newer version may have written it: what
    this version knows of it is read.
    """
    try:
        data = read_small_file(path, MAX_SIZE)
    except FileNotFoundError:
        return {}
    if not data.strip():
        return {}
    try:
        given = json.loads(data)
    except RecursionError:
        raise _NotJson("is nested too deeply to be read") from None
    except ValueError as error:  # no JSON, or no UTF-8
        raise _NotJson("is not valid JSON") from error
    if not isinstance(given, dict) or not isinstance(given.get("records"), dict):
        raise NotReadable("is JSON, but not the progress of wsplay")
    version = given.get("version", VERSION)
    if type(version) is not int or version < VERSION:
        raise NotReadable("is JSON, but of no version of wsplay")
    return given


def write_progress(progress: Progress, path: Path | None = None) -> None:
    """Save the progress, replacing the file atomically; a link is followed.

    What the file has beside that, and this version does not know, is kept. A file that cannot be read as
    progress is not replaced: it may be something else. Raises `ProgressError`.
    """
    path = path or progress_path()
    try:
        given = _read(path)
    except NotReadable as error:
        raise ProgressError(f"progress is not saved: {path} {error}; {_HINT}") from error
    _replace(path, progress.merged_into(given))


def _replace(path: Path, content: Mapping[str, Any]) -> None:
    """Replace the file by this JSON. Raises `ProgressError`."""
    with _kept():
        replace_file(path, json.dumps(content, indent=1))


def update_progress(
    change: Callable[[Progress], Progress], path: Path | None = None, *, known: Progress | None = None
) -> tuple[Progress, str]:
    """Change the progress that the file holds now, while no other wsplay does; return it, and what to tell.

    `known` is progress that the file has held; it is taken if the file has none any more. A file that is not
    valid JSON, though its name says so, is set aside, and so is any unreadable file that has held progress.

    Raises:
        ProgressError: If the progress is not saved.

    """
    path = path or progress_path()
    known = known or Progress()
    told = ""
    _refuse_odd_file(path)
    with _kept(), only_writer(path):
        try:
            given = _read(path)
            found = Progress.from_json(given)
        except NotReadable as error:
            if known == Progress() and not _is_broken(path, error):
                raise ProgressError(f"progress is not saved: {path} {error}; {_HINT}") from error
            aside = set_aside(path, "unreadable")
            told = f"{path} could not be read and is kept as {aside.name}; progress is saved in a new file."
            given, found = {}, known
        progress = change(found if found != Progress() else known)
        _replace(path, progress.merged_into(given))
    return progress, told


@contextlib.contextmanager
def _kept() -> Iterator[None]:
    """Raise `ProgressError` for what could not be kept."""
    try:
        yield
    except NotKept as error:
        raise ProgressError(f"progress is not saved: {error}") from error


def _refuse_odd_file(path: Path) -> None:
    try:
        odd = path.exists() and not path.is_file()
    except OSError as error:
        raise ProgressError(f"progress is not saved: {path}: {error.strerror or error}") from error
    if odd:
        raise ProgressError(f"progress is not saved: {path} is not a regular file; {_HINT}")


def reset_progress(path: Path | None = None) -> bool:
    """Delete all progress; false if there was none. Raises `ProgressError`."""
    path = path or progress_path()
    try:
        if path.exists() and not path.is_file():
            raise ProgressError(f"progress is not reset: {path} is not a regular file; {_HINT}")
        path.unlink()
    except FileNotFoundError:
        return False
    except OSError as error:
        raise ProgressError(f"progress is not reset: {path}: {error.strerror or error}") from error
    return True
