"""What every screen can do: help, a palette of its keys, notifications."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from wsplay.tui.kit.commands import Choice, Choices
from wsplay.tui.kit.help import HelpScreen, help_of
from wsplay.tui.kit.late_input import LateInputScreen
from wsplay.tui.kit.verdict_bar import VerdictBar


class ScreenChoices(Choices):
    """The screen's own choices."""

    def choices(self) -> Iterable[Choice]:
        return self.screen.choices() if isinstance(self.screen, BaseScreen) else ()


class BaseScreen(LateInputScreen[None]):
    """A screen whose keys, declared with `bind`, are listed in its help and its palette."""

    COMMANDS = {ScreenChoices}  # noqa: RUF012
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (110, "-wide")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-short"), (30, "-tall")]  # noqa: RUF012

    def say(self, text: str, severity: Literal["information", "warning", "error"] = "information") -> None:
        """Notify the user; the text may contain data."""
        self.notify(text, severity=severity, markup=False)

    def choices(self) -> Iterable[Choice]:
        """The palette's choices: everything that a key of the screen does, except digits that choose."""
        bindings = {binding.id: binding for _, binding in self._bindings}
        for id, binding in bindings.items():
            if id is not None and binding.tooltip and "number" not in id:
                name = binding.description[:1].upper() + binding.description[1:]
                yield Choice(name, binding.tooltip, binding.action)

    def action_help(self) -> None:
        """Show all keys."""
        self.open_above(HelpScreen(help_of(self)))

    def action_verdict(self) -> None:
        """Show all of the verdict, or a part."""
        bar = self.query_one(VerdictBar)
        bar.expanded = not bar.expanded
