"""Events of several sources, put in the order of their time.

The tap observes in one process, the ASGI wrapper in another, so an event can arrive after a later one. Each
source reports its events in order, and has a watermark: the time up to which its report is complete. An event
is passed on as soon as the watermark of every source has passed its time.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Iterable

from wsplay.events.event import Event

#: Nanoseconds between two ticks. Waking at the very moment when an event may go on would wake the loop 707
#: times in a flood of 30,000 events, this 122 times.
TICK_NS = 5_000_000
#: Ticks that an event waits for a source that reports nothing: 25 ms.
MAX_WAIT = 5
#: Ticks that it waits for a source that reports but is behind, as the other process is in a flood.
MAX_LAG = 50


class Merger:
    """A heap of events by time, in nanoseconds on the events' clock. Pure: the caller has the clock.

    `sources` are those that an event waits for; all others push their events as they happen. The caller ticks
    every `TICK_NS` while events are held. Waiting is counted in ticks, not in time: on a busy machine, a
    source's report may stay unread for as long as the caller is busy. A late event is passed on at once; none
    is dropped.
    """

    def __init__(self, sources: Iterable[str]) -> None:
        self._heap: list[tuple[int, int, Event]] = []
        self._count = 0  # keeps events of the same time in the order of arrival
        #: By source: its watermark, and when that was set.
        self._watermarks: dict[str, tuple[int, int]] = dict.fromkeys(sources, (0, 0))
        self._ticks: deque[int] = deque((0,) * MAX_LAG, MAX_LAG)

    def push(self, event: Event) -> None:
        """Hold an event until it can be passed on."""
        self._count += 1
        heapq.heappush(self._heap, (event.t_ns, self._count, event))

    def set_watermark(self, source: str, t_ns: int, set_ns: int) -> None:
        """Everything that `source` pushes from now on happened at `t_ns` or later; known since `set_ns`."""
        self._watermarks[source] = (t_ns, set_ns)

    def tick(self, now_ns: int) -> list[Event]:
        """The events that have waited long enough or need not wait, oldest first."""
        self._ticks.append(now_ns)
        return self.release()

    def release(self) -> list[Event]:
        """The events that need not wait any longer, oldest first."""
        limit = self._ticks[-MAX_WAIT]
        until = min(
            t_ns if set_ns > limit else max(t_ns, limit) for t_ns, set_ns in self._watermarks.values()
        )
        until = max(until, self._ticks[-MAX_LAG])
        due: list[Event] = []
        heap = self._heap
        while heap and heap[0][0] <= until:
            due.append(heapq.heappop(heap)[2])
        return due

    def waits_for(self, source: str) -> bool:
        """Whether the oldest event has waited for a tick in which `source` reported nothing."""
        t_ns, set_ns = self._watermarks[source]
        before, last = self._ticks[-2], self._ticks[-1]
        return bool(self._heap) and t_ns < self._heap[0][0] <= last - TICK_NS and set_ns <= before

    def drain(self) -> list[Event]:
        """All held events, oldest first."""
        due = [entry[2] for entry in sorted(self._heap)]
        self._heap.clear()
        return due

    def __len__(self) -> int:
        return len(self._heap)
