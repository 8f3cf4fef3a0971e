"""A list of options, as Textual has it, that may change or have no room at any moment."""

from __future__ import annotations

from contextlib import suppress

from textual import events
from textual.geometry import Size
from textual.widgets import OptionList


class Options(OptionList):
    """An option list that ignores what is meant for options that are not there."""

    def _update_lines(self) -> None:
        """Lay out the options, if there is a column for them; Textual divides by the width."""
        padding = self.get_component_styles("option-list--option").padding
        if self.scrollable_content_region.width > self._get_left_gutter_width() + padding.width:
            super()._update_lines()

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """The height in a column of at least one cell; Textual divides by the width."""
        padding = self.get_component_styles("option-list--option").padding.width
        return super().get_content_height(container, viewport, max(width, padding + 1))

    def on_click(self, event: events.Click) -> None:
        """Ignore a click on an option that has gone since it was drawn; Textual raises IndexError."""
        if event.style.meta.get("option", -1) >= self.option_count:
            event.prevent_default()

    # Textual raises KeyError in a list without any width, and before a changed list is drawn.

    def action_page_up(self) -> None:
        """Move up by a page, if any lines are laid out."""
        with suppress(KeyError):
            super().action_page_up()  # type: ignore[no-untyped-call]

    def action_page_down(self) -> None:
        """Move down by a page, if any lines are laid out."""
        with suppress(KeyError):
            super().action_page_down()  # type: ignore[no-untyped-call]


class LineList(Options):
    """A list in which each option is one line, cut at the end of the pane."""

    DEFAULT_CSS = """
    LineList {
        scrollbar-size-vertical: 1; text-wrap: nowrap; text-overflow: ellipsis;
        &:focus { background-tint: transparent; }
        & > .option-list--option { padding: 0; }
    }
    """
