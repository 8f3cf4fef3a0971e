"""What the settings can say about the terminal UI: the names of its themes, the keys of its actions."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from textual.app import App
from textual.dom import DOMNode
from textual.keys import KEY_NAME_REPLACEMENTS, Keys, _character_to_key
from textual.screen import Screen
from textual.theme import BUILTIN_THEMES

from wsplay.config.config import Config
from wsplay.config.config_file import unknown_names
from wsplay.events.safe_text import visible
from wsplay.protocol.did_you_mean import did_you_mean
from wsplay.tui.kit.keys import KEY_NAMES, shown
from wsplay.tui.kit.theme import PALETTES

#: The modules whose screens and panes have keys.
_MODULES: Final = (
    "app",
    "main.screen",
    "challenge.screen",
    "challenge.list_screen",
    "attack.screen",
    "run.screen",
    "runs.screen",
    "compare.screen",
)
#: The folders of the panes that every screen with a run has.
_OF_A_RUN: Final = frozenset(("kit", "run", "timeline", "inspector", "source"))
#: The folders of the panes that are on a screen, by the screen's folder. A key of one would hide the other's.
PANES_ON: Final[Mapping[str, frozenset[str]]] = {
    "main": _OF_A_RUN | {"main", "client"},
    "run": _OF_A_RUN,
    "runs": _OF_A_RUN | {"runs"},
    "compare": frozenset(("kit", "compare", "inspector")),
    "attack": _OF_A_RUN | {"attack"},
    "challenge": _OF_A_RUN | {"challenge", "attack"},
}
_MODIFIERS: Final = frozenset(("ctrl", "shift", "alt", "super", "hyper", "meta"))


@dataclass(frozen=True, slots=True)
class Action:
    """An action with keys: what it does, and which classes have it."""

    id: str
    keys: tuple[str, ...]
    name: str
    tip: str
    owners: tuple[type[DOMNode], ...]


def theme_names() -> list[str]:
    """The themes that can be chosen: not Textual's own, as what is drawn in them is not checked."""
    return list(PALETTES)


def known_actions() -> dict[str, Action]:
    """Every action of the terminal UI by its id, with its keys as they are without the user's settings."""
    for module in _MODULES:
        importlib.import_module(f"wsplay.tui.{module}")
    from wsplay.tui.main.keys import KEYMAP

    found: dict[str, Action] = {}
    for owner in _subclasses(DOMNode):
        if not owner.__module__.startswith("wsplay.tui."):
            continue
        for key, binding in owner._merged_bindings or ():
            id = binding.id
            if id is None:
                continue
            known = found.get(id) or Action(id, (), binding.description, binding.tooltip, ())
            keys = () if key in known.keys else (key,)
            owners = () if owner in known.owners else (owner,)
            found[id] = replace(known, keys=known.keys + keys, owners=known.owners + owners)
    return {
        id: replace(action, keys=_split(KEYMAP[id])) if id in KEYMAP else action
        for id, action in sorted(found.items())
    }


def check_theme(name: str | None) -> str | None:
    """What is wrong with the name of a theme, or None."""
    if name is None or name in theme_names():
        return None
    if name in BUILTIN_THEMES:
        names = ", ".join(theme_names())
        return f'theme "{name}" is Textual\'s own and no longer offered; there are {names}'
    return f'no theme "{visible(name, 60)}"; {did_you_mean(name, theme_names())}'


def check_keys(config: Config, actions: Mapping[str, Action]) -> tuple[dict[str, str], list[str]]:
    """The keys of the settings that can be used, by id, and what is wrong with the others, a line each.

    A key that would hide another action is not used: the default stands.
    """
    used: dict[str, tuple[str, ...]] = {}
    problems = []
    if unknown := [id for id in config.keys if id not in actions]:
        problems.append(f"{config.path}: {unknown_names(unknown, tuple(actions), 'key')}")
    for id, value in config.keys.items():
        if id not in actions:
            continue
        keys = _split(value)
        if wrong := [key for key in keys if not _is_key(key)]:
            problems.append(
                f'{config.path}: no key "{visible(wrong[0], 40)}" for {id}; '
                f"{_stands(actions[id])}. Keys look like ctrl+r, f5, D or comma"
            )
        elif keys:
            used[id] = keys
    while clash := _first_clash(used, actions):
        id, key, other = clash
        del used[id]
        taken = f"{shown(key)} for {id} is a key of {other.id} ({other.tip})"
        problems.append(f"{config.path}: {taken}; {_stands(actions[id])}")
    return {id: ",".join(keys) for id, keys in used.items()}, problems


def _stands(action: Action) -> str:
    return f"the default, {', '.join(map(shown, action.keys))}, stands"


def _first_clash(
    used: Mapping[str, tuple[str, ...]], actions: Mapping[str, Action]
) -> tuple[str, str, Action] | None:
    """The last of the user's keys that is also another action's key, where both can be pressed."""
    for id in reversed(list(used)):
        for other in actions.values():
            if other.id == id or not _meet(actions[id], other):
                continue
            for key in used[id]:
                if key in used.get(other.id, other.keys):
                    return id, key, other
    return None


def _meet(one: Action, other: Action) -> bool:
    """Whether both actions can be on the same screen, and one of them would hide the other."""
    return any(_hides(first, second) for first in one.owners for second in other.owners)


def _hides(one: type[DOMNode], other: type[DOMNode]) -> bool:
    if issubclass(one, App) or issubclass(other, App):
        return True
    rooms = (_room(one), _room(other))
    if issubclass(one, Screen) and issubclass(other, Screen):
        return one is other
    if issubclass(one, Screen):
        return rooms[1] in PANES_ON.get(rooms[0], ())
    if issubclass(other, Screen):
        return rooms[0] in PANES_ON.get(rooms[1], ())
    return rooms[0] == rooms[1]


def _room(owner: type[DOMNode]) -> str:
    return owner.__module__.split(".")[2]


def _split(keys: str) -> tuple[str, ...]:
    words = [word.strip() for word in keys.split(",")]
    return tuple(_character_to_key(word) if len(word) == 1 else word for word in words if word)


def _is_key(key: str) -> bool:
    *modifiers, base = key.split("+")
    named = (
        {known.value for known in Keys} | set(KEY_NAME_REPLACEMENTS.values()) | {*KEY_NAMES, "comma", "space"}
    )
    return set(modifiers) <= _MODIFIERS and (len(base) == 1 or base in named)


def _subclasses(kind: type[Any]) -> Iterator[type[Any]]:
    for one in kind.__subclasses__():
        yield one
        yield from _subclasses(one)
