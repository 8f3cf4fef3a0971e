"""The screen over the real server, for what no stand-in can show."""

from __future__ import annotations

import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import websockets
from app_under_test import AppUnderTest

from wsplay.scenario.library import Library
from wsplay.server.parent.process import ServerProcess
from wsplay.tui.app import WsplayApp
from wsplay.tui.kit.verdict_bar import VerdictBar
from wsplay.tui.main.server_state import Phase

pytestmark = pytest.mark.slow


class Play(AppUnderTest):
    """The app under test, on the main screen."""

    limit = 30.0

    @property
    def kinds(self) -> list[str]:
        return [event.kind for event in self.screen.state.run.timeline]

    @property
    def seen(self) -> str:
        return f"verdict {self.headline!r}, events {self.kinds[-5:]}"

    async def ready(self) -> None:
        await self.until(lambda: self.headline == "READY", "ready")


@asynccontextmanager
async def playing(library: Any, scenario: str) -> AsyncIterator[Play]:
    app = WsplayApp(library, scenario=scenario)
    async with app.run_test(size=(140, 40), notifications=True) as pilot:
        play = Play(app, pilot)
        await play.ready()
        yield play


@pytest.fixture
def endpoint(tmp_path: Path):
    """A library of one scenario with this body."""

    def make(body: str) -> Library:
        lines = "\n".join("    " + line for line in body.strip().splitlines())
        (tmp_path / "probe.py").write_text(
            "import os, time\nfrom fastapi import FastAPI, WebSocket\napp = FastAPI()\n"
            f'@app.websocket("/ws")\nasync def endpoint(websocket: WebSocket):\n{lines}\n',
            encoding="utf-8",
        )
        return Library([tmp_path])

    return make


async def test_a_lesson_on_every_engine(library: Library) -> None:
    async with playing(library, "close_before_accept") as it:
        for engine in ("uvicorn", "uvicorn-wsproto", "uvicorn-websockets"):
            if engine != "uvicorn":
                it.screen.action_use_engine(engine)
                await it.until(lambda engine=engine: it.screen.state.server.engine == engine, engine)
                await it.until(lambda: it.screen.state.server.up, "up")
            run = it.screen.state.run.number + 1
            await it.pilot.press("ctrl+r")
            await it.until(lambda run=run: it.screen.state.run.number == run, "a run")
            await it.until(lambda: "403" in it.headline, "the verdict")
            assert it.screen.query_one(VerdictBar).verdict.expected == "as expected"


async def test_a_server_killed_in_mid_connection_is_told_and_restarted(endpoint) -> None:
    library = endpoint("await websocket.accept()\nawait websocket.receive_text()")
    async with playing(library, "probe") as it:
        await it.pilot.press("ctrl+r")
        await it.until(lambda: it.screen.state.client == "connected", "connected")
        playground: Any = it.app.proxy.worker._playground
        os.kill(playground._server.pid, signal.SIGKILL)
        await it.until(lambda: it.screen.state.server.phase is Phase.EXITED, "exited")
        await it.until(lambda: it.screen.state.client == "idle", "the client's end")
        await it.until(lambda: "SIGKILL" in it.screen.query_one(VerdictBar).verdict.text, "told")
        await it.pilot.press("t", "R")
        await it.until(lambda: it.screen.state.server.phase is Phase.LISTENING, "listening")
        await it.pilot.press("ctrl+r")
        await it.until(lambda: it.screen.state.client == "connected", "connected again")


async def test_a_stalled_server_leaves_the_screen_alive_and_can_be_restarted(endpoint) -> None:
    async with playing(endpoint("time.sleep(600)"), "probe") as it:
        await it.pilot.press("ctrl+r")
        await it.until(lambda: it.headline == "STALLED", "stalled")
        await it.pilot.press("e")
        assert it.screen.query_one("#endpoint").has_focus
        await it.pilot.press("R")
        await it.until(lambda: it.screen.state.server.phase is Phase.LISTENING, "listening")


async def test_other_clients_show_up_and_are_told_apart(endpoint) -> None:
    library = endpoint(
        'await websocket.accept()\nawait websocket.send_text("hi")\nawait websocket.close(4000)'
    )
    async with playing(library, "probe") as it:
        await it.pilot.press("ctrl+r")
        await it.until(lambda: "4000" in it.headline, "our verdict")
        async with websockets.connect(it.screen.address, proxy=None) as other:
            assert await other.recv() == "hi"
        await it.until(lambda: {1, 2} <= {event.conn for event in it.screen.state.run.timeline}, "two")
        await it.until(lambda: "asgi.returned" in it.kinds[-8:], "its end")
        await it.pilot.press("t", "up")
        await it.until(lambda: it.headline.startswith("#2 "), "the other's verdict")


