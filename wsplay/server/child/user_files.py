"""Which files are the user's: those of a scenario's folder that are not installed."""

from __future__ import annotations

import os

import wsplay

#: Names kept. Code that is compiled while the app runs can have any number of them.
MAX_NAMES = 10_000
_OURS = os.path.join(wsplay.PACKAGE, "")
_INSTALLED = ("/site-packages/", "/dist-packages/", "/lib/python")


class UserFiles(dict[str, str | None]):
    """`files[path]` is what an event calls the file: its path from the scenario's folder. None for a file
    that is not the user's.

    A dictionary, because each message asks for the file of every frame of a stack.
    """

    def __init__(self, *scenarios: str) -> None:
        super().__init__()
        self._folders = dict.fromkeys(os.path.dirname(file) for file in scenarios if file)

    def __missing__(self, path: str) -> str | None:
        name = next((path[len(folder) + 1 :] for folder in self._folders if is_inside(path, folder)), None)
        if len(self) >= MAX_NAMES:
            self.clear()
        self[path] = name
        return name


def is_inside(path: str, folder: str) -> bool:
    """Whether a file is in the folder, and neither installed there nor part of wsplay."""
    folder = os.path.join(folder, "")
    if not path.startswith(folder) or (path.startswith(_OURS) and not folder.startswith(_OURS)):
        return False  # the scenarios that come with wsplay can be in its package
    inside = path[len(folder) - 1 :].replace("\\", "/")
    return not any(part in inside for part in _INSTALLED)
