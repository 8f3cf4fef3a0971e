"""What comes before a try's own connection, done for real: HTTP requests, replays, others in the room."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from wsplay.events.event import Event
from wsplay.play.playground import Playground
from wsplay.play.runner import Run, Watch, run_try
from wsplay.play.setup import SetupError, run_setup
from wsplay.protocol.engine import ENGINE_NAMES
from wsplay.scenario.expectations import Expectations
from wsplay.scenario.file import Scenario, parse_scenario
from wsplay.scenario.tries import Try
from wsplay.verdict.expectation import Expectation

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.slow]

SECRET = "for-tests-only-and-longer-than-32-bytes"
ROOM = f'''"""Tickets by HTTP, a room, and a door that shuts."""
import asyncio
import jwt
from fastapi import FastAPI, Request, Response, WebSocket

app = FastAPI()
TICKETS: set[str] = set()
ROOM: dict[str, WebSocket] = {{}}
count = 0

@app.post("/ticket/{{name}}")
async def ticket(name: str, request: Request, response: Response):
    global count
    count += 1
    claims = jwt.decode(await request.body(), "{SECRET}", algorithms=["HS256"])
    TICKETS.add(f"{{name}}-{{count}}")
    response.set_cookie("name", name)
    return {{"given": {{"ticket": f"{{name}}-{{count}}", "to": claims["sub"]}}}}

@app.post("/shut")
async def shut(request: Request):
    for member in list(ROOM.values()):
        await member.close(4401, (await request.body()).decode())

@app.websocket("/ws")
async def endpoint(websocket: WebSocket, ticket: str):
    if ticket not in TICKETS:
        await websocket.close()
        return
    TICKETS.discard(ticket)
    await websocket.accept()
    ROOM[ticket] = websocket
    try:
        await websocket.send_text(f"{{websocket.cookies.get('name')}}, {{len(ROOM)}} here")
        async for text in websocket.iter_text():
            for member in ROOM.values():
                await member.send_text(text)
    finally:
        del ROOM[ticket]

@app.get("/hang")
async def hang():
    await asyncio.sleep(3600)
'''
TICKET = (
    'http = "POST /ticket/{name}", body = "{{token.valid}}", '
    'save = {{ ticket = "json:given.ticket", name = "cookie:name" }}'
)
BLOCK = f"""
[tool.wsplay.tokens]
secret = "{SECRET}"
subject = "alice"

[[tool.wsplay.try]]
name = "alice"
before = [{{ {TICKET.format(name="alice")} }}]
query = {{ ticket = "{{saved.ticket}}" }}
headers = {{ Cookie = "name={{saved.name}}" }}

[[tool.wsplay.try]]
name = "replay"
before = [{{ connect = "alice" }}]
query = {{ ticket = "{{saved.ticket}}" }}

[[tool.wsplay.try]]
name = "third"
before = [{{ join = "alice", times = 2 }}, {{ {TICKET.format(name="carol")} }}]
query = {{ ticket = "{{saved.ticket}}" }}
headers = {{ Cookie = "name={{saved.name}}" }}
send = ["to all"]

[[tool.wsplay.try]]
name = "shut out"
before = [{{ join = "alice" }}, {{ {TICKET.format(name="carol")} }}]
query = {{ ticket = "{{saved.ticket}}" }}
send = [{{ http = "POST /shut", body = "{{saved.ticket}}" }}, {{ wait = 10 }}]

[[tool.wsplay.try]]
name = "no ticket there"
before = [{{ http = "GET /nowhere", save = {{ ticket = "json:ticket" }} }}]
query = {{ ticket = "{{saved.ticket}}" }}

[[tool.wsplay.try]]
name = "later"
before = [{{ {TICKET.format(name="alice")} }}, {{ wait = 0.3 }}]
query = {{ ticket = "{{saved.ticket}}" }}

