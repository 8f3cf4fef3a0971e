"""The first paint: an outline of the main screen, by one widget that imports very little. The main screen
with all its panes takes a moment to import and to lay out. Until then this outline is shown, and keeps the
pressed keys for the main screen.
"""

from __future__ import annotations

from dataclasses import dataclass

from textual import events
from textual.app import ComposeResult, RenderResult
from textual.content import Content
from textual.widget import Widget

from wsplay.tui.kit.late_input import LateInputScreen

#: Below this width the upper panes are folded into tabs; as in main.tcss.
NARROW = 110


@dataclass(frozen=True, slots=True)
class Box:
    """The place of a pane. Without `framed` it has only a line on top."""

    title: str
    x: int
    y: int
    width: int
    height: int
    framed: bool = True


def outline(width: int, height: int) -> list[Box]:
    """The places of the main screen's panes on a terminal of that size; a test compares it with main.tcss."""
    narrow = width < NARROW
    verdict = 2 if narrow or height < 30 else 3
    if narrow:
        top = 2
        upper = 8 if height < 30 else int(height * 0.4)
        lower = max(height - top - upper - verdict - 1, 1)
        return [
            Box("Scenarios", 0, top, width, upper, False),
            Box("Timeline", 0, top + upper, width, lower, False),
        ]
    upper = 11 if height < 30 else 13 if height < 38 else 17 if height < 50 else int(height * 0.4)
    left = 30 if width < 160 else 36
    right = max(49, min(int(width * 0.36), 80))
    lower = max(height - 1 - upper - verdict - 1, 2)
    return [
        Box("Scenarios", 0, 1, left, upper),
        Box("Endpoint", left, 1, width - left - right, upper),
        Box("Client", width - right, 1, right, upper),
        Box("Timeline", 0, 1 + upper, width, lower),
    ]


class Outline(Widget):
    """The panes' frames and titles."""

    DEFAULT_CSS = """
    Outline { width: 100%; height: 100%; background: $background; text-wrap: nowrap; }
    """

    def render(self) -> RenderResult:
        """As many lines as the screen has."""
        width, height = self.size
        boxes = outline(width, height)
        lines = [self._line(boxes, y, width) for y in range(height)]
        if lines:
            lines[0] = _status(width)
        return Content("\n").join(lines)

    def _line(self, boxes: list[Box], y: int, width: int) -> Content:
        line = Content()
        for box in boxes:
            if box.y <= y < box.y + box.height:
                line = Content.assemble(line.pad_right(box.x - line.cell_length), _slice(box, y - box.y))
        return line.pad_right(width - line.cell_length)


class FirstScreen(LateInputScreen[None]):
    """The outline, and the keys pressed while it is on show."""

    def __init__(self) -> None:
        super().__init__()
        self.keys: list[str] = []

    def compose(self) -> ComposeResult:
        """Only the outline."""
        yield Outline()

    def on_key(self, event: events.Key) -> None:
        """Keep it for the main screen."""
        self.keys.append(event.key)


def _status(width: int) -> Content:
    name, state = " wsplay ", "◌ starting"
    return Content.assemble(
        (name, "bold $text-on-accent on $accent"),
        (" " * max(width - len(name) - len(state) - 1, 1), "on $bar"),
        (state, "bold $text-soft on $bar"),
        (" ", "on $bar"),
    )


def _slice(box: Box, row: int) -> Content:
    if not box.framed:
        if row:
            return Content(" " * box.width)
        rest = "─" * max(box.width - len(box.title) - 1, 0)
        return Content.assemble(("─", "$edge"), (box.title, "bold $text-soft"), (rest, "$edge"))
    inside = max(box.width - 2, 0)
    if row == 0:
        rest = "─" * max(inside - len(box.title) - 3, 0)
        title = (f" {box.title} ", "bold $text-soft")
        return Content.assemble(("╭─", "$edge"), title, (f"{rest}╮", "$edge"))
    if row == box.height - 1:
        return Content(f"╰{'─' * inside}╯").stylize("$edge")
    return Content.assemble(("│", "$edge"), " " * inside, ("│", "$edge"))
