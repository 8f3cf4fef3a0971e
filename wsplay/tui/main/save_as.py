"""Asks for the name of a new scenario of the user's, and how much of the present one goes into it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static
from textual.widgets.option_list import Option

from wsplay.tui.kit.keys import bind
from wsplay.tui.kit.late_input import LateInputScreen
from wsplay.tui.kit.option_list import Options
from wsplay.tui.kit.text_input import TextInput


@dataclass(frozen=True, slots=True)
class NewScenario:
    """What is to be saved: the name, and whether with the tries and the challenge."""

    name: str
    with_tries: bool
    with_challenge: bool


#: What can be saved: (with tries, with challenge), in words.
PARTS = (
    ((True, True), "With its tries and its challenge"),
    ((True, False), "With its tries"),
    ((False, False), "The code alone"),
)


class SaveAsScreen(ModalScreen[NewScenario | None], LateInputScreen[NewScenario | None]):
    """A field for the name, with what is wrong with it below, and the parts to choose from.

    `name` is the one to begin with, `problem_with` says what is wrong with a name, or nothing.
    """

    AUTO_FOCUS = "#save-as-name"
    DEFAULT_CSS = """
    SaveAsScreen {
        align: center middle;
        & > Vertical {
            width: 64; max-width: 100%; height: auto; padding: 0 1;
            background: $page; border: round $accent; border-title-color: $accent;
        }
        & Static { height: auto; }
        & #save-as-problem { color: $bad; }
        & OptionList { height: auto; margin-top: 1; background: $page; border: none; padding: 0; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("escape", "dismiss", "cancel", "save-as.cancel", "Save nothing", show=True, priority=True),
    ]

    def __init__(self, name: str, problem_with: Callable[[str], str]) -> None:
        super().__init__()
        self._first_name = name
        self._problem_with = problem_with

    def compose(self) -> ComposeResult:
        """The name, then the parts."""
        with Vertical() as box:
            box.border_title = "Save as a scenario of your own"
            box.border_subtitle = "enter saves · escape cancels"
            yield Static("Its name:", markup=False)
            yield TextInput(self._first_name, id="save-as-name")
            yield Static("", id="save-as-problem", markup=False)
            yield Options(*(Option(words) for _, words in PARTS), id="save-as-parts")

    @property
    def problem(self) -> str:
        """What is wrong with the name, or nothing."""
        return self._problem_with(self.query_one(TextInput).text.strip())

    @on(Input.Changed)
    def _say_problem(self) -> None:
        self.query_one("#save-as-problem", Static).update(self.problem)

    @on(Input.Submitted)
    def _named(self) -> None:
        if not self.problem:
            self.query_one(Options).focus()

    @on(Options.OptionSelected)
    def _chosen(self, event: Options.OptionSelected) -> None:
        if self.problem:
            self.query_one(Input).focus()
            return
        (with_tries, with_challenge), _ = PARTS[event.option_index]
        name = self.query_one(TextInput).text.strip()
        self.dismiss(NewScenario(name, with_tries, with_challenge))
