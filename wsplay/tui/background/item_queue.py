"""The items for the screen: one ordered, bounded queue, filled from any thread, emptied by the screen's."""

from __future__ import annotations

import threading
import time
from collections import Counter, deque
from typing import TYPE_CHECKING

from wsplay.events.event import Event
from wsplay.tui.background.messages import Lost

if TYPE_CHECKING:
    from wsplay.tui.background.job import Job

#: Events that may wait for the screen; a timeline keeps no more.
MAX_WAITING = 100_000
#: Events that wait from which on the thread that posts them rests now and then, so that the screen's gets its
#: turns: the seconds of a rest, and how many events come between two. What is sent to the tap waits in the
#: sockets.
BUSY_WAITING, REST, REST_EVERY = 8_000, 0.002, 256


class ItemQueue:
    """Items, each with the job it belongs to; None is the main screen.

    If more than `MAX_WAITING` events wait, the older half is dropped, and `Lost` tells their owners how many.
    """

    def __init__(self) -> None:
        self._queue: deque[tuple[Job | None, object]] = deque()
        self._lock = threading.Lock()
        self._waiting = 0  # queued events
        self._posted = 0  # all events ever queued

    def post(self, item: object, job: Job | None = None) -> None:
        """Add an item to the queue, from any thread. While the screen is behind, this sleeps now and then;
        never in the screen's own thread, the main one.
        """
        with self._lock:
            self._queue.append((job, item))
            if type(item) is not Event:
                return
            self._waiting += 1
            if self._waiting > MAX_WAITING:
                self._make_room()
            self._posted += 1
            rest = self._waiting > BUSY_WAITING and not self._posted % REST_EVERY
        if rest and threading.current_thread() is not threading.main_thread():
            time.sleep(REST)

    def drain(self, limit: int) -> list[tuple[Job | None, object]]:
        """Take up to `limit` items, oldest first, each with the job it belongs to."""
        with self._lock:
            taken = [self._queue.popleft() for _ in range(min(limit, len(self._queue)))]
            self._waiting -= sum(type(item) is Event for _, item in taken)
        return taken

    def _make_room(self) -> None:
        # The older half of the events is dropped at once; other items keep their place.
        going = self._waiting // 2
        self._waiting -= going
        lost: Counter[Job | None] = Counter()
        kept: deque[tuple[Job | None, object]] = deque()
        for job, item in self._queue:
            if type(item) is Lost:
                lost[job] += item.events
            elif going and type(item) is Event:
                going -= 1
                lost[job] += 1
            else:
                kept.append((job, item))
        kept.extendleft((job, Lost(count)) for job, count in lost.items())
        self._queue = kept
