"""A connection on which something is held, against real sockets: heads and frames wait, bytes stay exact."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

import pytest
from websockets.frames import Frame, Opcode

from wsplay.events.event import Event
from wsplay.protocol.hold_points import ALL, DROPPED, EDITED, NOTHING, STEPPED, parse_points
from wsplay.protocol.waiting import Waiting
from wsplay.wire.connections import Connections
from wsplay.wire.held_path import MAX_WAITING
from wsplay.wire.tap import Tap

LIMIT = 20.0
WIRE = parse_points(["wire"])


@dataclass
class Line:
    """A tap with one client and the server's end of its connection, and what waits between them."""

    tap: Tap
    events: list[Event]
    waiting: list[Waiting] = field(default_factory=list)
    last_id: int = 0

    # what the tap tells
    def next_id(self) -> int:
        self.last_id += 1
        return self.last_id

    def began(self, waiting: Waiting) -> None:
        self.waiting.append(waiting)

    def ended(self, number: int) -> None:
        self.waiting = [each for each in self.waiting if each.id != number]

    async def open(self) -> None:
        accepted: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Queue()
        self.server = await asyncio.start_server(lambda *pair: accepted.put_nowait(pair), "127.0.0.1", 0)
        self.tap.upstream = self.server.sockets[0].getsockname()
        self.tap.holder = self
        await self.tap.start()
        self.client_in, self.client = await asyncio.open_connection(*self.tap.address)
        async with asyncio.timeout(LIMIT):
            self.server_in, self.served = await accepted.get()
        await self.until(lambda: "wire.connected" in self.kinds)

    async def close(self) -> None:
        await self.tap.aclose(0.2)
        self.server.close()
        for writer in (self.client, self.served):
            writer.transport.abort()
        await asyncio.sleep(0)

    @property
    def kinds(self) -> list[str]:
        self.tap.recorder.flush()
        return [event.kind for event in self.events]

    @property
    def held(self) -> list[tuple[str, str]]:
        self.tap.recorder.flush()
        return [(e.data["about"], e.data["phase"]) for e in self.events if e.kind == "wire.held"]

    async def until(self, true: Callable[[], object]) -> None:
        end = time.monotonic() + LIMIT
        while not true():
            assert time.monotonic() < end, [event.summary for event in self.events]
            await asyncio.sleep(0.005)

    async def waits(self, about: str) -> Waiting:
        await self.until(lambda: any(each.about.startswith(about) for each in self.waiting))
        return next(each for each in self.waiting if each.about.startswith(about))

    async def step(self, about: str, phase: str = STEPPED, head: bytes | None = None) -> None:
        self.tap.decide((await self.waits(about)).id, phase, head)

    async def at_server(self, count: int) -> bytes:
        async with asyncio.timeout(LIMIT):
            return await self.server_in.readexactly(count)

    async def at_client(self, count: int) -> bytes:
        async with asyncio.timeout(LIMIT):
            return await self.client_in.readexactly(count)

    async def switch(self, request: bytes, response: bytes) -> None:
        """Do a handshake while nothing is held."""
        self.client.write(request)
        assert await self.at_server(len(request)) == request
        self.served.write(response)
        assert await self.at_client(len(response)) == response


@pytest.fixture
async def line() -> AsyncIterator[Line]:
    events: list[Event] = []
    made = Line(Tap(events.append, connections=Connections()), events)
    await made.open()
    yield made
    await made.close()


def text(word: bytes, *, mask: bool = True, **bits: bool) -> bytes:
    return Frame(Opcode.TEXT, word, **bits).serialize(mask=mask)


async def nothing_comes(reader: asyncio.StreamReader) -> None:
    """Nothing has come and nothing comes in a few turns of the loop and of the sockets."""
    for _ in range(20):
        await asyncio.sleep(0.001)
    assert not reader._buffer  # type: ignore[attr-defined]


