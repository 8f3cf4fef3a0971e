"""One try, from handshake to outcome, without a screen."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from wsplay.client.clock import Clock
from wsplay.events.event import Event, Lane
from wsplay.events.timeline import Timeline
from wsplay.play.playground import Playground, Session
from wsplay.play.setup import Setup, run_setup
from wsplay.protocol.handshake import Handshake
from wsplay.scenario.file import Scenario, Try
from wsplay.verdict.diagnosis import Diagnosis, diagnose
from wsplay.verdict.expectation import Expectation
from wsplay.verdict.outcome import Outcome
from wsplay.verdict.run import RunRecord

#: Seconds without an event after which a connection counts as kept open by the endpoint.
QUIET = 0.4
#: Seconds between two looks at a connection on which nothing happens.
TICK = 0.1
#: Seconds that a run may take.
TIMEOUT = 10.0
#: Seconds for the server to notice that the client has disconnected.
AFTERMATH = 1.0


@dataclass(frozen=True, slots=True)
class Watch:
    """How long a connection that stays open is watched, in seconds without an event on it.

    It is `quiet` once `seen_enough` says so of the outcome so far, and `limit` whatever that says.
    """

    quiet: float = QUIET
    limit: float = math.inf
    seen_enough: Callable[[Outcome], bool] = lambda outcome: True

    def enough(self, still: float, outcome: Callable[[], Outcome], expectation: Expectation) -> float | None:
        """Which of the two it was watched for, once it was. An outcome that is expected is waited for, unless
        a person has changed something.
        """
        if still < self.quiet:
            return None
        seen = outcome()
        if not seen.facts.changed_by_hand and expectation.mismatches(seen):
            return None
        if self.seen_enough(seen):
            return self.quiet
        return self.limit if still >= self.limit else None


#: Until nothing happens.
UNTIL_QUIET = Watch()
#: As long as the run may take.
TO_THE_END = Watch(seen_enough=lambda outcome: False)


@dataclass(frozen=True, slots=True)
class Run:
    """The result of a try, with its placeholders filled in. `expected` is None if nothing was expected;
    `mismatches` says what differs.
    """

    scenario: Scenario
    try_: Try
    timeline: Timeline
    outcome: Outcome
    diagnosis: Diagnosis
    expected: bool | None
    mismatches: tuple[str, ...]
    engine: str
    versions: Mapping[str, str]

    @property
    def left_early(self) -> bool:
        """Whether the client disconnected although there was time left, because nothing happened."""
        left = self.outcome.facts.left
        return left is not None and left.data.get("why") == "quiet"

    def to_json(self) -> dict[str, Any]:
        """The outcome's JSON form, the last line of a run's."""
        return self.outcome.to_json(
            scenario=self.scenario.name,
            try_name=self.try_.name or None,
            engine=self.engine,
            versions=self.versions,
            diagnosis=self.diagnosis,
            expected=self.expected,
            mismatches=self.mismatches,
        )


async def run_try(
    playground: Playground,
    scenario: Scenario,
    try_: Try,
    *,
    timeout: float = TIMEOUT,
    watch: Watch = UNTIL_QUIET,
    on_event: Callable[[Event, int], None] | None = None,
    on_request: Callable[[Handshake, Setup], None] | None = None,
) -> Run:
    """Run one try against the loaded scenario and return its result. The setup steps run first; they are in
    the timeline, but the outcome is that of the try's own connection. That one is watched until it ends,
    until the outcome is as expected and `watch` says that it was watched for long enough, or until `timeout`
    seconds are over. Then the client disconnects with a close 1000, and so do the clients that joined.
    `on_event` gets each recorded event, with the run's start in nanoseconds. `on_request` gets the request as
    it is about to be sent, and the setup before it.

    Raises `play.setup.SetupError` if the setup fails before the try's own connection.
    """
    expectation = try_.expect.on(playground.engine)
    record = RunRecord(Timeline(playground.begin_run()), playground.standing)
    log = _Log(record, playground.clock, on_event)
    session: Session | None = None
    setup: Setup | None = None
    with playground.listener(log.add_event):
        try:
            setup = await run_setup(playground, scenario, try_.handshake.before, limit=timeout)
            try_ = replace(try_, handshake=setup.fill(try_.handshake))
            if try_.handshake.before:
                await playground.sync()
            if on_request is not None:
                on_request(try_.handshake, setup)
            log.begin()
            async with playground.clock.timeout(timeout + try_.handshake.open_timeout):
                session = await playground.connect(try_.handshake)
            if session.open:
                await _stay(playground, session, log, try_, expectation, timeout, watch)
            if not session.over:  # else what is held of it goes on: its app may still run
                await session.disconnect()
            await _aftermath(playground, log, setup)
            if setup.joined:
                await setup.disconnect()
                await _aftermath(playground, log, setup)
        finally:
            if session is not None:
                await session.disconnect()
            if setup is not None:
                await setup.disconnect()
            await playground.sync()
    log.raise_problem()
    outcome = record.outcome()
    if outcome.facts.changed_by_hand:
        expectation = Expectation()  # what the try expects was not said of what a person made of it
    mismatches = tuple(expectation.mismatches(outcome))
    return Run(
        scenario=scenario,
        try_=try_,
        timeline=record.timeline,
        outcome=outcome,
        diagnosis=diagnose(outcome),
        expected=None if not expectation else not mismatches,
        mismatches=mismatches,
        engine=playground.engine,
        versions=dict(playground.versions),
    )


async def _stay(
    playground: Playground,
    session: Session,
    log: _Log,
    try_: Try,
    expectation: Expectation,
    timeout: float,
    watch: Watch,
) -> None:
    """Run the try's steps and watch until nothing more happens."""
    clock = playground.clock
    deadline = clock.time() + timeout
    steps = asyncio.create_task(_run_steps(session, try_.handshake))
    closed = asyncio.create_task(session.closed())
    try:
        while not closed.done():
            now = clock.time()
            still = now - log.last_seen
            if steps.done():
                steps.result()
                enough = watch.enough(still, log.record.outcome, expectation)
                if enough is not None:
                    # The server's late events come first, such as that its loop is blocked.
                    await playground.sync()
                    if closed.done() or log.last_seen > now:
                        continue
                    playground.note(
                        Lane.CLIENT,
                        f"idle for {enough:g} s, client disconnects",
                        session.conn,
                        why="quiet",
                        quiet_ms=round(enough * 1000),
                    )
                    return
            if now >= deadline:
                playground.note(
                    Lane.CLIENT,
                    f"time limit of {timeout:g} s reached, client disconnects",
                    session.conn,
                    why="timeout",
                    seconds=timeout,
                )
                return
            pause = min(watch.quiet - still if still < watch.quiet else TICK, max(deadline - now, 0.01))
            await asyncio.wait({closed} if steps.done() else {closed, steps}, timeout=pause)
            log.raise_problem()
    finally:
        closed.cancel()
        steps.cancel()
        await asyncio.gather(closed, steps, return_exceptions=True)


