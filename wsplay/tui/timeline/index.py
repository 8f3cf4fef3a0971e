"""Which events of a timeline are shown, by lane, connection and search. Pure bookkeeping, by `seq`.

Without a filter nothing is stored: rows are positions in the timeline. With a filter, each event is checked
once, when it arrives.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Set

from wsplay.events.event import Event, Lane
from wsplay.events.timeline import Timeline

ALL_LANES: frozenset[Lane] = frozenset(Lane)


class RowIndex:
    """The rows of `timeline` that pass a filter, in order.

    It shows the timeline as of the last `update()`, so rows stay where they are between two calls.
    `first_seq` is the oldest event kept then, `next_seq` the one after the newest.
    """

    def __init__(
        self, timeline: Timeline, lanes: Set[Lane] = ALL_LANES, connection: int | None = None
    ) -> None:
        self.timeline = timeline
        self.connections: set[int] = set()
        self._only: list[int] | None = None
        self.first_seq = self.next_seq = timeline.first_seq
        self.set_filter(lanes, connection)

    @property
    def filtered(self) -> bool:
        """Whether a filter is on, or a search hides events."""
        return self._shown_rows is not None

    @property
    def _shown_rows(self) -> list[int] | None:
        """The `seq` of each row; None if all events are rows."""
        return self._rows if self._only is None else self._only

    def show_only(self, seqs: list[int] | None) -> None:
        """Show only these of the events that pass the filter; the list may change later. None shows all."""
        self._only = seqs

    def set_filter(self, lanes: Set[Lane], connection: int | None) -> None:
        """Show only events of `lanes`, and only of `connection` and of none if it is given."""
        self._lanes, self._connection = lanes, connection
        self._rows: list[int] | None = None if connection is None and lanes >= ALL_LANES else []
        self.next_seq = self.first_seq
        self.update()

    def update(self) -> None:
        """Add the events since the last call, and remove those that the timeline has dropped."""
        timeline = self.timeline
        first, following = timeline.first_seq, timeline.next_seq
        new = timeline[max(self.next_seq, first) - first : following - first]
        self.connections.update(event.conn for event in new if event.conn is not None)
        if self._rows is not None:
            del self._rows[: bisect_left(self._rows, first)]
            self._rows.extend(event.seq for event in new if self._passes(event))
        self.first_seq, self.next_seq = first, following

    def shown(self, start: int, until: int) -> list[Event]:
        """The events from `start` up to but not including `until` that pass the filter."""
        first = self.timeline.first_seq
        events = self.timeline[max(start - first, 0) : max(until - first, 0)]
        return events if self._rows is None else [event for event in events if self._passes(event)]

    def __len__(self) -> int:
        rows = self._shown_rows
        return self.total if rows is None else len(rows)

    @property
    def total(self) -> int:
        """Events kept, shown or not."""
        return self.next_seq - self.first_seq

    @property
    def dropped(self) -> int:
        """Events the timeline has dropped."""
        return self.first_seq - 1

    def seq_at(self, row: int) -> int | None:
        """The `seq` at row `row` (from 0), or None if there is no such row."""
        if not 0 <= row < len(self):
            return None
        rows = self._shown_rows
        return self.first_seq + row if rows is None else rows[row]

    def row_of(self, seq: int) -> int:
        """The row of `seq`, else of the first shown event after it, else the number of rows."""
        rows = self._shown_rows
        if rows is None:
            return min(max(seq - self.first_seq, 0), len(self))
        return bisect_left(rows, seq)

    def nearest(self, seq: int) -> int | None:
        """`seq` if it is shown, else the first shown event after it, else the last; None without rows."""
        return self.seq_at(min(self.row_of(seq), len(self) - 1))

    def count_after(self, seq: int) -> int:
        """How many rows come after `seq`."""
        rows = self._shown_rows
        if rows is None:
            return max(self.next_seq - 1 - max(seq, self.first_seq - 1), 0)
        return len(rows) - bisect_right(rows, seq)

    def _passes(self, event: Event) -> bool:
        return event.lane in self._lanes and (
            self._connection is None or event.conn is None or event.conn == self._connection
        )
