import asyncio
import os
import signal
import socket
from collections.abc import AsyncIterator, Callable

import pytest

from wsplay.events.event import Event
from wsplay.play.playground import Playground, PortError
from wsplay.protocol.engine import ENGINE_NAMES
from wsplay.protocol.handshake import Handshake
from wsplay.scenario.file import Scenario
from wsplay.server.parent.errors import LoadError

pytestmark = pytest.mark.slow

WriteScenario = Callable[..., Scenario]
LIMIT = 20.0


class Recorder:
    def __init__(self) -> None:
        self.events: list[Event] = []

    def __call__(self, event: Event) -> None:
        self.events.append(event)

    def of(self, kind: str, conn: int | None = None) -> list[Event]:
        return [e for e in self.events if e.kind == kind and (conn is None or e.conn == conn)]

    async def until(self, kind: str, count: int = 1, conn: int | None = None) -> list[Event]:
        async with asyncio.timeout(LIMIT):
            while len(self.of(kind, conn)) < count:
                await asyncio.sleep(0.01)
        return self.of(kind, conn)


@pytest.fixture
def seen() -> Recorder:
    return Recorder()


@pytest.fixture
async def playground(seen: Recorder) -> AsyncIterator[Playground]:
    async with Playground(seen) as playground:
        yield playground


async def test_one_refused_run_is_seen_from_all_four_lanes_in_order_of_time(
    playground: Playground, seen: Recorder, write_scenario: WriteScenario
) -> None:
    await playground.load(write_scenario("await websocket.close(code=1008)"))
    playground.begin_run()
    seen.events.clear()
    session = await playground.connect(Handshake())
    await session.disconnect()
    await playground.sync()
    [close] = seen.of("asgi.send", 1)
    assert close.data["message"]["code"] == 1008
    assert close.source is not None
    assert (close.source.line, close.source.function) == (7, "endpoint")
    assert [e.data["status"] for e in seen.of("wire.response", 1)] == [403]
    assert seen.of("client.error", 1)[0].data["type"] == "websockets.exceptions.InvalidStatus"
    kinds = [e.kind for e in seen.events if e.conn == 1]
    order = [
        "client.connecting",
        "wire.connected",
        "wire.request",
        "asgi.scope",
        "asgi.send",
        "wire.response",
    ]
    assert [kind for kind in kinds if kind in order] == order
    times = [e.t_ns for e in seen.events if e.conn == 1]
    assert times == sorted(times)


