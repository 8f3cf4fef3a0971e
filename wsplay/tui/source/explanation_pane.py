"""The explanation of a scenario to read, or its speaker's notes, in place of the source."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.binding import BindingType
from textual.content import Content

from wsplay.events.safe_text import visible
from wsplay.tui.kit.styled_lines import StyledLine
from wsplay.tui.kit.text_canvas import TextCanvas, scroll_bindings


class ExplanationPane(TextCanvas):
    """Text that is broken to the pane's width."""

    BORDER_TITLE = BINDING_GROUP_TITLE = "Explanation"
    BINDINGS: ClassVar[list[BindingType]] = scroll_bindings("explanation")

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._lines_for: Callable[[int], Sequence[StyledLine]] | None = None
        self._width = 0

    def show(self, title: str, lines_for: Callable[[int], Sequence[StyledLine]]) -> None:
        """Show text from its beginning; `lines_for` gives its lines for a width."""
        self._lines_for = lines_for
        self._width = 0
        self.border_title = Content(visible(title))
        self._break_lines()
        self.jump_to(0)

    def _break_lines(self) -> None:
        width = self.scrollable_content_region.width
        if self._lines_for is not None and width > 0 and width != self._width:
            self._width = width
            self.set_lines(self._lines_for(width))

    def fit_size(self) -> None:
        self._break_lines()
