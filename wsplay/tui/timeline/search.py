"""A search through the rows of a timeline: its text, its matches, and its text in the border. A long timeline
is searched in slices, so that the screen stays responsive.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from time import perf_counter
from typing import Any, Final

from wsplay.events.event import Event
from wsplay.events.safe_text import visible
from wsplay.tui.timeline.index import RowIndex

#: Events searched between two checks of the clock.
_SLICE_EVENTS: Final = 250


class Search:
    """Searches the rows of `index` for `text`, ignoring case; an empty text finds nothing.

    `typing` says that the text is being typed, `matches` are the `seq` of the events found so far.
    """

    def __init__(self) -> None:
        self.text = ""
        self.typing = False
        self.matches: list[int] = []
        self._index: RowIndex | None = None
        self._searched = 0  # the first event not searched yet
        self._origin: int | None = None  # the first match from here on is not known yet

    def start(self, text: str, seq: int) -> None:
        """Search for `text` from the oldest row on; `first_match` is the first from event `seq` on."""
        self.text = text
        self._origin = seq if text else None
        self.restart(self._index)

    def restart(self, index: RowIndex | None) -> None:
        """Search again: the rows of `index` have changed."""
        self._index = index
        self._searched = 0
        self.matches = []

    @property
    def running(self) -> bool:
        """Whether some events have not been searched yet."""
        return bool(self.text) and self._index is not None and self._searched < self._index.next_seq

    def run(self, seconds: float) -> None:
        """Continue searching for about that long; `running` says whether events are left."""
        until = perf_counter() + seconds
        while self.run_some(_SLICE_EVENTS) and perf_counter() < until:
            pass

    def run_some(self, count: int) -> bool:
        """Search at most `count` more events; True if some are left. Removes dropped matches."""
        index, text = self._index, self.text.lower()
        if index is None:
            return False
        del self.matches[: bisect_left(self.matches, index.first_seq)]
        if not text:
            return False
        start = max(self._searched, index.first_seq)
        self._searched = min(start + count, index.next_seq)
        found = (event.seq for event in index.shown(start, self._searched) if contains(event, text))
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

    def status(self, cursor: int | None) -> str:
        """The text in the border: the search, and the number of the match under the cursor."""
        text = visible(self.text, 24)
        shown = f"/{text}▏" if self.typing else f"/{text}"
        if not self.text:
            return f"{shown} type to search"
        more = "…" if self.running else ""
        count, number = len(self.matches), self.match_number(cursor or 0)
        found = f"{number:,} of {count:,}{more}" if count else f"none{more or ' found'}"
        return f"{shown} {found}" + ("" if self.typing else " · n N")


def contains(event: Event, text: str) -> bool:
    """Whether `text` (lower case) is in the event's summary or its data."""
    return text in event.summary.lower() or _holds(event.data, text)


def _holds(data: Mapping[str, Any], text: str) -> bool:
    rest: list[Any] = [data]
    while rest:
        value = rest.pop()
        if isinstance(value, str):
            if text in value.lower():
                return True
        elif isinstance(value, Mapping):
            rest.extend(value.values())
        elif isinstance(value, list | tuple):
            rest.extend(value)
        elif value is not None and not isinstance(value, bool) and text in str(value):
            return True
    return False
