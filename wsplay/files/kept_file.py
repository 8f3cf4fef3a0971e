"""A file in which wsplay keeps something of the user's: one process at a time changes it, in one step."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from wsplay.files.file_lock import release_lock, take_lock

#: Seconds to wait for another process that changes the file, which takes some milliseconds.
LOCK_LIMIT = 2.0


class NotKept(Exception):
    """The file was not changed. The message says which file, or lock, and why."""


@contextlib.contextmanager
def only_writer(path: Path, limit: float = LOCK_LIMIT) -> Iterator[None]:
    """Hold the lock of the file, which is a file beside it, gone afterwards. Its folder is made.

    Raises `NotKept` if another process holds the lock for `limit` seconds, or it cannot be made.
    """
    target = Path(os.path.realpath(path))
    lock = target.with_name(f"{target.name}.lock")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        file = take_lock(lock, limit)
    except TimeoutError:
        raise NotKept(f"another process holds {lock}") from None
    except OSError as error:
        raise NotKept(_why(path, error)) from error
    try:
        yield
    finally:
        release_lock(lock, file)


def replace_file(path: Path, content: str) -> None:
    """Replace the file atomically; a link is followed, and the file's mode stays. Raises `NotKept`."""
    target = Path(os.path.realpath(path))
    temporary = ""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("wb", dir=target.parent, delete=False) as file:
            temporary = file.name
            file.write(content.encode())
        if target.exists():
            os.chmod(temporary, target.stat().st_mode & 0o777)
        os.replace(temporary, target)
    except OSError as error:
        if temporary:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
        raise NotKept(_why(path, error)) from error


def set_aside(path: Path, word: str) -> Path:
    """Rename a file that cannot be read to NAME.`word`, or a numbered name that no file has; return it.

    Raises `NotKept`; also for what is no regular file.
    """
    number, aside = 1, path.with_name(f"{path.name}.{word}")
    while os.path.lexists(aside):
        number += 1
        aside = path.with_name(f"{path.name}.{word}-{number}")
    try:
        if not path.is_file():
            raise NotKept(f"{path} is not a regular file")
        os.rename(path, aside)
    except OSError as error:
        raise NotKept(_why(path, error)) from error
    return aside


def _why(path: Path, error: OSError) -> str:
    return f"{path}: {error.strerror or error}"
