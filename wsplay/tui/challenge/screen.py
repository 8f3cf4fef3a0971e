"""Challenge mode: a question over a scenario, answered by running it.

`ChallengeSession` decides which results may be shown, the background loop grades the choices, and this screen
draws them.
"""

from __future__ import annotations

from time import monotonic
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.widgets import DataTable

from wsplay.attack.result import AttackVerdict
from wsplay.challenge.catalogue import Catalogue, Item
from wsplay.challenge.result import ChoiceResult
from wsplay.events.event import Event
from wsplay.scenario.fixes import Fixes
from wsplay.scenario.library import Library
from wsplay.tui.attack.jobs import AttackDone
from wsplay.tui.attack.open_run import open_run
from wsplay.tui.attack.state import BenchState
from wsplay.tui.attack.table import AttackTable
from wsplay.tui.background.job import JobEnded
from wsplay.tui.background.job_screen import JobScreen
from wsplay.tui.background.messages import RunBegan
from wsplay.tui.background.proxy import PlaygroundProxy
from wsplay.tui.challenge.badge import BadgeScreen
from wsplay.tui.challenge.choice_list import ChoiceList
from wsplay.tui.challenge.clock import Clock, minutes
from wsplay.tui.challenge.jobs import AllGraded, RunDone, grade, run_count
from wsplay.tui.challenge.progress_store import progress_store
from wsplay.tui.challenge.session import ChallengeSession, Stage
from wsplay.tui.challenge.wording import Grading, progress_pieces, result_verdict, session_verdict
from wsplay.tui.kit.key_bar import KeyBar
from wsplay.tui.kit.keys import bind, keys_of
from wsplay.tui.kit.open_screen import OpenScreen
from wsplay.tui.kit.status_line import StatusLine, Tab, heading, piece, tab_pieces
from wsplay.tui.kit.verdict_bar import VerdictBar
from wsplay.tui.run.on_show import RunOnShow
from wsplay.tui.run.screen import RunScreen
from wsplay.tui.source.line_of_event import line_of_event
from wsplay.tui.source.patched_pane import PatchView
from wsplay.tui.source.source_place import SourcePlace
from wsplay.tui.timeline.view import TimelineView

TABS = (Tab("challenge", "Challenge", "c"), Tab("endpoint", "Endpoint", "e"))
#: The order of the keys in the bottom line; `...` stands for the focused pane's keys.
KEY_ORDER: tuple[str, ...] = (
    "choices.answer",
    "...",
    "challenge.hint",
    "challenge.all",
    "challenge.next",
    "challenge.explanation",
    "challenge.list",
    "challenge.clock",
    "job.back",
    "app.palette",
    "job.help",
    "app.quit",
)
#: Seconds between two drawings of the clock.
CLOCK_TICK = 0.25


