"""What can be held on the wire: a head or a frame at the beginning of some bytes. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from wsplay.events.event import Direction
from wsplay.events.safe_text import visible
from wsplay.protocol.hold_points import FRAME, REQUEST, RESPONSE, HoldPoints
from wsplay.wire.decoded import Decoded, amount
from wsplay.wire.frame_summary import opcode_name
from wsplay.wire.frames import Frames, header_size, payload_size
from wsplay.wire.head import BadHead, end_of_head, request_head, response_head
from wsplay.wire.message import Asked, Message

#: Characters of a start line that are shown.
_SHOWN = 100


@dataclass(slots=True)
class Unit:
    """The first `size` bytes belong together: a head, or a frame. `about` says what they are, in one line.

    `data` is what an event says of it. `body` reads the body that follows a head.
    """

    what: str
    size: int
    about: str
    data: dict[str, Any] = field(default_factory=dict)
    head: bytes | None = None  # of a request
    body: Message | None = None
    status: int = 0
    upgrade: bool = False
    opcode: int = -1

    def is_taken(self, points: HoldPoints) -> bool:
        """Whether it is held at these points."""
        match self.what:
            case "request":
                return points.takes_request()
            case "response":
                return points.takes_response(self.status, upgrade=self.upgrade)
        return points.takes_frame(self.opcode)


def request_at(data: bytes) -> Unit | None:
    """The request's head at the beginning of `data`; None if its end is not there yet.

    Also one that is not HTTP: what follows it cannot be read then.
    """
    end = end_of_head(data, _blank(data))
    if end < 0:
        return None
    head = data[:end]
    line = head.lstrip(b"\r\n").partition(b"\n")[0].rstrip(b"\r").decode("latin-1")
    unit = Unit(REQUEST, end, visible(line, _SHOWN), {"head": head.decode("latin-1")}, head)
    try:
        read = request_head(head)
    except BadHead:
        return unit
    asked = Asked.by(read)
    unit.body, unit.upgrade = Message(Direction.C2S, read, asked), asked.upgrade
    return unit


def response_at(data: bytes, asked: Asked) -> Unit | None:
    """The head of a response to `asked` at the beginning of `data`; None if its end is not there yet.

    Raises `head.BadHead` if it is not HTTP.
    """
    end = end_of_head(data, _blank(data))
    if end < 0:
        return None
    head = response_head(data[:end], asked.method)
    version, status, reason = head.start
    about = f"HTTP/{version} {status} {visible(reason, _SHOWN)}".rstrip()
    details = {"head": data[:end].decode("latin-1"), "status": int(status)}
    body = Message(Direction.S2C, head, asked)
    return Unit(RESPONSE, end, about, details, None, body, int(status), asked.upgrade)


def frame_at(direction: Direction, data: bytes) -> Unit | None:
    """The frame at the beginning of `data`; None if its header is not there yet. Its payload may not be."""
    size = header_size(data, 0, len(data))
    if size > len(data):
        return None
    opcode, length = data[0] & 0x0F, payload_size(data)
    name = opcode_name(opcode)
    about = f"{name} {amount(length)}"
    fields: dict[str, Any] = {"name": name, "opcode": opcode, "length": length, "fin": bool(data[0] & 0x80)}
    whole = len(data) >= size + length
    if whole and opcode and not data[0] & 0x70:
        # Only a whole message of its own can be read without those before it.
        found: list[Decoded] = []
        Frames(direction, None).take(data[: size + length], found)
        if found and (fields["fin"] or opcode != 1):
            about = found[0].summary
            fields |= {key: found[0].data[key] for key in ("code", "reason") if key in found[0].data}
    return Unit(FRAME, size + length, about, {"frame": fields}, opcode=opcode)


def _blank(data: bytes) -> int:
    """Where the start line begins: blank lines before it are ignored (RFC 9112 section 2.2)."""
    return len(data) - len(data.lstrip(b"\r\n"))
