"""The live sequence diagram: a run's events from the client, over the wire, to the app and back.

It draws itself line by line, only the visible lines, and caches them; a batch of new events costs the same
however many there are already.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import ClassVar, Final

from textual import events
from textual.binding import BindingType
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.screen import Screen
from textual.strip import Strip
from textual.timer import Timer
from textual.widget import Widget

from wsplay.events.event import Event, Lane
from wsplay.events.timeline import Timeline
from wsplay.export.event_filter import EVERYTHING, Filter, FilterError, read_filter
from wsplay.protocol.hold_points import WAITS
from wsplay.tui.kit.keys import bind
from wsplay.tui.kit.lanes import LANES
from wsplay.tui.kit.line_pane import LinePane
from wsplay.tui.kit.styled_lines import StyledLine
from wsplay.tui.kit.wording import count_of
from wsplay.tui.timeline.find_bar import FindBar, What
from wsplay.tui.timeline.index import ALL_LANES, RowIndex
from wsplay.tui.timeline.rows import Columns, columns, dropped_row, header, row
from wsplay.tui.timeline.search import Search

#: Seconds before a moved cursor is reported, so that a held key does not redraw the other panes each time.
_REST: Final = 0.04
#: Seconds of the screen's time that one slice of a search may take.
_SLICE: Final = 0.008
#: Lines of headings; they stay where they are.
_HEADER: Final = 1
#: Blank lines between the rows and the text below them.
_GAP: Final = 1
#: Rows down to the hint that there are no events: it, and a blank one above it.
_HINT: Final = 2
#: What `blank_rows` says where there is no room at all, in rows.
NO_ROOM: Final = -100

#: Lines that fit into a space of a width and a height, in cells.
LinesFor = Callable[[int, int], Sequence[StyledLine]]


class TimelineView(LinePane):
    """Rows of one `Timeline`, newest last. Call `refresh_rows` after a batch of events was added to it.

    While it follows, the newest row has the cursor; moving up stops that, End starts it again. A filter is
    typed below it after `/`; lanes are hidden and shown with C, W, A and S, connections with #. `hint`
    is shown as long as there are no events. Text can be shown below the rows, as far as there is room.
    """

    BORDER_TITLE = "Timeline"
    ALLOW_SELECT = False

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("up,k", "move(-1)", "Up", "timeline.up", "Previous event"),
        bind("down,j", "move(1)", "Down", "timeline.down", "Next event"),
        bind("pageup", "move_page(-1)", "Page up", "timeline.page-up", "One page up"),
        bind("pagedown", "move_page(1)", "Page down", "timeline.page-down", "One page down"),
        bind("home", "first", "First", "timeline.first", "Go to the oldest event"),
        bind("end", "last", "Newest", "timeline.last", "Go to the newest event and follow"),
        bind("enter", "inspect", "Inspect", "timeline.inspect", "Show the event in full", show=True),
        bind("f", "follow", "Follow", "timeline.follow", "Follow the newest event, or stop", show=True),
        bind("slash", "find", "Search", "timeline.find", "Search all events", show=True, shown_as="/"),
        bind("n", "match(1)", "Next match", "timeline.next-match", "Next search match"),
        bind("N", "match(-1)", "Previous match", "timeline.previous-match", "Previous search match"),
        bind("C", "lane('client')", "Client", "timeline.client", "Show or hide what the client reports"),
        bind("W", "lane('wire')", "Wire", "timeline.wire", "Show or hide the bytes on the wire"),
        bind("A", "lane('asgi')", "ASGI", "timeline.asgi", "Show or hide the ASGI messages"),
        bind("S", "lane('server')", "Server", "timeline.server", "Show or hide the server's log and prints"),
        bind(
            "number_sign", "connection", "Connection", "timeline.connection", "Next connection only, or all"
        ),
        bind("x", "clear", "Show all", "timeline.clear", "End the search, show every lane and connection"),
    ]

    following: reactive[bool] = reactive(True, init=False)
    #: The `seq` of the event under the cursor.
    cursor: reactive[int | None] = reactive(None, init=False)

    @dataclass
    class Highlighted(Message):
        """The cursor is on another event; `event` is None if there is none."""

        event: Event | None

    @dataclass
    class FollowChanged(Message):
        """Following started or stopped."""

        following: bool

    class BlankChanged(Message):
        """There are more or fewer `blank_rows`."""

    @dataclass
    class Inspect(Message):
        """The user wants to see `event` in full."""

        event: Event

    @dataclass
    class BelowClicked(Message):
        """The text below the rows was clicked."""

    def __init__(self, *, hint: str = "", id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._hint = hint
        self._below_for: LinesFor | None = None
        self._below: tuple[tuple[int, int], Sequence[StyledLine]] = ((0, 0), ())  # for this space
        self._index: RowIndex | None = None
        self._lanes: frozenset[Lane] = ALL_LANES
        self._connection: int | None = None
        self._search = Search()
        self._find_problem = ""  # what is wrong with the typed filter
        self._find_bar = FindBar(self._known, self._find_text, self._find_done)
        self._before_search: tuple[int | None, bool] = (None, True)  # cursor and following
        self._columns: Columns = columns(80)
        self._waiting: dict[int, str] = {}  # what waits, by id: the words for its row
        self._newest: int | None = None  # the last row when rows were last placed
        self._told_blank: int | None = None  # the `blank_rows` that were last told
        self._seen = 0  # the newest event that was on the screen
        self._scrolling = False  # the view scrolls itself
        self._rest_timer: Timer | None = None
        self._search_timer: Timer | None = None

    # What is shown

    @property
    def timeline(self) -> Timeline | None:
        """The shown timeline."""
        return None if self._index is None else self._index.timeline

    @property
    def event(self) -> Event | None:
        """The event under the cursor."""
        return None if self._index is None or self.cursor is None else self._index.timeline.get(self.cursor)

    @property
    def lanes(self) -> frozenset[Lane]:
        """The shown lanes."""
        return self._lanes

    @property
    def connections(self) -> tuple[int, ...]:
        """The connections seen so far, in order."""
        return () if self._index is None else tuple(sorted(self._index.connections))

    @property
    def connection(self) -> int | None:
        """The only shown connection, or None for all."""
        return self._connection

    def show_timeline(self, timeline: Timeline | None) -> None:
        """Show `timeline` and follow it. Lanes and search stay as they are; every connection is shown."""
        self._connection = None
        self._index = None if timeline is None else RowIndex(timeline, self._lanes)
        self._search.restart(self._index)
        self._seen = 0
        self._newest = None
        self.following = True
        self.cursor = None
        self._lay_out_columns()
        self._place_rows()
        self._search_on()

    def show_below(self, lines_for: LinesFor | None) -> None:
        """Show text in the empty space below the rows; None shows none."""
        self._below_for = lines_for
        self._below = ((0, 0), ())
        self.refresh()

    def show_waiting(self, waiting: Mapping[int, str]) -> None:
        """Say in the rows of what waits, by its id, that it does, and for how long."""
        if waiting != self._waiting:
            self._waiting = dict(waiting)
            self.refresh()

    def refresh_rows(self) -> None:
        """Show the events added since the last call. Cheap, even for a long timeline."""
        index = self._index
        if index is None:
            return
        top = index.seq_at(max(self._top_row, 0))
        tagged = len(index.connections) > 1
        index.update()
        if tagged != (len(index.connections) > 1):
            self._lay_out_columns()
        self._place_rows(top)
        self._search_on()

    def select(self, seq: int) -> None:
        """Put the cursor on event `seq`, or the nearest that is shown. Whether it follows stays as it is."""
        if self._index is not None and len(self._index):
            self.cursor = self._index.nearest(seq)
            self._show_cursor()

    def set_lanes(self, lanes: Set[Lane]) -> None:
        """Show only events of `lanes`; no lanes at all means every lane."""
        self._lanes = frozenset(lanes) or ALL_LANES
        self._filter()

    def set_connection(self, connection: int | None) -> None:
        """Show only `connection` and what belongs to none; None shows all."""
        self._connection = connection
        self._filter()

    def _filter(self) -> None:
        if self._index is not None:
            self._index.set_filter(self._lanes, self._connection)
            self._search.restart(self._index)
            self._place_rows()
            self._show_cursor()
            self._search_on()
        self._update_status()

    # Drawing

    def render_line(self, y: int) -> Strip:
        width = self.scrollable_content_region.width
        if width != self._columns.width:
            self._lay_out_columns()
        renderer, index = self.renderer, self._index
        if y < _HEADER:
            return renderer.strip(header(self._columns), width)
        if index is None or not len(index):
            if (below := self._below_line(y)) is not None:
                return below
            hint = f"  {self._why_empty()}" if y == _HEADER + 1 else ""
            return renderer.strip(((hint, "text-soft"),), width)
        line = y - _HEADER + round(self.scroll_y)
        if line < self._banner:
            return renderer.strip(dropped_row(index.dropped, self._columns), width)
        seq = index.seq_at(line - self._banner)
        event = None if seq is None else index.timeline.get(seq)
        if seq is None or event is None:
            return self._below_line(y) or renderer.strip((), width)
        background = ""
        if seq == self.cursor:
            background = "cursor-ground" if self.has_focus else "cursor-ground-blurred"
        wanted = self._search.filter
        marker = "▌" if background else "»" if wanted and self._search.match_number(seq) else " "
        waits = ""
        if self._waiting and event.data.get("phase") == WAITS:
            waits = self._waiting.get(event.data.get("id", 0), "")
        strip = self._strips.get((seq, background + marker + waits))
        if strip is None:
            start_ns, at_cursor = index.timeline.start_ns, bool(background)
            drawn = row(
                event,
                self._columns,
                start_ns,
                marker=marker,
                cursor=at_cursor,
                search=wanted.words,
                waits=waits,
            )
            strip = renderer.strip(drawn, width, background)
            self._strips[seq, background + marker + waits] = strip
        return strip

    @property
    def _below_y(self) -> int:
        """The first line of the text below the rows."""
        rows = 0 if self._index is None else len(self._index)
        return _HEADER + _GAP + (rows + self._banner if rows else _HINT)

    def _below_line(self, y: int) -> Strip | None:
        """Line `y` if it is one of the text below the rows."""
        first, region = self._below_y, self.scrollable_content_region
        if self._below_for is None or y < first:
            return None
        space = (region.width - 2, region.height - first)
        if space != self._below[0]:
            self._below = (space, self._below_for(*space))
        lines = self._below[1]
        line = lines[y - first] if y - first < len(lines) else ()
        return self.renderer.strip((("  ", ""), *line), region.width)

    def _why_empty(self) -> str:
        if self._index is not None and self._index.total:
            return "The filter hides all events: x shows all."
        return self._hint or ("No run to show." if self._index is None else "No events yet.")

    def _lay_out_columns(self) -> None:
        self._strips.clear()
        tagged = self._index is not None and len(self._index.connections) > 1
        self._columns = columns(max(self.scrollable_content_region.width, 24), tagged=tagged)

    # Where rows are

    @property
    def _banner(self) -> int:
        """Lines above the oldest row: one where older rows were dropped."""
        return 1 if self._index is not None and self._index.dropped else 0

    @property
    def _body(self) -> int:
        """Rows that fit below the headings."""
        return max(self.scrollable_content_region.height - _HEADER, 1)

    @property
    def blank_rows(self) -> int:
        """The rows below the newest event, blank or with a text that takes what room there is; below 0, as
        many rows do not fit, down to `NO_ROOM`.
        """
        if not self.region.height:
            return NO_ROOM  # it is not on the screen
        rows = 0 if self._index is None else len(self._index)
        return max(self._body - (rows + self._banner if rows else _HINT), NO_ROOM)

    @property
    def _top_row(self) -> int:
        return round(self.scroll_y) - self._banner

    def _place_rows(self, top: int | None = None) -> None:
        """Fit size, scroll position and cursor to the rows; `top` is the event to keep at the top."""
        index = self._index
        rows = 0 if index is None else len(index)
        self.virtual_size = Size(self.scrollable_content_region.width, rows + self._banner + _HEADER)
        if index is None or not rows:
            self.cursor = self._newest = None
        else:
            newest = index.seq_at(rows - 1)
            if self.following and newest != self._newest:
                self.cursor = newest
            elif self.cursor is not None:
                self.cursor = index.nearest(self.cursor)
            self._newest = newest
            if self.following:
                self._scroll(rows + self._banner)
            elif top is not None:
                self._scroll_to_row(index.row_of(top))
        self._update_status()
        self.refresh()
        if (blank := self.blank_rows) != self._told_blank:
            self._told_blank = blank
            self.post_message(self.BlankChanged())

    def _scroll(self, y: int) -> None:
        self._scrolling = True
        try:
            self.jump_to(y)
        finally:
            self._scrolling = False

    def _scroll_to_row(self, row: int) -> None:
        """Scroll `row` to the top; the banner is seen with the first."""
        self._scroll(row + self._banner if row else 0)

    def _show_cursor(self) -> None:
        if self._index is None or self.cursor is None:
            return
        row = self._index.row_of(self.cursor)
        if row < self._top_row or not row:
            self._scroll_to_row(row)
        elif row >= self._top_row + self._body:
            self._scroll(row + self._banner - self._body + 1)
        self._update_status()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        if self._scrolling or not self.is_attached:
            return
        # The user scrolled, or the pane grew: only the former ends above the bottom, or goes down to it.
        if new_value < min(old_value, self.max_scroll_y):
            self.following = False
        elif new_value > old_value and new_value >= self.max_scroll_y:
            self.following = True
        self._update_status()

    def on_resize(self) -> None:
        self._lay_out_columns()
        self._place_rows()
        self._show_cursor()

    def on_mount(self) -> None:
        self._place_rows()
        self.call_after_refresh(self._mount_find_bar)

    def on_show(self) -> None:
        self._place_rows()

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()

    # Moving

    def action_move(self, rows: int) -> None:
        """Move the cursor by rows; past the last, following starts again."""
        index = self._index
        if index is None or not len(index):
            return
        last = len(index) - 1
        row = last if self.cursor is None else min(index.row_of(self.cursor), last)
        wanted = row + rows
        self.following = wanted >= last if self.following else wanted > last
        self.cursor = index.seq_at(min(max(wanted, 0), last))
        self._show_cursor()

    def action_move_page(self, pages: int) -> None:
        self.action_move(pages * self._body)

    def action_first(self) -> None:
        if self._index is not None:
            self.action_move(-len(self._index))

    def action_last(self) -> None:
        self._newest = None  # so that the newest row gets the cursor
        self.following = True
        self._place_rows()

    def action_follow(self) -> None:
        if self.following:
            self.following = False
        else:
            self.action_last()

    def _go_to(self, seq: int | None) -> None:
        if seq is not None:
            self.following = False
            self.cursor = seq
            self._show_cursor()

    def watch_cursor(self) -> None:
        if self._rest_timer is None and self.is_attached:
            self._rest_timer = self.set_timer(_REST, self._report_cursor)
        self.refresh()

    def _report_cursor(self) -> None:
        self._rest_timer = None
        self.post_message(self.Highlighted(self.event))

    def watch_following(self) -> None:
        self._update_status()
        self.post_message(self.FollowChanged(self.following))

    def on_click(self, event: events.Click) -> None:
        offset, index = event.get_content_offset(self), self._index
        if offset is None or index is None or offset.y < _HEADER:
            return
        row = offset.y - _HEADER + self._top_row
        seq = index.seq_at(row)
        if seq is None:
            if self._below_for is not None and offset.y >= self._below_y:
                self.post_message(self.BelowClicked())
            return
        event.stop()
        self.following = self.following and row == len(index) - 1
        self.cursor = seq
        self._update_status()
        if event.chain == 2:
            self.action_inspect()

    def action_inspect(self) -> None:
        if (event := self.event) is not None:
            self.post_message(self.Inspect(event))

    # Lanes and connections

    def action_lane(self, name: str) -> None:
        self.set_lanes(self._lanes ^ {Lane(name)})

    def action_connection(self) -> None:
        known = self.connections
        later = [number for number in known if self._connection is None or number > self._connection]
        self.set_connection(later[0] if later and len(known) > 1 else None)

    def action_clear(self) -> None:
        self.search(EVERYTHING)
        self._connection = None
        self.set_lanes(ALL_LANES)

    # Searching

    def search(self, wanted: Filter) -> None:
        """Find the events that a filter takes; go to the first match from the cursor on.

        An empty filter ends the search.
        """
        self._search.start(wanted, self.cursor or 0)
        self._search_on()
        self._place_rows()
        self.redraw()

    def _search_on(self) -> None:
        """Search for a slice's time, and again later for what is left."""
        search = self._search
        if not search.filter:
            return
        found = len(search.matches)
        search.run(_SLICE)
        if len(search.matches) != found:
            if search.hides:
                self._place_rows()
            self.refresh()
        self._go_to(search.first_match())
        if search.running and self._search_timer is None and self.is_attached:
            self._search_timer = self.set_timer(_SLICE, self._search_later)
        self._update_status()

    def _search_later(self) -> None:
        self._search_timer = None
        self._search_on()

    def action_match(self, way: int) -> None:
        """Go to the next match (1) or the previous one (-1)."""
        cursor = self.cursor or 0
        self._go_to(self._search.match_after(cursor) if way > 0 else self._search.match_before(cursor))

    def hide_others(self, hides: bool) -> None:
        """Hide the events that do not match, or show them again."""
        top = None if self._index is None else self._index.seq_at(max(self._top_row, 0))
        self._search.hide_others(hides)
        self._place_rows(top)
        self._show_cursor()
        self.redraw()

    # The line in which a filter is typed

    def _mount_find_bar(self) -> None:
        """Put it below: not before the first paint."""
        parent, bar = self.parent, self._find_bar
        if isinstance(parent, Widget) and self.is_attached and not bar.is_attached:
            bar.set_class(not isinstance(parent, Screen), "-docked")
            parent.mount(bar, after=self)

    def _known(self) -> dict[str, list[str]]:
        """Values to offer, by key."""
        return {"conn": [str(number) for number in self.connections]}

    def action_find(self) -> None:
        """Type a filter: each letter narrows it, Enter keeps it, Escape goes back to where it began."""
        self._mount_find_bar()
        if not self._find_bar.is_open:
            self._before_search = (self.cursor, self.following)
        self._find_bar.open(self._search.filter.text)
        self._say_found()

    def on_key(self, event: events.Key) -> None:
        """Open the line at once: a binding runs after the keys that were pressed right after it.

        Those belong to the line.
        """
        if self._find_bar.is_open:
            self._find_bar.input.post_message(events.Key(event.key, event.character))
        elif any(each.id == "timeline.find" for each in self._bindings.key_to_bindings.get(event.key, ())):
            self.action_find()
        else:
            return
        event.stop()
        event.prevent_default()

    def _find_text(self, text: str) -> None:
        """Find what is typed, from where the search began. What cannot be read changes nothing."""
        try:
            wanted = read_filter(text)
        except FilterError as error:
            self._find_problem = str(error)
            self._say_found()
            return
        self._find_problem = ""
        seq, self.following = self._before_search
        if seq is not None:
            self.select(seq)
        self.search(wanted)

    def _find_done(self, what: What) -> None:
        if what == "hide":
            self.hide_others(not self._search.hides)
        elif what in ("next", "previous"):
            self.action_match(1 if what == "next" else -1)
        elif what != "keep" or not self._find_problem:
            self._end_find(keep=what != "leave")

    def _end_find(self, *, keep: bool) -> None:
        """Close the line. What was found is kept, or the search ends and the cursor is where it began."""
        if not self._find_bar.is_open:
            return
        in_bar = self._find_bar.input.has_focus
        self._find_bar.close()
        if not keep:
            self._find_text("")
        self._find_problem = ""
        if in_bar:
            self.focus()
        self._update_status()

    def _say_found(self) -> None:
        search = self._search
        if not self._find_bar.is_open:
            return
        if self._find_problem:
            self._find_bar.say(self._find_problem, wrong=True)
        elif not search.filter:
            self._find_bar.say("type to search · enter keeps it · escape ends it")
        else:
            others = "shows the others" if search.hides else "hides the others"
            found = search.found(self.cursor)
            self._find_bar.say(f"{found} · tab {others} · enter keeps it · escape ends it")

    # The border

    def _update_status(self) -> None:
        """Show the filter, the search and new events in the border."""
        index = self._index
        if index is not None and len(index):
            bottom = index.seq_at(min(self._top_row + self._body, len(index)) - 1)
            self._seen = max(self._seen, bottom or 0)
        self._say_found()
        status = Content(self._status())
        if status != self._border_subtitle:
            self.border_subtitle = status

    def _status(self) -> str:
        index = self._index
        total = 0 if index is None else index.total
        parts: list[str] = []
        if self.following:
            parts.append("following")
        else:
            new = 0 if index is None else index.count_after(self._seen)
            parts.append(f"paused · {new:,} new below · End follows" if new else "paused · End follows")
        if index is not None and index.filtered:
            parts.append(f"{len(index):,} of {total:,} events")
            hidden = [LANES[lane].word for lane in Lane if lane not in self._lanes]
            if hidden:
                parts.append("without " + ", ".join(hidden))
            if self._connection is not None:
                parts.append(f"#{self._connection} only")
        elif self.following:
            parts.append(count_of(total, "event"))
        if index is not None and index.dropped:
            parts.append(f"{index.dropped:,} dropped")
        if self._search.filter:
            parts.append(self._search.status(self.cursor))
        elif self.following:
            parts.append("/ search")
        return " · ".join(parts)