class ChallengeScreen(JobScreen):
    """One challenge after another. `item` is the first; the catalogue says what comes next."""

    CSS_PATH = "challenge.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("h", "hint", "hint", "challenge.hint", "Show a hint; your progress counts hints", show=True),
        bind("a", "see_all", "see all", "challenge.all", "Run every choice and show all results", show=True),
        bind(
            "right_square_bracket",
            "step(1)",
            "next",
            "challenge.next",
            "Next challenge",
            show=True,
            shown_as="]",
        ),
        bind(
            "left_square_bracket",
            "step(-1)",
            "previous",
            "challenge.before",
            "Previous challenge",
            shown_as="[",
        ),
        bind("l", "list", "list", "challenge.list", "All challenges, and your progress", show=True),
        bind("o", "clock", "clock", "challenge.clock", "Turn the clock off or on", show=True),
        bind("ctrl+r", "again", "again", "challenge.again", "Start this challenge again"),
        bind(
            "I",
            "explanation",
            "explanation",
            "challenge.explanation",
            "After the answer: what the scenario does, in place of the source",
            show=True,
        ),
        bind("c", "go('challenge')", "challenge", "challenge.go-challenge", "Focus the choices"),
        bind("e", "go('endpoint')", "endpoint", "challenge.go-endpoint", "Focus the endpoint's source"),
        bind("t", "go('timeline')", "timeline", "challenge.go-timeline", "Focus the run or the attack table"),
        bind("v", "verdict", "verdict", "challenge.verdict", "Expand or shorten the verdict"),
        *(
            bind(
                str(digit), f"choose({digit})", "choice", f"challenge.number-{digit}", "Choice by its number"
            )
            for digit in range(1, 10)
        ),
    ]

    def __init__(self, library: Library, proxy: PlaygroundProxy, item: Item, *, catalogue: Catalogue) -> None:
        super().__init__(library, proxy)
        self.catalogue = catalogue
        self.store = progress_store()
        self.session = ChallengeSession(item)
        self.clock = Clock(item.challenge.seconds)
        self.grading = Grading()
        #: The attack table's state, if the choices are designs to attack.
        self.bench: BenchState | None = None
        self.place = SourcePlace(
            self, show_upper=self._show_upper, focus_back=lambda _: self.query_one(PatchView)
        )

    def compose(self) -> ComposeResult:
        """Question and code above; below them the run, or the attack table."""
        timeline = TimelineView(id="timeline", classes="pane")
        self.run_on_show = RunOnShow(timeline)
        yield StatusLine(id="status")
        yield StatusLine(id="fold", classes="-tabs")
        with Horizontal(id="upper"):
            yield ChoiceList(id="challenge", classes="pane")
            yield PatchView(id="endpoint", classes="pane")
        yield timeline
        yield AttackTable(id="attacks", classes="pane")
        yield VerdictBar()
        yield KeyBar(KEY_ORDER, frozenset({"choices.answer", "job.back", "job.help"}))

    def on_mount(self) -> None:
        """Ask the first challenge. If the progress could not be read, say so."""
        self._show_upper("challenge")
        if problem := self.store.take_problem():
            self.say(problem, "warning")
        self.open(self.session.item)
        self.set_interval(CLOCK_TICK, self._draw_score)

    def open(self, item: Item) -> None:
        """Ask a challenge from the beginning. A running job of another one is cancelled."""
        self.drop_job()
        self.session = ChallengeSession(item)
        self.clock = Clock(item.challenge.seconds, shown=self.store.clock_shown)
        self.clock.start(monotonic())
        self.grading = Grading()
        self.bench = None
        self.run_on_show.clear()
        self.place.close()
        choices = self.query_one(ChoiceList)
        choices.border_title = (
            f"Challenge {self.catalogue.names.index(item.name) + 1} of {len(self.catalogue.items)}"
        )
        choices.show(self.session)
        choices.focus()
        self._lay_out(played=False)
        self._draw_source()
        self._draw_all()

    # -- answering

    def answer(self, place: int | None) -> None:
        """Answer with the choice at `place`: run every choice, that one first. None shows all results."""
        if self.working or not self.session.begin(place):
            return
        self.clock.stop(monotonic())
        if self.session.graded:
            self._finish(None)  # the runs are there already
            return
        item = self.session.item
        designs = {scenario.name: scenario for scenario in self.library.scenarios}
        self.grading = Grading(total=run_count(item))
        if item.challenge.bench:
            self.bench = BenchState(
                [designs[name] for name in item.challenge.bench if name in designs], running=True
            )
            self.query_one(AttackTable).show(self.bench)
            self.grading = Grading(total=self.bench.total, attacks=True)
        self._lay_out(played=True)
        self.start_job(f"challenge {item.name}", grade(item, place, designs))
        self._draw_all()

    def add_item(self, item: object) -> None:
        """Handle an item of the job, or an event of the current run."""
        if type(item) is Event:
            self.run_on_show.add_event(item)
            return
        match item:
            case RunBegan() if self.bench is None:
                self.grading.runs += 1
                self.run_on_show.end()  # the run before may have been cut short
                # Only the run of the learner's own choice is shown; the others would give the answer away.
                if self.grading.runs == 1 or self.session.answer is None:
                    self.run_on_show.show(self.run_on_show.begin(item.start_ns), "live")
            case RunDone():
                self.grading.done = item.number
                self.run_on_show.end()
            case AttackDone() if self.bench is not None:
                self.bench.add_result(item.result)
                self.grading.done = self.bench.done
                self.query_one(AttackTable).redraw()
            case AllGraded():
                self._finish(item.results)

    def draw(self) -> None:
        """Draw what `add_item` handled."""
        self.run_on_show.draw()
        self._draw_verdict()

    def job_ended(self, ended: JobEnded) -> None:
        """The job has ended. An answer whose runs did not finish does not count."""
        self.run_on_show.end()
        if self.bench is not None:
            self.bench.running = False
            self.query_one(AttackTable).redraw()
        if self.session.stage is not Stage.RUNNING:
            return
        self.session.withdraw()
        self.grading.problem = ended.problem
        self.grading.stopped = ended.cancelled
        self.clock.start(monotonic())
        if ended.problem:
            self.say(f"not run: {ended.problem}", "error")
        self._draw_all()

    def _finish(self, results: tuple[ChoiceResult, ...] | None) -> None:
        """Every choice has been run; None if the results are known from an earlier answer."""
        confirmed = self.session.finish(results)
        self.run_on_show.end()
        if self.bench is not None:
            self.bench.running = False
        if confirmed is not None:
            self._keep_answer(confirmed)
        if self.session.stage is Stage.REFUTED:
            self.clock.start(monotonic())
        elif not self.has_class("-short"):
            self.query_one(VerdictBar).expanded = True  # the whole explanation
        self._draw_source()
        self._show_evidence()
        self._draw_all()

    def _keep_answer(self, confirmed: bool) -> None:
        """Add the answer to the progress. Report a failure to write it; show a new badge."""
        groups = self.catalogue.groups
        before = self.store.progress.badges(groups)
        if problem := self.store.add_answer(self.session.item.name, confirmed):
            self.say(problem, "error")
        for group in self.store.progress.badges(groups):
            if group not in before:
                self.app.push_screen(BadgeScreen(group, groups[group], self.store.progress))

    # -- drawing

    @property
    def _place(self) -> int:
        """The place of the choice under the cursor."""
        return self.query_one(ChoiceList).cursor

    @property
    def _result(self) -> ChoiceResult | None:
        """The result of the choice under the cursor, None while it is hidden."""
        return self.session.result(self._place)

    def _lay_out(self, *, played: bool) -> None:
        """Show the run or the attack table in the lower half, or use all lines for question and code."""
        bench = self.bench is not None
        self.query_one("#upper").set_class(played, "-played").set_class(bench, "-bench")
        self.query_one("#fold").set_class(played, "-played")
        self.query_one(TimelineView).display = played and not bench
        self.query_one(AttackTable).display = played and bench
        self.query_one(VerdictBar).expanded = False

    def _show_upper(self, name: str) -> None:
        """If only one of question and code fits, show this one."""
        self.query_one("#fold", StatusLine).show(tab_pieces(TABS, name))
        for pane in ("challenge", "endpoint"):
            self.query_one(f"#{pane}").set_class(pane == name, "-on")
        self.query("#explanation").set_class(name == "endpoint", "-on")

    def _draw_all(self) -> None:
        """Draw the session's new state."""
        self.query_one(ChoiceList).rebuild()
        self._draw_score()
        self._draw_verdict()
        self.refresh_bindings()

    def _draw_score(self) -> None:
        """Draw the line at the top, which changes with the clock."""
        now = monotonic()
        if self.clock.ran_out(now) and self.session.open:
            self.say("The suggested time is up. It is only a suggestion: take your time.")
        item = self.session.item
        number = "" if item.scenario.order is None else f"{item.scenario.order} "
        clock = piece(self.clock.words(now), "bold $warn" if self.clock.late(now) else "bold $text-bright")
        self.query_one("#status", StatusLine).show(
            heading("Challenge", f"{number}{item.title}"),
            [clock, *progress_pieces(self.catalogue, self.store.progress)],
        )

    def _draw_verdict(self) -> None:
        self.query_one(VerdictBar).verdict = session_verdict(self.session, self.grading, keys_of(self))

    def _draw_source(self) -> None:
        """Show the code with the patch of the choice under the cursor."""
        scenario, place, view = self.session.item.scenario, self._place, self.query_one(PatchView)
        choice = self.session.challenge.choices[place]
        view.hide_explanation(self.session.stage is not Stage.DONE)
        if choice.bench is not None:
            design = next((one for one in self.library.scenarios if one.name == choice.bench), scenario)
            view.show_plain(design.file, design.source)
        elif choice.patch:
            patched = scenario.patched(choice.patch)
            view.show_patched(scenario.file, scenario.source, patched, f"choice {place + 1}")
        else:
            view.show_plain(scenario.file, scenario.source)

    def _show_evidence(self) -> None:
        """Show the run that graded the choice under the cursor, at the deciding event, or its attacks."""
        result = self._result
        if result is None:
            return
        if result.attacks and self.bench is not None:
            names = [design.name for design in self.bench.designs]
            verdicts = [attack.verdict for attack in result.attacks]
            first = verdicts.index(AttackVerdict.BROKEN) if AttackVerdict.BROKEN in verdicts else 0
            self.query_one(AttackTable).go(first, names.index(result.attacks[0].scenario))
        elif result.timeline is not None:
            title = f"the run that graded choice {self._place + 1}"
            self.run_on_show.show(result.timeline, title, next(iter(result.evidence), None))
            self._light(self.run_on_show.view.event)  # even if the cursor was already on that event

    def _light(self, event: Event | None) -> None:
        """Highlight the source line that caused an event."""
        timeline = self.run_on_show.view.timeline
        if event is None or timeline is None or (self._result is None and not self.working):
            return
        lit = line_of_event(event, timeline, self.session.item.scenario.filename)
        if lit is not None:
            self.query_one(PatchView).light(*lit)

    # -- messages

    @on(ChoiceList.Moved)
    def _choice_moved(self) -> None:
        self._draw_source()
        if not self.working:
            self._show_evidence()
        self._draw_verdict()
        self.refresh_bindings()

    @on(ChoiceList.Answered)
    def _answered(self, event: ChoiceList.Answered) -> None:
        self.answer(event.place)

    @on(TimelineView.Highlighted)
    def _event_highlighted(self, event: TimelineView.Highlighted) -> None:
        self._light(event.event)

    @on(TimelineView.Inspect)
    def _open_run(self) -> None:
        """Open the shown run on a screen of its own."""
        view, result = self.run_on_show.view, self._result
        if view.timeline is None or result is None or self.session.stage is Stage.RUNNING:
            return
        scenario, place = self.session.item.scenario, self._place
        self.open_above(
            RunScreen(
                f"{self.session.item.title}, choice {place + 1}",
                scenario,
                [view.timeline],
                result_verdict(result),
                source=scenario.patched(self.session.challenge.choices[place].patch),
                cursor=view.cursor,
            )
        )

    @on(DataTable.CellSelected)
    def _open_attack(self) -> None:
        open_run(self, self.query_one(AttackTable))

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """If only one of question and code fits, show the focused one."""
        if event.widget.id in ("challenge", "endpoint"):
            self._show_upper(event.widget.id)
        elif event.widget.id == "explanation":
            self._show_upper("endpoint")

    # -- keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Enable only keys that work now."""
        match action:
            case "hint":
                return self.session.open and not self.session.hint
            case "see_all":
                return self.session.open
            case "explanation":
                return self.session.stage is Stage.DONE
            case "step":
                return len(self.catalogue.items) > 1
            case "evidence":
                return self._result is not None and len(self._result.evidence) > 1
        return True

    def action_back(self) -> None:
        """Close the explanation, stop what runs, or go back."""
        if self.place.what == "source":
            super().action_back()
        else:
            self.place.close()

    def action_hint(self) -> None:
        """Show the hint, and count it."""
        self.session.hint = True
        if problem := self.store.add_hint(self.session.item.name):
            self.say(problem, "error")
        self._draw_all()
        self.query_one(ChoiceList).scroll_end(animate=False)

    def action_explanation(self) -> None:
        """After the answer, show the explanation in place of the source, or the source again."""
        if self.place.what == "source":
            scenario = self.session.item.scenario
            standing = Fixes(self.library.scenarios).of(scenario)
            self.place.show_text("explanation", scenario, standing, keys=False)
        else:
            self.place.close()

    def action_see_all(self) -> None:
        """Show all results without an answer."""
        self.answer(None)

    def action_choose(self, number: int) -> None:
        """Go to a choice by its number, from 1."""
        choices = self.query_one(ChoiceList)
        choices.choose(number)
        choices.focus()

    def action_evidence(self, by: int) -> None:
        """Go to the next event that decides on the choice, or to the previous one."""
        if self._result is not None:
            self.run_on_show.step(self._result.evidence, by)

    def action_step(self, by: int) -> None:
        """Go to the next challenge, or to the previous one."""
        item = self.catalogue.after(self.session.item.name, by)
        if item is not None:
            self.open(item)

    def action_again(self) -> None:
        """Ask the same challenge again; the server or the code may have changed."""
        if not self.working:
            self.open(self.session.item)

    def action_list(self) -> None:
        """Open the list of all challenges."""
        self.post_message(OpenScreen(self, "challenges"))

    def action_clock(self) -> None:
        """Turn the clock off or on, for the challenges that follow too."""
        self.clock.shown = self.store.clock_shown = not self.clock.shown
        if self.clock.shown and self.clock.left(monotonic()) > 0:
            self.say(f"Suggested time: {minutes(self.session.challenge.seconds)}. It is not a limit.")
        self._draw_score()

    def action_go(self, name: str) -> None:
        """Focus a pane; the timeline's key focuses the attack table if that is shown instead."""
        if name == "endpoint":
            self.place.close()
        if name in ("challenge", "endpoint"):
            self._show_upper(name)
        elif self.bench is not None:
            name = "attacks"
        self.query_one(f"#{name}").focus()
