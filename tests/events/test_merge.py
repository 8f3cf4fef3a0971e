"""The merger by itself, with a clock that only the test moves."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wsplay.events.event import Event, Lane
from wsplay.events.merge import MAX_LAG, MAX_WAIT, TICK_NS, Merger

TAP, SERVER = "tap", "server"
MS = 1_000_000
START = 1_000 * MS


def event(t_ns: int, summary: str = "") -> Event:
    return Event(t_ns, Lane.WIRE, "note", summary)


def summaries(events: list[Event]) -> list[str]:
    return [each.summary for each in events]


def test_an_event_is_passed_on_once_every_watermark_has_passed_its_time() -> None:
    merger = Merger((TAP, SERVER))
    merger.push(event(105, "wire"))
    merger.set_watermark(TAP, 110, 110)
    assert merger.release() == []
    merger.push(event(101, "asgi"))
    merger.set_watermark(SERVER, 101, 111)
    assert summaries(merger.release()) == ["asgi"]
    merger.set_watermark(SERVER, 106, 112)
    assert summaries(merger.release()) == ["wire"]


def test_a_tick_while_all_are_behind_passes_nothing_on() -> None:
    merger = Merger((TAP, SERVER))
    merger.push(event(100))
    merger.set_watermark(TAP, 99, 100)
    merger.set_watermark(SERVER, 200, 200)
    assert merger.tick(TICK_NS) == []
    assert len(merger) == 1


def test_an_event_later_than_its_time_is_passed_on_not_dropped() -> None:
    merger = Merger((TAP,))
    merger.push(event(100, "first"))
    merger.set_watermark(TAP, 150, 150)
    assert summaries(merger.release()) == ["first"]
    merger.push(event(50, "late"))
    assert summaries(merger.release()) == ["late"]


def test_events_of_one_time_keep_the_order_they_came_in() -> None:
    merger = Merger((TAP,))
    for name in "abcd":
        merger.push(event(7, name))
    assert summaries(merger.drain()) == list("abcd")
    assert len(merger) == 0


def test_a_source_is_asked_once_an_event_has_waited_for_it() -> None:
    merger = Merger((TAP, SERVER))
    merger.set_watermark(TAP, START, START)
    assert not merger.waits_for(SERVER)
    merger.push(event(START))
    merger.tick(START + 1)
    assert not merger.waits_for(SERVER)  # it may be about to report
    merger.tick(START + TICK_NS)
    assert merger.waits_for(SERVER)
    assert not merger.waits_for(TAP)
    merger.set_watermark(SERVER, START - 1, START + 2)
    assert not merger.waits_for(SERVER)  # it is reporting
    merger.tick(START + 2 * TICK_NS)
    assert merger.waits_for(SERVER)


@pytest.mark.parametrize("others", [{}, {TAP: (10**12, 10**12)}])
def test_an_event_waits_25_ms_for_a_source_that_reports_nothing(others: dict[str, tuple[int, int]]) -> None:
    merger = Merger((TAP, SERVER))
    for source, mark in others.items():
        merger.set_watermark(source, *mark)
    t_ns = 1_000 * MS
    merger.push(event(t_ns))
    for tick in range(1, MAX_WAIT):
        assert merger.tick(t_ns + tick * TICK_NS) == []
    assert len(merger.tick(t_ns + MAX_WAIT * TICK_NS)) == 1
    assert MAX_WAIT * TICK_NS == 25 * MS


def test_time_without_ticks_is_not_counted() -> None:
    merger = Merger((SERVER,))
    merger.push(event(START, "later"))
    assert merger.tick(START + TICK_NS) == []
    assert merger.tick(START + 10_000 * TICK_NS) == []  # a busy machine: reports are not read yet
    merger.push(event(START - 1, "earlier"))
    merger.set_watermark(SERVER, START, START + 10_000 * TICK_NS)
    assert summaries(merger.release()) == ["earlier", "later"]


def test_an_event_waits_longer_for_a_source_that_is_behind_and_keeps_reporting() -> None:
    merger = Merger((SERVER,))
    merger.push(event(START))
    tick = 1
    while not merger.tick(START + tick * TICK_NS):
        merger.set_watermark(SERVER, tick, START + tick * TICK_NS)
        tick += 1
    assert tick == MAX_LAG


# -- whatever comes in whatever order


@dataclass
class Source:
    """Events of one source: nanoseconds from one to the next, and how long each is on its way."""

    name: str
    steps: list[tuple[int, int]]

    def deliveries(self) -> list[tuple[int, str, int]]:
        """When each of its events arrives, in the order in which they happened."""
        found, t_ns, arrives = [], START, START
        for step, delay in self.steps:
            t_ns += step
            arrives = max(arrives, t_ns + delay)
            found.append((arrives, self.name, t_ns))
        return found


def steps(most_delay: int) -> st.SearchStrategy[list[tuple[int, int]]]:
    return st.lists(st.tuples(st.integers(0, 12 * MS), st.integers(0, most_delay)), max_size=40)


def play(sources: list[Source], *, keep_reporting: bool = False) -> tuple[list[Event], list[int], list[int]]:
    """Deliver it all and tick.

    Returns what comes out, for how many nanoseconds each event was held, and for how many of those no source
    reported. With `keep_reporting`, a source that is behind reports its watermark at each tick.
    """
    merger = Merger(source.name for source in sources)
    on_their_way = sorted(delivery for source in sources for delivery in source.deliveries())
    arrived: dict[str, int] = {}
    pushed: dict[int, int] = {}
    out: list[Event] = []
    held: list[int] = []
    silent: list[int] = []
    now = last_report = START

    def take(events: list[Event]) -> None:
        out.extend(events)
        held.extend(now - pushed[id(each)] for each in events)
        silent.extend(now - max(pushed[id(each)], last_report) for each in events)

    while on_their_way or len(merger):
        while on_their_way and on_their_way[0][0] <= now:
            arrives, name, t_ns = on_their_way.pop(0)
            one = event(t_ns, name)
            pushed[id(one)] = arrives
            merger.push(one)
            merger.set_watermark(name, t_ns, arrives)
            arrived[name] = t_ns
            last_report = arrives
            take(merger.release())
        for name in {name for _, name, _ in on_their_way} if keep_reporting else ():
            merger.set_watermark(name, arrived.get(name, 0), now)
            last_report = now
        take(merger.tick(now))
        now += TICK_NS
    return out, held, silent


@given(steps((MAX_WAIT - 1) * TICK_NS), steps((MAX_WAIT - 1) * TICK_NS), steps(0))
def test_any_interleaving_comes_out_in_order_if_sources_report_in_time(
    tap: list[tuple[int, int]], server: list[tuple[int, int]], client: list[tuple[int, int]]
) -> None:
    sources = [Source(TAP, tap), Source(SERVER, server), Source("client", client)]
    out, *_ = play(sources)
    times = [each.t_ns for each in out]
    assert times == sorted(times)
    assert len(out) == len(tap) + len(server) + len(client)


@given(steps((MAX_LAG - 2) * TICK_NS), steps(0))
def test_a_flood_comes_out_in_order_if_the_source_behind_keeps_reporting(
    server: list[tuple[int, int]], tap: list[tuple[int, int]]
) -> None:
    out, *_ = play([Source(SERVER, server), Source(TAP, tap)], keep_reporting=True)
    times = [each.t_ns for each in out]
    assert times == sorted(times)


@given(st.lists(steps(MAX_LAG * 10 * TICK_NS), min_size=1, max_size=3), st.booleans())
def test_nothing_is_lost_and_nothing_waits_longer_than_the_limit(
    sources: list[list[tuple[int, int]]], keep_reporting: bool
) -> None:
    named = [Source(str(number), steps) for number, steps in enumerate(sources)]
    out, held, silent = play(named, keep_reporting=keep_reporting)
    assert sorted(each.t_ns for each in out) == sorted(t for one in named for _, _, t in one.deliveries())
    assert all(wait <= MAX_LAG * TICK_NS for wait in held)
    assert all(wait <= MAX_WAIT * TICK_NS for wait in silent)
