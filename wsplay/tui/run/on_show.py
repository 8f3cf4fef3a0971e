"""The run that a screen's timeline pane shows: a live one, or a finished one."""

from __future__ import annotations

from collections.abc import Sequence

from wsplay.events.event import Event
from wsplay.events.timeline import Timeline
from wsplay.tui.timeline.view import TimelineView


class RunOnShow:
    """What `view` shows. Call `draw` after a batch of events was added."""

    def __init__(self, view: TimelineView) -> None:
        self.view = view
        #: The last watched run, None before the first.
        self.live: Timeline | None = None
        self._watching = False
        self._grew = False

    def clear(self) -> None:
        """Show nothing, and drop the watched run."""
        self.live = None
        self._watching = False
        self.view.show_timeline(None)

    def begin(self, start_ns: int) -> Timeline:
        """A run begins at that time of `perf_counter_ns`: collect its events."""
        self.live = Timeline(start_ns)
        self._watching = True
        return self.live

    def end(self) -> None:
        """The run is over. Events before the next one belong to loading, or to a run that is not watched."""
        self._watching = False

    def add_event(self, event: Event) -> None:
        """An event was observed; it counts if a run is watched."""
        if self._watching and self.live is not None:
            self.live.add(event)
            self._grew = True

    def draw(self) -> None:
        """Draw the events that were added."""
        if self._grew:
            self._grew = False
            self.view.refresh_rows()

    def show(self, timeline: Timeline | None, title: str, cursor: int | None = None) -> None:
        """Show a run under that title, with the cursor on the event with that `seq`."""
        if timeline is not self.view.timeline:
            self.view.show_timeline(timeline)
        self.view.border_title = f"Timeline  {title}"
        if cursor is not None:
            self.select(cursor)

    def select(self, seq: int) -> None:
        """Put the cursor on an event, and keep it there."""
        self.view.following = False
        self.view.select(seq)

    def step(self, events: Sequence[int], by: int) -> None:
        """Move `by` places in these events (their `seq`), wrapping around; from elsewhere, to the first."""
        if events:
            at = events.index(self.view.cursor) + by if self.view.cursor in events else 0
            self.select(events[at % len(events)])