async def test_a_handshake_waits_head_by_head_and_passes_byte_for_byte(
    line: Line, request_bytes: bytes, switch_bytes: bytes
) -> None:
    line.tap.hold_at(ALL)
    odd = request_bytes.replace(b"Host: x", b"hOsT:x\r\nX-A: 1\r\nx-a:   2")
    for at in range(0, len(odd), 7):
        line.client.write(odd[at : at + 7])
        await asyncio.sleep(0)
    waiting = await line.waits("GET /ws?a=1 HTTP/1.1")
    assert (waiting.what, waiting.head, waiting.editable, waiting.conn) == ("request", odd, True, 1)
    await nothing_comes(line.server_in)
    assert "wire.request" not in line.kinds
    await line.step("GET")
    assert await line.at_server(len(odd)) == odd
    line.served.write(switch_bytes)
    assert (await line.waits("HTTP/1.1 101")).head is None
    await nothing_comes(line.client_in)
    await line.step("HTTP/1.1 101")
    assert await line.at_client(len(switch_bytes)) == switch_bytes
    assert [kind for kind in line.kinds if kind != "wire.connected"] == [
        "wire.held", "wire.held", "wire.request", "wire.held", "wire.held", "wire.response",
    ]  # fmt: skip
    assert [phase for _, phase in line.held] == ["waits", "stepped"] * 2


async def test_frames_wait_one_by_one_in_both_directions(
    line: Line, request_bytes: bytes, switch_bytes: bytes
) -> None:
    await line.switch(request_bytes, switch_bytes)
    line.tap.hold_at(WIRE)
    there = [text(b"a"), text(b"bb"), Frame(Opcode.PING, b"p").serialize(mask=True)]
    back = [text(b"x" * 300, mask=False), Frame(Opcode.CLOSE, b"\x03\xe8").serialize(mask=False)]
    line.client.write(b"".join(there))
    line.served.write(b"".join(back))
    await line.waits('text 1 B "a"')
    await line.waits("text 300 B")
    assert len(line.waiting) == 2, "one at a time in each direction"
    for frame, about in zip(there, ('text 1 B "a"', 'text 2 B "bb"', "ping 1 B"), strict=True):
        await nothing_comes(line.server_in)
        await line.step(about)
        assert await line.at_server(len(frame)) == frame
    for frame, about in zip(back, ("text 300 B", "close 1000"), strict=True):
        await nothing_comes(line.client_in)
        await line.step(about)
        assert await line.at_client(len(frame)) == frame


async def test_holding_begins_in_the_middle_of_a_frame_with_the_next(
    line: Line, request_bytes: bytes, switch_bytes: bytes
) -> None:
    await line.switch(request_bytes, switch_bytes)
    first, second = text(b"f" * 500), text(b"second")
    for cut in (1, 3, 7, 200):
        line.client.write(first[:cut])
        assert await line.at_server(cut) == first[:cut]
        line.tap.hold_at(WIRE)
        line.client.write(first[cut:] + second)
        assert await line.at_server(len(first) - cut) == first[cut:]
        await line.waits("text 6 B")
        line.tap.hold_at(NOTHING)
        assert await line.at_server(len(second)) == second
    assert [phase for _, phase in line.held] == ["waits", "let_go"] * 4


async def test_letting_go_forwards_all_in_order_and_first_again(
    line: Line, request_bytes: bytes, switch_bytes: bytes
) -> None:
    await line.switch(request_bytes, switch_bytes)
    line.tap.hold_at(WIRE)
    frames = [text(b"%d" % number) for number in range(50)]
    line.client.write(b"".join(frames))
    await line.waits('text 1 B "0"')
    line.tap.hold_at(NOTHING)
    line.client.write(text(b"last"))
    whole = b"".join(frames) + text(b"last")
    assert len(await line.at_server(len(whole))) == len(whole)
    [pair] = line.tap._pairs
    assert (pair.client.path, pair.server.path) == (None, None)
    line.tap.hold_at(WIRE)
    line.client.write(text(b"again"))
    await line.step("text 5 B")
    await line.at_server(11)
    assert not line.waiting


async def test_what_is_dropped_does_not_pass_and_is_not_told_as_passed(
    line: Line, request_bytes: bytes, switch_bytes: bytes
) -> None:
    await line.switch(request_bytes, switch_bytes)
    line.tap.hold_at(WIRE)
    line.client.write(text(b"a") + text(b"b"))
    await line.step('text 1 B "a"', DROPPED)
    await line.step('text 1 B "b"')
    await line.at_server(7)
    line.tap.recorder.flush()
    assert [e.data["payload"]["text"] for e in line.events if e.kind == "wire.frame"] == ["b"]


