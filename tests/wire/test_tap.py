"""The tap against real sockets: bytes, ends and resets pass as they come, and are told in order."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import socket
import struct
import time
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from wsplay.events.event import Direction, Event, Lane
from wsplay.wire.connections import Connections
from wsplay.wire.decode import Conversation
from wsplay.wire.proxy_socket import HIGH_WATER
from wsplay.wire.tap import Tap

LIMIT = 20.0
Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Setup:
    """A tap, its events, and servers and clients at both of its ends."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.connections = Connections()
        self.tap = Tap(self.events.append, connections=self.connections)
        self.servers: list[asyncio.Server] = []
        self.writers: list[asyncio.StreamWriter] = []

    async def serve(self, handler: Handler) -> None:
        """Start a server with `handler`, and send the tap's clients there."""

        async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self.writers.append(writer)
            with contextlib.suppress(ConnectionError):
                await handler(reader, writer)

        server = await asyncio.start_server(handle, "127.0.0.1", 0, backlog=512)
        self.servers.append(server)
        self.tap.upstream = server.sockets[0].getsockname()
        if self.tap._server is None:
            await self.tap.start("127.0.0.1", 0)

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection(*self.tap.address)
        self.writers.append(writer)
        return reader, writer

    async def close(self) -> None:
        await self.tap.aclose(0.2)
        for server in self.servers:
            server.close()
        for writer in self.writers:
            writer.transport.abort()
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    def kinds(self, conn: int | None = None) -> list[str]:
        self.tap.recorder.flush()
        return [event.kind for event in self.events if conn is None or event.conn == conn]

    def of(self, kind: str) -> list[Event]:
        self.tap.recorder.flush()
        return [event for event in self.events if event.kind == kind]


async def eventually(holds: Callable[[], object]) -> None:
    deadline = time.monotonic() + LIMIT
    while not holds():
        assert time.monotonic() < deadline, "did not come true in time"
        await asyncio.sleep(0.005)


async def soon(awaitable: Awaitable[object]) -> object:
    return await asyncio.wait_for(awaitable, LIMIT)


def reset(writer: asyncio.StreamWriter) -> None:
    sock = writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


@pytest.fixture
async def setup() -> AsyncIterator[Setup]:
    setup = Setup()
    yield setup
    await setup.close()


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65_536):
        writer.write(data)
        await writer.drain()
    writer.write_eof()


async def test_a_connection_told_from_its_first_byte_to_its_last(setup, request_bytes, switch_bytes, frame):
    answer = switch_bytes + frame(1, b"hi", mask=False) + frame(8, b"\x03\xe8", mask=False)

    async def server(reader, writer):
        assert await reader.readexactly(len(request_bytes)) == request_bytes
        port = writer.get_extra_info("peername")[1]
        assert setup.connections.conn_of_upstream(port) == 1  # known before the first byte
        writer.write(answer)
        assert await reader.read() == frame_from_client
        writer.close()

    frame_from_client = frame(8, b"\x03\xe8")
    await setup.serve(server)
    before = time.perf_counter_ns()
    reader, writer = await setup.connect()
    writer.write(request_bytes)
    assert await soon(reader.readexactly(len(answer))) == answer
    writer.write(frame_from_client)
    writer.write_eof()
    assert await soon(reader.read()) == b""
    await eventually(lambda: len(setup.of("wire.eof")) == 2)
    assert setup.kinds() == [
        "wire.connected", "wire.request", "wire.response", "wire.frame", "wire.frame",
        "wire.frame", "wire.eof", "wire.eof",
    ]  # fmt: skip
    directions = [event.direction for event in setup.events]
    c2s, s2c = Direction.C2S, Direction.S2C
    assert directions == [c2s, c2s, s2c, s2c, s2c, c2s, c2s, s2c]
    assert {event.lane for event in setup.events} == {Lane.WIRE}
    assert {event.conn for event in setup.events} == {1}
    times = [event.t_ns for event in setup.events]
    assert times == sorted(times)
    assert before < times[0] <= times[-1] < time.perf_counter_ns()
    assert setup.events[0].data["client"] == list(writer.get_extra_info("sockname"))
    upstream = setup.events[0].data["upstream"]
    assert setup.connections.conn_of_upstream(upstream[1]) == 1


