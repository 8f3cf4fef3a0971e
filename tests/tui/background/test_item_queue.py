"""What waits for the screen: in order, for whom, and never without bound."""

from __future__ import annotations

import threading

import pytest

from wsplay.events.event import Event, Lane
from wsplay.tui.background import item_queue as queue_module
from wsplay.tui.background.item_queue import BUSY_WAITING, MAX_WAITING, REST_EVERY, ItemQueue
from wsplay.tui.background.job import Job
from wsplay.tui.background.messages import Lost


@pytest.fixture
def queue() -> ItemQueue:
    return ItemQueue()


def event(number: int) -> Event:
    return Event(number, Lane.WIRE, "wire.frame", str(number))


async def work_for_nobody(playground: object, job: Job) -> None: ...


def test_what_is_posted_comes_out_in_order_and_for_whom(queue: ItemQueue) -> None:
    job = Job("a job", work_for_nobody)
    for number in range(10):
        queue.post(number, job if number % 2 else None)
    assert queue.drain(4) == [(None, 0), (job, 1), (None, 2), (job, 3)]
    assert [item for _, item in queue.drain(100)] == [4, 5, 6, 7, 8, 9]
    assert queue.drain(100) == []


def test_events_nobody_fetches_are_bounded_and_the_loss_is_told(queue: ItemQueue) -> None:
    queue.post("first")
    for number in range(MAX_WAITING + 1):
        queue.post(event(number))
    queue.post("last")
    items = [item for _, item in queue.drain(2 * MAX_WAITING)]
    lost = [item for item in items if isinstance(item, Lost)]
    events = [item for item in items if isinstance(item, Event)]
    assert sum(item.events for item in lost) + len(events) == MAX_WAITING + 1
    assert len(events) <= MAX_WAITING
    assert [int(item.summary) for item in events] == sorted(int(item.summary) for item in events)
    assert int(events[-1].summary) == MAX_WAITING
    assert "first" in items
    assert items[-1] == "last"
    assert items[0] == lost[0]


def test_whoever_loses_events_is_told_how_many(queue: ItemQueue) -> None:
    job = Job("a job", work_for_nobody)
    for number in range(2 * MAX_WAITING):  # twice it is too many
        queue.post(event(number), job if number % 4 else None)
    items = queue.drain(3 * MAX_WAITING)
    for owner, made in ((None, MAX_WAITING // 2), (job, 3 * MAX_WAITING // 2)):
        lost = [item for whose, item in items if whose is owner and isinstance(item, Lost)]
        kept = [item for whose, item in items if whose is owner and isinstance(item, Event)]
        assert len(lost) == 1
        assert lost[0].events + len(kept) == made


def test_who_posts_rests_while_the_screen_is_behind(
    queue: ItemQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    rests: list[float] = []
    monkeypatch.setattr(queue_module.time, "sleep", rests.append)

    def post(count: int) -> None:
        for number in range(count):
            queue.post(event(number))

    def post_from_another_thread(count: int) -> None:
        thread = threading.Thread(target=post, args=(count,))
        thread.start()
        thread.join(20)

    post_from_another_thread(BUSY_WAITING)
    assert rests == []
    post_from_another_thread(4 * REST_EVERY)
    assert len(rests) == 4
    post(1 + REST_EVERY)  # from the screen's own thread
    assert len(rests) == 4
    assert len(queue.drain(MAX_WAITING)) == BUSY_WAITING + 5 * REST_EVERY + 1