async def test_a_dropped_request_takes_its_body_along(line: Line, request_bytes: bytes) -> None:
    line.tap.hold_at(WIRE)
    post = b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n"
    line.client.write(post + b"he")
    await line.step("POST /a", DROPPED)
    line.client.write(b"llo" + request_bytes)
    await line.step("GET /ws")
    assert await line.at_server(len(request_bytes)) == request_bytes


async def test_a_body_passes_with_its_head_and_the_next_head_waits(line: Line) -> None:
    line.tap.hold_at(WIRE)
    first = b"POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
    second = b"GET /b HTTP/1.1\r\nHost: x\r\n\r\n"
    line.client.write(first + second)
    await line.step("POST /a")
    assert await line.at_server(len(first)) == first
    await line.waits("GET /b")
    await nothing_comes(line.server_in)
    response = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
    line.served.write(response)
    await line.step("HTTP/1.1 200")
    assert await line.at_client(len(response)) == response


@pytest.mark.parametrize(
    "head",
    [
        b"GET /other HTTP/1.1\r\nHost: x\r\n\r\n",  # no Upgrade
        b"GET /ws HTTP/1.1\r\nHost: x\r\nHost: y\r\nhost: z\r\n\r\n",
        b"GET /ws HTTP/1.1\r\nCookie: a\r\ncOOKIE: b\r\nCookie: a\r\n\r\n",
        b"\xff\xfe not a head",
    ],
)
async def test_an_edited_head_goes_on_as_these_bytes_and_both_are_told(
    line: Line, request_bytes: bytes, head: bytes
) -> None:
    line.tap.hold_at(WIRE)
    line.client.write(request_bytes)
    await line.step("GET /ws", EDITED, head)
    assert await line.at_server(len(head)) == head
    await nothing_comes(line.server_in)
    line.tap.recorder.flush()
    [edited] = [event for event in line.events if event.kind == "wire.edited"]
    assert edited.data["id"] == 1
    assert edited.data["before"]["text"].encode() == request_bytes
    after = edited.data["after"]
    assert (after["text"].encode() if "text" in after else bytes.fromhex(after["hex"])) == head
    assert [phase for _, phase in line.held] == ["waits", "edited"]
    if head.startswith(b"GET"):
        [request] = [event for event in line.events if event.kind == "wire.request"]
        assert request.data["headers"] == [part.split(": ") for part in head.decode().split("\r\n")[1:-2]], (
            "what is read is what was forwarded"
        )


async def test_an_end_waits_behind_what_is_held_before_it(line: Line, request_bytes: bytes) -> None:
    line.tap.hold_at(WIRE)
    line.client.write(request_bytes)
    line.client.write_eof()
    await line.waits("GET")
    await nothing_comes(line.server_in)
    assert "wire.eof" not in line.kinds
    await line.step("GET")
    async with asyncio.timeout(LIMIT):
        assert await line.server_in.read() == request_bytes
    assert line.kinds[-2:] == ["wire.request", "wire.eof"]


async def test_a_reset_waits_behind_what_is_held_before_it(line: Line, request_bytes: bytes) -> None:
    line.tap.hold_at(WIRE)
    line.client.write(request_bytes)
    await line.waits("GET")
    sock = line.client.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    line.client.transport.abort()
    [pair] = line.tap._pairs
    await line.until(lambda: pair.client.transport is None)
    await nothing_comes(line.server_in)
    await line.step("GET")
    got = b""
    with contextlib.suppress(ConnectionError):
        async with asyncio.timeout(LIMIT):
            got = await line.server_in.read(len(request_bytes))
            await line.server_in.read()
    await line.until(lambda: not line.tap._pairs)
    assert got in (b"", request_bytes), "the system may drop it: a reset comes at once"
    assert line.kinds[-2:] == ["wire.request", "wire.reset"]