async def test_bytes_pass_unchanged_both_ways(setup):
    await setup.serve(echo)
    reader, writer = await setup.connect()
    data = bytes(range(256)) * 40_000
    writer.write(data)
    writer.write_eof()
    assert await soon(reader.read()) == data


async def test_what_is_sent_before_the_server_took_the_connection_is_not_lost(setup, monkeypatch):
    await setup.serve(echo)
    loop, gate = asyncio.get_running_loop(), asyncio.Event()
    create = loop.create_connection

    async def late(factory, host, port):
        await gate.wait()
        return await create(factory, host, port)

    monkeypatch.setattr(loop, "create_connection", late)
    sock = socket.create_connection(setup.tap.address)
    with sock:
        sock.sendall(b"first ")
        await asyncio.sleep(0.05)
        sock.sendall(b"second")
        sock.shutdown(socket.SHUT_WR)
        gate.set()
        sock.setblocking(False)
        got = b""
        while len(got) < 12:
            got += await soon(loop.sock_recv(sock, 100))
        assert got == b"first second"


async def test_a_clients_half_close_is_passed_on(setup):
    got = asyncio.get_running_loop().create_future()

    async def server(reader, writer):
        got.set_result(await reader.read())
        writer.write(b"still talking")
        writer.close()

    await setup.serve(server)
    reader, writer = await setup.connect()
    writer.write(b"last words")
    writer.write_eof()
    assert await soon(got) == b"last words"
    assert await soon(reader.read()) == b"still talking"
    assert [event.direction for event in setup.of("wire.eof")] == [Direction.C2S, Direction.S2C]
    assert setup.of("wire.reset") == []


async def test_a_servers_half_close_is_passed_on(setup):
    got = asyncio.get_running_loop().create_future()

    async def server(reader, writer):
        writer.write(b"last words")
        writer.write_eof()
        got.set_result(await reader.read())
        writer.close()

    await setup.serve(server)
    reader, writer = await setup.connect()
    assert await soon(reader.read()) == b"last words"
    await asyncio.sleep(0.05)
    writer.write(b"still talking")
    writer.write_eof()
    assert await soon(got) == b"still talking"
    await eventually(lambda: len(setup.of("wire.eof")) == 2)
    assert [event.direction for event in setup.of("wire.eof")] == [Direction.S2C, Direction.C2S]


async def test_a_clients_reset_is_passed_on(setup):
    got = asyncio.get_running_loop().create_future()

    async def server(reader, writer):
        await reader.readexactly(2)
        try:
            got.set_result(await reader.read())
        except ConnectionError as error:
            got.set_result(error)

    await setup.serve(server)
    _, writer = await setup.connect()
    writer.write(b"hi")
    await eventually(lambda: len(setup.writers) == 2)
    await asyncio.sleep(0.05)
    reset(writer)
    assert isinstance(await soon(got), ConnectionResetError)
    await eventually(lambda: setup.of("wire.reset"))
    (event,) = setup.of("wire.reset")
    assert event.direction is Direction.C2S
    assert "reset" in event.data["error"].lower()
    assert setup.of("wire.eof") == []


async def test_a_servers_reset_is_passed_on(setup):
    async def server(reader, writer):
        await reader.readexactly(2)
        reset(writer)

    await setup.serve(server)
    reader, writer = await setup.connect()
    writer.write(b"hi")
    with pytest.raises(ConnectionResetError):
        await soon(reader.read())
    (event,) = setup.of("wire.reset")
    assert event.direction is Direction.S2C


async def test_a_reset_after_a_half_close_is_passed_on(setup):
    async def server(reader, writer):
        writer.write_eof()
        await reader.readexactly(2)
        reset(writer)

    await setup.serve(server)
    reader, writer = await setup.connect()
    assert await soon(reader.read()) == b""
    writer.write(b"hi")
    await eventually(lambda: setup.of("wire.reset"))
    (event,) = setup.of("wire.reset")
    assert event.direction is Direction.S2C
    await eventually(lambda: writer.transport.is_closing() or _refuses(writer))


