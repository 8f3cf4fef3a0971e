"""What every screen can do: help, a palette of its keys, notifications."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

from textual.dom import DOMNode

from wsplay.tui.kit.commands import Choice, Choices
from wsplay.tui.kit.help import HelpScreen, help_of
from wsplay.tui.kit.late_input import LateInputScreen
from wsplay.tui.kit.verdict_bar import VerdictBar

#: What the app does on any screen, without a key.
APP_CHOICES = (
    Choice("Theme", "Choose the colours", "app.change_theme"),
    Choice("Save a picture of the screen", "As SVG, in your folder for downloads", "app.save_picture"),
)


class ScreenChoices(Choices):
    """All choices on a screen, in one provider: Textual mixes the choices of several in any order."""

    def choices(self) -> Iterable[Choice]:
        if isinstance(self.screen, BaseScreen):
            yield from self.screen.choices()
        yield from APP_CHOICES


class BaseScreen(LateInputScreen[None]):
    """A screen whose keys, declared with `bind`, are listed in its help and its palette."""

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (110, "-wide")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-short"), (30, "-tall")]  # noqa: RUF012

    def say(self, text: str, severity: Literal["information", "warning", "error"] = "information") -> None:
        """Notify the user; the text may contain data."""
        self.notify(text, severity=severity, markup=False)

    def choices(self) -> Iterable[Choice]:
        """The palette's choices: everything that a key of the screen or of the app does, except digits that
        choose.
        """
        yield from self._key_choices(self, "")
        yield from self._key_choices(self.app, "app.")

    def _key_choices(self, node: DOMNode, namespace: str) -> Iterator[Choice]:
        """What the keys of the screen or of the app do, in their order, with the keys as they are now."""
        now = node._bindings.copy()
        now.apply_keymap(self.app._keymap)
        keys: dict[str | None, list[str]] = {}
        for _, binding in now:
            keys.setdefault(binding.id, []).append(self.app.get_key_display(binding))
        bindings = {binding.id: binding for _, binding in node._bindings}
        for id, binding in bindings.items():
            if id is not None and binding.tooltip and "number" not in id and id != "app.palette":
                name = binding.description[:1].upper() + binding.description[1:]
                shown = " ".join(dict.fromkeys(keys.get(id, ())))
                yield Choice(name, binding.tooltip, namespace + binding.action, shown)

    def action_help(self) -> None:
        """Show all keys."""
        self.open_above(HelpScreen(help_of(self)))

    def action_verdict(self) -> None:
        """Show all of the verdict, or a part."""
        bar = self.query_one(VerdictBar)
        bar.expanded = not bar.expanded
