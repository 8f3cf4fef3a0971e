"""Stray bytes: collected, explained, and searched for the place where HTTP begins again."""

from __future__ import annotations

import re

from wsplay.events.event import Direction
from wsplay.events.safe_text import visible
from wsplay.wire.decoded import Decoded, Kept, amount

#: A status line's beginning (RFC 9112 section 4), and the byte classes it is made of.
_STATUS = re.compile(rb"HTTP/1\.[01] [1-5][0-9][0-9]")
_STATUS_BYTES = (
    *(bytes((byte,)) for byte in b"HTTP/1."),
    b"01",
    b" ",
    b"12345",
    b"0123456789",
    b"0123456789",
)
_STATUS_SIZE = len(_STATUS_BYTES)


def stray(direction: Direction, payload: Kept | bytes | bytearray, why: str) -> Decoded:
    """A `wire.stray` for `payload`, with the reason `why`."""
    if not isinstance(payload, Kept):
        kept = Kept()
        kept.add(payload)
        payload = kept
    summary = f"stray {amount(payload.size)}  {visible(why, 120)}"
    return Decoded(direction, "wire.stray", summary, {"payload": payload.payload(text=True), "why": why})


def explain(direction: Direction, start: bytes) -> str | None:
    """Say what `start` looks like where an HTTP message should begin; None if it looks like one."""
    if not start:
        return None
    if start[:2] == b"\x16\x03" and direction is Direction.C2S:
        return "looks like a TLS hello: the client speaks wss:// (or https://) to a port that speaks ws://"
    if start[:2] in (b"\x15\x03", b"\x16\x03"):
        return "looks like TLS, where plain HTTP was expected"
    if direction is Direction.C2S:
        if start[0] > 0x20 and start[0] < 0x7F:
            return None
        framed = len(start) > 1 and bool(start[1] & 0x80)
    else:
        if b"HTTP/".startswith(start[:5]):
            return None
        framed = True
    if framed and start[0] & 0x70 == 0 and start[0] & 0x0F in (0, 1, 2, 8, 9, 10) and start[0] != 0x0A:
        return "looks like a WebSocket frame, but no handshake was answered with 101"
    return "not an HTTP request" if direction is Direction.C2S else "not an HTTP response"


def _may_start_status(tail: bytes) -> bool:
    return all(tail[place] in _STATUS_BYTES[place] for place in range(len(tail)))


class Lost:
    """A direction whose bytes cannot be read any more. Collects all bytes into one stray. With `resync`,
    looks for the next status line, since a server that sent too much may still send a response after it.
    """

    def __init__(self, direction: Direction, why: str, *, resync: bool, final: bool = False) -> None:
        self.direction = direction
        self.why = why
        self.final = final  # not even a switch to frames ends it
        self._resync = resync
        self._kept = Kept()
        self._tail = b""  # may be the beginning of a status line

    def add(self, data: bytes | bytearray) -> None:
        """Treat `data` as stray without looking for a status line."""
        self._kept.add(data)

    def take(self, data: bytes) -> bytes | None:
        """Collect from `data`. Returns None or, if a status line begins, the bytes from there on."""
        if not self._resync:
            self._kept.add(data)
            return None
        window = self._tail + data
        match = _STATUS.search(window)
        if match is not None:
            self._kept.add(window[: match.start()])
            self._tail = b""
            return window[match.start() :]
        cut = max(len(window) - _STATUS_SIZE + 1, 0)
        while cut < len(window) and not _may_start_status(window[cut:]):
            cut += 1
        self._kept.add(window[:cut])
        self._tail = window[cut:]
        return None

    @property
    def gathering(self) -> bool:
        """Whether bytes were collected and not yet reported."""
        return self._kept.size > 0

    def settle(self, *, end: bool = False) -> list[Decoded]:
        """Report the bytes collected so far as one stray; with `end`, including a possible status line."""
        if end:
            self._kept.add(self._tail)
            self._tail = b""
        kept, self._kept = self._kept, Kept()
        if not kept.size:
            return []
        why = self.why or explain(self.direction, bytes(kept.first[:8])) or "not HTTP"
        return [stray(self.direction, kept, why)]
