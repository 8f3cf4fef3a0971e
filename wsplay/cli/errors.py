"""How a command says that it cannot go on, and with which exit code."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import IO

import click

from wsplay.events.safe_text import visible

#: Exit codes: as expected, not as expected, wrong usage, could not run.
OK, NOT_AS_EXPECTED, USAGE, COULD_NOT_RUN = 0, 1, 2, 3
#: What a shell calls a program ended by Ctrl+C.
INTERRUPTED = 130


class Told(click.ClickException):
    """An error of one line; what it quotes, from a file or an exception, is shown and not obeyed."""

    def format_message(self) -> str:
        return visible(self.message)


class CouldNotRun(Told):
    """Nothing ran: the message says why and what to do next."""

    exit_code = COULD_NOT_RUN


class OutputClosed(click.ClickException):
    """Nobody reads the output any more (`wsplay ... | head -1`): the program ends, and says nothing."""

    exit_code = COULD_NOT_RUN

    def __init__(self) -> None:
        super().__init__("the output is closed")

    def show(self, file: IO[str] | None = None) -> None:
        pass


class NotFound(Told):
    """A name that is not there, with the nearest ones."""

    exit_code = USAGE


def drop_output() -> None:
    """Send what is still to be written to stdout nowhere; Python would fail again with it at its exit."""
    with contextlib.suppress(OSError, ValueError):  # no file: nothing of it is written at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
