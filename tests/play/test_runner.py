import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from wsplay.events.event import Event, Lane
from wsplay.play.playground import Playground
from wsplay.play.runner import TO_THE_END, Run, Watch, run_try
from wsplay.protocol.engine import ENGINE_NAMES
from wsplay.protocol.handshake import Handshake
from wsplay.protocol.steps import Close, SendText
from wsplay.scenario.expectations import Expectations
from wsplay.scenario.file import Scenario
from wsplay.scenario.library import Library
from wsplay.scenario.tries import Try
from wsplay.verdict.expectation import Expectation

WriteScenario = Callable[..., Scenario]


pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.slow]


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=ENGINE_NAMES)
async def any_playground(request: pytest.FixtureRequest) -> AsyncIterator[Playground]:
    """One for all tests on an engine: each loads a scenario of its own."""
    async with Playground(engine=request.param) as playground:
        yield playground


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def playground() -> AsyncIterator[Playground]:
    """One on the usual engine, for tests that load a scenario of their own and leave the server alive."""
    async with Playground() as playground:
        yield playground


@pytest_asyncio.fixture(loop_scope="module")
async def own_playground() -> AsyncIterator[Playground]:
    """One for a test alone."""
    async with Playground() as playground:
        yield playground


async def run(
    playground: Playground,
    scenario: Scenario,
    expect: dict[str, Any] | None = None,
    handshake: Handshake | None = None,
    **options: Any,
) -> Run:
    await playground.load(scenario)
    try_ = Try(
        "probe", handshake or Handshake(open_timeout=20), Expectations(Expectation.parse(expect or {}))
    )
    return await run_try(playground, scenario, try_, **options)


async def test_close_before_accept_is_a_403_and_the_code_never_leaves(
    any_playground: Playground, write_scenario: WriteScenario
) -> None:
    result = await run(
        any_playground, write_scenario("await websocket.close(code=1008)"), {"status": 403, "close": "none"}
    )
    outcome = result.to_json()
    assert outcome["ended"] == "refused"
    assert outcome["status"] == 403
    assert outcome["asked"] == {"code": 1008, "reason": ""}
    assert outcome["close"] is None
    assert outcome["browser"]["code"] == 1006
    assert outcome["browser"]["by"] == "rule"
    assert outcome["expected"] is True
    assert outcome["client_error"]["type"] == "websockets.exceptions.InvalidStatus"


async def test_what_is_not_as_expected_is_told(playground: Playground, write_scenario: WriteScenario) -> None:
    result = await run(playground, write_scenario("await websocket.close(code=1008)"), {"status": 101})
    assert result.expected is False
    assert any("101" in line and "403" in line for line in result.mismatches)


async def test_the_verdict_names_the_line_of_a_close_two_files_away(
    playground: Playground, write_scenario: WriteScenario
) -> None:
    scenario = write_scenario("from guard import check\nawait check(websocket)")
    folder = Path(scenario.file).parent
    (folder / "guard.py").write_text(
        "from refusal import refuse\nasync def check(websocket):\n    await refuse(websocket)\n"
    )
    (folder / "refusal.py").write_text("async def refuse(websocket):\n    await websocket.close(1008)\n")
    outcome = (await run(playground, scenario)).to_json()
    assert outcome["verdict"].startswith(
        "The app closed before accept (refusal.py, line 2, called from line 8)"
    )


async def test_the_verdict_names_the_line_that_raised_what_the_framework_answers(
    playground: Playground, write_scenario: WriteScenario
) -> None:
    body = "from fastapi import HTTPException\nraise HTTPException(401)"
    outcome = (await run(playground, write_scenario(body))).to_json()
    assert outcome["verdict"].startswith("An exception (line 8) made the framework answer the handshake")


async def test_send_before_accept_raises_in_the_app_and_is_a_500(
    any_playground: Playground, write_scenario: WriteScenario
) -> None:
    result = await run(any_playground, write_scenario("await websocket.send_text('Welcome!')"))
    outcome = result.to_json()
    assert (outcome["ended"], outcome["status"]) == ("refused", 500)
    assert outcome["server_error"]["type"].endswith("RuntimeError")
    assert "websocket.accept" in outcome["server_error"]["message"]
    [raised] = [e for e in result.timeline if e.kind == "asgi.raised"]
    assert raised.source is not None
    assert raised.source.line == 7


