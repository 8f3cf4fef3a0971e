"""The input over a cell of a pair table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from textual import events
from textual.binding import BindingType
from textual.message import Message

from wsplay.tui.kit.keys import bind
from wsplay.tui.kit.text_input import TextInput


class CellInput(TextInput):
    """The input over the cell being edited."""

    DEFAULT_CSS = """
    CellInput { layer: over; display: none; }
    """
    BINDING_GROUP_TITLE = "A cell"
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("escape", "leave('rows')", "Rows", "cell.leave", "Back to the rows; the text stays", show=True),
        bind(
            "tab",
            "leave('next')",
            "Next cell",
            "cell.next",
            "Go to the next cell; the last one adds a row",
        ),
        bind(
            "shift+tab", "leave('previous')", "Previous cell", "cell.previous", "Go back to the previous cell"
        ),
        bind("up", "leave('up')", "Row above", "cell.up", "Edit the row above"),
        bind("down", "leave('down')", "Row below", "cell.down", "Edit the row below"),
    ]

    @dataclass
    class Left(Message):
        """The user leaves the cell: `rows`, `next`, `previous`, `up`, `down`, or `blur`."""

        where: str

    def __init__(self, go_on: Callable[[str], None], **options: Any) -> None:
        super().__init__(**options)
        self._go_on = go_on

    def on_key(self, event: events.Key) -> None:
        """Go to the next cell at once: a binding runs after the letters typed after it."""
        if event.key in ("enter", "tab"):
            event.stop()
            event.prevent_default()
            self._go_on("enter" if event.key == "enter" else "next")

    def action_leave(self, where: str) -> None:
        """Leave the cell."""
        self.post_message(self.Left(where))

    def on_blur(self, event: events.Blur) -> None:
        """Editing ends with the focus, unless the whole terminal lost it."""
        if self.app.app_focus:
            self.post_message(self.Left("blur"))
