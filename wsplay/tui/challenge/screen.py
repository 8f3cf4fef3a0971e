"""Challenge mode: a question over a scenario, answered by running it.

What may be shown of the answer is `Game`'s business, what a run comes to is the engine's; this draws both.
"""

from __future__ import annotations

from time import monotonic

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal

from wsplay.challenge.catalogue import Catalogue, Item, read_catalogue
from wsplay.challenge.result import ChoiceResult
from wsplay.events.event import Event
from wsplay.events.timeline import Timeline
from wsplay.scenario.challenge_table import patched_source
from wsplay.scenario.library import Library
from wsplay.tui.attack.jobs import AttackDone
from wsplay.tui.attack.state import BenchState
from wsplay.tui.attack.table import AttackTable
from wsplay.tui.background.messages import JobEnded, RunBegan
from wsplay.tui.background.proxy import PlaygroundProxy
from wsplay.tui.challenge.actions import BINDINGS, KEPT, KEY_ORDER, ChallengeActions
from wsplay.tui.challenge.choice_list import ChoiceList
from wsplay.tui.challenge.jobs import AllGraded, RunDone, grade, run_count
from wsplay.tui.challenge.progress_store import ProgressStore, progress_store
from wsplay.tui.challenge.session import ChallengeSession, Clock, Stage
from wsplay.tui.challenge.wording import Going, verdict_of_session
from wsplay.tui.kit.fold_strip import Fold, FoldStrip
from wsplay.tui.kit.key_bar import KeyBar
from wsplay.tui.kit.score_bar import Score, ScoreBar
from wsplay.tui.kit.verdict_bar import VerdictBar
from wsplay.tui.source.line_of_event import line_of_event
from wsplay.tui.source.patched_pane import PatchView
from wsplay.tui.timeline.view import TimelineView

FOLDS = (Fold("challenge", "Challenge", "c"), Fold("endpoint", "Endpoint", "e"))


