"""Where the program starts: the terminal UI at once, where that is all that is asked for."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from wsplay.tty import on_a_terminal

if TYPE_CHECKING:
    from wsplay.scenario.library import Library


def main() -> None:
    """The entry point of `wsplay` and of `python -m wsplay`.

    Without a word on the command line the terminal UI paints before anything else is imported, click and the
    library of scenarios among it.
    """
    if len(sys.argv) == 1 and "_WSPLAY_COMPLETE" not in os.environ and on_a_terminal():
        from wsplay.tui.app import run_app

        sys.exit(run_app(_library))
    from wsplay.cli.main import main as command_line

    command_line()


def _library() -> Library:
    from wsplay.scenario.library import Library

    return Library.find()
