"""The child's watch over its own loop: a thread that asks it for a sign of life and tells where it hangs."""

from __future__ import annotations

import asyncio
import sys
import threading
import time

from wsplay.server.child.app_slot import AppSlot
from wsplay.server.child.sender import Sender
from wsplay.server.child.stack import stack_data
from wsplay.server.heartbeat import Heartbeat

#: Seconds without a sign of life that make a stall, and while a scenario is imported, which takes a moment.
STALL_AFTER = 0.5
STALL_AFTER_IMPORT = 0.8
TICK = 0.1


class Watchdog:
    """Watches `loop`, which runs in the thread that calls `start`."""

    def __init__(self, loop: asyncio.AbstractEventLoop, sender: Sender, holder: AppSlot) -> None:
        self._loop = loop
        self._sender = sender
        self._holder = holder
        self._silence = Heartbeat(STALL_AFTER, TICK)
        self._beat = threading.Event()
        self._end = threading.Event()
        self._watched = threading.get_ident()
        self._thread = threading.Thread(target=self._run, name="wsplay-watchdog", daemon=True)

    def start(self) -> None:
        """Begin to watch."""
        self._thread.start()

    def stop(self) -> None:
        """Watch no longer; waits for the thread."""
        self._end.set()
        self._thread.join(1.0)

    def _run(self) -> None:
        last = time.monotonic()
        while not self._end.wait(TICK):
            now = time.monotonic()
            passed, last = now - last, now
            if self._silence.waiting and self._beat.is_set():
                lasted = self._silence.answered(passed)
                if lasted is not None:
                    data = {"why": "recovered", "seconds": round(lasted, 2)}
                    self._sender.on_event("note", None, data)
            if not self._silence.waiting:
                self._beat.clear()
                self._silence.asked()
                try:
                    self._loop.call_soon_threadsafe(self._beat.set)
                except RuntimeError:  # the loop is closed
                    return
                continue
            loading = self._holder.loading
            stalled = self._silence.passed(passed, STALL_AFTER_IMPORT if loading else None)
            if stalled is not None:
                self._report(stalled, loading)

    def _report(self, seconds: float, loading: bool) -> None:
        frame = sys._current_frames().get(self._watched)
        told, source = stack_data(frame, self._holder.files)
        data = {"seconds": round(seconds, 2), "during": "load" if loading else "run", **told}
        self._sender.on_event("server.stalled", None, data, None, source)
