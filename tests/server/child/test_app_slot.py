"""What happens to the connections of an app when another one is loaded, on each engine."""

from __future__ import annotations

from typing import Any

import pytest

from wsplay.protocol.engine import ENGINE_NAMES

pytestmark = pytest.mark.slow

#: An app that says how its connections and its lifespan end. Each path opens in another way.
APP = """
import asyncio
from contextlib import asynccontextmanager
from fastapi import FastAPI, WebSocket, WebSocketDisconnect

@asynccontextmanager
async def life(app):
    yield
    print("down NAME")

app = FastAPI(lifespan=life)

@app.websocket("/open")
async def opened(websocket: WebSocket):
    await websocket.accept()
    await websocket.send_text("NAME")
    try:
        await websocket.receive_text()
    except WebSocketDisconnect as left:
        print(f"left {left.code}")

@app.websocket("/waits")
async def waits(websocket: WebSocket):
    print("asked")
    await asyncio.sleep(0.5)
    await websocket.accept()

@app.websocket("/deaf")
async def deaf(websocket: WebSocket):
    await websocket.accept()
    await websocket.send_text("NAME")
    await asyncio.sleep(30)

@app.get("/slow")
async def slow():
    print("asked")
    await asyncio.sleep(0.3)
    return "NAME"
"""


def app(name: str) -> str:
    return APP.replace("NAME", name)


@pytest.mark.parametrize("engine", ENGINE_NAMES)
async def test_an_open_connection_is_closed_with_1012_before_its_lifespan_ends(
    make_rig: Any, engine: str
) -> None:
    async with make_rig(engine) as rig:
        await rig.load(app("old"))
        client = await rig.connect("/open")
        assert "101" in await client.head()
        assert await client.frame() == (1, b"old")
        await rig.load(app("new"))
        code, payload = await client.frame() or (0, b"")
        assert (code, int.from_bytes(payload[:2], "big")) == (8, 1012)
        events = await rig.settled(client.port)
        replaced = [event for event in events if event.data.get("why") == "code replaced"]
        assert [event.summary for event in replaced] == [
            "the server closes this connection: its code (probe) was replaced"
        ]
        await rig.until(lambda: "down old" in rig.texts())
        assert rig.texts() == ["left 1012", "down old"]
        told = next(event for event in rig.of("asgi.receive") if event.t_ns > replaced[0].t_ns)
        assert told.data["message"] == {"type": "websocket.disconnect", "code": 1012} | {
            key: value for key, value in told.data["message"].items() if key == "reason"
        }
        assert not rig.of("note", why="still running")


@pytest.mark.parametrize("engine", ENGINE_NAMES)
async def test_a_handshake_that_is_not_answered_yet_gets_500(make_rig: Any, engine: str) -> None:
    async with make_rig(engine) as rig:
        await rig.load(app("old"))
        client = await rig.connect("/waits")
        await rig.until(lambda: "asked" in rig.texts())
        await rig.load(app("new"))
        assert (await client.head()).startswith("HTTP/1.1 500 ")
        events = await rig.settled(client.port)
        assert [event.kind for event in events if event.data.get("why") == "code replaced"] == ["note"]
        await rig.until(lambda: "down old" in rig.texts())


@pytest.mark.parametrize("engine", ENGINE_NAMES)
async def test_the_new_code_does_not_wait_for_a_call_that_does_not_end(make_rig: Any, engine: str) -> None:
    async with make_rig(engine) as rig:
        await rig.load(app("old"))
        deaf = await rig.connect("/deaf")
        await deaf.head()
        assert await deaf.frame() == (1, b"old")
        await rig.load(app("new"))
        client = await rig.connect("/open")
        await client.head()
        assert await client.frame() == (1, b"new")
        await rig.until(lambda: "down old" in rig.texts())
        [down] = rig.of("server.print", text="down old")
        assert rig.of("server.loaded")[-1].t_ns < down.t_ns  # the old lifespan was still up
        told = rig.of("note", why="still running")
        assert [event.summary for event in told] == [
            "1 call of probe, which was replaced, did not end in time"
        ]


async def test_an_http_request_may_end(rig: Any) -> None:
    await rig.load(app("old"))
    client = await rig.connect("/slow", head="Host: x\r\n")
    await rig.until(lambda: "asked" in rig.texts())
    await rig.load(app("new"))
    assert "200 OK" in await client.head()
    await rig.until(lambda: "down old" in rig.texts())
    assert not rig.of("note", why="code replaced")


async def test_a_connection_that_has_ended_is_not_told_of(rig: Any) -> None:
    await rig.load(app("old"))
    client = await rig.connect("/open")
    await client.head()
    await client.aclose()
    await rig.settled(client.port)
    await rig.load(app("new"))
    await rig.until(lambda: "down old" in rig.texts())
    assert not rig.of("note", why="code replaced")
