"""Real servers, held at every boundary: on each engine, with our own clients and with others."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from wsplay.events.event import Event, Lane
from wsplay.play.playground import Playground, Session
from wsplay.play.runner import Run, run_try
from wsplay.protocol.engine import ENGINE_NAMES
from wsplay.protocol.handshake import Handshake
from wsplay.protocol.hold_points import ALL, parse_points
from wsplay.protocol.steps import SendText
from wsplay.protocol.waiting import Waiting
from wsplay.scenario.expectations import Expectations
from wsplay.scenario.file import Scenario, Try
from wsplay.scenario.library import Library
from wsplay.verdict.expectation import Expectation

pytestmark = pytest.mark.slow

WriteScenario = Callable[..., Scenario]
LIMIT = 20.0
ECHO = (
    "await websocket.accept()\nasync for text in websocket.iter_text():\n    await websocket.send_text(text)"
)
#: What differs from run to run, held or not.
VOLATILE = ("held_ms", "watched_ms", "evidence", "conn")


class Ground:
    """A playground with a scenario, and all its events."""

    def __init__(self, engine: str) -> None:
        self.events: list[Event] = []
        self.playground = Playground(self.events.append, engine=engine)

    async def until(self, true: Callable[[], object]) -> None:
        async with asyncio.timeout(LIMIT):
            while not true():
                await asyncio.sleep(0.005)

    def of(self, kind: str) -> list[Event]:
        return [event for event in self.events if event.kind == kind]

    async def waits(self, about: str) -> Waiting:
        def found() -> Waiting | None:
            return next((each for each in self.playground.holding.waiting if about in each.about), None)

        await self.until(found)
        waiting = found()
        assert waiting is not None
        return waiting

    async def hold(self, *points: str) -> None:
        """Hold, from the next message on: the server's process knows of it by then."""
        self.playground.hold(parse_points(points))
        assert await self.playground.sync()

    async def told(self, *kinds: str) -> list[Event]:
        """All events of these kinds so far."""
        await self.playground.sync()
        return [event for event in self.events if event.kind in kinds]

    async def step(self, *about: str) -> None:
        for each in about:
            assert self.playground.step((await self.waits(each)).id)

    def connecting(self, handshake: Handshake | None = None) -> asyncio.Task[Session]:
        return asyncio.ensure_future(
            self.playground.connect(handshake or Handshake(open_timeout=20, compression=False))
        )


@pytest.fixture(params=ENGINE_NAMES)
async def ground(request: pytest.FixtureRequest) -> AsyncIterator[Ground]:
    made = Ground(request.param)
    async with made.playground:
        yield made


@pytest.fixture
async def one_ground() -> AsyncIterator[Ground]:
    made = Ground("uvicorn")
    async with made.playground:
        yield made


async def stepped_through(playground: Playground, scenario: Scenario, try_: Try) -> tuple[Run, list[Waiting]]:
    """A run that is held at every boundary, and what was held."""
    waited = []

    async def step() -> None:
        while True:
            waited.append(await playground.holding.next_waiting())
            assert playground.step()

    stepping = asyncio.ensure_future(step())
    try:
        playground.hold(ALL)
        return await run_try(playground, scenario, try_), waited
    finally:
        playground.let_go()
        stepping.cancel()


def outcome(run: Run) -> dict[str, object]:
    return {key: value for key, value in run.to_json().items() if key not in VOLATILE}


SAME = [
    ("close_before_accept", "no token"),
    ("accept_then_close", ""),
    ("one_time_ticket", ""),
    ("ask_by_message", ""),
    ("no_auth", ""),
]


@pytest.mark.parametrize(("name", "try_name"), SAME)
async def test_a_run_stepped_through_every_boundary_ends_as_one_that_is_not_held(
    ground: Ground, library: Library, name: str, try_name: str
) -> None:
    scenario = library.get(name)
    try_ = next(each for each in scenario.tries if try_name in ("", each.name))
    await ground.playground.load(scenario)
    plain = await run_try(ground.playground, scenario, try_)
    held, waited = await stepped_through(ground.playground, scenario, try_)
    assert outcome(held) == outcome(plain)
    assert held.expected is plain.expected
    assert plain.to_json()["held_ms"] == 0
    assert held.outcome.facts.changed_by_hand is False
    own = [event for event in held.timeline if event.kind in ("wire.held", "asgi.held")]
    assert len(own) == 2 * len(waited), "each wait has a beginning and an end"
    assert {each.lane for each in waited} >= {Lane.WIRE}


