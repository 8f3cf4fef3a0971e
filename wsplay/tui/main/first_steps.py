"""The first steps: three lines of what to press, on the first start and at the top of the help."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from textual.content import Content
from textual.geometry import Size
from textual.screen import Screen
from textual.signal import Signal
from textual.widgets import Static

TITLE: Final = "First steps"
#: Each line; a name in braces stands for the key of the action with that id, as it is now.
LINES: Final = (
    "{scenarios.load} opens a scenario (arrows choose it), or type its number. "
    "{read.explanation} explains it.",
    "{run.connect} connects and shows the run. {go.client} goes to the request's headers.",
    "{pair.jump} opens the fix of a flawed scenario, {go.challenge} its challenge. "
    "{app.help} lists every key.",
)
#: The smallest screen with room for the lines.
LEAST: Final = Size(80, 24)
#: Actions that only move a cursor or the focus.
_MOVES: Final = frozenset(
    (
        *("cursor_up", "cursor_down", "page_up", "page_down", "first", "last"),
        *("move", "move_page", "focus_next", "focus_previous"),
        *("scroll_up", "scroll_down", "scroll_home", "scroll_end", "scroll_left", "scroll_right"),
    )
)


class FirstSteps(Static):
    """The lines under a title; `fill` shows them once all panes are there.

    They go with the first action, whatever key or click it came from, but stay while one only moves about.
    """

    DEFAULT_CSS = """
    FirstSteps {
        height: auto; padding: 0 1; color: $text-plain; background: $page;
        border-top: solid $accent; border-title-color: $accent; border-title-style: bold;
    }
    """

    def __init__(self, acted: Signal[str]) -> None:
        """`acted` tells each action that is run."""
        super().__init__()
        self._acted = acted
        self._seen = False

    def on_mount(self) -> None:
        """Wait for the first action."""
        self._acted.subscribe(self, self._after, immediate=True)

    def fill(self) -> None:
        """Show the lines with the keys as they are now."""
        keys = keys_of(self.screen)
        again = keys.get("app.help", "")
        self.border_title = Content(f"{TITLE}: {again} shows them again" if again else TITLE)
        self.update(Content("\n").join(lines_with(keys)))

    def on_click(self) -> None:
        """A click closes it."""
        self.close()

    def close(self) -> None:
        """Give its rows back."""
        self._seen = True
        self.display = False

    def fit(self, screen: Size) -> None:
        """On a screen that is too small, leave its rows to the panes."""
        self.display = not self._seen and screen.width >= LEAST.width and screen.height >= LEAST.height

    def _after(self, action: str) -> None:
        if action.partition("(")[0].rpartition(".")[2] not in _MOVES:
            self.close()


def first_lines(screen: Screen[Any]) -> list[Content]:
    """The title and the three lines, with the keys of that screen as they are now."""
    return [Content(TITLE).stylize("bold $accent"), *lines_with(keys_of(screen))]


def lines_with(keys: dict[str, str]) -> list[Content]:
    """The three lines with these keys, by the action's id."""
    return [_filled(line, lambda id: keys.get(id, "")) for line in LINES]


def keys_of(screen: Screen[Any]) -> dict[str, str]:
    """The first key of each action on the screen, as shown to the user, by the action's id."""
    keys: dict[str, str] = {}
    for node in (screen.app, screen, *screen.walk_children()):
        bindings = node._bindings.copy()
        bindings.apply_keymap(screen.app._keymap)
        for _, binding in bindings:
            if binding.id is not None:
                keys.setdefault(binding.id, screen.app.get_key_display(binding))
    return keys


def _filled(line: str, key_of: Callable[[str], str]) -> Content:
    parts: list[str | tuple[str, str]] = []
    for part in line.replace("}", "{").split("{"):
        shown = len(parts) % 2
        parts.append((_spelled(key_of(part)), "bold $accent") if shown else part)
    return Content.assemble(*parts)


def _spelled(key: str) -> str:
    """`^r` for those who do not know the caret: `^r (ctrl+r)`."""
    return f"{key} (ctrl+{key[1:]})" if key.startswith("^") and len(key) > 1 else key
