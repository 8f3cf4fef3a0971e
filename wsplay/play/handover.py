"""Hands events over to the front ends, in slices, and counts what comes faster than they can use it."""

from __future__ import annotations

import asyncio
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable

from wsplay.events.event import Event, Lane

#: Nanoseconds of handing over after which the loop gets a turn.
SLICE_NS = 4_000_000
#: Events that may be held. More are counted instead: frames and messages from here on, all others above five
#: times as many. Half of them make the tap count frames instead of decoding them, until a quarter is left.
MAX_HELD = 20_000
#: Nanoseconds that handing over everything at once may take; twice as long for what is not a message.
FLUSH_NS = 50_000_000

_MESSAGES = frozenset(("client.sent", "client.received", "asgi.receive", "asgi.send", "wire.frame"))
_MESSAGE_TYPES = frozenset(("websocket.receive", "websocket.send"))


class Handover:
    """Events in their final order, each handed over to `use`, for at most `SLICE_NS` at a time.

    `merging()` is how many more events are held before they come here. For the thread of one event loop.
    """

    def __init__(
        self,
        use: Callable[[Event], object],
        merging: Callable[[], int],
        *,
        clock: Callable[[], int] = time.perf_counter_ns,
    ) -> None:
        self._use = use
        self._merging = merging
        self._clock = clock
        self._due: deque[Event] = deque()
        self._taken = 0  # how many were handed over or counted, ever
        self._using = False
        self._next: asyncio.Handle | None = None
        self._behind = False
        self._not_shown: Counter[Lane] = Counter()

    @property
    def held(self) -> int:
        """How many events are held, here and before."""
        return len(self._due) + self._merging()

    def is_behind(self) -> bool:
        """Whether so many events are held that no more frames should be decoded."""
        held = self.held
        self._behind = held > (MAX_HELD // 4 if self._behind else MAX_HELD // 2)
        return self._behind

    def admits(self, event: Event) -> bool:
        """Whether there is room for `event`. If there is none, it is counted."""
        held = self.held
        if held < MAX_HELD or (held < 5 * MAX_HELD and not is_message(event)):
            return True
        self._not_shown[event.lane] += 1
        return False

    @property
    def untold(self) -> bool:
        """Whether events were counted and no note has said so yet."""
        return bool(self._not_shown)

    def not_shown(self, *, now: bool = False) -> Event | None:
        """The note that says how many events were counted, once there is room again, or `now`."""
        if not self._not_shown or (not now and self.held > MAX_HELD // 2):
            return None
        lanes, self._not_shown = self._not_shown, Counter()
        count = lanes.total()
        data = {
            "why": "dropped",
            "count": count,
            "lanes": {str(lane): number for lane, number in sorted(lanes.items())},
            "message": "they came faster than wsplay could show them",
        }
        lane = next(iter(lanes)) if len(lanes) == 1 else Lane.SERVER
        what = "1 event" if count == 1 else f"{count:,} events"
        return Event(self._clock(), lane, "note", f"{what} not shown: {data['message']}", data=data)

    def add(self, events: Iterable[Event]) -> None:
        """Hand over `events`, after all that were added before: now, or when the loop has had its turn."""
        self._due.extend(events)
        if self._next is None:
            self._run_slice()

    async def drain(self) -> None:
        """Hand over all that was added so far, in slices."""
        goal = self._taken + len(self._due)
        while self._taken < goal:
            self._hand_over(self._clock() + SLICE_NS)
            await asyncio.sleep(0)

    def flush(self) -> None:
        """Hand over all that was added so far, at once. What this takes too long for is counted."""
        if self._using:
            return
        begin, due = self._clock(), self._due
        self._hand_over(begin + FLUSH_NS)
        while due:
            event = due.popleft()
            self._taken += 1
            if is_message(event) or self._clock() > begin + 2 * FLUSH_NS:
                self._not_shown[event.lane] += 1
            else:
                self._use(event)
        if (note := self.not_shown(now=True)) is not None:
            self._use(note)

    def _run_slice(self) -> None:
        self._next = None
        self._hand_over(self._clock() + SLICE_NS)
        if self._due and not self._using:
            self._next = asyncio.get_running_loop().call_soon(self._run_slice)

    def _hand_over(self, until_ns: int) -> None:
        """Hand over until `until_ns`, but at least one event."""
        if self._using:  # called by a user of the current event: the rest comes after it
            return
        self._using = True
        due, use, clock = self._due, self._use, self._clock
        try:
            while due:
                self._taken += 1
                use(due.popleft())
                if clock() > until_ns:
                    break
        finally:
            self._using = False


def is_message(event: Event) -> bool:
    """Whether an event is one of those that come without end: a frame other than close, or a message."""
    if event.kind not in _MESSAGES:
        return False
    if event.kind == "wire.frame":
        return event.data.get("name") != "close"
    if event.lane is Lane.ASGI:
        message = event.data.get("message")
        return isinstance(message, dict) and message.get("type") in _MESSAGE_TYPES
    return True
