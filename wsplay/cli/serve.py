"""`wsplay serve`: a scenario for any other client, with its events printed live."""

from __future__ import annotations

import asyncio
import shlex
import signal
import time
from collections.abc import Callable, Iterator
from functools import partial

import click

from wsplay.cli.errors import OK
from wsplay.cli.filtering import Filtered, filter_option
from wsplay.cli.host import host_option
from wsplay.cli.params import engine_option, read_library, scenario_argument, usable_scenario
from wsplay.cli.running import diagnosis_lines, playing, say_event
from wsplay.cli.stepping import hold, hold_option, points_of, step, tell_lines
from wsplay.cli.terminal import complain, paint, say
from wsplay.cli.verdicts import Verdicts
from wsplay.events.event import Event
from wsplay.events.safe_text import visible
from wsplay.export.event_filter import Filter
from wsplay.export.jsonl import json_line
from wsplay.play.playground import Playground
from wsplay.play.saves import Saves
from wsplay.protocol.hold_points import HoldPoints
from wsplay.protocol.routes import default_path, shown, websocket_routes
from wsplay.scenario.file import Scenario
from wsplay.scenario.library import Library
from wsplay.scenario.load_error import not_loaded_event
from wsplay.server.parent.errors import ServerError, StalledError
from wsplay.verdict.diagnosis import diagnose, report
from wsplay.verdict.outcome import Outcome

#: Addresses that are printed of an app with several routes.
MOST_ROUTES = 20


@click.command("serve")
@scenario_argument
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=0,
    show_default=True,
    help="Listen on this port. 0 picks a free one.",
)
@host_option
@engine_option
@hold_option(
    "Hold what any client does: all, asgi, wire, accept, close, line:N or line:FILE:N. Repeatable. Lines on "
    "stdin let it go on."
)
@filter_option
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="Print JSON lines, and nothing else: the events, and the outcome of each connection.",
)
@click.option("-v", "--verbose", is_flag=True, help="Print headers, bodies and tracebacks too.")
@click.pass_context
def command(
    ctx: click.Context,
    scenario: str,
    port: int,
    host: str,
    engine: str,
    held_at: tuple[HoldPoints, ...],
    wanted: Filter,
    as_json: bool,
    verbose: bool,
) -> None:
    """Serve SCENARIO and print what any client does: a browser, wscat, curl. Stop with Ctrl+C.

    When a connection has ended, its verdict follows, and what a browser would see.

    Save the scenario's file, or a module of yours that it imports, and it is loaded again.

    With --hold, what any client does waits for lines on stdin, with the answers of wsplay run --step. Their
    own time limits go on: a browser gives up a handshake after some minutes.
    """
    library = read_library()
    found = usable_scenario(library, scenario)
    points = points_of(False, held_at)
    tell_lines(points, found)
    ctx.exit(asyncio.run(_serve(library, found, host, port, engine, points, wanted, as_json, verbose)))


async def _serve(
    library: Library,
    scenario: Scenario,
    host: str,
    port: int,
    engine: str,
    points: HoldPoints,
    wanted: Filter,
    as_json: bool,
    verbose: bool,
) -> int:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    start_ns = time.perf_counter_ns()
    unwritten: list[click.ClickException] = []
    events = Filtered(wanted, partial(say_event, as_json=as_json, verbose=verbose, numbered=True))

    def written(write: Callable[[], object]) -> None:
        """Write to the output; what cannot be written ends the command."""
        try:
            write()
        except click.ClickException as error:
            unwritten.append(error)
            stop.set()

    def show(event: Event) -> None:
        written(partial(events.see, event, start_ns))
        if not stop.is_set():
            verdicts.see(event)

    def tell(outcome: Outcome) -> None:
        loaded = playground.loaded or scenario
        written(partial(_say_outcome, outcome, loaded, playground.engine, as_json=as_json))

    async def step_through() -> None:
        await hold(playground, points)
        if not await step(playground):
            stop.set()

    verdicts = Verdicts(tell, is_still=lambda: playground.holding.still)
    async with playing(engine, on_event=show, port=port, host=host) as playground:
        if warning := playground.network_warning:
            complain(f"warning: {warning}")
        serving = asyncio.create_task(_serve_scenario(library, scenario, playground, say_where=not as_json))
        stopping = asyncio.create_task(stop.wait())
        stepping = asyncio.create_task(step_through()) if points else stopping
        # A scenario that never finishes loading must not delay Ctrl+C.
        await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
        for task in (serving, stopping, stepping):
            task.cancel()
        [failed, *_] = await asyncio.gather(serving, stopping, stepping, return_exceptions=True)
        open_ones = verdicts.finish() if not unwritten else ()
        if open_ones and not as_json:
            numbers = ", ".join(f"#{conn}" for conn in open_ones)
            written(partial(say, f"{numbers}: still open when you stopped, so there is no verdict"))
        if isinstance(failed, Exception):
            raise failed
    if not unwritten and not as_json:
        written(events.say_hidden)
    if unwritten:
        raise unwritten[0]
    return OK