async def test_a_flood_from_both_processes_is_handed_over_in_order_of_time(
    seen: Recorder, write_scenario: WriteScenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Whatever the machine is busy with: each source is waited for, so only a broken promise shows.
    monkeypatch.setattr("wsplay.events.merge.MAX_WAIT", 2_000)
    monkeypatch.setattr("wsplay.events.merge.MAX_LAG", 4_000)
    body = (
        "import logging\nawait websocket.accept()\n"
        "async for text in websocket.iter_text():\n"
        "    print(text)\n    logging.warning(text)\n    await websocket.send_text(text)"
    )
    async with Playground(seen) as playground:
        await playground.load(write_scenario(body))
        await playground.sync()
        session = await playground.connect(Handshake(open_timeout=20))
        for number in range(400):
            await session.send_text(str(number))
            if number % 40 == 0:
                await asyncio.sleep(0.01)
        await seen.until("client.received", 400)
        await session.disconnect()
    assert len(seen.of("server.print")) == 400
    assert sum(e.data["logger"] == "root" for e in seen.of("server.log")) == 400
    times = [e.t_ns for e in seen.events]
    assert times == sorted(times)


async def test_events_go_on_though_the_server_s_process_says_nothing(
    playground: Playground, seen: Recorder, write_scenario: WriteScenario
) -> None:
    await playground.load(write_scenario("await websocket.accept()\nawait websocket.receive_text()"))
    session = await playground.connect(Handshake(open_timeout=20))
    await playground.sync()
    assert playground._server.pid is not None
    os.kill(playground._server.pid, signal.SIGSTOP)
    try:
        await session.ping(b"anyone there?")
        await seen.until("client.sent")
        assert any(e.data.get("name") == "ping" for e in await seen.until("wire.frame"))
    finally:
        os.kill(playground._server.pid, signal.SIGCONT)
    await session.disconnect()


async def test_the_server_s_log_and_prints_are_events(
    playground: Playground, seen: Recorder, write_scenario: WriteScenario
) -> None:
    await playground.load(write_scenario('print("\\x1b[2Jboo")\nawait websocket.accept()'))
    session = await playground.connect(Handshake())
    await session.disconnect()
    [printed] = await seen.until("server.print")
    assert printed.data["text"] == "\x1b[2Jboo"
    assert printed.summary.isprintable()
    assert await seen.until("server.log")


@pytest.mark.parametrize("engine", ENGINE_NAMES)
async def test_a_raw_socket_sees_what_the_wire_lane_shows(
    engine: str, seen: Recorder, write_scenario: WriteScenario
) -> None:
    async with Playground(seen, engine=engine) as playground:
        await playground.load(write_scenario("await websocket.close(code=1008)"))
        reader, writer = await asyncio.open_connection(*playground.address)
        writer.write(
            b"GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"X-Twice: 1\r\nx-twice: 2\r\n"
            b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        )
        async with asyncio.timeout(LIMIT):
            head = await reader.readuntil(b"\r\n\r\n")
        writer.close()
        await writer.wait_closed()
        [request] = await seen.until("wire.request")
        [response] = await seen.until("wire.response")
        assert [h for h in request.data["headers"] if h[0].lower() == "x-twice"] == [
            ["X-Twice", "1"],
            ["x-twice", "2"],
        ]
        assert head.startswith(f"HTTP/1.1 {response.data['status']} ".encode())
        sent = [tuple(line.split(b": ", 1)) for line in head.split(b"\r\n")[1:-2]]
        assert [(n.encode(), v.encode()) for n, v in response.data["headers"]] == sent
        assert not playground.is_ours(request.conn)


async def test_other_clients_are_numbered_and_told_apart(
    playground: Playground, seen: Recorder, write_scenario: WriteScenario
) -> None:
    await playground.load(write_scenario("await websocket.accept()\nawait websocket.receive_text()"))
    playground.begin_run()
    session = await playground.connect(Handshake())
    other = socket.create_connection(playground.address)
    try:
        connected = await seen.until("wire.connected", count=2)
        assert [e.conn for e in connected] == [1, 2]
        assert (playground.is_ours(1), playground.is_ours(2)) == (True, False)
    finally:
        other.close()
        await session.disconnect()


async def test_events_are_numbered_once_from_one_in_each_run(
    playground: Playground, seen: Recorder, write_scenario: WriteScenario
) -> None:
    await playground.load(write_scenario("await websocket.close(code=1008)"))
    for _ in range(2):
        playground.begin_run()
        assert [e.seq for e in playground.standing] == [0, 0]
        seen.events.clear()
        await (await playground.connect(Handshake())).disconnect()
        await seen.until("asgi.returned")
        await playground.sync()
        assert [e.seq for e in seen.events] == list(range(1, len(seen.events) + 1))


async def test_a_run_can_be_resumed_after_another(
    playground: Playground, seen: Recorder, write_scenario: WriteScenario
) -> None:
    await playground.load(write_scenario("await websocket.close(code=1008)"))
    playground.begin_run()
    session = await playground.connect(Handshake())
    await session.disconnect()
    await seen.until("wire.eof", conn=1, count=2)
    await playground.sync()
    first, number = playground.run, seen.events[-1].seq
    playground.begin_run()
    assert playground.run.events == 0
    playground.resume_run(first)
    seen.events.clear()
    other = await playground.connect(Handshake())
    await other.disconnect()
    await playground.sync()
    assert (session.conn, other.conn) == (1, 2)
    assert [e.seq for e in seen.events] == list(range(number + 1, number + len(seen.events) + 1))


async def test_what_is_loaded_is_what_the_child_says_though_nobody_waits_for_it(
    playground: Playground, write_scenario: WriteScenario
) -> None:
    assert playground.loaded is None
    good = write_scenario("await websocket.close(4001)", "good")
    slow = write_scenario("pass", "slow", "time.sleep(0.5)\n")
    fails = write_scenario("pass", "fails", "raise RuntimeError('no')\n")
    await playground.load(good)
    assert playground.loaded is good
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await playground.load(slow)
    assert playground.loaded is good
    with pytest.raises(LoadError):
        await playground.load(fails)
    assert playground.loaded is slow
    assert slow.file in playground.files
    await playground.restart()
    assert playground.loaded is slow
    os.kill(playground._server.pid or 0, signal.SIGKILL)
    async with asyncio.timeout(LIMIT):
        while playground.loaded is not None:
            await asyncio.sleep(0.01)


async def test_a_broken_scenario_leaves_the_last_good_one_loaded(
    playground: Playground, seen: Recorder, write_scenario: WriteScenario
) -> None:
    good = write_scenario("await websocket.accept()\nawait websocket.send_text('still here')")
    await playground.load(good)
    with pytest.raises(LoadError) as caught:
        await playground.load(good, source="def endpoint(:\n")
    assert caught.value.line == 1
    session = await playground.connect(Handshake())
    [message] = await seen.until("client.received")
    assert message.data["text"] == "still here"
    await session.disconnect()


async def test_a_dead_child_is_seen_and_restart_goes_on_under_the_same_address(
    playground: Playground, seen: Recorder, write_scenario: WriteScenario
) -> None:
    await playground.load(
        write_scenario(
            "await websocket.accept()\nif 'die' in websocket.query_params:\n    os._exit(3)\n"
            "await websocket.send_text('alive')"
        )
    )
    address = playground.address
    session = await playground.connect(Handshake(query=(("die", "1"),)))
    [gone] = await seen.until("server.exited")
    assert (gone.data["code"], gone.data["expected"]) == (3, False)
    await session.disconnect()
    assert not playground.alive
    await playground.restart()
    assert playground.address == address
    session = await playground.connect(Handshake())
    await seen.until("client.received")
    await session.disconnect()


async def test_the_engine_changes_under_the_same_address(
    playground: Playground, seen: Recorder, write_scenario: WriteScenario
) -> None:
    await playground.load(write_scenario("await websocket.accept()\nawait websocket.send_text('hi')"))
    address = playground.address
    await playground.use_engine("uvicorn-wsproto")
    assert (playground.engine, playground.address) == ("uvicorn-wsproto", address)
    session = await playground.connect(Handshake())
    await seen.until("client.received")
    await session.disconnect()


async def test_a_taken_port_is_named_with_what_to_pass_instead() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        playground = Playground(port=port)
        with pytest.raises(PortError, match=rf"{port}.*--port"):
            await playground.start()


async def test_nothing_is_left_behind(seen: Recorder, write_scenario: WriteScenario) -> None:
    before = asyncio.all_tasks()
    async with Playground(seen) as playground:
        await playground.load(write_scenario("await websocket.accept()\nawait websocket.receive_text()"))
        await playground.connect(Handshake())
        address = playground.address
    assert asyncio.all_tasks() == before
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(address, timeout=LIMIT)
    assert seen.of("server.exited")[0].data["expected"] is True


async def test_two_playgrounds_at_once_do_not_meet(write_scenario: WriteScenario) -> None:
    first, second = Recorder(), Recorder()
    async with Playground(first) as one, Playground(second) as two:
        await one.load(write_scenario("await websocket.close(code=1008)", name="one"))
        await two.load(write_scenario("await websocket.accept()\nawait websocket.close()", name="two"))
        for playground in (one, two):
            session = await playground.connect(Handshake())
            await session.disconnect()
            await playground.sync()
    assert [e.data["status"] for e in first.of("wire.response")] == [403]
    assert [e.data["status"] for e in second.of("wire.response")] == [101]
