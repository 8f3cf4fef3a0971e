"""The address that the client connects to, while it is edited: one line, as wide as the screen."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Literal

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Static
from textual.widgets.input import Selection

from wsplay.events.safe_text import visible
from wsplay.tui.kit.keys import bind
from wsplay.tui.kit.text_input import TextInput

#: How the field is left: with enter, escape, or because the focus went elsewhere.
How = Literal["enter", "escape", "blur"]


class AddressInput(TextInput):
    """The field for the path."""

    BINDING_GROUP_TITLE = "The path"
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("enter", "leave('enter')", "Keep", "path.keep", "Keep the path", show=True),
        bind("down", "routes", "Routes", "path.routes", "Choose one of the app's routes", show=True),
        bind("escape", "leave('escape')", "Cancel", "path.leave", "Leave the path as it was", show=True),
    ]

    def __init__(self, leave: Callable[[How], None], routes: Callable[[], None]) -> None:
        super().__init__(id="path", placeholder="/   ↓ lists the routes", select_on_focus=False)
        self._leave = leave
        self._routes = routes

    def on_key(self, event: events.Key) -> None:
        """Enter keeps the path at once: a binding runs after the letters typed after it."""
        if event.key == "enter":
            event.stop()
            event.prevent_default()
            self._leave("enter")

    def action_leave(self, how: How) -> None:
        """Leave the field."""
        self._leave(how)

    def action_routes(self) -> None:
        """Choose one of the app's routes."""
        self._routes()

    def on_blur(self, event: events.Blur) -> None:
        """Editing ends with the focus, unless the whole terminal lost it."""
        if self.app.app_focus:
            self._leave("blur")


class AddressBar(Horizontal):
    """The line. It is hidden unless the path is edited.

    `keep` gets what was typed, if it differs from what was there, and says what is wrong with it; `close` is
    called once the line is hidden, and `routes` when a route is to be chosen.
    """

    DEFAULT_CSS = """
    AddressBar {
        display: none; height: 1; background: $bar;
        &.-open { display: block; }
        & > Static { width: auto; max-width: 50%; color: $text-soft; padding: 0 0 0 1; text-wrap: nowrap; }
        & > AddressInput { width: 1fr; padding: 0 1 0 0; }
    }
    """

    def __init__(
        self, keep: Callable[[str], str], close: Callable[[], None], routes: Callable[[], None]
    ) -> None:
        super().__init__(id="address")
        self._keep = keep
        self._close = close
        self._origin = Static(markup=False)
        self.input = AddressInput(self._leave, routes)
        self._before: Widget | None = None
        self._given = ""

    def compose(self) -> ComposeResult:
        """The server, and the field."""
        yield self._origin
        yield self.input

    @property
    def is_open(self) -> bool:
        """Whether the path is edited."""
        return self.has_class("-open")

    def open(self, url: str, path: str, given: str, part: tuple[int, int] | None = None) -> None:
        """Edit `path`, with a part of it selected, or all of it. `given` is the path until now; `url` is
        what comes before it.
        """
        if not self.is_open:
            self._before, self._given = self.screen.focused, given
        self._origin.update(visible(url, 60))
        self.add_class("-open")
        self.input.text = path
        self.input.selection = Selection(*(part or (0, len(self.input.value))))
        self.input.remove_class("-wrong")
        self.screen.set_focus(self.input)

    def keep(self) -> bool:
        """Keep what is typed and close the line. False if it cannot be sent: then it stays open."""
        if self.is_open and self.input.text != self._given:
            wrong = bool(self._keep(self.input.text))
            self.input.set_class(wrong, "-wrong")
            if wrong:
                return False
        self.close()
        return True

    def close(self) -> None:
        """Hide the line; what has the focus in it gives it back."""
        if not self.is_open:
            return
        had_focus, before = self.screen.focused is self.input, self._before
        self.remove_class("-open")
        self._before = None
        if had_focus:
            nodes = [] if before is None or not before.is_attached else before.ancestors_with_self
            self.screen.set_focus(next((w for w in nodes if isinstance(w, Widget) and w.focusable), None))
        self._close()

    def _leave(self, how: How) -> None:
        if how == "enter":
            self.keep()
        elif how == "escape" or not self.is_open:
            self.close()
        elif self.input.text != self._given:
            self._keep(self.input.text)
            self.close()
        else:
            self.close()