async def test_what_a_server_violates_is_told_and_every_byte_passes(setup, request_bytes, frame):
    answer = (
        b"HTTP/1.0 101 Switching Protocols\r\nUpgrade: websocket\nSec-WebSocket-Protocol: chat\r\n"
        b"Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=99\r\n\r\n"
        + frame(8, b"\x03\xe8", mask=False)
        * 2
    )

    async def server(reader, writer):
        await reader.readexactly(len(request_bytes))
        writer.write(answer)
        writer.write_eof()

    await setup.serve(server)
    reader, writer = await setup.connect()
    writer.write(request_bytes)
    assert await soon(reader.read()) == answer
    (response,) = setup.of("wire.response")
    for word in ("HTTP/1.0", "no Connection", "no Sec-WebSocket-Accept", "LF alone", "chat was not offered",
                 "permessage-deflate was not offered", "server_max_window_bits=99"):  # fmt: skip
        assert word in response.data["problem"]
    first, second = setup.of("wire.frame")
    assert "problem" not in first.data
    assert "second close frame" in second.data["problem"]


@pytest.mark.parametrize("ending", ["closes", "half-closes"])
async def test_a_reset_behind_an_end_is_told_though_the_other_side_ends_at_once(setup, ending):
    async def server(reader, writer):
        await reader.readexactly(2)
        writer.write(b"bye")
        writer.write_eof()
        reset(writer)

    await setup.serve(server)
    reader, writer = await setup.connect()
    writer.write(b"hi")
    assert await soon(reader.read()) == b"bye"
    writer.close() if ending == "closes" else writer.write_eof()
    await eventually(lambda: setup.of("wire.reset"))
    ends = [event for event in setup.events if event.kind in ("wire.eof", "wire.reset")]
    assert [(event.kind, event.direction) for event in ends] == [
        ("wire.eof", Direction.S2C),
        ("wire.eof", Direction.C2S),
        ("wire.reset", Direction.S2C),
    ]


async def test_two_ends_without_a_reset_are_no_reset(setup):
    async def server(reader, writer):
        await reader.readexactly(2)
        writer.write_eof()
        await reader.read()
        writer.close()

    await setup.serve(server)
    reader, writer = await setup.connect()
    writer.write(b"hi")
    assert await soon(reader.read()) == b""
    writer.close()
    await eventually(lambda: len(setup.of("wire.eof")) == 2)
    await asyncio.sleep(0.15)  # longer than a half-closed socket is left alone
    assert setup.of("wire.reset") == []


def _refuses(writer: asyncio.StreamWriter) -> bool:
    writer.write(b"x")
    return writer.transport.is_closing()


async def test_an_answer_sent_before_a_reset_arrives(setup):
    """A server that refuses without reading all answers, closes, and its system resets."""
    answer = b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n"
    release = asyncio.Event()

    async def server(reader, writer):
        await release.wait()  # its socket fills up unread
        writer.write(answer)
        reset_later = writer.transport
        await writer.drain()
        reset_later.abort()

    await setup.serve(server)
    with socket.create_connection(setup.tap.address) as sock:
        sock.setblocking(False)
        loop = asyncio.get_running_loop()
        send = asyncio.ensure_future(
            loop.sock_sendall(sock, b"POST / HTTP/1.1\r\nHost: h\r\n" + b"x" * 8_000_000)
        )
        await asyncio.sleep(0.1)
        release.set()
        got = b""
        with contextlib.suppress(ConnectionError):
            while data := await soon(loop.sock_recv(sock, 65_536)):
                got += data
        send.cancel()
        with contextlib.suppress(asyncio.CancelledError, OSError):
            await send
    assert got == answer
    assert len(setup.of("wire.response")) == 1
    await eventually(lambda: setup.of("wire.reset"))
    assert [event.direction for event in setup.of("wire.reset")] == [Direction.S2C]


