"""The command line's output: in colour and cut to the width on a terminal only."""

from __future__ import annotations

import os
import shutil
import sys
from typing import IO, Any

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
    "left": {"fg": "cyan"},
    "right": {"fg": "magenta"},
    "strong": {"bold": True},
    "dim": {"dim": True},
}


def colour_wanted() -> bool:
    """Whether to print in colour: on a terminal that supports it, or with FORCE_COLOR (but 0), and never with
    NO_COLOR (https://no-color.org, https://force-color.org).
    """
    if os.environ.get("NO_COLOR"):
        return False
    if forced := os.environ.get("FORCE_COLOR"):
        return forced != "0"
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def paint(text: str, role: str) -> str:
    return coloured(text, role) if colour_wanted() else text


def coloured(text: str, role: str) -> str:
    """`text` in the colour of its role, wherever it goes."""
    return click.style(text, **_COLOURS.get(role, {}))


def width() -> int | None:
    """The terminal's columns. None without a terminal: then no line is cut."""
    return shutil.get_terminal_size((100, 24)).columns if sys.stdout.isatty() else None


def say(line: str = "", end: str = "\n", *, colour: bool | None = None) -> None:
    """Write one line to stdout and flush. Raises `OutputClosed`, or `CouldNotRun` if the disk is full.

    `colour` is `colour_wanted()`, for callers that know it.
    """
    try:
        click.echo(line + end, nl=False, color=colour_wanted() if colour is None else colour)
    except OSError as error:
        drop_output()
        if isinstance(error, BrokenPipeError):
            raise OutputClosed from None
        raise CouldNotRun(f"cannot write the output: {error.strerror or error}") from error


async def say_when_ready(text: str) -> None:
    """Like `say`, but the event loop goes on while the reader is slow (a pager, a stopped terminal).

    Otherwise the runs of the meantime would be late for what they wait for, and come out differently.
    """
    text += "\n"
    # A pipe that is ready takes PIPE_BUF bytes, 4096 on Linux, and a character has at most four.
    for start in range(0, len(text), 1000):
        await _ready(sys.stdout)
        say(text[start : start + 1000], end="")


class Lines:
    """The lines of standard input. The event loop goes on while there is none, and Ctrl+C ends the wait."""

    def __init__(self) -> None:
        self._read = b""

    async def next(self) -> str:
        """The next line; with no newline at its end, it is the last or the input is at its end."""
        while b"\n" not in self._read:
            number = await _ready(sys.stdin)
            if number is None:
                return sys.stdin.readline()
            more = os.read(number, 4096)
            if not more:
                break
            self._read += more
        line, newline, self._read = self._read.partition(b"\n")
        return (line + newline).decode(errors="replace")


async def _ready(stream: IO[str]) -> int | None:
    """Wait until the stream can be written, or read if it is standard input; return its number, None if it
    has none.
    """
    try:
        number = stream.fileno()
    except (OSError, ValueError):  # not a file: a test has it
        return None
    import asyncio  # not for commands that print and exit

    loop = asyncio.get_running_loop()
    begin, end = loop.add_writer, loop.remove_writer
    if stream is sys.stdin:
        begin, end = loop.add_reader, loop.remove_reader
    ready = asyncio.Event()
    try:
        begin(number, ready.set)
    except PermissionError:  # a file on disk is always ready
        return number
    try:
        await ready.wait()
    finally:
        end(number)
    return number


def complain(line: str) -> None:
    """Write one line to stderr; control characters are made visible."""
    click.echo(visible_lines(line), err=True)


async def complain_when_ready(line: str) -> None:
    """Like `complain`, but the event loop goes on while the reader is slow."""
    await _ready(sys.stderr)
    complain(line)
