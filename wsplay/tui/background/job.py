"""One piece of work that needs the playground for itself: grading a challenge, attacking a design."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, NamedTuple, TypeAlias

#: What a job does, in the background loop: given the playground and the job itself.
Work: TypeAlias = "Callable[[Any, Job], Coroutine[Any, Any, None]]"


class JobEnded(NamedTuple):
    """The last item of a job: it is done, was cancelled, or failed; `problem` says why, in words."""

    problem: str = ""
    cancelled: bool = False


class Job:
    """One piece of work, made by the screen, run in the background loop.

    That screen gets everything observed meanwhile: events, `RunBegan` before the first of each run, the
    work's own items, and last `JobEnded`.
    """

    def __init__(self, what: str, work: Work) -> None:
        self.what = what
        self._work = work
        self._post: Callable[[object], None] = lambda item: None
        self._cancelled = False
        #: What a cancellation ends: the wait for its turn, then the work. The background loop's.
        self.task: asyncio.Task[Any] | None = None

    def post(self, item: object) -> None:
        """Post an item to the screen. Called by the work, from any thread."""
        self._post(item)

    async def run(self, playground: Any, post: Callable[[object], None]) -> JobEnded:
        """Do the work and report how it ended; never raises the work's exceptions."""
        self._post = post
        self.task = task = asyncio.create_task(self._work(playground, self))
        try:
            await asyncio.wait({task})
        finally:
            if not task.done():
                task.cancel()  # the loop itself ends
                await asyncio.wait({task}, timeout=1.0)
        error = None if task.cancelled() else task.exception()
        if self._cancelled or task.cancelled():
            return JobEnded(cancelled=True)
        return JobEnded("" if error is None else problem_words(error))

    def cancel(self) -> None:
        """End the work, or the wait for its turn. Called in the background loop; see `CancelJob`.

        Only once: an early second key must not interrupt the work's cleanup.
        """
        if self.task is not None and not self._cancelled:
            self.task.cancel()
        self._cancelled = True


def problem_words(error: BaseException) -> str:
    """What went wrong, for the user; an unexpected exception is named."""
    from wsplay.challenge.grading import GRADING_ERRORS
    from wsplay.verdict.expectation import ExpectationError

    if isinstance(error, (*GRADING_ERRORS, ExpectationError)):
        return str(error)
    kind = type(error)
    return f"{kind.__module__}.{kind.__qualname__}: {error}"
