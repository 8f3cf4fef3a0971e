"""A thread with an event loop of its own, where everything that is not the screen runs.

The screen asks with `submit` and sees what came of it in one ordered queue (`post` on that side, `drain` on
this one), so that nothing that happens there can hold up a key press here. An exception is put into the same
queue as `Failed`: none is lost with a future nobody looks at.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable, Coroutine
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass
from typing import Any, TypeVar

from wsplay.events.event import Event

T = TypeVar("T")
Ask = Callable[[], Coroutine[Any, Any, T]]

#: Events that may wait for the screen; a timeline would keep no more.
MAX_WAITING = 100_000
#: Events that wait from which on the engine's thread rests now and then, so that the screen's gets its turns:
#: the seconds of a rest, and how many events come between two. What is sent to the tap waits in the sockets.
BUSY_WAITING, REST, REST_EVERY = 8_000, 0.002, 256
#: How often the thread looks whether the program's main thread is still there, in seconds.
WATCH_EVERY = 0.5


@dataclass(frozen=True, slots=True)
class Failed:
    """Something asked of the engine raised what nobody expected."""

    what: str  # what was being done: "connect", "engine", ...
    error: BaseException


@dataclass(frozen=True, slots=True)
class Lost:
    """Events thrown away because the screen did not fetch them in time."""

    count: int


class BackgroundLoop:
    """One thread, one loop, one queue to the screen.

    `cleanup` runs in the loop when the thread stops, however it came to that; also where the main thread
    ended without stopping it.
    """

    def __init__(self, cleanup: Ask[None] | None = None, name: str = "wsplay-engine") -> None:
        self._cleanup = cleanup
        self._name = name
        self._queue: deque[object] = deque()
        self._lock = threading.Lock()
        self._waiting = 0  # events among what is queued
        self._posted = 0  # events ever queued
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._stop: asyncio.Event | None = None
        self._stopped = False

    @property
    def alive(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def start(self) -> None:
        """Start the thread. Does nothing where it has been started, or stopped."""
        if self._thread is not None or self._stopped:
            return
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._thread = threading.Thread(target=self._main, name=self._name)
        self._thread.start()

    def submit(self, what: str, ask: Ask[T]) -> Future[T]:
        """Run `ask()` in the engine's loop. What it raises is in the future and, as `Failed`, in the queue.

        Before `start` and after `stop` nothing runs: the future comes back cancelled.
        """
        if self._loop is None or self._stopped:
            future: Future[T] = Future()
            future.cancel()
            return future
        future = asyncio.run_coroutine_threadsafe(ask(), self._loop)

        def look(done: Future[T]) -> None:
            try:
                error = done.exception(timeout=0)
            except CancelledError:
                return
            if error is not None:
                self.post(Failed(what, error))

        future.add_done_callback(look)
        return future

    def post(self, item: object) -> None:
        """Put something into the queue for the screen; from any thread."""
        with self._lock:
            self._queue.append(item)
            if type(item) is not Event:
                return
            self._waiting += 1
            if self._waiting > MAX_WAITING:
                self._make_room()
            self._posted += 1
            rest = self._waiting > BUSY_WAITING and not self._posted % REST_EVERY
        if rest and threading.current_thread() is self._thread:
            time.sleep(REST)

    def drain(self, limit: int) -> list[object]:
        """Take up to `limit` items, oldest first."""
        with self._lock:
            taken = [self._queue.popleft() for _ in range(min(limit, len(self._queue)))]
            self._waiting -= sum(type(item) is Event for item in taken)
        return taken

    def ask_stop(self) -> None:
        """Have the thread run the cleanup and end; does not wait for it. Safe in a signal handler."""
        self._stopped = True
        loop, stop = self._loop, self._stop
        if loop is None or stop is None or not self.alive:
            return
        try:
            loop.call_soon_threadsafe(stop.set)
        except RuntimeError:
            return  # it has just ended by itself

    def stop(self, limit: float = 5.0) -> bool:
        """Run the cleanup and end the thread. False where that took longer than `limit` seconds."""
        self.ask_stop()
        if self._thread is None:
            return True
        self._thread.join(limit)
        return not self._thread.is_alive()

    def _make_room(self) -> None:
        # The oldest half of the events goes in one sweep; anything else keeps its place.
        going = self._waiting // 2
        self._waiting -= going
        lost = going
        kept: deque[object] = deque()
        for item in self._queue:
            if type(item) is Lost:
                lost += item.count
            elif going and type(item) is Event:
                going -= 1
            else:
                kept.append(item)
        kept.appendleft(Lost(lost))
        self._queue = kept

    def _main(self) -> None:
        assert self._loop is not None
        loop = self._loop
        well = False
        try:
            with asyncio.Runner(loop_factory=lambda: loop) as runner:
                loop.set_exception_handler(self._handle)
                runner.run(self._serve())
            well = True
        finally:
            if not well:
                self.post(Failed("engine", RuntimeError("the engine's thread came to an end")))

    async def _serve(self) -> None:
        assert self._stop is not None
        main = threading.main_thread()
        try:
            while not self._stop.is_set() and main.is_alive():
                try:
                    async with asyncio.timeout(WATCH_EVERY):
                        await self._stop.wait()
                except TimeoutError:
                    continue
        finally:
            if self._cleanup is not None:
                await self._cleanup()

    def _handle(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        message = str(context.get("message", "unhandled"))
        error = context.get("exception")
        self.post(Failed("engine", error if isinstance(error, BaseException) else RuntimeError(message)))
