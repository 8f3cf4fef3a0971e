"""A small menu over a screen: each choice has a key, and one press of it is enough."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.screen import ModalScreen, Screen
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from wsplay.tui.kit.commands import Choice
from wsplay.tui.kit.keys import bind
from wsplay.tui.kit.late_input import LateInputScreen
from wsplay.tui.kit.option_list import Options


class KeyMenu(ModalScreen[None], LateInputScreen[None]):
    """Choices, each with a key that chooses it; so do the arrows and enter, and the mouse. `owner` is the
    screen whose action is run.
    """

    DEFAULT_CSS = """
    KeyMenu {
        align: center middle; background: $background 60%;
        & Options {
            width: 72; max-width: 100%; height: auto; max-height: 100%; padding: 0 1;
            background: $bar; border: heavy $accent; border-title-color: $accent; border-title-style: bold;
            border-subtitle-color: $text-soft;
            &:focus { border: heavy $accent; }
            & > .option-list--option-highlighted { background: $cursor-ground; color: $text-bright; }
        }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("escape", "dismiss", "Close", "menu.close", "Close the menu", show=True),
    ]

    def __init__(self, choices: Sequence[Choice], question: str, owner: Screen[Any]) -> None:
        super().__init__()
        self.choices = tuple(choices)
        self._question = question
        self._owner = owner

    def compose(self) -> ComposeResult:
        """The list."""
        options = Options(*(Option(_shown(choice)) for choice in self.choices), markup=False)
        options.border_title = self._question
        options.border_subtitle = "escape closes"
        yield options

    def on_mount(self) -> None:
        """The arrows work at once."""
        self.query_one(Options).focus()

    async def on_key(self, event: events.Key) -> None:
        """Choose by key."""
        for choice in self.choices:
            if event.character == choice.key:
                event.stop()
                self._choose(choice)

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self._choose(self.choices[event.option_index])

    def _choose(self, choice: Choice) -> None:
        if not self.is_active:
            return  # chosen twice
        self.dismiss()
        owner = self._owner
        owner.call_next(owner.run_action, choice.action)


def _shown(choice: Choice) -> Content:
    title = Content.assemble((f" {choice.key} ", "bold $accent"), " ", (choice.title, "$text-bright"))
    return Content("\n").join([title, Content.assemble("    ", (choice.help, "$text-soft"))])
