"""Bytes in, requests, responses and frames out: both directions of one TCP connection.

Sans-IO and pure: no socket, no clock. It never raises, whatever the bytes are, and the result does not depend
on how they are cut. Heads and bodies are read by h11 (RFC 9112), frames by `wsplay.wire.frames` (RFC 6455).
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from enum import Enum

from wsplay.events.event import Direction
from wsplay.wire.decoded import Decoded
from wsplay.wire.deflate import Inflater, agreed
from wsplay.wire.frames import Frames
from wsplay.wire.head import MAX_HEAD, BadHead, end_of_head, request_head, response_head
from wsplay.wire.message import Asked, Message
from wsplay.wire.stray import Lost, explain, stray
from wsplay.wire.switch import extension_problems, switch_problems

__all__ = ["Conversation", "Decoded", "Decoder", "Exchange", "Position"]

#: Bytes held that a client sent between its upgrade request and the response.
MAX_HELD = 65_536
#: Remembered requests without a response.
_MAX_UNANSWERED = 1000
_EARLY = "sent before the handshake was answered (RFC 6455 section 4.1)"


class Position(Enum):
    """What the next byte of a direction belongs to."""

    HEAD = 1  # it begins a head
    FRAME = 2  # it begins a frame
    INSIDE = 3  # it continues a head, a body or a frame
    EARLY = 4  # the client sent it before its handshake was answered
    OPAQUE = 5  # it cannot be read


@dataclass(slots=True)
class Exchange:
    """What both directions of a connection share."""

    unanswered: deque[Asked] = field(default_factory=lambda: deque(maxlen=_MAX_UNANSWERED))
    answered: Asked | None = None  # the last answered request, and its response
    status: int = 0
    lost: bool = False  # at least one direction had stray bytes at some time
    client: Decoder | None = None
    server: Decoder | None = None


@dataclass(slots=True)
class _Heading:
    """A head is expected, or in progress."""

    data: bytearray = field(default_factory=bytearray)
    searched: int = 0


@dataclass(slots=True)
class _Held:
    """What a client sent after its upgrade request: frames if the response is 101, otherwise HTTP."""

    data: bytearray = field(default_factory=bytearray)


class Decoder:
    """One direction of a connection. `link` is shared with the other direction's decoder.

    One direction's bytes can decide how to read the other's, so either may return messages of both.
    """

    def __init__(self, direction: Direction, link: Exchange) -> None:
        self.direction = direction
        self.ended = False
        self._garbled = False  # stray bytes arrived
        self._link = link
        self._stage: _Heading | Message | _Held | Frames | Lost = _Heading()
        self._after_body: Frames | Lost | None = None
        if direction is Direction.C2S:
            link.client = self
        else:
            link.server = self

    def feed(self, data: bytes) -> list[Decoded]:
        """Read the next bytes, cut anywhere."""
        out: list[Decoded] = []
        stage = self._stage
        if self.ended:
            out.append(stray(self.direction, data, "sent after the end"))
        elif isinstance(stage, Frames):
            stage.take(data, out)
        else:
            self._run(data, out)
        return out

    def skim(self, data: bytes) -> tuple[list[Decoded], int]:
        """Read the next bytes like `feed`, but only count frames, except close frames: (the rest, frames)."""
        out: list[Decoded] = []
        if isinstance(self._stage, Frames) and not self.ended:
            return out, self._stage.skim(data, out)
        return self.feed(data), 0

    @property
    def room(self) -> int:
        """Bytes of which at most one event can come, and that need no time to read; 0 if unknown."""
        return self._stage.room if isinstance(self._stage, Frames) else 0

    @property
    def position(self) -> tuple[Position, int]:
        """What the next byte belongs to. With `INSIDE`, how many bytes it lacks, 0 if that is not known."""
        stage = self._stage
        if self.ended or isinstance(stage, Lost):
            return Position.OPAQUE, 0
        if isinstance(stage, Frames):
            return (Position.INSIDE, stage.lacking) if stage.lacking else (Position.FRAME, 0)
        if isinstance(stage, _Held):
            return Position.EARLY, 0
        begins = isinstance(stage, _Heading) and not stage.data
        return (Position.HEAD if begins else Position.INSIDE), 0

    def eof(self, *, reset: bool = False) -> list[Decoded]:
        """This direction ended, with a `reset` or normally: report what is unfinished."""
        out: list[Decoded] = []
        if self.ended:
            return out
        self.ended = True
        self._end(out, reset)
        client = self._link.client
        if self.direction is Direction.S2C and client is not None and client.ended:
            client._end(out, reset)  # no response will come for the held bytes
        return out

    @property
    def gathering(self) -> bool:
        """Whether stray bytes were collected and not yet reported; `settle` reports them."""
        return isinstance(self._stage, Lost) and self._stage.gathering

    def settle(self) -> list[Decoded]:
        """Report the stray bytes collected so far, without waiting for their end."""
        return self._stage.settle() if isinstance(self._stage, Lost) else []

    # What the bytes are read as, one stage after another.

    def _run(self, data: bytes, out: list[Decoded]) -> None:
        at = 0
        while at < len(data):
            stage = self._stage
            if isinstance(stage, _Heading):
                at = self._read_head(stage, data, at, out)
            elif isinstance(stage, Message):
                at += stage.take(data[at:] if at else data)
                if stage.complete:
                    self._message_over(stage, out)
            elif isinstance(stage, Frames):
                stage.take(data[at:] if at else data, out)
                return
            elif isinstance(stage, _Held):
                stage.data += data[at:]
                if len(stage.data) > MAX_HELD:
                    self._lose(f"{_EARLY}, and more than {MAX_HELD} bytes", bytes(stage.data), final=True)
                return
            else:
                rest = stage.take(data[at:] if at else data)
                if rest is None:
                    return
                out += stage.settle()
                self._stage = _Heading()
                data, at = rest, 0

    def _end(self, out: list[Decoded], reset: bool) -> None:
        stage = self._stage
        if isinstance(stage, Frames):
            stage.eof(out)
        elif isinstance(stage, Message):
            stage.eof(reset=reset)
            self._message_over(stage, out)
            if not isinstance(self._stage, Message):
                self._end(out, reset)
        elif isinstance(stage, Lost):
            out += stage.settle(end=True)
        elif isinstance(stage, _Heading):
            if stage.data:
                what = "request" if self.direction is Direction.C2S else "response"
                why = f"half an HTTP {what}: ended before the blank line that ends its head"
                out.append(stray(self.direction, stage.data, why))
                self._garbled = True
                self._stage = _Heading()
        elif stage.data:
            server = self._link.server
            if server is None or server.ended:  # otherwise its response may still come
                out.append(stray(self.direction, stage.data, f"{_EARLY}, and no answer came"))
                self._stage = _Heading()

    def _lose(self, why: str, data: bytes = b"", *, final: bool = False) -> None:
        """This direction's bytes cannot be read from `data` on."""
        lost = Lost(self.direction, why, resync=self.direction is Direction.S2C and not final, final=final)
        lost.add(data)
        self._stage = lost
        self._garbled = self._link.lost = True

    # HTTP.

    def _read_head(self, stage: _Heading, data: bytes, at: int, out: list[Decoded]) -> int:
        """Look for a head's end from `at` on; return the place in `data` that was read up to."""
        if not stage.data:
            start = _skip_blank(data, at)
            if start < len(data) and explain(self.direction, data[start : start + 8]) is None:
                end = end_of_head(data, start)
                if 0 <= end - at <= MAX_HEAD:
                    self._head(data[at:end], out)
                    return end
        buffer, before = stage.data, len(stage.data)
        buffer += data[at:]
        start = _skip_blank(buffer, 0)
        if explain(self.direction, bytes(buffer[start : start + 8])) is not None:
            self._lose("")  # the explanation is made when it is reported, from all its first bytes
            self._run(bytes(buffer), out)
            return len(data)
        end = end_of_head(buffer, max(start, stage.searched - 2))
        stage.searched = len(buffer)
        if end > MAX_HEAD or (end < 0 and len(buffer) > MAX_HEAD):
            self._lose(f"an HTTP head of more than {MAX_HEAD} bytes", bytes(buffer[:MAX_HEAD]))
            self._run(bytes(buffer[MAX_HEAD:]), out)
            return len(data)
        if end < 0:
            return len(data)
        self._head(bytes(buffer[:end]), out)
        return at + end - before

    def _head(self, raw: bytes, out: list[Decoded]) -> None:
        link = self._link
        problem = ""
        try:
            if self.direction is Direction.C2S:
                head = request_head(raw)
                asked = Asked.by(head)
                link.unanswered.append(asked)
            else:
                asked = link.unanswered[0] if link.unanswered else Asked()
                head = response_head(raw, asked.method)
                if head.start[1] == "101" or head.start[1] >= "200":
                    asked, problem = self._answer(int(head.start[1]))
        except BadHead as error:
            what = "request" if self.direction is Direction.C2S else "response"
            self._lose(f"bad HTTP {what}: {str(error)[:200]}", raw)
            return
        self._stage = message = Message(self.direction, head, asked)
        if problem:
            message.problems.append(problem)
        if message.complete:
            self._message_over(message, out)

    def _answer(self, status: int) -> tuple[Asked, str]:
        """Find the request of this response with `status`, and the problem if none was waiting."""
        link, problem = self._link, ""
        if link.unanswered:
            asked = link.unanswered.popleft()
        else:
            asked = link.answered or Asked()
            if link.client is None or link.client._silent:
                problem = "a response to no request"
                if link.answered is not None:
                    problem = f"a further response: the request was already answered with {link.status}"
        link.answered, link.status = asked, status
        return asked, problem

    @property
    def _silent(self) -> bool:
        """Whether the client sent nothing that a server may be answering."""
        stage = self._stage
        return not self._garbled and not (isinstance(stage, _Heading) and stage.data)

    def _message_over(self, message: Message, out: list[Decoded]) -> None:
        link, asked, status = self._link, message.asked, message.status
        stages = self._switched(message) if status == 101 else None
        if asked.method == "CONNECT" and 200 <= status < 300:
            stages = self._opaque("inside a CONNECT tunnel")
        out.append(message.decoded())
        self._stage = _Heading()
        if message.broken:
            self._lose("behind a broken body")
            self._run(message.broken, out)
        elif self.direction is Direction.C2S:
            if self._after_body is not None:
                self._stage = self._after_body
            elif asked.upgrade and any(asked is other for other in link.unanswered):
                self._stage = _Held()
        elif stages is not None:
            self._stage = stages[1]
            if link.client is not None:
                link.client._switch(stages[0], out)
        elif status >= 200 and link.client is not None:
            link.client._refused(out)

    # The switch from HTTP to frames.

    def _switched(self, message: Message) -> tuple[Frames | Lost, Frames | Lost]:
        """Switch both directions after the 101 `message`; its problems are noted in it."""
        head, asked, problems = message.head, message.asked, message.problems
        if not asked.upgrade:
            problems.append("101 to a request that asked for no upgrade")
        protocols = head.tokens("upgrade")
        if protocols and "websocket" not in protocols:
            return self._opaque(f"in another protocol: {protocols[0][:100]}")
        problems += switch_problems(head, asked)
        extensions = head.values("sec-websocket-extensions")
        agreement, words = agreed(extensions)
        problems += words + extension_problems(extensions, asked.extensions)

        def inflater(side: str) -> Inflater | None:
            return (
                None
                if agreement is None
                else Inflater(takeover=f"{side}_no_context_takeover" not in agreement)
            )

        return Frames(Direction.C2S, inflater("client")), Frames(Direction.S2C, inflater("server"))

    def _opaque(self, why: str) -> tuple[Lost, Lost]:
        self._link.lost = True
        return (
            Lost(Direction.C2S, why, resync=False, final=True),
            Lost(Direction.S2C, why, resync=False, final=True),
        )

    def _switch(self, to: Frames | Lost, out: list[Decoded]) -> None:
        """The server switched protocols: what the client sends now, or sent too early, is read as `to`."""
        stage = self._stage
        if isinstance(stage, Message):
            self._after_body = to
            return
        if isinstance(stage, Lost):
            if stage.final:
                return
            out += stage.settle(end=True)
        early = bytes(stage.data) if isinstance(stage, _Held | _Heading) else b""
        self._stage = to
        if isinstance(to, Frames):
            to.early = _EARLY
            to.take(early, out)
            to.early = ""
        else:
            to.add(early)
        if self.ended:
            self._end(out, reset=False)

    def _refused(self, out: list[Decoded]) -> None:
        """The server answered without switching: the bytes after the request are HTTP."""
        stage = self._stage
        if isinstance(stage, _Held) and not self._link.unanswered:
            self._stage = _Heading()
            self._run(bytes(stage.data), out)
            if self.ended:
                self._end(out, reset=False)


