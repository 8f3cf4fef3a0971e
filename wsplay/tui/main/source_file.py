"""The shown scenario's file: whether it or a module that it imports was saved, and editing it."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from collections.abc import Iterable
from typing import Any

from textual.app import App, SuspendNotSupported

from wsplay.play.saves import Saves

#: Editors to look for if neither VISUAL nor EDITOR is set.
EDITORS = ("nano", "vim", "vi")


class SourceFile:
    """The file at `path` and the user's modules that it imports, as they were at the last look."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._saves = Saves([path])

    def watch(self, files: Iterable[str]) -> None:
        """Watch these files too, instead of those that were given before."""
        self._saves.watch({self.path, *files})

    def saved(self) -> list[str]:
        """The files that were saved since the last look."""
        return self._saves.look()


class EditorError(Exception):
    """The editor could not be run, or failed; says why, for the user."""


def edit(app: App[Any], path: str, editor: str | None = None) -> None:
    """Run the user's editor on a file, in this terminal, until it is closed. Raises EditorError.

    `editor` is the command of the settings; without one, the environment names it.

    Does nothing once the app is told to exit: resuming would take the terminal again, and keep it.
    """
    if app.return_code is not None:
        return
    named = editor or os.environ.get("VISUAL") or os.environ.get("EDITOR") or ""
    try:
        words = shlex.split(named)
    except ValueError as error:
        raise EditorError(f"the editor's command cannot be read: {error}: {named}") from error
    command = words or [name for name in EDITORS if shutil.which(name)][:1]
    if not command:
        raise EditorError("no editor found: set EDITOR to your editor's command")
    problem = ""
    try:
        with app.suspend():
            # An exception that left this block would leave the terminal suspended.
            try:
                code = subprocess.run([*command, path], check=False).returncode
                problem = f" ended with {code}" if code else ""
            except OSError as error:
                problem = f": {error.strerror or error}"
    except SuspendNotSupported:
        raise EditorError("cannot open an editor in this terminal") from None
    if problem:
        raise EditorError(command[0] + problem)
