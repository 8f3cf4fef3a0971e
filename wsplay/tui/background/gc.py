"""Keeps Python's garbage collector from stopping the screen.

A full collection visits every object, at any moment: 0.2 s or more with Textual, the client and a long
timeline in memory. Reference counts free nearly everything here, so full collections can wait for a quiet
moment. Widgets are the exception: they refer to each other, so a closed screen stays until a collection.
"""

from __future__ import annotations

import gc
from time import monotonic

#: Seconds between two full collections, and seconds without events before one.
EVERY, QUIET = 120.0, 5.0
#: Seconds after which one is due even if it is not quiet. Drawn lines refer to themselves: a flood leaves
#: about 15 MB of them per minute, and collecting a full timeline takes less than 0.1 s.
AT_LATEST = 300.0
#: After so many screens and runs left behind, one is due even if it is not quiet: an open and a closed
#: palette are two and about 1.3 MB.
MANY = 20


class Housekeeping:
    """Runs full collections in quiet moments instead of at any moment."""

    def __init__(self) -> None:
        self.started = False
        self._busy_at = 0.0
        self._done_at = 0.0
        self._left_behind = 0

    def start(self) -> None:
        """Call once the program has started: the objects of that time stay, and are not visited again."""
        self.started = True
        self._done_at = monotonic()
        gc.freeze()
        # Small collections, too short to notice (ten thousand objects take 1 ms); never a full one by itself.
        gc.set_threshold(1_000, 10, 1_000_000)

    def busy(self) -> None:
        """Events have just arrived."""
        self._busy_at = monotonic()

    def leave_behind(self) -> None:
        """A screen has been opened or closed, or a run has been replaced by the next."""
        self.busy()
        self._left_behind += 1

    def look(self) -> None:
        """Collect if a collection is due and nothing is happening, or if it is long overdue."""
        if not self.started:
            return
        now = monotonic()
        since = now - self._done_at
        due = since > EVERY or self._left_behind
        if since > AT_LATEST or self._left_behind >= MANY or (due and now - self._busy_at > QUIET):
            self._done_at = now
            self._left_behind = 0
            gc.collect()
