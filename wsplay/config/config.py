"""The user's settings as values, and where their file is. The first paint imports this: it imports little."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

#: Names another file for the settings.
VARIABLE = "WSPLAY_CONFIG"
#: How the panes of a wide terminal are laid out: with or without the event next to the timeline.
LAYOUTS = ("timeline", "timeline+event")
#: Every setting.
SETTINGS = ("theme", "layout", "editor", "keys")


@dataclass(frozen=True, slots=True)
class Config:
    """The settings; None and no keys where the file has none. `path` is None if there is no file to change.

    `keys` maps the id of an action to its keys, separated by commas. `problems` says what is wrong with the
    file, a line each.
    """

    path: Path | None = None
    theme: str | None = None
    layout: str | None = None
    editor: str | None = None
    keys: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[str, ...] = ()


def config_path() -> Path:
    """`$WSPLAY_CONFIG`, or `config.toml` in the user's configuration folder for wsplay."""
    if named := os.environ.get(VARIABLE):
        return Path(os.path.expanduser(named))
    from platformdirs import user_config_path

    return user_config_path("wsplay", appauthor=False) / "config.toml"
