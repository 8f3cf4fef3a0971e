"""The screen over the real server, for what no stand-in can show."""

from __future__ import annotations

import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import websockets
from textual.pilot import Pilot

from wsplay.scenario.library import Library
from wsplay.tui.app import WsplayApp
from wsplay.tui.kit.verdict_bar import VerdictBar
from wsplay.tui.main.screen import MainScreen
from wsplay.tui.main.server_state import Phase

pytestmark = pytest.mark.slow


class Play:
    """The app under test."""

    def __init__(self, app: WsplayApp, pilot: Pilot[None]) -> None:
        self.app, self.pilot = app, pilot

    @property
    def screen(self) -> MainScreen:
        screen = self.app.screen_stack[0]
        assert isinstance(screen, MainScreen)
        return screen

    @property
    def headline(self) -> str:
        return self.screen.query_one(VerdictBar).verdict.headline

    @property
    def kinds(self) -> list[str]:
        return [event.kind for event in self.screen.state.run.timeline]

    async def until(self, true: Callable[[], object], what: str) -> None:
        """Wait, at most 30 s."""
        for _ in range(1500):
            if true():
                return
            await self.pilot.pause(0.02)
        raise AssertionError(f"never came: {what} (verdict {self.headline!r}, events {self.kinds[-5:]})")

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
