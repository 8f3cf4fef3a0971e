"""The attack bench: the same attacks against several designs, live, in a table: held or broken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import DataTable

from wsplay.attack.attacks import DESIGNS
from wsplay.events.event import Event
from wsplay.scenario.file import Scenario
from wsplay.scenario.library import Library
from wsplay.tui.attack.jobs import AttackDone, AttackedNext, NotAttacked, attack
from wsplay.tui.attack.open_run import open_run
from wsplay.tui.attack.state import BenchState
from wsplay.tui.attack.table import AttackTable
from wsplay.tui.background.job import JobEnded
from wsplay.tui.background.job_screen import JobScreen
from wsplay.tui.background.messages import RunBegan
from wsplay.tui.background.proxy import PlaygroundProxy
from wsplay.tui.kit.key_bar import KeyBar
from wsplay.tui.kit.keys import bind, keys_of
from wsplay.tui.kit.status_line import StatusLine, heading, piece, progress
from wsplay.tui.kit.verdict_bar import VerdictBar
from wsplay.tui.run.on_show import RunOnShow
from wsplay.tui.timeline.view import TimelineView

KEY_ORDER: tuple[str, ...] = (
    "attack.again",
    "attacks.open",
    "...",
    "attack.designs",
    "attack.current",
    "job.back",
    "app.palette",
    "job.help",
    "app.quit",
)


class AttackScreen(JobScreen):
    """The bench. `current` is the scenario of the screen below, which can be attacked as well."""

    CSS_PATH = "attack.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("ctrl+r", "again", "again", "attack.again", "Run the attacks again", show=True),
        bind("d", "choose('designs')", "designs", "attack.designs", "Attack the four designs", show=True),
        bind(
            "c",
            "choose('current')",
            "this one",
            "attack.current",
            "Attack the scenario of the main screen",
            show=True,
        ),
        bind("t", "go('timeline')", "timeline", "attack.go-timeline", "Focus the run"),
        bind("a", "go('attacks')", "attacks", "attack.go-attacks", "Focus the attack table"),
        bind("v", "verdict", "verdict", "attack.verdict", "Expand or shorten the verdict"),
    ]

    def __init__(self, library: Library, proxy: PlaygroundProxy, current: Scenario | None) -> None:
        super().__init__(library, proxy)
        self.current = current
        known = {scenario.name: scenario for scenario in library.scenarios if scenario.problem is None}
        self._four = [known[name] for name in DESIGNS if name in known]
        self.state = BenchState(self._four)

    def compose(self) -> ComposeResult:
        """The table, why, and the run."""
        timeline = TimelineView(id="timeline", classes="pane")
        self.run_on_show = RunOnShow(timeline)
        yield StatusLine(id="status")
        yield AttackTable(id="attacks", classes="pane")
        yield VerdictBar()
        yield timeline
        yield KeyBar(KEY_ORDER, frozenset({"attack.again", "job.back", "job.help"}))

    def on_mount(self) -> None:
        """Attack at once: there is nothing else to show."""
        self.query_one(AttackTable).focus()
        self.attack(self._four)

    def attack(self, designs: Sequence[Scenario]) -> None:
        """Attack these, from the beginning. A running job is cancelled."""
        self.drop_job()
        self.state = BenchState(designs, running=bool(designs))
        self.query_one(AttackTable).show(self.state)
        self.run_on_show.clear()
        if designs:
            self.start_job("attack bench", attack(designs))
        else:
            self.state.ended = "None of the four designs is in the library."
        self.draw()

    def add_item(self, item: object) -> None:
        """Handle an item of the job, or an event of the current run."""
        if type(item) is Event:
            self.run_on_show.add_event(item)
            return
        table = self.query_one(AttackTable)
        match item:
            case RunBegan():
                self.run_on_show.begin(item.start_ns)
                self._show_run()
            case AttackedNext():
                self.state.current = item.scenario
                table.redraw()
            case AttackDone():
                self.run_on_show.end()
                self.state.add_result(item.result)
                table.redraw()
            case NotAttacked():
                self.state.problems[item.scenario] = item.problem
                table.redraw()
                self.say(f"{item.scenario}: {item.problem}", "error")

    def job_ended(self, ended: JobEnded) -> None:
        """The job has ended."""
        self.run_on_show.end()
        self.state.running = False
        self.query_one(AttackTable).redraw()
        if ended.problem:
            self.state.ended = ended.problem
            self.say(ended.problem, "error")
        elif ended.cancelled:
            self.state.ended = "Stopped."
        self.draw()

    # -- drawing

    def draw(self) -> None:
        """Draw what `add_item` handled."""
        state = self.state
        self.run_on_show.draw()
        count = len(state.designs)
        right = progress(state.done, state.total, "attacks, live" if state.running else "attacks")
        if state.running:
            right.insert(0, piece("attacking", "bold $warn"))
        elif state.ended:
            right.insert(0, piece("stopped", "bold $text-bright"))
        title = state.designs[0].title if count == 1 else f"{count} designs"
        self.query_one(StatusLine).show(heading("Attack bench", title), right)
        self._draw_verdict()

    def _draw_verdict(self) -> None:
        table = self.query_one(AttackTable)
        opens = f"{keys_of(self)('attacks.open')} opens the run"
        next_step = opens if table.result is not None and table.result.timelines else ""
        self.query_one(VerdictBar).verdict = replace(table.verdict, next_step=next_step)

    def _show_run(self) -> None:
        """Show the run behind the result under the cursor, or the current one."""
        result = self.query_one(AttackTable).result
        if result is None:
            self.run_on_show.show(self.run_on_show.live, "live" if self.state.running else "last run")
        elif result.timelines:
            self.run_on_show.show(result.timelines[-1], "the run that decided")
        else:
            self.run_on_show.show(None, "no run")

    # -- messages

    @on(DataTable.CellHighlighted)
    def _cell_highlighted(self) -> None:
        self._show_run()
        self._draw_verdict()

    @on(DataTable.CellSelected)
    @on(TimelineView.Inspect)
    def _open_run(self) -> None:
        open_run(self, self.query_one(AttackTable))

    # -- keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Enable only keys that work now."""
        if action == "choose" and parameters == ("current",):
            return self.current is not None and self.current.problem is None
        return True

    def action_again(self) -> None:
        """Run the same attacks again."""
        self.attack(self.state.designs)

    def action_choose(self, which: str) -> None:
        """Attack the four designs, or the scenario of the main screen."""
        if which == "designs":
            self.attack(self._four)
        elif self.current is not None:
            self.attack([self.current])

    def action_go(self, name: str) -> None:
        """Focus a pane."""
        self.query_one(f"#{name}").focus()
