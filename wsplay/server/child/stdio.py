"""The child's stdin, stdout and stderr: a scenario can neither read nor disturb the messages to the parent,
and each print gets a stamp.
"""

from __future__ import annotations

import io
import os
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from wsplay.server.child.copies import replaced_name
from wsplay.server.child.descriptor import moved_up
from wsplay.server.child.sender import Sender
from wsplay.server.ipc import Place
from wsplay.server.print_stamps import stamp

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


def take_stdio() -> tuple[int, int]:
    """Move the pipes to and from the parent to private, high file descriptors; return (read, write).

    Descriptor 0 becomes /dev/null: a scenario that reads stdin gets its end and not our messages.
    Descriptor 1 becomes a copy of 2: output never mixes with our messages. Programs that a scenario starts do
    not inherit the private descriptors.
    """
    reading, writing = moved_up(0), moved_up(1)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    os.dup2(2, 1)
    return reading, writing


class StampedRaw(io.RawIOBase):
    """Writes directly to a file descriptor; a stamp with the time and the user's line precedes each write."""

    def __init__(self, fd: int, token: bytes, where: Callable[[], Place | None], sender: Sender) -> None:
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
        # If not, the scenario has redirected the descriptor.
        ours = (now.st_dev, now.st_ino) == (self._pipe.st_dev, self._pipe.st_ino)
        where = self._where() if ours else None
        with self._sender.lock:
            out = content
            if ours:
                now_ns, replaced = time.perf_counter_ns(), replaced_name()
                out = stamp(self._token, len(content), now_ns, where, replaced) + content
            while out:
                out = out[os.write(self._fd, out) :]
        return len(content)


def stamp_prints(token: bytes, where: Callable[[], Place | None], sender: Sender) -> None:
    """Replace sys.stdout and sys.stderr with stamped streams. `where` finds the user's line.

    A print is stamped and written under the lock of `sender`, so it keeps its order among the messages.
    """
    for name, fd in (("stdout", 1), ("stderr", 2)):
        raw = StampedRaw(fd, token, where, sender)
        # As under `python -u`, the text stream has no buffer below it. The type stubs expect a buffered one.
        stream = io.TextIOWrapper(
            cast(Any, raw), encoding="utf-8", errors="backslashreplace", write_through=True
        )
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)
