"""A comparison of two runs as plain text: one column, or two side by side where there is room."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

from wsplay.events.event import Event
from wsplay.events.lenient import text
from wsplay.events.safe_text import visible
from wsplay.export.run_file import name_of
from wsplay.export.text import Paint, event_text, plain
from wsplay.verdict.compare import Comparison, Op, Row, Side
from wsplay.verdict.diagnosis import told_by

#: Columns from which two columns have room.
WIDE: Final = 110
#: What each mark means.
LEGEND: Final = "= same  ~ differs  < only in the first  > only in the second"
_ROLES: Final = {Op.SAME: "dim", Op.CHANGED: "warn", Op.LEFT: "left", Op.RIGHT: "right"}
_GLYPHS: Final = {"good": "✓", "bad": "✗", "warn": "!", "info": "●"}
#: What of an outcome is said by its headline already, or is long.
_NOT_LISTED: Final = frozenset(("headline", "tone", "verdict", "next_step", "in_browser", "source"))


def diff_lines(
    left: Side, right: Side, compared: Comparison, *, paint: Paint = plain, width: int | None = None
) -> Iterator[str]:
    """The comparison, line by line. Lines are at most `width` wide; with None, nothing is cut."""
    wide = width is not None and width >= WIDE
    starts = left.start_ns, right.start_ns
    yield paint(f"< {_title(left)}", _ROLES[Op.LEFT])
    yield paint(f"> {_title(right)}", _ROLES[Op.RIGHT])
    yield paint(LEGEND, "dim")
    yield ""
    yield from _parts(compared, paint)
    yield ""
    yield paint("Events", "strong")
    for row in compared.part("event"):
        if wide and width is not None:
            yield _side_by_side(row, starts, paint, width)
        else:
            yield from _one_column(row, starts, paint, width)
    yield ""
    yield count_line(compared)


def count_line(compared: Comparison) -> str:
    """How many events are the same, and how many differ."""
    count = {op: compared.counts.get(op, 0) for op in Op}
    if len(compared.part("event")) == count[Op.SAME]:
        return f"Events: {count[Op.SAME]:,} same, no difference"
    return (
        f"Events: {count[Op.SAME]:,} same, {count[Op.CHANGED]:,} changed, "
        f"{count[Op.LEFT]:,} only in the first, {count[Op.RIGHT]:,} only in the second"
    )


def _title(side: Side) -> str:
    engine = visible(text(side.header, "engine"), 40)
    recorded = "  RECORDED" if side.header.get("recorded") is True else ""
    headline = "" if side.outcome is None else _headline(side.outcome)
    return f"{name_of(side.header)}  {engine}{recorded}  {headline}".rstrip()


def _headline(outcome: Any) -> str:
    told = told_by(outcome)
    return f"{_GLYPHS[told.tone]} {told.headline}"


def _parts(compared: Comparison, paint: Paint) -> Iterator[str]:
    """What ran, the request, the source and the outcome: what differs of each, or that nothing does."""
    for part in ("target", "request", "source", "outcome"):
        title = part.capitalize()
        rows = [row for row in compared.part(part) if row.op is not Op.SAME and row.key not in _NOT_LISTED]
        if not rows:
            yield paint(f"{Op.SAME} {title}: the same", "dim")
            continue
        yield paint(title, "strong")
        for row in rows:
            yield from (_source_row(row, paint) if part == "source" else _value_row(row, paint))


def _source_row(row: Row, paint: Paint) -> Iterator[str]:
    line = row.key.rpartition(":")[2]
    yield paint(f"{row.op} {line:>4}  {visible(str(row.a if row.op is Op.LEFT else row.b))}", _ROLES[row.op])


def _value_row(row: Row, paint: Paint) -> Iterator[str]:
    if row.op is Op.CHANGED:
        yield paint(f"~< {row.key}: {_value(row.a)}", _ROLES[Op.CHANGED])
        yield paint(f"~> {' ' * len(row.key)}  {_value(row.b)}", _ROLES[Op.CHANGED])
    else:
        yield paint(f"{row.op} {row.key}: {_value(row.a if row.op is Op.LEFT else row.b)}", _ROLES[row.op])


def _value(value: Any) -> str:
    return visible(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str))


def _one_column(row: Row, starts: tuple[int, int], paint: Paint, width: int | None) -> Iterator[str]:
    a, b = (row.a, starts[0]), (row.b, starts[1])
    marked = {
        Op.SAME: (("= ", a),),
        Op.CHANGED: (("~<", a), ("~>", b)),
        Op.LEFT: (("< ", a),),
        Op.RIGHT: (("> ", b),),
    }
    for mark, (event, start_ns) in marked[row.op]:
        said = event_text(event, start_ns, paint=plain, width=None if width is None else width - 3)
        yield paint(f"{mark} {said}", _ROLES[row.op])


def _side_by_side(row: Row, starts: tuple[int, int], paint: Paint, width: int) -> str:
    half = (width - 4) // 2
    left, right = _half(row.a, starts[0], half), _half(row.b, starts[1], half)
    return paint(f"{left} │{row.op} {right}".rstrip(), _ROLES[row.op])


def _half(event: Event | None, start_ns: int, width: int) -> str:
    """An event in half of the columns: its time, lane and summary, without the steps of the lanes."""
    if event is None:
        return " " * width
    source = "" if event.source is None else f"  :{event.source.line}"
    room = width - len(source)
    said = visible(f"{(event.t_ns - start_ns) / 1e6:8.1f} {event.lane:<6} {event.summary}", room)
    return f"{said:<{room}}{source}"