def _skip_blank(data: bytes | bytearray, at: int) -> int:
    """Blank lines before a start line are to be ignored (RFC 9112 section 2.2)."""
    while at < len(data) and data[at] in b"\r\n":
        at += 1
    return at


class Conversation:
    """Both directions of one TCP connection."""

    def __init__(self) -> None:
        self._link = link = Exchange()
        self._decoders = {direction: Decoder(direction, link) for direction in Direction}

    def feed(self, direction: Direction, data: bytes) -> list[Decoded]:
        """Read the next bytes of `direction`, cut anywhere."""
        return self._decoders[direction].feed(data)

    def skim(self, direction: Direction, data: bytes) -> tuple[list[Decoded], int]:
        """Read the next bytes of `direction`, but only count its frames: (everything else, frames).

        Close frames are not counted but returned. Later results are the same as after `feed`, except that
        text counted here is not checked for UTF-8.
        """
        return self._decoders[direction].skim(data)

    def room(self, direction: Direction) -> int:
        """How many bytes of `direction` can be read at once, quickly and for one event; 0 if unknown."""
        return self._decoders[direction].room

    def eof(self, direction: Direction, *, reset: bool = False) -> list[Decoded]:
        """`direction` ended, normally or with a `reset`: report what is unfinished, once."""
        return self._decoders[direction].eof(reset=reset)

    def position(self, direction: Direction) -> tuple[Position, int]:
        """What the next byte of `direction` belongs to, see `Decoder.position`."""
        return self._decoders[direction].position

    @property
    def asked(self) -> Asked:
        """The request that the next response answers."""
        return self._link.unanswered[0] if self._link.unanswered else Asked()

    @property
    def gathering(self) -> bool:
        """Whether stray bytes were collected and not yet reported; `settle` reports them before their end."""
        return self._link.lost and any(decoder.gathering for decoder in self._decoders.values())

    def settle(self) -> list[Decoded]:
        """Report the stray bytes collected so far; later bytes are another stray."""
        return [decoded for decoder in self._decoders.values() for decoded in decoder.settle()]
