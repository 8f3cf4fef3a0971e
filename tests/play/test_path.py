"""Where a client connects that names no path, against real servers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from wsplay.play.playground import Playground
from wsplay.play.runner import Run, run_try
from wsplay.play.setup import PathNeeded, SetupError
from wsplay.protocol.handshake import Handshake
from wsplay.scenario.file import Scenario, parse_scenario

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.slow]

APP = """
from contextlib import asynccontextmanager
from fastapi import APIRouter, FastAPI, WebSocket

app, sub, router = FastAPI(), FastAPI(), APIRouter(prefix="/api")


async def endpoint(websocket: WebSocket):
    await websocket.accept()
    await websocket.send_text(websocket.url.path)


async def opaque(scope, receive, send):
    await WebSocket(scope, receive, send).close()

"""
BLOCK = """
# /// script
# [[tool.wsplay.try]]
# name = "first"
#
# [[tool.wsplay.try]]
# name = "joins"
# before = [{ connect = "first" }]
# path = "/here"
# ///
"""
ONE = 'app.add_api_websocket_route("/chat", endpoint)\n'
MANY = ONE + 'app.add_api_websocket_route("/room/{id}", endpoint)\n'
STARTUP = """
@asynccontextmanager
async def life(app):
    app.add_api_websocket_route("/late", endpoint)
    yield

app = FastAPI(lifespan=life)
"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def playground() -> AsyncIterator[Playground]:
    """One for all tests: each loads an app of its own."""
    async with Playground() as playground:
        yield playground


async def run(playground: Playground, folder: Path, code: str, name: str = "first") -> Run:
    scenario = written(folder, code)
    await playground.load(scenario)
    try_ = scenario.get_try(name)
    assert try_ is not None
    return await run_try(playground, scenario, try_)


def written(folder: Path, code: str) -> Scenario:
    file = folder / "probe.py"
    file.write_text(APP + code + BLOCK, encoding="utf-8")
    return parse_scenario("probe", str(file), file.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("code", "path"),
    [
        (ONE, "/chat"),
        ('router.add_api_websocket_route("/chat", endpoint)\napp.include_router(router)\n', "/api/chat"),
        ('sub.add_api_websocket_route("/chat", endpoint)\napp.mount("/sub", sub)\n', "/sub/chat"),
        (ONE + 'app.mount("/socket.io", opaque)\n', "/chat"),
        (MANY + 'app.add_api_websocket_route("/ws", endpoint)\n', "/ws"),
        (STARTUP, "/late"),
    ],
    ids=["one", "a router's", "a mounted app's", "one beside a mount", "/ws of several", "added at startup"],
)
async def test_it_goes_to_the_route_that_there_is(
    playground: Playground, tmp_path: Path, code: str, path: str
) -> None:
    outcome = await run(playground, tmp_path, code)
    assert outcome.outcome.opened
    assert [message.text for message in outcome.outcome.received] == [path]
    assert outcome.try_.handshake.path == path
    assert outcome.to_json()["routes"] is None


@pytest.mark.parametrize("code", ["", "@app.get('/ws')\ndef page(): ...\n"], ids=["no routes", "http only"])
async def test_without_a_websocket_route_it_is_slash_ws(
    playground: Playground, tmp_path: Path, code: str
) -> None:
    outcome = await run(playground, tmp_path, code)
    assert (outcome.try_.handshake.path, outcome.outcome.status) == ("/ws", 403)


@pytest.mark.parametrize(
    ("code", "routes"),
    [
        (MANY, "/chat, /room/{id}"),
        ('app.add_api_websocket_route("/room/{id}", endpoint)\n', "/room/{id}"),
        ('app.mount("/socket.io", opaque)\n', "/socket.io/..."),
    ],
    ids=["several", "a parameter", "a mount alone"],
)
async def test_where_there_is_a_choice_nothing_connects(
    playground: Playground, tmp_path: Path, code: str, routes: str
) -> None:
    seen: list[str] = []
    with playground.listener(lambda event: seen.append(event.kind)), pytest.raises(PathNeeded) as raised:
        await run(playground, tmp_path, code)
    assert str(raised.value).endswith(f"the app's WebSocket routes: {routes}")
    assert "client.connecting" not in seen


async def test_a_client_that_connects_before_needs_a_path_too(playground: Playground, tmp_path: Path) -> None:
    here = 'app.add_api_websocket_route("/here", endpoint)\n'
    assert (await run(playground, tmp_path, here, "joins")).outcome.opened
    with pytest.raises(SetupError, match=r"routes: /chat, /room/\{id\}, /here"):
        await run(playground, tmp_path, MANY + here, "joins")


@pytest.mark.parametrize(
    ("code", "path", "routes", "said"),
    [
        (MANY, "/nowhere", ["/chat", "/room/{id}"], "The app's WebSocket routes: /chat, /room/{id}."),
        (MANY, "/room/7/8", ["/chat", "/room/{id}"], "The app's WebSocket routes: /chat, /room/{id}."),
        ("@app.get('/')\ndef page(): ...\n", "/ws", [], "The app has no WebSocket route."),
        (STARTUP, "/ws", ["/late"], "The app's WebSocket routes: /late."),
        (
            "for n in range(100): app.add_api_websocket_route(f'/route/number/{n}', endpoint)\n",
            "/ws",
            [f"/route/number/{n}" for n in range(100)],
            " and 89 more.",
        ),
    ],
    ids=["several", "too long", "none", "added at startup", "many"],
)
async def test_a_path_that_no_route_takes_is_told_with_the_routes(
    playground: Playground, tmp_path: Path, code: str, path: str, routes: list[str], said: str
) -> None:
    outcome = await refused(playground, tmp_path, code, path)
    assert outcome["status"] == 403
    assert outcome["routes"] == routes
    assert said in outcome["verdict"]


@pytest.mark.parametrize(
    ("code", "path"),
    [
        ('app.mount("/socket.io", opaque)\n', "/socket.io/x"),
        ("@app.websocket('/ws')\nasync def no(websocket: WebSocket): await websocket.close()\n", "/ws"),
    ],
    ids=["a mount", "a route"],
)
async def test_a_route_that_closes_is_not_taken_for_a_missing_one(
    playground: Playground, tmp_path: Path, code: str, path: str
) -> None:
    outcome = await refused(playground, tmp_path, code, path)
    assert (outcome["status"], outcome["routes"]) == (403, None)
    assert "No route" not in outcome["verdict"]


async def refused(playground: Playground, folder: Path, code: str, path: str) -> dict[str, Any]:
    scenario = written(folder, code)
    await playground.load(scenario)
    [try_, _] = scenario.tries
    return (await run_try(playground, scenario, type(try_)("", Handshake(path=path)))).to_json()
