"""A run that is made in order to be compared: on the engine and with the text that are asked for."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from wsplay.play.playground import Playground
from wsplay.play.setup import PathNeeded
from wsplay.play.side_of_run import ToRun, side_of_run
from wsplay.protocol.handshake import Handshake
from wsplay.scenario.file import Scenario, Try
from wsplay.verdict.compare import compare

pytestmark = pytest.mark.slow

WriteScenario = Callable[..., Scenario]
BODY = "await websocket.close(1008)"
EDITED = "await websocket.accept()\n    await websocket.close(1008)"
BARE = Try("", Handshake(path="/ws"))


async def test_a_try_is_run_on_another_engine_and_then_on_this_one_again(
    write_scenario: WriteScenario,
) -> None:
    scenario = write_scenario(BODY, "probe")
    async with Playground(None, engine="uvicorn") as playground:
        there = await side_of_run(playground, ToRun(scenario, BARE, "uvicorn-wsproto"))
        here = await side_of_run(playground, ToRun(scenario, BARE, "uvicorn"))
    assert [side.header["engine"] for side in (there, here)] == ["uvicorn-wsproto", "uvicorn"]
    assert [(side.outcome or {}).get("ended") for side in (there, here)] == ["refused", "refused"]
    assert here.events[0].kind == "client.connecting"
    assert here.header["edited"] is False


async def test_an_edited_text_is_what_runs(write_scenario: WriteScenario) -> None:
    scenario = write_scenario(BODY, "probe")
    edited = scenario.source.replace(BODY, EDITED)
    async with Playground(None, engine="uvicorn") as playground:
        before = await side_of_run(playground, ToRun(scenario, BARE, "uvicorn"))
        after = await side_of_run(playground, ToRun(scenario, BARE, "uvicorn", edited))
    assert after.header["edited"] is True
    assert after.header["source"]["text"] == edited
    assert (after.outcome or {})["ended"] == "closed"
    assert [row.a or row.b for row in compare(before, after).part("source") if "accept" in str(row.b)]


async def test_the_path_is_filled_in_where_there_is_one_alone(write_scenario: WriteScenario) -> None:
    scenario = write_scenario(BODY, "probe")
    async with Playground(None, engine="uvicorn") as playground:
        side = await side_of_run(playground, ToRun(scenario, Try("", Handshake(path="")), "uvicorn"))
        assert side.header["request"]["path"] == "/ws"


def test_its_name() -> None:
    from wsplay.scenario.file import parse_scenario

    scenario = parse_scenario("probe", "/probe.py", "app = None\n")
    assert ToRun(scenario, BARE, "uvicorn").name == "probe"
    assert ToRun(scenario, Try("no token", Handshake(path="/ws")), "uvicorn").name == "probe @ no token"


async def test_a_path_that_cannot_be_known_is_asked_for(write_scenario: WriteScenario) -> None:
    scenario = write_scenario(BODY, "probe")
    second = '\n\n@app.websocket("/other")\nasync def other(websocket):\n    await websocket.close()\n'
    edited = scenario.source.replace('"/ws"', '"/one"') + second
    async with Playground(None, engine="uvicorn") as playground:
        with pytest.raises(PathNeeded, match="/other"):
            await side_of_run(playground, ToRun(scenario, Try("", Handshake(path="")), "uvicorn", edited))
