"""Something that is held at a boundary."""

from __future__ import annotations

from dataclasses import dataclass

from wsplay.events.event import Direction, Lane, Source
from wsplay.protocol.hold_points import RECEIVE, REQUEST, RESPONSE, SEND

_WORDS = {
    REQUEST: "the client's request",
    RESPONSE: "the server's response",
    RECEIVE: "the app is to receive",
    SEND: "the app sends",
}


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits. `what` is a request, a response, a frame, a receive or a send; `about` says which, as in
    "websocket.close 1008".

    `source` is the line of the user's code that it belongs to. `head` has the bytes of a request's head,
    which can be edited.
    """

    id: int
    conn: int | None
    lane: Lane
    what: str
    about: str
    direction: Direction | None
    since_ns: int
    source: Source | None = None
    head: bytes | None = None

    @property
    def words(self) -> str:
        """What waits, in words: `the app sends: websocket.close 1008`."""
        of = "client" if self.direction is Direction.C2S else "server"
        return f"{_WORDS.get(self.what, f'a frame of the {of}')}: {self.about}"

    @property
    def editable(self) -> bool:
        """Whether it can be edited."""
        return self.head is not None
