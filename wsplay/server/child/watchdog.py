"""A thread that checks whether the child's event loop still runs, and reports the line that blocks it."""

from __future__ import annotations

import asyncio
import sys
import threading
import time

from wsplay.server.child.app_slot import AppSlot
from wsplay.server.child.sender import Sender
from wsplay.server.child.stack import stack_data
from wsplay.server.heartbeat import Heartbeat

#: Seconds after which a blocked loop is a stall; importing a scenario may take a little longer.
STALL_AFTER = 0.5
STALL_AFTER_IMPORT = 0.8
#: Seconds between two checks.
TICK = 0.1


class Watchdog:
    """Watches `loop`, which runs in the thread that calls `start`."""

    def __init__(self, loop: asyncio.AbstractEventLoop, sender: Sender, slot: AppSlot) -> None:
        self._loop = loop
        self._sender = sender
        self._slot = slot
        self._heartbeat = Heartbeat(STALL_AFTER, TICK)
        self._pong = threading.Event()
        self._stopping = threading.Event()
        self._loop_thread = threading.get_ident()
        self._thread = threading.Thread(target=self._run, name="wsplay-watchdog", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread, and wait for it."""
        self._stopping.set()
        self._thread.join(1.0)

    def _run(self) -> None:
        last = time.monotonic()
        while not self._stopping.wait(TICK):
            now = time.monotonic()
            passed, last = now - last, now
            if self._heartbeat.waiting and self._pong.is_set():
                lasted = self._heartbeat.pong_received(passed)
                if lasted is not None:
                    data = {"why": "recovered", "seconds": round(lasted, 2)}
                    self._sender.send_event("note", None, data)
            if not self._heartbeat.waiting:
                self._pong.clear()
                self._heartbeat.ping_sent()
                try:
                    self._loop.call_soon_threadsafe(self._pong.set)
                except RuntimeError:  # the loop is closed
                    return
                continue
            loading = self._slot.loading
            stalled = self._heartbeat.tick(passed, STALL_AFTER_IMPORT if loading else None)
            if stalled is not None:
                self._report(stalled, loading)

    def _report(self, seconds: float, loading: bool) -> None:
        frame = sys._current_frames().get(self._loop_thread)
        stack, source = stack_data(frame, self._slot.user_files)
        data = {"seconds": round(seconds, 2), "during": "load" if loading else "run", **stack}
        self._sender.send_event("server.stalled", None, data, None, source)