async def test_every_boundary_of_an_echo_waits_in_turn(ground: Ground, write_scenario: WriteScenario) -> None:
    await ground.playground.load(write_scenario(ECHO))
    await ground.hold("all")
    connecting = ground.connecting()
    await ground.step("GET /ws", "websocket.connect", "websocket.accept", "HTTP/1.1 101")
    session = await connecting
    assert session.open
    await session.send_text("hi")
    accept = await ground.told("asgi.held")
    await ground.step('text 2 B "hi"', "websocket.receive", "websocket.send", 'text 2 B "hi"')
    await ground.until(lambda: ground.of("client.received"))
    assert {(e.source.file, e.source.line) for e in accept if e.source is not None} == {("probe.py", 7)}
    held = await ground.told("asgi.held")
    line = [e.source.line for e in held if "websocket.send" in e.summary and e.source]
    assert line == [9, 9], "the line that sends is lit while it waits, and when it is stepped"
    ground.playground.let_go()
    await session.close()
    await session.disconnect()


async def test_what_was_dropped_does_not_arrive_and_the_app_goes_on(
    ground: Ground, write_scenario: WriteScenario
) -> None:
    await ground.playground.load(write_scenario(ECHO))
    session = await ground.connecting()
    await ground.hold("asgi")
    await session.send_text("one")
    assert ground.playground.drop((await ground.waits("websocket.receive")).id)
    await session.send_text("two")
    await ground.step('"two"')
    assert ground.playground.drop((await ground.waits("websocket.send")).id)
    await session.send_text("three")
    await ground.step("websocket.receive", "websocket.send")
    await ground.until(lambda: ground.of("client.received"))
    assert [event.data["text"] for event in ground.of("client.received")] == ["three"]
    ground.playground.let_go()
    await session.disconnect()


async def test_a_long_hold_outlives_pings_and_time_limits_of_server_and_app(
    ground: Ground, write_scenario: WriteScenario
) -> None:
    body = (
        "loop = asyncio.get_running_loop()\n"
        "await websocket.accept()\n"
        "try:\n"
        "    async with asyncio.timeout(0.3):\n"
        "        before = loop.time()\n"
        "        text = await websocket.receive_text()\n"
        "        await websocket.send_text(f'{text} {loop.time() - before:.3f}')\n"
        "except TimeoutError:\n"
        "    await websocket.send_text('timed out')"
    )
    await ground.playground.load(write_scenario(body))
    session = await ground.connecting()
    await ground.hold("asgi")
    await session.send_text("hi")
    await ground.waits("websocket.receive")
    await asyncio.sleep(0.8)  # as long as a person may think: the point of this test
    await ground.step("websocket.receive")
    await ground.waits("websocket.send")
    await asyncio.sleep(0.4)
    await ground.step("websocket.send")
    await ground.until(lambda: ground.of("client.received"))
    [received] = ground.of("client.received")
    word, seconds = received.data["text"].split()
    assert word == "hi"
    assert float(seconds) < 0.3, "the server's clock stood still"
    await session.disconnect()


async def test_the_limits_of_our_own_client_and_of_the_run_stand_still(
    one_ground: Ground, write_scenario: WriteScenario
) -> None:
    playground = one_ground.playground
    scenario = write_scenario("await websocket.accept()\nawait websocket.close()")
    await playground.load(scenario)
    playground.hold(ALL)

    async def step_slowly() -> None:
        while True:
            waiting = await playground.holding.next_waiting()
            assert playground.holding.still
            await asyncio.sleep(0.25)  # longer than every limit, once for each of eight boundaries
            playground.step(waiting.id)

    stepping = asyncio.ensure_future(step_slowly())
    handshake = Handshake(open_timeout=0.4, close_timeout=0.2)
    run = await run_try(playground, scenario, Try("", handshake), timeout=0.5)
    stepping.cancel()
    assert run.outcome.ended == "closed"
    assert run.outcome.held_ms >= 1500
    assert not playground.holding.still
    assert not [e for e in run.timeline if e.kind == "client.error"]