async def test_an_answer_is_not_lost_where_a_write_finds_the_reset(setup):
    async def server(reader, writer):
        await reader.readexactly(2)
        writer.write(b"answer")
        reset(writer)
        await closed.wait()

    closed = asyncio.Event()
    await setup.serve(server)
    reader, writer = await setup.connect()
    await eventually(lambda: setup.of("wire.connected"))
    (pair,) = setup.tap._pairs
    pair.server.transport.pause_reading()  # so that the reset is found by writing, not by reading
    writer.write(b"hi")
    got = b""
    with contextlib.suppress(ConnectionError):
        deadline = time.monotonic() + LIMIT
        while not got and time.monotonic() < deadline:
            writer.write(b"more")
            with contextlib.suppress(TimeoutError):
                got = await asyncio.wait_for(reader.read(100), 0.05)
    closed.set()
    assert got == b"answer"
    assert [event.direction for event in setup.of("wire.reset")] == [Direction.S2C]


@pytest.mark.parametrize("way", list(Direction))
async def test_a_slow_reader_slows_the_writer(setup, way):
    size, piece = 48 * 1024 * 1024, b"x" * 65_536
    written = 0
    release = asyncio.Event()
    got = asyncio.get_running_loop().create_future()

    async def talk(writer):
        nonlocal written
        writer.transport.set_write_buffer_limits(high=0)
        while written < size:
            writer.write(piece)
            await writer.drain()
            written += len(piece)
        writer.write_eof()

    async def listen(reader, transport):
        transport.pause_reading()
        await release.wait()
        transport.resume_reading()
        count = 0
        while data := await reader.read(1_048_576):
            count += len(data)
        got.set_result(count)

    async def server(reader, writer):
        await (listen(reader, writer.transport) if way is Direction.C2S else talk(writer))

    await setup.serve(server)
    reader, writer = await setup.connect()
    client = talk(writer) if way is Direction.C2S else listen(reader, writer.transport)
    task = asyncio.ensure_future(client)
    last = -1
    while last != written or not written:  # until nothing moves any more
        last = written
        await asyncio.sleep(0.3)
    assert written < size / 2  # what the kernel's buffers took, not all of it
    (pair,) = setup.tap._pairs
    held = pair.server if way is Direction.C2S else pair.client
    assert held.transport.get_write_buffer_size() <= HIGH_WATER + 262_144
    assert setup.tap.recorder._waiting_bytes <= 1_048_576 + 262_144
    release.set()
    assert await soon(got) == size
    await soon(task)
    assert written == size


async def test_two_hundred_connections_at_once(setup):
    await setup.serve(echo)

    async def one(number: int) -> None:
        reader, writer = await setup.connect()
        data = b"GET /%d HTTP/1.1\r\nHost: h\r\n\r\n" % number
        writer.write(data)
        assert await reader.readexactly(len(data)) == data
        writer.write_eof()
        assert await reader.read() == b""

    await soon(asyncio.gather(*(one(number) for number in range(200))))
    await eventually(lambda: not setup.tap._pairs)
    requests = setup.of("wire.request")
    assert {event.conn for event in requests} == set(range(1, 201))
    assert {event.data["target"] for event in requests} == {f"/{number}" for number in range(200)}
    for conn in range(1, 201):
        kinds = setup.kinds(conn)
        assert kinds[:2] == ["wire.connected", "wire.request"]
        assert kinds.count("wire.eof") == 2
    assert setup.connections.reset()  # none is thought open


async def test_a_server_that_is_down(setup):
    # Bound, so that no other test gets the port, and not listening, so that nobody gets in.
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        setup.tap.upstream = ("127.0.0.1", port)
        await setup.tap.start("127.0.0.1", 0)
        reader, _ = await setup.connect()
        with contextlib.suppress(ConnectionError):
            assert await soon(reader.read()) == b""
        await eventually(lambda: setup.events)
        assert setup.kinds() == ["wire.reset"]
        (event,) = setup.events
        assert event.direction is Direction.S2C
        assert str(port) in event.data["error"]
        assert event.conn == 1
        await eventually(lambda: not setup.tap._pairs)
        assert setup.connections.reset()


