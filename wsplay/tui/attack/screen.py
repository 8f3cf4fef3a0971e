"""The attack bench: the same attacks against several designs, live, as a table of held and broken."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType

from wsplay.attack.attacks import DESIGNS
from wsplay.events.event import Event
from wsplay.events.timeline import Timeline
from wsplay.scenario.file import Scenario
from wsplay.scenario.library import Library
from wsplay.tui.attack.jobs import AttackDone, AttackedNext, NotAttacked, attack
from wsplay.tui.attack.open_run import run_screen_of
from wsplay.tui.attack.state import LOOKS, BenchState
from wsplay.tui.attack.table import AttackTable
from wsplay.tui.background.job_screen import JobScreen
from wsplay.tui.background.messages import JobEnded, RunBegan
from wsplay.tui.background.proxy import PlaygroundProxy
from wsplay.tui.kit.key_bar import KeyBar
from wsplay.tui.kit.keys import bind
from wsplay.tui.kit.score_bar import Score, ScoreBar
from wsplay.tui.kit.verdict import Tone, Verdict
from wsplay.tui.kit.verdict_bar import VerdictBar
from wsplay.tui.timeline.view import TimelineView

if TYPE_CHECKING:
    from wsplay.attack.bench import AttackResult

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
_TONES: dict[str, Tone] = {"held": "good", "broken": "bad", "n/a": "info"}


class AttackScreen(JobScreen):
    """The bench. `current` is the scenario of the screen below, which can be attacked as well."""

    CSS_PATH = "attack.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("ctrl+r", "again", "attack", "attack.again", "Attack once more", show=True),
        bind("d", "choose('designs')", "designs", "attack.designs", "Attack the four designs", show=True),
        bind(
            "c",
            "choose('current')",
            "this one",
            "attack.current",
            "Attack the scenario of the main screen",
            show=True,
        ),
        bind("t", "go('timeline')", "timeline", "attack.go-timeline", "To the run"),
        bind("a", "go('attacks')", "attacks", "attack.go-attacks", "To the table"),
        bind("v", "verdict", "verdict", "attack.verdict", "Show all of the band below, or a part"),
    ]

    def __init__(
        self,
        library: Library,
        proxy: PlaygroundProxy,
        current: Scenario | None,
        *,
        designs: Sequence[Scenario] | None = None,
    ) -> None:
        super().__init__(library, proxy)
        self.current = current
        known = {scenario.name: scenario for scenario in library.scenarios if scenario.problem is None}
        four = [known[name] for name in DESIGNS if name in known]
        self.state = BenchState(four if designs is None else designs)
        self._four = four
        self._live: Timeline | None = None
        self._live_grew = self._feeding = False
        self._ended = ""

    def compose(self) -> ComposeResult:
        """The table, why, and the run."""
        yield ScoreBar()
        yield AttackTable(id="attacks", classes="pane")
        yield VerdictBar()
        yield TimelineView(id="timeline", classes="pane")
        yield KeyBar(KEY_ORDER, frozenset({"attack.again", "job.back", "job.help"}))

    def on_mount(self) -> None:
        """Begin at once: there is nothing to see before."""
        self.query_one(AttackTable).focus()
        self.attack(self.state.designs)

    def attack(self, designs: Sequence[Scenario]) -> None:
        """Attack these, from the beginning."""
        self.drop_job()
        self.state = BenchState(designs, running=bool(designs))
        self._ended = ""
        self._live = None
        table = self.query_one(AttackTable)
        table.show(self.state)
        self.query_one(TimelineView).show(None)
        if designs:
            self.start_job("attack bench", attack(designs))
        else:
            self._ended = "None of the four designs is in the library."
        self.draw()

    def add_item(self, item: object) -> None:
        """Something came from the engine."""
        if type(item) is Event:
            if self._live is not None and self._feeding:
                self._live.add(item)
                self._live_grew = True
            return
        match item:
            case RunBegan():
                self._live = Timeline(item.start_ns)
                self._feeding = True
                self._show_run()
            case AttackedNext():
                self.state.current = item.scenario
            case AttackDone():
                self._feeding = False  # what comes before the next run is loading
                self.state.take(item.cell)
                self.query_one(AttackTable).redraw()
            case NotAttacked():
                self.state.problems[item.scenario] = item.problem
                self.say(f"{item.scenario}: {item.problem}", "error")

    def job_ended(self, ended: JobEnded) -> None:
        """The engine is free again."""
        self.state.running = False
        self.query_one(AttackTable).redraw()
        if ended.problem:
            self._ended = ended.problem
            self.say(ended.problem, "error")
        elif ended.cancelled:
            self._ended = "Stopped."
        self.refresh_bindings()
        self.draw()

    def draw(self) -> None:
        """Show what was taken in."""
        state = self.state
        if self._live_grew:
            self._live_grew = False
            self.query_one(TimelineView).refresh_rows()
        running = state.running
        what = "attacks" if not running else "attacks, live"
        count = len(state.designs)
        title = state.designs[0].title if count == 1 else f"{count} designs"
        self.query_one(ScoreBar).score = Score(
            "Attack bench",
            title,
            clock="attacking" if running else "stopped" if self._ended else "",
            late=running,
            done=state.done,
            total=state.total,
            what=what,
        )
        self.query_one(AttackTable).refresh()
        self._draw_verdict()

    def _draw_verdict(self) -> None:
        table, bar = self.query_one(AttackTable), self.query_one(VerdictBar)
        cell = table.cell
        if cell is None:
            problem = self._ended if not self.state.running else ""
            headline = "NOT RUN" if not self.state.running else "RUNNING"
            text = f"{problem} {table.why}".strip()
            bar.verdict = Verdict("info" if self.state.running else "warn", headline, text)
            return
        next_step = "enter opens the run" if cell.timelines else ""
        headline = LOOKS[cell.verdict][1].upper()
        bar.verdict = Verdict(_TONES[cell.verdict], headline, table.why, next_step=next_step)

    def _show_run(self) -> None:
        """The run of the cell under the cursor, or the one that is under way."""
        cell = self.query_one(AttackTable).cell
        view = self.query_one(TimelineView)
        if cell is None:
            timeline = self._live
            title = "Timeline  live" if self.state.running else "Timeline  the last run"
        else:
            timeline = cell.timelines[-1] if cell.timelines else None
            title = "Timeline  the run that decided" if cell.timelines else "Timeline  nothing to run"
        if timeline is not view.timeline:
            view.show(timeline)
        view.border_title = title

    # -- messages

    @on(AttackTable.Moved)
    def _moved(self) -> None:
        self._show_run()
        self._draw_verdict()

    @on(AttackTable.Opened)
    def _opened(self, event: AttackTable.Opened) -> None:
        self.open_cell(event.cell)

    @on(TimelineView.Inspect)
    def _inspect(self) -> None:
        cell = self.query_one(AttackTable).cell
        if cell is not None and cell.timelines:
            self.open_cell(cell)

    def open_cell(self, cell: AttackResult) -> None:
        """The run that decided a cell, with the screen to itself."""
        self.app.push_screen(run_screen_of(self.query_one(AttackTable), cell))

    # -- keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What makes no sense now is not offered."""
        if action == "choose" and parameters == ("current",):
            return self.current is not None and self.current.problem is None
        return True

    def action_again(self) -> None:
        """Attack the same once more."""
        self.attack(self.state.designs)

    def action_choose(self, which: str) -> None:
        """Attack others."""
        if which == "designs":
            self.attack(self._four)
        elif self.current is not None:
            self.attack([self.current])

    def action_go(self, name: str) -> None:
        """To a pane."""
        self.query_one(f"#{name}").focus()

    def action_verdict(self) -> None:
        """All of the band, or a part."""
        bar = self.query_one(VerdictBar)
        bar.expanded = not bar.expanded
