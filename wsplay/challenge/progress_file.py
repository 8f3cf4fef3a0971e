"""A learner's progress between sessions: one JSON file in the user's state folder."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from pathlib import Path

from wsplay.challenge.progress import VERSION, Progress
from wsplay.scenario.small_file import NotReadable, read_small_file

#: Names another file for the progress.
VARIABLE = "WSPLAY_PROGRESS"


#: The largest progress file, in bytes.
MAX_SIZE = 1_000_000
_HINT = f"move it away, or name another file with {VARIABLE}"


class ProgressError(Exception):
    """The progress could not be read, saved or reset. The message is one line and says where and why."""


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
        return _read(path)
    except NotReadable as error:
        raise ProgressError(f"progress is not read: {path} {error}; {_HINT}") from error


def _read(path: Path) -> Progress:
    """Raises `NotReadable` for anything that wsplay has not written."""
    try:
        data = read_small_file(path, MAX_SIZE)
    except FileNotFoundError:
        return Progress()
    if not data.strip():
        return Progress()
    try:
        given = json.loads(data)
    except RecursionError:
        raise NotReadable("is nested too deeply to be read") from None
    except ValueError as error:  # no JSON, or no UTF-8
        raise NotReadable("is not valid JSON") from error
    if not isinstance(given, dict) or not isinstance(given.get("records"), dict):
        raise NotReadable("is JSON, but not the progress of wsplay")
    if given.get("version", VERSION) != VERSION:
        raise NotReadable("was written by another version of wsplay")
    return Progress.from_json(given)


def write_progress(progress: Progress, path: Path | None = None) -> None:
    """Save the progress, replacing the file atomically; a link is followed.

    A file that cannot be read as progress is not replaced: it may be something else. Raises `ProgressError`.
    """
    path = path or progress_path()
    try:
        _read(path)
    except NotReadable as error:
        raise ProgressError(f"progress is not saved: {path} {error}; {_HINT}") from error
    target = Path(os.path.realpath(path))
    text = json.dumps(progress.to_json(), indent=1)
    temporary = ""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=target.parent, delete=False) as file:
            temporary = file.name
            file.write(text)
        os.replace(temporary, target)
    except OSError as error:
        if temporary:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
        raise ProgressError(f"progress is not saved: {path}: {error.strerror or error}") from error


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


def set_aside(path: Path) -> Path:
    """Rename a file that cannot be read any more, to a name that no file has, and return it.

    Raises `ProgressError`; also for what is no regular file.
    """
    number, aside = 1, path.with_name(f"{path.name}.unreadable")
    while os.path.lexists(aside):
        number += 1
        aside = path.with_name(f"{path.name}.unreadable-{number}")
    try:
        if not path.is_file():
            raise ProgressError(f"progress is not saved: {path} is not a regular file; {_HINT}")
        os.rename(path, aside)
    except OSError as error:
        raise ProgressError(f"progress is not saved: {path}: {error.strerror or error}") from error
    return aside
