"""One HTTP request or response with its body, read by h11 (RFC 9112 section 6)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import h11

from wsplay.events.event import Direction
from wsplay.events.safe_text import visible
from wsplay.wire.decoded import Decoded, Kept, amount
from wsplay.wire.head import Head

# Small, because h11 copies the unread rest of a piece once per event.
_PIECE = 4096
#: Characters of a target or reason that a summary shows.
_SHOWN = 100


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """What a response needs to know about its request."""

    method: str = "GET"
    upgrade: bool = False
    key: str | None = None  # Sec-WebSocket-Key, if there was one
    subprotocols: tuple[str, ...] = ()  # as offered
    extensions: tuple[str, ...] = ()  # the values of Sec-WebSocket-Extensions

    @classmethod
    def by(cls, head: Head) -> Asked:
        method, keys = head.start[0], head.values("sec-websocket-key")
        upgrade = bool(head.tokens("upgrade")) or method == "CONNECT"
        return cls(
            method,
            upgrade,
            keys[0] if len(keys) == 1 else None,
            tuple(head.names("sec-websocket-protocol")),
            tuple(head.values("sec-websocket-extensions")),
        )


class Message:
    """A message whose head is read; `take` its body until it is `complete`, then call `decoded`."""

    def __init__(self, direction: Direction, head: Head, asked: Asked) -> None:
        self.direction = direction
        self.head = head
        self.asked = asked  # request: what it asks for; response: what it answers
        self.problems = [head.problem] if head.problem else []
        self.complete = False
        self.broken = b""  # bytes that should continue the body, but do not
        self.status = int(head.start[1]) if direction is Direction.S2C else 0
        self.framing = self._framing()
        self._body = Kept()
        self._trailers: list[list[str]] = []
        self._raw_size = len(head.raw)
        self._unread = bytearray()  # passed to h11 and not returned by it yet
        if self.framing == "none":
            self.complete = True
        else:
            self._pull()  # a body of no bytes is complete at once

    def _framing(self) -> str:
        if self.direction is Direction.S2C and (
            self.status < 200
            or self.status in (204, 304)
            or self.asked.method == "HEAD"
            or (self.asked.method == "CONNECT" and self.status < 300)
        ):
            return "none"
        if self.head.values("transfer-encoding"):
            return "chunked"
        if self.head.values("content-length"):
            return "content-length"
        return "eof" if self.direction is Direction.S2C else "none"

    def take(self, data: bytes) -> int:
        """Read the body's next bytes; return how many of them belong to this message."""
        at = 0
        while at < len(data) and not self.complete:
            piece = data[at : at + _PIECE]
            at += len(piece)
            self._unread += piece
            self.head.parser.receive_data(piece)
            self._pull()
        if not self.broken:
            at -= len(self._unread) if self.complete else 0
        return at

    def eof(self, *, reset: bool) -> None:
        """The bytes end here, with a `reset` or normally."""
        if self.complete:
            return
        if reset:
            self.problems.append(f"cut off by a reset after {self._body.size} bytes of body")
        else:
            self.head.parser.receive_data(b"")
            self._pull()
        self.complete = True
        self.broken = self.broken or bytes(self._unread)

    def _pull(self) -> None:
        parser = self.head.parser
        while True:
            try:
                event = parser.next_event()
            except h11.RemoteProtocolError as error:
                self.problems.append(f"body: {str(error)[:200]}")
                self.complete = True
                self.broken = bytes(self._unread)
                return
            if not isinstance(event, h11.Data | h11.EndOfMessage):
                return
            unread = len(parser.trailing_data[0])
            self._raw_size += len(self._unread) - unread
            del self._unread[: len(self._unread) - unread]
            if isinstance(event, h11.EndOfMessage):
                self._trailers = [
                    [name.decode("latin-1"), value.decode("latin-1")]
                    for name, value in event.headers.raw_items()
                ]
                self.complete = True
                return
            self._body.add(event.data)

    def decoded(self) -> Decoded:
        """The event of this message."""
        head = self.head
        body = None if self.framing == "none" else self._body.payload(text=True)
        data: dict[str, Any]
        if self.direction is Direction.C2S:
            method, target, version = head.start
            data = {"method": method, "target": target, "version": version}
            line = f"{method} {visible(target, _SHOWN)} HTTP/{version}"
        else:
            version, status, reason = head.start
            data = {"status": self.status, "reason": reason, "version": version}
            line = f"HTTP/{version} {status} {visible(reason, _SHOWN)}".rstrip()
        data |= {"headers": head.headers, "body": body}
        if self.direction is Direction.S2C:
            data["framing"] = self.framing
        data["raw_size"] = self._raw_size
        if self._trailers:
            data["trailers"] = self._trailers
        data |= head.raw_data()
        if body is not None:
            line += f"  {amount(self._body.size)}"
        if self.problems:
            data["problem"] = "; ".join(self.problems)
            line += f"  ! {visible(data['problem'], 120)}"
        kind = "wire.request" if self.direction is Direction.C2S else "wire.response"
        return Decoded(self.direction, kind, line, data)
