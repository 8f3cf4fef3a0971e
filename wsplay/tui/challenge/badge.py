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
from wsplay.tui.kit.late_input import LateInputScreen


class BadgeScreen(ModalScreen[None], LateInputScreen[None]):
    """All challenges of a group are solved. Any key closes it."""

    CSS_PATH = "badge.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("escape,enter,space", "leave", "Continue", "badge.close", "Back to the challenge", show=True),
    ]

    def __init__(self, group: str, names: Sequence[str], progress: Progress) -> None:
        super().__init__()
        self._group = group
        self._records = [progress.records[name] for name in names]
        self._best_streak = progress.best_streak

    def compose(self) -> ComposeResult:
        """One card."""
        count = len(self._records)
        attempts = sum(record.attempts for record in self._records)
        first = sum(record.first_try for record in self._records)
        with Vertical(id="card") as card:
            card.border_subtitle = "press any key"
            yield Static(Content("★   BADGE   ★"), id="star")
            yield Static(Content(visible(self._group, 40)), id="group")
            yield Static(
                Content(
                    f"{count} of {count} solved, each confirmed by a run\n"
                    f"{attempts} attempts, {first} right the first time · best streak {self._best_streak}"
                ),
                id="told",
            )

    def on_key(self, event: events.Key) -> None:
        """Any key closes it, except those of the app."""
        if event.key not in ("ctrl+q", "ctrl+c", "ctrl+p"):
            event.stop()
            event.prevent_default()
            self.action_leave()

    def on_click(self) -> None:
        """So does a click."""
        self.action_leave()

    def action_leave(self) -> None:
        """Close the badge."""
        self.dismiss()
