"""From choosing another scenario to its first handshake, compared with restarting uvicorn."""

from __future__ import annotations

import asyncio
import itertools
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from measure import (
    PYTHON,
    ROOT,
    Result,
    end,
    free_port,
    main,
    median,
    milliseconds,
    process,
    take_turns,
    until_ready,
)

from wsplay.play.playground import Playground
from wsplay.scenario.library import Library

ROUNDS = 9
BAR = 10.0
NAMES = ("no_auth", "accept_then_close")


@contextmanager
def playground() -> Iterator[Callable[[], float]]:
    """A running playground; the function loads the other scenario and says how long it took."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    library = Library.find()
    scenarios = itertools.cycle([library.get(name) for name in NAMES])

    async def start() -> Playground:
        playground = Playground()
        await playground.start()
        return playground

    running = asyncio.run_coroutine_threadsafe(start(), loop).result(60)

    def switch() -> float:
        start = time.perf_counter()
        asyncio.run_coroutine_threadsafe(running.load(next(scenarios)), loop).result(60)
        until_ready(running.address[1], 0.001)
        return time.perf_counter() - start

    try:
        yield switch
    finally:
        asyncio.run_coroutine_threadsafe(running.aclose(), loop).result(60)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


@contextmanager
def uvicorn() -> Iterator[Callable[[], float]]:
    """uvicorn as a user runs it; the function stops it and starts it with the other file."""
    port = free_port()
    folder = str(ROOT / "scenarios")
    names = itertools.cycle(NAMES)
    with ExitStack() as stack:

        def start() -> None:
            argv = ("-m", "uvicorn", f"{next(names)}:app", "--app-dir", folder, "--port", str(port))
            running.append(stack.enter_context(process(PYTHON, *argv)))
            until_ready(port, 0.001)

        running = []
        start()

        def restart() -> float:
            begin = time.perf_counter()
            end(running.pop())
            start()
            return time.perf_counter() - begin

        yield restart


def run() -> list[Result]:
    with playground() as switch, uvicorn() as restart:
        bare, ours = take_turns(ROUNDS, restart, switch)
    details = {"restart uvicorn": milliseconds(bare), "switch": milliseconds(ours), "rounds": ROUNDS}
    ratio = median(bare) / median(ours)
    what = "switch scenario, times faster than restarting uvicorn"
    return [Result("switch", what, ratio, BAR, at_most=False, details=details)]


if __name__ == "__main__":
    main(run)
