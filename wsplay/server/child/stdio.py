"""The child's stdin, stdout and stderr: the link taken out of a scenario's reach, prints stamped."""

from __future__ import annotations

import io
import os
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from wsplay.server.child.sender import Sender
from wsplay.server.ipc import Where
from wsplay.server.print_stamps import stamp

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


def take_link() -> tuple[int, int]:
    """Move the link to private descriptors and return (read, write).

    Descriptor 0 becomes /dev/null, so that a scenario that reads stdin gets its end and not our messages;
    descriptor 1 becomes what 2 is, so that whatever is printed cannot get between them. The private ones are
    not inherited by programs a scenario starts.
    """
    reading, writing = os.dup(0), os.dup(1)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    os.dup2(2, 1)
    return reading, writing


class StampedRaw(io.RawIOBase):
    """A descriptor written to directly; each write is preceded by its time and the user's line."""

    def __init__(self, fd: int, token: bytes, where: Callable[[], Where | None], sender: Sender) -> None:
        self._fd = fd
        self._token = token
        self._where = where
        self._sender = sender
        self._pipe = os.fstat(fd)

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._fd

    def isatty(self) -> bool:
        return False

    def write(self, data: ReadableBuffer, /) -> int:
        content = bytes(data)
        if not content:
            return 0
        now = os.fstat(self._fd)
        # Else the scenario has pointed the descriptor elsewhere.
        ours = (now.st_dev, now.st_ino) == (self._pipe.st_dev, self._pipe.st_ino)
        where = self._where() if ours else None
        with self._sender.lock:
            out = content
            if ours:
                out = stamp(self._token, len(content), time.perf_counter_ns(), where) + content
            while out:
                out = out[os.write(self._fd, out) :]
        return len(content)


def stamp_prints(token: bytes, where: Callable[[], Where | None], sender: Sender) -> None:
    """Put stamped streams in the place of sys.stdout and sys.stderr. `where` finds the user's line.

    A print is stamped and written under the lock of `sender`: what is sent later is written later.
    """
    for name, fd in (("stdout", 1), ("stderr", 2)):
        raw = StampedRaw(fd, token, where, sender)
        # A raw stream under a text stream is what `python -u` has; the stubs know only buffered ones.
        stream = io.TextIOWrapper(
            cast(Any, raw), encoding="utf-8", errors="backslashreplace", write_through=True
        )
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)
