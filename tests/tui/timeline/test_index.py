"""Which rows are shown, checked against a plain list whatever happens in whatever order."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from wsplay.events.event import Event, Lane
from wsplay.events.timeline import Timeline
from wsplay.tui.timeline.index import ALL_LANES, RowIndex

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
    limit=st.integers(1, 40),
)
def test_rows_are_what_a_plain_list_says_whatever_is_dropped(
    batches: list[list[Event]], lanes: frozenset[Lane], conn: int | None, limit: int
) -> None:
    timeline = Timeline(0, max_events=limit)
    index = RowIndex(timeline, lanes, conn)
    for batch in batches:
        for event in batch:
            timeline.add(event)
        index.update()
        rows = expected(timeline, lanes, conn)
        assert [index.seq_at(place) for place in range(len(index))] == rows
        assert index.seq_at(len(rows)) is None
        assert index.seq_at(-1) is None
        assert [index.row_of(seq) for seq in rows] == list(range(len(rows)))
        assert index.dropped == timeline.dropped
        for seq in range(timeline.first_seq - 1, timeline.next_seq):
            assert index.count_after(seq) == sum(other > seq for other in rows)
            shown = [event.seq for event in index.shown(seq, seq + 7)]
            assert shown == [other for other in rows if seq <= other < seq + 7]


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
    index.update()
    index.set_filter(lanes, conn)
    for event in after:
        timeline.add(event)
    index.update()
    assert [index.seq_at(place) for place in range(len(index))] == expected(timeline, lanes, conn)
    index.set_filter(ALL_LANES, None)
    assert not index.filtered
    assert len(index) == len(timeline)


def test_rows_stay_until_the_next_update() -> None:
    timeline = Timeline(0, max_events=2)
    index = RowIndex(timeline)
    for _ in range(5):
        timeline.add(made(Lane.WIRE, 1, ""))
    assert len(index) == 0
    index.update()
    assert [index.seq_at(place) for place in range(2)] == [4, 5]
    assert index.dropped == 3
