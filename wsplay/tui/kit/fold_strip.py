"""One line of tabs for a screen too small for all panes: which of the upper panes is on show."""

from __future__ import annotations

from dataclasses import dataclass

from textual import events
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget


@dataclass(frozen=True, slots=True)
class Fold:
    """A pane that can be on show: its key, its name, and the key press that shows it."""

    key: str
    name: str
    press: str


class FoldStrip(Widget):
    """The names of the panes, the active one lit, each with its key."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    FoldStrip { height: 1; color: $text-soft; background: $page; text-wrap: nowrap; }
    """

    active: reactive[str] = reactive("")

    class Turned(Message):
        """A name was clicked."""

        def __init__(self, key: str) -> None:
            super().__init__()
            self.key = key

    def __init__(self, folds: tuple[Fold, ...], *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._folds = folds

    def render(self) -> Content:
        """All names on one line."""
        shown = []
        for fold in self._folds:
            lit = fold.key == self.active
            if lit:
                shown.append(
                    Content(f" {fold.press} {fold.name} ").stylize("bold $text-on-accent on $accent")
                )
            else:
                shown.append(Content.assemble(" ", (fold.press, "bold $accent"), f" {fold.name} "))
        return Content.assemble(*shown)

    def on_click(self, event: events.Click) -> None:
        """Show the pane whose name was clicked."""
        x = 0
        for fold in self._folds:
            width = len(fold.name) + len(fold.press) + 3
            if x <= event.x < x + width:
                self.post_message(self.Turned(fold.key))
                return
            x += width
