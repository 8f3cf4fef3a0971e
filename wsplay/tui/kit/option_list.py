"""A list of options, as Textual has it, on a terminal of any size."""

from __future__ import annotations

from contextlib import suppress

from textual.widgets import OptionList


class Options(OptionList):
    """An option list in which Page Up and Page Down do nothing while no lines are laid out.

    Textual raises KeyError then: in a list without any width, or before a changed list is drawn.
    """

    def action_page_up(self) -> None:
        """Move up by a page."""
        with suppress(KeyError):
            super().action_page_up()  # type: ignore[no-untyped-call]

    def action_page_down(self) -> None:
        """Move down by a page."""
        with suppress(KeyError):
            super().action_page_down()  # type: ignore[no-untyped-call]
