"""The library, run: every try as expected, and one choice of each challenge confirmed, on each engine.

All of an engine's tries are run together, several scenarios at once, and so are all of its challenges; each
test then looks at what its own scenario came to.
"""

import asyncio
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import aclosing
from typing import Any

import pytest

from wsplay.challenge.grading import Grading
from wsplay.play.every_try import NotRun, run_every_try
from wsplay.play.pool import Pool
from wsplay.protocol.engine import ENGINE_NAMES
from wsplay.scenario.block import ScriptBlock, find_block, read_toml
from wsplay.scenario.file import Scenario
from wsplay.scenario.library import Library

pytestmark = pytest.mark.slow

SCENARIOS = Library.find(()).scenarios
WITH_CHALLENGE = [scenario for scenario in SCENARIOS if scenario.challenge and not scenario.challenge.bench]
#: Words that are in many titles and choices, and give nothing away.
SMALL = {"and", "are", "before", "for", "from", "its", "that", "the", "this", "with", "without"}
#: The headings of the OWASP WebSocket Security Cheat Sheet that scenarios may quote; "" quotes all of it.
HEADINGS = {
    "",
    "Authentication and Authorization",
    "Origin Header Validation",
    "Additional CSWSH Protections",
    "Session Management",
    "Message-Level Authorization",
    "Input Validation",
    "Denial-of-Service Protection",
    "Security Monitoring and Logging",
}
#: Scenarios that run at once. The tests in the other processes need the machine, too.
AT_ONCE = 6
Once = Callable[[str, Callable[[], Any]], Any]


def each(scenarios: Iterable[Scenario]) -> Iterator[object]:
    for engine in ENGINE_NAMES:
        for scenario in scenarios:
            yield pytest.param(engine, scenario, id=f"{scenario.name}-{engine}")


async def run_tries(engine: str) -> dict[str, dict[str, Any]]:
    """By scenario and try: what differs from what is expected, and the verdict."""
    found: dict[str, dict[str, Any]] = {scenario.name: {} for scenario in SCENARIOS}
    async with aclosing(run_every_try(SCENARIOS, engine=engine, jobs=AT_ONCE)) as runs:
        async for run in runs:
            if isinstance(run, NotRun):
                found[run.scenario.name][str(run.try_name)] = [["not run"], run.reason]
            else:
                found[run.scenario.name][str(run.try_.name)] = [run.mismatches, run.diagnosis.text]
    return found


async def grade_challenges(engine: str) -> dict[str, Any]:
    """By scenario: each choice of its challenge, graded, as JSON; or what went wrong."""
    pool = Pool(engine, AT_ONCE)
    gradings = [Grading(pool, each, each.challenge, {}) for each in WITH_CHALLENGE if each.challenge]
    found: dict[str, Any] = {}
    async with pool:
        for scenario, grading in zip(WITH_CHALLENGE, gradings, strict=True):
            try:
                found[scenario.name] = [result.to_json() for result in await grading.results()]
            except Exception as error:
                found[scenario.name] = repr(error)
    return found


@pytest.mark.parametrize(("engine", "scenario"), each(SCENARIOS))
def test_every_try_comes_out_as_expected(engine: str, scenario: Scenario, once: Once) -> None:
    assert scenario.problem is None
    assert scenario.tries
    for each in scenario.tries:
        assert each.expect.on(engine), f"{each.name} expects nothing"
    found = once(f"tries-{engine}", lambda: asyncio.run(run_tries(engine)))[scenario.name]
    assert list(found) == [each.name for each in scenario.tries]
    for name, (mismatches, text) in found.items():
        assert mismatches == [], f"{name}: {text}"


@pytest.mark.parametrize(("engine", "scenario"), each(WITH_CHALLENGE))
def test_the_run_confirms_exactly_one_choice(engine: str, scenario: Scenario, once: Once) -> None:
    choices = once(f"choices-{engine}", lambda: asyncio.run(grade_challenges(engine)))[scenario.name]
    assert isinstance(choices, list), choices
    assert sum(choice["borne_out"] for choice in choices) == 1, choices
    assert scenario.challenge is not None
    right = next(place for place, choice in enumerate(choices) if choice["borne_out"])
    told = only_in(scenario)[right]
    assert told == set(), f"the title or the level gives the answer away: {told}"


def only_in(scenario: Scenario) -> list[set[str]]:
    """For each choice, the words of title and level that are in it alone, and not in the question."""
    challenge = scenario.challenge
    assert challenge is not None
    said = words(f"{scenario.title} {challenge.level}") - words(challenge.question)
    found = [words(choice.text) & said for choice in challenge.choices]
    return [
        one - set[str]().union(*(other for at, other in enumerate(found) if at != place))
        for place, one in enumerate(found)
    ]


def words(text: str) -> set[str]:
    return {word for word in re.findall(r"[a-z0-9]+", text.lower()) if len(word) > 2} - SMALL


def test_what_is_quoted_of_the_websocket_cheat_sheet_is_a_heading_there() -> None:
    for scenario in SCENARIOS:
        for source in scenario.sources:
            sheet, _, heading = source.partition(", ")
            if sheet == "OWASP WebSocket Security Cheat Sheet":
                assert heading in HEADINGS, f"{scenario.name}: {source}"


def test_every_scenario_has_a_challenge_and_there_are_enough() -> None:
    without = [scenario.name for scenario in SCENARIOS if scenario.challenge is None]
    assert without == []
    assert len(SCENARIOS) >= 24


def test_no_grade_is_stored() -> None:
    """A challenge's tables hold claims, and no word for which of them is right."""
    allowed = {"text", "holds", "holds_on", "try", "patch", "bench"}
    for scenario in SCENARIOS:
        block = find_block(scenario.source)
        assert isinstance(block, ScriptBlock)
        table = read_toml(block)
        assert isinstance(table, dict)
        for choice in table["tool"]["wsplay"]["challenge"]["choice"]:
            assert set(choice) <= allowed
            assert ("holds" in choice) != ("bench" in choice)


def test_the_five_seed_problems_are_there() -> None:
    seeds = sorted(s.challenge.seed for s in SCENARIOS if s.challenge and s.challenge.seed is not None)
    assert seeds == [1, 2, 3, 4, 5]
