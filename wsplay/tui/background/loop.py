"""A thread with an event loop of its own, where everything that is not the screen runs.

The screen asks with `ask`, which returns at once: nothing that happens there can delay a key press here. An
exception is posted as `Failed`, so none is lost in a task.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Coroutine
from contextvars import Context
from functools import partial
from typing import Any, Generic, TypeVar

from wsplay.tui.background.messages import Failed, name_of

#: Seconds between checks whether the program's main thread is still running.
WATCH_EVERY = 0.5
#: Seconds that running requests may take to end when the thread stops.
END_LIMIT = 2.0


R = TypeVar("R")


class BackgroundLoop(Generic[R]):
    """One thread, one loop, one queue of requests into it.

    `handle` is called in the loop, as a task of its own for each request, in the order in which they were
    made; what it raises is given to `post`, as `Failed`. When the thread stops, requests under way are
    cancelled and `cleanup` runs; so it does where the main thread ended without stopping it.
    """

    def __init__(
        self,
        handle: Callable[[R], Coroutine[Any, Any, None]],
        cleanup: Callable[[], Awaitable[None]],
        post: Callable[[Failed], None],
    ) -> None:
        self._handle = handle
        self._cleanup = cleanup
        self._post = post
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._stop: asyncio.Event | None = None
        self._stopped = False
        self._tasks: set[asyncio.Task[None]] = set()

    # -- the screen's side

    @property
    def alive(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def start(self) -> None:
        """Start the thread. Does nothing if it was already started or stopped."""
        if self._thread is not None or self._stopped:
            return
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._thread = threading.Thread(target=self._main, name="wsplay-background")
        self._thread.start()

    def ask(self, request: R) -> bool:
        """Queue a request. False if the thread does not run: before `start`, after `stop`."""
        if self._loop is None or self._stopped:
            return False
        try:
            # In no context: a server or a connection lives on after the request, and its tasks would keep
            # the context's variables, which in Textual are the screen that asked.
            self._loop.call_soon_threadsafe(self._begin, request, context=Context())
        except RuntimeError:
            return False  # the loop has just ended by itself
        return True

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

    def stop(self, limit: float) -> bool:
        """Run the cleanup and end the thread. False if that took longer than `limit` seconds."""
        self.ask_stop()
        if self._thread is None:
            return True
        self._thread.join(limit)
        return not self._thread.is_alive()

    # -- the thread's side

    def _begin(self, request: R) -> None:
        task = asyncio.get_running_loop().create_task(self._handle(request))
        self._tasks.add(task)
        task.add_done_callback(partial(self._done, request))

    def _done(self, request: R, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._post(Failed(name_of(request), error))

    def _main(self) -> None:
        assert self._loop is not None
        loop = self._loop
        well = False
        try:
            with asyncio.Runner(loop_factory=lambda: loop) as runner:
                loop.set_exception_handler(self._unhandled)
                runner.run(self._serve())
            well = True
        finally:
            if not well:
                self._post(Failed("background", RuntimeError("the background thread came to an end")))

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
            tasks = set(self._tasks)
            for task in tasks:
                task.cancel()
            if tasks:
                await asyncio.wait(tasks, timeout=END_LIMIT)
            await self._cleanup()

    def _unhandled(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        message = str(context.get("message", "unhandled"))
        error = context.get("exception")
        self._post(Failed("background", error if isinstance(error, BaseException) else RuntimeError(message)))
