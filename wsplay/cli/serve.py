"""`wsplay serve`: server and tap for any other client, events printed as they come."""

from __future__ import annotations

import asyncio
import shlex
import signal
import time
from pathlib import Path

import click

from wsplay.cli.errors import OK, CouldNotRun
from wsplay.cli.params import engine_option, read_library, scenario_argument, usable_scenario
from wsplay.cli.running import playing
from wsplay.cli.terminal import complain, paint, say, width
from wsplay.events.event import Event
from wsplay.events.safe_text import visible
from wsplay.export.jsonl import event_line
from wsplay.export.text import event_details, event_essentials, event_text
from wsplay.play.playground import Playground
from wsplay.scenario.file import Scenario
from wsplay.scenario.library import Library
from wsplay.scenario.load_error import not_loaded_event
from wsplay.server.parent.errors import ServerError

#: Seconds between two looks at the scenario's file.
WATCH_PAUSE = 0.5


@click.command("serve")
@scenario_argument
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, show_default=True, help="0 takes a free one."
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Anything else lets other machines in.")
@engine_option
@click.option("--json", "as_json", is_flag=True, help="Events as JSON lines, and nothing else on stdout.")
@click.option("-v", "--verbose", is_flag=True, help="Heads, bodies and tracebacks, too.")
@click.pass_context
def command(
    ctx: click.Context, scenario: str, port: int, host: str, engine: str, as_json: bool, verbose: bool
) -> None:
    """Serve SCENARIO and print what any client does: wscat, curl, a browser. Ctrl+C ends it.

    The file is watched: save it, and the new text is loaded.
    """
    library = read_library()
    found = usable_scenario(library, scenario)
    ctx.exit(asyncio.run(_serve(library, found, host, port, engine, as_json, verbose)))


async def _serve(
    library: Library, scenario: Scenario, host: str, port: int, engine: str, as_json: bool, verbose: bool
) -> int:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, stop.set)
    start_ns = time.perf_counter_ns()
    unwritten: list[click.ClickException] = []

    def show(event: Event) -> None:
        try:
            if as_json:
                say(event_line(event, start_ns))
                return
            say(event_text(event, start_ns, paint=paint, width=width(), tag=True))
            for line in event_details(event) if verbose else event_essentials(event):
                say(paint(f"{'':26}│ {line}", "dim"))
        except click.ClickException as error:
            unwritten.append(error)
            stop.set()

    async with playing(engine, on_event=show, port=port, host=host) as playground:
        if await _load(playground, scenario, stop):
            if not as_json:
                url = visible(playground.url + scenario.path)
                title = visible(scenario.title)
                say(f"{paint(title, 'strong')} at {paint(url, 'good')}  (Ctrl+C ends it)")
                say(paint(f"  wscat -c {shlex.quote(url)} -H 'Authorization: ...'", "dim"))
            watcher = asyncio.create_task(_reload_when_saved(library, scenario, playground))
            try:
                await stop.wait()
            finally:
                watcher.cancel()
                await asyncio.gather(watcher, return_exceptions=True)
    if unwritten:
        raise unwritten[0]
    return OK


async def _load(playground: Playground, scenario: Scenario, stop: asyncio.Event) -> bool:
    """Load; false where `stop` came first. A scenario that never loads is not to hold up Ctrl+C."""
    loading = asyncio.create_task(playground.load(scenario))
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({loading, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if not loading.done():
            return False
        await loading
    except ServerError as error:
        raise CouldNotRun(str(error)) from error
    finally:
        for task in (loading, stopping):
            task.cancel()
        await asyncio.gather(loading, stopping, return_exceptions=True)
    return True


async def _reload_when_saved(library: Library, scenario: Scenario, playground: Playground) -> None:
    """Load the scenario again each time its file changes; where that fails, say why and keep the old one."""
    path = Path(scenario.file)
    stamp = _stamp(path)
    while True:
        await asyncio.sleep(WATCH_PAUSE)
        now = _stamp(path)
        if now == stamp or now is None:
            continue
        stamp = now
        fresh = library.refresh(scenario)
        if fresh.problem is not None:
            event = not_loaded_event(fresh, time.perf_counter_ns())
            playground.note(event.lane, event.summary, **event.data)
            complain(f"not loaded: {fresh.problem}")
            continue
        try:
            if not (playground.alive and await playground.settle()):
                await playground.restart()
            await playground.load(fresh)
        except ServerError as error:
            complain(f"not loaded: {error}")


def _stamp(path: Path) -> tuple[int, int] | None:
    """What changes when the file does; None while it is not there (editors replace files)."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size
