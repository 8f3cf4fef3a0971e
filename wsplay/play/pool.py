"""Several playgrounds at once, on one event loop, each with its own server process and tap. A run mostly
waits: for the pauses in a try, and for the quiet time that ends it. So a machine can run far more at once
than it has cores, and no run waits for a shorter time than it would alone.
"""

from __future__ import annotations

import asyncio
import os
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Generic, TypeVar

from wsplay.play.playground import Playground, PortError
from wsplay.server.parent.errors import StartError

T = TypeVar("T")

#: What is done with a playground whose server runs. Items it passes to the function go to its `Results`.
Work = Callable[[Playground, Callable[[T], None]], Awaitable[object]]


def core_count() -> int:
    """The processor cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def default_size() -> int:
    """How many playgrounds run at once by default."""
    return min(12, 6 * core_count())


class Results(Generic[T]):
    """The results of one piece of work: iterate over it, once, to get each item as soon as it exists. An
    exception of the work is raised after its last item.
    """

    def __init__(self, work: Work[T], seconds: float) -> None:
        self.seconds = seconds
        self._work = work
        self._items: asyncio.Queue[T | _End] = asyncio.Queue()

    def __aiter__(self) -> Results[T]:
        return self

    async def __anext__(self) -> T:
        item = await self._items.get()
        if isinstance(item, _End):
            raise item.error or StopAsyncIteration
        return item

    async def fill(self, playground: Playground) -> None:
        """Do the work, in a server process that runs and answers. Never raises the work's exceptions."""
        failure: Exception | None = None
        try:
            await playground.revive()
            await self._work(playground, self._items.put_nowait)
        except Exception as error:  # noqa: BLE001 - raised where the results are read
            failure = error
        finally:
            self._items.put_nowait(_End(failure))


class _End:
    """The mark after the last item."""

    def __init__(self, error: Exception | None) -> None:
        self.error = error


class Pool:
    """Does pieces of work, each in one playground from beginning to end, up to `size` of them at once
    (`default_size()` if it is None).

    Add the work, then enter the pool and read the results, in any order. The longest work starts first, by
    the seconds given for each; a pool of one does the work in the order it was added. Leaving the pool ends
    what still runs; no process, port or task is left.

    A server process that dies or blocks is replaced before the next piece of work.
    """

    def __init__(self, engine: str, size: int | None = None) -> None:
        self._engine = engine
        self._size = default_size() if size is None else size
        self._waiting: deque[Results[Any]] = deque()
        self._tasks: list[asyncio.Task[None]] = []
        self._closing: list[asyncio.Task[None]] = []

    def add(self, work: Work[T], seconds: float = 0.0) -> Results[T]:
        """Add a piece of work that takes about so many seconds."""
        results = Results(work, seconds)
        self._waiting.append(results)
        return results

    async def __aenter__(self) -> Pool:
        """Begin. Raises `server.parent.errors.StartError` if not even one server process starts."""
        if self._size > 1:
            self._waiting = deque(sorted(self._waiting, key=lambda results: -results.seconds))
        first = Playground(engine=self._engine)
        await first.start()
        self._begin(self._use(first))
        self._unstarted = min(self._size, len(self._waiting)) - 1
        # A start keeps a core busy. More at once than there are cores would only delay the first of them.
        for _ in range(min(core_count(), self._unstarted)):
            self._begin(self._grow())
        return self

    async def __aexit__(self, *exc: object) -> None:
        for task in self._tasks:
            task.cancel()
        ended = await asyncio.gather(*self._tasks, return_exceptions=True)
        ended += await asyncio.gather(*self._closing, return_exceptions=True)
        for error in ended:
            if isinstance(error, Exception):
                raise error

    def _begin(self, coroutine: Coroutine[Any, Any, None]) -> None:
        self._tasks.append(asyncio.create_task(coroutine))

    async def _grow(self) -> None:
        """Start more playgrounds, one after the other, for as long as there is work for them."""
        while self._unstarted > 0 and self._waiting:
            self._unstarted -= 1
            playground = Playground(engine=self._engine)
            try:
                await playground.start()
            except (StartError, PortError, OSError):
                return  # the running ones do the work
            self._begin(self._use(playground))

    async def _use(self, playground: Playground) -> None:
        """Do one piece of work after the other."""
        try:
            while self._waiting:
                await self._waiting.popleft().fill(playground)
        finally:
            # A task of its own: cancelling this one must not interrupt a playground while it closes.
            self._closing.append(asyncio.create_task(playground.aclose()))
