"""Which lines a comparison has on the screen, and where its differences are. Pure: no widget, no clock.

Above is what differs in request, source and outcome, a heading each; below are the events. An event is a
number, of its place in the comparison and a side, so that hundreds of thousands are laid out at once.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Sequence, Set
from dataclasses import dataclass, field
from itertools import groupby
from typing import Final

from wsplay.events.event import Event
from wsplay.events.safe_text import visible
from wsplay.export.diff_text import PARTS, differing, value_text
from wsplay.tui.kit.styled_lines import StyledLine, fit, wrap
from wsplay.tui.kit.wording import count_of
from wsplay.verdict.compare import Comparison, Op, Row

#: Columns from which two runs have room side by side.
TWO_COLUMNS: Final = 110
#: The marks, each with its word.
WORDS: Final = {Op.SAME: "same", Op.CHANGED: "differs", Op.LEFT: "only left", Op.RIGHT: "only right"}
EVENTS: Final = "event"
#: Lines that one value takes at most.
_LINES: Final = 6
#: The widest column of names.
_NAMES: Final = 24
_NOTHING: Final = "–"
#: An event's line stands for both sides, or for one of them.
_BOTH, _LEFT, _RIGHT = 0, 1, 2


@dataclass(frozen=True, slots=True)
class TopLine:
    """A line above the events. A heading has no `op`, or = if its part has no difference. `right` is empty
    where there is one column; `side` is then the one that the line is of.
    """

    part: str
    op: Op | None
    left: StyledLine
    right: StyledLine = ()
    side: str = ""
    heading: bool = False
    first: bool = True  # of its row's lines


@dataclass(frozen=True, slots=True)
class EventLine:
    """A line of an event, or of two that were aligned: `side` is "<" or ">" if it is of one alone."""

    row: Row
    side: str
    first: bool

    @property
    def event(self) -> Event:
        """The event of its side; of both, the left one."""
        event = self.row.b if self.side == ">" or self.row.a is None else self.row.a
        assert isinstance(event, Event)
        return event


@dataclass(slots=True)
class Layout:
    """The lines, for a width in cells. `folded` parts have their heading alone. With `only_differences`, what
    is the same is hidden; with `only`, all events but those at these places.
    """

    compared: Comparison
    width: int
    half: int  # the cells of one of two columns
    two_columns: bool
    folded: Set[str] = frozenset()
    only_differences: bool = False
    only: Collection[int] | None = None
    top: list[TopLine] = field(default_factory=list)
    #: Lines at which a difference begins: neighbours are one.
    marks: list[int] = field(default_factory=list)
    _rows: Sequence[Row] = ()
    _lines: list[int] = field(default_factory=list)  # of events: 3 * place + side

    def __post_init__(self) -> None:
        self._rows = self.compared.part(EVENTS)
        for part in PARTS:
            self._add_part(part)
        self._add_title(EVENTS, f"Events: {counted(self.compared)}")
        self._add_events()

    def __len__(self) -> int:
        return len(self.top) + len(self._lines)

    def __getitem__(self, y: int) -> TopLine | EventLine:
        if y < len(self.top):
            return self.top[y]
        place, side = divmod(self._lines[y - len(self.top)], 3)
        row = self._rows[place]
        return EventLine(row, " <>"[side].strip(), side != _RIGHT or row.op is Op.RIGHT)

    # -- building

    def _add_part(self, part: str) -> None:
        rows = differing(self.compared, part)
        if not rows:
            if part != "target" and self.compared.part(part) and not self.only_differences:
                words = f"= {PARTS[part]}: the same"
                self.top.append(TopLine(part, Op.SAME, ((words, "text-soft"),), heading=True))
            return
        self.marks.append(len(self.top))
        what = count_of(len(rows), "line")
        if part != "source":
            what = f"{len(rows)}: " + ", ".join(dict.fromkeys(row.key for row in rows))
        self._add_title(part, f"{PARTS[part]} differs in {what}")
        if part not in self.folded:
            self.top += self._source_lines(rows) if part == "source" else self._value_lines(part, rows)

    def _add_title(self, part: str, title: str) -> None:
        arrow = "▸" if part in self.folded else "▾"
        self.top.append(
            TopLine(part, None, ((fit(f"{arrow} {title}", self.width - 1), "accent bold"),), heading=True)
        )

    def _value_lines(self, part: str, rows: Sequence[Row]) -> list[TopLine]:
        names = min(max(len(row.key) for row in rows) + 2, _NAMES)
        found: list[TopLine] = []
        for row in rows:
            name = f"{row.key:<{names}}" if len(row.key) < names else f"{row.key}  "
            a, b = (_NOTHING if side is None else value_text(side) for side in (row.a, row.b))
            if self.two_columns:
                left = wrap(((name, "text-soft"), (a, "text-plain")), self.half, names)
                found += _beside(part, row.op, left, wrap(((b, "text-plain"),), self.half))
                continue
            for side, value in (("<", a), (">", b)):
                if row.op in (Op.CHANGED, Op(side)):
                    line: StyledLine = ((name, "text-soft"), (value, "text-plain"))
                    lines = _some(wrap(line, self.half, names))
                    found += [
                        TopLine(part, row.op, each, side=side, first=each is lines[0]) for each in lines
                    ]
        return found

    def _source_lines(self, rows: Sequence[Row]) -> list[TopLine]:
        if not self.two_columns:
            found: list[TopLine] = []
            for row in rows:
                lines = _some(wrap(_code(row), self.half, 6))
                found += [
                    TopLine("source", row.op, each, side=str(row.op), first=each is lines[0])
                    for each in lines
                ]
            return found
        found = []
        left: list[Row] = []
        for op, some in groupby(rows, lambda row: row.op):
            if op is Op.LEFT:
                left = list(some)
                continue
            right = list(some)
            found += self._code_beside(left, right)
            left = []
        return found + self._code_beside(left, [])

    def _code_beside(self, left: Sequence[Row], right: Sequence[Row]) -> list[TopLine]:
        found: list[TopLine] = []
        for place in range(max(len(left), len(right))):
            one, other = (side[place] if place < len(side) else None for side in (left, right))
            op = Op.CHANGED if one and other else Op.LEFT if one else Op.RIGHT
            sides = [wrap(_code(row), self.half, 6) if row else [] for row in (one, other)]
            found += _beside("source", op, *sides)
        return found

    def _add_events(self) -> None:
        if EVENTS in self.folded:
            return
        rows, only = self._rows, self.only
        places: Sequence[int] = range(len(rows)) if only is None else sorted(only)
        lines, top = self._lines, len(self.top)
        last = -2  # the place of the last difference
        for place in places:
            op = rows[place].op
            if op is Op.SAME:
                if not self.only_differences:
                    lines.append(3 * place)
                continue
            if last != place - 1:
                self.marks.append(top + len(lines))
            last = place
            if self.two_columns:
                lines.append(3 * place)
            else:
                if op is not Op.RIGHT:
                    lines.append(3 * place + _LEFT)
                if op is not Op.LEFT:
                    lines.append(3 * place + _RIGHT)

    # -- where things are

    def place_at(self, y: int) -> int | None:
        """The place of the event at a line, among the comparison's."""
        return self._lines[y - len(self.top)] // 3 if len(self.top) <= y < len(self) else None

    def line_of(self, place: int, side: str = "") -> int:
        """The line of the event at a place, of that side if it has one of its own; or of the next event that
        is shown.
        """
        lines, first = self._lines, 3 * place
        at = bisect_left(lines, first + (_RIGHT if side == ">" else _BOTH))
        if at == len(lines) or lines[at] // 3 != place:
            at = bisect_left(lines, first)
        return min(len(self.top) + at, len(self) - 1)

    def heading_of(self, part: str) -> int:
        """The line of a part's heading, or of the first."""
        return next((y for y, line in enumerate(self.top) if line.heading and line.part == part), 0)

    def next_mark(self, y: int) -> int | None:
        """The line of the next difference."""
        at = bisect_right(self.marks, y)
        return self.marks[at] if at < len(self.marks) else None

    def previous_mark(self, y: int) -> int | None:
        """The line of the difference before."""
        at = bisect_left(self.marks, y)
        return self.marks[at - 1] if at else None

    def mark_number(self, y: int) -> int:
        """How many differences begin at or before a line."""
        return bisect_right(self.marks, y)


