"""What a search finds, checked against a plain list whatever happens in whatever order."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from wsplay.events.event import Event, Lane
from wsplay.events.timeline import Timeline
from wsplay.export.event_filter import read_filter
from wsplay.tui.timeline.index import RowIndex
from wsplay.tui.timeline.search import Search

WORDS = ("token", "Token", "close", "ping", "")


def made(lane: Lane, conn: int | None, word: str) -> Event:
    return Event(0, lane, f"{lane}.x", f"about {word}", conn)


EVENTS = st.lists(
    st.builds(made, st.sampled_from(Lane), st.none() | st.integers(1, 3), st.sampled_from(WORDS)), max_size=30
)


@given(
    batches=st.lists(EVENTS, max_size=8),
    lanes=st.frozensets(st.sampled_from(Lane)),
    conn=st.none() | st.integers(1, 3),
    text=st.sampled_from(["", "tok", "TOKEN", "zzz"]),
    limit=st.integers(1, 40),
    slices=st.integers(1, 20),
)
def test_matches_are_what_a_plain_list_says_whatever_is_dropped(
    batches: list[list[Event]], lanes: frozenset[Lane], conn: int | None, text: str, limit: int, slices: int
) -> None:
    timeline = Timeline(0, max_events=limit)
    index = RowIndex(timeline, lanes, conn)
    search = Search()
    search.restart(index)
    search.start(read_filter(text), 1)
    for batch in batches:
        for event in batch:
            timeline.add(event)
        index.update()
        while search.run_some(slices):
            pass
        assert not search.running
        matches = [
            event.seq
            for event in timeline
            if text and text.lower() in event.summary.lower()
            if event.lane in lanes and (conn is None or event.conn in (None, conn))
        ]
        assert search.matches == matches
        for number, seq in enumerate(matches, 1):
            assert search.match_number(seq) == number
            assert search.match_after(seq) == matches[number % len(matches)]
            assert search.match_before(seq) == matches[number - 2]


def test_the_first_match_is_known_once_and_comes_from_the_top_only_when_all_is_searched() -> None:
    timeline = Timeline(0)
    for word in ("token", "", "", ""):
        timeline.add(made(Lane.WIRE, 1, word))
    index = RowIndex(timeline)
    search = Search()
    search.restart(index)
    search.start(read_filter("token"), 3)
    search.run_some(2)
    assert search.first_match() is None
    assert search.running
    assert search.status(1) == "/token 1 of 1… · n N"
    search.run_some(2)
    assert search.first_match() == 1
    assert search.first_match() is None
    search.start(read_filter("token"), 3)
    timeline.add(made(Lane.WIRE, 1, "token"))
    index.update()
    search.run(10.0)
    assert search.first_match() == 5
