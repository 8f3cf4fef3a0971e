"""Two runs compared: what they have in common, and what differs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.timer import Timer
from textual.worker import Worker, WorkerState, get_current_worker

from wsplay.events.event import Event
from wsplay.events.safe_text import visible
from wsplay.play.side_of_run import ToRun
from wsplay.tui.background.job import Job, JobEnded
from wsplay.tui.background.messages import Lost
from wsplay.tui.background.proxy import PlaygroundProxy
from wsplay.tui.compare.jobs import Running, SideDone, run_missing
from wsplay.tui.compare.layout import EventLine
from wsplay.tui.compare.view import CompareView
from wsplay.tui.inspector.pane import Inspector
from wsplay.tui.kit.base_screen import BaseScreen
from wsplay.tui.kit.key_bar import KeyBar
from wsplay.tui.kit.keys import bind
from wsplay.tui.kit.status_line import Piece, StatusLine, heading, piece, progress
from wsplay.verdict.compare import Comparison, Op, Side, compare

#: Seconds between two looks at how far a comparison is.
LOOK: float = 0.1


class CompareScreen(BaseScreen):
    """The left run and the right one. One that is missing is run first, on a server of its own: that needs
    the `proxy`.
    """

    CSS_PATH = "compare.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        bind(
            "right_square_bracket",
            "difference(1)",
            "next difference",
            "compare.next",
            "Next difference",
            show=True,
            shown_as="]",
        ),
        bind(
            "left_square_bracket",
            "difference(-1)",
            "previous difference",
            "compare.previous",
            "Previous difference",
            shown_as="[",
        ),
        bind(
            "equals_sign",
            "hide_same",
            "only differences",
            "compare.hide-same",
            "Hide what is the same, or show it",
            show=True,
            shown_as="=",
        ),
        bind("slash", "find", "find", "compare.find", "Find events with a filter", show=True, shown_as="/"),
        bind("escape,q", "back", "back", "compare.back", "Stop what runs, and go back", show=True),
        bind("question_mark", "help", "help", "compare.help", "All keys", show=True, shown_as="?"),
    ]

    def __init__(self, left: Side | ToRun, right: Side | ToRun, proxy: PlaygroundProxy | None = None) -> None:
        super().__init__()
        self._given = (left, right)
        self._sides: dict[int, Side] = {
            place: side for place, side in enumerate((left, right)) if isinstance(side, Side)
        }
        self._proxy = proxy
        self._job: Job | None = None
        self._runs_now: ToRun | None = None
        self._read = (0, 0)  # how many events of all are compared
        self._look: Timer | None = None
        self.compared: Comparison | None = None

    def compose(self) -> ComposeResult:
        """The comparison, and below it the events under the cursor in full."""
        yield StatusLine(id="status")
        yield CompareView(id="compare", classes="pane")
        with Horizontal(id="events"):
            yield Inspector(id="left-event", classes="pane")
            yield Inspector(id="right-event", classes="pane")
        yield KeyBar(
            (
                "compare.next",
                "compare.open",
                "compare.hide-same",
                "compare.find",
                "...",
                "compare.back",
                "app.palette",
                "compare.help",
                "app.quit",
            ),
            frozenset({"compare.next", "compare.back", "compare.help"}),
        )

    @property
    def view(self) -> CompareView:
        """The comparison's pane."""
        return self.query_one(CompareView)

    def on_mount(self) -> None:
        """Run what is missing, then compare."""
        left, right = self.query(Inspector)
        left.border_title, right.border_title = "Event  left", "Event  right"
        self.view.focus()
        missing = {place: what for place, what in enumerate(self._given) if isinstance(what, ToRun)}
        if missing and self._proxy is not None:
            self._job = Job("compare", run_missing(missing))
            engine = next(iter(missing.values())).engine
            self._proxy.run_beside(self._job, engine, self._add_item, self._draw)
            self._draw()
        else:
            self._compare()

    # -- running what is missing

    def _add_item(self, item: object) -> None:
        if not self.stays_open:
            self._drop_job()
            return
        match item:
            case Running():
                self._runs_now = item.what
            case SideDone():
                self._sides[item.place] = item.side
            case JobEnded():
                self._job = None
                if item.problem or item.cancelled:
                    self._fail(item.problem or "stopped")
                else:
                    self._compare()
            case Lost():
                self.say(item.words, "error")

    def _fail(self, problem: str) -> None:
        self._draw()
        self.view.say(["Nothing to compare: the run could not be made.", visible(problem, 300)])
        self.say(problem, "error")

    def _draw(self) -> None:
        if self.stays_open and self._job is not None:
            what = self._runs_now
            running = "Starting a server for the missing run ..."
            if what is not None:
                edited = ", edited" if what.source is not None else ""
                running = f"Running {visible(what.name, 60)}{edited} on {what.engine} ..."
            self.view.say([running, "It has a server of its own; the main one goes on. escape stops it."])
            self._draw_status([piece("running", "bold $warn")])

    def _drop_job(self) -> None:
        if self._job is not None and self._proxy is not None:
            self._proxy.drop_job(self._job)
        self._job = None

    # -- comparing

    def _compare(self) -> None:
        """Compare, in a thread: two long runs take seconds."""
        left, right = self._sides.get(0), self._sides.get(1)
        if left is None or right is None:
            self._fail("a run is missing")
            return
        self._look = self.set_interval(LOOK, self._draw_progress)

        def work() -> Comparison | None:
            worker = get_current_worker()

            def step(done: int, total: int) -> None:
                self._read = (done, total)
                if worker.is_cancelled:
                    raise _Stopped

            try:
                return compare(left, right, step)
            except _Stopped:
                return None

        self.run_worker(work, thread=True, group="compare", exclusive=True)

    def _draw_progress(self) -> None:
        done, total = self._read
        if self.compared is None and total:
            reading = f"Comparing {done:,} of {total:,} events ..."
            self.view.say([reading if done < total else "Aligning the events ...", "escape stops it."])
            self._draw_status(progress(done, total, "events"))

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """The comparison is over."""
        if event.state in (WorkerState.SUCCESS, WorkerState.ERROR, WorkerState.CANCELLED) and self._look:
            self._look.stop()
        if event.state is WorkerState.SUCCESS and isinstance(event.worker.result, Comparison):
            self.compared = event.worker.result
            self.view.show((self._sides[0], self._sides[1]), self.compared)
            self._draw_counts()
            self.refresh_bindings()

    def _draw_status(self, right: Sequence[Piece]) -> None:
        self.query_one(StatusLine).show(heading("Compare"), right)

    def _draw_counts(self) -> None:
        compared = self.compared
        if compared is None:
            return
        counts = compared.counts
        differ = sum(count for op, count in counts.items() if op is not Op.SAME)
        words = f"{differ:,} events differ" if differ != 1 else "1 event differs"
        outcome = any(row.op is not Op.SAME for row in compared.part("outcome"))
        self._draw_status(
            [
                piece("outcomes differ" if outcome else "same outcome", "bold $text-bright", rank=1),
                piece(words if differ else "same events", "bold $text-bright"),
                piece(f"{counts.get(Op.SAME, 0):,} same", "$text-soft", rank=2),
            ]
        )

    # -- keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What needs a comparison works once there is one."""
        return action not in ("difference", "hide_same", "find") or self.compared is not None

    def action_difference(self, way: int) -> None:
        """Go to the next difference (1) or the one before (-1)."""
        if not self.view.to_difference(way):
            self.say("no further difference" if way > 0 else "no difference before this one")

    def action_hide_same(self) -> None:
        """Hide what is the same, or show it."""
        self.view.hide_same(not self.view.only_differences)

    def action_find(self) -> None:
        """Find events."""
        self.view.focus()
        self.view.action_find()

    def action_back(self) -> None:
        """Close the events, or end the search; else stop what runs and go back."""
        if self.has_class("-inspecting"):
            self._inspect(False)
        elif not self.view.clear_search():
            self.dismiss()

    def on_unmount(self) -> None:
        """The screen is gone: what it waits for is not needed."""
        self._drop_job()

    # -- the events in full

    @on(CompareView.Inspect)
    def _inspect_asked(self) -> None:
        self._inspect(not self.has_class("-inspecting"))

    def _inspect(self, shown: bool) -> None:
        self.set_class(shown, "-inspecting")
        if not shown:
            self.view.focus()
        self._show_events()

    @on(CompareView.Highlighted)
    def _show_events(self) -> None:
        if not self.has_class("-inspecting") or self.compared is None:
            return
        line = self.view.line
        right_alone = isinstance(line, EventLine) and (line.side == ">" or line.row.a is None)
        for place, (pane, event) in enumerate(zip(self.query(Inspector), self.view.events, strict=True)):
            pane.set_class(bool(place) == right_alone, "-on")
            shown = event if isinstance(event, Event) else None
            pane.show(shown, self._sides[place].start_ns)


class _Stopped(Exception):
    """The comparison is not needed any more."""
