"""Whether the other side still answers pings, measured by the ticks of the side that sends them.

A machine under load delays both sides. Time in which the sender itself did not run says nothing about the
receiver, so one tick counts for little more than its planned length.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Heartbeat:
    """Counts the seconds since an unanswered ping, and reports a stall once, after `limit` seconds.

    `interval` is the planned time between two ticks, in seconds. Pure: the caller has the clock.
    """

    limit: float
    interval: float
    waiting: bool = False
    stalled: bool = False
    counted: float = 0.0
    elapsed: float = 0.0

    def ping_sent(self) -> None:
        """A ping was sent."""
        self.waiting = True
        self.counted = 0.0
        self.elapsed = 0.0

    def tick(self, seconds: float, limit: float | None = None) -> float | None:
        """`seconds` have passed since the last tick. Returns the seconds without a pong if a stall begins."""
        if not self.waiting:
            return None
        self.elapsed += seconds
        self.counted += min(seconds, self.interval * 1.5)
        if self.stalled or self.counted < (self.limit if limit is None else limit):
            return None
        self.stalled = True
        return self.elapsed

    def pong_received(self, seconds: float = 0.0) -> float | None:
        """A pong arrived, `seconds` after the last tick. Returns the length of the stall, if any."""
        stalled, self.stalled, self.waiting = self.stalled, False, False
        return self.elapsed + seconds if stalled else None
