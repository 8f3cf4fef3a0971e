import re
from collections.abc import Callable

import pytest

from wsplay.attack.attacks import ATTACKS, DESIGNS
from wsplay.attack.bench import AttackError, attack_scenario, attacking, seconds_to_attack
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
        "guessing": NOT_APPLICABLE,
        "foreign_origin": NOT_APPLICABLE,
        "replay": BROKEN,
        "same_address": NOT_APPLICABLE,
        "spoofed_address": NOT_APPLICABLE,
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
    assert got["guessing"] == NOT_APPLICABLE  # ten letters
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
    headlines = dict(zip(challenge.bench, (result.headline for result in graded), strict=True))
    assert headlines["jwt_before_accept"] == "1 of 8 attacks broke it"
    assert headlines["ask_by_message"] == "2 of 8 attacks broke it, one more than the best: idle sockets"
    assert "best" not in headlines["cookie_only"] + headlines["ip_filter"]
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
    # The user, two attacks of one run, three of two, and 2 s of idle sockets.
    assert 10 < seconds_to_attack(scenario) < 16
    assert seconds_to_attack(parse_scenario("x", "x.py", "app = None")) == 0.0


async def results_of(playground: Playground, scenario: Scenario, *names: str) -> dict[str, AttackResult]:
    attacks = [attack for attack in ATTACKS if attack.name in names]
    results = await attack_scenario(playground, scenario, attacks)
    return {result.attack.name: result for result in results}


async def test_guessing_tells_a_limit_from_none(library: Library) -> None:
    async with Playground() as playground:
        open_to_guesses = (await results_of(playground, library.get("brute_force"), "guessing"))["guessing"]
        limited = (await results_of(playground, library.get("guess_limit"), "guessing"))["guessing"]
    assert (open_to_guesses.verdict, limited.verdict) == (BROKEN, HELD)
    assert "20 wrong guesses of 10,000 possible ones" in open_to_guesses.why
    assert "you are in" in open_to_guesses.why
    assert "429" in limited.why
    decided = open_to_guesses.timelines[-1].get(open_to_guesses.event or 0)
    assert decided is not None
    assert decided.kind == "client.received"
    # What was said of the guesses was sent.
    sent = [
        event for timeline in open_to_guesses.timelines for event in timeline if event.kind == "client.sent"
    ]
    assert sum(event.data["type"] == "text" for event in sent) == 22


async def test_a_limit_on_each_connection_alone_stops_no_guessing(
    write_scenario: WriteScenario,
) -> None:
    block = BLOCK.format(credential="message", how='send = ["4711"]')
    scenario = write_scenario(
        "await websocket.accept()\nfor _ in range(3):\n    if await websocket.receive_text() == '4711':\n"
        "        await websocket.send_text('secret')\n        await websocket.receive_text()\n"
        "    else:\n        await websocket.send_text('wrong')\nawait websocket.close(4429)",
        block=block,
    )
    async with Playground() as playground:
        guessing = (await results_of(playground, scenario, "guessing"))["guessing"]
    assert guessing.verdict == BROKEN


async def test_a_spent_ticket_in_the_log_is_not_broken_and_one_that_still_works_is(library: Library) -> None:
    async with Playground() as playground:
        spent = (await results_of(playground, library.get("one_time_ticket"), "logged"))["logged"]
        reused = (await results_of(playground, library.get("reused_ticket"), "logged"))["logged"]
    assert (spent.verdict, reused.verdict) == (HELD, BROKEN)
    assert spent.why.startswith("the log shows it, but it works no longer (")
    assert reused.why.startswith("the log shows it, and it still works: ")
    assert len(spent.timelines) == len(reused.timelines) == 2


async def test_a_spoofed_address_that_is_let_in_holds_idle_sockets(library: Library) -> None:
    async with Playground() as playground:
        results = await results_of(playground, library.get("ip_filter"), "idle", "foreign_origin")
    assert results["idle"].verdict == BROKEN
    assert results["idle"].why == "5 of 5 silent sockets still open after 2 s"
    assert results["foreign_origin"].verdict == BROKEN


async def test_a_page_of_another_site_has_the_cookies_that_same_site_leaves_it(library: Library) -> None:
    names = ("logout_closes", "cookie_any_origin", "cookie_only")
    async with Playground() as playground:
        found = {
            name: (await results_of(playground, library.get(name), "foreign_origin"))["foreign_origin"]
            for name in names
        }
    assert {name: result.verdict for name, result in found.items()} == {
        "logout_closes": HELD,
        "cookie_any_origin": BROKEN,
        "cookie_only": BROKEN,
    }
    assert "without cookie session: SameSite=strict keeps it back" in found["logout_closes"].why
    assert found["cookie_any_origin"].why.endswith("with cookie session, set with SameSite=None")
    assert found["cookie_only"].why == 'received "guest, the secret is 42"'


async def test_a_users_scenario_is_attacked_whose_cookie_header_is_not_the_first(
    write_scenario: WriteScenario,
) -> None:
    cookie = '["X-Trace", "1"], ["Cookie", "theme=dark; session=opensesame"]'
    block = BLOCK.format(credential="cookie:session", how=f"headers = [{cookie}]")
    block = block.replace('# credential = "cookie:session"\n', "")
    scenario = write_scenario(
        "if websocket.cookies.get('session') != 'opensesame' or websocket.cookies.get('theme') != 'dark':\n"
        "    await websocket.close()\n    return\n"
        "await websocket.accept()\nawait websocket.send_text('secret')\nawait websocket.receive_text()",
        block=block,
    )
    assert scenario.attack is not None
    assert (scenario.attack.place, scenario.attack.name) == ("cookie", "session")
    async with Playground() as playground:
        got = verdicts(await attack_scenario(playground, scenario))
    assert (got["no_credentials"], got["forged"], got["replay"]) == (HELD, HELD, BROKEN)
    assert got["foreign_origin"] == BROKEN


async def test_the_jwt_and_the_question_by_message_differ_in_idle_sockets_alone(library: Library) -> None:
    """What the challenge's explanation says of the four designs, and of what pages do instead of a header."""
    pages = ("one_time_ticket", "cookie_own_origin", "first_message_deadline")
    pool = Pool("uvicorn")
    added = {name: pool.add(attacking(library.get(name)), 1.0) for name in (*DESIGNS, *pages)}
    async with pool:
        broken = {
            name: {result.attack.name async for result in results if result.verdict == BROKEN}
            for name, results in added.items()
        }
    assert broken["ask_by_message"] - broken["jwt_before_accept"] == {"idle"}
    assert broken["jwt_before_accept"] <= broken["ask_by_message"]
    assert "idle" not in broken["first_message_deadline"]
    challenge = library.get("jwt_before_accept").challenge
    assert challenge is not None
    explanation = " ".join(challenge.explanation.split())
    assert "Idle sockets alone tell the JWT from the token by message" in explanation
    assert "a page in a browser cannot send the Authorization header" in explanation
    assert all(name in explanation for name in pages)
    assert all(len(broken[name]) <= len(broken["jwt_before_accept"]) for name in pages)
