"""How every key of the program is declared, and how it is named in a text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import chain
from typing import Any, Final

from textual.binding import Binding
from textual.keys import _character_to_key
from textual.screen import Screen

#: The key of an action as a text names it, by the action's id.
KeyOf = Callable[[str], str]

#: Textual's names of keys -> the character, where it has one and can stand in the settings.
KEY_NAMES: Final[Mapping[str, str]] = {
    _character_to_key(character): character for character in "!\"#$%&'()*+-./:;<=>?@[\\]^_`{|}~"
}


def shown(key: str) -> str:
    """A key as the settings name it: `?` rather than `question_mark`."""
    return KEY_NAMES.get(key, key)


def named(key: str) -> str:
    """A key as a text names it: `Enter`, `R`, `ctrl+r`, `?`."""
    is_word = len(key) > 1 and key not in KEY_NAMES and "+" not in key
    return key.capitalize() if is_word else shown(key)


def keys_of(screen: Screen[Any]) -> KeyOf:
    """The first key of each action on the screen and its panes, with the user's settings."""

    def key_of(id: str) -> str:
        if given := screen.app._keymap.get(id):
            return named(given.split(",")[0])
        nodes = chain((screen, screen.app), screen.walk_children())
        found = (key for node in nodes for key, binding in node._bindings if binding.id == id)
        return named(next(found, ""))

    return key_of


def bind(
    keys: str,
    action: str,
    name: str,
    id: str,
    tip: str,
    *,
    show: bool = False,
    shown_as: str = "",
    priority: bool = False,
) -> Binding:
    """A binding that a user can change (`id`) and that explains itself (`tip`); the help and the key bar read
    both. `keys` and `action` are as in Textual. `show` puts it on the key bar, as `shown_as` if that is
    given. With `priority` it works before the keys of the focused pane.
    """
    return Binding(
        keys,
        action,
        name,
        show=show,
        id=id,
        tooltip=tip,
        key_display=shown_as or None,
        priority=priority,
    )
