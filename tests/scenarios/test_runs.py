"""The library, run: every try as expected, and one choice of each challenge borne out, on each engine."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest

from wsplay.challenge.grading import grade_challenge
from wsplay.play.playground import Playground
from wsplay.play.runner import TIMEOUT, Attempt, run_attempt
from wsplay.protocol.engine import ENGINE_NAMES
from wsplay.scenario.challenge_table import parse_challenge
from wsplay.scenario.file import Scenario
from wsplay.scenario.library import Library

SCENARIOS = Library.find(()).scenarios


def each(of: str) -> Iterator[object]:
    for engine in ENGINE_NAMES:
        for scenario in SCENARIOS:
            if of == "tries" or (scenario.challenge is not None and "bench" not in str(scenario.challenge)):
                yield pytest.param(engine, scenario, id=f"{scenario.name}-{engine}")


@asynccontextmanager
async def playing(engine: str, scenario: Scenario) -> AsyncIterator[Playground]:
    async with Playground(engine=engine) as playground:
        await playground.load(scenario)
        yield playground


@pytest.mark.parametrize(("engine", "scenario"), each("tries"))
async def test_every_try_comes_out_as_expected(engine: str, scenario: Scenario) -> None:
    assert scenario.problem is None
    assert scenario.tries
    async with playing(engine, scenario) as playground:
        for template in scenario.tries:
            expect = template.expect_for(engine)
            assert expect, f"{template.name} expects nothing"
            attempt = Attempt(template.name, template.handshake, expect)
            run = await run_attempt(playground, scenario, attempt, timeout=template.timeout or TIMEOUT)
            assert run.mismatches == (), f"{template.name}: {run.diagnosis.text}"


@pytest.mark.parametrize(("engine", "scenario"), each("challenges"))
async def test_the_run_bears_out_exactly_one_choice(engine: str, scenario: Scenario) -> None:
    challenge = parse_challenge(scenario)
    assert challenge is not None
    async with playing(engine, scenario) as playground:
        graded = await grade_challenge(playground, scenario, challenge)
    told = {item.choice.text: [str(check) for check in item.grade.checks] for item in graded}
    assert sum(item.confirmed for item in graded) == 1, told


def test_every_scenario_has_a_challenge_and_there_are_enough() -> None:
    without = [scenario.name for scenario in SCENARIOS if scenario.challenge is None]
    assert without == []
    assert len(SCENARIOS) >= 24


def test_no_grade_is_stored() -> None:
    """A challenge's tables hold claims, and no word for which of them is right."""
    allowed = {"text", "holds", "holds_on", "try", "patch", "bench"}
    for scenario in SCENARIOS:
        assert scenario.challenge is not None
        for choice in scenario.challenge["choice"]:
            assert set(choice) <= allowed
            assert ("holds" in choice) != ("bench" in choice)


def test_the_five_seed_problems_are_there() -> None:
    seeds = sorted(s.challenge["seed"] for s in SCENARIOS if s.challenge and "seed" in s.challenge)
    assert seeds == [1, 2, 3, 4, 5]