async def test_a_receive_that_is_cancelled_while_held_keeps_its_message(
    ground: Ground, write_scenario: WriteScenario
) -> None:
    body = (
        "await websocket.accept()\n"
        "first = asyncio.ensure_future(websocket.receive_text())\n"
        "while not os.path.exists(websocket.query_params['go']):\n"
        "    await asyncio.get_running_loop().run_in_executor(None, time.sleep, 0.01)\n"
        "first.cancel()\n"
        "await asyncio.wait([first])\n"
        "await websocket.send_text(f'{first.cancelled()} {await websocket.receive_text()}')"
    )
    scenario = write_scenario(body)
    go = Path(scenario.file).with_suffix(".go")
    await ground.playground.load(scenario)
    session = await ground.connecting(Handshake(query=(("go", str(go)),), open_timeout=20))
    await ground.hold("asgi")
    await session.send_text("kept")
    waiting = await ground.waits("websocket.receive")
    go.touch()
    await ground.playground.sync()
    await asyncio.sleep(0.1)
    assert waiting in ground.playground.holding.waiting, "it waits on"
    await ground.step("websocket.receive", "True kept")
    await ground.until(lambda: ground.of("client.received"))
    assert [event.data["text"] for event in ground.of("client.received")] == ["True kept"]
    await session.disconnect()


HEADS = [
    (lambda head: head.replace(b"/ws", b"/nowhere"), 403),
    (lambda head: head.replace(b"Upgrade: websocket\r\n", b""), 404),
    (lambda head: head.replace(b"\r\n\r\n", b"\r\nHost: two\r\n\r\n"), 400),
    (lambda head: head.replace(b"\r\n\r\n", b"\r\nX-Tag: a\r\nx-tag: b\r\nX-TAG: c\r\n\r\n"), 101),
]


@pytest.mark.parametrize("which", range(len(HEADS)))
async def test_an_edited_head_is_what_the_server_sees(
    ground: Ground, write_scenario: WriteScenario, which: int
) -> None:
    edit, status = HEADS[which]
    body = "await websocket.accept()\nawait websocket.send_text(str(websocket.headers.getlist('x-tag')))"
    scenario = write_scenario(body)
    await ground.playground.load(scenario)
    await ground.hold("wire")
    running = asyncio.ensure_future(
        run_try(
            ground.playground,
            scenario,
            Try("", Handshake(open_timeout=20), Expectations(Expectation.parse({"ended": "timeout"}))),
        )
    )
    waiting = await ground.waits("GET /ws")
    assert waiting.head is not None
    assert ground.playground.edit(waiting.id, edit(waiting.head))
    assert not ground.playground.edit(waiting.id, b"GET / HTTP/1.1\r\n\r\n"), "it waits no more"
    ground.playground.let_go()
    run = await running
    [edited] = [event for event in run.timeline if event.kind == "wire.edited"]
    [request] = [event for event in run.timeline if event.kind == "wire.request"]
    assert edited.data["before"]["text"].encode() == waiting.head
    assert edited.data["after"]["text"].encode() == edit(waiting.head)
    assert request.seq > edited.seq
    responses = [event.data["status"] for event in run.timeline if event.kind == "wire.response"]
    assert responses == [status]
    assert run.outcome.status == status
    assert run.expected is None, "a person has changed it, so what the try expects does not count"
    if status == 101:
        assert [message.text for message in run.outcome.received] == ["['a', 'b', 'c']"]