class ChallengeScreen(ChallengeActions):
    """One challenge after another. `item` is the first; the catalogue says what comes next."""

    CSS_PATH = "challenge.tcss"
    BINDINGS = BINDINGS

    def __init__(
        self,
        library: Library,
        proxy: PlaygroundProxy,
        item: Item,
        *,
        catalogue: Catalogue | None = None,
        learner: ProgressStore | None = None,
    ) -> None:
        super().__init__(library, proxy)
        self.catalogue = read_catalogue(library.scenarios) if catalogue is None else catalogue
        self.learner = progress_store() if learner is None else learner
        self.session = ChallengeSession(item)
        self.clock = Clock(item.challenge.seconds, shown=self.learner.clock)
        self.bench: BenchState | None = None
        self.going = Going()
        self._live: Timeline | None = None
        self._live_grew = False
        self._late = False

    def compose(self) -> ComposeResult:
        """Question and code above; below them the run, or the attack table."""
        yield ScoreBar()
        yield FoldStrip(FOLDS, id="fold")
        with Horizontal(id="upper"):
            yield ChoiceList(id="challenge", classes="pane")
            yield PatchView(id="endpoint", classes="pane")
        yield TimelineView(id="timeline", classes="pane")
        yield AttackTable(id="attacks", classes="pane")
        yield VerdictBar()
        yield KeyBar(KEY_ORDER, KEPT)

    def on_mount(self) -> None:
        """Ask."""
        self.turn_to("challenge")
        self.open(self.session.item)
        self.set_interval(0.25, self.draw_score)

    def open(self, item: Item) -> None:
        """Ask a challenge, from the beginning."""
        self.session = ChallengeSession(item)
        self.clock = Clock(item.challenge.seconds, shown=self.learner.clock)
        self.clock.start(monotonic())
        self.bench = None
        self._live = None
        self._late = False
        self.going = Going()
        choices = self.query_one(ChoiceList)
        choices.border_title = f"Challenge {self.catalogue.names.index(item.name) + 1} of {self.total}"
        choices.show(self.session)
        choices.focus()
        self.query_one(TimelineView).show(None)
        self.unroll(False)
        self.draw_source()
        self.draw_all()

    def unroll(self, played: bool) -> None:
        """Give the lower half to the run, or the whole height to question and code."""
        bench = self.bench is not None
        self.query_one("#upper").set_class(played, "-played").set_class(bench, "-bench")
        self.query_one(FoldStrip).set_class(played, "-played")
        self.query_one(TimelineView).display = played and not bench
        self.query_one(AttackTable).display = played and bench
        self.query_one(VerdictBar).expanded = False

    @property
    def total(self) -> int:
        """How many challenges there are."""
        return len(self.catalogue.items)

    # -- answering

    def answer(self, place: int | None) -> None:
        """Run every choice, that one first; None is the wish to see them all."""
        if self.working or not self.session.begin(place):
            return
        self.clock.stop(monotonic())
        if self.session.graded:
            self.finish(None)  # the runs are there already
            return
        item = self.session.item
        designs = {scenario.name: scenario for scenario in self.library.scenarios}
        self.going = Going(total=run_count(item))
        if item.challenge.bench:
            named = [designs[name] for name in item.challenge.bench if name in designs]
            self.bench = BenchState(named, running=True)
            self.query_one(AttackTable).show(self.bench)
            self.going = Going(total=self.bench.total, attacks=True)
        self.unroll(True)
        self.start_job(f"challenge {item.name}", grade(item, place, designs))
        self.draw_all()

    def add_item(self, item: object) -> None:
        """Something came from the engine."""
        if type(item) is Event:
            if self._live is not None:
                self._live.add(item)
                self._live_grew = True
            return
        match item:
            case RunBegan() if self.bench is None:
                self.going.runs += 1
                # The learner's own choice is the one to watch; the others would give the answer away.
                watched = self.going.runs == 1 or self.session.answer is None
                self._live = Timeline(item.start_ns) if watched else None
                if watched:
                    self.query_one(TimelineView).show(self._live)
            case RunDone():
                self.going.done = item.number
                self._live = None  # what comes now is loading, and other choices
            case AttackDone() if self.bench is not None:
                self.bench.take(item.cell)
                self.going.done = self.bench.done
                self.query_one(AttackTable).redraw()
            case AllGraded():
                self.finish(list(item.marks))

    def draw(self) -> None:
        """Show what was taken in."""
        if self._live_grew:
            self._live_grew = False
            self.query_one(TimelineView).refresh_rows()
        self.draw_verdict()

    def job_ended(self, ended: JobEnded) -> None:
        """The engine is free again."""
        if self.bench is not None:
            self.bench.running = False
            self.query_one(AttackTable).redraw()
        if self.session.stage is not Stage.RUNNING:
            return
        self.session.give_back()
        self.going.problem = ended.problem
        self.going.stopped = ended.cancelled
        self.clock.start(monotonic())
        if ended.problem:
            self.say(f"not run: {ended.problem}", "error")
        self.draw_all()

    def finish(self, marks: list[ChoiceResult] | None) -> None:
        """Every choice has been run."""
        session = self.session
        confirmed = session.finish(marks)
        self._live = None
        if self.bench is not None:
            self.bench.running = False
        if confirmed is not None:
            self.record(confirmed)
        if session.stage is Stage.REFUTED:
            self.clock.start(monotonic())
        elif not self.has_class("-short"):
            self.query_one(VerdictBar).expanded = True  # the explanation, whole
        self.draw_source()
        self.unfold_evidence()
        self.draw_all()

    # -- drawing

    def draw_all(self) -> None:
        """The game has changed."""
        self.query_one(ChoiceList).redraw_game()
        self.draw_score()
        self.draw_verdict()
        self.refresh_bindings()

    def draw_score(self) -> None:
        """The line at the top; once a second it is another."""
        progress, names, now = self.learner.progress, self.catalogue.names, monotonic()
        late = self.clock.shown and self.clock.left(now) <= 0
        if late and not self._late and self.session.open:
            self.say("The time is up. It was a suggestion: take what you need.")
        self._late = late
        item = self.session.item
        number = "" if item.scenario.order is None else f"{item.scenario.order} "
        self.query_one(ScoreBar).score = Score(
            "Challenge",
            f"{number}{item.title}",
            self.clock.words(now),
            late,
            progress.solved(names),
            len(names),
            "solved",
            progress.streak,
            len(progress.badges(self.catalogue.groups)),
        )

    def draw_verdict(self) -> None:
        """The band below."""
        mark = self.session.mark(self.query_one(ChoiceList).cursor)
        self.query_one(VerdictBar).verdict = verdict_of_session(self.session, self.going, mark)

    def draw_source(self) -> None:
        """The code as the choice under the cursor would have it."""
        item, view = self.session.item, self.query_one(PatchView)
        place = self.query_one(ChoiceList).cursor
        choice = item.challenge.choices[place]
        scenario = item.scenario
        view.veil(self.session.stage is not Stage.DONE)
        if choice.bench is not None:
            design = next((one for one in self.library.scenarios if one.name == choice.bench), scenario)
            view.show_plain(design.file, design.source)
        elif choice.patch:
            patched = patched_source(scenario, choice)
            view.show_patched(scenario.file, scenario.source, patched, f"choice {place + 1}")
        else:
            view.show_plain(scenario.file, scenario.source)

    def unfold_evidence(self) -> None:
        """Show what graded the choice under the cursor: its run, at the first event that speaks to it."""
        place = self.query_one(ChoiceList).cursor
        mark = self.session.mark(place)
        timeline = self.query_one(TimelineView)
        if mark is None:
            return
        if mark.cells and self.bench is not None:
            names = [design.name for design in self.bench.designs]
            first = next((row for row, cell in enumerate(mark.cells) if cell.verdict == "broken"), 0)
            table = self.query_one(AttackTable)
            table.following = False
            table.go(first, names.index(mark.cells[0].scenario))
        elif mark.timeline is not None:
            if timeline.timeline is not mark.timeline:
                timeline.show(mark.timeline)
            timeline.border_title = f"Timeline  the run that graded choice {place + 1}"
            if mark.evidence:
                timeline.following = False
                timeline.select(mark.evidence[0])
            self.light(timeline.event)  # also where the cursor stood there before

    def light(self, event: Event | None) -> None:
        """Light the source line that did an event."""
        timeline = self.query_one(TimelineView).timeline
        mark = self.session.mark(self.query_one(ChoiceList).cursor)
        if event is None or timeline is None or (mark is None and not self.working):
            return
        lit = line_of_event(event, timeline, self.session.item.scenario.filename)
        if lit is not None:
            self.query_one(PatchView).light(*lit)

    # -- messages

    @on(ChoiceList.Moved)
    def _moved(self) -> None:
        self.draw_source()
        if not self.working:
            self.unfold_evidence()
        self.draw_verdict()
        self.refresh_bindings()

    @on(ChoiceList.Answered)
    def _answered(self, event: ChoiceList.Answered) -> None:
        self.answer(event.place)

    @on(ChoiceList.Stepped)
    def _stepped(self, event: ChoiceList.Stepped) -> None:
        self.step_evidence(event.by)

    @on(TimelineView.Highlighted)
    def _highlighted(self, event: TimelineView.Highlighted) -> None:
        self.light(event.event)

    @on(TimelineView.Inspect)
    def _inspect(self) -> None:
        self.open_run()

    @on(AttackTable.Opened)
    def _opened(self, event: AttackTable.Opened) -> None:
        self.open_cell(event.cell)

    @on(AttackTable.Moved)
    def _cell_moved(self) -> None:
        self.draw_verdict()

    @on(FoldStrip.Turned)
    def _turned(self, event: FoldStrip.Turned) -> None:
        self.action_go(event.key)

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Where there is room for one of question and code, it is the one with the focus."""
        if event.widget.id in ("challenge", "endpoint"):
            self.turn_to(event.widget.id)
