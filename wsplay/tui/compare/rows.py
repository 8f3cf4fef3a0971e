"""How the lines of a comparison are drawn. Pure: runs, lines and columns in, styled lines out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from rich.cells import cell_len

from wsplay.events.event import Direction, Event
from wsplay.events.safe_text import visible
from wsplay.export.diff_text import headline_of, title_of
from wsplay.tui.compare.layout import TWO_COLUMNS, WORDS, EventLine, TopLine
from wsplay.tui.kit.lanes import glyph, tone
from wsplay.tui.kit.styled_lines import StyledLine, StyledText, fit, line_width
from wsplay.tui.kit.theme import DIFFERENCE
from wsplay.tui.timeline.rows import clock
from wsplay.verdict.compare import Op, Side

#: Lines above all others; they do not scroll.
HEADER: Final = 3
_MARGIN: Final = 1  # cells left of everything: the cursor's mark
_MIDDLE: Final = 15  # cells between two columns: " │~ differs    "
_BEFORE: Final = 14  # cells before an event in one column: ">  only right "
_ARROWS: Final = {Direction.C2S: "→", Direction.S2C: "←"}


@dataclass(frozen=True, slots=True)
class Frame:
    """The columns for a width in cells."""

    width: int

    @property
    def two_columns(self) -> bool:
        """Whether the runs are side by side."""
        return self.width + 4 >= TWO_COLUMNS  # the pane has a border and a margin of its own

    @property
    def half(self) -> int:
        """The cells of a column."""
        if self.two_columns:
            return (self.width - _MARGIN - _MIDDLE) // 2
        return max(self.width - _MARGIN - _BEFORE, 8)


@dataclass(frozen=True, slots=True)
class Run:
    """What the lines say of one run."""

    title: str
    tone: str
    headline: str
    start_ns: int
    numbered: bool  # whether it has several connections

    @classmethod
    def of(cls, side: Side) -> Run:
        """A run that is compared."""
        conns = {event.conn for event in side.events if event.conn is not None}
        tone, headline = headline_of(side)
        return cls(title_of(side), tone, headline, side.start_ns, len(conns) > 1)


def header(runs: tuple[Run, Run], frame: Frame) -> list[StyledLine]:
    """The titles and headlines of both, and what the marks mean."""
    left, right = runs
    legend: list[StyledText] = [(" " * _MARGIN, "")]
    for op, word in WORDS.items():
        legend += [(str(op), f"{DIFFERENCE[op].colour} bold"), (f" {word}   ", "text-soft")]
    if not frame.two_columns:
        return [
            *(_one_title(run, mark, frame.width) for run, mark in zip(runs, "<>", strict=True)),
            tuple(legend),
        ]
    titles = [
        _padded(
            (
                (f"{mark} ", f"{DIFFERENCE[mark].colour} bold"),
                (fit(run.title, frame.half - 2), "text-bright bold"),
            ),
            frame.half,
        )
        for run, mark in zip(runs, "<>", strict=True)
    ]
    heads = [
        _padded((("  ", ""), (fit(run.headline, frame.half - 2), _tone(run))), frame.half) for run in runs
    ]
    same = left.headline == right.headline
    return [
        ((" " * _MARGIN, ""), *titles[0], (" │" + " " * (_MIDDLE - 2), "edge"), *titles[1]),
        ((" " * _MARGIN, ""), *heads[0], *_middle(Op.SAME if same else Op.CHANGED), *heads[1]),
        tuple(legend),
    ]


def _one_title(run: Run, mark: str, width: int) -> StyledLine:
    room = width - _MARGIN - 4 - cell_len(run.headline)
    title = fit(run.title, max(room, 12))
    line: StyledLine = (
        (" " * _MARGIN, ""),
        (f"{mark} ", f"{DIFFERENCE[mark].colour} bold"),
        (f"{title}  ", "text-bright bold"),
        (run.headline, _tone(run)),
    )
    return line


def _tone(run: Run) -> str:
    return f"{run.tone} bold" if run.tone in ("good", "bad", "warn", "info") else "text-plain"


def top_line(line: TopLine, frame: Frame, *, cursor: bool = False) -> StyledLine:
    """A line above the events."""
    start = _start(cursor)
    if line.heading:
        return (start, *line.left)
    assert line.op is not None
    if not frame.two_columns:
        return (start, *_before(line.op, line.side, line.first), *line.left)
    mark = _middle(line.op) if line.first else _middle(None)
    return (start, *_padded(line.left, frame.half), *mark, *line.right)


def event_line(
    line: EventLine,
    runs: tuple[Run, Run],
    frame: Frame,
    *,
    cursor: bool = False,
    search: Sequence[str] = (),
) -> StyledLine:
    """A line of an event; the texts in `search` are highlighted."""
    row, start = line.row, _start(cursor)
    if not frame.two_columns:
        run = runs[1] if line.side == ">" or row.a is None else runs[0]
        said = event_text(line.event, run, frame.half, row.op, search)
        return (start, *_before(row.op, line.side, line.first), *said)
    sides = [
        _padded((), frame.half) if event is None else event_text(event, run, frame.half, row.op, search)
        for event, run in zip((row.a, row.b), runs, strict=True)
    ]
    return (start, *sides[0], *_middle(row.op), *sides[1])


def event_text(event: Event, run: Run, width: int, op: Op, search: Sequence[str] = ()) -> StyledLine:
    """An event in `width` cells: its time, connection, lane, direction, summary, and line of the source."""
    style = "text-soft" if op is Op.SAME else "text-plain"
    tag = f"#{event.conn}".ljust(4)[:4] if run.numbered and event.conn is not None else " " * 4
    source = "" if event.source is None else f"  :{str(event.source.line)[-6:]}"
    arrow = "" if event.direction is None else _ARROWS[event.direction]
    before = f"{clock(event.t_ns - run.start_ns):>9} {tag if run.numbered else ''}"
    lane = f"{event.lane:<6} "
    mark = arrow or glyph(event)
    room = max(width - cell_len(before) - cell_len(lane) - 2 - len(source), 0)
    said = fit(visible(event.summary, 4 * max(room, 1)), room)
    bad = tone(event) if op is not Op.SAME else None
    line: StyledLine = (
        (before, "text-soft"),
        (lane, style),
        (f"{mark} ", bad or style),
        *_highlighted(said, bad or style, search),
        (" " * (room - cell_len(said)), ""),
        (source, "text-soft"),
    )
    return line if line_width(line) == width else _padded(line, width)


def ground(op: Op | None) -> str:
    """The background of a line."""
    return "" if op in (None, Op.SAME) else DIFFERENCE[op].ground


def _start(cursor: bool) -> StyledText:
    return ("▌" if cursor else " ", "accent bold")


def _middle(op: Op | None) -> StyledLine:
    """The cells between two columns; None for a line that goes on."""
    if op is None:
        return ((" │" + " " * (_MIDDLE - 2), "edge"),)
    colour = DIFFERENCE[op].colour
    return ((" │", "edge"), (f"{op} ", f"{colour} bold"), (f"{WORDS[op]:<{_MIDDLE - 4}}", colour))


def _before(op: Op, side: str, first: bool) -> StyledLine:
    """The mark before an event in one column. Of two that differ, each is marked with its side."""
    colour = DIFFERENCE[op].colour
    mark = f"~{side}" if op is Op.CHANGED else str(op)
    word = WORDS[op] if first else ""
    return ((f"{mark:<2} ", f"{colour} bold"), (f"{word:<{_BEFORE - 3}}", colour))


def _padded(line: StyledLine, width: int) -> StyledLine:
    """A line of exactly `width` cells."""
    room = width - line_width(line)
    if room >= 0:
        return (*line, (" " * room, ""))
    cut: list[StyledText] = []
    for text, style in line:
        text = fit(text, width)
        width -= cell_len(text)
        cut.append((text, style))
        if width <= 0:
            break
    return tuple(cut)


def _highlighted(text: str, style: str, search: Sequence[str]) -> StyledLine:
    if not search:
        return ((text, style),)
    parts: list[StyledText] = []
    done = 0
    for found in re.finditer("|".join(map(re.escape, search)), text, re.IGNORECASE):
        parts += [(text[done : found.start()], style), (found.group(), "text-match bold on match-ground")]
        done = found.end()
    return (*parts, (text[done:], style))
