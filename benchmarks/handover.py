"""How long an event takes: from its `t_ns` to the moment the playground passes it on, in order.

Idle: one connection after the other, a few events at a time. Also reported is how long the event took to
reach the playground, through the tap's decoder or over the pipe from the server's process: the rest is
waiting for other sources. Busy: one client sends messages without waiting for their echoes, so that both
processes observe as fast as they can; reported is the number of events out of order.
"""

from __future__ import annotations

import asyncio
import contextlib
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from measure import APPS, Result, main

from wsplay.events.event import Event
from wsplay.play.playground import Playground
from wsplay.protocol.handshake import Handshake
from wsplay.scenario.library import Library

RUNS, BURSTS, BURST = 40, 5, 1_000
#: Maximum milliseconds, idle.
BAR = 16.0
#: Seconds between two actions, and the time limit of a burst.
PAUSE, LIMIT = 0.06, 20.0


@dataclass
class Clock:
    """When each event reached the playground, and when it was passed on."""

    reached: dict[int, int] = field(default_factory=dict)  # by t_ns, which is the event's own
    waits: list[tuple[float, float]] = field(default_factory=list)  # ms until passed on, until arrived
    inverted: int = 0
    newest: int = 0
    received: int = 0
    awaited: int = -1
    reply: asyncio.Event = field(default_factory=asyncio.Event)  # everything expected has been received

    @contextlib.contextmanager
    def watching(self, playground: Playground) -> Iterator[None]:
        merger = playground._merger
        push = merger.push

        def pushed(event: Event) -> None:
            self.reached.setdefault(event.t_ns, time.perf_counter_ns())
            push(event)

        merger.push = pushed  # type: ignore[method-assign]
        with playground.listener(self.handed_over):
            yield

    def handed_over(self, event: Event) -> None:
        now = time.perf_counter_ns()
        reached = self.reached.pop(event.t_ns, now)
        self.waits.append(((now - event.t_ns) / 1e6, (reached - event.t_ns) / 1e6))
        self.inverted += event.t_ns < self.newest
        self.newest = max(self.newest, event.t_ns)
        self.received += event.kind == "client.received"
        if self.received == self.awaited:
            self.reply.set()


async def idle(playground: Playground, clock: Clock) -> None:
    for _ in range(RUNS):
        session = await playground.connect(Handshake())
        await asyncio.sleep(PAUSE)
        await session.send_text("one")
        await asyncio.sleep(PAUSE)
        await session.ping(b"two")
        await asyncio.sleep(PAUSE)
        await session.close()
        await asyncio.sleep(PAUSE)


async def busy(playground: Playground, clock: Clock) -> None:
    session = await playground.connect(Handshake(compression=False))
    for burst in range(1, BURSTS + 1):
        clock.awaited = burst * BURST
        for number in range(BURST):
            await session.send_text(f"message {number}")
        async with asyncio.timeout(LIMIT):
            await clock.reply.wait()
        clock.reply.clear()
    await session.disconnect()
    await playground.sync()


async def measured() -> tuple[Clock, Clock]:
    scenario = Library.find(user_folders=()).get(str(APPS / "echo_app.py"))
    clocks = Clock(), Clock()
    for work, clock in zip((idle, busy), clocks, strict=True):
        async with Playground() as playground:
            await playground.load(scenario)
            await playground.sync()
            with clock.watching(playground):
                await work(playground, clock)
    return clocks


def run() -> list[Result]:
    still, flood = asyncio.run(measured())
    results = []
    for name, clock, bar in (("idle", still, BAR), ("busy", flood, None)):
        handed, reached = ([pair[place] for pair in clock.waits] for place in (0, 1))
        middle = statistics.median(handed)
        details = {
            "to reach it, ms": statistics.median(reached),
            "times as long": middle / statistics.median(reached),
            "ninth of ten, ms": statistics.quantiles(handed, n=10)[-1],
            "longest, ms": max(handed),
            "events": len(handed),
            "out of order": clock.inverted,
        }
        what = f"from an event's time until it is passed on, {name}"
        results.append(Result(f"handover.{name}", what, middle, bar, unit="ms", details=details))
    return results


if __name__ == "__main__":
    main(run)
