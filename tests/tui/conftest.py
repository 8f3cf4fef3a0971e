"""What the screens are tested with: a playground that plays what it is told, and runs made up for widgets.

Neither has a server, a port or a clock.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet

from wsplay.events.event import Direction, Event, Lane, Source
from wsplay.events.numbering import Numbering
from wsplay.events.payload import payload_data
from wsplay.events.timeline import Timeline
from wsplay.protocol.handshake import Handshake
from wsplay.protocol.hold_points import NOTHING, HoldPoints
from wsplay.protocol.steps import Close, SendText, Step
from wsplay.protocol.waiting import Waiting
from wsplay.scenario.file import Scenario


@pytest.fixture(scope="session", autouse=True)
def read_each_style_sheet_once() -> Iterator[None]:
    """Let all apps of a session share the rules that Textual reads from a style sheet.

    Hundreds of apps start here, and each would read the same text with the same variables anew. A rule's hash
    is its identity, as in Textual, but without a call into Python: it is asked for 250,000 times a test.
    """
    read = Stylesheet._parse_rules
    known: dict[tuple[object, ...], list[RuleSet]] = {}

    def read_once(sheet: Stylesheet, *given: Any, **named: Any) -> list[RuleSet]:
        key = (given, tuple(named.items()), frozenset(sheet._variables.items()))
        if key not in known:
            known[key] = read(sheet, *given, **named)
        return known[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Stylesheet, "_parse_rules", read_once)
        patch.setattr(RuleSet, "__hash__", object.__hash__)
        yield


MS = 1_000_000
START = 1_000 * MS


class FakeSession:
    """A connection that is over, or open until it is left."""

    def __init__(self, playground: FakePlayground, conn: int, is_open: bool) -> None:
        self._playground = playground
        self.conn = conn
        self.open = is_open
        self.done: list[Step] = []

    def _end(self, code: int, reason: str, by: str) -> None:
        if self.open:
            self.open = False
            data = {"code": code, "reason": reason, "by": by, "clean": True, "received": None, "sent": None}
            self._playground.say(
                9.0, Lane.CLIENT, "client.closed", f"closed {code}", conn=self.conn, data=data
            )

    async def run_step(self, step: Step) -> None:
        self.done.append(step)
        match step:
            case SendText(text):
                data = {"type": "text", "size": len(text), "text": text}
                say = self._playground.say
                say(5, Lane.CLIENT, "client.sent", f'text "{text}"', Direction.C2S, self.conn, data)
            case Close(code, reason):
                self._end(code, reason, "client")

    async def disconnect(self) -> None:
        self._end(1000, "", "client")


class FakeHolding:
    """What waits in a made-up playground: what a test says."""

    def __init__(self) -> None:
        self.waiting: tuple[Waiting, ...] = ()
        self._listeners: list[Callable[[], object]] = []

    @contextmanager
    def on_change(self, listener: Callable[[], object]) -> Iterator[None]:
        self._listeners.append(listener)
        yield
        self._listeners.remove(listener)

    def put(self, *waiting: Waiting) -> None:
        self.waiting = waiting
        self.changed()

    def changed(self) -> None:
        for listener in self._listeners:
            listener()


class FakePlayground:
    """Stands in for `wsplay.play.playground.Playground`; `refuse` decides how its server answers."""

    def __init__(self, on_event: Callable[[Event], None], engine: str, port: int) -> None:
        self.on_event = on_event
        self.engine = engine
        self.port = port
        self.url = "ws://127.0.0.1:8765"
        self.network_warning = ""
        self.versions: Mapping[str, str] = {"uvicorn": "0.54.0"}
        self.alive = False
        self.closed = False
        self.refuse = True
        self.calls: list[tuple[Any, ...]] = []
        self.scenario: Scenario | None = None
        self.sessions: list[FakeSession] = []
        self.fail_load: Exception | None = None
        self.fail_start: Exception | None = None
        self.run = Numbering(START)
        self.standing: list[Event] = []
        self.files: frozenset[str] = frozenset()
        self.routes: list[Any] = [{"path": "/ws", "websocket": True}]
        self.holding = FakeHolding()
        self.wait_for_close = False  # whether a run waits: see `play_held`
        self.points = NOTHING
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
        event = Event(START + round(at_ms * MS), lane, kind, summary, conn, direction, data or {}, source)
        self.on_event(self.run.number(event))

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

    @property
    def loaded(self) -> Scenario | None:
        return self.scenario if self.alive else None

    async def restart(self) -> None:
        self.calls.append(("restart",))
        self.alive = True
        self._listening()

    async def revive(self) -> None:
        self.calls.append(("revive",))
        self.alive = True
        self._listening()

    async def use_engine(self, name: str) -> None:
        self.calls.append(("engine", name))
        self.engine = name
        self._listening()

    def begin_run(self) -> int:
        self.run = Numbering(START)
        return START

    def resume_run(self, run: Numbering) -> None:
        self.run = run

    def is_open(self, conn: int | None) -> bool:
        return False

    def is_ours(self, conn: int | None) -> bool:
        return conn == 1

    def hold(self, points: HoldPoints | None) -> None:
        self.points = points or NOTHING
        self.calls.append(("hold", self.points.words()))
        if not self.points:
            self.holding.waiting = ()
        self.holding.changed()

    def step(self, number: int | None = None) -> bool:
        return self._end("step", number)

    def drop(self, number: int | None = None) -> bool:
        return self._end("drop", number)

    def edit(self, number: int, head: bytes) -> bool:
        return self._end("edit", number, head)

    def spare(self, conn: int | None) -> None:
        self.calls.append(("spare", conn))
        self.holding.put(*(each for each in self.holding.waiting if each.conn != conn))

    def _end(self, what: str, number: int | None, *more: bytes) -> bool:
        self.calls.append((what, number, *more))
        self.holding.put(*(each for each in self.holding.waiting if each.id != number))
        return True

    def wait(self, at_ms: float, waiting: Waiting) -> None:
        """Let something wait from now on."""
        data: dict[str, Any] = {"id": waiting.id, "what": waiting.what, "phase": "waits", "held_us": 0}
        data |= {"about": waiting.about}
        if waiting.head is not None:
            data["head"] = waiting.head.decode("latin-1")
        lane, line = waiting.lane, None if waiting.source is None else waiting.source.line
        kind = "wire.held" if lane is Lane.WIRE else "asgi.held"
        self.say(at_ms, lane, kind, f"waits: {waiting.about}", waiting.direction, waiting.conn, data, line)
        self.holding.put(*self.holding.waiting, waiting)

    async def sync(self) -> bool:
        return True

    async def connect(self, handshake: Handshake) -> FakeSession:
        self.calls.append(("connect", handshake))
        self.connecting(1)
        if self.wait_for_close:
            play_held(self)
            self.connect_takes = 600.0
        if self.connect_takes:
            await asyncio.sleep(self.connect_takes)
        (play_refused if self.refuse else play_accepted)(self)
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


def play_refused(playground: FakePlayground, conn: int = 1) -> None:
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


HEAD_HELD = (
    b"GET /ws HTTP/1.1\r\nHost: 127.0.0.1:8765\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: q4xkcO32u266gldTuKaSOw==\r\nSec-WebSocket-Version: 13\r\n"
    b"Origin: https://evil.example\r\nCookie: session=\xe9\x01\r\n\r\n"
)


def play_held(playground: FakePlayground) -> None:
    """The endpoint's close waits, and so does the request of another client."""
    request(playground, 1)
    assert playground.scenario is not None
    source = Source(playground.scenario.filename, 21, "endpoint")
    about, at_ns = "websocket.close 1008", START + 1 * MS
    playground.wait(1.3, Waiting(1, 1, Lane.ASGI, "send", about, Direction.S2C, at_ns, source))
    playground.say(2.1, Lane.WIRE, "wire.connected", "connected 127.0.0.1:3", Direction.C2S, 2)
    about, at_ns = "GET /ws HTTP/1.1", START + 5_000 * MS
    held = Waiting(2, 2, Lane.WIRE, "request", about, Direction.C2S, at_ns, None, HEAD_HELD)
    playground.wait(5_000.2, held)


