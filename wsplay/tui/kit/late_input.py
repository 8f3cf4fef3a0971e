"""What a key or a click must not do when it comes too late: when its screen is covered, or has just gone.

Input waits in queues. A second click may already be in the queue of a screen when the first one closes it,
and a toast may go while the mouse is pressed on it.
"""

from __future__ import annotations

from typing import Any

from textual.await_complete import AwaitComplete
from textual.events import Resize
from textual.geometry import Offset
from textual.screen import Screen, ScreenResultType
from textual.widget import Widget


class LateInputScreen(Screen[ScreenResultType]):
    """A screen to which late input does nothing.

    List it last among the bases: Textual takes the styles from the first one.
    """

    def open_above(self, screen: Screen[Any]) -> None:
        """Open another screen on top of this one, if this one is on top.

        A key that is pressed twice quickly would otherwise open it twice.
        """
        if self.is_active:
            self.app.push_screen(screen)

    @property
    def stays_open(self) -> bool:
        """Whether this screen is on the stack, and will be: its widgets go before it is unmounted."""
        return self.is_attached and self in self.app.screen_stack

    def dismiss(self, result: ScreenResultType | None = None) -> AwaitComplete:
        """Close this screen, if it is on top.

        Textual closes the screen on top, whichever that is, so a second call would close the one below.
        Nothing is closed that way once the app ends.
        """
        if self.is_active and self.stays_open and len(self.app.screen_stack) > 1:
            return super().dismiss(result)
        return AwaitComplete()

    def _on_resize(self, event: Resize) -> None:  # type: ignore[override]
        """Ignore a size that the terminal no longer has.

        A screen passes each size on to those below, and these to themselves: an old and a new one would go
        round for ever.
        """
        if event.size != self.app.size:
            event.prevent_default()

    def get_widget_and_offset_at(self, x: int, y: int) -> tuple[Widget | None, Offset | None]:
        """The widget there and the offset in its text, for selecting text; no widget that has been removed.

        A removed widget is known by its place until the next layout, and Textual then looks at its parent.
        """
        widget, offset = super().get_widget_and_offset_at(x, y)
        if widget is None or (widget.parent is None and widget is not self):
            return None, None
        return widget, offset