async def test_a_server_that_comes_back_elsewhere(setup):
    await setup.serve(echo)
    first = setup.tap.upstream
    await setup.serve(echo)
    assert setup.tap.upstream != first
    reader, writer = await setup.connect()
    writer.write(b"x")
    assert await soon(reader.readexactly(1)) == b"x"
    assert writer.get_extra_info("peername") == setup.tap.address


async def test_our_own_client_has_the_number_it_reserved(setup):
    await setup.serve(echo)
    await setup.connect()
    await eventually(lambda: setup.of("wire.connected"))
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        reserved = setup.connections.expect(sock.getsockname()[1])
        await setup.connect()
        await eventually(lambda: len(setup.of("wire.connected")) == 2)
        sock.setblocking(False)
        await soon(asyncio.get_running_loop().sock_connect(sock, setup.tap.address))
        await eventually(lambda: len(setup.of("wire.connected")) == 3)
    assert [event.conn for event in setup.of("wire.connected")] == [1, 3, reserved]
    assert reserved == 2


async def test_stray_bytes_are_told_while_the_connection_is_open(setup):
    await setup.serve(echo)
    _, writer = await setup.connect()
    writer.write(b"\x16\x03\x01 this is no request")
    await eventually(lambda: [event for event in setup.events if event.kind == "wire.stray"])
    assert "TLS" in setup.of("wire.stray")[0].data["why"]


async def test_flush_tells_what_was_forwarded(setup):
    await setup.serve(echo)
    reader, writer = await setup.connect()
    writer.write(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n")
    await soon(reader.readexactly(10))
    setup.tap.recorder.flush()
    assert [event.kind for event in setup.events][:2] == ["wire.connected", "wire.request"]


async def test_a_fault_of_the_decoder_does_not_stop_the_bytes(setup, monkeypatch):
    def fault(self, direction, data):
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(Conversation, "feed", fault)
    await setup.serve(echo)
    reader, writer = await setup.connect()
    writer.write(b"hello")
    assert await soon(reader.readexactly(5)) == b"hello"
    strays = setup.of("wire.stray")
    assert len(strays) == 2
    assert "ZeroDivisionError: a bug" in strays[0].data["why"]
    assert strays[0].data["payload"]["text"] == "hello"


async def test_a_fault_of_the_observer_does_not_stop_the_bytes_and_is_told(setup):
    told = []
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: told.append(context["exception"]))

    def fault(event):
        raise ZeroDivisionError("a bug")

    setup.tap.recorder._on_event = fault
    await setup.serve(echo)
    reader, writer = await setup.connect()
    writer.write(b"hello")
    assert await soon(reader.readexactly(5)) == b"hello"
    await eventually(lambda: told)
    assert isinstance(told[0], ZeroDivisionError)


async def test_a_port_that_is_taken(setup):
    with socket.create_server(("127.0.0.1", 0)) as sock, pytest.raises(OSError, match="in use"):
        await setup.tap.start(*sock.getsockname())


async def test_a_port_asked_for(setup):
    with socket.create_server(("127.0.0.1", 0)) as sock:
        port = sock.getsockname()[1]
    await setup.tap.start("127.0.0.1", port)
    assert setup.tap.address == ("127.0.0.1", port)


@pytest.mark.parametrize("stuck", [False, True])
async def test_closing_leaves_nothing_behind(setup, stuck):
    release = asyncio.Event()
    arrived = []

    async def server(reader, writer):
        if stuck:
            writer.write(b"x" * 20_000_000)
        arrived.append(await reader.readexactly(len(b"half a request")))
        await release.wait()

    await setup.serve(server)
    clients = [await setup.connect() for _ in range(5)]
    for _, writer in clients:
        writer.write(b"half a request")
        if stuck:
            writer.transport.pause_reading()
    await eventually(lambda: len(arrived) == len(setup.of("wire.connected")) == 5)
    if stuck:
        await asyncio.sleep(0.2)
    address = setup.tap.address
    before = time.monotonic()
    await setup.tap.aclose(0.3)
    assert time.monotonic() - before < 5
    release.set()
    assert not setup.tap._pairs
    strays = [event for event in setup.events if event.kind == "wire.stray"]
    assert [event.data["payload"]["text"] for event in strays if event.direction is Direction.C2S] == [
        "half a request"
    ] * 5
    told = len(setup.events)
    if not stuck:
        for reader, _ in clients:
            assert await soon(reader.read()) == b""
    with pytest.raises(OSError):  # noqa: PT011 - refused, whatever the system calls it
        socket.create_connection(address, timeout=1)
    await eventually(lambda: asyncio.all_tasks() - {asyncio.current_task()} == set())
    assert len(setup.events) == told
    with warnings.catch_warnings():
        warnings.simplefilter("error", ResourceWarning)
        gc.collect()


