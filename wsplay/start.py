"""Where the program starts: the terminal UI at once, where that is all that is asked for."""

from __future__ import annotations

import os
import signal
import sys

from wsplay.tty import on_a_terminal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType

    from wsplay.scenario.library import Library


def main() -> None:
    """The entry point of `wsplay` and of `python -m wsplay`.

    Without a word on the command line the terminal UI paints before anything else is imported, click and the
    library of scenarios among it. Ctrl+C meanwhile ends the program at once, without a traceback.
    """
    early = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if early:
        signal.signal(signal.SIGINT, _stopped)
    if len(sys.argv) == 1 and "_WSPLAY_COMPLETE" not in os.environ and on_a_terminal():
        from wsplay.tui.app import run_app

        sys.exit(run_app(_library))
    from wsplay.cli.main import main as command_line

    try:
        if early:
            signal.signal(signal.SIGINT, signal.default_int_handler)  # which asyncio replaces by its own
        command_line()
    finally:
        if early:
            signal.signal(signal.SIGINT, _stopped)


def _stopped(number: int, frame: FrameType | None) -> None:
    """End as `wsplay.cli.main` does after Ctrl+C; nothing was started or printed yet."""
    os.write(2, b"stopped\n")
    os._exit(130)


def _library() -> Library:
    from wsplay.scenario.library import Library

    return Library.find()
