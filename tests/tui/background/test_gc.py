"""When garbage is collected: in quiet moments, and in the end in any."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from wsplay.tui.background import gc as memory
from wsplay.tui.background.gc import AT_LATEST, EVERY, MANY, QUIET, Housekeeping


class Clock:
    """A clock that stands still, and the moments at which everything was collected."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.collected: list[float] = []


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[Clock]:
    clock = Clock()
    monkeypatch.setattr(memory, "monotonic", lambda: clock.now)
    monkeypatch.setattr(gc, "collect", lambda: clock.collected.append(clock.now))
    threshold = gc.get_threshold()
    yield clock
    gc.set_threshold(*threshold)
    gc.unfreeze()


def test_nothing_is_collected_before_it_has_started(clock: Clock) -> None:
    keeping = Housekeeping()
    clock.now += 2 * AT_LATEST
    keeping.look()
    assert clock.collected == []


def test_it_collects_when_it_is_time_and_quiet(clock: Clock) -> None:
    keeping = Housekeeping()
    keeping.start()
    clock.now += EVERY - 1
    keeping.look()
    assert clock.collected == []
    keeping.busy()
    clock.now += QUIET - 1
    keeping.look()
    assert clock.collected == []
    clock.now += 2
    keeping.look()
    keeping.look()
    assert clock.collected == [clock.now]


def test_what_is_never_quiet_is_collected_all_the_same(clock: Clock) -> None:
    keeping = Housekeeping()
    keeping.start()
    for _ in range(int(2.5 * AT_LATEST)):
        clock.now += 1
        keeping.busy()
        keeping.look()
    assert len(clock.collected) == 2


def test_no_collection_by_itself_goes_through_everything(clock: Clock) -> None:
    keeping = Housekeeping()
    keeping.start()
    first, second, third = gc.get_threshold()
    assert first * second <= 20_000
    assert third >= 100_000


def test_what_is_left_behind_is_collected_at_the_next_quiet_moment(clock: Clock) -> None:
    keeping = Housekeeping()
    keeping.start()
    clock.now += QUIET + 1
    keeping.look()
    assert clock.collected == []
    keeping.leave_behind()
    keeping.look()
    assert clock.collected == []
    clock.now += QUIET + 1
    keeping.look()
    clock.now += QUIET + 1
    keeping.look()
    assert len(clock.collected) == 1


def test_much_that_is_left_behind_does_not_wait(clock: Clock) -> None:
    keeping = Housekeeping()
    keeping.start()
    for _ in range(MANY - 1):
        keeping.leave_behind()
    keeping.look()
    assert clock.collected == []
    keeping.leave_behind()
    keeping.look()
    keeping.look()
    assert len(clock.collected) == 1
