"""Events from several observers, put in the order of their time.

The tap and the client observe in one process, the ASGI wrapper in another, so an event can arrive after a
later one. `Merger` holds each event back for a short window, long enough for the pipe between the processes.
"""

from __future__ import annotations

import heapq

from wsplay.events.event import Event

#: How long an event waits for earlier ones that are still on their way.
WINDOW_NS = 25_000_000


class Merger:
    """A heap of events by time. An event later than the window is passed on at once, never dropped."""

    def __init__(self, window_ns: int = WINDOW_NS) -> None:
        self.window_ns = window_ns
        self._heap: list[tuple[int, int, Event]] = []
        self._count = 0  # keeps events of one time in the order they came

    def push(self, event: Event) -> None:
        self._count += 1
        heapq.heappush(self._heap, (event.t_ns, self._count, event))

    def release(self, now_ns: int) -> list[Event]:
        """The events at least a window old, oldest first. `now_ns` is on the events' clock."""
        due: list[Event] = []
        heap = self._heap
        while heap and heap[0][0] <= now_ns - self.window_ns:
            due.append(heapq.heappop(heap)[2])
        return due

    def drain(self) -> list[Event]:
        """All that is held, oldest first."""
        due = [entry[2] for entry in sorted(self._heap)]
        self._heap.clear()
        return due

    def __len__(self) -> int:
        return len(self._heap)
