"""Which events of a timeline are shown, and which of them a search has found. Pure bookkeeping, by `seq`.

Without a filter nothing is kept: rows are counted off the timeline itself. With one, each event is looked at
once, when it comes in.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Set
from typing import Any

from wsplay.events.event import Event, Lane
from wsplay.events.timeline import Timeline

ALL_LANES: frozenset[Lane] = frozenset(Lane)


class RowIndex:
    """The rows of `timeline` that pass a filter, in order, and the matches among them.

    It shows the timeline as of the last `take()`, so rows stay where they are between two calls.
    """

    def __init__(
        self,
        timeline: Timeline,
        lanes: Set[Lane] = ALL_LANES,
        conn: int | None = None,
        needle: str = "",
    ) -> None:
        self.timeline = timeline
        self.conns: set[int] = set()
        self.matches: list[int] = []
        self._needle = needle.lower()
        self._first = timeline.first_seq
        self._next = timeline.first_seq  # the first event not taken in yet
        self._scanned = timeline.first_seq  # the first event not searched yet
        self._lanes: Set[Lane] = lanes
        self._conn = conn
        self._rows: list[int] | None = None
        self.set_filter(lanes, conn)

    @property
    def filtered(self) -> bool:
        """Whether a filter is on."""
        return self._rows is not None

    def set_filter(self, lanes: Set[Lane], conn: int | None) -> None:
        """Show only events of `lanes`, and only of connection `conn` and of none if it is given."""
        self._lanes, self._conn = lanes, conn
        self._rows = None if conn is None and lanes >= ALL_LANES else []
        self._next = self._first
        self.set_needle(self._needle)
        self.take()

    def set_needle(self, needle: str) -> None:
        """Search for `needle` from the start; `scan` does the work."""
        self._needle = needle.lower()
        self.matches = []
        self._scanned = self._first

    def take(self) -> None:
        """Take in what came since the last call, and let go of what the timeline has dropped."""
        timeline = self.timeline
        first, following = timeline.first_seq, timeline.next_seq
        new = timeline[max(self._next, first) - first : following - first]
        self.conns.update(event.conn for event in new if event.conn is not None)
        if self._rows is not None:
            del self._rows[: bisect_left(self._rows, first)]
            self._rows.extend(event.seq for event in new if self._passes(event))
        del self.matches[: bisect_left(self.matches, first)]
        self._first, self._next = first, following
        self._scanned = max(self._scanned, first)

    def scan(self, limit: int) -> bool:
        """Search at most `limit` more events; True where some are left."""
        if not self._needle:
            self._scanned = self._next
            return False
        first = self.timeline.first_seq
        start = max(self._scanned, first)
        until = min(start + limit, self._next)
        needle, filtered = self._needle, self.filtered
        for event in self.timeline[start - first : until - first]:
            if (not filtered or self._passes(event)) and contains(event, needle):
                self.matches.append(event.seq)
        self._scanned = until
        return until < self._next

    @property
    def scanning(self) -> bool:
        """Whether some events have not been searched yet."""
        return bool(self._needle) and self._scanned < self._next

    def __len__(self) -> int:
        return self._next - self._first if self._rows is None else len(self._rows)

    @property
    def total(self) -> int:
        """Events kept, shown or not."""
        return self._next - self._first

    @property
    def dropped(self) -> int:
        """Events the timeline has let go."""
        return self._first - 1

    def seq_at(self, place: int) -> int | None:
        """The `seq` at row `place`, or None where there is no such row."""
        if not 0 <= place < len(self):
            return None
        return self._first + place if self._rows is None else self._rows[place]

    def row_of(self, seq: int) -> int:
        """The row of `seq`, else of the first shown event after it, else the number of rows."""
        if self._rows is None:
            return min(max(seq - self._first, 0), len(self))
        return bisect_left(self._rows, seq)

    def after(self, seq: int) -> int:
        """How many rows come after `seq`."""
        if self._rows is None:
            return max(self._next - 1 - max(seq, self._first - 1), 0)
        return len(self._rows) - bisect_right(self._rows, seq)

    def match_after(self, seq: int) -> int | None:
        """The next match after `seq`, from the top again after the last."""
        if not self.matches:
            return None
        return self.matches[bisect_right(self.matches, seq) % len(self.matches)]

    def match_before(self, seq: int) -> int | None:
        """The match before `seq`, from the bottom again before the first."""
        if not self.matches:
            return None
        return self.matches[bisect_left(self.matches, seq) - 1]

    def is_match(self, seq: int) -> bool:
        """Whether the search has found `seq`."""
        place = bisect_left(self.matches, seq)
        return place < len(self.matches) and self.matches[place] == seq

    def match_number(self, seq: int) -> int:
        """Which match `seq` is, from 1; 0 where it is none."""
        return bisect_left(self.matches, seq) + 1 if self.is_match(seq) else 0

    def _passes(self, event: Event) -> bool:
        return event.lane in self._lanes and (
            self._conn is None or event.conn is None or event.conn == self._conn
        )


def contains(event: Event, needle: str) -> bool:
    """Whether `needle` (lower case) stands in the event's summary or anywhere in its data."""
    return needle in event.summary.lower() or _holds(event.data, needle)


def _holds(data: Mapping[str, Any], needle: str) -> bool:
    rest: list[Any] = [data]
    while rest:
        value = rest.pop()
        if isinstance(value, str):
            if needle in value.lower():
                return True
        elif isinstance(value, Mapping):
            rest.extend(value.values())
        elif isinstance(value, list | tuple):
            rest.extend(value)
        elif value is not None and not isinstance(value, bool) and needle in str(value):
            return True
    return False