def play_accepted(playground: FakePlayground, conn: int = 1) -> None:
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


class FakePlaygrounds:
    """Makes a playground; `playground` is the newest, `prepare` is done to each first."""

    def __init__(self) -> None:
        self.playgrounds: list[FakePlayground] = []
        self.prepare: Callable[[FakePlayground], None] = lambda playground: None

    def __call__(self, on_event: Callable[[Event], None], engine: str, port: int) -> FakePlayground:
        playground = FakePlayground(on_event, engine, port)
        self.prepare(playground)
        self.playgrounds.append(playground)
        return playground

    @property
    def playground(self) -> FakePlayground:
        return self.playgrounds[-1]

    refused = staticmethod(play_refused)
    accepted = staticmethod(play_accepted)


@pytest.fixture
def fake_playgrounds() -> FakePlaygrounds:
    return FakePlaygrounds()


# -- runs made up for the widgets: fixed times, one event of every kind that matters to a view

C2S, S2C = Direction.C2S, Direction.S2C
URL = "ws://127.0.0.1:8765/ws"
HEADERS = [
    ["Host", "127.0.0.1:8765"],
    ["Upgrade", "websocket"],
    ["Connection", "Upgrade"],
    ["Sec-WebSocket-Key", "q4xkcO32u266gldTuKaSOw=="],
    ["Authorization", "validtokem"],
    ["Cookie", "a=1"],
    ["Cookie", "b=2"],
]
JSON_TEXT = '{"user":"ada","roles":["admin","ops"],"exp":1760000000,"ok":true,"none":null}'
LIBRARY_FRAMES = [
    {"file": "/lib/fastapi/routing.py", "line": 400, "function": "app", "code": "await call(**values)"},
    {
        "file": "/lib/starlette/websockets.py",
        "line": 188,
        "function": "send_text",
        "code": "await self.send(m)",
    },
]
USER_FRAME = {
    "file": "/home/ada/send_before_accept.py",
    "line": 22,
    "function": "endpoint",
    "code": 'await websocket.send_text("Welcome!")',
}


