"""A scrolling pane that draws styled lines, only the visible ones."""

from __future__ import annotations

from typing import Any

from textual.cache import LRUCache
from textual.scroll_view import ScrollView
from textual.strip import Strip

from wsplay.tui.kit.styled_lines import LineRenderer
from wsplay.tui.kit.theme import colours


class LinePane(ScrollView, can_focus=True, inherit_bindings=False):
    """What panes that draw themselves line by line share: look, scrolling, and cached strips.

    A subclass defines `render_line`; `_strips` is cleared when the theme changes.
    """

    DEFAULT_CSS = """
    LinePane {
        background: $background;
        border: round $border-blurred;
        border-title-color: $text-muted;
        border-title-style: bold;
        border-subtitle-color: $text-muted;
        padding: 0 1;
        overflow-x: hidden;
        overflow-y: auto;
        scrollbar-size: 1 1;
        scrollbar-gutter: stable;
        &:focus {
            border: heavy $border;
            border-title-color: $accent;
        }
    }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._strips: LRUCache[Any, Strip] = LRUCache(512)
        self._renderer: LineRenderer | None = None

    @property
    def renderer(self) -> LineRenderer:
        """Draws lines in the theme's colours."""
        if self._renderer is None:
            self._renderer = LineRenderer(colours(self.app), self.rich_style)
        return self._renderer

    def redraw(self) -> None:
        """Draw every line again, without the cache."""
        self._strips.clear()
        self.refresh()

    def jump_to(self, y: int) -> None:
        """Scroll line `y` to the top at once, or as far as it goes."""
        self.scroll_to(y=y, animate=False, immediate=True, force=True)

    def watch_show_vertical_scrollbar(self, shown: bool) -> None:
        """Place a scrollbar that appears after the lines were scrolled."""
        if shown:
            self.vertical_scrollbar.position = self.scroll_y

    def notify_style_update(self) -> None:
        """Take the new theme's colours."""
        super().notify_style_update()
        self._strips.clear()
        self._renderer = None