async def test_a_raise_after_accept_drops_the_connection(
    any_playground: Playground, write_scenario: WriteScenario
) -> None:
    result = await run(any_playground, write_scenario("await websocket.accept()\nraise ValueError('no')"))
    outcome = result.to_json()
    assert (outcome["opened"], outcome["ended"], outcome["close"]) == (True, "dropped", None)
    assert outcome["server_error"]["message"] == "no"


async def test_an_endpoint_that_stays_open_is_left_after_the_quiet(
    any_playground: Playground, write_scenario: WriteScenario
) -> None:
    body = (
        "await websocket.accept()\n"
        "async for text in websocket.iter_text():\n    await websocket.send_text(text)"
    )
    steps = (SendText("one"), SendText("two"))
    result = await run(
        any_playground,
        write_scenario(body),
        {"received": ["one", "two"]},
        Handshake(open_timeout=20, steps=steps),
    )
    outcome = result.to_json()
    assert (outcome["ended"], outcome["received"], outcome["expected"]) == ("open", ["one", "two"], True)
    assert [e.data["why"] for e in result.timeline if e.kind == "note"] == ["quiet"]
    assert [e.kind for e in result.timeline][-1] != "client.sent"
    assert any(e.kind == "asgi.receive" and "disconnect" in e.summary for e in result.timeline)


#: It closes once it was quiet for longer than a run watches by itself.
LATE = "await websocket.accept()\nawait asyncio.sleep(0.8)\nawait websocket.close(1008)"


async def test_what_was_watched_until_it_was_quiet_is_no_more_than_still_open(
    playground: Playground, write_scenario: WriteScenario
) -> None:
    result = await run(playground, write_scenario(LATE))
    assert result.diagnosis.headline == "OPEN after 0.4 s of quiet"
    assert result.diagnosis.tone == "info"
    assert result.left_early
    assert 400 <= result.to_json()["watched_ms"] < 800


async def test_a_run_that_is_watched_to_the_end_sees_a_late_close(
    any_playground: Playground, write_scenario: WriteScenario
) -> None:
    result = await run(any_playground, write_scenario(LATE), {"opened": True}, watch=TO_THE_END)
    assert result.diagnosis.headline == "CLOSED 1008"
    assert result.to_json()["watched_ms"] is None
    assert not result.left_early


async def test_a_run_that_is_watched_to_the_end_takes_its_time(
    playground: Playground, write_scenario: WriteScenario
) -> None:
    scenario = write_scenario("await websocket.accept()\nawait websocket.receive_text()")
    result = await run(playground, scenario, {"ended": "open"}, timeout=1.2, watch=TO_THE_END)
    assert result.diagnosis.headline == "OPEN after 1.2 s"
    assert result.expected is True
    assert result.to_json()["watched_ms"] >= 1190
    assert not result.left_early


async def test_the_client_s_own_close_is_a_close_by_the_client(
    playground: Playground, write_scenario: WriteScenario
) -> None:
    body = "await websocket.accept()\nawait websocket.receive_text()"
    steps = (Close(4000, "bye"),)
    outcome = (
        await run(playground, write_scenario(body), handshake=Handshake(open_timeout=20, steps=steps))
    ).to_json()
    assert outcome["ended"] == "closed"
    assert (outcome["close"]["code"], outcome["close"]["by"]) == (4000, "client")


async def test_no_answer_to_the_handshake_ends_as_timeout(
    playground: Playground, write_scenario: WriteScenario
) -> None:
    result = await run(
        playground, write_scenario("await asyncio.sleep(3600)"), handshake=Handshake(open_timeout=0.5)
    )
    assert result.outcome.ended == "timeout"


async def test_the_limit_of_a_run_is_kept_and_shown(
    playground: Playground, write_scenario: WriteScenario
) -> None:
    body = (
        "await websocket.accept()\n"
        "while True:\n    await asyncio.sleep(0.05)\n    await websocket.send_text('.')"
    )
    result = await run(playground, write_scenario(body), timeout=1.0)
    notes = [e.data["why"] for e in result.timeline if e.kind == "note" and e.conn == result.outcome.conn]
    assert notes[0] == "timeout"
    assert result.outcome.ended == "open"


