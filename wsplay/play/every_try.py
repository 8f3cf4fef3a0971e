"""Every try of every scenario, several scenarios at once: the command line and the tests use it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass

from wsplay.play.playground import Playground
from wsplay.play.pool import Pool, Work
from wsplay.play.runner import QUIET, TIMEOUT, Run, run_try
from wsplay.play.setup import LINGER, SetupError
from wsplay.protocol.steps import ConnectTry, JoinTry, Wait
from wsplay.scenario.file import Scenario, Try
from wsplay.server.parent.errors import ServerError


@dataclass(frozen=True, slots=True)
class NotRun:
    """What could not be run, and why. `try_name` is None if no try of the scenario could."""

    scenario: Scenario
    try_name: str | None
    reason: str


async def run_every_try(
    scenarios: Sequence[Scenario],
    *,
    engine: str,
    jobs: int | None = None,
    timeout: float | None = None,
    only_first: bool = False,
) -> AsyncGenerator[Run | NotRun, None]:
    """Run every try, or each scenario's first; yield the results in order, each as soon as it is known.

    `jobs` scenarios run at once, each in a server process of its own, its tries one after the other.
    `timeout` is the seconds a try may take, instead of its own. What cannot be run does not affect the rest.

    Close the generator (`contextlib.aclosing`) to end what still runs. Raises
    `server.parent.errors.StartError` where no server process starts at all.
    """
    pool = Pool(engine, jobs)
    added = []
    for scenario in scenarios:
        tries = scenario.tries[:1] if only_first else scenario.tries
        added.append(pool.add(_work(scenario, tries, timeout), seconds_of(scenario, tries)))
    async with pool:
        for scenario, results in zip(scenarios, added, strict=True):
            try:
                async for result in results:
                    yield result
            except ServerError as error:
                yield NotRun(scenario, None, str(error))


def seconds_of(scenario: Scenario, tries: Sequence[Try]) -> float:
    """About how many seconds the tries wait, according to the scenario's file. How long an endpoint makes a
    client wait is not known before the run.
    """
    if scenario.problem is not None:
        return 0.0  # it will not run
    return sum(_seconds_of(scenario, each) for each in tries)


def _seconds_of(scenario: Scenario, each: Try) -> float:
    seconds = 0.02  # that every run takes
    for step in (*each.handshake.before, *each.handshake.steps):
        match step:
            case Wait(pause):
                seconds += pause
            case ConnectTry(name) | JoinTry(name) if (other := scenario.get_try(name)) is not None:
                seconds += LINGER + _seconds_of(scenario, other)
    match each.expect.default.table.get("ended"):
        case "open":
            seconds += QUIET
        case "timeout":
            seconds += each.timeout or TIMEOUT
    return seconds


def _work(scenario: Scenario, tries: Sequence[Try], timeout: float | None) -> Work[Run | NotRun]:
    async def work(playground: Playground, post: Callable[[Run | NotRun], None]) -> None:
        if scenario.problem is not None:
            post(NotRun(scenario, None, str(scenario.problem)))
            return
        await playground.load(scenario)
        for each in tries:
            limit = timeout or each.timeout or TIMEOUT
            try:
                await playground.revive()
                post(await run_try(playground, scenario, each, timeout=limit))
            except (ServerError, SetupError) as error:
                post(NotRun(scenario, each.name, str(error)))

    return work
