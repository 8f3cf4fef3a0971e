"""The keys that can be pressed now, on one line, read from the bindings; what does not fit is left out."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass
from typing import Any

from textual import events
from textual.content import Content
from textual.screen import Screen
from textual.widget import Widget

#: Cells between two keys.
GAP = 2


@dataclass(frozen=True, slots=True)
class Key:
    """A key as it is shown: what to press, what it does, and what it means to Textual."""

    press: str
    name: str
    key: str
    tip: str
    place: int
    kept: bool  # stays, however little room there is

    @property
    def width(self) -> int:
        """Its cells."""
        return Content(f"{self.press} {self.name}").cell_length


class KeyBar(Widget):
    """The line.

    `order` lists bindings by id, from left to right; others come where it says `...`. Those in `kept` are
    never left out.
    """

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    KeyBar { height: 1; padding: 0 1; background: $bar; color: $text-soft; text-wrap: nowrap; }
    """

    def __init__(self, order: Sequence[str], kept: Set[str], *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._order = {name: place for place, name in enumerate(order)}
        self._kept = kept
        self._keys: list[Key] = []

    def on_mount(self) -> None:
        """The line follows the focus."""
        self.screen.bindings_updated_signal.subscribe(self, self._update)
        self._update(self.screen)

    def _update(self, screen: Screen[Any]) -> None:
        if screen is not self.screen or not self.is_attached:
            return
        keys = self._read()
        if keys != self._keys:
            self._keys = keys
            self.refresh()

    def _read(self) -> list[Key]:
        focused = self.screen.focused
        keys: dict[str, Key] = {}
        for binding in (active.binding for active in self.screen.active_bindings.values() if active.enabled):
            if not binding.show or binding.id is None or binding.id in keys:
                continue
            character = binding.key if len(binding.key) == 1 else None
            if binding.key in ("slash", "question_mark"):
                character = {"slash": "/", "question_mark": "?"}[binding.key]
            if focused is not None and focused.check_consume_key(binding.key, character):
                continue  # it would be typed into the focused field
            press, name = self.app.get_key_display(binding), binding.description.lower()
            if any(key.name == name for key in keys.values()):
                continue  # the pane's own comes first and says the same
            place = self._order.get(binding.id, self._order.get("...", 0))
            tip, kept = binding.tooltip or "", binding.id in self._kept
            keys[binding.id] = Key(press, name, binding.key, tip, place, kept)
        return list(keys.values())

    def laid_out(self) -> list[tuple[int, Key]]:
        """The keys that fit, each with the column it begins at."""
        room = max(self.size.width, 1)
        shown = sorted(self._keys, key=lambda key: key.place)
        while sum(key.width + GAP for key in shown) - GAP > room:
            going = next((key for key in reversed(shown) if not key.kept), None)
            if going is None:
                break
            shown.remove(going)
        placed, x = [], 0
        for key in shown:
            placed.append((x, key))
            x += key.width + GAP
        return placed

    def render(self) -> Content:
        """The keys, each followed by what it does."""
        line = Content()
        for x, key in self.laid_out():
            line = Content.assemble(
                line.pad_right(x - line.cell_length), (key.press, "bold $accent"), " ", key.name
            )
        return line

    def on_click(self, event: events.Click) -> None:
        """A click presses the key."""
        key = self._at(event.x - 1)
        if key is not None:
            self.app.simulate_key(key.key)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Explain the key under the mouse."""
        key = self._at(event.x - 1)
        self.tooltip = None if key is None else key.tip or None

    def _at(self, x: int) -> Key | None:
        return next((key for start, key in self.laid_out() if start <= x < start + key.width), None)