def event(
    ms: float,
    kind: str,
    summary: str,
    conn: int | None = 1,
    direction: Direction | None = None,
    data: dict[str, Any] | None = None,
    line: int | None = None,
) -> Event:
    lane = Lane.SERVER if kind == "note" else Lane(kind.split(".")[0])
    source = None if line is None else Source("close_before_accept.py", line, "endpoint")
    return Event(round(ms * 1e6), lane, kind, summary, conn, direction, data or {}, source)


def frame(ms: float, summary: str, opcode: int, name: str, length: int, **data: Any) -> Event:
    plain = {"fin": True, "rsv1": False, "rsv2": False, "rsv3": False, "masked": False, "compressed": False}
    head = {**plain, "opcode": opcode, "name": name, "length": length, "inflated": None}
    return event(ms, "wire.frame", summary, 2, S2C, {**head, **data})


def message(ms: float, kind: str, summary: str, conn: int, line: int | None = None, **message: Any) -> Event:
    direction = C2S if kind == "asgi.receive" else S2C
    return event(ms, kind, summary, conn, direction, {"message": message}, line)


CONNECTING = {
    "url": URL,
    "headers": [["Authorization", "validtokem"]],
    "omit": [],
    "subprotocols": [],
    "compression": True,
    "open_timeout": 5.0,
    "address": ["127.0.0.1", 51234],
}
REQUEST = {
    "method": "GET",
    "target": "/ws",
    "version": "1.1",
    "headers": HEADERS,
    "body": None,
    "raw_size": 240,
}
SCOPE = {
    "type": "websocket",
    "asgi": {"version": "3.0"},
    "path": "/ws",
    "headers": [[name.lower(), value] for name, value in HEADERS],
    "client": ["127.0.0.1", 51235],
    "subprotocols": [],
}
RESPONSE = {
    "status": 403,
    "reason": "Forbidden",
    "version": "1.1",
    "headers": [["content-length", "0"], ["connection", "close"]],
    "body": None,
    "framing": "content-length",
    "raw_size": 70,
}
REJECTED = {
    "type": "websockets.exceptions.InvalidStatus",
    "message": "server rejected WebSocket connection: HTTP 403",
    "phase": "handshake",
    "status": 403,
    "reason": "Forbidden",
    "headers": [["content-length", "0"]],
}
LOG = {"level": "INFO", "logger": "uvicorn.error", "message": '127.0.0.1:51235 - "WebSocket /ws" 403'}
RAISED = {
    "type": "builtins.RuntimeError",
    "message": 'Expected ASGI message "websocket.accept"',
    "frames": [USER_FRAME],
    "rest": [LIBRARY_FRAMES[0], USER_FRAME, LIBRARY_FRAMES[1]],
    "traceback": "Traceback (most recent call last):\n...",
}
CLOSED = {
    "code": 1008,
    "reason": "bad token",
    "by": "server",
    "clean": True,
    "received": {"code": 1008, "reason": "bad token"},
    "sent": {"code": 1008, "reason": ""},
    "exception": {
        "type": "websockets.exceptions.ConnectionClosedError",
        "message": "received 1008 (policy violation) bad token",
    },
}

