"""Which lines a comparison has, and where its differences begin."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wsplay.events.event import Direction, Event, Lane
from wsplay.tui.compare.layout import EventLine, Layout, TopLine, counted, first_folds
from wsplay.tui.kit.styled_lines import line_width, plain
from wsplay.verdict.compare import Comparison, Op, Row, Side, compare


def laid_out(compared: Comparison, two_columns: bool = True, **more: Any) -> Layout:
    half = 61 if two_columns else 62
    return Layout(compared, 138 if two_columns else 76, half, two_columns, **more)


def shown(layout: Layout) -> list[str]:
    """The lines as text: mark, side, and what is on the left and on the right."""
    lines = []
    for y in range(len(layout)):
        line = layout[y]
        if isinstance(line, TopLine):
            text = " | ".join(" ".join(plain(part).split()) for part in (line.left, line.right) if part)
            lines.append(f"{line.op or ''}{line.side.replace(str(line.op), '')} {text}".strip())
        else:
            sides = [side.summary if side else "" for side in (line.row.a, line.row.b)]
            side = line.side.replace(str(line.row.op), "")
            lines.append(
                f"{line.row.op}{side} " + (" | ".join(sides) if not line.side else line.event.summary)
            )
    return lines


def test_two_columns(left: Side, right: Side) -> None:
    assert shown(laid_out(compare(left, right))) == [
        "= = Request: the same",
        "▾ Source differs in 3 lines",
        "~ 6 await websocket.close(code=1008) | 6 await websocket.accept()",
        '> 7 await websocket.close(code=1008, reason="bad")',
        "▾ Outcome differs in 3: ended, status, opened",
        "~ ended refused | closed",
        "~ status 403 | 101",
        "~ opened false | true",
        "▾ Events: 3 same, 1 differs, 2 only left, 3 only right",
        "= connecting | connecting",
        "= GET /ws HTTP/1.1 | GET /ws HTTP/1.1",
        "= websocket /ws | websocket /ws",
        ">  | websocket.accept",
        ">  | HTTP/1.1 101 Switching Protocols",
        '~ websocket.close 1008 | websocket.close 1008 "bad"',
        '>  | closed 1008 "bad"',
        "< HTTP/1.1 403 Forbidden  0 B | ",
        "< InvalidStatus: HTTP 403 | ",
    ]


def test_in_one_column_what_is_the_same_comes_once_and_what_differs_twice(left: Side, right: Side) -> None:
    lines = shown(laid_out(compare(left, right), two_columns=False))
    assert lines[2:5] == [
        "< 6 await websocket.close(code=1008)",
        "> 6 await websocket.accept()",
        '> 7 await websocket.close(code=1008, reason="bad")',
    ]
    assert lines[6:8] == ["~< ended refused", "~> ended closed"]
    events = lines[lines.index("▾ Events: 3 same, 1 differs, 2 only left, 3 only right") + 1 :]
    assert events[:7] == [
        "= connecting | connecting",
        "= GET /ws HTTP/1.1 | GET /ws HTTP/1.1",
        "= websocket /ws | websocket /ws",
        "> websocket.accept",
        "> HTTP/1.1 101 Switching Protocols",
        "~< websocket.close 1008",
        '~> websocket.close 1008 "bad"',
    ]


@pytest.mark.parametrize("two_columns", [True, False])
def test_a_part_is_folded_to_its_heading(left: Side, right: Side, two_columns: bool) -> None:
    compared = compare(left, right)
    folded = laid_out(compared, two_columns, folded=frozenset(("source", "outcome", "event")))
    assert shown(folded) == [
        "= = Request: the same",
        "▸ Source differs in 3 lines",
        "▸ Outcome differs in 3: ended, status, opened",
        "▸ Events: 3 same, 1 differs, 2 only left, 3 only right",
    ]


def test_what_is_the_same_is_hidden(left: Side, right: Side) -> None:
    lines = shown(laid_out(compare(left, right), only_differences=True))
    assert not [line for line in lines if line.startswith("=")]
    assert len(lines) == 18 - 4


def test_neighbouring_differences_are_one(left: Side, right: Side) -> None:
    layout = laid_out(compare(left, right))
    lines = shown(layout)
    assert [lines[mark] for mark in layout.marks] == [
        "▾ Source differs in 3 lines",
        "▾ Outcome differs in 3: ended, status, opened",
        ">  | websocket.accept",
    ]
    first, second, third = layout.marks
    assert layout.previous_mark(first) is None
    assert [layout.next_mark(y) for y in (0, first, second, third)] == [first, second, third, None]
    assert [layout.previous_mark(y) for y in (third + 3, third, second)] == [third, second, first]
    assert [layout.mark_number(y) for y in (0, first, second - 1, third + 3)] == [0, 1, 1, 3]


def test_the_marks_are_the_same_with_the_same_hidden(left: Side, right: Side) -> None:
    compared = compare(left, right)
    every, some = laid_out(compared), laid_out(compared, only_differences=True)
    assert [shown(every)[mark] for mark in every.marks] == [shown(some)[mark] for mark in some.marks]


def test_only_the_events_that_were_found(left: Side, right: Side) -> None:
    layout = laid_out(compare(left, right), only=[1, 5])
    assert shown(layout)[9:] == [
        "= GET /ws HTTP/1.1 | GET /ws HTTP/1.1",
        '~ websocket.close 1008 | websocket.close 1008 "bad"',
    ]
    assert layout.place_at(8) is None
    assert [layout.place_at(y) for y in (9, 10)] == [1, 5]
    assert [layout.line_of(place) for place in (0, 1, 2, 5, 8)] == [9, 9, 10, 10, 10]


def test_long_values_are_wrapped_and_cut_at_some_lines(left: Side, right: Side) -> None:
    left = replace(left, outcome={"ended": "word " * 400})
    layout = laid_out(compare(left, right))
    lines = [line for line in layout.top if line.part == "outcome" and not line.heading]
    ended = lines[: next(at for at, line in enumerate(lines) if at and line.first)]
    assert len(ended) == 6
    assert plain(ended[-1].left) == "…"
    assert all(line_width(line.left) <= layout.half for line in lines)


def test_values_of_one_side_alone(left: Side, right: Side) -> None:
    right = replace(right, outcome={**(right.outcome or {}), "close": {"code": 1008}})
    assert '> close – | {"code": 1008}' in shown(laid_out(compare(left, right)))
    assert '> close {"code": 1008}' in shown(laid_out(compare(left, right), two_columns=False))


def test_nothing_differs(left: Side) -> None:
    layout = laid_out(compare(left, left))
    assert layout.marks == []
    assert shown(layout)[:4] == [
        "= = Request: the same",
        "= = Source: the same",
        "= = Outcome: the same",
        "▾ Events: 6 same",
    ]


def test_the_events_have_half_of_the_room_at_first(left: Side, right: Side) -> None:
    compared = compare(left, right)
    assert first_folds(compared, 138, 61, True, 40) == set()
    assert first_folds(compared, 138, 61, True, 14) == {"outcome"}
    assert first_folds(compared, 76, 62, False, 8) == {"outcome", "source"}


def test_counts() -> None:
    def of(**counts: int) -> str:
        return counted(Comparison((), {Op[name]: count for name, count in counts.items()}))

    assert of(SAME=1_200, CHANGED=2, LEFT=1, RIGHT=3) == "1,200 same, 2 differ, 1 only left, 3 only right"
    assert of(SAME=0, CHANGED=1) == "1 differs"
    assert of() == "none"


def test_the_side_of_a_line_says_which_event_it_is(left: Side, right: Side) -> None:
    layout = laid_out(compare(left, right), two_columns=False)
    lines = [layout[y] for y in range(len(layout.top), len(layout))]
    assert all(isinstance(line, EventLine) for line in lines)
    assert all((line.event in right.events) == (line.side == ">") for line in lines)  # type: ignore[union-attr]


EVENT = Event(0, Lane.WIRE, "wire.frame", "text", 1, Direction.C2S)


@given(st.lists(st.sampled_from(list(Op))), st.booleans(), st.booleans(), st.data())
def test_every_event_has_its_line(ops: list[Op], two_columns: bool, hides: bool, data: st.DataObject) -> None:
    rows = tuple(
        Row("event", op, "", None if op is Op.RIGHT else EVENT, None if op is Op.LEFT else EVENT)
        for op in ops
    )
    only = data.draw(st.none() | st.sets(st.sampled_from(range(len(ops))))) if ops else None
    layout = laid_out(Comparison(rows), two_columns, only_differences=hides, only=only)
    lines = [layout.place_at(y) for y in range(len(layout.top), len(layout))]
    wanted = [
        place
        for place, op in enumerate(ops)
        if (only is None or place in only) and not (hides and op is Op.SAME)
        for _ in range(2 if op is Op.CHANGED and not two_columns else 1)
    ]
    assert lines == wanted
    assert all(layout.line_of(place) == len(layout.top) + lines.index(place) for place in set(wanted))
    for mark in layout.marks:
        line = layout[mark]
        assert isinstance(line, EventLine)
        assert line.row.op is not Op.SAME
        assert line.first
    different = [y for y in range(len(layout.top), len(layout)) if layout[y].row.op is not Op.SAME]  # type: ignore[union-attr]
    assert bool(different) == bool(layout.marks)
