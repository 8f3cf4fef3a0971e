import gc
import weakref
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wsplay.events.event import Event, Lane
from wsplay.events.numbering import Numbering
from wsplay.events.timeline import Timeline


def event(summary: str = "", kind: str = "note", **data: Any) -> Event:
    return Event(0, Lane.WIRE, kind, summary, 1, None, data)


def filled(count: int, **limits: int) -> Timeline:
    timeline = Timeline(0, **limits)
    for number in range(count):
        timeline.add(event(str(number)))
    return timeline


def test_events_are_numbered_from_one_without_a_gap() -> None:
    timeline = Timeline(0)
    assert [timeline.add(event()).seq for _ in range(3)] == [1, 2, 3]
    assert [each.seq for each in timeline] == [1, 2, 3]
    assert (timeline.first_seq, timeline.next_seq, timeline.dropped) == (1, 4, 0)


def test_a_number_that_was_given_is_kept() -> None:
    numbering = Numbering(0)
    timeline = Timeline(0)
    assert [timeline.add(numbering.number(event())).seq for _ in range(3)] == [1, 2, 3]
    numbered = numbering.number(event())
    assert timeline.add(numbered) is numbered


def test_what_is_older_than_a_gap_is_dropped_so_that_places_follow_from_numbers() -> None:
    timeline = filled(3)
    assert timeline.add(event("far").numbered(8)).seq == 8
    assert timeline.add(event("next").numbered(9)).seq == 9
    assert [each.summary for each in timeline] == ["far", "next"]
    assert (timeline.dropped, timeline.first_seq, timeline.next_seq) == (7, 8, 10)
    assert timeline.get(9) is timeline[1]
    assert timeline.get(3) is None


@pytest.mark.parametrize("seq", [1, 3])
def test_a_number_that_is_taken_is_refused(seq: int) -> None:
    with pytest.raises(ValueError, match=f"event {seq} comes after event 3"):
        filled(3).add(event().numbered(seq))


def test_the_oldest_go_first_and_are_counted() -> None:
    timeline = filled(10, max_events=4)
    assert [each.summary for each in timeline] == ["6", "7", "8", "9"]
    assert (len(timeline), timeline.dropped, timeline.first_seq, timeline.next_seq) == (4, 6, 7, 11)
    assert timeline.get(6) is None
    assert timeline.get(7) is timeline[0]
    assert timeline.get(10) is timeline[-1]
    assert timeline.get(11) is None


@pytest.mark.parametrize(
    "held",
    [
        {"kind": "client.received", "text": "x" * 100},
        {"kind": "client.received", "hex": "x" * 100},
        {"kind": "wire.frame", "payload": {"size": 1, "text": "x" * 100}},
        {"kind": "wire.response", "body": {"size": 1, "hex": "x" * 100}},
        {"kind": "wire.request", "headers": [["Cookie", "x" * 100]]},
        {"kind": "asgi.send", "message": {"text": "x" * 100}},
        {"kind": "asgi.send", "message": {"bytes": {"hex": "x" * 100, "size": 50}}},
        {"kind": "asgi.scope", "scope": {"headers": [["cookie", "x" * 100]]}},
        {"kind": "asgi.raised", "traceback": "x" * 100},
        {"kind": "asgi.raised", "rest": [{"code": "x" * 50}, {"code": "x" * 50}]},
        {"kind": "server.print", "text": "x" * 100},
        {"kind": "note", "summary": "x" * 100},
    ],
)
def test_whatever_an_event_holds_counts_towards_the_limit(held: dict[str, Any]) -> None:
    timeline = Timeline(0, max_payload=1000)
    for _ in range(50):
        timeline.add(event(**held))
    assert 5 <= len(timeline) <= 10
    assert timeline.dropped == 50 - len(timeline)


def test_the_newest_stays_however_large_it_is() -> None:
    timeline = Timeline(0, max_payload=10)
    timeline.add(event("small"))
    timeline.add(event("x" * 1000))
    assert [len(each.summary) for each in timeline] == [1000]


def test_what_is_dropped_is_let_go() -> None:
    class Data(dict[str, Any]):
        pass

    timeline = Timeline(0, max_events=1)
    data = Data()
    gone = weakref.ref(data)
    timeline.add(Event(0, Lane.WIRE, "note", "", 1, None, data))
    del data
    timeline.add(event())
    gc.collect()
    assert gone() is None


@pytest.mark.parametrize("index", [3, -4, 100])
def test_an_index_outside_raises(index: int) -> None:
    with pytest.raises(IndexError):
        filled(3)[index]


@given(
    count=st.integers(0, 60),
    limit=st.integers(1, 40),
    start=st.none() | st.integers(-50, 50),
    stop=st.none() | st.integers(-50, 50),
    step=st.sampled_from([None, 1, 2, 3, -1, -2]),
)
def test_it_slices_and_indexes_as_a_list_of_what_is_kept(
    count: int, limit: int, start: int | None, stop: int | None, step: int | None
) -> None:
    timeline = filled(count, max_events=limit)
    kept = [str(number) for number in range(count)][-limit:]
    assert [each.summary for each in timeline] == kept
    assert [each.summary for each in timeline[start:stop:step]] == kept[start:stop:step]
    assert [timeline[place].summary for place in range(-len(kept), len(kept))] == kept * 2


@given(st.lists(st.integers(0, 40), min_size=1, max_size=80), st.integers(1, 30), st.integers(1, 200))
def test_the_limits_hold_at_every_moment(sizes: list[int], max_events: int, max_payload: int) -> None:
    timeline = Timeline(0, max_events=max_events, max_payload=max_payload)
    for count, size in enumerate(sizes, 1):
        timeline.add(event("x" * size))
        assert len(timeline) <= max_events
        assert len(timeline) == 1 or sum(len(each.summary) for each in timeline) <= max_payload
        assert timeline.dropped + len(timeline) == count
        assert timeline.get(timeline.first_seq) is timeline[0]
        assert timeline[-1].seq == count


def test_the_list_behind_is_cut_as_it_grows() -> None:
    timeline = filled(20_000, max_events=100)
    assert [each.summary for each in timeline] == [str(number) for number in range(19_900, 20_000)]
    assert len(timeline._events) < 2_000


@given(st.lists(st.integers(1, 3), max_size=40), st.integers(1, 12))
def test_places_follow_from_numbers_whatever_was_lost_on_the_way(steps: list[int], max_events: int) -> None:
    timeline = Timeline(0, max_events=max_events)
    kept: list[int] = []
    seq = 0
    for step in steps:
        seq += step
        timeline.add(event().numbered(seq))
        kept = [*(kept if step == 1 else []), seq][-max_events:]
        assert [each.seq for each in timeline] == kept
        assert timeline.dropped == kept[0] - 1
        for number in range(seq + 2):
            found = timeline.get(number)
            assert (found.seq if found is not None else None) == (number if number in kept else None)
