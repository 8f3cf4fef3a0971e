"""The live sequence diagram: a run's events from the client, over the wire, to the app and back."""

from __future__ import annotations

from collections.abc import Set
from time import perf_counter
from typing import ClassVar, Final

from textual import events
from textual.binding import BindingType
from textual.message import Message
from textual.timer import Timer

from wsplay.events.event import Event, Lane
from wsplay.events.safe_text import visible
from wsplay.tui.kit.keys import bind
from wsplay.tui.kit.lanes import LANES
from wsplay.tui.timeline.canvas import TimelineCanvas
from wsplay.tui.timeline.index import ALL_LANES

#: Seconds of the screen's time that one slice of a search may take.
_SLICE: Final = 0.008
_SLICE_EVENTS: Final = 250


class TimelineView(TimelineCanvas):
    """A view of one `Timeline`. Call `refresh_rows` after a batch of events was added to it.

    While it follows, the newest row has the cursor; moving up stops that, End takes it up again. A search is
    typed right into it after `/`; lanes are hidden and shown with C, W, A and S, connections with #.
    """

    DEFAULT_CSS = """
    TimelineView {
        background: $background;
        border: round $border-blurred;
        border-title-color: $text-muted;
        border-title-style: bold;
        border-subtitle-color: $text-muted;
        padding: 0 1;
        overflow-x: hidden;
        overflow-y: auto;
        scrollbar-gutter: stable;
        scrollbar-size-vertical: 1;
        &:focus {
            border: round $border;
            border-title-color: $accent;
        }
    }
    """
    BORDER_TITLE = "Timeline"

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("up,k", "up", "Up", "timeline.up", "The event before"),
        bind("down,j", "down", "Down", "timeline.down", "The next event"),
        bind("pageup", "page_up", "Page up", "timeline.page-up", "A page up"),
        bind("pagedown", "page_down", "Page down", "timeline.page-down", "A page down"),
        bind("home", "first", "First", "timeline.first", "The oldest event"),
        bind("end", "last", "Newest", "timeline.last", "The newest event, and follow"),
        bind(
            "enter", "inspect", "Inspect", "timeline.inspect", "The event under the cursor, whole", show=True
        ),
        bind("f", "follow", "Follow", "timeline.follow", "Follow the newest event, or stop", show=True),
        bind("slash", "find", "Search", "timeline.find", "Search all events", show=True, shown_as="/"),
        bind("n", "next_match", "Next match", "timeline.next-match", "The next event the search found"),
        bind("N", "previous_match", "Previous match", "timeline.previous-match", "The match before"),
        bind("C", "lane('client')", "Client", "timeline.client", "Hide or show what the client reports"),
        bind("W", "lane('wire')", "Wire", "timeline.wire", "Hide or show the bytes on the wire"),
        bind("A", "lane('asgi')", "ASGI", "timeline.asgi", "Hide or show the ASGI messages"),
        bind("S", "lane('server')", "Server", "timeline.server", "Hide or show the server's log and prints"),
        bind(
            "number_sign",
            "connection",
            "Connection",
            "timeline.connection",
            "One connection only; the next; all",
        ),
        bind("x", "clear", "Show all", "timeline.clear", "End the search, show every lane and connection"),
    ]

    class Highlighted(Message):
        """The cursor rests on another event; `event` is None where there is none."""

        def __init__(self, view: TimelineView, event: Event | None) -> None:
            super().__init__()
            self.view = view
            self.event = event

        @property
        def control(self) -> TimelineView:
            return self.view

    class FollowChanged(Message):
        """Following began or ended."""

        def __init__(self, view: TimelineView, following: bool) -> None:
            super().__init__()
            self.view = view
            self.following = following

        @property
        def control(self) -> TimelineView:
            return self.view

    class Inspect(Message):
        """The user wants to see `event` whole."""

        def __init__(self, view: TimelineView, event: Event) -> None:
            super().__init__()
            self.view = view
            self.event = event

        @property
        def control(self) -> TimelineView:
            return self.view

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._typing = False
        self._before: tuple[int | None, bool] = (None, True)  # cursor and following when a search began
        self._jump: int | None = None  # a search looks for its first match from here
        self._scan: Timer | None = None

    # Lanes and connections

    @property
    def lanes(self) -> frozenset[Lane]:
        """The lanes on show."""
        return self._lanes

    @property
    def connection(self) -> int | None:
        """The only connection on show, or None where all are."""
        return self._conn

    def set_lanes(self, lanes: Set[Lane]) -> None:
        """Show only events of `lanes`; no lanes at all means every lane."""
        self._lanes = frozenset(lanes) or ALL_LANES
        self._filter()

    def set_connection(self, conn: int | None) -> None:
        """Show only connection `conn` and what belongs to none; None shows all."""
        self._conn = conn
        self._filter()

    def _filter(self) -> None:
        if self._index is not None:
            self._index.set_filter(self._lanes, self._conn)
            self._place()
            self._show_cursor()
            self._taken()
        self._tell()

    def action_lane(self, name: str) -> None:
        self.set_lanes(self._lanes ^ {Lane(name)})

    def action_connection(self) -> None:
        known = self.connections
        later = [conn for conn in known if self._conn is None or conn > self._conn]
        self.set_connection(later[0] if later and len(known) > 1 else None)

    def action_clear(self) -> None:
        self.search("")
        self._conn = None
        self.set_lanes(ALL_LANES)

    # Searching

    def search(self, text: str) -> None:
        """Search summaries and data for `text`, whatever the case; go to the first match from the cursor on.

        An empty text ends the search. A long timeline is searched in slices, so the screen stays alive.
        """
        self._needle = text
        self._strips.clear()
        if self._index is not None:
            self._index.set_needle(text)
        self._jump = (self.cursor or 0) if text else None
        self._taken()
        self._tell()
        self.refresh()

    def next_match(self) -> None:
        """Put the cursor on the next match; after the last comes the first."""
        if self._index is not None and self._needle:
            self._go(self._index.match_after(self.cursor or 0))

    def previous_match(self) -> None:
        """Put the cursor on the match before; before the first comes the last."""
        if self._index is not None and self._needle:
            self._go(self._index.match_before(self.cursor or 0))

    def action_next_match(self) -> None:
        self.next_match()

    def action_previous_match(self) -> None:
        self.previous_match()

    def action_find(self) -> None:
        """Type a search: each letter narrows it, Enter keeps it, Escape goes back to where it began."""
        self._before = (self.cursor, self.following)
        self._typing = True
        self.search("")

    def check_consume_key(self, key: str, character: str | None) -> bool:
        return self._typing and character is not None and character.isprintable()

    def on_key(self, event: events.Key) -> None:
        if not self._typing:
            return
        if event.key == "enter":
            self._typing = False
        elif event.key == "escape":
            self._typing = False
            self._back()
            self.search("")
        elif event.key == "backspace":
            self._type(self._needle[:-1])
        elif event.key == "down":
            self.next_match()
        elif event.key == "up":
            self.previous_match()
        elif event.is_printable and event.character is not None:
            self._type(self._needle + event.character)
        else:
            return
        event.stop()
        event.prevent_default()
        self._tell()

    def on_paste(self, event: events.Paste) -> None:
        if self._typing:
            event.stop()
            self._type(self._needle + "".join(event.text.splitlines()[:1]))

    def on_blur(self) -> None:
        self._typing = False
        self._tell()

    def _type(self, text: str) -> None:
        self._back()
        self.search(text)

    def _back(self) -> None:
        """Return to where the search began."""
        seq, following = self._before
        self.following = following
        if seq is not None:
            self.select(seq)

    def _taken(self) -> None:
        """Search for a slice's time; the rest waits its turn."""
        index = self._index
        if index is None or not index.scanning:
            self._jump_on()
            return
        until = perf_counter() + _SLICE
        before = len(index.matches)
        while (more := index.scan(_SLICE_EVENTS)) and perf_counter() < until:
            pass
        self._jump_on()
        if len(index.matches) != before:
            self.refresh()
        if more and self._scan is None and self.is_attached:
            self._scan = self.set_timer(_SLICE, self._scan_on)
        self._tell()

    def _scan_on(self) -> None:
        self._scan = None
        self._taken()

    def _jump_on(self) -> None:
        index = self._index
        if self._jump is None or index is None:
            return
        target = index.match_after(self._jump - 1)
        if target is not None and (target >= self._jump or not index.scanning):
            self._jump = None
            self._go(target)
        elif not index.scanning:
            self._jump = None

    # Telling how it stands

    def watch_following(self) -> None:
        super().watch_following()
        self.post_message(self.FollowChanged(self, self.following))

    def _rested(self, event: Event | None) -> None:
        self.post_message(self.Highlighted(self, event))

    def action_inspect(self) -> None:
        if (event := self.event) is not None:
            self.post_message(self.Inspect(self, event))

    def on_click(self, event: events.Click) -> None:
        if event.chain == 2:
            self.action_inspect()

    def _status(self) -> str:
        index = self._index
        total = 0 if index is None else index.total
        parts: list[str] = []
        if self.following:
            parts.append("following")
        else:
            new = 0 if index is None else index.after(self._seen)
            parts.append(f"paused · {new:,} new below · End follows" if new else "paused · End follows")
        if index is not None and index.filtered:
            parts.append(f"{len(index):,} of {total:,} events")
            hidden = [LANES[lane].word for lane in Lane if lane not in self._lanes]
            if hidden:
                parts.append("without " + ", ".join(hidden))
            if self._conn is not None:
                parts.append(f"#{self._conn} only")
        elif self.following:
            parts.append(f"{total:,} event{'' if total == 1 else 's'}")
        if index is not None and index.dropped:
            parts.append(f"{index.dropped:,} dropped")
        if self._typing or self._needle:
            parts.append(self._found())
        elif self.following:
            parts.append("/ search")
        return " · ".join(parts)

    def _found(self) -> str:
        index = self._index
        text = visible(self._needle, 24)
        shown = f"/{text}▏" if self._typing else f"/{text}"
        if not self._needle:
            return f"{shown} type to search"
        matches = 0 if index is None else len(index.matches)
        more = "…" if index is not None and index.scanning else ""
        number = 0 if index is None or self.cursor is None else index.match_number(self.cursor)
        found = f"{number:,} of {matches:,}{more}" if matches else f"none{more or ' found'}"
        return f"{shown} {found}" + ("" if self._typing else " · n N")
