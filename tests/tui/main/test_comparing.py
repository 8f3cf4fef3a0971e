"""What `B` compares the run on show with: over made-up runs, and over real ones where one has to be made."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from app_under_test import AppUnderTest

from wsplay.scenario.library import Library
from wsplay.tui.app import WsplayApp
from wsplay.tui.compare.screen import CompareScreen
from wsplay.tui.kit.key_menu import KeyMenu
from wsplay.verdict.compare import Comparison, Op

pytestmark = pytest.mark.slow


class Play(AppUnderTest):
    """The app under test, and the comparison it shows."""

    limit = 60.0

    @property
    def compare(self) -> CompareScreen:
        screen = self.app.screen
        assert isinstance(screen, CompareScreen)
        return screen

    async def run(self, said: str) -> None:
        """Connect, and wait for the outcome."""
        number = self.main.state.run.number + 1
        await self.press("ctrl+r")
        await self.until(lambda: self.main.state.run.number == number and said in self.headline, said)

    async def choose(self, key: str) -> Comparison:
        """Open the menu, choose by key, and wait for the comparison."""
        await self.press("B")
        await self.until(lambda: isinstance(self.app.screen, KeyMenu), "the menu")
        await self.pilot.pause()
        await self.press(key)
        await self.until(
            lambda: isinstance(self.app.screen, CompareScreen) and self.compare.compared, "the comparison"
        )
        assert self.compare.compared is not None
        return self.compare.compared

    async def offered(self) -> list[str]:
        """The keys of the menu."""
        await self.press("B")
        await self.until(lambda: isinstance(self.app.screen, KeyMenu), "the menu")
        screen = self.app.screen
        assert isinstance(screen, KeyMenu)
        return [choice.key for choice in screen.choices]

    def names(self, compared: Comparison, key: str) -> tuple[Any, Any]:
        """What a target's row says of both runs."""
        row = next(row for row in compared.part("target") if row.key == key)
        return row.a, row.b


@asynccontextmanager
async def playing(library: Any, scenario: str, **options: Any) -> AsyncIterator[Play]:
    app = WsplayApp(library, scenario=scenario, **options)
    async with app.run_test(size=(140, 40), notifications=True) as pilot:
        play = Play(app, pilot)
        await play.until(lambda: play.headline == "READY", "ready")
        yield play


async def test_without_a_run_there_is_nothing_to_compare(library: Library, fake_playgrounds: Any) -> None:
    async with playing(library, "3", make_playground=fake_playgrounds) as it:
        await it.press("B")
        await it.until(lambda: "no run to compare yet: ctrl+r connects" in it.told, "the hint")


async def test_two_runs_are_compared_in_two_keys(library: Library, fake_playgrounds: Any) -> None:
    async with playing(library, "3", make_playground=fake_playgrounds) as it:
        await it.run("403")
        assert await it.offered() == ["e", "t"]
        await it.press("escape")
        await it.press("right_square_bracket")
        await it.run("403")
        compared = await it.choose("b")
        tries = [try_.name for try_ in it.main.library.get("3").tries]
        assert it.names(compared, "try") == (tries[0], tries[1])
        assert not any(row.op is not Op.SAME for row in compared.part("event"))
        await it.press("escape")
        await it.until(lambda: it.app.screen is it.main, "the main screen")


async def test_what_cannot_be_run_is_told(library: Library, fake_playgrounds: Any) -> None:
    from wsplay.server.parent.errors import StartError

    async with playing(library, "3", make_playground=fake_playgrounds) as it:
        await it.run("403")
        fake_playgrounds.prepare = lambda playground: setattr(playground, "fail_start", StartError("no room"))
        await it.press("B")
        await it.until(lambda: isinstance(it.app.screen, KeyMenu), "the menu")
        await it.press("e")
        await it.until(lambda: any("no room" in told for told in it.told), "the problem")
        await it.press("escape")
        await it.until(lambda: it.app.screen is it.main, "the main screen")
        assert it.main.state.server.up


async def test_the_next_engine_is_run_beside_and_the_main_server_stays(library: Library) -> None:
    async with playing(library, "close_before_accept") as it:
        await it.run("403")
        url, run = it.main.state.server.url, it.main.state.run
        compared = await it.choose("e")
        assert it.names(compared, "engine") == ("uvicorn", "uvicorn-wsproto")
        assert it.names(compared, "try") == ("no token", "no token")
        assert all(row.op is Op.SAME for row in compared.part("request"))
        await it.press("escape")
        await it.until(lambda: it.app.screen is it.main, "the main screen")
        assert (it.main.state.server.url, it.main.state.run) == (url, run)
        assert it.main.state.server.engine == "uvicorn"


async def test_the_next_try_is_run(library: Library) -> None:
    async with playing(library, "close_before_accept") as it:
        await it.run("403")
        compared = await it.choose("t")
        second = it.main.library.get("close_before_accept").tries[1].name
        assert it.names(compared, "try") == ("no token", second)
        assert compared.differs


async def test_before_and_after_the_edit(tmp_path: Path) -> None:
    (tmp_path / "probe.py").write_text(
        "from fastapi import FastAPI, WebSocket\napp = FastAPI()\n"
        '@app.websocket("/ws")\nasync def endpoint(websocket: WebSocket):\n'
        "    await websocket.close(1008)\n",
        encoding="utf-8",
    )
    async with playing(Library([tmp_path]), "probe") as it:
        await it.run("403")
        before = it.main.state.run
        assert "x" not in await it.offered()
        await it.press("escape")
        copy = it.main.editing.copy
        assert copy is not None
        it.main.editing.use(copy.text.replace("    await", "    await websocket.accept()\n    await"))
        edited = copy.text
        await it.until(lambda: it.main.editing.served == edited, "the edit served")
        compared = await it.choose("x")
        assert it.names(compared, "edited") == (False, True)
        assert [row.b.strip() for row in compared.part("source") if row.op is Op.RIGHT] == [
            "await websocket.accept()"
        ]
        ended = next(row for row in compared.part("outcome") if row.key == "ended")
        assert (ended.a, ended.b) == ("refused", "closed")
        assert before.number == 1


async def test_a_run_that_is_made_can_be_stopped(library: Library, tmp_path: Path) -> None:
    (tmp_path / "slow.py").write_text(
        "import asyncio\nfrom fastapi import FastAPI, WebSocket\napp = FastAPI()\n"
        '@app.websocket("/ws")\nasync def endpoint(websocket: WebSocket):\n'
        "    await websocket.accept()\n    await asyncio.sleep(60)\n",
        encoding="utf-8",
    )
    async with playing(Library([tmp_path]), "slow") as it:
        await it.press("ctrl+r")
        await it.until(lambda: it.main.state.client == "connected", "connected")
        it.main.set_focus(it.main.timeline)
        await it.press("B")
        await it.until(lambda: isinstance(it.app.screen, KeyMenu), "the menu")
        await it.press("e")
        await it.until(lambda: isinstance(it.app.screen, CompareScreen), "the screen")
        await it.press("escape")
        await it.until(lambda: it.app.screen is it.main, "the main screen")
        assert it.main.state.client == "connected"