async def test_closing_while_the_server_is_being_connected_to(setup, monkeypatch):
    await setup.serve(echo)

    async def never(factory, host, port):
        await asyncio.Event().wait()

    monkeypatch.setattr(asyncio.get_running_loop(), "create_connection", never)
    with socket.create_connection(setup.tap.address):
        await eventually(lambda: setup.tap._connecting)
        await setup.tap.aclose(0.2)
        assert not setup.tap._pairs
        assert not setup.tap._connecting


async def test_a_message_of_ten_megabytes(setup, request_bytes, switch_bytes, frame):
    raw = frame(1, b"y" * 10_000_000, mask=False)

    async def server(reader, writer):
        await reader.readexactly(len(request_bytes))
        writer.write(switch_bytes + raw)
        await writer.drain()
        await reader.read()

    await setup.serve(server)
    reader, writer = await setup.connect()
    writer.write(request_bytes)
    assert await soon(reader.readexactly(len(switch_bytes) + len(raw))) == switch_bytes + raw
    (event,) = setup.of("wire.frame")
    assert event.data["payload"]["size"] == 10_000_000
    assert event.data["payload"]["truncated"]


@pytest.mark.parametrize("behind", [False, True])
async def test_a_flood_is_forwarded_unchanged_and_every_frame_is_shown_or_counted(
    setup, request_bytes, switch_bytes, frame, behind
):
    setup.tap.recorder._is_behind = lambda: behind

    async def server(reader, writer):
        await reader.readexactly(len(request_bytes))
        writer.write(switch_bytes)
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
        writer.write_eof()

    await setup.serve(server)
    reader, writer = await setup.connect()
    writer.write(request_bytes)
    await soon(reader.readexactly(len(switch_bytes)))
    count = 200_000
    flood = frame(1, b"", fin=False) + b"\x00\x80abcd" * (count - 2) + frame(0, b"", fin=True)
    got = asyncio.ensure_future(reader.readexactly(len(flood)))
    writer.write(flood)
    await writer.drain()
    other, other_writer = await setup.connect()
    other_writer.write(request_bytes)
    await soon(other.readexactly(len(switch_bytes)))
    assert await soon(got) == flood
    writer.write_eof()
    await soon(reader.read())
    await setup.tap.recorder.drain()
    first = [event for event in setup.of("wire.frame") if event.conn == 1]
    notes = [event for event in setup.of("note") if event.conn == 1]
    for way in Direction:
        shown = sum(event.direction is way for event in first)
        counted = sum(event.data["count"] for event in notes if event.direction is way)
        assert shown + counted == count
    assert bool(notes) or not behind


async def test_many_connections_that_wait_are_accepted_a_few_at_a_time(setup):
    loop, accepted, turns = asyncio.get_running_loop(), setup.tap.accepted, []
    count = 0

    def counting(pair):
        nonlocal count
        count += 1
        accepted(pair)

    setup.tap.accepted = counting
    await setup.serve(echo)
    clients = [socket.create_connection(setup.tap.address) for _ in range(200)]  # the loop has no turn
    try:
        while count < 200:
            before = count
            turn = loop.create_future()
            loop.call_soon(turn.set_result, None)
            await soon(turn)
            turns.append(count - before)
    finally:
        for client in clients:
            client.close()
    assert max(turns) <= 64
