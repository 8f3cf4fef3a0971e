"""Runs made up for the widgets: fixed times, one event of every kind that matters to a view."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest

from wsplay.model.event import Direction, Event, Lane, Source
from wsplay.model.payload import payload_data
from wsplay.model.timeline import Timeline

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
