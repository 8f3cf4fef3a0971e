"""What is forwarded is decoded in slices; what cannot be shown in time is counted, and told."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from wsplay.events.event import Direction, Event, Lane
from wsplay.wire import recorder as recorder_module
from wsplay.wire.decode import Conversation
from wsplay.wire.recorder import Recorder, Recording

C2S, S2C = Direction.C2S, Direction.S2C
MASK = b"\x01\x02\x03\x04"
BEGIN, FRAGMENT, TEXT = b"\x01\x80" + MASK, b"\x00\x80" + MASK, b"\x81\x80" + MASK
CLOSE = b"\x88\x82" + MASK + bytes((0x03 ^ 1, 0xE8 ^ 2))
#: Nanoseconds that each event takes, on a clock that stands still otherwise.
COST = 10_000


class Told:
    """A recorder with a clock of its own, and its events."""

    def __init__(self, request_bytes: bytes, switch_bytes: bytes) -> None:
        self.now = 0
        self.behind = False
        self.events: list[Event] = []
        self.recorder = Recorder(self._use, is_behind=lambda: self.behind, clock=lambda: self.now)
        self.recording = self.opened(1, request_bytes, switch_bytes)
        self.events.clear()

    def _use(self, event: Event) -> None:
        self.now += COST
        self.events.append(event)

    def opened(self, conn: int, request_bytes: bytes, switch_bytes: bytes) -> Recording:
        recording = Recording()
        recording.conn = conn
        self.recorder.add_bytes(0, recording, C2S, request_bytes)
        self.recorder.add_bytes(0, recording, S2C, switch_bytes)
        self.recorder.flush()
        return recording

    @property
    def frames(self) -> list[Event]:
        return [event for event in self.events if event.kind == "wire.frame"]

    @property
    def counted(self) -> int:
        return sum(event.data["count"] for event in self.events if event.kind == "note")


@pytest.fixture
async def told(request_bytes: bytes, switch_bytes: bytes) -> Told:
    return Told(request_bytes, switch_bytes)


def cut(data: bytes, size: int = 262_144) -> Iterator[bytes]:
    for start in range(0, len(data), size):
        yield data[start : start + size]


async def test_a_slice_ends_in_time_inside_one_chunk(told):
    chunk = BEGIN + FRAGMENT * 40_000
    told.recorder.add_bytes(5, told.recording, C2S, chunk)
    begin = told.now
    told.recorder._drain_slice()
    most = recorder_module._PIECE // len(FRAGMENT) + 1  # what one more piece can hold
    assert told.now - begin <= recorder_module._SLICE_NS + most * COST
    assert 0 < len(told.events) < 1000
    assert told.recorder.watermark_ns(9) == 5  # the rest is still to come
    slices = 1
    while told.recorder._waiting:
        told.recorder._drain_slice()
        slices += 1
    assert slices > 50
    assert len(told.frames) == 40_001 == len(told.events)
    assert {event.t_ns for event in told.events} == {5}
    assert told.recorder.watermark_ns(9) == 9


async def test_cut_into_pieces_or_whole_the_events_are_the_same(told, request_bytes, switch_bytes, frame):
    sizes = (0, 5, 125, 900, 1018, 3000, 70_000)
    data = b"".join(frame(opcode, b"x" * size) for opcode in (1, 2) for size in sizes) + frame(9) * 500
    told.recorder.add_bytes(1, told.recording, C2S, data)
    told.recorder.flush()
    whole = Conversation()
    whole.feed(C2S, request_bytes)
    whole.feed(S2C, switch_bytes)
    assert [(event.kind, event.summary, event.data) for event in told.events] == [
        (one.kind, one.summary, one.data) for one in whole.feed(C2S, data)
    ]


async def test_frames_that_come_too_fast_are_counted_to_the_last_one(told, request_bytes, switch_bytes):
    other = told.opened(2, request_bytes, switch_bytes)
    told.events.clear()
    count = 500_000
    for chunk in cut(BEGIN + FRAGMENT * (count - 1)):
        told.recorder.add_bytes(7, told.recording, C2S, chunk)
        assert told.recorder._waiting_bytes <= 4 * recorder_module._MAX_WAITING
    told.recorder.add_bytes(8, other, C2S, TEXT)
    told.recorder.add_bytes(8, told.recording, C2S, CLOSE)
    while told.recorder._waiting:
        told.recorder._drain_slice()
    assert told.counted > 0
    assert len(told.frames) - 2 + told.counted == count
    assert [event.data["name"] for event in told.frames[-2:]] == ["text", "close"]
    notes = [event for event in told.events if event.kind == "note"]
    assert {(note.conn, note.lane, note.direction) for note in notes} == {(1, Lane.WIRE, C2S)}
    assert all(note.data["why"] == "dropped" and note.data["bytes"] > 0 for note in notes)
    assert "frames" in notes[0].summary
    assert "not shown" in notes[0].summary
    times = [event.t_ns for event in told.events]
    assert times == sorted(times)


async def test_a_long_message_that_comes_fast_is_shown(told):
    size = 32 * 1024 * 1024
    told.recorder.add_bytes(1, told.recording, C2S, b"\x82\xff" + size.to_bytes(8, "big") + MASK)
    for chunk in cut(bytes(size)):
        told.recorder.add_bytes(1, told.recording, C2S, chunk)
    told.recorder.flush()
    assert [event.data["length"] for event in told.events] == [size]


async def test_while_the_caller_is_behind_frames_are_counted_and_everything_else_is_shown(told):
    told.behind = True
    told.recorder.add_bytes(1, told.recording, C2S, TEXT * 1000)
    told.recorder.add_bytes(1, told.recording, C2S, CLOSE)
    told.recorder.add_eof(told.recording, C2S)
    while told.recorder._waiting:
        told.recorder._drain_slice()
    assert [event.kind for event in told.events] == ["wire.frame", "note", "wire.eof"]
    assert told.events[0].data["code"] == 1000
    assert told.counted == 1000
    assert told.events[1].data["bytes"] == len(TEXT) * 1000


async def test_closing_takes_a_bounded_time_and_tells_what_is_left(told):
    told.recorder.add_bytes(1, told.recording, C2S, TEXT * 100_000)
    begin = told.now
    told.recorder.close(limit_ns=20_000_000)
    assert told.now - begin < 40_000_000
    assert len(told.frames) + told.counted == 100_000
    assert told.counted > 0


async def test_draining_gives_the_loop_its_turns(told):
    told.recorder.add_bytes(1, told.recording, C2S, TEXT * 20_000)
    turns: list[int] = []

    async def other() -> None:
        while True:
            turns.append(len(told.events))
            await asyncio.sleep(0)

    task = asyncio.create_task(other())
    await told.recorder.drain()
    task.cancel()
    assert len(told.frames) == 20_000
    assert len({seen for seen in turns if 0 < seen < 20_000}) > 10
