"""Opens a file in the user's own editor."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from collections.abc import Callable
from pathlib import PurePath
from typing import Any

from textual.app import App, SuspendNotSupported

#: Editors to look for if neither VISUAL nor EDITOR is set.
EDITORS = ("nano", "vim", "vi")
#: Seconds between two looks at the file while the editor has the terminal.
LOOK_EVERY = 0.25

#: Editors that take a line as `+LINE` before the file, as `FILE:LINE`, and with the option `--goto`.
_PLUS = (
    "vi",
    "vim",
    "nvim",
    "view",
    "nano",
    "pico",
    "emacs",
    "emacsclient",
    "micro",
    "kak",
    "joe",
    "jed",
    "mg",
)
_COLON = ("subl", "sublime_text", "hx", "helix", "zed")
_GOTO = ("code", "codium", "code-insiders", "cursor")


class EditorError(Exception):
    """The editor could not be run, or failed; says why, for the user."""


def editor_command(named: str) -> list[str]:
    """The words of the user's command, or an editor that is installed. Raises EditorError."""
    try:
        words = shlex.split(named)
    except ValueError as error:
        raise EditorError(f"the editor's command cannot be read: {error}: {named}") from error
    command = words or [name for name in EDITORS if shutil.which(name)][:1]
    if not command:
        raise EditorError("no editor found: set EDITOR to your editor's command")
    return command


def at_line(command: list[str], path: str, line: int | None) -> list[str]:
    """The command that opens the file at a line, where it is known how the editor takes one."""
    name = PurePath(command[0]).name.removesuffix(".exe")
    if line is None:
        return [*command, path]
    if name in _PLUS:
        return [*command, f"+{line}", path]
    if name in _COLON:
        return [*command, f"{path}:{line}"]
    if name in _GOTO:
        return [*command, "--goto", f"{path}:{line}"]
    return [*command, path]


def open_editor(
    app: App[Any],
    path: str,
    *,
    line: int | None = None,
    editor: str | None = None,
    look: Callable[[], object] = lambda: None,
) -> None:
    """Run the user's editor on a file, in this terminal, until it is closed. Raises EditorError.

    `editor` is the command of the settings; without one, the environment names it. `look` is called every
    now and then meanwhile.

    Does nothing once the app is told to exit: resuming would take the terminal again, and keep it.
    """
    if app.return_code is not None:
        return
    command = editor_command(editor or os.environ.get("VISUAL") or os.environ.get("EDITOR") or "")
    problem = ""
    try:
        with app.suspend():
            # An exception that left this block would leave the terminal suspended.
            try:
                code = _run(at_line(command, path, line), look)
                problem = f" ended with {code}" if code else ""
            except OSError as error:
                problem = f": {error.strerror or error}"
    except SuspendNotSupported:
        raise EditorError("cannot open an editor in this terminal") from None
    if problem:
        raise EditorError(command[0] + problem)


def _run(command: list[str], look: Callable[[], object]) -> int:
    process = subprocess.Popen(command)
    try:
        while True:
            try:
                return process.wait(LOOK_EVERY)
            except subprocess.TimeoutExpired:
                look()
    except BaseException:
        process.kill()
        process.wait()
        raise
