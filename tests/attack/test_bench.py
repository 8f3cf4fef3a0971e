import re
from collections.abc import Callable

import pytest

from wsplay.attack.attacks import ATTACKS, DESIGNS
from wsplay.attack.bench import AttackError, attack_scenario, seconds_to_attack
from wsplay.attack.result import AttackResult, AttackVerdict, count_verdicts
from wsplay.challenge.grading import Grading
from wsplay.events.event import Lane
from wsplay.play.playground import Playground
from wsplay.play.pool import Pool
from wsplay.protocol.engine import ENGINE_NAMES
from wsplay.scenario.file import Scenario, parse_scenario
from wsplay.scenario.library import Library

pytestmark = pytest.mark.slow

WriteScenario = Callable[..., Scenario]
HELD, BROKEN, NOT_APPLICABLE = AttackVerdict

BLOCK = """
# /// script
# [tool.wsplay]
# title = "Probe"
# [tool.wsplay.attack]
# let_in = "user"
# credential = "{credential}"
# prize = "secret"
# [[tool.wsplay.try]]
# name = "user"
# {how}
# expect = {{ opened = true }}
# ///
"""


def verdicts(results: list[AttackResult]) -> dict[str, str]:
    return {result.attack.name: result.verdict for result in results}


async def test_an_endpoint_that_checks_nothing_breaks_in_every_attack_for_the_prize(
    write_scenario: WriteScenario,
) -> None:
    block = BLOCK.format(credential="header:Authorization", how='headers = [["Authorization", "opensesame"]]')
    scenario = write_scenario(
        "await websocket.accept()\nawait websocket.send_text('secret')\nawait websocket.receive_text()",
        block=block,
    )
    async with Playground() as playground:
        results = await attack_scenario(playground, scenario)
    assert verdicts(results) == {
        "no_credentials": BROKEN,
        "forged": BROKEN,
        "expired": NOT_APPLICABLE,
        "no_expiry": NOT_APPLICABLE,
        "alg_none": NOT_APPLICABLE,
        "foreign_origin": BROKEN,
        "replay": BROKEN,
        "same_address": BROKEN,
        "spoofed_address": BROKEN,
        "idle": BROKEN,
        "logged": HELD,
    }
    decided = [
        None if result.event is None else result.timelines[-1].get(result.event) for result in results[:2]
    ]
    assert [event and (event.kind, event.data["text"]) for event in decided] == [
        ("client.received", "secret")
    ] * 2


async def test_a_token_in_the_query_is_found_in_the_log(write_scenario: WriteScenario) -> None:
    block = BLOCK.format(credential="query:token", how='query = [["token", "opensesame"]]')
    scenario = write_scenario(
        "if websocket.query_params.get('token') != 'opensesame':\n    await websocket.close()\n    return\n"
        "await websocket.accept()\nawait websocket.send_text('secret')\nawait websocket.receive_text()",
        block=block,
    )
    async with Playground() as playground:
        results = await attack_scenario(playground, scenario)
    got = verdicts(results)
    assert got["logged"] == BROKEN
    assert got["no_credentials"] == got["forged"] == got["idle"] == HELD
    logged = next(result for result in results if result.attack.name == "logged")
    assert "opensesame" in logged.why
    assert logged.event is not None
    decided = logged.timelines[-1].get(logged.event)
    assert decided is not None
    assert decided.lane is Lane.SERVER
    assert "opensesame" in decided.summary


async def test_a_success_marker_that_comes_late_is_waited_for(write_scenario: WriteScenario) -> None:
    """The user's own, and the attacker's, who may have to wait somewhat longer."""
    block = BLOCK.format(credential="header:A", how='headers = [["A", "opensesame"]]')
    scenario = write_scenario(
        "await websocket.accept()\n"
        "known = websocket.headers.get('a') == 'opensesame'\n"
        "await asyncio.sleep(0.7 if known else 1.5)\n"
        "await websocket.send_text('secret')\nawait websocket.receive_text()",
        block=block,
    )
    attacks = [attack for attack in ATTACKS if attack.name == "no_credentials"]
    async with Playground() as playground:
        [result] = await attack_scenario(playground, scenario, attacks)
    assert (result.verdict, result.why) == (BROKEN, 'received "secret"')


