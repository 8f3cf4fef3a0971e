"""A header that cannot be sent is refused with its reason; one that can is sent as it is."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from wsplay.play.playground import Playground
from wsplay.play.runner import run_try
from wsplay.protocol.handshake import Handshake
from wsplay.scenario.library import Library
from wsplay.scenario.tries import Try

pytestmark = pytest.mark.slow

BODY = "await websocket.accept()\nawait websocket.send_text('in')\nawait websocket.close()"
BAD = [("X-Bad", "a\r\nX-Smuggled: b"), ("X-Bad", "a\nb"), ("X-Bad", "日本"), ("", "value"), ("X Bad", "v")]


@pytest.mark.parametrize(("name", "value"), BAD)
def test_on_the_command_line_it_exits_2(wsplay: Any, endpoint: Any, name: str, value: str) -> None:
    done = wsplay("run", str(endpoint(BODY)), "-H", f"{name}: {value}")
    assert (done.returncode, done.stdout) == (2, "")
    assert "-H" in done.stderr
    assert "Traceback" not in done.stderr


async def test_in_a_playground_nothing_is_sent_and_the_next_run_goes_on(endpoint: Any) -> None:
    scenario = Library([]).open(endpoint(BODY))
    async with asyncio.timeout(60), Playground() as playground:
        await playground.load(scenario)
        for name, value in BAD:
            try_ = Try("", Handshake(headers=((name, value),)))
            result = await run_try(playground, scenario, try_)
            [error] = [event for event in result.timeline if event.kind == "client.error"]
            assert error.data["phase"] == "request"
            assert not [event for event in result.timeline if event.kind == "wire.request"]
            assert result.outcome.opened is False
            assert result.outcome.ended == "unreachable"
            assert error.summary.isprintable()
            assert result.diagnosis.text.isprintable()
        good = await run_try(playground, scenario, Try("", Handshake()))
        assert good.outcome.received == ("in",) or "in" in str(good.outcome.to_json()["received"])


async def test_what_latin_1_can_hold_is_sent_byte_for_byte(endpoint: Any) -> None:
    scenario = Library([]).open(endpoint(BODY))
    async with asyncio.timeout(60), Playground() as playground:
        await playground.load(scenario)
        try_ = Try("", Handshake(headers=(("X-Name", "Zoë ÿ"), ("x-name", ""))))
        result = await run_try(playground, scenario, try_)
        [request] = [event for event in result.timeline if event.kind == "wire.request"]
        assert [pair for pair in request.data["headers"] if pair[0].lower() == "x-name"] == [
            ["X-Name", "Zoë ÿ"],
            ["x-name", ""],
        ]


@pytest.mark.parametrize("value", ["a\\nb", "\\u65e5\\u672c"])
def test_in_a_scenario_file_it_is_told_with_the_file(wsplay: Any, endpoint: Any, value: str) -> None:
    block = f'[tool.wsplay]\n[[tool.wsplay.try]]\nname = "bad"\nheaders = [["X-Bad", "{value}"]]\n'
    path = endpoint(BODY, block=block)
    done = wsplay("run", str(path))
    assert "Traceback" not in done.stdout + done.stderr
    if done.returncode == 3:
        assert "probe.py" in done.stderr
    else:
        assert done.returncode == 0
        assert "X-Bad" in done.stdout
        assert "GET /ws" not in done.stdout


@pytest.mark.tmux
def test_in_the_terminal_it_is_refused_where_it_is_typed(terminal: Any, endpoint: Any) -> None:
    terminal.start(str(endpoint(BODY)))
    terminal.until("READY")
    terminal.keys("c")
    terminal.until("a add")
    terminal.keys("a")
    terminal.until("next")
    terminal.keys("-l", "X-Bad")
    terminal.keys("Enter")
    terminal.keys("-l", "日本")
    terminal.keys("Enter")
    terminal.until("✓ X-Bad  ")  # what is typed fast lands in the cell it is meant for
    terminal.keys("C-r")
    terminal.until("cannot connect: 日 is not latin-1")
    assert "GET /ws" not in terminal.text
    terminal.keys("C-q")
    terminal.ended(0)
