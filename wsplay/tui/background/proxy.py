"""The screen's side of the playground, which is in the background loop."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import TYPE_CHECKING

from wsplay.events.event import Event
from wsplay.tui.background.item_queue import ItemQueue
from wsplay.tui.background.job import Job, JobEnded
from wsplay.tui.background.loop import BackgroundLoop
from wsplay.tui.background.messages import CancelJob, Request, RunBeside, RunJob, Start
from wsplay.tui.background.worker import MakePlayground, PlaygroundWorker

if TYPE_CHECKING:
    from wsplay.scenario.file import Scenario
    from wsplay.tui.background.protocols import PlaygroundLike

#: Items taken from the queue at once; seconds for passing them on before the screen has its turn.
CHUNK, BUDGET = 256, 0.018


def make_playground(
    on_event: Callable[[Event], None], engine: str, port: int, *, host: str = "127.0.0.1"
) -> PlaygroundLike:
    """The real playground. Imported here, in the background loop: the first paint does not wait for it."""
    from wsplay.play.playground import Playground

    return Playground(on_event, engine=engine, host=host, port=port)


class PlaygroundProxy:
    """Sends requests to the playground, and passes on their items. Every method returns at once."""

    def __init__(
        self,
        make: MakePlayground = make_playground,
        *,
        engine: str,
        port: int = 0,
        make_beside: MakePlayground | None = None,
    ) -> None:
        self._queue = ItemQueue()
        self.worker = PlaygroundWorker(make, engine, port, self._queue.post, make_beside)
        self._loop: BackgroundLoop[Request] = BackgroundLoop(
            self.worker.handle, self.worker.aclose, self._queue.post
        )
        self._jobs: dict[Job, tuple[Callable[[object], None], Callable[[], None]]] = {}

    def start(self, scenario: Scenario | None) -> None:
        """Start the thread and the server, and load `scenario`."""
        self._loop.start()
        self.ask(Start(scenario))

    @property
    def started(self) -> bool:
        """Whether `start` was called."""
        return self._loop.alive

    def ask(self, request: Request) -> bool:
        """Send a request. False if the thread does not run."""
        return self._loop.ask(request)

    def run_job(self, job: Job, add_item: Callable[[object], None], draw: Callable[[], None]) -> None:
        """Run a job: `add_item` is called with each of its items, `draw` after each batch of them."""
        self._jobs[job] = (add_item, draw)
        if not self.ask(RunJob(job)):
            self._queue.post(JobEnded("the server has not been started"), job)

    def run_beside(
        self, job: Job, engine: str, add_item: Callable[[object], None], draw: Callable[[], None]
    ) -> None:
        """Run a job on a server of its own, on the engine of that name; the rest is as for `run_job`."""
        self._jobs[job] = (add_item, draw)
        if not self.ask(RunBeside(job, engine)):
            self._queue.post(JobEnded("the server has not been started"), job)

    def drop_job(self, job: Job) -> None:
        """Cancel a job, and pass on none of its items."""
        self._jobs.pop(job, None)
        self.ask(CancelJob(job))

    def hand_out(self, add_item: Callable[[object], None], budget: float = BUDGET) -> bool:
        """Pass on the waiting items: to their job, or else to `add_item`, the main screen's. Continues until
        nothing waits or `budget` seconds have passed; then each job with new items draws. Returns whether
        there were any.
        """
        until = perf_counter() + budget
        came = False
        draws = {}
        while items := self._queue.drain(CHUNK):
            came = True
            for job, item in items:
                if job is None:
                    add_item(item)
                elif job in self._jobs:
                    add_job_item, draws[job] = self._jobs[job]
                    if type(item) is JobEnded:
                        del self._jobs[job]
                    add_job_item(item)
            if perf_counter() > until:
                break
        for draw in draws.values():
            draw()
        return came

    def ask_stop(self) -> None:
        """Tell the server and the thread to end; does not wait. Safe in a signal handler."""
        self._loop.ask_stop()

    def stop(self, limit: float = 6.0) -> bool:
        """End the server and the thread; False if that took longer than `limit` seconds."""
        return self._loop.stop(limit)
