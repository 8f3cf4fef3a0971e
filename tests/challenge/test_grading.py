"""Challenges graded in a pool, as in one playground."""

from collections.abc import Callable

import pytest

from wsplay.attack.bench import AttackError
from wsplay.challenge.grading import ChallengeError, Grading, grade_challenge, seconds_to_grade
from wsplay.challenge.result import ChoiceResult
from wsplay.play.playground import Playground
from wsplay.play.pool import Pool
from wsplay.scenario.file import Scenario
from wsplay.scenario.library import Library
from wsplay.server.parent.errors import LoadError

pytestmark = pytest.mark.slow

WriteScenario = Callable[..., Scenario]

RUNS = """
[tool.wsplay]
[[tool.wsplay.try]]
name = "x"
[tool.wsplay.challenge]
question = "What does the client see?"
[[tool.wsplay.challenge.choice]]
text = "4000"
holds = { close = 4000 }
[[tool.wsplay.challenge.choice]]
text = "4001"
holds = { close = 4001 }
[[tool.wsplay.challenge.choice]]
text = "4000, and 4001 in the code"
holds = { close = 4000 }
patch = [["close(4000)", "close(4001)"]]
"""
#: Two designs: one asks for a word, the other for nothing.
DESIGN = """
[tool.wsplay]
[tool.wsplay.attack]
let_in = "user"
credential = "header:A"
prize = "secret"
[[tool.wsplay.try]]
name = "user"
headers = [["A", "opensesame"]]
"""
ASKS = "if websocket.headers.get('a') != 'opensesame':\n    await websocket.close()\n    return\n"
LETS_IN = "await websocket.accept()\nawait websocket.send_text('secret')\nawait websocket.close()"
BENCH = """
[tool.wsplay]
[[tool.wsplay.try]]
name = "x"
[tool.wsplay.challenge]
question = "Which is broken least?"
[[tool.wsplay.challenge.choice]]
text = "open"
bench = "open"
[[tool.wsplay.challenge.choice]]
text = "asks"
bench = "asks"
"""
GOOD = "await websocket.accept()\nawait websocket.close(4000)"


def block(toml: str) -> str:
    return "# /// script\n" + "".join(f"# {line}\n" for line in toml.strip().splitlines()) + "# ///\n"


def written(results: list[ChoiceResult]) -> list[tuple[bool, str, list[tuple[str, str, bool]]]]:
    """What a choice came to, without what differs from run to run."""
    return [
        (
            result.confirmed,
            result.headline,
            [(check.key, check.observed, check.ok) for check in result.checks],
        )
        for result in results
    ]


@pytest.mark.parametrize("jobs", [1, 4])
async def test_in_a_pool_each_comes_out_as_it_does_alone(write_scenario: WriteScenario, jobs: int) -> None:
    designs = {
        "open": write_scenario(LETS_IN, "open", block(DESIGN)),
        "asks": write_scenario(ASKS + LETS_IN, "asks", block(DESIGN)),
    }
    scenarios = [
        write_scenario(GOOD, "runs", block(RUNS)),
        write_scenario(GOOD, "bench", block(BENCH)),
    ]
    alone: list[list[ChoiceResult]] = []
    async with Playground() as playground:
        for scenario in scenarios:
            assert scenario.challenge is not None, scenario.challenge_problem
            alone.append(await grade_challenge(playground, scenario, scenario.challenge, designs))
    pool = Pool("uvicorn", jobs)
    gradings = [Grading(pool, each, each.challenge, designs) for each in scenarios if each.challenge]
    async with pool:
        found = [await grading.results() for grading in gradings]
    assert list(map(written, found)) == list(map(written, alone))
    assert [result.confirmed for result in found[0]] == [True, False, False]
    assert [result.confirmed for result in found[1]] == [False, True]


async def test_what_cannot_be_graded_is_told_in_its_place_and_the_others_are_graded(
    write_scenario: WriteScenario,
) -> None:
    refuses = write_scenario("await websocket.close()", "open", block(DESIGN))
    bench = write_scenario(GOOD, "bench", block(BENCH))
    raises = write_scenario(GOOD, "raises", f"raise ValueError\n{block(RUNS)}")
    good = write_scenario(GOOD, "good", block(RUNS))
    pool = Pool("uvicorn", 4)
    gradings = [
        Grading(pool, scenario, scenario.challenge, designs)
        for scenario, designs in ((bench, {}), (bench, {"open": refuses}), (raises, {}), (good, {}))
        if scenario.challenge
    ]
    async with pool:
        with pytest.raises(ChallengeError, match="no scenario 'open'"):
            await gradings[0].results()
        with pytest.raises(AttackError, match="prove nothing"):
            await gradings[1].results()
        with pytest.raises(LoadError, match="ValueError"):
            await gradings[2].results()
        assert [result.confirmed for result in await gradings[3].results()] == [True, False, False]


FIX = """
[tool.wsplay]
[[tool.wsplay.try]]
name = "says nothing"
[tool.wsplay.challenge]
question = "Which change closes a connection on which nobody speaks?"
[[tool.wsplay.challenge.choice]]
text = "A deadline of one second"
holds = { close = 1008 }
patch = [["await websocket.receive_text()", "await asyncio.sleep(1)"]]
[[tool.wsplay.challenge.choice]]
text = "None: it stays open as it is"
holds = { close = 1008 }
[[tool.wsplay.challenge.choice]]
text = "With the deadline, it still stays open"
holds = { ended = "open" }
patch = [["await websocket.receive_text()", "await asyncio.sleep(1)"]]
[[tool.wsplay.challenge.choice]]
text = "It is never accepted"
holds = { opened = false }
patch = [["receive_text()", "receive_bytes()"]]
"""


async def test_a_choice_is_watched_for_its_own_claim(write_scenario: WriteScenario) -> None:
    """A fix with a deadline of one second closes after it was quiet for a second."""
    body = "await websocket.accept()\nawait websocket.receive_text()\nawait websocket.close(1008)"
    scenario = write_scenario(body, block=block(FIX))
    assert scenario.challenge is not None, scenario.problem
    async with Playground() as playground:
        found = await grade_challenge(playground, scenario, scenario.challenge, {})
    assert [result.confirmed for result in found] == [True, False, False, False]
    assert [result.headline for result in found] == [
        "CLOSED 1008",
        "OPEN after 3 s of quiet",
        "CLOSED 1008",
        "OPEN after 0.6 s of quiet",  # nothing can confirm it any more
    ]


def test_the_seconds_are_those_of_each_patch_and_try_once(
    write_scenario: WriteScenario, library: Library
) -> None:
    waits = RUNS.replace('name = "x"', 'name = "x"\nsend = [{ wait = 2 }]')
    scenario = write_scenario(GOOD, "waits", block(waits))
    assert scenario.challenge is not None
    assert 4 <= seconds_to_grade(scenario, scenario.challenge) < 4.5
    known = {
        each.name: seconds_to_grade(each, each.challenge) for each in library.scenarios if each.challenge
    }
    longest = sorted(known, key=lambda name: -known[name])[:3]
    assert {"expiry_checked", "expiry_unchecked"} <= set(longest), longest
