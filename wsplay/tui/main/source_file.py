"""The shown scenario's file: whether it has changed on disk, and editing it."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from typing import Any

from textual.app import App, SuspendNotSupported

#: Editors to look for if neither VISUAL nor EDITOR is set.
EDITORS = ("nano", "vim", "vi")


class SourceFile:
    """The file at `path` as it was when this was created. `told`: the user knows about its change."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.told = False
        self._modified = self._modified_ns()

    @property
    def changed(self) -> bool:
        """Whether the file has changed on disk since; False if that is not known."""
        now = self._modified_ns()
        return now is not None and now != self._modified

    def _modified_ns(self) -> int | None:
        try:
            return os.stat(self.path).st_mtime_ns
        except OSError:
            return None


class EditorError(Exception):
    """The editor could not be run, or failed; says why, for the user."""


def edit(app: App[Any], path: str) -> None:
    """Run the user's editor on a file, in this terminal, until it is closed. Raises EditorError."""
    named = os.environ.get("VISUAL") or os.environ.get("EDITOR") or ""
    command = shlex.split(named) or [name for name in EDITORS if shutil.which(name)][:1]
    if not command:
        raise EditorError("no editor found: set EDITOR to your editor's command")
    try:
        with app.suspend():
            done = subprocess.run([*command, path], check=False)
    except SuspendNotSupported:
        raise EditorError("cannot open an editor in this terminal") from None
    except OSError as error:
        raise EditorError(f"{command[0]}: {error.strerror or error}") from None
    if done.returncode:
        raise EditorError(f"{command[0]} ended with {done.returncode}")