async def test_two_connections_are_held_each_by_itself(ground: Ground, write_scenario: WriteScenario) -> None:
    await ground.playground.load(write_scenario(ECHO))
    await ground.hold("accept")
    one, two = ground.connecting(), ground.connecting()
    await ground.until(lambda: len(ground.playground.holding.waiting) == 2)
    first, second = ground.playground.holding.waiting
    assert first.conn != second.conn
    ground.playground.step(second.id)
    await ground.step("HTTP/1.1 101")
    done, _ = await asyncio.wait({one, two}, timeout=LIMIT, return_when=asyncio.FIRST_COMPLETED)
    [opened] = done
    assert opened.result().conn == second.conn
    assert opened.result().open
    assert len(ground.playground.holding.waiting) == 1
    ground.playground.let_go()
    for task in (one, two):
        session = await task
        assert session.open
        await session.disconnect()


async def test_a_foreign_client_s_handshake_is_held_and_let_go(
    ground: Ground, write_scenario: WriteScenario
) -> None:
    await ground.playground.load(write_scenario("await websocket.accept()\nawait websocket.close(4001)"))
    await ground.hold("all")
    reader, writer = await asyncio.open_connection(*ground.playground.address)
    writer.write(
        b"GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )
    await ground.step("GET /ws", "websocket.connect", "websocket.accept")
    await ground.waits("HTTP/1.1 101")
    ground.playground.let_go()
    async with asyncio.timeout(LIMIT):
        head = await reader.readuntil(b"\r\n\r\n")
        assert b" 101 " in head
        assert await reader.readexactly(4) == b"\x88\x02\x0f\xa1"
    writer.close()


@pytest.mark.parametrize("about", ["GET /ws", "websocket.accept", "HTTP/1.1 101"])
async def test_disconnecting_while_held_leaves_nothing(
    ground: Ground, write_scenario: WriteScenario, about: str
) -> None:
    await ground.playground.load(write_scenario(ECHO))
    points = {"GET /ws": ["wire"], "websocket.accept": ["accept"], "HTTP/1.1 101": ["wire"]}[about]
    await ground.hold(*points)
    connecting = ground.connecting()
    if about == "HTTP/1.1 101":
        await ground.step("GET /ws")
    await ground.waits(about)
    async with asyncio.timeout(LIMIT):
        for session in list(ground.playground._sessions):
            await session.disconnect()
        await connecting
        await ground.until(lambda: not ground.playground.holding.waiting)
        await ground.until(lambda: not ground.playground.holding.still)
        await ground.until(lambda: ground.of("asgi.scope") == [] or ground.of("asgi.returned"))
    ends = [event.data["phase"] for event in await ground.told("wire.held", "asgi.held")]
    assert ends.count("waits") * 2 == len(ends)
    assert "dropped" in ends
    ground.playground.let_go()
    again = await ground.connecting()
    assert again.open
    await again.disconnect()


async def test_another_scenario_drops_what_is_held_and_holding_goes_on(
    ground: Ground, write_scenario: WriteScenario
) -> None:
    old = write_scenario("await websocket.accept()\nawait websocket.receive_text()", "old")
    new = write_scenario("await websocket.accept()\nawait websocket.close(4002)", "new")
    await ground.playground.load(old)
    session = await ground.connecting()
    await ground.hold("asgi", "line:8")
    await session.send_text("x")
    await ground.waits("websocket.receive")
    async with asyncio.timeout(LIMIT):
        await ground.playground.load(new)
        await session.closed()
    await session.disconnect()
    await ground.until(lambda: not ground.playground.holding.waiting)
    connecting = ground.connecting()
    await ground.step("websocket.connect", "websocket.accept", "websocket.close 4002")
    await (await connecting).closed()


@pytest.mark.parametrize("how", ["restart", "engine", "death"])
async def test_what_the_server_held_ends_with_its_process(
    one_ground: Ground, write_scenario: WriteScenario, how: str
) -> None:
    playground = one_ground.playground
    await playground.load(write_scenario(ECHO))
    await one_ground.hold("asgi")
    connecting = one_ground.connecting()
    await one_ground.waits("websocket.connect")
    pid = playground._server.pid
    assert pid is not None
    async with asyncio.timeout(LIMIT):
        if how == "restart":
            await playground.restart()
        elif how == "engine":
            await playground.use_engine("uvicorn-wsproto")
        else:
            os.kill(pid, 9)
        await one_ground.until(lambda: not playground.holding.waiting)
        await connecting
    held = await one_ground.told("asgi.held")
    assert [event.data["phase"] for event in held] == ["waits", "dropped"]
    if how == "death":
        await playground.restart()
    again = one_ground.connecting()
    await one_ground.step("websocket.connect", "websocket.accept")
    session = await again
    assert session.open
    ids = [event.data["id"] for event in await one_ground.told("asgi.held")]
    assert ids == [1, 1, 2, 2, 3, 3], "each id is given once"
    await session.disconnect()


@pytest.mark.parametrize("points", ["asgi", "wire", "all"])
async def test_quitting_while_held_leaves_no_child_and_no_port(
    write_scenario: WriteScenario, points: str
) -> None:
    ground = Ground("uvicorn")
    async with asyncio.timeout(LIMIT):
        await ground.playground.start()
        await ground.playground.load(write_scenario(ECHO))
        await ground.hold(points)
        connecting = ground.connecting()
        await ground.playground.holding.next_waiting()
        pid, address = ground.playground._server.pid, ground.playground.address
        assert pid is not None
        await ground.playground.aclose()
        await connecting
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    with socket.socket() as sock:
        assert sock.connect_ex(address) != 0
    assert ground.of("server.exited")[-1].data["code"] == 0, "it was not killed: it stopped by itself"


async def test_a_signal_ends_a_server_that_stands_still(
    one_ground: Ground, write_scenario: WriteScenario
) -> None:
    await one_ground.playground.load(write_scenario(ECHO))
    await one_ground.hold("asgi")
    connecting = one_ground.connecting()
    await one_ground.waits("websocket.connect")
    pid = one_ground.playground._server.pid
    assert pid is not None
    os.kill(pid, 15)
    await one_ground.until(lambda: one_ground.of("server.exited"))
    await connecting
    assert not one_ground.playground.holding.waiting


async def test_a_line_holds_what_is_sent_from_it_and_nothing_else(
    one_ground: Ground, write_scenario: WriteScenario
) -> None:
    scenario = write_scenario(
        "await websocket.accept()\nawait websocket.send_text('a')\nawait websocket.close()"
    )
    await one_ground.playground.load(scenario)
    await one_ground.hold("line:8")
    session = await one_ground.connecting()
    await one_ground.step("websocket.send")
    await session.closed()
    held = await one_ground.told("asgi.held")
    assert [event.data["about"][:14] for event in held] == ["websocket.send"] * 2
    await one_ground.hold("line:other.py:8")
    session = await one_ground.connecting()
    await session.closed()
    assert not one_ground.playground.holding.waiting


async def test_what_is_not_there_cannot_be_decided(one_ground: Ground) -> None:
    playground = one_ground.playground
    assert not playground.step()
    assert not playground.step(7)
    assert not playground.drop()
    assert not playground.edit(7, b"x")
    playground.let_go()
    playground.spare(None)
    playground.spare(99)


async def test_a_run_with_steps_of_its_own_is_watched_for_as_long_as_it_lasts(
    one_ground: Ground, write_scenario: WriteScenario
) -> None:
    scenario = write_scenario(ECHO)
    await one_ground.playground.load(scenario)
    try_ = Try("", Handshake(open_timeout=20, steps=(SendText("a"), SendText("b"))))
    run, waited = await stepped_through(one_ground.playground, scenario, try_)
    assert [message.text for message in run.outcome.received] == ["a", "b"]
    assert run.outcome.ended == "open"
    assert len(waited) >= 12


async def test_what_is_left_of_an_ended_connection_ends_with_the_next_run(
    ground: Ground, write_scenario: WriteScenario
) -> None:
    await ground.playground.load(write_scenario(ECHO))
    session = await ground.connecting()
    await ground.hold("asgi")
    async with asyncio.timeout(LIMIT):
        await session.close()
    await ground.waits("websocket.disconnect")
    await ground.until(lambda: not ground.playground.is_open(session.conn))
    ground.playground.begin_run()
    await ground.until(lambda: not ground.playground.holding.waiting)
    held = await ground.told("asgi.held")
    assert [event.data["phase"] for event in held] == ["waits", "let_go"], "the app learns of the end"
    await ground.until(lambda: ground.of("asgi.returned"))
    await session.disconnect()
