"""How a command reports that it cannot continue, and its exit code."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import IO

import click

from wsplay.events.safe_text import visible

#: Exit codes: as expected, not as expected, wrong usage, could not run.
OK, NOT_AS_EXPECTED, USAGE, COULD_NOT_RUN = 0, 1, 2, 3
#: What a shell reports for a program that Ctrl+C ended.
INTERRUPTED = 130


class Told(click.ClickException):
    """A one-line error; text from a file or an exception is made safe to print."""

    def format_message(self) -> str:
        return visible(self.message)


class CouldNotRun(Told):
    """Nothing ran: the message says why and what to do next."""

    exit_code = COULD_NOT_RUN


class PathMissing(Told):
    """No path was named, and the app leaves a choice; the message lists its routes."""

    exit_code = USAGE


class OutputClosed(click.ClickException):
    """Nobody reads the output any more (`wsplay ... | head -1`): the reader has what it wanted."""

    exit_code = OK

    def __init__(self) -> None:
        super().__init__("the output is closed")

    def show(self, file: IO[str] | None = None) -> None:
        pass


class NotFound(Told):
    """An unknown name, with the nearest known ones."""

    exit_code = USAGE


def drop_output() -> None:
    """Discard what stdout still buffers; Python would fail with it again when it exits."""
    with contextlib.suppress(OSError, ValueError):  # no file: nothing is written at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
