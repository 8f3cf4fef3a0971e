"""A playground that plays what it is told: screens are tested without a server, a port or a clock."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from wsplay.model.event import Direction, Event, Lane, Source
from wsplay.model.handshake import Handshake, Send
from wsplay.model.scenario import Scenario

MS = 1_000_000
START = 1_000 * MS


class FakeSession:
    """A connection that is over, or open until it is left."""

    def __init__(self, playground: FakePlayground, conn: int, is_open: bool) -> None:
        self._playground = playground
        self.conn = conn
        self.open = is_open
        self.done: list[tuple[Any, ...]] = []

    def _end(self, code: int, reason: str, by: str) -> None:
        if self.open:
            self.open = False
            data = {"code": code, "reason": reason, "by": by, "clean": True, "received": None, "sent": None}
            self._playground.say(
                9.0, Lane.CLIENT, "client.closed", f"closed {code}", conn=self.conn, data=data
            )

    async def send_text(self, text: str) -> None:
        self.done.append(("text", text))
        data = {"type": "text", "size": len(text), "text": text}
        self._playground.say(5, Lane.CLIENT, "client.sent", f'text "{text}"', Direction.C2S, self.conn, data)

    async def send_binary(self, data: bytes) -> None:
        self.done.append(("binary", data))

    async def ping(self, payload: bytes = b"") -> None:
        self.done.append(("ping", payload))

    async def close(self, code: int = 1000, reason: str = "") -> None:
        self.done.append(("close", code, reason))
        self._end(code, reason, "client")

    async def take(self, step: Send) -> None:
        self.done.append(("step", step.kind))

    async def leave(self) -> None:
        self._end(1000, "", "client")


class FakePlayground:
    """Stands in for `wsplay.playground.Playground`; `refuse` decides how its server answers."""

    def __init__(self, observe: Callable[[Event], None], engine: str, port: int) -> None:
        self.observe = observe
        self.engine = engine
        self.port = port
        self.url = "ws://127.0.0.1:8765"
        self.versions: Mapping[str, str] = {"uvicorn": "0.54.0"}
        self.alive = False
        self.closed = False
        self.refuse = True
        self.calls: list[tuple[Any, ...]] = []
        self.scenario: Scenario | None = None
        self.sessions: list[FakeSession] = []
        self.fail_load: Exception | None = None
        self.fail_start: Exception | None = None
        self.load_takes = 0.0
        self.connect_takes = 0.0

    def say(
        self,
        at_ms: float,
        lane: Lane,
        kind: str,
        summary: str,
        direction: Direction | None = None,
        conn: int | None = None,
        data: Mapping[str, Any] | None = None,
        line: int | None = None,
    ) -> None:
        source = None
        if line is not None:
            assert self.scenario is not None
            source = Source(self.scenario.filename, line, "endpoint")
        self.observe(
            Event(START + round(at_ms * MS), lane, kind, summary, conn, direction, data or {}, source)
        )

    async def start(self) -> None:
        if self.fail_start is not None:
            raise self.fail_start
        self.alive = True
        self._listening()

    def _listening(self) -> None:
        data = {"engine": self.engine, "versions": self.versions, "address": ["127.0.0.1", 1]}
        self.say(0, Lane.SERVER, "server.listening", "listening", data=data)

    async def aclose(self) -> None:
        self.closed = True
        self.alive = False

    async def load(self, scenario: Scenario, source: str | None = None) -> None:
        self.calls.append(("load", scenario.name))
        if self.load_takes:
            await asyncio.sleep(self.load_takes)
        if self.fail_load is not None:
            raise self.fail_load
        self.scenario = scenario

    async def restart(self) -> None:
        self.calls.append(("restart",))
        self.alive = True
        self._listening()

    async def use_engine(self, name: str) -> None:
        self.calls.append(("engine", name))
        self.engine = name
        self._listening()

    def begin_run(self) -> int:
        return START

    def is_open(self, conn: int | None) -> bool:
        return False

    async def settle(self) -> bool:
        return True

    async def connect(self, handshake: Handshake) -> FakeSession:
        self.calls.append(("connect", handshake))
        self.connecting(1)
        if self.connect_takes:
            await asyncio.sleep(self.connect_takes)
        (refused if self.refuse else accepted)(self)
        session = FakeSession(self, 1, not self.refuse)
        self.sessions.append(session)
        return session

    def connecting(self, conn: int) -> None:
        data = {"url": self.url + "/ws", "headers": [], "subprotocols": [], "address": ["127.0.0.1", 2]}
        self.say(0.0, Lane.CLIENT, "client.connecting", "connecting", Direction.C2S, conn, data)


def request(playground: FakePlayground, conn: int) -> None:
    head = {"method": "GET", "target": "/ws", "version": "1.1", "headers": [["Host", "x"]], "body": None}
    say = playground.say
    say(0.4, Lane.WIRE, "wire.request", "GET /ws HTTP/1.1", Direction.C2S, conn, head | {"raw_size": 60})
    message = {"message": {"type": "websocket.connect"}}
    say(1.1, Lane.ASGI, "asgi.receive", "websocket.connect", Direction.C2S, conn, message, 20)


def refused(playground: FakePlayground, conn: int = 1) -> None:
    """The endpoint closes with 1008 before it accepts; the server answers 403."""
    say = playground.say
    request(playground, conn)
    message = {"message": {"type": "websocket.close", "code": 1008, "reason": ""}}
    say(1.3, Lane.ASGI, "asgi.send", "websocket.close 1008", Direction.S2C, conn, message, 21)
    head = {"status": 403, "reason": "Forbidden", "version": "1.1", "headers": [["content-length", "0"]]}
    head |= {"body": None, "framing": "content-length", "raw_size": 60}
    summary = "HTTP/1.1 403 Forbidden  0 B"
    say(1.5, Lane.WIRE, "wire.response", summary, Direction.S2C, conn, head)
    log = {"level": "INFO", "logger": "uvicorn.error", "message": '"WebSocket /ws" 403'}
    say(1.6, Lane.SERVER, "server.log", 'INFO "WebSocket /ws" 403', None, None, log)
    say(1.8, Lane.WIRE, "wire.eof", "EOF", Direction.S2C, conn)
    text = "server rejected WebSocket connection: HTTP 403"
    error = {"type": "websockets.exceptions.InvalidStatus", "message": text, "phase": "handshake"}
    error |= {"status": 403, "reason": "Forbidden", "headers": head["headers"]}
    say(1.9, Lane.CLIENT, "client.error", "InvalidStatus: " + text, None, conn, error)


def accepted(playground: FakePlayground, conn: int = 1) -> None:
    """The endpoint accepts and says Welcome!; the connection stays open."""
    say = playground.say
    request(playground, conn)
    say(
        1.3,
        Lane.ASGI,
        "asgi.send",
        "websocket.accept",
        Direction.S2C,
        conn,
        {"message": {"type": "websocket.accept"}},
        23,
    )
    head = {"status": 101, "reason": "Switching Protocols", "version": "1.1", "headers": [], "body": None}
    head |= {"framing": "none", "raw_size": 60}
    say(1.5, Lane.WIRE, "wire.response", "HTTP/1.1 101 Switching Protocols", Direction.S2C, conn, head)
    opened = {"status": 101, "headers": [], "subprotocol": None, "extensions": None}
    say(1.7, Lane.CLIENT, "client.open", "open", Direction.S2C, conn, opened)
    received = {"type": "text", "size": 8, "text": "Welcome!"}
    say(1.9, Lane.CLIENT, "client.received", 'text 8 B "Welcome!"', Direction.S2C, conn, received)


class FakeEngine:
    """An `engine_factory`; `playground` is the one it made, `prepare` is done to it first."""

    def __init__(self) -> None:
        self.playgrounds: list[FakePlayground] = []
        self.prepare: Callable[[FakePlayground], None] = lambda playground: None

    def __call__(self, observe: Callable[[Event], None], engine: str, port: int) -> FakePlayground:
        playground = FakePlayground(observe, engine, port)
        self.prepare(playground)
        self.playgrounds.append(playground)
        return playground

    @property
    def playground(self) -> FakePlayground:
        return self.playgrounds[-1]

    refused = staticmethod(refused)
    accepted = staticmethod(accepted)


@pytest.fixture
def fake_engine() -> FakeEngine:
    return FakeEngine()
