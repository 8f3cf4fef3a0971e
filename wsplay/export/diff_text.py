"""A comparison of two runs as plain text: one column, or two side by side where there is room."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator
from typing import Any, Final

from wsplay.events.event import Direction, Event
from wsplay.events.lenient import text
from wsplay.events.safe_text import visible
from wsplay.export.run_file import name_of
from wsplay.export.text import Paint, event_text, plain
from wsplay.verdict.compare import Comparison, Op, Plain, Row, Side, changed_data
from wsplay.verdict.diagnosis import told_by

#: Columns from which two columns have room.
WIDE: Final = 110
#: What each mark means.
LEGEND: Final = "= same  ~ differs  < only in the first  > only in the second"
#: The parts above the events, with their headings. Of a target the titles say all but the versions.
PARTS: Final = {"target": "Versions", "request": "Request", "source": "Source", "outcome": "Outcome"}
_ROLES: Final = {Op.SAME: "dim", Op.CHANGED: "warn", Op.LEFT: "left", Op.RIGHT: "right"}
_ARROWS: Final = {Direction.C2S: "→", Direction.S2C: "←"}
_GLYPHS: Final = {"good": "✓", "bad": "✗", "warn": "!", "info": "●"}
#: What of an outcome is said by its headline already, or is long.
_NOT_LISTED: Final = frozenset(("headline", "tone", "verdict", "next_step", "in_browser", "source"))
#: What of a target the title says.
_TITLED: Final = frozenset(("target", "try", "engine", "edited"))


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
    yield from _parts(compared, paint, width)
    yield ""
    yield paint("Events", "strong")
    plains = Plain(left.header), Plain(right.header)
    for row in compared.part("event"):
        if wide and width is not None:
            yield _side_by_side(row, starts, paint, width)
        else:
            yield from _one_column(row, starts, paint, width)
        if (hidden := _hidden_difference(row, plains)) is not None:
            yield paint(_fit(f"~  these two differ in {hidden}", width), _ROLES[Op.CHANGED])
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


def title_of(side: Side) -> str:
    """What ran, and where: its name, its engine, and whether it was recorded."""
    engine = visible(text(side.header, "engine"), 40)
    edited = "  edited" if side.header.get("edited") is True else ""
    recorded = "  RECORDED" if side.header.get("recorded") is True else ""
    return f"{name_of(side.header)}  {engine}{edited}{recorded}".rstrip()


def headline_of(side: Side) -> tuple[str, str]:
    """The tone and the headline of its outcome, with the tone's glyph; both empty without one."""
    if side.outcome is None:
        return "", ""
    told = told_by(side.outcome)
    return told.tone, f"{_GLYPHS[told.tone]} {told.headline}"


def _title(side: Side) -> str:
    return f"{title_of(side)}  {headline_of(side)[1]}".rstrip()


def differing(compared: Comparison, part: str) -> list[Row]:
    """What differs in a part, without what a headline or a title says already."""
    said = _TITLED if part == "target" else _NOT_LISTED
    return [row for row in compared.part(part) if row.op is not Op.SAME and row.key not in said]


def _parts(compared: Comparison, paint: Paint, width: int | None) -> Iterator[str]:
    """The request, the source and the outcome: what differs of each, or that nothing does."""
    for part, title in PARTS.items():
        rows = differing(compared, part)
        if rows:
            yield paint(title, "strong")
            for row in rows:
                yield from (_source_row(row, paint) if part == "source" else _value_row(row, paint, width))
        elif compared.part(part) and part != "target":
            yield paint(f"{Op.SAME} {title}: the same", "dim")


def _source_row(row: Row, paint: Paint) -> Iterator[str]:
    line = row.key.rpartition(":")[2]
    code = visible(str(row.a if row.op is Op.LEFT else row.b))
    yield paint(f"{row.op} {line:>4}  {code}".rstrip(), _ROLES[row.op])


def _value_row(row: Row, paint: Paint, width: int | None) -> Iterator[str]:
    """A value of each side, broken into lines that are indented."""
    for mark, value, shown in (("<", row.a, row.op is not Op.RIGHT), (">", row.b, row.op is not Op.LEFT)):
        if shown:
            start = f"~{mark}" if row.op is Op.CHANGED else f"{mark} "
            line = f"{start} {row.key}: {value_text(value)}"
            broken = [line] if width is None else textwrap.wrap(line, width, subsequent_indent=" " * 5)
            for each in broken:
                yield paint(each, _ROLES[row.op])


def _hidden_difference(row: Row, plains: tuple[Plain, Plain]) -> str | None:
    """What differs in two events whose lines say the same."""
    if row.op is not Op.CHANGED or row.a.summary != row.b.summary:
        return None
    return visible(", ".join(changed_data(row.a, row.b, plains)))


def _fit(text: str, width: int | None) -> str:
    """A text, cut where it is longer than `width`."""
    return text if width is None or len(text) <= width else text[: width - 1] + "…"


def value_text(value: Any) -> str:
    """A value of JSON as text; a text as it is, but for an empty one."""
    if isinstance(value, str) and value:
        return visible(value)
    return visible(json.dumps(value, ensure_ascii=False, default=str))


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
    arrow = "" if event.direction is None else _ARROWS[event.direction]
    said = visible(f"{(event.t_ns - start_ns) / 1e6:8.1f} {event.lane:<6} {arrow:<1} {event.summary}", room)
    return f"{said:<{room}}{source}"
