"""A learner's progress between sessions: one JSON file in the user's state folder."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from wsplay.challenge.progress import VERSION, Progress
from wsplay.scenario.file_lock import release_lock, take_lock
from wsplay.scenario.small_file import NotReadable, read_small_file

#: Names another file for the progress.
VARIABLE = "WSPLAY_PROGRESS"

#: The largest progress file, in bytes.
MAX_SIZE = 1_000_000
#: Seconds to wait for another process that writes it, which takes some milliseconds.
LOCK_LIMIT = 2.0
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
    """Replace the file atomically with this JSON; a link is followed. Raises `ProgressError`."""
    target = Path(os.path.realpath(path))
    text = json.dumps(content, indent=1)
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
    with _only_writer(path):
        try:
            given = _read(path)
            found = Progress.from_json(given)
        except NotReadable as error:
            if known == Progress() and not _is_broken(path, error):
                raise ProgressError(f"progress is not saved: {path} {error}; {_HINT}") from error
            aside = set_aside(path)
            told = f"{path} could not be read and is kept as {aside.name}; progress is saved in a new file."
            given, found = {}, known
        progress = change(found if found != Progress() else known)
        _replace(path, progress.merged_into(given))
    return progress, told


@contextlib.contextmanager
def _only_writer(path: Path) -> Iterator[None]:
    """Hold the lock of the progress file, which is a file beside it, gone afterwards.

    Raises `ProgressError` if another process holds it for longer than `LOCK_LIMIT`.
    """
    target = Path(os.path.realpath(path))
    lock = target.with_name(f"{target.name}.lock")
    try:
        if target.exists() and not target.is_file():
            raise ProgressError(f"progress is not saved: {path} is not a regular file; {_HINT}")
        target.parent.mkdir(parents=True, exist_ok=True)
        file = take_lock(lock, LOCK_LIMIT)
    except TimeoutError:
        raise ProgressError(f"progress is not saved: another process holds {lock}") from None
    except OSError as error:
        raise ProgressError(f"progress is not saved: {path}: {error.strerror or error}") from error
    try:
        yield
    finally:
        release_lock(lock, file)


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
