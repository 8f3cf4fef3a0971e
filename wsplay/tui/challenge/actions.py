"""The keys of challenge mode and what they do."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

from textual.binding import BindingType

from wsplay.challenge.catalogue import Catalogue, Item
from wsplay.tui.attack.open_run import run_screen_of
from wsplay.tui.attack.state import BenchState
from wsplay.tui.attack.table import AttackTable
from wsplay.tui.background.job_screen import JobScreen
from wsplay.tui.challenge.choice_list import ChoiceList
from wsplay.tui.challenge.progress_store import ProgressStore
from wsplay.tui.challenge.session import ChallengeSession, Clock, Stage, minutes
from wsplay.tui.challenge.wording import Going
from wsplay.tui.kit.fold_strip import FoldStrip
from wsplay.tui.kit.keys import bind
from wsplay.tui.kit.open_screen import OpenScreen
from wsplay.tui.kit.verdict import Verdict
from wsplay.tui.kit.verdict_bar import VerdictBar
from wsplay.tui.run.screen import RunScreen
from wsplay.tui.timeline.view import TimelineView

if TYPE_CHECKING:
    from wsplay.attack.bench import AttackResult

BINDINGS: list[BindingType] = [
    bind("h", "hint", "hint", "challenge.hint", "Show a hint; that you asked is kept", show=True),
    bind("a", "see_all", "see all", "challenge.all", "Run it, and show what came of every choice", show=True),
    bind("n,right_square_bracket", "step(1)", "next", "challenge.next", "The next challenge", show=True),
    bind(
        "left_square_bracket", "step(-1)", "before", "challenge.before", "The challenge before", shown_as="["
    ),
    bind("l", "list", "list", "challenge.list", "All challenges, and how far you have come", show=True),
    bind("o", "clock", "clock", "challenge.clock", "Switch the clock off, or on", show=True),
    bind("ctrl+r", "again", "again", "challenge.again", "Ask it again, and run it anew"),
    bind("c", "go('challenge')", "challenge", "challenge.go-challenge", "To the choices"),
    bind("e", "go('endpoint')", "endpoint", "challenge.go-endpoint", "To the endpoint's source"),
    bind("t", "go('timeline')", "timeline", "challenge.go-timeline", "To the run, or the attack table"),
    bind("v", "verdict", "verdict", "challenge.verdict", "Show all of the band below, or a part"),
    *(
        bind(
            str(digit),
            f"choose({digit})",
            "choice",
            f"challenge.number-{digit}",
            "To the choice of that number",
        )
        for digit in range(1, 10)
    ),
]
#: The order of the keys on the line at the bottom; `...` is where those of the pane with the focus stand.
KEY_ORDER: tuple[str, ...] = (
    "choices.answer",
    "...",
    "challenge.hint",
    "challenge.all",
    "challenge.next",
    "challenge.list",
    "challenge.clock",
    "job.back",
    "app.palette",
    "job.help",
    "app.quit",
)
KEPT: frozenset[str] = frozenset({"choices.answer", "job.back", "job.help"})


class ChallengeActions(JobScreen):
    """The actions; what they act on is in `ChallengeScreen`."""

    session: ChallengeSession
    clock: Clock
    catalogue: Catalogue
    learner: ProgressStore
    bench: BenchState | None
    going: Going

    if TYPE_CHECKING:

        def open(self, item: Item) -> None: ...
        def answer(self, place: int | None) -> None: ...
        def draw_all(self) -> None: ...
        def draw_score(self) -> None: ...

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What makes no sense now is not offered."""
        match action:
            case "hint":
                return self.session.open and not self.session.hint
            case "see_all":
                return self.session.open
            case "step":
                return len(self.catalogue.items) > 1
        return True

    def record(self, confirmed: bool) -> None:
        """Keep an answer; tell where it cannot be kept, and what was earned by it."""
        groups = self.catalogue.groups
        before = set(self.learner.progress.badges(groups))
        problem = self.learner.answered(self.session.item.name, confirmed)
        if problem:
            self.say(problem, "error")
        for group in self.learner.progress.badges(groups):
            if group not in before:
                from wsplay.tui.challenge.badge import BadgeScreen

                self.app.push_screen(BadgeScreen(group, groups[group], self.learner.progress))

    def action_hint(self) -> None:
        """Show the hint."""
        if self.session.open and not self.session.hint:
            self.session.hint = True
            if problem := self.learner.hinted(self.session.item.name):
                self.say(problem, "error")
            self.draw_all()
            self.query_one(ChoiceList).scroll_end(animate=False)

    def action_see_all(self) -> None:
        """Give up, or just see."""
        self.answer(None)

    def action_choose(self, number: int) -> None:
        """To a choice."""
        choices = self.query_one(ChoiceList)
        choices.choose(number)
        choices.focus()

    def action_step(self, by: int) -> None:
        """The next challenge, or the one before."""
        item = self.catalogue.after(self.session.item.name, by)
        if item is not None:
            self.go_to(item)

    def go_to(self, item: Item) -> None:
        """Ask another; what runs for this one ends."""
        self.drop_job()
        self.open(item)

    def action_again(self) -> None:
        """Ask the same again; the server, or the code, may be another now."""
        if not self.working:
            self.open(self.session.item)

    def action_list(self) -> None:
        """The list of all."""
        self.post_message(OpenScreen("challenges"))

    def action_clock(self) -> None:
        """The clock on or off, from now on."""
        self.clock.shown = self.learner.clock = not self.clock.shown
        if self.clock.shown and self.clock.left(monotonic()) > 0:
            self.say(f"suggested: {minutes(self.session.challenge.seconds)}; it is no limit")
        self.draw_score()

    def action_verdict(self) -> None:
        """All of the band, or a part."""
        bar = self.query_one(VerdictBar)
        bar.expanded = not bar.expanded

    # -- panes

    def turn_to(self, name: str) -> None:
        """Where there is room for one of question and code, show this one."""
        self.query_one(FoldStrip).active = name
        for fold in ("challenge", "endpoint"):
            self.query_one(f"#{fold}").set_class(fold == name, "-on")

    def action_go(self, name: str) -> None:
        """To a pane."""
        if name in ("challenge", "endpoint"):
            self.turn_to(name)
        elif self.bench is not None:
            name = "attacks"
        self.query_one(f"#{name}").focus()

    def step_evidence(self, by: int) -> None:
        """The next event that speaks to the choice, or the one before."""
        mark = self.session.mark(self.query_one(ChoiceList).cursor)
        timeline = self.query_one(TimelineView)
        if mark is None or not mark.evidence:
            return
        at = mark.evidence.index(timeline.cursor) + by if timeline.cursor in mark.evidence else 0
        timeline.following = False
        timeline.select(mark.evidence[at % len(mark.evidence)])

    def open_run(self) -> None:
        """The run on show, with the screen to itself."""
        timeline = self.query_one(TimelineView)
        place = self.query_one(ChoiceList).cursor
        mark = self.session.mark(place)
        if timeline.timeline is None or mark is None or self.session.stage is Stage.RUNNING:
            return
        from wsplay.scenario.challenge_table import patched_source

        scenario = self.session.item.scenario
        source = patched_source(scenario, self.session.challenge.choices[place])
        title = f"{self.session.item.title}, choice {place + 1}"
        tone = "good" if mark.confirmed else "bad"
        verdict = Verdict(
            "good" if tone == "good" else "bad",
            "BORNE OUT" if mark.confirmed else "REFUTED",
            mark.headline,
        )
        self.app.push_screen(
            RunScreen(title, scenario, [timeline.timeline], verdict, source=source, cursor=timeline.cursor)
        )

    def open_cell(self, cell: AttackResult) -> None:
        """The run of a cell of the attack table."""
        self.app.push_screen(run_screen_of(self.query_one(AttackTable), cell))