[[tool.wsplay.try]]
name = "no answer"
before = [{{ http = "GET /hang" }}]
"""


@pytest.fixture
def room(tmp_path: Path) -> Scenario:
    block = "".join(f"# {line}\n" if line else "#\n" for line in BLOCK.strip().split("\n"))
    path = tmp_path / "room.py"
    path.write_text(f"{ROOM}\n# /// script\n{block}# ///\n", encoding="utf-8")
    scenario = parse_scenario("room", str(path), path.read_text(encoding="utf-8"))
    assert scenario.problem is None, scenario.problem
    return scenario


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server() -> AsyncIterator[Playground]:
    """One for all tests that leave it alive."""
    async with Playground() as playground:
        yield playground


@pytest_asyncio.fixture(loop_scope="module")
async def playground(server: Playground, room: Scenario) -> Playground:
    """With the room loaded anew, and with nobody in it."""
    await server.load(room)
    server.begin_run()
    return server


async def run(playground: Playground, room: Scenario, name: str, **expect: object) -> Run:
    try_ = room.get_try(name)
    assert try_ is not None
    return await run_try(
        playground,
        room,
        Try(name, try_.handshake, Expectations(Expectation.parse(expect))),
        timeout=20,
        watch=Watch(0.5),
    )


def of(run: Run, kind: str, conn: int | None = None) -> list[Event]:
    return [event for event in run.timeline if event.kind == kind and conn in (None, event.conn)]


@pytest.mark.parametrize("engine", ENGINE_NAMES)
async def test_a_ticket_is_fetched_over_http_and_used(engine: str, room: Scenario) -> None:
    async with Playground(engine=engine) as playground:
        await playground.load(room)
        result = await run(playground, room, "alice", received=["alice, 1 here"])
    assert result.expected is True, result.mismatches
    assert result.outcome.conn == 2
    assert "/ws?ticket=alice-1" in of(result, "client.connecting")[0].summary
    http = [event for event in result.timeline if event.conn == 1]
    kinds = [event.kind for event in http if not event.kind.startswith("asgi.")]
    assert kinds[:3] == ["client.request", "wire.connected", "wire.request"]
    assert {"client.response", "wire.response", "wire.eof"} <= set(kinds)
    assert {"asgi.scope", "asgi.receive", "asgi.send", "asgi.returned"} <= {event.kind for event in http}
    [request], [response] = of(result, "client.request"), of(result, "client.response")
    assert request.data["body"]["text"].count(".") == 2, "the token was minted"
    assert json.loads(response.data["body"]["text"]) == {"given": {"ticket": "alice-1", "to": "alice"}}
    assert [wire.data["body"]["text"] for wire in of(result, "wire.request", 1)] == [
        request.data["body"]["text"]
    ]


async def test_a_replay_uses_what_was_saved_and_only_the_second_is_graded(
    playground: Playground, room: Scenario
) -> None:
    result = await run(playground, room, "replay", status=403, opened=False, received=[])
    assert result.expected is True, result.mismatches
    first, second = of(result, "client.connecting")
    assert first.data["url"] == second.data["url"]
    assert result.outcome.conn == second.conn
    assert of(result, "client.closed", first.conn), "the first was left before the second began"
    assert of(result, "client.closed", first.conn)[0].t_ns < second.t_ns


async def test_those_who_joined_stay_until_the_end(playground: Playground, room: Scenario) -> None:
    result = await run(playground, room, "third", received=["carol, 3 here", "to all"])
    assert result.expected is True, result.mismatches
    others = [event.conn for event in of(result, "client.connecting")][:-1]
    assert len(others) == 2
    own_end = of(result, "client.closed", result.outcome.conn)[0]
    for conn in others:
        assert "to all" in [event.data.get("text") for event in of(result, "client.received", conn)]
        [end] = of(result, "client.closed", conn)
        assert end.t_ns > own_end.t_ns
        assert of(result, "asgi.returned", conn), "the server's side of it came to its end, too"
    again = await run(playground, room, "alice", received=["alice, 1 here"])
    assert again.expected is True, "nobody was left behind"
    assert again.outcome.conn == 2, "numbers begin again"


async def test_an_http_step_is_taken_while_connected(playground: Playground, room: Scenario) -> None:
    result = await run(
        playground,
        room,
        "shut out",
        close={"code": 4401, "reason": "carol-2", "by": "server"},
        ended="closed",
    )
    assert result.expected is True, result.mismatches
    shut = of(result, "client.request")[-1]
    assert shut.data["target"] == "/shut"
    assert shut.t_ns > of(result, "client.open", result.outcome.conn)[0].t_ns


async def test_a_value_that_was_not_answered_stops_the_run_and_says_why(
    playground: Playground, room: Scenario
) -> None:
    with pytest.raises(SetupError, match=r"GET /nowhere was answered 404 Not Found") as raised:
        await run(playground, room, "no ticket there")
    assert "{saved.ticket}" in str(raised.value)
    assert (await run(playground, room, "alice", received=["alice, 1 here"])).expected


async def test_a_wait_lets_time_pass(playground: Playground, room: Scenario) -> None:
    result = await run(playground, room, "later")
    [answered], [connecting] = of(result, "client.response"), of(result, "client.connecting")
    assert connecting.t_ns - answered.t_ns >= 0.29e9


async def test_what_comes_before_has_a_limit(playground: Playground, room: Scenario) -> None:
    try_ = room.get_try("no answer")
    assert try_ is not None
    with pytest.raises(SetupError, match=r"more than 0\.3 s"):
        await run_setup(playground, room, try_.handshake.before, limit=0.3)


async def test_when_it_fails_those_who_joined_are_left(playground: Playground, room: Scenario) -> None:
    third, bad = room.get_try("third"), room.get_try("no answer")
    assert third is not None
    assert bad is not None
    with pytest.raises(SetupError):
        await run_setup(playground, room, (*third.handshake.before, *bad.handshake.before), limit=3)
    async with asyncio.timeout(20):
        while playground.is_open(2) or playground.is_open(4):
            await asyncio.sleep(0.01)


async def test_a_front_end_can_do_it_step_by_step(playground: Playground, room: Scenario) -> None:
    try_ = room.get_try("third")
    assert try_ is not None
    setup = await run_setup(playground, room, try_.handshake.before, limit=20)
    assert setup.saved == {"ticket": "carol-3", "name": "carol"}
    assert [session.open for session in setup.joined] == [True, True]
    handshake = setup.fill(try_.handshake)
    assert handshake.query == (("ticket", "carol-3"),)
    joined = setup.joined
    await setup.disconnect()
    assert [session.open for session in joined] == [False, False]
    assert setup.joined == []


async def test_a_child_that_dies_meanwhile_is_still_told_of(room: Scenario) -> None:
    source = room.source.replace("global count", "import os; os._exit(3)")
    async with Playground() as playground:
        await playground.load(room, source)
        with pytest.raises(SetupError, match="got no response"):
            await run(playground, room, "alice")


async def wsplay(*args: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "wsplay", *args]
    return await asyncio.to_thread(
        subprocess.run, command, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL
    )


async def test_the_command_line_runs_them_and_numbers_the_connections(room: Scenario) -> None:
    good = await wsplay("run", room.file, "--try", "third")
    assert good.returncode == 0, good.stderr
    assert "#6 client" in good.stdout


async def test_the_command_line_says_what_it_could_not_run(room: Scenario) -> None:
    bad = await wsplay("run", room.file, "--try", "no ticket there")
    assert bad.returncode == 3
    assert "GET /nowhere was answered 404" in bad.stderr
    every = await wsplay("run", room.file, "--all", "--json", "--timeout", "4")
    assert every.returncode == 3
    lines = [json.loads(line) for line in every.stdout.splitlines()]
    assert [line["try"] for line in lines if line["kind"] == "problem"] == ["no ticket there", "no answer"]
    assert lines[-1]["broken"] == 2
    assert len(lines) == len(room.tries) + 1