async def test_what_a_scenario_sends_reaches_no_terminal_raw(endpoint) -> None:
    nasty = "\\x1b]0;owned\\x07\\x1b[2J\\u202e[/]"
    library = endpoint(
        f'print("{nasty}")\nawait websocket.accept()\nawait websocket.send_text("{nasty}")\n'
        f'await websocket.close(4001, "{nasty}")'
    )
    async with playing(library, "probe") as it:
        await it.pilot.press("ctrl+r")
        await it.until(lambda: "4001" in it.headline, "the verdict")
        await it.pilot.press("t", "i", "home")
        for _ in range(len(it.kinds)):
            await it.pilot.press("down")
            await it.pilot.pause(0.05)
            for strip in it.screen._compositor.render_strips():
                assert not {"\x1b", "\x07", "\u202e"} & set(strip.text)


@pytest.fixture
def slow_and_broken(tmp_path: Path) -> Library:
    """Scenarios that close with a code of their own: `good`, and `slow`, which takes `SECONDS` to import.
    `fails` raises while it is imported, and `broken` is no Python.
    """
    text = (
        "import time\nfrom fastapi import FastAPI, WebSocket\ntime.sleep({seconds})\napp = FastAPI()\n"
        '@app.websocket("/ws")\nasync def endpoint(websocket: WebSocket):\n'
        "    await websocket.accept()\n    await websocket.close({code})\n"
    )
    (tmp_path / "good.py").write_text(text.format(seconds=0, code=4001), encoding="utf-8")
    (tmp_path / "slow.py").write_text(text.format(seconds=0.8, code=4002), encoding="utf-8")
    (tmp_path / "very_slow.py").write_text(text.format(seconds=3.5, code=4003), encoding="utf-8")
    (tmp_path / "fails.py").write_text('raise RuntimeError("no")\n', encoding="utf-8")
    (tmp_path / "broken.py").write_text("app = [/\n", encoding="utf-8")
    return Library([tmp_path])


@pytest.mark.parametrize(
    ("before", "chosen", "running", "code"),
    [
        ("slow", "fails", "slow.py", 4002),  # the child goes on importing `slow`, and then runs it
        ("very_slow", "fails", "good.py", 4001),  # the child is killed for it, and `good` loaded again
        ("slow", "broken", "slow.py", 4002),  # `broken` is never sent to the child
    ],
)
async def test_what_is_loaded_is_what_the_server_s_process_last_said(
    slow_and_broken, before, chosen, running, code
) -> None:
    async with playing(slow_and_broken, "good") as it:
        it.screen.action_open_scenario(before)
        await it.pilot.pause(0.25)
        it.screen.action_open_scenario(chosen)
        said = f"The previous version ({running}) is still running."
        text = ""

        def is_said() -> bool:
            nonlocal text
            verdict = it.screen.query_one(VerdictBar).verdict
            text = verdict.text
            return verdict.headline == "NOT LOADED" and said in text

        await it.until(is_said, f"{said!r}, but {text!r}")
        assert f"{chosen}.py" in text
        async with websockets.connect(it.screen.state.server.url + "/ws", proxy=None) as client:
            await client.wait_closed()
        assert client.close_code == code
        await it.pilot.pause(0.3)
        assert is_said()


async def test_after_the_time_limit_of_a_load_the_screen_still_follows_the_server(
    slow_and_broken, monkeypatch
) -> None:
    monkeypatch.setitem(ServerProcess.load.__kwdefaults__, "limit", 0.3)  # type: ignore[arg-type]
    async with playing(slow_and_broken, "good") as it:
        it.screen.action_open_scenario("slow")
        await it.until(lambda: it.headline == "NOT LOADED", "the time limit")
        await it.until(lambda: it.headline == "READY", "loaded all the same")
        assert "slow.py is loaded" in it.screen.query_one(VerdictBar).verdict.text
        await it.pilot.press("ctrl+r")
        await it.until(lambda: "4002" in it.headline, "its answer")


async def test_with_nothing_loaded_nothing_is_called_still_running(slow_and_broken, tmp_path) -> None:
    async with playing(slow_and_broken, "good") as it:
        (tmp_path / "good.py").write_text('raise RuntimeError("edited")\n', encoding="utf-8")
        it.screen.action_reload()
        await it.until(lambda: it.headline == "NOT LOADED", "not loaded")
        assert "(good.py) is still running" in it.screen.query_one(VerdictBar).verdict.text
        playground: Any = it.app.proxy.worker._playground
        os.kill(playground._server.pid, signal.SIGKILL)
        await it.until(lambda: it.screen.state.server.phase is Phase.EXITED, "exited")
        await it.until(
            lambda: "still running" not in it.screen.query_one(VerdictBar).verdict.text, "nothing is running"
        )
