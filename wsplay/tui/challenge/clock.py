"""The clock of a challenge: it counts down from the suggested time, and on below zero. No widget, no IO."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Clock:
    """Counts down from `seconds`, a suggestion, not a limit. Every `now` is in monotonic seconds."""

    seconds: int
    shown: bool = True
    used: float = 0.0
    _since: float | None = None
    _late: bool = False

    def start(self, now: float) -> None:
        """Continue."""
        if self._since is None:
            self._since = now

    def stop(self, now: float) -> None:
        """Pause: the time of a run does not count."""
        if self._since is not None:
            self.used += now - self._since
            self._since = None

    def left(self, now: float) -> float:
        """Seconds left; below zero once the time is over."""
        return self.seconds - self.used - (0.0 if self._since is None else now - self._since)

    def late(self, now: float) -> bool:
        """Whether the time is over and the clock is shown."""
        return self.shown and self.left(now) <= 0

    def ran_out(self, now: float) -> bool:
        """Whether the time has run out since the last call."""
        before, self._late = self._late, self.late(now)
        return self._late and not before

    def words(self, now: float) -> str:
        """`1:43 left`, `time is up +0:12` or `clock off`."""
        if not self.shown:
            return "clock off"
        left = self.left(now)
        if left > 0:
            return f"{minutes(int(left + 0.999))} left"
        return f"time is up +{minutes(int(-left))}"


def minutes(seconds: int) -> str:
    """`2:00`."""
    return f"{seconds // 60}:{seconds % 60:02}"
