"""A comparison as text: one column, two where there is room, and nothing that a terminal acts on."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wsplay.events.event import Direction, Event, Lane, Source
from wsplay.export.diff_text import WIDE, diff_lines
from wsplay.verdict.compare import Side, compare


def frame(text: str, t_ns: int = 1_500_000) -> Event:
    data = {"opcode": 1, "payload": {"text": text}}
    source = Source("app.py", 41, "endpoint")
    return Event(t_ns, Lane.WIRE, "wire.frame", f'text "{text}"', 1, Direction.S2C, data, source)


def header(name: str) -> dict[str, Any]:
    return {"name": name, "engine": "uvicorn", "target": name, "request": {"path": "/ws"}}


LEFT = Side(
    header("one"), [frame("a"), frame("b")], {"ended": "refused", "headline": "REFUSED 403", "tone": "bad"}
)
RIGHT = Side(
    header("two"), [frame("a"), frame("x"), frame("c")], {"ended": "closed", "headline": "CLOSED 1008"}
)


def test_in_one_column() -> None:
    lines = [" ".join(line.split()) for line in diff_lines(LEFT, RIGHT, compare(LEFT, RIGHT))]
    assert lines == [
        "< one uvicorn ✗ REFUSED 403",
        "> two uvicorn ● CLOSED 1008",
        "= same ~ differs < only in the first > only in the second",
        "",
        "= Request: the same",
        "Outcome",
        "~< ended: refused",
        "~> ended: closed",
        "",
        "Events",
        '= 1.5 ms wire ← text "a" app.py:41',
        '~< 1.5 ms wire ← text "b" app.py:41',
        '~> 1.5 ms wire ← text "x" app.py:41',
        '> 1.5 ms wire ← text "c" app.py:41',
        "",
        "Events: 1 same, 1 changed, 0 only in the first, 1 only in the second",
    ]


def test_in_two_columns_where_there_is_room() -> None:
    lines = list(diff_lines(LEFT, RIGHT, compare(LEFT, RIGHT), width=WIDE))
    first = lines.index("Events") + 1
    rows = [line.split("│") for line in lines[first : first + 3]]
    assert [right[:1] for _, right in rows] == ["=", "~", ">"]
    assert all(len(left) == (WIDE - 4) // 2 + 1 for left, _ in rows)
    assert 'text "b"' in rows[1][0]
    assert 'text "x"' in rows[1][1]
    assert rows[2][0].isspace()
    assert all(len(line) <= WIDE for line in lines)


@pytest.mark.parametrize("width", [None, 80, WIDE, 200])
@given(text=st.text())
def test_no_control_character_is_printed(text: str, width: int | None) -> None:
    left = Side({"name": text, "engine": text, "source": {"text": text}}, [frame(text)], {"ended": text})
    for line in diff_lines(left, RIGHT, compare(left, RIGHT), width=width):
        assert line.isprintable()


def test_what_is_not_seen_of_a_difference_is_named() -> None:
    same = frame("a")
    other = Event(1, Lane.WIRE, "wire.frame", same.summary, 1, Direction.S2C, {**same.data, "fin": False})
    left, right = Side(header("one"), [same], None), Side(header("two"), [other], None)
    for width in (None, 80, WIDE):
        lines = list(diff_lines(left, right, compare(left, right), width=width))
        assert "~  these two differ in fin, source" in lines
    assert not any("differ in" in line for line in diff_lines(LEFT, RIGHT, compare(LEFT, RIGHT)))


def test_long_values_are_broken_and_indented() -> None:
    left = Side(header("one"), [], {"client_error": {"message": "word " * 40}})
    right = Side(header("two"), [], {"client_error": {"message": ""}})
    lines = list(diff_lines(left, right, compare(left, right), width=80))
    first = next(at for at, line in enumerate(lines) if line.startswith("~< client_error.message: word"))
    assert lines[first + 1].startswith("     word")
    assert '~> client_error.message: ""' in lines
    assert all(len(line) <= 80 for line in lines)


def test_versions_are_told_where_they_differ() -> None:
    left = Side({**header("one"), "versions": {"uvicorn": "0.53"}}, [], None)
    right = Side({**header("two"), "versions": {"uvicorn": "0.54"}}, [], None)
    lines = list(diff_lines(left, right, compare(left, right)))
    at = lines.index("Versions")
    assert lines[at + 1 : at + 3] == ["~< version of uvicorn: 0.53", "~> version of uvicorn: 0.54"]


def test_the_direction_is_seen_in_two_columns() -> None:
    lines = list(diff_lines(LEFT, RIGHT, compare(LEFT, RIGHT), width=WIDE))
    assert any('wire   ← text "a"' in line for line in lines)