def _say_outcome(outcome: Outcome, scenario: Scenario, engine: str, *, as_json: bool) -> None:
    """Print the verdict on a connection that has ended, and what a browser would see."""
    if as_json:
        say(json_line(report(outcome, scenario=scenario.name, engine=engine)))
        return
    say("\n".join(diagnosis_lines(diagnose(outcome), f"#{outcome.conn} ")))


async def _serve_scenario(
    library: Library, scenario: Scenario, playground: Playground, *, say_where: bool
) -> None:
    """Load the scenario, print its address, and load it again whenever it is saved."""
    await playground.load(scenario)
    if say_where:
        for line in _where(scenario, playground):
            say(line)
    await _reload_when_saved(library, scenario, playground)


def _where(scenario: Scenario, playground: Playground) -> Iterator[str]:
    """The address to connect to, or each that there is if the app leaves a choice."""
    title, stop = paint(visible(scenario.title), "strong"), "(Ctrl+C to stop)"
    path = scenario.path or default_path(playground.routes)
    if path is not None:
        url = visible(playground.url + path)
        yield f"{title} at {paint(url, 'good')}  {stop}"
        yield paint(f"  wscat -c {shlex.quote(url)} -H 'Authorization: ...'", "dim")
        return
    routes = websocket_routes(playground.routes)
    yield f"{title} at one of these addresses  {stop}"
    for route in routes[:MOST_ROUTES]:
        yield "  " + paint(visible(playground.url + shown(route)), "good")
    if len(routes) > MOST_ROUTES:
        yield f"  and {len(routes) - MOST_ROUTES} more"


async def _reload_when_saved(library: Library, scenario: Scenario, playground: Playground) -> None:
    """Load the scenario again each time one of its files is saved; if that fails, say why.

    The previous version stays loaded then. A save while a scenario is being loaded ends that: it may never
    come to an end.
    """
    saves = Saves({scenario.file, *playground.files})
    # It may have been saved while the server started.
    again = library.refresh(scenario).source != scenario.source
    while True:
        if not again:
            await saves.wait()
        fresh = library.refresh(scenario)
        again = False
        if fresh.problem is not None:
            event = not_loaded_event(fresh, time.perf_counter_ns())
            playground.note(event.lane, event.summary, **event.data)
            complain(f"not loaded: {fresh.problem}")
            continue
        loading = asyncio.create_task(_load_again(fresh, playground))
        saved = asyncio.create_task(saves.wait())
        try:
            await asyncio.wait({loading, saved}, return_when=asyncio.FIRST_COMPLETED)
            again = saved.done()
        finally:
            for task in (loading, saved):
                task.cancel()
            await asyncio.wait({loading, saved})
        if not loading.cancelled():
            loading.result()
        saves.watch({scenario.file, *playground.files})


async def _load_again(scenario: Scenario, playground: Playground) -> None:
    """Load a scenario that was saved. If that ends or blocks the server, restart it with the previous one."""
    try:
        await playground.revive()
        await playground.load(scenario)
        return
    except ServerError as error:
        complain(f"not loaded: {error}")
        if playground.alive and not isinstance(error, StalledError):
            return
    try:
        await playground.revive()
    except ServerError as error:
        complain(f"the server does not start again: {error} The next save tries it again.")
    else:
        complain("the server was restarted with the previous version; save the file to try again")
