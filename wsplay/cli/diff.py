"""`wsplay diff A B`: two runs, aligned by what happened."""

from __future__ import annotations

import asyncio
from pathlib import Path

import click

from wsplay.cli.errors import NOT_AS_EXPECTED, OK, CouldNotRun
from wsplay.cli.params import complete_scenario, engine_option, find_try, read_library, usable_scenario
from wsplay.cli.running import playing
from wsplay.cli.show_run import open_run
from wsplay.cli.terminal import paint, say, width
from wsplay.export.diff_text import diff_lines
from wsplay.export.jsonl import json_line
from wsplay.export.run_file import SUFFIX
from wsplay.play.setup import SetupError
from wsplay.play.side_of_run import ToRun, side_of_run
from wsplay.protocol.handshake import Handshake
from wsplay.scenario.file import Try
from wsplay.scenario.library import Library, UnknownScenario
from wsplay.scenario.run_name import read_run_name
from wsplay.verdict.compare import Side, compare

_EPILOG = """\b
A and B are each a run file (.jsonl), or TARGET[@TRY][@ENGINE]:
  wsplay diff 'close_before_accept@no token' 'accept_then_close@no token'
  wsplay diff 3@uvicorn 3@uvicorn-wsproto
Exit codes: 0 no difference, 1 outcome or events differ, 2 usage error, 3 could not run."""


@click.command("diff", epilog=_EPILOG)
@click.argument("a", metavar="A", shell_complete=complete_scenario)
@click.argument("b", metavar="B", shell_complete=complete_scenario)
@engine_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON lines: each row, then a count.")
@click.pass_context
def command(ctx: click.Context, a: str, b: str, engine: str, as_json: bool) -> None:
    """Compare two runs: request, source, outcome and events.

    A run that is not kept in a file is run now. Times, ports, the Date and what was minted for a run do not
    count, and neither do request, source and versions: outcome and events do.
    """
    library = read_library()
    sides = [_find(library, reference, engine) for reference in (a, b)]
    ctx.exit(asyncio.run(_diff(sides, as_json=as_json)))


async def _diff(sides: list[Side | ToRun], *, as_json: bool) -> int:
    left, right = [await _run(side) if isinstance(side, ToRun) else side for side in sides]
    compared = compare(left, right)
    if as_json:
        for row in compared.rows:
            say(json_line(row.to_json((left.start_ns, right.start_ns))))
        say(json_line(compared.count_json()))
    else:
        for line in diff_lines(left, right, compared, paint=paint, width=width()):
            say(line)
    return NOT_AS_EXPECTED if compared.differs else OK


def _find(library: Library, reference: str, engine: str) -> Side | ToRun:
    """A run from its file, or what to run. Raises `NotFound` and `CouldNotRun`."""
    if reference.endswith(SUFFIX):
        run = open_run(Path(reference))
        return Side({**run.header, "recorded": True}, run.events, run.outcome)

    def is_target(text: str) -> bool:
        try:
            library.get(text)
        except UnknownScenario:
            return False
        return True

    name = read_run_name(reference, is_target)
    scenario = usable_scenario(library, name.target)
    if name.try_name is not None:
        try_ = find_try(scenario, name.try_name)
    else:
        try_ = scenario.tries[0] if scenario.tries else Try("", Handshake(path=scenario.path))
    return ToRun(scenario, try_, name.engine or engine)


async def _run(what: ToRun) -> Side:
    """Run a try, on a server of its own: the state of another run does not count."""
    async with playing(what.engine) as playground:
        try:
            return await side_of_run(playground, what)
        except SetupError as error:
            raise CouldNotRun(f'{what.scenario.file}, try "{what.try_.name}": {error}') from error
