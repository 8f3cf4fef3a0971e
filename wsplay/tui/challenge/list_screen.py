"""The list of all challenges: the first five, then by group, with the learner's progress."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import OptionList

from wsplay.challenge.catalogue import Catalogue
from wsplay.scenario.library import Library
from wsplay.tui.background.job_screen import JobScreen
from wsplay.tui.background.proxy import PlaygroundProxy
from wsplay.tui.challenge.challenge_list import ChallengeList
from wsplay.tui.challenge.progress_store import progress_store
from wsplay.tui.challenge.wording import item_verdict, progress_pieces
from wsplay.tui.kit.key_bar import KeyBar
from wsplay.tui.kit.keys import bind, keys_of
from wsplay.tui.kit.open_screen import OpenScreen
from wsplay.tui.kit.status_line import StatusLine, heading
from wsplay.tui.kit.verdict_bar import VerdictBar

KEY_ORDER: tuple[str, ...] = ("challenges.ask", "...", "job.back", "app.palette", "job.help", "app.quit")


class ChallengesScreen(JobScreen):
    """The list. A challenge is asked on a screen of its own, over this one."""

    CSS_PATH = "challenges.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("n", "unsolved", "next unsolved", "challenges.unsolved", "Next unsolved challenge", show=True),
        bind("b", "attack", "attack bench", "challenges.attack", "Attack the four designs, live", show=True),
    ]

    def __init__(self, library: Library, proxy: PlaygroundProxy, *, catalogue: Catalogue) -> None:
        super().__init__(library, proxy)
        self.catalogue = catalogue
        self.store = progress_store()

    def compose(self) -> ComposeResult:
        """One list, and the question under the cursor."""
        yield StatusLine(id="status")
        yield ChallengeList(self.catalogue, id="challenges", classes="pane")
        yield VerdictBar()
        yield KeyBar(KEY_ORDER, frozenset(KEY_ORDER))

    def on_mount(self) -> None:
        """The list has the keys. If the progress could not be read, say so."""
        self.query_one(ChallengeList).focus()
        if problem := self.store.take_problem():
            self.say(problem, "warning")

    def on_screen_resume(self) -> None:
        """Start at the first unsolved challenge; later, another may have been solved meanwhile."""
        item = self.query_one(ChallengeList).item
        self._show(self._unsolved_after(None) if item is None else item.name)

    def _show(self, name: str | None) -> None:
        """Show the current progress, with the cursor on the challenge `name`."""
        self.query_one(StatusLine).show(
            heading("Challenges"), progress_pieces(self.catalogue, self.store.progress)
        )
        self.query_one(ChallengeList).show(self.store.progress, name)
        self._draw_verdict()

    def _unsolved_after(self, name: str | None) -> str | None:
        """The first unsolved challenge after `name`, wrapping around; None if all are solved."""
        names = self.catalogue.names
        at = names.index(name) + 1 if name in names else 0
        return next((one for one in names[at:] + names[:at] if not self.store.progress.solved([one])), None)

    @on(OptionList.OptionHighlighted)
    def _draw_verdict(self) -> None:
        item = self.query_one(ChallengeList).item
        self.query_one(VerdictBar).verdict = item_verdict(item, self.store.progress, keys_of(self))

    @on(OptionList.OptionSelected)
    def _open(self) -> None:
        item = self.query_one(ChallengeList).item
        if item is not None:
            self.post_message(OpenScreen(self, "challenge", item.scenario))

    def action_unsolved(self) -> None:
        """Go to the next challenge that is not solved."""
        item = self.query_one(ChallengeList).item
        name = self._unsolved_after(None if item is None else item.name)
        if name is None:
            self.say("all challenges are solved")
        else:
            self._show(name)

    def action_attack(self) -> None:
        """Open the attack bench for the four designs."""
        self.post_message(OpenScreen(self, "attack"))
