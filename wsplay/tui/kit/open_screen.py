"""How a screen opens another one without knowing it: with a message to the app."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from textual.message import Message

if TYPE_CHECKING:
    from wsplay.scenario.file import Scenario


class OpenScreen(Message):
    """Opens the screen `what`; `wsplay.tui.navigation` creates and shows it.

    `scenario` is the one it is about; with None it is about all of them.
    """

    def __init__(
        self, what: Literal["attack", "challenge", "challenges"], scenario: Scenario | None = None
    ) -> None:
        super().__init__()
        self.what = what
        self.scenario = scenario
