"""The rows of the timeline on the screen: drawn, scrolled, followed, with a cursor.

It draws itself line by line, only the lines that are seen, and keeps them; a batch of new events costs the
same however many there are already. What is searched and hidden is `timeline_view`'s business.
"""

from __future__ import annotations

from typing import Final

from textual import events
from textual.cache import LRUCache
from textual.content import Content
from textual.geometry import Size
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.timer import Timer

from wsplay.events.event import Event, Lane
from wsplay.events.timeline import Timeline
from wsplay.tui.kit.styled_lines import Ink
from wsplay.tui.kit.theme import colours
from wsplay.tui.timeline.index import ALL_LANES, RowIndex
from wsplay.tui.timeline.rows import Columns, columns, dropped_row, header, row

#: Seconds before a moved cursor is told, so that a held key does not redraw the other panes each time.
_REST: Final = 0.04
#: Lines of headings; they stay where they are.
_HEADER: Final = 1


class TimelineCanvas(ScrollView, can_focus=True, inherit_bindings=False):
    """Rows of a `Timeline`, newest last. While it follows, a new row gets the cursor as it comes."""

    ALLOW_SELECT = False

    following: reactive[bool] = reactive(True, init=False)
    cursor: reactive[int | None] = reactive(None, init=False)

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._index: RowIndex | None = None
        self._lanes: frozenset[Lane] = ALL_LANES
        self._conn: int | None = None
        self._needle = ""
        self._newest: int | None = None  # the last row when rows were last placed
        self._seen = 0  # the newest event that was on the screen
        self._moving = False  # the view scrolls itself
        self._strips: LRUCache[tuple[int, str], Strip] = LRUCache(512)
        self._columns: Columns = columns(80)
        self._ink: Ink | None = None
        self._rest: Timer | None = None

    # For the class that is this and more

    def _status(self) -> str:
        """What the lower border says."""
        return ""

    def _taken(self) -> None:
        """The rows changed."""

    def _rested(self, event: Event | None) -> None:
        """The cursor rests on `event`."""

    # What is shown

    @property
    def timeline(self) -> Timeline | None:
        """The timeline on show."""
        return None if self._index is None else self._index.timeline

    @property
    def connections(self) -> tuple[int, ...]:
        """The connections seen so far, in order."""
        return () if self._index is None else tuple(sorted(self._index.conns))

    @property
    def event(self) -> Event | None:
        """The event under the cursor."""
        return None if self._index is None or self.cursor is None else self._index.timeline.get(self.cursor)

    def show(self, timeline: Timeline | None) -> None:
        """Show `timeline` and follow it. Lanes and search stay as they are; every connection is shown."""
        self._conn = None
        self._index = None if timeline is None else RowIndex(timeline, self._lanes, None, self._needle)
        self._seen = 0
        self._newest = None
        self.following = True
        self.cursor = None
        self._relayout()
        self._place()
        self._taken()

    def refresh_rows(self) -> None:
        """Take in what was added to the timeline since the last call. Cheap, however long the timeline is."""
        index = self._index
        if index is None:
            return
        top = index.seq_at(max(self._top_row(), 0))
        tagged = len(index.conns) > 1
        index.take()
        if tagged != (len(index.conns) > 1):
            self._relayout()
        self._place(top)
        self._taken()

    def select(self, seq: int) -> None:
        """Put the cursor on event `seq`, or the nearest that is shown. Whether it follows stays as it is."""
        index = self._index
        if index is not None and len(index):
            self.cursor = index.seq_at(min(index.row_of(seq), len(index) - 1))
            self._show_cursor()

    # Drawing

    def render_line(self, y: int) -> Strip:
        width = self.scrollable_content_region.width
        if width != self._columns.width:
            self._relayout()
        ink = self._ink
        if ink is None:
            ink = self._ink = Ink(colours(self.app), self.rich_style)
        if y < _HEADER:
            return ink.strip(header(self._columns), width)
        index = self._index
        if index is None or not len(index):
            return self._render_empty(y, width, ink)
        line = y - _HEADER + round(self.scroll_y)
        banner = self._banner()
        if line < banner:
            return ink.strip(dropped_row(index.dropped, self._columns), width)
        seq = index.seq_at(line - banner)
        event = None if seq is None else index.timeline.get(seq)
        if seq is None or event is None:
            return ink.strip((), width)
        ground = ""
        if seq == self.cursor:
            ground = "cursor-ground" if self.has_focus else "cursor-ground-blurred"
        mark = "▌" if ground else "»" if self._needle and index.is_match(seq) else " "
        strip = self._strips.get((seq, ground + mark))
        if strip is None:
            start, needle = index.timeline.start_ns, self._needle
            spans = row(event, self._columns, start, mark=mark, cursor=bool(ground), needle=needle)
            strip = self._strips[seq, ground + mark] = ink.strip(spans, width, ground)
        return strip

    def _render_empty(self, y: int, width: int, ink: Ink) -> Strip:
        if y != _HEADER + 1:
            return ink.strip((), width)
        hidden = self._index is not None and self._index.total
        hint = "Nothing passes the filter: x shows all." if hidden else "No events yet: connect, and watch."
        return ink.strip((("  " + hint, "text-soft"),), width)

    def _relayout(self) -> None:
        self._strips.clear()
        tagged = self._index is not None and len(self._index.conns) > 1
        self._columns = columns(max(self.scrollable_content_region.width, 24), tagged=tagged)

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._strips.clear()
        self._ink = None

    # Where things are

    def _banner(self) -> int:
        return 1 if self._index is not None and self._index.dropped else 0

    def _body(self) -> int:
        """Rows that fit below the headings."""
        return max(self.scrollable_content_region.height - _HEADER, 1)

    def _top_row(self) -> int:
        return round(self.scroll_y) - self._banner()

    def _place(self, top: int | None = None) -> None:
        """Fit size, scroll position and cursor to the rows; `top` is the event to keep at the top."""
        index = self._index
        rows = 0 if index is None else len(index)
        banner = self._banner()
        self.virtual_size = Size(self.scrollable_content_region.width, rows + banner + _HEADER)
        if index is None or not rows:
            self.cursor = self._newest = None
        else:
            newest = index.seq_at(rows - 1)
            if self.following and newest != self._newest:
                self.cursor = newest
            elif self.cursor is not None:
                self.cursor = index.seq_at(min(index.row_of(self.cursor), rows - 1))
            self._newest = newest
            if self.following:
                self._scroll(rows + banner)
            elif top is not None:
                place = index.row_of(top)
                self._scroll(place + banner if place else 0)
        self._tell()
        self.refresh()

    def _scroll(self, y: int) -> None:
        self._moving = True
        try:
            self.scroll_to(y=y, animate=False, immediate=True, force=True)
        finally:
            self._moving = False

    def _show_cursor(self) -> None:
        index = self._index
        if index is None or self.cursor is None:
            return
        place = index.row_of(self.cursor)
        line, top, body = place + self._banner(), round(self.scroll_y), self._body()
        if line < top or not place:
            self._scroll(line if place else 0)
        elif line >= top + body:
            self._scroll(line - body + 1)
        self._tell()

    # Moving

    def _move(self, rows: int) -> None:
        index = self._index
        if index is None or not len(index):
            return
        last = len(index) - 1
        place = last if self.cursor is None else min(index.row_of(self.cursor), last)
        wanted = place + rows
        self.following = wanted >= last if self.following else wanted > last
        self.cursor = index.seq_at(min(max(wanted, 0), last))
        self._show_cursor()

    def _go(self, seq: int | None) -> None:
        if seq is not None:
            self.following = False
            self.cursor = seq
            self._show_cursor()

    def _follow(self) -> None:
        self._newest = None  # so that the newest row gets the cursor
        self.following = True
        self._place()

    def action_up(self) -> None:
        self._move(-1)

    def action_down(self) -> None:
        self._move(1)

    def action_page_up(self) -> None:
        self._move(-self._body())

    def action_page_down(self) -> None:
        self._move(self._body())

    def action_first(self) -> None:
        if self._index is not None:
            self._move(-len(self._index))

    def action_last(self) -> None:
        self._follow()

    def action_follow(self) -> None:
        if self.following:
            self.following = False
        else:
            self._follow()

    def watch_following(self) -> None:
        self._tell()

    def watch_cursor(self) -> None:
        if self._rest is None and self.is_attached:
            self._rest = self.set_timer(_REST, self._tell_cursor)
        self.refresh()

    def _tell_cursor(self) -> None:
        self._rest = None
        self._rested(self.event)

    def watch_show_vertical_scrollbar(self, shown: bool) -> None:
        """A bar that comes after the rows were scrolled stands where they are."""
        if shown:
            self.vertical_scrollbar.position = self.scroll_y

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        if self._moving or not self.is_attached:
            return
        # The user scrolled, or the pane grew: only the former ends above the bottom, or goes down to it.
        if new_value < min(old_value, self.max_scroll_y):
            self.following = False
        elif new_value > old_value and new_value >= self.max_scroll_y:
            self.following = True
        self._tell()

    def on_resize(self) -> None:
        self._relayout()
        self._place()
        self._show_cursor()

    def on_mount(self) -> None:
        self._place()

    def on_show(self) -> None:
        self._place()

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        offset, index = event.get_content_offset(self), self._index
        if offset is None or index is None or offset.y < _HEADER:
            return
        place = offset.y - _HEADER + self._top_row()
        seq = index.seq_at(place)
        if seq is None:
            return
        event.stop()
        self.following = self.following and place == len(index) - 1
        self.cursor = seq
        self._tell()

    # Telling how it stands

    def _tell(self) -> None:
        """Say in the border what is shown, found and waiting."""
        index = self._index
        if index is not None and len(index):
            bottom = index.seq_at(min(self._top_row() + self._body(), len(index)) - 1)
            self._seen = max(self._seen, bottom or 0)
        content = Content(self._status())
        if content != self._border_subtitle:
            self.border_subtitle = content