REFUSED = (
    event(0, "client.connecting", f"connecting {URL}", 1, C2S, CONNECTING),
    event(0.2, "wire.connected", "TCP connected", 1, C2S, {"client": ["127.0.0.1", 51234]}),
    event(0.4, "wire.request", "GET /ws HTTP/1.1", 1, C2S, REQUEST),
    event(1.0, "asgi.scope", "websocket /ws", 1, C2S, {"scope": SCOPE}),
    message(1.1, "asgi.receive", "websocket.connect", 1, 18, type="websocket.connect"),
    message(1.3, "asgi.send", "websocket.close 1008", 1, 21, type="websocket.close", code=1008, reason=""),
    event(1.4, "asgi.returned", "returned"),
    event(1.5, "wire.response", "HTTP/1.1 403 Forbidden  0 B", 1, S2C, RESPONSE),
    event(1.6, "server.log", 'INFO "WebSocket /ws" 403', None, None, LOG),
    event(1.8, "wire.eof", "EOF", 1, S2C),
    event(
        1.9,
        "client.error",
        "InvalidStatus: server rejected WebSocket connection: HTTP 403",
        1,
        None,
        REJECTED,
    ),
)

WELCOME = payload_data("Welcome!", text=True)
OPENED = (
    event(40.0, "client.connecting", f"connecting {URL}", 2, C2S, CONNECTING),
    event(40.4, "wire.request", "GET /ws HTTP/1.1", 2, C2S, REQUEST),
    message(
        41.3, "asgi.send", "websocket.accept", 2, 23, type="websocket.accept", subprotocol=None, headers=[]
    ),
    event(41.5, "wire.response", "HTTP/1.1 101 Switching Protocols", 2, S2C, {**RESPONSE, "status": 101}),
    event(41.8, "client.open", "open", 2, S2C, {"status": 101, "headers": HEADERS[:3], "subprotocol": None}),
    message(42.0, "asgi.send", 'websocket.send "Welcome!"', 2, 24, type="websocket.send", text="Welcome!"),
    frame(
        42.1, 'text 8 B "Welcome!"', 1, "text", 10, rsv1=True, compressed=True, inflated=8, payload=WELCOME
    ),
    event(42.2, "client.received", 'text 8 B "Welcome!"', 2, S2C, {"type": "text", **WELCOME}),
    event(
        45.0,
        "client.sent",
        'text 77 B {"user":"ada",…',
        2,
        C2S,
        {"type": "text", **payload_data(JSON_TEXT, text=True)},
    ),
    frame(45.3, "binary 64 B 00 01 02…", 2, "binary", 64, payload=payload_data(bytes(range(64)), text=False)),
    frame(
        45.4,
        "text 2 B",
        1,
        "text",
        2,
        rsv2=True,
        payload=payload_data("hi", text=True),
        problem="RSV2 is set, and no extension uses it",
    ),
    event(46.0, "asgi.raised", "RuntimeError: Expected ASGI message", 2, None, RAISED, line=22),
    event(
        46.1,
        "server.log",
        "ERROR Exception in ASGI application",
        None,
        None,
        {"level": "ERROR", "message": "Exception in ASGI application\nTraceback (most recent call last):"},
    ),
    event(
        46.2, "server.print", "checking the token of ada", None, None, {"text": "checking the token of ada"}
    ),
    frame(
        47.0,
        'close 1008 "bad token"',
        8,
        "close",
        11,
        payload=payload_data(b"\x03\xf0bad token", text=False),
        code=1008,
        reason="bad token",
    ),
    event(47.2, "wire.reset", "reset", 2, C2S, {"error": "ConnectionResetError"}),
    event(48.0, "client.closed", '1008 "bad token"', 2, None, CLOSED),
    event(1200.0, "server.stalled", "the loop is stuck at line 22", None, None, {"seconds": 1.0}, line=22),
)


@pytest.fixture
def refused() -> tuple[Event, ...]:
    """A run that was refused with 403, on connection 1."""
    return REFUSED


@pytest.fixture
def opened() -> tuple[Event, ...]:
    """A run that was accepted and closed with 1008, on connection 2, with an event of most other kinds."""
    return OPENED


@pytest.fixture
def make_event() -> Callable[..., Event]:
    """An event of given milliseconds, kind and summary; its lane follows from its kind."""
    return event


@pytest.fixture
def make_timeline() -> Callable[..., Timeline]:
    """A timeline of given events; `max_events` bounds it."""

    def make(events: Iterable[Event] = (), **limits: int) -> Timeline:
        timeline = Timeline(0, **limits)
        for one in events:
            timeline.add(one)
        return timeline

    return make