async def test_a_message_of_10_mb_and_a_burst_of_1000_arrive(
    any_playground: Playground, write_scenario: WriteScenario
) -> None:
    body = (
        "await websocket.accept()\nawait websocket.send_text('x' * 10_000_000)\n"
        "for number in range(1000):\n    await websocket.send_text(str(number))\nawait websocket.close()"
    )
    result = await run(any_playground, write_scenario(body), timeout=60)
    received = [e for e in result.timeline if e.kind == "client.received"]
    assert [e.data["size"] for e in received[:1]] == [10_000_000]
    assert [e.data["text"] for e in received[1:]] == [str(number) for number in range(1000)]
    assert len([e for e in result.timeline if e.kind == "wire.frame" and e.data["name"] == "text"]) >= 1001
    assert result.outcome.ended == "closed"


async def test_control_characters_reach_no_summary_raw(
    playground: Playground, write_scenario: WriteScenario
) -> None:
    body = (
        "print('\\x1b[31mprinted')\n"
        "await websocket.accept(headers=[(b'x-evil', b'\\x1b[2J')])\n"
        "await websocket.send_text('\\x1b]0;owned\\x07 \\u202e [/] [bold]')\n"
        "await websocket.close(1008, '\\x1b[31mred')"
    )
    result = await run(playground, write_scenario(body))
    assert all(e.summary.isprintable() for e in result.timeline)
    assert result.diagnosis.text.isprintable()
    assert result.diagnosis.headline.isprintable()


async def test_an_event_handler_that_fails_stops_the_run(
    own_playground: Playground, write_scenario: WriteScenario
) -> None:
    def closed_pipe(event: Event, start_ns: int) -> None:
        raise BrokenPipeError("nobody reads")

    scenario = write_scenario("await websocket.accept()\nawait websocket.receive_text()")
    with pytest.raises(BrokenPipeError):
        await run(own_playground, scenario, on_event=closed_pipe)


async def test_a_killed_child_ends_the_run_and_says_so(
    own_playground: Playground, write_scenario: WriteScenario
) -> None:
    body = "await websocket.accept()\nos.kill(os.getpid(), 9)"
    result = await run(own_playground, write_scenario(body))
    assert result.outcome.ended == "dropped"
    async with asyncio.timeout(20):
        while own_playground.alive:
            await asyncio.sleep(0.01)


async def test_a_run_that_is_cancelled_twice_records_nothing_more(
    own_playground: Playground, write_scenario: WriteScenario
) -> None:
    """The second cancellation comes while the first one's clean-up waits, as when the program is quit."""
    scenario = write_scenario("await websocket.accept()\nawait websocket.receive_text()")
    events: list[Event] = []
    task = asyncio.create_task(
        run(
            own_playground,
            scenario,
            timeout=30,
            watch=Watch(quiet=30),
            on_event=lambda event, _: events.append(event),
        )
    )
    async with asyncio.timeout(20):
        while not any(event.kind == "client.open" for event in events):
            await asyncio.sleep(0.01)
    task.cancel()
    while not task.done():
        await asyncio.sleep(0)
        task.cancel()
    before = len(events)
    own_playground.begin_run()  # numbers begin again: the cancelled run's timeline would refuse them
    own_playground.note(Lane.CLIENT, "the next run")
    own_playground.flush()
    assert len(events) == before


async def test_a_browser_s_cookie_depends_on_how_the_login_set_it(
    playground: Playground, library: Library
) -> None:
    """The login is another connection of the same run."""
    told = {}
    for name, try_name in [("logout_closes", "stays connected"), ("cookie_any_origin", "on another site")]:
        scenario = library.get(name)
        try_ = scenario.get_try(try_name)
        assert try_ is not None
        await playground.load(scenario)
        outcome = (await run_try(playground, scenario, try_)).to_json()
        told[name] = [item.get("samesite") for item in outcome["browser"]["unless"] if item["page"] != "any"]
    assert told == {"logout_closes": ["strict"], "cookie_any_origin": ["none"]}
