"""The playground, lent to a screen for one piece of work: what is observed meanwhile is that screen's own.

The screen makes a `Loan`, gives it to `Remote.lend` and empties its queue: events, `RunBegan` before the
first event of each run, whatever the work posts, and last `Over`. `cancel` ends the work early.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from wsplay.events.event import Event, Lane

if TYPE_CHECKING:
    from wsplay.scenario.file import Scenario

#: Items that may wait for the screen; events beyond them are left out: the work posts its runs whole.
MAX_WAITING = 20_000
#: What the main screen needs to know of the server, whoever has the playground.
_LIFE = ("server.starting", "server.listening", "server.stalled", "server.exited")


@dataclass(frozen=True, slots=True)
class RunBegan:
    """A run's timeline starts here: the events that follow are its own."""

    start_ns: int


@dataclass(frozen=True, slots=True)
class JobEnded:
    """The work is done, was cancelled, or failed; `problem` says why, in words for the user."""

    problem: str = ""
    cancelled: bool = False


#: What a job does, in the loop of the background thread: given the playground and the job itself.
Work: TypeAlias = "Callable[[Any, Job], Coroutine[Any, Any, None]]"


class Job:
    """One piece of work that needs the playground to itself.

    `work` is called in the engine's loop with the playground and this loan.
    """

    def __init__(self, what: str, work: Callable[[Any, Job], Coroutine[Any, Any, None]]) -> None:
        self.what = what
        self._work = work
        self._queue: deque[object] = deque()
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None
        self._start_ns: int | None = None
        self._cancelled = False
        self._over: JobEnded | None = None

    # -- the screen's side

    def drain(self, limit: int = 512) -> list[object]:
        """Up to `limit` items, oldest first; `Over` comes last, once."""
        with self._lock:
            taken = [self._queue.popleft() for _ in range(min(limit, len(self._queue)))]
            if not self._queue and self._over is not None:
                taken.append(self._over)
                self._over = None
        return taken

    def cancel(self) -> None:
        """Have the work end now; `Over` follows."""
        self._cancelled = True
        loop = self._loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._cancel)

    # -- the engine's side

    def post(self, item: object) -> None:
        """Put something into the queue for the screen; from any thread."""
        with self._lock:
            self._queue.append(item)

    def see(self, event: Event, run_start_ns: int) -> None:
        """An event of the run that began at `run_start_ns`."""
        if run_start_ns != self._start_ns:
            self._start_ns = run_start_ns
            self.post(RunBegan(run_start_ns))
        if len(self._queue) < MAX_WAITING:
            self.post(event)

    async def run(self, playground: Any) -> JobEnded:
        """Do the work and say how it ended; never raises for what the work does."""
        if self._cancelled:
            return JobEnded(cancelled=True)
        self._loop = asyncio.get_running_loop()
        self._start_ns = playground.run_start_ns  # what belongs to the run before is none of this work's
        self._task = task = asyncio.create_task(self._work(playground, self))
        if self._cancelled:
            task.cancel()  # while the task was made
        try:
            await asyncio.wait({task})
        finally:
            if not task.done():
                task.cancel()  # the engine itself ends
                await asyncio.wait({task}, timeout=2.0)
        if self._cancelled or task.cancelled():
            task.cancelled() or task.exception()  # looked at: nothing more is wanted of it
            return JobEnded(cancelled=True)
        error = task.exception()
        return JobEnded() if error is None else JobEnded(problem_words(error))

    def end(self, over: JobEnded) -> None:
        """Nothing follows."""
        with self._lock:
            self._over = over

    def _cancel(self) -> None:
        if self._task is not None:
            self._task.cancel()


def concerns_all(event: Event) -> bool:
    """Whether an event tells how the server itself is, which others need to know too."""
    if event.lane is not Lane.SERVER:
        return False
    return event.kind in _LIFE or (event.kind == "note" and event.data.get("why") == "recovered")


async def restore(playground: Any, scenario: Scenario | None) -> str:
    """Load again what was loaded before the loan. Returns what went wrong, if anything did.

    Nothing of the loan is still on its way afterwards.
    """
    from wsplay.server.parent.errors import ServerError

    problem = ""
    # A server that has died has been told of, and a restart loads what is wanted.
    if scenario is not None and playground.alive:
        try:
            await playground.load(scenario)
        except ServerError as error:
            problem = str(error)
    await playground.settle()
    return problem


def problem_words(error: BaseException) -> str:
    """What went wrong, for the user; what nobody foresaw is called by its name."""
    from wsplay.play.setup import SetupError
    from wsplay.scenario.attack_table import AttackError
    from wsplay.scenario.challenge_table import ChallengeError
    from wsplay.server.parent.ask_testclient import TestClientError
    from wsplay.server.parent.errors import ServerError
    from wsplay.verdict.expectation import ExpectationError

    foreseen = (AttackError, ChallengeError, SetupError, ExpectationError, TestClientError, ServerError)
    if isinstance(error, foreseen):
        return str(error)
    kind = type(error)
    return f"{kind.__module__}.{kind.__qualname__}: {error}"
