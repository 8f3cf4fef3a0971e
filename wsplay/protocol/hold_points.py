"""Where a run is held: the boundaries at which a message waits until a person lets it pass.

Pure. `parse_points` reads the words of `--hold`; `HoldPoints` says of each boundary whether it is held.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from wsplay.events.event import Place, Source
from wsplay.protocol.did_you_mean import did_you_mean

#: What can be held, in words: on the wire, and at the app's boundary.
REQUEST, RESPONSE, FRAME, RECEIVE, SEND = "request", "response", "frame", "receive", "send"
WIRE_BOUNDARIES, ASGI_BOUNDARIES = (REQUEST, RESPONSE, FRAME), (RECEIVE, SEND)
#: How a hold begins (`WAITS`) and how it can end.
WAITS, STEPPED, LET_GO, DROPPED, EDITED = "waits", "stepped", "let_go", "dropped", "edited"
PHASES = (WAITS, STEPPED, LET_GO, DROPPED, EDITED)

#: The points by name, with what each holds.
POINTS = {
    "all": "every boundary",
    "asgi": "each ASGI message, before the app receives it and before the server gets it",
    "wire": "each request, response and frame, before the tap forwards it",
    "accept": "what accepts the handshake: websocket.accept, and its 101",
    "close": "what refuses or ends a connection: websocket.close, its response or close frame",
}
_LINE = "line"
#: The opcode of a close frame (RFC 6455 section 5.2).
_CLOSE_FRAME = 8
#: The highest line number; the messages between the processes allow no higher one.
MAX_LINE = 2**31 - 1
#: ASGI messages that accept a handshake, and those that refuse or end a connection.
_ACCEPTING = frozenset(("websocket.accept",))
_ENDING = frozenset(("websocket.close", "websocket.disconnect", "websocket.http.response.start"))


class HoldPointError(ValueError):
    """A word that names no point. The message says what there is, in one line."""


@dataclass(frozen=True, slots=True, order=True)
class Line:
    """A line of the user's code. Without a `file` it is that line of any file, until `HoldPoints.of_file`."""

    number: int
    file: str = ""

    def __str__(self) -> str:
        return f"{_LINE}:{self.file}:{self.number}" if self.file else f"{_LINE}:{self.number}"

    def is_at(self, place: Place) -> bool:
        """Whether this is the line of `place`. `auth.py` also names `pkg/auth.py`."""
        if place.line != self.number:
            return False
        return not self.file or place.file == self.file or place.file.endswith("/" + self.file)


@dataclass(frozen=True, slots=True)
class HoldPoints:
    """The boundaries that are held. False if none is."""

    asgi: bool = False
    wire: bool = False
    accept: bool = False
    close: bool = False
    lines: tuple[Line, ...] = ()

    def __bool__(self) -> bool:
        return self.at_asgi or self.at_wire

    def __add__(self, other: HoldPoints) -> HoldPoints:
        """The points of both."""
        return HoldPoints(
            self.asgi or other.asgi,
            self.wire or other.wire,
            self.accept or other.accept,
            self.close or other.close,
            tuple(sorted({*self.lines, *other.lines})),
        )

    @property
    def at_asgi(self) -> bool:
        """Whether any ASGI message may be held."""
        return self.asgi or self.accept or self.close or bool(self.lines)

    @property
    def at_wire(self) -> bool:
        """Whether anything on the wire may be held."""
        return self.wire or self.accept or self.close

    def of_file(self, file: str) -> HoldPoints:
        """The same, with `file` (as events call the scenario's own) for lines that name no file."""
        lines = {line if line.file else Line(line.number, file) for line in self.lines}
        return replace(self, lines=tuple(sorted(lines)))

    def words(self) -> tuple[str, ...]:
        """The words that `parse_points` makes these points of."""
        if self.asgi and self.wire:
            return ("all", *self._named(("accept", "close")))
        return self._named(("asgi", "wire", "accept", "close"))

    def _named(self, names: Iterable[str]) -> tuple[str, ...]:
        return (*(name for name in names if getattr(self, name)), *map(str, self.lines))

    def takes_request(self) -> bool:
        """Whether a request's head is held."""
        return self.wire

    def takes_response(self, status: int, *, upgrade: bool) -> bool:
        """Whether a response's head is held; `upgrade` says if its request asked for another protocol. A
        response that refuses a handshake is what a close before `accept` becomes.
        """
        if self.wire:
            return True
        if status == 101:
            return self.accept
        return self.close and upgrade and status >= 200

    def takes_frame(self, opcode: int) -> bool:
        """Whether a frame is held, in either direction."""
        return self.wire or (self.close and opcode == _CLOSE_FRAME)

    def takes_message(self, kind: str, source: Source | None) -> bool:
        """Whether an ASGI message of type `kind` is held, received or sent.

        `source` is the line that its event points to: a line holds what points to it or, through the other
        lines of the user's that called, leads from it.
        """
        if self.asgi or (self.accept and kind in _ACCEPTING) or (self.close and kind in _ENDING):
            return True
        if source is None or not self.lines:
            return False
        places = (source, *source.chain)
        return any(line.is_at(place) for line in self.lines for place in places)


#: Every boundary, and none.
ALL = HoldPoints(asgi=True, wire=True)
NOTHING = HoldPoints()


def held_words(data: Mapping[str, Any], what: str) -> str:
    """The summary of a `wire.held` or `asgi.held` event about `what`."""
    phase = data.get("phase")
    if phase == WAITS:
        return f"waits: {what}"
    ended = {STEPPED: "stepped", LET_GO: "let go", DROPPED: "dropped", EDITED: "edited"}.get(str(phase), "")
    return f"{ended} after {data.get('held_us', 0) / 1000:.1f} ms: {what}"


def parse_points(words: Iterable[str]) -> HoldPoints:
    """The points that `words` name: `all`, `asgi`, `wire`, `accept`, `close`, `line:N`, `line:FILE:N`.

    Raises `HoldPointError` for the first word that names none.
    """
    points = NOTHING
    for word in words:
        points += _parse(word)
    return points


def _parse(word: str) -> HoldPoints:
    match word:
        case "all":
            return ALL
        case "asgi":
            return HoldPoints(asgi=True)
        case "wire":
            return HoldPoints(wire=True)
        case "accept":
            return HoldPoints(accept=True)
        case "close":
            return HoldPoints(close=True)
    kind, colon, rest = word.partition(":")
    if kind == _LINE and colon:
        return HoldPoints(lines=(_line(word, rest),))
    if kind == _LINE:
        raise HoldPointError("a line needs its number: line:44, or line:auth.py:44")
    near = did_you_mean(word, POINTS, "")
    there = f"there are {', '.join(POINTS)}, line:N and line:FILE:N"
    raise HoldPointError(f'no point "{word[:60]}"; {near or there}')


def _line(word: str, rest: str) -> Line:
    file, _, digits = rest.rpartition(":")
    number = int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 10 else 0
    if not 0 < number <= MAX_LINE:
        raise HoldPointError(f'"{digits[:60]}" is not the number of a line; write line:44 or line:auth.py:44')
    if word.startswith(f"{_LINE}::"):
        raise HoldPointError("a file's name is missing; write line:44 or line:auth.py:44")
    return Line(number, file)
