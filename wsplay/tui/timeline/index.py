"""Which events of a timeline are shown, by lane and connection. Pure bookkeeping, by `seq`.

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
        self.first_seq = self.next_seq = timeline.first_seq
        self.set_filter(lanes, connection)

    @property
    def filtered(self) -> bool:
        """Whether a filter is on."""
        return self._rows is not None

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
        """The events from `start` up to but not including `until` that are shown."""
        first = self.timeline.first_seq
        events = self.timeline[max(start - first, 0) : max(until - first, 0)]
        return [event for event in events if self._passes(event)] if self.filtered else events

    def __len__(self) -> int:
        return self.total if self._rows is None else len(self._rows)

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
        return self.first_seq + row if self._rows is None else self._rows[row]

    def row_of(self, seq: int) -> int:
        """The row of `seq`, else of the first shown event after it, else the number of rows."""
        if self._rows is None:
            return min(max(seq - self.first_seq, 0), len(self))
        return bisect_left(self._rows, seq)

    def nearest(self, seq: int) -> int | None:
        """`seq` if it is shown, else the first shown event after it, else the last; None without rows."""
        return self.seq_at(min(self.row_of(seq), len(self) - 1))

    def count_after(self, seq: int) -> int:
        """How many rows come after `seq`."""
        if self._rows is None:
            return max(self.next_seq - 1 - max(seq, self.first_seq - 1), 0)
        return len(self._rows) - bisect_right(self._rows, seq)

    def _passes(self, event: Event) -> bool:
        return event.lane in self._lanes and (
            self._connection is None or event.conn is None or event.conn == self._connection
        )
