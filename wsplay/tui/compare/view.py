"""Two runs and their differences as a list with a cursor. Only the visible lines are drawn."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence, Set
from dataclasses import dataclass
from time import perf_counter
from typing import ClassVar, Final

from rich.cells import cell_len
from textual import events as input_events
from textual.binding import BindingType
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.screen import Screen
from textual.strip import Strip
from textual.timer import Timer
from textual.widget import Widget

from wsplay.events.event import Event
from wsplay.events.safe_text import visible
from wsplay.export.event_filter import EVERYTHING, Filter, FilterError, read_filter
from wsplay.tui.compare.layout import EVENTS, EventLine, Layout, TopLine, first_folds
from wsplay.tui.compare.rows import HEADER, Frame, Run, event_line, ground, header, top_line
from wsplay.tui.kit.keys import bind
from wsplay.tui.kit.line_pane import LinePane
from wsplay.tui.kit.styled_lines import StyledLine, fit, line_width
from wsplay.tui.timeline.find_bar import FindBar, What
from wsplay.verdict.compare import Comparison, Op, Plain, Row, Side, changed_data

#: Seconds of the screen's time that one slice of a search may take, and rows between two looks at the clock.
_SLICE: Final = 0.008
_SLICE_ROWS: Final = 250


class CompareView(LinePane):
    """The lines of a `Comparison`; call `show` once it is known. Parts are folded and opened with enter."""

    BORDER_TITLE = "Compare"
    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("up,k", "move(-1)", "Up", "compare.up", "A line up"),
        bind("down,j", "move(1)", "Down", "compare.down", "A line down"),
        bind("pageup", "move_page(-1)", "Page up", "compare.page-up", "One page up"),
        bind("pagedown", "move_page(1)", "Page down", "compare.page-down", "One page down"),
        bind("home", "move_to(0)", "First", "compare.first", "To the first line"),
        bind("end", "move_to(-1)", "Last", "compare.last", "To the last line"),
        bind("enter", "open", "Inspect", "compare.open", "Show the events in full; fold a part", show=True),
        bind("n", "match(1)", "Next match", "compare.next-match", "Next search match"),
        bind("N", "match(-1)", "Previous match", "compare.previous-match", "Previous search match"),
    ]

    #: The line of the cursor.
    cursor: reactive[int] = reactive(0, init=False)

    @dataclass
    class Highlighted(Message):
        """The cursor is on another line."""

        line: TopLine | EventLine | None

    @dataclass
    class Inspect(Message):
        """The user wants to see the line's events in full."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._compared: Comparison | None = None
        self._sides: tuple[Side, Side] | None = None
        self._runs: tuple[Run, Run] | None = None
        self._plain: tuple[Plain, Plain] | None = None
        self._rows: tuple[Row, ...] = ()
        self._says: Sequence[str] = ()  # instead of a comparison
        self._layout: Layout | None = None
        self._frame = Frame(0)
        self._header: list[StyledLine] = []
        self._folded: Set[str] | None = None
        self._only_differences = False
        self._find_bar = FindBar(dict, self._find_text, self._find_done)
        self._filter: Filter = EVERYTHING
        self._find_problem = ""
        self._hides = False  # whether events that do not match are hidden
        self._matches: list[int] = []  # places
        self._searched = 0
        self._from = 0  # the place that the search began at
        self._line_before: int | None = None  # or the line above the events
        self._to_match = False  # whether the first match is still to be gone to
        self._search_timer: Timer | None = None

    # -- what is shown

    def say(self, lines: Sequence[str]) -> None:
        """Show these lines, as there is no comparison yet, or none at all."""
        self._says = lines
        self.redraw()

    def show(self, sides: tuple[Side, Side], compared: Comparison) -> None:
        """Show a comparison, with the cursor on the first difference."""
        self._sides, self._compared = sides, compared
        self._runs = Run.of(sides[0]), Run.of(sides[1])
        self._plain = Plain(sides[0].header), Plain(sides[1].header)
        self._rows = compared.part(EVENTS)
        self._says = ()
        self._folded = None
        self._lay_out()
        if self._layout is not None and self._layout.marks:
            self._go_to(self._layout.marks[0])
        self._tell()

    @property
    def layout_now(self) -> Layout | None:
        """The lines as they are."""
        return self._layout

    @property
    def line(self) -> TopLine | EventLine | None:
        """The line under the cursor."""
        layout = self._layout
        return layout[self.cursor] if layout is not None and self.cursor < len(layout) else None

    @property
    def events(self) -> tuple[Event | None, Event | None]:
        """The events under the cursor, of the left run and of the right one."""
        line = self.line
        return (line.row.a, line.row.b) if isinstance(line, EventLine) else (None, None)

    @property
    def only_differences(self) -> bool:
        """Whether what is the same is hidden."""
        return self._only_differences

    def hide_same(self, hides: bool) -> None:
        """Hide what is the same, or show it again; the cursor stays where it is."""
        self._only_differences = hides
        self._lay_out()

    def to_difference(self, way: int) -> bool:
        """Go to the next difference (1) or the one before (-1). False if there is none."""
        layout = self._layout
        if layout is None:
            return False
        mark = layout.next_mark(self.cursor) if way > 0 else layout.previous_mark(self.cursor)
        if mark is not None:
            self._go_to(mark)
        return mark is not None

    # -- laying out

    def _lay_out(self) -> None:
        """Lay the lines out anew; the cursor stays on what it is on."""
        width = self.scrollable_content_region.width
        compared, runs = self._compared, self._runs
        if compared is None or runs is None or not width:
            return
        was, place, before = self.line, None, self._layout
        if isinstance(was, EventLine) and before is not None:
            place = before.place_at(self.cursor)
        frame = self._frame = Frame(width)
        if self._folded is None:
            self._folded = first_folds(compared, width, frame.half, frame.two_columns, self._body)
        self._header = header(runs, frame)
        only = self._matches if self._hides else None
        layout = self._layout = Layout(
            compared, width, frame.half, frame.two_columns, self._folded, self._only_differences, only
        )
        self.virtual_size = Size(width, len(layout) + HEADER)
        if place is not None:
            cursor = layout.line_of(place, was.side if isinstance(was, EventLine) else "")
        else:
            part = was.part if isinstance(was, TopLine) else ""
            same = [y for y, line in enumerate(layout.top) if line.part == part]
            cursor = min(max(self.cursor, same[0]), same[-1]) if same else 0
        self.set_reactive(CompareView.cursor, min(cursor, max(len(layout) - 1, 0)))
        self._show_cursor()
        self.redraw()
        self._tell()

    @property
    def _body(self) -> int:
        """Lines that fit below the header."""
        return max(self.scrollable_content_region.height - HEADER, 1)

    def on_resize(self) -> None:
        self._lay_out()

    def on_show(self) -> None:
        self._lay_out()

    def on_mount(self) -> None:
        self.call_after_refresh(self._mount_find_bar)

    def on_focus(self) -> None:
        self.redraw()

    def on_blur(self) -> None:
        self.redraw()

    # -- drawing

    def render_line(self, y: int) -> Strip:
        width = self.scrollable_content_region.width
        renderer, layout, runs = self.renderer, self._layout, self._runs
        if layout is None or runs is None or self._says:
            text = self._says[y - 1] if 0 <= y - 1 < len(self._says) else ""
            return renderer.strip(((f"  {text}", "text-plain"),), width)
        if width != layout.width:
            self.call_later(self._lay_out)
        if y < HEADER:
            return renderer.strip(self._header_line(y, width), width)
        y += round(self.scroll_y) - HEADER
        if not 0 <= y < len(layout):
            return renderer.strip((), width)
        at_cursor = y == self.cursor
        strip = self._strips.get((y, at_cursor))
        if strip is None:
            line = layout[y]
            back = ("cursor-ground" if self.has_focus else "cursor-ground-blurred") if at_cursor else ""
            if isinstance(line, TopLine):
                drawn = top_line(line, self._frame, cursor=at_cursor)
                strip = renderer.strip(drawn, width, back or ground(line.op))
            else:
                drawn = event_line(line, runs, self._frame, cursor=at_cursor, search=self._filter.words)
                strip = renderer.strip(drawn, width, back or ground(line.row.op))
            self._strips[y, at_cursor] = strip
        return strip

    def _header_line(self, y: int, width: int) -> StyledLine:
        """A line above the others; the last one ends with where the cursor is."""
        line = self._header[y]
        if y < HEADER - 1:
            return line
        status = fit(self.status, width - line_width(line) - 2)
        blank = width - line_width(line) - cell_len(status) - 1
        return (*line, (" " * blank, ""), (status, "text-plain"))

    def _tell(self) -> None:
        """Say where the cursor is, and what differs there."""
        self.refresh()
        self._say_found()
        self.post_message(self.Highlighted(self.line))

    @property
    def status(self) -> str:
        """Which difference the cursor is on, and what differs in the events."""
        layout, line = self._layout, self.line
        if layout is None or self._says:
            return ""
        parts: list[str] = []
        count = len(layout.marks)
        parts.append(f"difference {layout.mark_number(self.cursor)} of {count}" if count else "no difference")
        if isinstance(line, EventLine) and line.row.op is Op.CHANGED and self._plain is not None:
            keys = changed_data(line.row.a, line.row.b, self._plain)
            parts.append(visible("differs in " + ", ".join(keys), 70))
        if self._only_differences:
            parts.append("only differences")
        if self._filter:
            parts.append(f"/{visible(self._filter.text, 24)} {self._found()}")
        return " · ".join(parts)

    # -- moving

    def _go_to(self, y: int) -> None:
        layout = self._layout
        if layout is not None:
            self.cursor = min(max(y, 0), len(layout) - 1)
            self._show_cursor()

    def _show_cursor(self) -> None:
        top = round(self.scroll_y)
        if self.cursor < top:
            self.jump_to(self.cursor)
        elif self.cursor >= top + self._body:
            self.jump_to(self.cursor - self._body + 1)

    def watch_cursor(self) -> None:
        self._tell()

    def action_move(self, lines: int) -> None:
        self._go_to(self.cursor + lines)

    def action_move_page(self, pages: int) -> None:
        self._go_to(self.cursor + pages * self._body)

    def action_move_to(self, y: int) -> None:
        if self._layout is not None:
            self._go_to(y if y >= 0 else len(self._layout) - 1)

    def on_click(self, event: input_events.Click) -> None:
        offset, layout = event.get_content_offset(self), self._layout
        if offset is None or layout is None or offset.y < HEADER:
            return
        y = offset.y - HEADER + round(self.scroll_y)
        if y < len(layout):
            event.stop()
            self._go_to(y)
            line = layout[y]
            if event.chain == 2 or (isinstance(line, TopLine) and line.heading):
                self.action_open()

    def action_open(self) -> None:
        """Fold or open a part; show events in full."""
        line = self.line
        if isinstance(line, EventLine):
            self.post_message(self.Inspect())
        elif line is not None and not (line.heading and line.op is Op.SAME):
            self.fold(line.part)

    def fold(self, part: str) -> None:
        """Fold a part, or open it."""
        self._folded = (self._folded or frozenset()) ^ {part}
        self._lay_out()
        if self._layout is not None:
            self._go_to(self._layout.heading_of(part))

    # -- finding

    def _mount_find_bar(self) -> None:
        parent, bar = self.parent, self._find_bar
        if isinstance(parent, Widget) and self.is_attached and not bar.is_attached:
            bar.set_class(not isinstance(parent, Screen), "-docked")
            parent.mount(bar, after=self)

    def action_find(self) -> None:
        """Type a filter: the first match is gone to, Enter keeps it, Escape ends it."""
        self._mount_find_bar()
        if not self._find_bar.is_open:
            self._from = self._place_of_cursor()
            self._line_before = self.cursor if isinstance(self.line, TopLine) else None
        self._find_bar.open(self._filter.text)
        self._say_found()

    def on_key(self, event: input_events.Key) -> None:
        """What is typed right after the key belongs to the line, which opens at once."""
        if self._find_bar.is_open:
            self._find_bar.input.post_message(input_events.Key(event.key, event.character))
            event.stop()
            event.prevent_default()

    def _place_of_cursor(self) -> int:
        layout = self._layout
        return (layout.place_at(self.cursor) if layout is not None else None) or 0

    def _find_text(self, text: str) -> None:
        try:
            wanted = read_filter(text)
        except FilterError as error:
            self._find_problem = str(error)
            self._say_found()
            return
        self._find_problem = ""
        self._filter, self._matches, self._searched = wanted, [], 0
        self._to_match = bool(wanted)
        if not wanted:
            self._hides = False
        self._strips.clear()
        self._search_on()
        if self._hides or not wanted:
            self._lay_out()
        self.refresh()

    def _search_on(self) -> None:
        """Search for a slice's time, and again later for what is left."""
        if not self._filter:
            return
        rows, takes, until = self._rows, self._filter.takes, perf_counter() + _SLICE
        first = not self._searched
        while self._searched < len(rows):
            end = min(self._searched + _SLICE_ROWS, len(rows))
            self._matches += [
                place
                for place in range(self._searched, end)
                if any(takes(event) for event in (rows[place].a, rows[place].b) if event is not None)
            ]
            self._searched = end
            if perf_counter() > until:
                break
        over = self._searched >= len(rows)
        if self._hides and (first or over):
            self._lay_out()
        if self._to_match:
            later = self._matches[bisect_left(self._matches, self._from) :][:1]
            if later or (over and self._matches):
                self._to_match = False
                self._go_to_place((later or self._matches)[0])
        if not over and self._search_timer is None and self.is_attached:
            self._search_timer = self.set_timer(_SLICE, self._search_later)
        self._tell()

    def _search_later(self) -> None:
        self._search_timer = None
        self._search_on()

    def _go_to_place(self, place: int) -> None:
        if self._layout is not None and EVENTS in self._layout.folded:
            self.fold(EVENTS)
        if self._layout is not None:
            self._go_to(self._layout.line_of(place))

    def action_match(self, way: int) -> None:
        """Go to the next match (1) or the one before (-1), round the ends."""
        matches, place = self._matches, self._place_of_cursor()
        if not matches:
            return
        at = bisect_right(matches, place) % len(matches) if way > 0 else bisect_left(matches, place) - 1
        self._go_to_place(matches[at])

    def _find_done(self, what: What) -> None:
        if what == "hide":
            self._hides = not self._hides and bool(self._filter)
            self._lay_out()
        elif what in ("next", "previous"):
            self.action_match(1 if what == "next" else -1)
        elif what != "keep" or not self._find_problem:
            self._end_find(keep=what != "leave")

    def _end_find(self, *, keep: bool) -> None:
        if not self._find_bar.is_open:
            return
        in_bar = self._find_bar.input.has_focus
        self._find_bar.close()
        if not keep:
            self._find_text("")
            if self._line_before is None:
                self._go_to_place(self._from)
            else:
                self._go_to(self._line_before)
        self._find_problem = ""
        if in_bar:
            self.focus()
        self._tell()

    def clear_search(self) -> bool:
        """End a search that is kept. False if there is none."""
        if not self._filter:
            return False
        self._find_text("")
        return True

    def _found(self) -> str:
        more = "" if self._searched >= len(self._rows) else "…"
        count, place = len(self._matches), self._place_of_cursor()
        at = bisect_left(self._matches, place)
        number = at + 1 if self._matches[at : at + 1] == [place] else 0
        return f"{number:,} of {count:,}{more}" if count else f"none{more or ' found'}"

    def _say_found(self) -> None:
        bar = self._find_bar
        if not bar.is_open:
            return
        if self._find_problem:
            bar.say(self._find_problem, wrong=True)
        elif not self._filter:
            bar.say("type to search · enter keeps it · escape ends it")
        else:
            others = "shows the others" if self._hides else "hides the others"
            bar.say(f"{self._found()} · tab {others} · enter keeps it · escape ends it")
