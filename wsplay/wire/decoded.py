"""The results of decoding, and bytes kept up to a cap."""

from __future__ import annotations

from typing import Any, NamedTuple

from wsplay.events.event import Direction
from wsplay.events.payload import PAYLOAD_CAP, payload_data


class Decoded(NamedTuple):
    """One thing read off the wire: the kind, summary and data an `Event` carries."""

    direction: Direction
    kind: str
    summary: str
    data: dict[str, Any]


def not_shown(direction: Direction, frames: int, size: int) -> Decoded:
    """The note that `frames` frames in `size` bytes passed, and were counted instead of decoded."""
    what = "1 frame" if frames == 1 else f"{frames:,} frames"
    data = {
        "why": "dropped",
        "count": frames,
        "bytes": size,
        "message": "they came faster than wsplay could show them; they were forwarded",
    }
    summary = f"{what} ({amount(size)}) not shown: {data['message']}"
    return Decoded(direction, "note", summary, data)


class Kept:
    """The first bytes of a stream, and their number: a long body must not need memory for all of it."""

    __slots__ = ("first", "size")

    def __init__(self) -> None:
        self.first = bytearray()
        self.size = 0

    def add(self, data: bytes | bytearray | memoryview) -> None:
        room = PAYLOAD_CAP - len(self.first)
        if room > 0:
            self.first += data[:room]
        self.size += len(data)

    def payload(self, *, text: bool) -> dict[str, Any]:
        """The payload dict of an event (see `payload_data`)."""
        return payload_data(bytes(self.first), text=text, size=self.size)


def amount(size: int) -> str:
    """A number of bytes for a summary."""
    return f"{size:,} B" if size >= 10_000 else f"{size} B"
