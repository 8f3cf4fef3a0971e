import re
from collections.abc import Callable
from contextlib import aclosing
from pathlib import Path

import pytest

from wsplay.play.every_try import NotRun, run_every_try, seconds_of
from wsplay.play.runner import Run
from wsplay.scenario.file import Scenario, parse_scenario
from wsplay.scenario.library import Library

pytestmark = pytest.mark.slow

WriteScenario = Callable[..., Scenario]
GOOD = "await websocket.accept()\nawait websocket.close(4000)"


def block(*tries: str) -> str:
    lines = ["[tool.wsplay]"]
    for number, each in enumerate(tries, 1):
        lines += ["[[tool.wsplay.try]]", f'name = "{number}"', *each.splitlines()]
    return "# /// script\n" + "".join(f"# {line}\n" for line in lines) + "# ///\n"


async def run_all(scenarios: list[Scenario], **options: object) -> list[Run | NotRun]:
    async with aclosing(run_every_try(scenarios, engine="uvicorn", **options)) as runs:  # type: ignore[arg-type]
        return [run async for run in runs]


def told(runs: list[Run | NotRun]) -> list[tuple[str, str | None, str]]:
    return [
        (run.scenario.name, run.try_name, "not run")
        if isinstance(run, NotRun)
        else (run.scenario.name, run.try_.name, run.outcome.ended)
        for run in runs
    ]


@pytest.mark.parametrize("jobs", [1, 3])
async def test_runs_come_in_order_whatever_takes_longest(
    write_scenario: WriteScenario, tmp_path: Path, jobs: int
) -> None:
    waits = "await websocket.accept()\nawait asyncio.sleep(0.3)\nawait websocket.close(4000)"
    broken = parse_scenario("broken", str(tmp_path / "broken.py"), "def f(:\n")
    fails = tmp_path / "fails.py"
    scenarios = [
        write_scenario(GOOD, "quick", block("", "")),
        write_scenario(waits, "slow", block("send = [{ wait = 0.4 }]", "")),
        broken,
        parse_scenario("fails", str(fails), f"raise ValueError\n{block('')}"),
        write_scenario("await websocket.close()", "refuses", block("")),
    ]
    found = await run_all(scenarios, jobs=jobs)
    assert told(found) == [
        ("quick", "1", "closed"),
        ("quick", "2", "closed"),
        ("slow", "1", "closed"),
        ("slow", "2", "closed"),
        ("broken", None, "not run"),
        ("fails", None, "not run"),
        ("refuses", "1", "refused"),
    ]
    reasons = [run.reason for run in found if isinstance(run, NotRun)]
    assert re.search(r"broken\.py:1: ", reasons[0])
    assert "ValueError" in reasons[1]


async def test_a_server_that_dies_or_blocks_is_replaced(
    write_scenario: WriteScenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wsplay.play.playground.SYNC_LIMIT", 0.7)
    kills = write_scenario("import signal\nos.kill(os.getpid(), signal.SIGKILL)", "kills", block("", ""))
    blocks = write_scenario(
        "await websocket.accept()\nwhile True: time.sleep(1)", "blocks", block("timeout = 2")
    )
    good = write_scenario(GOOD, "good", block("", ""))
    found = told(await run_all([kills, good, blocks, good], jobs=1))
    assert [(name, try_) for name, try_, _ in found] == [
        ("kills", "1"),
        ("kills", "2"),
        ("good", "1"),
        ("good", "2"),
        ("blocks", "1"),
        ("good", "1"),
        ("good", "2"),
    ]
    assert {ended for name, _, ended in found if name == "good"} == {"closed"}
    assert {ended for name, _, ended in found if name == "kills"} <= {"dropped", "refused"}


async def test_only_the_first_try_where_that_is_asked_for(write_scenario: WriteScenario) -> None:
    good = write_scenario(GOOD, "good", block("", ""))
    assert told(await run_all([good, good], only_first=True)) == [("good", "1", "closed")] * 2


def test_the_seconds_are_those_that_the_tries_say(write_scenario: WriteScenario, library: Library) -> None:
    def seconds(*tries: str) -> float:
        scenario = write_scenario(GOOD, "probe", block(*tries))
        assert scenario.problem is None, scenario.problem
        return round(seconds_of(scenario, scenario.tries), 1)

    assert seconds("") == 0.0
    assert seconds('send = ["a", { wait = 2 }, "b", { wait = 3 }]') == 5.0
    assert seconds("before = [{ wait = 2 }]") == 2.0
    assert seconds('expect = { ended = "open" }') == 0.4
    # The second try's seconds twice, and a moment after the connection that is made first.
    assert seconds("before = [{ connect = '2' }]", "send = [{ wait = 3 }]") == 6.3
    assert seconds('timeout = 7\nexpect = { ended = "timeout" }') == 7.0
    longest = sorted(library.scenarios, key=lambda scenario: -seconds_of(scenario, scenario.tries))
    assert {"expiry_checked", "expiry_unchecked", "heartbeat"} <= {scenario.name for scenario in longest[:4]}


def test_a_scenario_that_will_not_run_takes_no_time(write_scenario: WriteScenario) -> None:
    circle = write_scenario(
        GOOD, "circle", block("before = [{ connect = '2' }]", "before = [{ join = '1' }]")
    )
    assert circle.problem is not None
    assert seconds_of(circle, circle.tries) == 0.0
