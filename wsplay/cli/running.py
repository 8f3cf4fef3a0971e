"""Runs for the command line: one printed live, or many with one line each."""

from __future__ import annotations

import textwrap
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import replace
from functools import partial

from wsplay.cli.errors import COULD_NOT_RUN, NOT_AS_EXPECTED, OK, CouldNotRun, PathMissing
from wsplay.cli.filtering import Filtered
from wsplay.cli.saving import Save, saving
from wsplay.cli.stepping import stepped
from wsplay.cli.terminal import colour_wanted, coloured, paint, say, say_when_ready, width
from wsplay.events.event import Event
from wsplay.events.safe_text import visible
from wsplay.export.event_filter import EVERYTHING, Filter
from wsplay.export.jsonl import event_line, json_line
from wsplay.export.text import event_details, event_essentials, event_text, plain
from wsplay.play.every_try import NotRun, run_every_try
from wsplay.play.playground import OnEvent, Playground, PortError
from wsplay.play.pool import Pool
from wsplay.play.runner import TIMEOUT, TO_THE_END, UNTIL_QUIET, Run, run_try
from wsplay.play.setup import PathNeeded, SetupError, with_path
from wsplay.protocol.handshake import Handshake
from wsplay.protocol.hold_points import NOTHING, HoldPoints
from wsplay.protocol.http_request import HttpRequest
from wsplay.protocol.routes import listed
from wsplay.scenario.file import Scenario, Try
from wsplay.server.parent.errors import ServerError, StartError
from wsplay.verdict.diagnosis import Diagnosis

#: The widest a verdict is; it is broken into lines, never cut.
WRAP = 100


@asynccontextmanager
async def playing(
    engine: str, *, on_event: OnEvent | None = None, host: str = "127.0.0.1", port: int = 0
) -> AsyncIterator[Playground]:
    """A started playground. Raises `CouldNotRun` if it does not start, or if the server fails in the body."""
    try:
        async with Playground(on_event, engine=engine, host=host, port=port) as playground:
            yield playground
    except (ServerError, PortError) as error:
        raise CouldNotRun(str(error)) from error


@asynccontextmanager
async def in_pool(pool: Pool) -> AsyncIterator[None]:
    """A pool at work. Raises `CouldNotRun` if no server starts."""
    async with AsyncExitStack() as stack:
        try:
            await stack.enter_async_context(pool)
        except (ServerError, PortError) as error:
            raise CouldNotRun(str(error)) from error
        yield


def say_event(event: Event, start_ns: int, *, as_json: bool, verbose: bool, numbered: bool) -> None:
    """Print an event live. `numbered` shows the connection's number, for several connections."""
    colour = colour_wanted()  # asked once: each time asks the system
    if as_json:
        say(event_line(event, start_ns), colour=colour)
        return
    brush = coloured if colour else plain
    columns = width()
    lines = [event_text(event, start_ns, paint=brush, width=columns, tag=numbered)]
    indent = 26 if numbered else 22
    whole = columns is None
    for line in event_details(event, whole=whole) if verbose else event_essentials(event, whole=whole):
        lines.append(brush(f"{'':{indent}}│ {line}", "dim"))
    say("\n".join(lines), colour=colour)


async def run_one(
    scenario: Scenario,
    try_: Try,
    *,
    engine: str,
    timeout: float | None,
    points: HoldPoints = NOTHING,
    wanted: Filter = EVERYTHING,
    save: Save | None = None,
    as_json: bool,
    verbose: bool,
) -> int:
    """Run once and print the wanted events live, the outcome last; return the exit code. It is held at
    `points`.
    """
    several = bool(try_.handshake.before) or any(
        isinstance(step, HttpRequest) for step in try_.handshake.steps
    )
    events = Filtered(wanted, partial(say_event, as_json=as_json, verbose=verbose, numbered=several))
    async with playing(engine) as playground, saving(save, scenario, try_, playground) as kept:
        await playground.load(scenario)
        try_ = replace(try_, handshake=_with_path(try_.handshake, playground))
        if not as_json:
            say(_title(scenario, try_, playground))

        def see(event: Event, start_ns: int) -> None:
            kept.add_event(event, start_ns)
            events.see(event, start_ns)

        try:
            work = run_try(
                playground,
                scenario,
                try_,
                timeout=timeout or try_.timeout or TIMEOUT,
                watch=UNTIL_QUIET if timeout is None else TO_THE_END,
                on_event=see,
                on_request=kept.begin,
            )
            run = await stepped(playground, points, work)
        except SetupError as error:
            raise CouldNotRun(f'{scenario.file}, try "{try_.name}": {error}') from error
        if run is None:
            return OK  # the person has left it
        kept.finish(run.to_json())
    if as_json:
        say(json_line(run.to_json()))
    else:
        events.say_hidden()
        for line in verdict_lines(run):
            say(line)
    return NOT_AS_EXPECTED if run.expected is False else OK


