"""Which events of a recording have happened at a time while it is played. The time is passed in."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Final

#: Seconds that a pause between two events lasts at most when a recording is played fast.
FAST_GAP: Final = 0.1


class Speed(StrEnum):
    """How fast a recording is played."""

    REAL = "real time"
    FAST = "fast"


class Playback:
    """Plays events that happened at `times`, in seconds from the start of the run, in order.

    `shown` is how many of them have happened. At first all have; playing or stepping from there starts at the
    beginning.
    """

    def __init__(self, times: Sequence[float]) -> None:
        self._times = times
        self.shown = len(times)
        self.speed = Speed.REAL
        self._due: float | None = None  # when the next event happens; None while it stands still
        self._rest: float | None = None  # of the pause that it stopped in

    @property
    def count(self) -> int:
        """All events."""
        return len(self._times)

    @property
    def playing(self) -> bool:
        """Whether it is playing."""
        return self._due is not None

    @property
    def ended(self) -> bool:
        """Whether all events have happened."""
        return self.shown >= self.count

    def gap(self, place: int) -> float:
        """Seconds before the event at `place`, at this speed. A clock that went back counts as none."""
        before = self._times[place - 1] if place else 0.0
        gap = max(self._times[place] - before, 0.0)
        return gap if self.speed is Speed.REAL else min(gap, FAST_GAP)

    def play(self, now: float) -> None:
        """Go on, or start again at the end."""
        if not self.count or self.playing:
            return
        if self.ended:
            self.shown, self._rest = 0, None
        self._due = now + (self.gap(self.shown) if self._rest is None else self._rest)
        self._rest = None

    def pause(self, now: float) -> None:
        """Stand still."""
        if self._due is not None:
            self._rest = max(self._due - now, 0.0)
            self._due = None

    def step(self, by: int) -> None:
        """Stand still, one event further or back. From the end, further is the first event."""
        self._due = self._rest = None
        if by > 0 and self.ended:
            self.shown = min(by, self.count)
        else:
            self.shown = min(max(self.shown + by, 0), self.count)

    def show_all(self) -> None:
        """Stand still after the last event."""
        self._due = self._rest = None
        self.shown = self.count

    def set_speed(self, speed: Speed, now: float) -> None:
        """Play at another speed. The pause that lasts now is cut to what it may last."""
        self.speed = speed
        if speed is Speed.FAST:
            if self._due is not None:
                self._due = min(self._due, now + FAST_GAP)
            if self._rest is not None:
                self._rest = min(self._rest, FAST_GAP)

    def tick(self, now: float) -> int:
        """It is `now`: returns how many events have happened. After the last it stands still."""
        while self._due is not None and now >= self._due:
            self.shown += 1
            self._due = None if self.ended else self._due + self.gap(self.shown)
        return self.shown

    def wait(self, now: float) -> float | None:
        """Seconds until the next event; None while it stands still."""
        return None if self._due is None else max(self._due - now, 0.0)
