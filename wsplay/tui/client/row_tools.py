"""The actions for a row of a pair table, on one line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.app import RenderResult
from textual.content import Content
from textual.message import Message
from textual.widget import Widget


class RowTools(Widget):
    """The actions for a row, with their keys: a reminder, and buttons for the mouse."""

    DEFAULT_CSS = """
    RowTools {
        height: 1;
        width: 1fr;
        text-wrap: nowrap;
        & > .tools--key { color: $accent; }
        & > .tools--word { color: $text-soft; }
        & > .tools--quiet { color: $text-dim; }
        & > .tools--hover { background: $field; color: $text-bright; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {"tools--key", "tools--word", "tools--quiet", "tools--hover"}
    #: key, word, tooltip, action
    TOOLS: ClassVar[tuple[tuple[str, str, str, str], ...]] = (
        ("␣", "off", "Send this row or not", "switch"),
        ("d", "dup", "Duplicate this row", "duplicate"),
        ("x", "del", "Delete this row; u undoes it", "delete"),
        ("⇧↑", "", "Move this row up", "up"),
        ("⇧↓", "move", "Move this row down", "down"),
        ("u", "undo", "Undo the last change", "undo"),
    )
    EDITING: ClassVar[str] = "↵ next  → complete  esc done"

    @dataclass
    class Pressed(Message):
        """A tool was pressed."""

        what: str

    def __init__(self) -> None:
        super().__init__()
        self.lit = False
        self.near = False  # the mouse is over the rows
        self.editing = False
        self._hover = -1
        self.add_class("-quiet")

    def _places(self) -> list[tuple[int, int, str, str]]:
        roomy = self.size.width >= 40
        places, x = [], 1
        for key, word, _, what in self.TOOLS:
            shown = "" if what == "down" and not roomy else word
            key_part = key + (" " if shown else "")
            width = len(key_part) + len(shown)
            places.append((x, width, key_part, shown))
            x += width + (2 if roomy and what != "up" else 1)
        return places

    def render(self) -> RenderResult:
        """The line of tools or, in a cell, the keys that leave it."""
        style = self.get_visual_style
        if self.editing:
            return Content.styled(f" {self.EDITING}", style("tools--word")).truncate(max(self.size.width, 1))
        line = Content.empty()
        if not self.lit and self._hover < 0 and not self.near:
            return line
        for index, (x, _, key, word) in enumerate(self._places()):
            line = line.pad_right(max(x - line.cell_length, 0))
            hover = index == self._hover
            key_style = style("tools--hover" if hover else "tools--key" if self.lit else "tools--quiet")
            word_style = style("tools--hover" if hover else "tools--word" if self.lit else "tools--quiet")
            line = Content.assemble(line, (key, key_style), (word, word_style))
        return line.truncate(max(self.size.width, 1))

    def show(self, *, lit: bool, editing: bool, near: bool) -> None:
        """Bright while the rows have the focus, dim while the mouse is near; other words in a cell."""
        if (lit, editing, near) != (self.lit, self.editing, self.near):
            self.lit, self.editing, self.near = lit, editing, near
            self.set_class(not lit, "-quiet")
            self.refresh()

    def on_click(self, event: events.Click) -> None:
        """Run the tool under the mouse."""
        event.stop()
        index = self._at(event.x)
        if index is not None:
            self.post_message(self.Pressed(self.TOOLS[index][3]))

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Show the tooltip of the tool under the mouse."""
        index = self._at(event.x)
        self.tooltip = self.TOOLS[index][2] if index is not None else None
        if (hover := -1 if index is None else index) != self._hover:
            self._hover = hover
            self.refresh()

    def on_leave(self) -> None:
        """The mouse has left."""
        self._hover = -1
        self.refresh()

    def _at(self, x: int) -> int | None:
        for index, (start, width, _, _) in enumerate(self._places()):
            if start <= x < start + width:
                return index
        return None
