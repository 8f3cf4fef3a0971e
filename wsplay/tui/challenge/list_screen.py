"""All challenges: the first five, then by group, and how far the learner has come."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType

from wsplay.challenge.catalogue import Catalogue, read_catalogue
from wsplay.scenario.library import Library
from wsplay.tui.background.job_screen import JobScreen
from wsplay.tui.background.proxy import PlaygroundProxy
from wsplay.tui.challenge.list_table import ChallengeTable
from wsplay.tui.challenge.progress_store import ProgressStore, progress_store
from wsplay.tui.kit.key_bar import KeyBar
from wsplay.tui.kit.keys import bind
from wsplay.tui.kit.open_screen import OpenScreen
from wsplay.tui.kit.score_bar import Score, ScoreBar
from wsplay.tui.kit.verdict import Verdict
from wsplay.tui.kit.verdict_bar import VerdictBar

KEY_ORDER: tuple[str, ...] = ("challenges.ask", "...", "job.back", "app.palette", "job.help", "app.quit")


class ChallengesScreen(JobScreen):
    """The list. A challenge is asked on a screen of its own, over this one."""

    CSS_PATH = "challenges.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("n", "unsolved", "next unsolved", "challenges.unsolved", "To the next unsolved one", show=True),
        bind("b", "attack", "attack bench", "challenges.attack", "Attack the four designs, live", show=True),
    ]

    def __init__(
        self,
        library: Library,
        proxy: PlaygroundProxy,
        *,
        catalogue: Catalogue | None = None,
        learner: ProgressStore | None = None,
    ) -> None:
        super().__init__(library, proxy)
        self.catalogue = read_catalogue(library.scenarios) if catalogue is None else catalogue
        self.learner = progress_store() if learner is None else learner

    def compose(self) -> ComposeResult:
        """One list, and the question under the cursor."""
        yield ScoreBar()
        yield ChallengeTable(id="challenges", classes="pane")
        yield VerdictBar()
        yield KeyBar(KEY_ORDER, frozenset(KEY_ORDER))

    def on_mount(self) -> None:
        """Begin at the first that is not solved."""
        table = self.query_one(ChallengeTable)
        table.focus()
        table.show(self.catalogue, self.learner.progress, self._unsolved(None))
        self._draw()

    def on_screen_resume(self) -> None:
        """Another challenge may have been solved meanwhile."""
        table = self.query_one(ChallengeTable)
        table.show(self.catalogue, self.learner.progress, table.item.name if table.item else None)
        self._draw()

    def _unsolved(self, after: str | None) -> str | None:
        records, names = self.learner.progress.records, self.catalogue.names
        at = names.index(after) + 1 if after in names else 0
        left = [name for name in names[at:] + names[:at] if name not in records or not records[name].solved]
        return left[0] if left else None

    def _draw(self) -> None:
        progress, names = self.learner.progress, self.catalogue.names
        self.query_one(ScoreBar).score = Score(
            done=progress.solved(names),
            total=len(names),
            streak=progress.streak,
            badges=len(progress.badges(self.catalogue.groups)),
        )
        item = self.query_one(ChallengeTable).item
        if item is None:
            self.query_one(VerdictBar).verdict = Verdict("info", "NO CHALLENGES")
            return
        record = progress.records.get(item.name)
        solved = record is not None and record.solved
        self.query_one(VerdictBar).verdict = Verdict(
            "good" if solved else "info",
            item.challenge.level.upper(),
            item.challenge.question,
            next_step="enter takes it" if not solved else "solved; enter takes it again",
        )

    @on(ChallengeTable.Moved)
    def _moved(self) -> None:
        self._draw()

    @on(ChallengeTable.Chosen)
    def _chosen(self, event: ChallengeTable.Chosen) -> None:
        self.post_message(OpenScreen("challenge", event.item.scenario))

    def action_unsolved(self) -> None:
        """To the next one that is not solved."""
        table = self.query_one(ChallengeTable)
        name = self._unsolved(table.item.name if table.item else None)
        if name is None:
            self.say("all are solved")
        else:
            table.show(self.catalogue, self.learner.progress, name)

    def action_attack(self) -> None:
        """The attack bench by itself."""
        self.post_message(OpenScreen("attack"))
