"""Keeps Python's garbage collector from stopping the screen.

A full collection looks at every object there is: a fifth of a second and more once Textual, the client and a
long timeline are in memory, at any moment. Reference counts free nearly everything here, so the collector may
take its time.
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
        """Call once the program is up: what is there by now stays, and need not be looked at again."""
        self.started = True
        self._done_at = monotonic()
        gc.freeze()
        # Small pieces, none of which is felt (ten thousand objects take a millisecond); the last one never by
        # itself.
        gc.set_threshold(1_000, 10, 1_000_000)

    def busy(self) -> None:
        """Something has happened just now."""
        self._busy_at = monotonic()

    def look(self) -> None:
        """Collect where it is time to and nothing is going on, or has been for too long."""
        if not self.started:
            return
        now = monotonic()
        since = now - self._done_at
        if since > AT_LATEST or (since > EVERY and now - self._busy_at > QUIET):
            self._done_at = now
            gc.collect()
