"""Two runs to compare: a refused one, and one that is accepted and then closed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from wsplay.events.event import Direction, Event, Lane, Source
from wsplay.verdict.compare import Side

C2S, S2C = Direction.C2S, Direction.S2C
BEFORE = """app = FastAPI()


@app.websocket("/ws")
async def endpoint(websocket):
    await websocket.close(code=1008)
"""
AFTER = BEFORE.replace(
    "    await websocket.close(code=1008)\n",
    '    await websocket.accept()\n    await websocket.close(code=1008, reason="bad")\n',
)


def event(
    ms: float,
    kind: str,
    summary: str,
    direction: Direction | None = None,
    line: int | None = None,
    conn: int = 1,
    **data: Any,
) -> Event:
    source = None if line is None else Source("app.py", line, "endpoint")
    return Event(round(ms * 1e6), Lane(kind.split(".")[0]), kind, summary, conn, direction, data, source)


def message(ms: float, summary: str, line: int, direction: Direction = S2C, **message: Any) -> Event:
    kind = "asgi.send" if direction is S2C else "asgi.receive"
    return event(ms, kind, summary, direction, line, message=message)


def header(name: str, text: str, **more: Any) -> dict[str, Any]:
    target, _, try_name = name.partition(" @ ")
    request = {"path": "/ws", "headers": [["Authorization", "wrong"]]}
    source = {"file": "app.py", "text": text}
    return {
        "name": name,
        "target": target,
        "try": try_name or None,
        "engine": "uvicorn",
        "request": request,
        "source": source,
        "versions": {"uvicorn": "0.54.0"},
        **more,
    }


@pytest.fixture
def left() -> Side:
    return Side(
        header("close_before_accept @ no token", BEFORE),
        [
            event(0.2, "client.connecting", "connecting", C2S),
            event(1.0, "wire.request", "GET /ws HTTP/1.1", C2S, method="GET", target="/ws"),
            event(1.8, "asgi.scope", "websocket /ws", C2S, scope={"type": "websocket"}),
            message(3.5, "websocket.close 1008", 6, type="websocket.close", code=1008, reason=""),
            event(3.7, "wire.response", "HTTP/1.1 403 Forbidden  0 B", S2C, status=403),
            event(4.0, "client.error", "InvalidStatus: HTTP 403", phase="handshake", status=403),
        ],
        {"ended": "refused", "status": 403, "opened": False, "headline": "REFUSED 403", "tone": "bad"},
    )


@pytest.fixture
def right() -> Side:
    return Side(
        header("accept_then_close @ no token", AFTER),
        [
            event(0.3, "client.connecting", "connecting", C2S),
            event(1.1, "wire.request", "GET /ws HTTP/1.1", C2S, method="GET", target="/ws"),
            event(1.9, "asgi.scope", "websocket /ws", C2S, scope={"type": "websocket"}),
            message(2.4, "websocket.accept", 6, type="websocket.accept"),
            event(2.6, "wire.response", "HTTP/1.1 101 Switching Protocols", S2C, status=101),
            message(2.7, 'websocket.close 1008 "bad"', 7, type="websocket.close", code=1008, reason="bad"),
            event(3.1, "client.closed", 'closed 1008 "bad"', code=1008, reason="bad", clean=True),
        ],
        {"ended": "closed", "status": 101, "opened": True, "headline": "CLOSED 1008", "tone": "warn"},
    )


@pytest.fixture
def long_side() -> Callable[..., Side]:
    """Makes a run of that many frames, some of them other than usual."""

    def make(count: int, changed: frozenset[int] = frozenset()) -> Side:
        events = []
        for place in range(count):
            text = f"{'other' if place in changed else 'message'} {place}"
            data = {"opcode": 1, "payload": {"text": text}}
            events.append(event(place / 1e3, "wire.frame", f"text {text}", C2S, **data))
        return Side(header("long", BEFORE), events, None)

    return make
