"""The keys that work now, on one line, read from the bindings; keys that do not fit are left out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from typing import Any

from textual.binding import Binding
from textual.screen import Screen

from wsplay.tui.kit.status_line import Piece, StatusLine


class KeyBar(StatusLine):
    """The line. A click on a key presses it.

    `order` lists bindings by id, from left to right; others come where it says `...`. Those in `kept` are
    never left out.
    """

    DEFAULT_CSS = """
    KeyBar { padding: 0 1; color: $text-soft; }
    """

    def __init__(self, order: Sequence[str], kept: Set[str], *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._order = {name: place for place, name in enumerate(order)}
        self._kept = kept

    def on_mount(self) -> None:
        """Follow the focus, and the screens above that close."""
        self.screen.bindings_updated_signal.subscribe(self, self._update)
        self.watch(self.screen, "stack_updates", lambda: self._update(self.screen))

    def _update(self, screen: Screen[Any]) -> None:
        if screen is not self.screen or not self.is_attached or not screen.is_active:
            # Whether a key works is asked of the screen on top. That one may not have its widgets yet, and
            # those of a screen that is closing have gone.
            return
        others = self._order.get("...", 0)
        bindings = sorted(self._bindings_now(), key=lambda binding: self._order.get(binding.id or "", others))
        self.show([self._piece(binding, place) for place, binding in enumerate(bindings)])

    def _bindings_now(self) -> Iterator[Binding]:
        """What can be pressed now; of two that say the same the first, which is the pane's own."""
        focused = self.screen.focused
        said: dict[str, str] = {}
        for binding in (active.binding for active in self.screen.active_bindings.values() if active.enabled):
            if not binding.show or binding.id is None or binding.id in said:
                continue
            characters = {"slash": "/", "question_mark": "?"}
            character = characters.get(binding.key, binding.key if len(binding.key) == 1 else None)
            if focused is not None and focused.check_consume_key(binding.key, character):
                continue  # it would be typed into the focused field
            if _name(binding) not in said.values():
                said[binding.id] = _name(binding)
                yield binding

    def _piece(self, binding: Binding, place: int) -> Piece:
        parts = ((self.app.get_key_display(binding), "bold $accent"), (" ", ""), (_name(binding), ""))
        rank = 0 if binding.id in self._kept else place + 1
        return Piece(parts, f"app.simulate_key('{binding.key}')", binding.tooltip, rank)


def _name(binding: Binding) -> str:
    return binding.description.lower()
