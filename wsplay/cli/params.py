"""Arguments of several commands: a scenario, a try, an engine, a header."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import click
from click.shell_completion import CompletionItem

from wsplay.cli.errors import CouldNotRun, NotFound
from wsplay.cli.terminal import complain
from wsplay.events.safe_text import visible
from wsplay.protocol.did_you_mean import did_you_mean, nearest, suggest
from wsplay.protocol.engine import DEFAULT_ENGINE, ENGINE_NAMES
from wsplay.scenario.file import Scenario, Try
from wsplay.scenario.library import Library, UnknownScenario

_Command = TypeVar("_Command", bound=Callable[..., Any])


def read_library() -> Library:
    return Library.find()


def find_scenario(library: Library, reference: str) -> Scenario:
    """The scenario of a name, a number or a path. Raises `NotFound` with the nearest names."""
    try:
        return library.get(reference)
    except UnknownScenario as unknown:
        raise NotFound(f"{unknown}; {suggest(unknown.nearest) or 'see wsplay list'}") from unknown


def find_scenario_or_command(library: Library, word: str, commands: Iterable[str]) -> Scenario:
    """The scenario that the first word on the command line names. Raises `NotFound`; the word may have been
    meant as a command.
    """
    try:
        return library.get(word)
    except UnknownScenario as unknown:
        near = nearest(word, commands)
        if not near and unknown.nearest:
            raise NotFound(f"{unknown}; {suggest(unknown.nearest)}") from unknown
        if word.isdigit() or word.endswith(".py") or os.sep in word:
            raise NotFound(f"{unknown}; see wsplay list") from unknown
        what = "command" if near and not unknown.nearest else "command or scenario"
        hint = suggest([*near, *unknown.nearest]) or "see wsplay --help and wsplay list"
        raise NotFound(f'no {what} "{visible(word, 200)}"; {hint}') from unknown


def usable_scenario(library: Library, reference: str, *, tell: bool = True) -> Scenario:
    """Like `find_scenario`, but a broken one raises `CouldNotRun` with its file and line.

    With `tell`, print the problems of tables that are not needed to run it.
    """
    scenario = find_scenario(library, reference)
    if scenario.problem is not None:
        raise CouldNotRun(str(scenario.problem))
    if tell:
        for problem in scenario.problems:
            complain(str(problem))
    return scenario


def find_try(scenario: Scenario, name: str) -> Try:
    for try_ in scenario.tries:
        if try_.name == name:
            return try_
    names = [try_.name for try_ in scenario.tries]
    if not names:
        raise NotFound(
            f"{scenario.name} has no tries; make your own request with -H, --query, --subprotocol or --send"
        )
    hint = suggest(nearest(name, names, 2))
    have = ", ".join(f'"{known}"' for known in names)
    raise NotFound(f'{scenario.name} has no try "{name}"; {hint and hint + " "}it has {have}')


def check_engine(name: str | None) -> str:
    if name is None:
        return DEFAULT_ENGINE
    if name in ENGINE_NAMES:
        return name
    raise NotFound(f'no engine "{name}"; {did_you_mean(name, ENGINE_NAMES)}')


def complete_scenario(
    ctx: click.Context, param: click.Parameter | None, incomplete: str
) -> list[CompletionItem]:
    if incomplete.startswith(("~", ".")) or os.sep in incomplete:
        return [CompletionItem(incomplete, type="file")]
    return [
        CompletionItem(scenario.name, help=scenario.title)
        for scenario in read_library().scenarios
        if scenario.name.startswith(incomplete)
    ]


def complete_try(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    # An option without its value ends click's reading of the line: the arguments are left over then.
    reference = ctx.params.get("scenario") or next(iter(ctx.args), "")
    try:
        scenario = read_library().get(str(reference))
    except UnknownScenario:
        return []
    return [CompletionItem(each.name) for each in scenario.tries if each.name.startswith(incomplete)]


def complete_engine(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    return [CompletionItem(name) for name in ENGINE_NAMES if name.startswith(incomplete)]


class EngineType(click.ParamType[str]):
    """An engine by name; for a wrong name, the error suggests the nearest."""

    name = "NAME"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        return check_engine(value)


engine_option = click.option(
    "--engine",
    type=EngineType(),
    default=DEFAULT_ENGINE,
    show_default=True,
    shell_complete=complete_engine,
    help=f"The ASGI server: {', '.join(ENGINE_NAMES)}.",
)


def jobs_option(what: str) -> Callable[[_Command], _Command]:
    """`--jobs N`. `what` is what its help says of N, such as "attack up to N scenarios"."""
    return click.option(
        "--jobs",
        type=click.IntRange(1),
        metavar="N",
        help=f"{what} at once. [default: 6 per core, 12 at most]",
    )


scenario_argument = click.argument("scenario", shell_complete=complete_scenario)
