"""The list of the runs that are kept: bounded in number and bytes. No widget, no clock, no IO."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from wsplay.tui.runs.kept_run import KeptRun

#: Runs that are kept, and about how many bytes of memory they may take.
MAX_RUNS: Final = 50
MAX_BYTES: Final = 150_000_000


class KeptRuns:
    """The runs, newest first. When there are too many, the oldest goes; the newest always stays."""

    def __init__(self, max_runs: int = MAX_RUNS, max_bytes: int = MAX_BYTES) -> None:
        self._max_runs, self._max_bytes = max_runs, max_bytes
        self._runs: list[KeptRun] = []
        self._deleted: tuple[int, KeptRun] | None = None  # the last one, and its place
        #: Called after runs were added, or have grown: whoever shows the list draws it again.
        self.on_change: Callable[[], None] | None = None

    @property
    def runs(self) -> Sequence[KeptRun]:
        """The runs, newest first."""
        return tuple(self._runs)

    def __len__(self) -> int:
        return len(self._runs)

    def __contains__(self, run: object) -> bool:
        return run in self._runs

    def add(self, run: KeptRun) -> list[KeptRun]:
        """Add a run as the newest; returns those that had to go."""
        self._runs.insert(0, run)
        return self.trim()

    def trim(self) -> list[KeptRun]:
        """Let the oldest go until the rest is within the bounds, and return them: a run may have grown. What
        was deleted goes first.
        """
        gone: list[KeptRun] = []
        count = len(self._runs) + (self._deleted is not None)
        if count <= self._max_runs and self.bytes <= self._max_bytes:
            return gone
        self._deleted = None
        left = self.bytes
        while len(self._runs) > 1 and (len(self._runs) > self._max_runs or left > self._max_bytes):
            oldest = self._runs.pop()
            left -= oldest.bytes
            gone.append(oldest)
        return gone

    @property
    def bytes(self) -> int:
        """About how much memory all take, with the one that was deleted last."""
        deleted = 0 if self._deleted is None else self._deleted[1].bytes
        return deleted + sum(run.bytes for run in self._runs)

    def tell(self) -> None:
        """Tell whoever shows the list that it may have changed."""
        if self.on_change is not None:
            self.on_change()

    def delete(self, run: KeptRun) -> None:
        """Take a run out of the list. The last one can be brought back."""
        if run in self:
            place = self._runs.index(run)
            del self._runs[place]
            self._deleted = (place, run)

    def undo(self) -> KeptRun | None:
        """Bring back the run that was deleted last, to its place; None if there is none."""
        if self._deleted is None:
            return None
        place, run = self._deleted
        self._deleted = None
        self._runs.insert(min(place, len(self._runs)), run)
        return run

    def before(self, run: KeptRun) -> KeptRun | None:
        """The run that comes before this one in time; None if there is none."""
        later = self._runs.index(run) + 1 if run in self else len(self._runs)
        return self._runs[later] if later < len(self._runs) else None


def told_gone(gone: Sequence[KeptRun]) -> str:
    """One line that says which runs are no longer kept; empty if none went."""
    if not gone:
        return ""
    if len(gone) == 1:
        return f"no longer kept, to make room: {gone[0].name}"
    return f"no longer kept, to make room: {gone[0].name} and {len(gone) - 1} more"
