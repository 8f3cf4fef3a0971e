"""Make docs/keys.md, the table of all keys, from the bindings themselves.

python docs/keys.py            writes docs/keys.md; a test fails when it is out of date
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

from textual.app import App
from textual.screen import Screen

from wsplay.tui.configurable import Action, known_actions
from wsplay.tui.kit.keys import shown

FILE = Path(__file__).with_name("keys.md")
#: What the screens are called, in the order of the page; panes come after them.
SCREENS = {
    "WsplayApp": "Everywhere",
    "MainScreen": "Main screen",
    "RunScreen": "A single run",
    "RunsScreen": "List of runs",
    "RecordedScreen": "A recording",
    "CompareScreen": "Two runs compared",
    "KeyMenu": "Menu",
    "ChallengeScreen": "Challenge",
    "ChallengesScreen": "List of challenges",
    "AttackScreen": "Attack bench",
    "HelpScreen": "Help",
    "BadgeScreen": "Badge",
    "AskScreen": "A question with a field",
}
#: What the panes are called whose class says it badly.
PANES = {
    "TimelineView": "timeline",
    "SourceView": "source",
    "Chips": "tries",
    "BarButton": "button",
    "Input": "field of the options",
    "_Input": "field of the options",
}
HEAD = """\
# Keys

Every key of the terminal UI, made from the program by `python docs/keys.py`. `?` shows those of the screen
you are on. You can change each of them in the `[keys]` table of your settings, by its id; `wsplay config`
says where they are. A key of a screen works wherever the focus is, but not while you type into a field.
"""


def page() -> str:
    """The page."""
    places: dict[str, list[Action]] = {}
    for action in known_actions().values():
        for place in dict.fromkeys(place_of(owner) for owner in action.owners if is_shown(owner, action)):
            places.setdefault(place, []).append(action)
    order = list(SCREENS.values())
    parts = [HEAD]
    for place in sorted(places, key=lambda name: (order.index(name) if name in order else len(order), name)):
        parts.append(f"## {place}\n\n| keys | id | does |\n|---|---|---|\n{rows(places[place])}")
    return "\n".join(parts)


def is_shown(owner: type[Any], action: Action) -> bool:
    """Whether the class stands for itself: of screens the last of its line, of other classes the first."""
    if issubclass(owner, App):
        return owner.__name__ in SCREENS
    if issubclass(owner, Screen):
        return owner.__name__ in SCREENS or not set(owner.__subclasses__()) & set(action.owners)
    return not set(owner.__mro__[1:]) & set(action.owners)


def place_of(owner: type[Any]) -> str:
    """Where the keys of a class work."""
    words = re.sub(r"(?<!^)([A-Z])", r" \1", owner.__name__.strip("_")).capitalize()
    if issubclass(owner, (App, Screen)):
        return SCREENS.get(owner.__name__, words)
    name = PANES.get(owner.__name__) or getattr(owner, "BINDING_GROUP_TITLE", None) or words
    return f"In a pane: {str(name).lower()}"


def rows(actions: list[Action]) -> str:
    """A line for each action; those that differ by a digit only are one."""
    same: dict[str, list[Action]] = {}
    for action in actions:
        same.setdefault(re.sub(r"\d$", "N", action.id), []).append(action)
    lines = []
    for id, [first, *others] in same.items():
        keys = [f"`{shown(key)}`" for key in first.keys]
        if others:
            keys = [f"`{shown(first.keys[0])}` to `{shown(others[-1].keys[-1])}`"]
        lines.append(f"| {' '.join(keys)} | `{id}` | {first.tip or first.name} |\n".replace("`|`", "`\\|`"))
    return "".join(lines)


if __name__ == "__main__":
    FILE.write_text(page(), encoding="utf-8")
    sys.stdout.write("docs/keys.md\n")
