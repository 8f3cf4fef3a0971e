"""How long someone asked has not answered, counted by the asker's own ticks.

A machine under load stops both sides. Time the asker itself slept through says nothing about the asked, so a
tick counts for little more than it was meant to last.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Heartbeat:
    """Counts seconds of silence after a question, and tells once when it exceeds `limit` seconds.

    `tick` is how far apart the asker's ticks are meant to be, in seconds. Pure: the caller measures time.
    """

    limit: float
    tick: float
    waiting: bool = False
    stalled: bool = False
    counted: float = 0.0
    lasted: float = 0.0

    def asked(self) -> None:
        """A question went out."""
        self.waiting = True
        self.counted = 0.0
        self.lasted = 0.0

    def passed(self, seconds: float, limit: float | None = None) -> float | None:
        """The asker ticked, `seconds` after its last tick. Seconds of silence if this makes it a stall."""
        if not self.waiting:
            return None
        self.lasted += seconds
        self.counted += min(seconds, self.tick * 1.5)
        if self.stalled or self.counted < (self.limit if limit is None else limit):
            return None
        self.stalled = True
        return self.lasted

    def answered(self, seconds: float = 0.0) -> float | None:
        """The answer came, `seconds` after the last tick. How long the stall lasted, if it was one."""
        stalled, self.stalled, self.waiting = self.stalled, False, False
        return self.lasted + seconds if stalled else None
