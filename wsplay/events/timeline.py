"""The ordered events of a run."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping, Sequence
from typing import overload

from wsplay.events.event import Event

#: Events that a timeline keeps before it drops the oldest.
MAX_EVENTS = 100_000
#: Characters of payload that a timeline keeps before it drops the oldest.
MAX_PAYLOAD = 48_000_000


class Timeline(Sequence[Event]):
    """An ordered, bounded list of events; the oldest are dropped first, and `dropped` counts them.

    The `seq` of its events counts up without a gap, so `seq - first_seq` is an event's place here.
    """

    def __init__(self, start_ns: int, max_events: int = MAX_EVENTS, max_payload: int = MAX_PAYLOAD) -> None:
        self.start_ns = start_ns
        self.dropped = 0
        self._max_events = max_events
        self._max_payload = max_payload
        self._payload = 0
        self._events: list[Event] = []
        self._weights = array("q")  # of each event
        self._head = 0  # events before this index are dropped, and removed later all at once

    def add(self, event: Event) -> Event:
        """Add `event` as the newest and return it as it is stored.

        An event without a number (`seq` 0) gets the next one. If numbers before it are missing, because
        events were lost on the way, all older events are dropped too. Raises ValueError for a number that is
        already used.
        """
        events = self._events
        kept = len(events) - self._head
        following = self.dropped + kept + 1
        if event.seq != following:
            if event.seq == 0:
                event = event.numbered(following)
            elif event.seq > following:
                self._skip_to(event.seq)
                kept = 0
            else:
                raise ValueError(f"event {event.seq} comes after event {following - 1}")
        weight = _weight(event)
        events.append(event)
        self._weights.append(weight)
        self._payload += weight
        if kept >= self._max_events or self._payload > self._max_payload:
            self._let_go()
        return event

    def _skip_to(self, seq: int) -> None:
        """Drop everything: `seq` comes next."""
        self._events.clear()
        del self._weights[:]
        self._head = self._payload = 0
        self.dropped = seq - 1

    def _let_go(self) -> None:
        """Drop the oldest until the rest is within its bounds; the newest always stays."""
        events, weights = self._events, self._weights
        newest = len(events) - 1
        while self._head < newest and (
            newest - self._head >= self._max_events or self._payload > self._max_payload
        ):
            self._payload -= weights[self._head]
            events[self._head] = events[newest]  # frees the old event now, before the list is cut
            self._head += 1
            self.dropped += 1
        if self._head > 1024 and self._head * 8 > len(events):
            del events[: self._head]
            del weights[: self._head]
            self._head = 0

    @property
    def weight(self) -> int:
        """About how many characters of data its events have."""
        return self._payload

    @property
    def first_seq(self) -> int:
        """The `seq` of the oldest event kept."""
        return self.dropped + 1

    @property
    def next_seq(self) -> int:
        """The `seq` the next event will have."""
        return self.dropped + len(self) + 1

    def get(self, seq: int) -> Event | None:
        """The event numbered `seq`, or None if it was dropped or does not exist yet."""
        place = seq - self.first_seq
        return self[place] if 0 <= place < len(self) else None

    def __len__(self) -> int:
        return len(self._events) - self._head

    @overload
    def __getitem__(self, index: int) -> Event: ...
    @overload
    def __getitem__(self, index: slice) -> list[Event]: ...
    def __getitem__(self, index: int | slice) -> Event | list[Event]:
        if isinstance(index, slice):
            start, stop, step = index.indices(len(self))
            if step == 1:
                return self._events[self._head + start : self._head + max(start, stop)]
            return [self[place] for place in range(start, stop, step)]
        if index < 0:
            index += len(self)
        if not 0 <= index < len(self):
            raise IndexError(index)
        return self._events[self._head + index]

    def __iter__(self) -> Iterator[Event]:
        for place in range(len(self)):
            yield self[place]


#: Kinds that are very frequent and have no long data except a payload.
_FREQUENT = frozenset(("client.sent", "client.received", "wire.frame", "asgi.receive", "asgi.send"))


def _weight(event: Event) -> int:
    """About how many characters of data an event has."""
    if event.kind not in _FREQUENT:
        return len(event.summary) + _characters(event.data)
    data = event.data
    weight = len(event.summary)
    for key in ("text", "hex"):
        value = data.get(key)
        if isinstance(value, str):
            weight += len(value)
    payload = data.get("payload") or data.get("message")
    if isinstance(payload, dict):
        for value in payload.values():
            if isinstance(value, str):
                weight += len(value)
            elif isinstance(value, dict | list):  # an ASGI message's bytes, its headers
                weight += _characters(value)
    return weight


def _characters(value: object) -> int:
    if isinstance(value, str):
        return len(value)
    if isinstance(value, Mapping):
        return sum(len(key) + _characters(part) for key, part in value.items())
    if isinstance(value, list | tuple):
        return sum(map(_characters, value))
    return 0
