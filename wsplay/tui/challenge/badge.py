"""A badge, when it is earned."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from wsplay.challenge.progress import Progress
from wsplay.events.safe_text import visible
from wsplay.tui.kit.keys import bind

_STARS = "★   BADGE   ★"


class BadgeScreen(ModalScreen[None]):
    """All challenges of a group are solved. Any key goes on."""

    CSS_PATH = "badge.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("escape,enter,space", "leave", "Go on", "badge.close", "Back to the challenge", show=True),
    ]

    def __init__(self, group: str, names: Sequence[str], progress: Progress) -> None:
        super().__init__()
        self._group = group
        self._names = names
        self._progress = progress
        self._leaving = False

    def compose(self) -> ComposeResult:
        """One card."""
        with Vertical(id="card") as card:
            card.border_subtitle = "any key goes on"
            yield Static(Content(_STARS), id="star")
            yield Static(Content(visible(self._group, 40)), id="group")
            yield Static(Content(self._told()), id="told")

    def _told(self) -> str:
        records = [self._progress.records[name] for name in self._names]
        attempts = sum(record.attempts for record in records)
        first = sum(record.first_try for record in records)
        solved = f"{len(records)} of {len(records)} solved, each borne out by a run"
        how = f"{attempts} attempts, {first} right at the first · best streak {self._progress.best_streak}"
        return f"{solved}\n{how}"

    def on_key(self, event: events.Key) -> None:
        """Any key goes on, but those that end the program."""
        if event.key not in ("ctrl+q", "ctrl+c", "ctrl+p"):
            event.stop()
            event.prevent_default()
            self._leave()

    def on_click(self) -> None:
        """So does a click."""
        self._leave()

    def action_leave(self) -> None:
        """Go on."""
        self._leave()

    def _leave(self) -> None:
        # Once: a second key that came before the card was gone would close what is below it.
        if not self._leaving:
            self._leaving = True
            self.dismiss()