async def test_an_attack_that_holds_says_how_long_it_was_waited_for(write_scenario: WriteScenario) -> None:
    block = BLOCK.format(credential="header:A", how='headers = [["A", "opensesame"]]')
    scenario = write_scenario(
        "await websocket.accept()\n"
        "if websocket.headers.get('a') == 'opensesame':\n    await websocket.send_text('secret')\n"
        "await websocket.receive_text()",
        block=block,
    )
    attacks = [attack for attack in ATTACKS if attack.name == "no_credentials"]
    async with Playground() as playground:
        [result] = await attack_scenario(playground, scenario, attacks)
    assert result.verdict == HELD
    assert re.fullmatch(r"OPEN after 1(\.\d)? s of quiet", result.why)


async def test_an_endpoint_that_refuses_its_own_user_is_not_attacked(write_scenario: WriteScenario) -> None:
    block = BLOCK.format(credential="header:A", how='headers = [["A", "b"]]')
    scenario = write_scenario("await websocket.close()", block=block)
    async with Playground() as playground:
        with pytest.raises(AttackError, match="prove nothing"):
            await attack_scenario(playground, scenario)


@pytest.mark.parametrize("engine", ENGINE_NAMES)
async def test_one_of_the_four_designs_breaks_least_and_every_result_that_ran_opens_its_runs(
    engine: str, library: Library
) -> None:
    scenario = library.get("jwt_before_accept")
    challenge = scenario.challenge
    assert challenge is not None
    assert set(challenge.bench) == set(DESIGNS)
    pool = Pool(engine)
    grading = Grading(pool, scenario, challenge, {name: library.get(name) for name in DESIGNS})
    async with pool:
        graded = await grading.results()
    broken = [count_verdicts(result.attacks)[BROKEN] for result in graded]
    assert [count for count, result in zip(broken, graded, strict=True) if result.confirmed] == [min(broken)]
    for name, choice in zip(challenge.bench, graded, strict=True):
        assert [result.attack for result in choice.attacks] == list(ATTACKS)
        for result in choice.attacks:
            assert result.scenario == name
            assert result.verdict == NOT_APPLICABLE or all(len(timeline) for timeline in result.timelines)


async def test_an_endpoint_that_asks_for_nothing_is_not_attacked_unasked(
    write_scenario: WriteScenario,
) -> None:
    block = BLOCK.replace(
        '# [tool.wsplay.attack]\n# let_in = "user"\n# credential = "{credential}"\n# prize = "secret"\n', ""
    )
    block = block.format(how='expect.received = ["hi"]').replace("# expect = { opened = true }\n", "")
    scenario = write_scenario("await websocket.accept()", block=block)
    assert scenario.problem is None
    with pytest.raises(AttackError, match="no credential"):
        await attack_scenario(Playground(), scenario)


async def test_a_scenario_that_tells_of_no_user_says_what_to_add() -> None:
    with pytest.raises(AttackError, match="tries"):
        await attack_scenario(Playground(), parse_scenario("x", "x.py", "app = None"))


def test_the_seconds_are_those_of_the_user_for_each_run_and_the_idle_sockets(
    write_scenario: WriteScenario,
) -> None:
    block = BLOCK.format(
        credential="header:A", how='headers = [["A", "b"]]\n# send = [{ wait = 1 }]\n# timeout = 5'
    )
    scenario = write_scenario("await websocket.accept()", block=block)
    # The user, five attacks of one run and three of an address, a replay of two, and 2 s of idle sockets.
    assert 11 < seconds_to_attack(scenario) < 16
    assert seconds_to_attack(parse_scenario("x", "x.py", "app = None")) == 0.0
