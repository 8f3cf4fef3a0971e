"""What the wire's tests share: conversations fed in one go or in pieces, and frames."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from websockets.frames import Frame, Opcode

from wsplay.events.event import Direction
from wsplay.wire.decode import Conversation, Decoded

C2S, S2C = Direction.C2S, Direction.S2C
REQUEST = (
    b"GET /ws?a=1 HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
SWITCH = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n%b\r\n"
)


class Wire:
    """A conversation and all that came out of it."""

    def __init__(self) -> None:
        self.conversation = Conversation()
        self.out: list[Decoded] = []

    def client(self, data: bytes) -> Wire:
        self.out += self.conversation.feed(C2S, data)
        return self

    def server(self, data: bytes) -> Wire:
        self.out += self.conversation.feed(S2C, data)
        return self

    def end(self, direction: Direction | None = None, *, reset: bool = False) -> Wire:
        for one in [direction] if direction else [C2S, S2C]:
            self.out += self.conversation.eof(one, reset=reset)
        return self

    def open(self, extensions: bytes = b"") -> Wire:
        line = b"Sec-WebSocket-Extensions: %b\r\n" % extensions if extensions else b""
        self.client(REQUEST).server(SWITCH % line)
        self.out.clear()
        return self

    @property
    def kinds(self) -> list[str]:
        return [one.kind for one in self.out]

    @property
    def problems(self) -> list[str]:
        return [one.data["problem"] for one in self.out if "problem" in one.data]

    def only(self) -> dict[str, Any]:
        assert len(self.out) == 1, self.out
        return self.out[0].data


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.fixture
def new_wire() -> Callable[[], Wire]:
    return Wire


@pytest.fixture
def request_bytes() -> bytes:
    return REQUEST


@pytest.fixture
def switch_bytes() -> bytes:
    return SWITCH % b""


@pytest.fixture
def frame() -> Callable[..., bytes]:
    """Serialized by websockets, from the client (masked) unless said otherwise."""

    def make(
        opcode: int,
        data: bytes = b"",
        *,
        mask: bool = True,
        extensions: list[Any] | None = None,
        **bits: bool,
    ) -> bytes:
        return Frame(Opcode(opcode), data, **bits).serialize(mask=mask, extensions=extensions)

    return make