def first_folds(compared: Comparison, width: int, half: int, two_columns: bool, room: int) -> Set[str]:
    """What is folded at first, so that the events have half of the `room`, in lines."""
    folded: Set[str] = frozenset()
    for part in ("outcome", "source", "request"):
        layout = Layout(compared, width, half, two_columns, folded)
        if len(layout.top) <= room // 2:
            break
        folded |= {part}
    return folded


def counted(compared: Comparison) -> str:
    """How many events are the same, and how many are not."""
    words = []
    for op, word in WORDS.items():
        if count := compared.counts.get(op, 0):
            words.append(f"{count:,} {'differ' if op is Op.CHANGED and count > 1 else word}")
    return ", ".join(words) or "none"


def _code(row: Row) -> StyledLine:
    line = row.key.rpartition(":")[2]
    code = visible(str(row.a if row.op is Op.LEFT else row.b))
    return ((f"{line:>4}  ", "text-soft"), (code, "text-plain"))


def _some(lines: list[StyledLine]) -> list[StyledLine]:
    """The first of many lines; the last one says that there are more."""
    return lines if len(lines) <= _LINES else [*lines[: _LINES - 1], (("…", "text-soft"),)]


def _beside(part: str, op: Op, left: list[StyledLine], right: list[StyledLine]) -> list[TopLine]:
    left, right = _some(left), _some(right)
    count = max(len(left), len(right))
    pad = [()] * count
    pairs = zip([*left, *pad][:count], [*right, *pad][:count], strict=True)
    return [TopLine(part, op, one, other, first=not at) for at, (one, other) in enumerate(pairs)]
