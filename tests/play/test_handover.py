"""Events are handed over in slices; what comes too fast is counted, and told."""

from __future__ import annotations

import asyncio

import pytest

from wsplay.events.event import Event, Lane
from wsplay.play import handover as handover_module
from wsplay.play.handover import MAX_HELD, Handover

#: Nanoseconds that using an event takes, on a clock that stands still otherwise.
COST = 50_000


def frame(number: int) -> Event:
    return Event(number, Lane.WIRE, "wire.frame", "text 0 B", 1, data={"name": "text", "opcode": 1})


def received(number: int) -> Event:
    data = {"message": {"type": "websocket.receive", "text": ""}}
    return Event(number, Lane.ASGI, "asgi.receive", "websocket.receive", 1, data=data)


def request(number: int) -> Event:
    return Event(number, Lane.WIRE, "wire.request", "GET /", 1)


class User:
    """What uses the events, on a clock of its own."""

    def __init__(self) -> None:
        self.now = 0
        self.merging = 0
        self.used: list[Event] = []
        self.handover = Handover(self._use, lambda: self.merging, clock=lambda: self.now)

    def _use(self, event: Event) -> None:
        self.now += COST
        self.used.append(event)

    @property
    def times(self) -> list[int]:
        return [event.t_ns for event in self.used if event.kind != "note"]


@pytest.fixture
async def user() -> User:
    return User()


async def test_one_slice_at_a_time_and_all_in_order(user):
    user.handover.add(map(frame, range(1000)))
    first = len(user.used)
    assert 0 < first * COST <= handover_module.SLICE_NS + COST
    user.handover.add(map(frame, range(1000, 2000)))
    assert len(user.used) == first  # the loop has its turn first
    turns = 0
    while user.handover.held:
        before = user.now
        await asyncio.sleep(0)
        assert user.now - before <= handover_module.SLICE_NS + COST
        turns += 1
    assert turns > 20
    assert user.times == list(range(2000))


async def test_draining_hands_over_everything_with_turns_in_between(user):
    user.handover.add(map(frame, range(3000)))
    turns = 0

    async def other() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    task = asyncio.create_task(other())
    await user.handover.drain()
    task.cancel()
    assert user.times == list(range(3000))
    assert turns > 10


async def test_messages_beyond_the_limit_are_counted_and_told_once(user):
    user.merging = MAX_HELD
    assert [user.handover.admits(frame(0)) for _ in range(3)] == [False] * 3
    assert not user.handover.admits(received(0))
    assert user.handover.admits(request(0))
    assert user.handover.untold
    assert user.handover.not_shown() is None  # there is no room yet
    user.merging = MAX_HELD // 2
    note = user.handover.not_shown()
    assert note is not None
    assert note.kind == "note"
    assert note.data["why"] == "dropped"
    assert note.data["count"] == 4
    assert note.data["lanes"] == {"asgi": 1, "wire": 3}
    assert note.summary.startswith("4 events not shown")
    assert user.handover.not_shown() is None
    assert not user.handover.untold


async def test_even_what_is_no_message_has_a_limit(user):
    user.merging = 5 * MAX_HELD
    assert not user.handover.admits(request(0))


async def test_a_close_is_no_message(user):
    user.merging = MAX_HELD
    close = Event(0, Lane.WIRE, "wire.frame", "close 1000", 1, data={"name": "close", "opcode": 8})
    ended = Event(0, Lane.ASGI, "asgi.receive", "d", 1, data={"message": {"type": "websocket.disconnect"}})
    assert user.handover.admits(close)
    assert user.handover.admits(ended)


async def test_behind_from_half_the_limit_until_a_quarter_is_left(user):
    seen = []
    for merging in (MAX_HELD // 2, MAX_HELD // 2 + 1, MAX_HELD // 4 + 1, MAX_HELD // 4, MAX_HELD // 2):
        user.merging = merging
        seen.append(user.handover.is_behind())
    assert seen == [False, True, True, False, False]


async def test_flushing_takes_a_bounded_time_and_tells_what_is_left(user):
    count = 30_000
    events = [(request if number % 3 == 0 else frame)(number) for number in range(count)]
    user.handover.add(events)
    user.handover.flush()
    assert user.now <= handover_module.SLICE_NS + 2 * handover_module.FLUSH_NS + 4 * COST
    assert user.handover.held == 0
    note = user.used[-1]
    assert note.kind == "note"
    assert len(user.used) - 1 + note.data["count"] == count
    assert user.times == sorted(user.times)


async def test_an_event_that_makes_another_comes_first(user):
    def use(event: Event) -> None:
        user.used.append(event)
        if event.t_ns == 1:
            handover.add([frame(3)])

    handover = Handover(use, lambda: 0)
    handover.add([frame(1), frame(2)])
    await handover.drain()
    assert user.times == [1, 2, 3]
