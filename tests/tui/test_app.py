"""The program around the screen: quick to import, and over when it is over."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from wsplay.library import Library, UnknownScenario
from wsplay.tui.app import WsplayApp
from wsplay.tui.memory import EVERY, QUIET, Housekeeping
from wsplay.tui.screens.main import MainScreen

HEAVY = ("fastapi", "starlette", "uvicorn", "websockets", "h11", "wsproto", "jwt")


def imported_by(code: str) -> set[str]:
    script = f"import sys\n{code}\nprint(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    return set(done.stdout.split())


def test_importing_the_app_imports_nothing_heavy() -> None:
    loaded = imported_by("import wsplay.tui.app")
    assert not loaded & {*HEAVY, "wsplay.playground", "wsplay.tui.screens.main"}
    assert not any(name.startswith("textual.widgets.") for name in loaded - imported_by("import textual.app"))


def test_the_screen_imports_neither_server_nor_client() -> None:
    loaded = imported_by("import wsplay.tui.app, wsplay.tui.screens.main")
    assert not loaded & {*HEAVY, "wsplay.playground", "wsplay.server.process", "wsplay.client.connection"}


async def test_the_engine_starts_after_the_first_paint(fake_engine, library: Library) -> None:
    painted: list[str] = []

    app = WsplayApp(library, engine_factory=fake_engine)
    fake_engine.prepare = lambda playground: painted.append("engine")
    original = MainScreen._begin

    def begin(screen: MainScreen) -> None:
        painted.append("painted" if screen.query_one("#timeline").region else "not painted")
        original(screen)

    MainScreen._begin = begin  # type: ignore[method-assign]
    try:
        async with app.run_test() as pilot:
            for _ in range(500):
                if len(painted) == 2:
                    break
                await pilot.pause(0.02)
    finally:
        MainScreen._begin = original  # type: ignore[method-assign]
    assert painted == ["painted", "engine"]


async def test_no_thread_is_left(fake_engine, library: Library) -> None:
    app = WsplayApp(library, engine_factory=fake_engine)
    async with app.run_test() as pilot:
        for _ in range(500):
            if fake_engine.playgrounds:
                break
            await pilot.pause(0.02)
        assert any(thread.name == "wsplay-engine" for thread in threading.enumerate())
    assert not any(thread.name == "wsplay-engine" for thread in threading.enumerate())
    assert fake_engine.playground.closed


async def test_a_crash_of_the_screen_ends_the_engine_too(fake_engine, library: Library, monkeypatch) -> None:
    def crash(self: MainScreen) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr(MainScreen, "action_zoom", crash)
    app = WsplayApp(library, engine_factory=fake_engine)

    async def use() -> None:
        async with app.run_test() as pilot:
            for _ in range(500):
                if fake_engine.playgrounds:
                    break
                await pilot.pause(0.02)
            await pilot.press("t", "z")
            await pilot.pause()

    with pytest.raises(RuntimeError, match="a bug"):
        await use()
    assert await asyncio.to_thread(app.remote.stop, 20)
    assert fake_engine.playground.closed


def test_a_scenario_is_named_as_on_the_command_line(library: Library, tmp_path: Path) -> None:
    assert WsplayApp(library, scenario="3").first_scenario() is library.get("3")
    assert WsplayApp(library, scenario="no_auth").first_scenario() is library.get("1")
    assert WsplayApp(library).first_scenario() is library.scenarios[0]
    assert WsplayApp(Library([tmp_path])).first_scenario() is None
    with pytest.raises(UnknownScenario):
        WsplayApp(library, scenario="nothing").first_scenario()


async def test_an_empty_library_is_no_reason_to_crash(fake_engine, tmp_path: Path) -> None:
    app = WsplayApp(Library([tmp_path]), engine_factory=fake_engine)
    async with app.run_test(size=(80, 24)) as pilot:
        for key in ("ctrl+r", "L", "o", "left_square_bracket", "1", "y", "i", "escape", "z", "z"):
            await pilot.press(key)
        await pilot.pause(0.2)
        assert app.return_code in (None, 0)


async def test_every_theme_can_be_put_on(fake_engine, library: Library) -> None:
    app = WsplayApp(library, engine_factory=fake_engine)
    async with app.run_test() as pilot:
        for theme in ("wsplay-light", "wsplay-contrast", "textual-dark", "nord", "wsplay-dark"):
            app.theme = theme
            await pilot.pause()


def test_full_collections_wait_for_a_quiet_moment(monkeypatch) -> None:
    now, collected = [1000.0], []
    monkeypatch.setattr("wsplay.tui.memory.monotonic", lambda: now[0])
    monkeypatch.setattr("wsplay.tui.memory.gc.collect", lambda: collected.append(now[0]))
    monkeypatch.setattr("wsplay.tui.memory.gc.freeze", lambda: None)
    monkeypatch.setattr("wsplay.tui.memory.gc.set_threshold", lambda *_: None)
    house = Housekeeping()
    house.look()
    house.start()
    now[0] += EVERY + 1
    house.busy()
    house.look()
    assert not collected
    now[0] += QUIET + 1
    house.look()
    house.look()
    assert collected == [now[0]]