async def _run_steps(session: Session, handshake: Handshake) -> None:
    for step in handshake.steps:
        await session.run_step(step)


async def _aftermath(playground: Playground, log: _Log, setup: Setup) -> None:
    """Wait, with a limit, until the server's side of ended connections has ended too."""

    def waited_for(conn: int) -> bool:
        return playground.is_ours(conn) and all(session.conn != conn for session in setup.joined)

    clock = playground.clock
    deadline = clock.time() + AFTERMATH
    while True:
        await clock.goes()
        complete = await playground.sync()
        over = not playground.is_open(log.record.own) and not any(map(waited_for, log.running))
        if over or not complete or not playground.alive or clock.time() >= deadline:
            return
        await asyncio.sleep(0.01)


class _Log:
    """Records a run, and knows when its own connection last had an event and which apps still run."""

    def __init__(
        self, record: RunRecord, clock: Clock, on_event: Callable[[Event, int], None] | None
    ) -> None:
        self.record = record
        self._clock = clock
        self.last_seen = clock.time()
        self._on_event = on_event
        #: The connections whose app still runs.
        self.running: set[int] = set()
        self._problem: Exception | None = None

    def begin(self) -> None:
        """From now on, the next connection is the run's own."""
        self.record.expect_own()
        self.last_seen = self._clock.time()

    def add_event(self, event: Event) -> None:
        event = self.record.add_event(event)
        if event.conn is not None and event.kind == "asgi.scope":
            self.running.add(event.conn)
        elif event.conn is not None and event.kind in ("asgi.raised", "asgi.returned"):
            self.running.discard(event.conn)
        if event.conn == self.record.own:
            self.last_seen = self._clock.time()
        if self._on_event is not None and self._problem is None:
            try:
                self._on_event(event, self.record.timeline.start_ns)
            except Exception as error:  # noqa: BLE001 - kept, and raised where the run can stop
                self._problem = error

    def raise_problem(self) -> None:
        """Raise what `on_event` raised (a closed pipe, say)."""
        if self._problem is not None:
            raise self._problem
