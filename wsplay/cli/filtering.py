"""`--filter`: which events a command prints. It changes neither the outcome nor the exit code."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import click
from click.shell_completion import CompletionItem

from wsplay.cli.terminal import paint, say
from wsplay.events.event import Event
from wsplay.events.safe_text import visible
from wsplay.export.event_filter import EVERYTHING, Filter, FilterError, offers, read_filter


class FilterType(click.ParamType[Filter]):
    """A filter; for a wrong one, the error shows where."""

    name = "FILTER"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Filter:
        if isinstance(value, Filter):
            return value
        try:
            return read_filter(value)
        except FilterError as error:
            # Each control character takes one column here, so the mark stays below its place.
            before = visible(value[: error.column - 1])
            place = f"  {visible(value)}\n  {' ' * len(before)}^"
            return self.fail(f"{error}\n{place}", param, ctx)


def complete_filter(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    start, words = offers(incomplete, len(incomplete))
    return [CompletionItem(incomplete[:start] + word) for word in words]


filter_option = click.option(
    "--filter",
    "wanted",
    type=FilterType(),
    default=EVERYTHING,
    metavar="FILTER",
    shell_complete=complete_filter,
    help="Print only these events, such as 'lane:wire status:4xx -kind:eof'.",
)


@dataclass
class Filtered:
    """Prints the events that a filter takes, and counts the others."""

    wanted: Filter
    say_event: Callable[[Event, int], object]
    seen: int = 0
    shown: int = 0

    def see(self, event: Event, start_ns: int) -> None:
        """Print the event if the filter takes it."""
        self.seen += 1
        if self.wanted.takes(event):
            self.shown += 1
            self.say_event(event, start_ns)

    def say_hidden(self) -> None:
        """Say how many events were printed, if some were not."""
        if self.shown < self.seen:
            say(paint(f"{self.shown} of {self.seen} events shown (--filter)", "dim"))
