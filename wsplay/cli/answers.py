"""Answers from stdin, a line each: read when one is needed, so that the rest stays for whoever reads next."""

from __future__ import annotations

import asyncio
import os
import sys
import threading

#: Bytes of a line; the rest is cut off.
MAX_LINE = 8192


class Answers:
    """Reads lines in a thread, because a terminal, a pipe and a file are waited for in different ways.

    The thread does not keep the program from ending.
    """

    def __init__(self, fd: int = 0) -> None:
        self._fd = fd

    @property
    def asked_for(self) -> bool:
        """Whether a person answers, at a terminal that shows what is asked."""
        return os.isatty(self._fd) and sys.stderr.isatty()

    async def next(self) -> str | None:
        """The next line, without its end; None at the end of the input."""
        loop = asyncio.get_running_loop()
        line: asyncio.Future[bytes | None] = loop.create_future()

        def read() -> None:
            found = _line(self._fd)
            try:
                loop.call_soon_threadsafe(tell, found)
            except RuntimeError:
                return  # the loop is closed: the program is about to end

        def tell(found: bytes | None) -> None:
            if not line.done():
                line.set_result(found)

        threading.Thread(target=read, name="wsplay-answers", daemon=True).start()
        found = await line
        return None if found is None else found.decode(errors="replace").rstrip("\r\n")


def _line(fd: int) -> bytes | None:
    """One line, byte by byte as a shell's `read` does, so that nothing after it is taken."""
    line = bytearray()
    while True:
        try:
            byte = os.read(fd, 1)
        except OSError:  # closed, or a terminal that is gone
            byte = b""
        if not byte:
            return bytes(line) if line else None
        if byte == b"\n":
            return bytes(line)
        if len(line) < MAX_LINE:
            line += byte
