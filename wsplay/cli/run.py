"""`wsplay run`: one run, printed live, or every try of every scenario."""

from __future__ import annotations

import asyncio
import dataclasses
from typing import Any

import click

from wsplay.cli.filtering import filter_option
from wsplay.cli.params import (
    complete_scenario,
    complete_try,
    engine_option,
    find_try,
    jobs_option,
    read_library,
    usable_scenario,
)
from wsplay.cli.saving import Save, save_options
from wsplay.cli.stepping import hold_option, points_of, tell_lines
from wsplay.export.event_filter import Filter
from wsplay.protocol.handshake import Handshake
from wsplay.protocol.hold_points import HoldPoints
from wsplay.protocol.steps import SendText
from wsplay.scenario.expectations import Expectations
from wsplay.scenario.tries import Try


@click.command("run")
@click.argument("scenario", required=False, shell_complete=complete_scenario)
@click.option(
    "--try", "try_name", metavar="NAME", shell_complete=complete_try, help="Run this try of the scenario."
)
@click.option("--all", "every", is_flag=True, help="Run every try of SCENARIO, or of all scenarios.")
@jobs_option("With --all, run up to N scenarios")
@click.option(
    "-H",
    "--header",
    "headers",
    metavar="'NAME: VALUE'",
    multiple=True,
    help="Add or replace a header. 'NAME:' leaves it out, 'NAME;' sends it empty.",
)
@click.option("--query", metavar="K=V", multiple=True, help="Add a query parameter.")
@click.option("--subprotocol", "subprotocols", metavar="P", multiple=True, help="Offer a subprotocol.")
@click.option(
    "--path",
    metavar="PATH",
    help="Connect to this path. Otherwise it is the scenario's, or the app's only WebSocket route.",
)
@click.option("--send", "texts", metavar="TEXT", multiple=True, help="Send a text message when connected.")
@click.option("--no-compression", is_flag=True, help="Do not offer permessage-deflate.")
@engine_option
@click.option(
    "--timeout",
    type=click.FloatRange(0.1, 3600),
    metavar="S",
    help="Watch the connection for S seconds, even if nothing happens. Otherwise it is watched until 0.4 s "
    "pass without an event, 10 s at most. With --all: the time limit of each run.",
)
@click.option(
    "--step",
    is_flag=True,
    help="Hold the run at each boundary, and go on with each line on stdin: see below.",
)
@hold_option(
    "Hold it only there: all, asgi, wire, accept, close, line:N or line:FILE:N. Repeatable; implies --step."
)
@filter_option
@save_options
@click.option("--json", "as_json", is_flag=True, help="Print JSON lines: the events, then the outcome.")
@click.option("-v", "--verbose", is_flag=True, help="Print headers, bodies and tracebacks too.")
@click.pass_context
def command(
    ctx: click.Context,
    /,
    scenario: str | None,
    try_name: str | None,
    every: bool,
    jobs: int | None,
    engine: str,
    timeout: float | None,
    step: bool,
    held_at: tuple[HoldPoints, ...],
    wanted: Filter,
    save: Save | None,
    as_json: bool,
    verbose: bool,
    **request: Any,
) -> None:
    """Run SCENARIO once and print what happens on each lane.

    Its first try runs, unless you name one with --try. Request options (-H, --query, --subprotocol, --path,
    --send, --no-compression) are added to the try you name, or make up a request of their own. Nothing is
    expected of such a run.

    With --step or --hold, the run waits at each boundary for a line on stdin: an empty one lets pass what
    waits, c holds no more, x drops it, "e FILE" replaces a request's head by the bytes of FILE, q leaves. The
    end of the input is c. Clocks of server and client stand still meanwhile, and --timeout does not count it.
    """
    from wsplay.cli import running

    asked = any(request.values())
    if every:
        if try_name is not None or asked:
            raise click.UsageError(
                "--all runs the tries as they are: leave out --try and the request options"
            )
        if wanted:
            raise click.UsageError("--all prints no events: leave out --filter")
        if save is not None:
            raise click.UsageError("--save keeps one run: leave out --all, or run each try on its own")
        if step or held_at:
            raise click.UsageError("--all cannot be held: leave out --step and --hold")
        library = read_library()
        chosen = library.scenarios if scenario is None else [usable_scenario(library, scenario)]
        every_run = running.run_every(chosen, engine=engine, jobs=jobs, timeout=timeout, as_json=as_json)
        ctx.exit(asyncio.run(every_run))
    if jobs is not None:
        raise click.UsageError("--jobs only works with --all")
    if scenario is None:
        raise click.UsageError("name a SCENARIO (see wsplay list), or pass --all")
    found = usable_scenario(read_library(), scenario)
    template = find_try(found, try_name) if try_name is not None else None
    if template is None and not asked and found.tries:
        template = found.tries[0]
    if template is None:
        template = Try("", Handshake(path=found.path))
    if asked:
        handshake = _with_request(template.handshake, **request)
        template = dataclasses.replace(template, handshake=handshake, expect=Expectations())
    points = points_of(step, held_at)
    tell_lines(points, found)
    result = asyncio.run(
        running.run_one(
            found,
            template,
            engine=engine,
            timeout=timeout,
            points=points,
            wanted=wanted,
            save=save,
            as_json=as_json,
            verbose=verbose,
        )
    )
    ctx.exit(result)


def _with_request(
    base: Handshake,
    headers: tuple[str, ...],
    query: tuple[str, ...],
    subprotocols: tuple[str, ...],
    path: str | None,
    texts: tuple[str, ...],
    no_compression: bool,
) -> Handshake:
    """The base handshake with the user's additions. Raises `click.BadParameter` for invalid ones."""
    from wsplay.protocol.header import HeaderError, parse_header

    added: list[tuple[str, str]] = []
    omitted: list[str] = []
    for line in headers:
        try:
            name, value = parse_header(line)
        except HeaderError as error:
            raise click.BadParameter(str(error), param_hint="-H") from error
        if value is None:
            omitted.append(name)
        else:
            added.append((name, value))
    overridden = {name.lower() for name, _ in added} | {name.lower() for name in omitted}
    kept = [pair for pair in base.headers if pair[0].lower() not in overridden]
    pairs: list[tuple[str, str]] = []
    for item in query:
        key, equals, value = item.partition("=")
        if not equals or not key:
            raise click.BadParameter(f'"{item}" is not KEY=VALUE', param_hint="--query")
        pairs.append((key, value))
    return dataclasses.replace(
        base,
        path=path if path is not None else base.path,
        headers=(*kept, *added),
        omit=(*base.omit, *omitted),
        query=(*base.query, *pairs),
        subprotocols=(*base.subprotocols, *subprotocols),
        steps=(*base.steps, *map(SendText, texts)),
        compression=base.compression and not no_compression,
    )