async def test_a_client_that_goes_on_sending_fills_a_bounded_buffer(
    line: Line, request_bytes: bytes, switch_bytes: bytes
) -> None:
    await line.switch(request_bytes, switch_bytes)
    line.tap.hold_at(WIRE)
    frames = [Frame(Opcode.BINARY, bytes([n]) * 100_000).serialize(mask=False) for n in range(60)]
    flood = asyncio.ensure_future(_write(line.served, b"".join(frames)))
    await line.waits("binary 100,000 B")
    [pair] = line.tap._pairs
    assert pair.path is not None
    await line.until(lambda: pair.server.is_full)
    way = pair.path._ways[pair.server.direction]
    assert len(way._bytes) < 3 * MAX_WAITING
    line.tap.hold_at(NOTHING)
    assert await line.at_client(sum(map(len, frames))) == b"".join(frames)
    await flood


async def _write(writer: asyncio.StreamWriter, data: bytes) -> None:
    writer.write(data)
    await writer.drain()


@pytest.mark.parametrize("phase", [STEPPED, DROPPED])
async def test_a_frame_larger_than_the_buffer_waits_with_its_beginning(
    line: Line, request_bytes: bytes, switch_bytes: bytes, phase: str
) -> None:
    await line.switch(request_bytes, switch_bytes)
    line.tap.hold_at(WIRE)
    big = Frame(Opcode.BINARY, b"x" * 3_000_000).serialize(mask=False)
    small = text(b"after", mask=False)
    flood = asyncio.ensure_future(_write(line.served, big + small))
    await line.step("binary 3,000,000 B", phase)
    if phase == DROPPED:
        line.tap.hold_at(NOTHING)  # the rest of it is still to come, and does not pass either
    else:
        assert await line.at_client(len(big)) == big
        await line.step("text 5 B")
    assert await line.at_client(len(small)) == small
    await flood


async def test_frames_sent_before_the_handshake_is_answered_wait_for_the_answer(
    line: Line, request_bytes: bytes, switch_bytes: bytes
) -> None:
    line.tap.hold_at(WIRE)
    early = text(b"early")
    line.client.write(request_bytes + early)
    await line.step("GET")
    assert await line.at_server(len(request_bytes)) == request_bytes
    await nothing_comes(line.server_in)
    line.served.write(switch_bytes)
    await line.step("HTTP/1.1 101")
    await line.step("text 5 B")
    assert await line.at_server(len(early)) == early


async def test_what_cannot_be_read_passes_unheld(line: Line) -> None:
    line.tap.hold_at(WIRE)
    line.served.write(b"SSH-2.0-x\r\n\r\n")
    assert await line.at_client(13) == b"SSH-2.0-x\r\n\r\n"
    endless = b"GET / HTTP/1.1\r\nX: " + b"x" * 200_000
    line.client.write(endless)
    assert await line.at_server(len(endless)) == endless
    assert not line.waiting


async def test_a_spared_connection_loses_what_is_held_and_is_held_no_more(
    line: Line, request_bytes: bytes
) -> None:
    line.tap.hold_at(WIRE)
    line.client.write(request_bytes)
    await line.waits("GET")
    line.tap.spare(1)
    assert not line.waiting
    line.client.write(b"GET /b HTTP/1.1\r\nHost: x\r\n\r\n")
    assert (await line.at_server(6)) == b"GET /b"
    line.tap.hold_at(ALL)
    line.client.write(b"GET /c HTTP/1.1\r\nHost: x\r\n\r\n")
    await line.at_server(22 + 28 - 6)


async def test_when_the_tap_ends_nothing_is_left(line: Line, request_bytes: bytes) -> None:
    line.tap.hold_at(WIRE)
    line.client.write(request_bytes)
    await line.waits("GET")
    await line.tap.aclose(0.1)
    assert not line.waiting
    assert line.held == [("GET /ws?a=1 HTTP/1.1", "waits"), ("GET /ws?a=1 HTTP/1.1", "dropped")]
    await line.until(lambda: not [t for t in asyncio.all_tasks() if t.get_name() == "wsplay-held-path"])


async def test_points_choose_what_waits_on_the_wire(
    line: Line, request_bytes: bytes, switch_bytes: bytes
) -> None:
    line.tap.hold_at(parse_points(["close"]))
    await line.switch(request_bytes, switch_bytes)
    line.client.write(text(b"a") + Frame(Opcode.CLOSE, b"\x03\xe8").serialize(mask=True))
    await line.at_server(7)
    await line.step("close 1000")
    await line.at_server(8)
    assert [about for about, _ in line.held] == ["close 1000", "close 1000"]
