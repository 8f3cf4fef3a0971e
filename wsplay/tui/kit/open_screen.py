"""How a screen opens another one without knowing it: with a message to the app."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from textual.message import Message
from textual.screen import Screen

if TYPE_CHECKING:
    from wsplay.scenario.file import Scenario


class OpenScreen(Message):
    """Opens the screen `what`; `wsplay.tui.navigation` creates and shows it.

    `screen` is the one that asks for it: if it is no longer on top, nothing opens. `scenario` is the one it
    is about; with None it is about all of them. "connect" goes back to the main screen, which connects.
    """

    def __init__(
        self,
        screen: Screen[Any],
        what: Literal["attack", "challenge", "challenges", "runs", "connect"],
        scenario: Scenario | None = None,
    ) -> None:
        super().__init__()
        self.screen = screen
        self.what = what
        self.scenario = scenario
