"""Keeps Python's garbage collector from stopping the screen.

A full collection looks at every object: a fifth of a second and more once Textual, the client and a long
timeline are in memory, at any moment. Reference counts free nearly everything here, so full collections can
wait for a quiet moment.
"""

from __future__ import annotations

import gc
from time import monotonic

#: Seconds between two full collections, and seconds without events before one.
EVERY, QUIET = 120.0, 5.0
#: Seconds after which one is due though it is not quiet. Lines that were drawn refer to themselves: a flood
#: leaves some 15 MB of them a minute, and a full timeline is gone through in less than a tenth of a second.
AT_LATEST = 300.0


class Housekeeping:
    """Full collections in quiet moments instead of any moment."""

    def __init__(self) -> None:
        self.started = False
        self._busy_at = 0.0
        self._done_at = 0.0

    def start(self) -> None:
        """Call once the program is up: what is in memory by then stays, and need not be looked at again."""
        self.started = True
        self._done_at = monotonic()
        gc.freeze()
        # Small collections, too short to notice (ten thousand objects take a millisecond); a full one never
        # by itself.
        gc.set_threshold(1_000, 10, 1_000_000)

    def busy(self) -> None:
        """Events have come just now."""
        self._busy_at = monotonic()

    def look(self) -> None:
        """Collect if a collection is due and nothing is going on, or if it is long overdue."""
        if not self.started:
            return
        now = monotonic()
        since = now - self._done_at
        if since > AT_LATEST or (since > EVERY and now - self._busy_at > QUIET):
            self._done_at = now
            gc.collect()
