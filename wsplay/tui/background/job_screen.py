"""What screens share that run a job in the background and show its results live."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType

from wsplay.scenario.library import Library
from wsplay.tui.background.job import Job, JobEnded, Work
from wsplay.tui.background.messages import CancelJob, Lost, Restart
from wsplay.tui.background.proxy import PlaygroundProxy
from wsplay.tui.kit.base_screen import BaseScreen
from wsplay.tui.kit.keys import bind


class JobScreen(BaseScreen):
    """A screen with at most one job at a time.

    A subclass calls `start_job`, and says what to do with each item (`add_item`), with the end (`job_ended`)
    and when to `draw`: once after each batch of items.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("R", "restart", "restart", "job.restart", "Kill the server and start it again"),
        bind("escape", "back", "back", "job.back", "Stop what runs; then go back", show=True),
        bind("question_mark", "help", "help", "job.help", "All keys", show=True, shown_as="?"),
    ]

    def __init__(self, library: Library, proxy: PlaygroundProxy) -> None:
        super().__init__()
        self.library = library
        self.proxy = proxy
        self.job: Job | None = None

    # -- what a subclass does with what comes

    def add_item(self, item: object) -> None:
        """An event of the job's, the beginning of one of its runs, or what its work posts."""

    def job_ended(self, ended: JobEnded) -> None:
        """The job is done, was cancelled, or failed; another may be started."""

    def draw(self) -> None:
        """Draw the added items."""

    # -- the job

    @property
    def working(self) -> bool:
        """Whether a job is running."""
        return self.job is not None

    def start_job(self, what: str, work: Work) -> None:
        """Run a job in the background; no other may be running."""
        self.job = Job(what, work)
        self.proxy.run_job(self.job, self._add_job_item, self._draw_job_items)

    def stop_job(self) -> None:
        """Cancel the running job, if any; `job_ended` follows."""
        if self.job is not None:
            self.proxy.ask(CancelJob(self.job))

    def drop_job(self) -> None:
        """Cancel the running job, if any, and ignore its remaining items: another may be started."""
        if self.job is not None:
            self.proxy.drop_job(self.job)
            self.job = None

    def _add_job_item(self, item: object) -> None:
        if not self.stays_open:
            self.drop_job()
            return
        match item:
            case JobEnded():
                self.job = None
                self.job_ended(item)
            case Lost():
                self.say(item.words, "error")
            case _:
                self.add_item(item)

    def _draw_job_items(self) -> None:
        if self.stays_open:
            self.draw()

    def on_unmount(self) -> None:
        """The screen is gone, so drop the job."""
        self.drop_job()

    # -- what all of them do

    def action_restart(self) -> None:
        """Kill the server and start it again."""
        self.stop_job()
        self.say("restarting the server")
        self.proxy.ask(Restart())

    def action_back(self) -> None:
        """Stop what runs, or go back."""
        if self.job is not None:
            self.stop_job()
        else:
            self.dismiss()
