"""How the lines of a comparison are drawn: a glyph and a word for each mark, and nothing too wide."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wsplay.events.event import Direction, Event, Lane, Source
from wsplay.tui.compare.layout import EventLine, Layout, TopLine
from wsplay.tui.compare.rows import HEADER, Frame, Run, event_line, ground, header, top_line
from wsplay.tui.kit.styled_lines import line_width, plain
from wsplay.tui.kit.theme import DIFFERENCE
from wsplay.verdict.compare import Op, Row, Side, compare

WIDTHS = [20, 40, 76, 106, 136, 300]


def words(text: str) -> str:
    return " ".join(text.split())


def drawn(left: Side, right: Side, width: int, **more: Any) -> list[str]:
    frame = Frame(width)
    compared = compare(left, right)
    layout = Layout(compared, width, frame.half, frame.two_columns)
    runs = Run.of(left), Run.of(right)
    lines = header(runs, frame)
    for y in range(len(layout)):
        line = layout[y]
        lines.append(
            top_line(line, frame) if isinstance(line, TopLine) else event_line(line, runs, frame, **more)
        )
    return [plain(line).rstrip() for line in lines]


def test_side_by_side(left: Side, right: Side) -> None:
    lines = drawn(left, right, 136)
    assert lines[0].split("│")[0].strip() == "< close_before_accept @ no token  uvicorn"
    assert lines[0].split("│")[1].strip() == "> accept_then_close @ no token  uvicorn"
    assert [part.strip() for part in lines[1].split("│")] == ["✗ REFUSED 403", "~ differs      ! CLOSED 1008"]
    assert words(lines[2]) == "= same ~ differs < only left > only right"
    marks = {line.split("│")[1][:12].strip() for line in lines[HEADER:] if "│" in line}
    assert marks == {"= same", "~ differs", "< only left", "> only right"}
    close = next(line for line in lines if "websocket.close 1008  " in line)
    assert words(close) == (
        '3.5 ms asgi ← websocket.close 1008 :6 │~ differs 2.7 ms asgi ← websocket.close 1008 "bad" :7'
    )


def test_one_below_the_other(left: Side, right: Side) -> None:
    lines = drawn(left, right, 76)
    assert words(lines[0]) == "< close_before_accept @ no token uvicorn ✗ REFUSED 403"
    assert words(lines[1]) == "> accept_then_close @ no token uvicorn ! CLOSED 1008"
    events = [" ".join(line.split()) for line in lines]
    assert "= same 0.2 ms client → connecting" in events
    assert "~< differs 3.5 ms asgi ← websocket.close 1008 :6" in events
    assert '~> 2.7 ms asgi ← websocket.close 1008 "bad" :7' in events
    assert "< only left 4.0 ms client ✗ InvalidStatus: HTTP 403" in events
    assert '> only right 3.1 ms client ○ closed 1008 "bad"' in events


def test_connections_are_numbered_where_there_are_several(left: Side, right: Side) -> None:
    other = Side(left.header, [*left.events, Event(5_000_000, Lane.WIRE, "wire.eof", "EOF", 12)], None)
    assert any("#12" in line for line in drawn(other, right, 136))
    assert not any("#1" in line for line in drawn(left, right, 136))


@pytest.mark.parametrize("width", WIDTHS)
@given(text=st.text(max_size=60))
def test_no_line_is_wider_than_the_pane_and_none_holds_a_control_character(text: str, width: int) -> None:
    frame = Frame(width)
    event = Event(
        1, Lane.WIRE, "wire.frame", text, 1, Direction.S2C, {"t": text}, Source("a.py", 41, "endpoint")
    )
    runs = (Run.of(Side({"name": text, "engine": text}, [], {"headline": text})), Run.of(Side({}, [], None)))
    for op in Op:
        row = Row("event", op, "", None if op is Op.RIGHT else event, None if op is Op.LEFT else event)
        for side in ("<", ">") if op is Op.CHANGED and not frame.two_columns else ("",):
            line = event_line(EventLine(row, side, True), runs, frame, search=("e",))
            assert line_width(line) <= max(width, 30)
            assert plain(line).isprintable()
    for line in header(runs, frame):
        assert plain(line).isprintable()


def test_what_was_searched_for_stands_out(left: Side, right: Side) -> None:
    row = Row("event", Op.SAME, "", left.events[1], right.events[1])
    line = event_line(EventLine(row, "", True), (Run.of(left), Run.of(right)), Frame(76), search=("http",))
    assert [text for text, style in line if "match" in style] == ["HTTP"]


def test_what_differs_has_a_ground_and_what_is_the_same_has_none() -> None:
    assert ground(Op.SAME) == ground(None) == ""
    assert {ground(op) for op in Op} == {"", *(DIFFERENCE[op].ground for op in "~<>")}
