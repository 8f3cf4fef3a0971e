"""A search through the rows of a timeline: its filter, its matches, and its text in the border.

A long timeline is searched in slices, so that the screen stays responsive.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from time import perf_counter
from typing import Final

from wsplay.events.safe_text import visible
from wsplay.export.event_filter import EVERYTHING, Filter
from wsplay.tui.timeline.index import RowIndex

#: Events searched between two checks of the clock.
_SLICE_EVENTS: Final = 250


class Search:
    """Searches the rows of `index` for the events that `filter` takes; an empty filter finds nothing.

    `matches` are the `seq` of the events found so far. With `hides`, the other events are hidden.
    """

    def __init__(self) -> None:
        self.filter: Filter = EVERYTHING
        self.hides = False
        self.matches: list[int] = []
        self._index: RowIndex | None = None
        self._searched = 0  # the first event not searched yet
        self._origin: int | None = None  # the first match from here on is not known yet

    def start(self, wanted: Filter, seq: int) -> None:
        """Search with a filter from the oldest row on; `first_match` is the first from event `seq` on."""
        self.filter = wanted
        self._origin = seq if wanted else None
        if not wanted:
            self.hides = False
        self.restart(self._index)

    def hide_others(self, hides: bool) -> None:
        """Hide the events that do not match, or show them again."""
        self.hides = hides and bool(self.filter)
        if self._index is not None:
            self._index.show_only(self.matches if self.hides else None)

    def restart(self, index: RowIndex | None) -> None:
        """Search again: the rows of `index` have changed."""
        self._index = index
        self._searched = 0
        self.matches = []
        self.hide_others(self.hides)

    @property
    def running(self) -> bool:
        """Whether some events have not been searched yet."""
        return bool(self.filter) and self._index is not None and self._searched < self._index.next_seq

    def run(self, seconds: float) -> None:
        """Continue searching for about that long; `running` says whether events are left."""
        until = perf_counter() + seconds
        while self.run_some(_SLICE_EVENTS) and perf_counter() < until:
            pass

    def run_some(self, count: int) -> bool:
        """Search at most `count` more events; True if some are left. Removes dropped matches."""
        index, takes = self._index, self.filter.takes
        if index is None:
            return False
        del self.matches[: bisect_left(self.matches, index.first_seq)]
        if not self.filter:
            return False
        start = max(self._searched, index.first_seq)
        self._searched = min(start + count, index.next_seq)
        found = (event.seq for event in index.shown(start, self._searched) if takes(event))
        self.matches.extend(found)
        return self.running

    # Matches

    def first_match(self) -> int | None:
        """The first match from where the search started, once it is known; None from then on."""
        if self._origin is None:
            return None
        match = self.match_after(self._origin - 1)
        if self.running and (match is None or match < self._origin):
            return None
        self._origin = None
        return match

    def match_after(self, seq: int) -> int | None:
        """The next match after `seq`, wrapping around. None if there is none."""
        if not self.matches:
            return None
        return self.matches[bisect_right(self.matches, seq) % len(self.matches)]

    def match_before(self, seq: int) -> int | None:
        """The match before `seq`, wrapping around. None if there is none."""
        if not self.matches:
            return None
        return self.matches[bisect_left(self.matches, seq) - 1]

    def match_number(self, seq: int) -> int:
        """The number of the match `seq`, from 1; 0 if it is not a match."""
        place = bisect_left(self.matches, seq)
        return place + 1 if place < len(self.matches) and self.matches[place] == seq else 0

    def found(self, cursor: int | None) -> str:
        """How many matches there are, and which is under the cursor: "3 of 12", "none found"."""
        more = "…" if self.running else ""
        count, number = len(self.matches), self.match_number(cursor or 0)
        return f"{number:,} of {count:,}{more}" if count else f"none{more or ' found'}"

    def status(self, cursor: int | None) -> str:
        """The text in the border: the filter, and the number of the match under the cursor."""
        return f"/{visible(self.filter.text, 24)} {self.found(cursor)} · n N"
