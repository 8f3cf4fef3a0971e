"""Events that come back from JSON are the same; whatever else is there is told, or left out."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wsplay.events.event import KINDS, Direction, Event, Lane, Place, Source
from wsplay.events.from_json import DEPTH, NotAnEvent, event_from_json, is_deeper

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=10,
)
NAMES = st.text(alphabet="abc/._", min_size=1, max_size=12)
PLACES = st.builds(Place, NAMES, st.integers(0, 10_000), NAMES)
SOURCES = st.builds(
    Source,
    NAMES,
    st.integers(0, 10_000),
    NAMES,
    st.sampled_from(["call", "raised", "endpoint"]),
    st.lists(PLACES, max_size=3).map(tuple),
)
EVENTS = st.builds(
    Event,
    st.integers(0, 10**9).map(lambda t_us: t_us * 1000),
    st.sampled_from(list(Lane)),
    st.sampled_from(sorted(KINDS)),
    st.text(alphabet="abc äöü", max_size=30),
    st.none() | st.integers(1, 1_000),
    st.none() | st.sampled_from(list(Direction)),
    st.dictionaries(st.text(max_size=8), JSON, max_size=4),
    st.none() | SOURCES,
    st.integers(1, 10**6),
    st.none() | st.sampled_from("ABC"),
)


@given(EVENTS)
def test_an_event_comes_back_the_same(event: Event) -> None:
    assert event_from_json(event.to_json(0)) == event


@given(st.dictionaries(st.sampled_from(list(Event(0, Lane.WIRE, "note", "").to_json(0))), JSON))
def test_anything_is_an_event_or_told(value: dict[str, Any]) -> None:
    problem = ""
    try:
        event = event_from_json(value)
    except NotAnEvent as error:
        problem = str(error)
    else:
        assert event.summary.isprintable()
        assert event.kind.isprintable()
    assert problem.isprintable()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"lane": "moon"}, "no lane is called `moon`"),
        ({"lane": None}, "no lane is called"),
        ({"kind": ""}, "without a kind"),
        ({"t_us": -1}, "without a time"),
        ({"t_us": 1.5}, "without a time"),
        ({"t_us": True}, "without a time"),
        ({"data": []}, "`data` is no object"),
    ],
)
def test_what_is_no_event_is_told(change: dict[str, Any], says: str) -> None:
    good = Event(0, Lane.WIRE, "wire.eof", "EOF").to_json(0)
    with pytest.raises(NotAnEvent, match=says):
        event_from_json(good | change)


def test_unknown_kinds_and_keys_are_no_problem() -> None:
    good = Event(0, Lane.WIRE, "wire.quic", "x").to_json(0)
    assert event_from_json(good | {"later": 1}).kind == "wire.quic"


def test_control_characters_of_a_file_reach_nobody() -> None:
    value = Event(0, Lane.WIRE, "wire.\x1b[2J", "\x1b[31mred\n").to_json(0)
    event = event_from_json(value | {"source": {"file": "\x1b.py", "line": 1, "function": "\x07"}})
    assert (event.kind, event.summary) == ("wire.␛[2J", "␛[31mred␊")
    assert event.source == Source("␛.py", 1, "␇")


@given(st.integers(0, 40), st.booleans())
def test_depth(levels: int, objects: bool) -> None:
    value: Any = 1
    for _ in range(levels):
        value = {"a": value} if objects else [value]
    assert is_deeper(value, DEPTH) is (levels > DEPTH)
