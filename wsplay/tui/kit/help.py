"""The help: every key, read from the bindings themselves, so that it cannot be wrong."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.dom import DOMNode
from textual.screen import ModalScreen, Screen
from textual.widgets import Static

from wsplay.tui.kit.keys import bind
from wsplay.tui.kit.lanes import LANES
from wsplay.tui.kit.late_input import LateInputScreen


@dataclass(frozen=True, slots=True)
class KeyHelp:
    """One action: the keys that do it, as shown to the user, its name, and what it does."""

    keys: tuple[str, ...]
    name: str
    tip: str


def help_of(screen: Screen[Any]) -> list[tuple[str, list[KeyHelp]]]:
    """The bindings of the app, the screen and each of its panes: (where, keys), in the order of the screen.

    Only bindings with an `id` are listed: those are the ones of this program, and the ones a user can change.
    """
    seen: set[str] = set()
    groups: dict[str, list[KeyHelp]] = {}
    for node in (screen, screen.app, *screen.walk_children()):
        keys = _keys_of(node, screen, seen)
        if keys:
            groups.setdefault(_where(node), []).extend(keys)
    return list(groups.items())


def _where(node: DOMNode) -> str:
    """Where a node's keys work, in words."""
    if isinstance(node, (App, Screen)):
        return "Everywhere"
    title = node.BINDING_GROUP_TITLE
    if title:
        return title
    pane = next((one for one in node.ancestors_with_self if one.has_class("pane")), node)
    return (pane.id or type(pane).__name__).capitalize()


def _keys_of(node: DOMNode, screen: Screen[Any], seen: set[str]) -> list[KeyHelp]:
    bindings = node._bindings.copy()
    bindings.apply_keymap(screen.app._keymap)
    by_id: dict[str, list[Binding]] = {}
    seen_here: set[str] = set()
    for _key, binding in bindings:
        if binding.id is not None and binding.id not in seen:
            seen_here.add(binding.id)
            # `go.number-0` to `go.number-9` are one thing to learn.
            by_id.setdefault(re.sub(r"[-_]\d$", "", binding.id), []).append(binding)
    seen |= seen_here
    return [
        KeyHelp(
            tuple(dict.fromkeys(screen.app.get_key_display(binding) for binding in same)),
            same[0].description,
            same[0].tooltip,
        )
        for same in by_id.values()
    ]


class HelpScreen(ModalScreen[None], LateInputScreen[None]):
    """The keys, by where they work, over the screen they belong to."""

    CSS_PATH = "help.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("escape,question_mark,q", "dismiss", "Close", "help.close", "Close the help", show=True),
    ]

    def __init__(self, groups: list[tuple[str, list[KeyHelp]]], above: Sequence[Content] = ()) -> None:
        super().__init__()
        self._groups = groups
        self._above = above  # lines above the keys

    def compose(self) -> ComposeResult:
        """One scrollable page."""
        with VerticalScroll(id="page") as page:
            page.border_title = "Keys"
            page.border_subtitle = "escape closes"
            yield Static(Content("\n").join(self._lines()), id="keys")

    def on_mount(self) -> None:
        """Arrow keys scroll at once."""
        self.query_one("#page").focus()

    def _lines(self) -> list[Content]:
        width = max((min(len(_shown(key)), 16) for _, keys in self._groups for key in keys), default=0)
        lines = list(self._above)
        for where, keys in self._groups:
            if lines:
                lines.append(Content())
            lines.append(Content(where).stylize("bold $accent"))
            for key in keys:
                pressed = (_shown(key).rjust(width), "bold $text-bright")
                lines.append(Content.assemble(pressed, "  ", (key.tip or key.name, "$text-plain")))
        lines += [Content(), Content("Lanes of the timeline").stylize("bold $accent")]
        for look in LANES.values():
            lines.append(
                Content.assemble(
                    (f"{look.glyph} {look.word}".rjust(width), f"bold ${look.colour}"), "  ", look.tells
                )
            )
        return lines


def _shown(key: KeyHelp) -> str:
    if len(key.keys) > 4:
        return f"{key.keys[0]} … {key.keys[-1]}"
    return " ".join(key.keys)