async def run_every(
    scenarios: Sequence[Scenario],
    *,
    engine: str,
    jobs: int | None = None,
    timeout: float | None,
    as_json: bool,
    only_first: bool = False,
) -> int:
    """Run every try (or each scenario's first), one line each and a count last; return the exit code."""
    good = bad = neutral = broken = 0
    runs = run_every_try(scenarios, engine=engine, jobs=jobs, timeout=timeout, only_first=only_first)
    try:
        async with aclosing(runs):
            async for run in runs:
                if isinstance(run, NotRun):
                    broken += 1
                    await say_when_ready(_broken(run, as_json))
                    continue
                good += run.expected is True
                bad += run.expected is False
                neutral += run.expected is None
                await say_when_ready(json_line(run.to_json()) if as_json else _line(run))
    except (StartError, PortError) as error:
        raise CouldNotRun(str(error)) from error
    if as_json:
        say(
            json_line(
                {
                    "kind": "count",
                    "engine": engine,
                    "as_expected": good,
                    "not_as_expected": bad,
                    "nothing_expected": neutral,
                    "broken": broken,
                }
            )
        )
    else:
        say(_count(good, bad, neutral, broken, engine))
    if broken:
        return COULD_NOT_RUN
    return NOT_AS_EXPECTED if bad else OK


def _with_path(handshake: Handshake, playground: Playground) -> Handshake:
    try:
        return with_path(handshake, playground.routes)
    except PathNeeded as error:
        routes = listed(error.routes)
        raise PathMissing(f"name a path with --path; the app's WebSocket routes: {routes}") from error


def verdict_lines(run: Run) -> list[str]:
    """The outcome in words, for below a timeline."""
    lines = ["", *diagnosis_lines(run.diagnosis)]
    if run.left_early:
        lines.append("  --timeout 10 watches longer.")
    if run.expected is True:
        lines.append(paint("✓ as expected", "good"))
    elif run.expected is False:
        lines.append(paint("✗ not as expected", "bad"))
        lines += [f"  {visible(mismatch)}" for mismatch in run.mismatches]
    return lines


def diagnosis_lines(diagnosis: Diagnosis, tag: str = "") -> list[str]:
    """A diagnosis in words. `tag` comes before the headline."""
    glyph = {"good": "✓", "bad": "✗", "warn": "!", "info": "●"}[diagnosis.tone]
    lines = [paint(f"{tag}{glyph} {diagnosis.headline}", diagnosis.tone)]
    for text in (diagnosis.text, diagnosis.browser, diagnosis.next_step):
        lines += textwrap.wrap(text, min(width() or WRAP, WRAP), initial_indent="  ", subsequent_indent="  ")
    return lines


def _title(scenario: Scenario, try_: Try, playground: Playground) -> str:
    tried = f"  try: {visible(try_.name)}" if try_.name else ""
    return (
        paint(visible(scenario.title), "strong")
        + tried
        + paint(f"  {playground.engine} {playground.versions.get('uvicorn', '')}  {playground.url}", "dim")
    )


def _line(run: Run) -> str:
    mark = {
        True: paint("✓ ok      ", "good"),
        False: paint("✗ differs ", "bad"),
        None: paint("· ran     ", "dim"),
    }
    line = f"{mark[run.expected]}{run.scenario.name:<28} {visible(run.try_.name):<26} "
    line += run.diagnosis.headline
    for mismatch in run.mismatches:
        line += f"\n          {visible(mismatch)}"
    return line


def _broken(what: NotRun, as_json: bool) -> str:
    name = what.scenario.name
    if as_json:
        problem = {"kind": "problem", "scenario": name, "message": what.reason}
        return json_line(problem if what.try_name is None else problem | {"try": what.try_name})
    where = name if what.try_name is None else f"{name}, {what.try_name}"
    return f"{paint('✗ broken', 'bad')}  {visible(where)}: {visible(what.reason)}"


def _count(good: int, bad: int, neutral: int, broken: int, engine: str) -> str:
    parts = [f"{good} as expected", f"{bad} not as expected"]
    if neutral:
        parts.append(f"{neutral} with nothing expected")
    if broken:
        parts.append(f"{broken} broken")
    return paint(", ".join(parts), "bad" if bad or broken else "good") + f" on {engine}"
