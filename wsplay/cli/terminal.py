"""The command line's output: in colour only on a terminal, and never with NO_COLOR."""

from __future__ import annotations

import os
import shutil
import sys
from typing import Any

import click

from wsplay.cli.errors import CouldNotRun, OutputClosed, drop_output
from wsplay.events.safe_text import visible_lines

_COLOURS: dict[str, dict[str, Any]] = {
    "client": {"fg": "cyan"},
    "wire": {"fg": "yellow"},
    "asgi": {"fg": "magenta"},
    "server": {"fg": "blue"},
    "good": {"fg": "green", "bold": True},
    "bad": {"fg": "red", "bold": True},
    "warn": {"fg": "yellow", "bold": True},
    "info": {"bold": True},
    "strong": {"bold": True},
    "dim": {"dim": True},
}


def colour_wanted() -> bool:
    """Colour needs a terminal that supports it and no NO_COLOR (https://no-color.org)."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def paint(text: str, role: str) -> str:
    return click.style(text, **_COLOURS.get(role, {})) if colour_wanted() else text


def width() -> int:
    """The terminal's columns; 100 without a terminal."""
    return shutil.get_terminal_size((100, 24)).columns if sys.stdout.isatty() else 100


def say(line: str = "", end: str = "\n") -> None:
    """Write one line to stdout and flush. Raises `OutputClosed`, or `CouldNotRun` if the disk is full."""
    try:
        click.echo(line + end, nl=False, color=colour_wanted())
    except OSError as error:
        drop_output()
        if isinstance(error, BrokenPipeError):
            raise OutputClosed from None
        raise CouldNotRun(f"cannot write the output: {error.strerror or error}") from error


async def say_when_ready(line: str) -> None:
    """Like `say`, but the event loop goes on while the reader is slow (a pager, a stopped terminal).

    Otherwise the runs of the meantime would be late for what they wait for, and come out differently.
    """
    text = line + "\n"
    # A pipe that is ready takes PIPE_BUF bytes, 4096 on Linux, and a character has at most four.
    for start in range(0, len(text), 1000):
        await _ready_to_write()
        say(text[start : start + 1000], end="")


async def _ready_to_write() -> None:
    try:
        number = sys.stdout.fileno()
    except (OSError, ValueError):  # not a file: a test reads it
        return
    import asyncio  # not for commands that print and exit

    loop = asyncio.get_running_loop()
    ready = asyncio.Event()
    try:
        loop.add_writer(number, ready.set)
    except PermissionError:  # a file on disk is always ready
        return
    try:
        await ready.wait()
    finally:
        loop.remove_writer(number)


def complain(line: str) -> None:
    """Write one line to stderr; control characters are made visible."""
    click.echo(visible_lines(line), err=True)
