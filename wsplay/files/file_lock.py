"""A lock between processes: a file that is locked, and removed when it is released."""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path

#: Seconds between two attempts.
_PAUSE = 0.01
#: Whatever is at the path is not waited for.
_FLAGS = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)


def take_lock(path: Path, limit: float) -> int:
    """Lock the file at `path`, which is made; `release_lock` needs the descriptor that this returns.

    A process that ends releases its lock, whatever ends it. Where files cannot be locked, nothing is.

    Raises:
        TimeoutError: If another process holds the lock for `limit` seconds.
        OSError: If the file cannot be made.

    """
    until = time.monotonic() + limit
    while True:
        file = os.open(path, os.O_RDWR | os.O_CREAT | _FLAGS, 0o600)
        try:
            if _locked(file) and _is_at(path, file):
                return file
        except BaseException:
            os.close(file)
            raise
        os.close(file)  # locked by another process, or removed by the one that held it
        if time.monotonic() > until:
            raise TimeoutError
        time.sleep(_PAUSE)


def release_lock(path: Path, file: int) -> None:
    """Remove the file and release its lock, in this order: who locks a removed file tries again."""
    with contextlib.suppress(OSError):
        os.unlink(path)
    os.close(file)


def _locked(file: int) -> bool:
    try:
        import fcntl
    except ImportError:  # no such locks on this system
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a file system without locks
        return True
    return True


def _is_at(path: Path, file: int) -> bool:
    try:
        return os.path.samestat(os.fstat(file), os.stat(path))
    except FileNotFoundError:
        return False
