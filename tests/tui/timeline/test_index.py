"""Which rows are shown and found, checked against a plain list whatever happens in whatever order."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from wsplay.events.event import Event, Lane
from wsplay.events.timeline import Timeline
from wsplay.tui.timeline.index import ALL_LANES, RowIndex, contains

WORDS = ("token", "Token", "close", "ping", "")


def made(lane: Lane, conn: int | None, word: str) -> Event:
    return Event(0, lane, f"{lane}.x", f"about {word}", conn)


EVENTS = st.lists(
    st.builds(made, st.sampled_from(Lane), st.none() | st.integers(1, 3), st.sampled_from(WORDS)), max_size=30
)


def expected(timeline: Timeline, lanes: frozenset[Lane], conn: int | None) -> list[int]:
    return [
        event.seq
        for event in timeline
        if event.lane in lanes and (conn is None or event.conn in (None, conn))
    ]


@given(
    batches=st.lists(EVENTS, max_size=8),
    lanes=st.frozensets(st.sampled_from(Lane)),
    conn=st.none() | st.integers(1, 3),
    needle=st.sampled_from(["", "tok", "TOKEN", "zzz"]),
    limit=st.integers(1, 40),
    slices=st.integers(1, 20),
)
def test_rows_are_what_a_plain_list_says_whatever_is_dropped(
    batches: list[list[Event]], lanes: frozenset[Lane], conn: int | None, needle: str, limit: int, slices: int
) -> None:
    timeline = Timeline(0, max_events=limit)
    index = RowIndex(timeline, lanes, conn, needle)
    for batch in batches:
        for event in batch:
            timeline.add(event)
        index.take()
        while index.scan(slices):
            pass
        rows = expected(timeline, lanes, conn)
        assert [index.seq_at(place) for place in range(len(index))] == rows
        assert index.seq_at(len(rows)) is None
        assert index.seq_at(-1) is None
        assert [index.row_of(seq) for seq in rows] == list(range(len(rows)))
        assert index.dropped == timeline.dropped
        for seq in range(timeline.first_seq - 1, timeline.next_seq):
            assert index.after(seq) == sum(other > seq for other in rows)
        matches = [seq for seq in rows if needle and needle.lower() in _summary(timeline, seq).lower()]
        assert index.matches == matches
        for number, seq in enumerate(matches, 1):
            assert index.match_number(seq) == number
            assert index.match_after(seq) == matches[number % len(matches)]
            assert index.match_before(seq) == matches[number - 2]


def _summary(timeline: Timeline, seq: int) -> str:
    event = timeline.get(seq)
    assert event is not None
    return event.summary


@given(
    before=EVENTS,
    after=EVENTS,
    lanes=st.frozensets(st.sampled_from(Lane)),
    conn=st.none() | st.integers(1, 3),
)
def test_a_filter_put_on_later_shows_the_same(
    before: list[Event], after: list[Event], lanes: frozenset[Lane], conn: int | None
) -> None:
    timeline = Timeline(0, max_events=25)
    index = RowIndex(timeline)
    for event in before:
        timeline.add(event)
    index.take()
    index.set_filter(lanes, conn)
    for event in after:
        timeline.add(event)
    index.take()
    assert [index.seq_at(place) for place in range(len(index))] == expected(timeline, lanes, conn)
    index.set_filter(ALL_LANES, None)
    assert not index.filtered
    assert len(index) == len(timeline)


def test_rows_stay_until_they_are_taken_in() -> None:
    timeline = Timeline(0, max_events=2)
    index = RowIndex(timeline)
    for _ in range(5):
        timeline.add(made(Lane.WIRE, 1, ""))
    assert len(index) == 0
    index.take()
    assert [index.seq_at(place) for place in range(2)] == [4, 5]
    assert index.dropped == 3


def test_a_search_looks_into_all_data() -> None:
    data: dict[str, Any] = {
        "headers": [["Authorization", "Bearer Abc"]],
        "message": {"code": 1008, "text": "Grüße"},
        "clean": True,
        "none": None,
    }
    event = Event(0, Lane.ASGI, "asgi.send", "websocket.close", 1, None, data)
    for needle in ("bearer a", "authorization", "1008", "grüße", "WEBSOCKET".lower()):
        assert contains(event, needle)
    for needle in ("true", "none", "nothing"):
        assert not contains(event, needle)
