"""The program around the screen: quick to import, and over when it is over."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from textual.pilot import Pilot

from wsplay.scenario.library import Library, UnknownScenario
from wsplay.tui.app import QuickApp, WsplayApp
from wsplay.tui.background.gc import EVERY, QUIET, Housekeeping
from wsplay.tui.first_paint import FirstScreen, outline
from wsplay.tui.main.screen import MainScreen

pytestmark = pytest.mark.slow

HEAVY = ("fastapi", "starlette", "uvicorn", "websockets", "h11", "wsproto", "jwt")


def imported_by(code: str) -> set[str]:
    script = f"import sys\n{code}\nprint(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    return set(done.stdout.split())


def test_importing_the_app_imports_nothing_heavy() -> None:
    loaded = imported_by("import wsplay.tui.app")
    assert not loaded & {
        *HEAVY,
        "wsplay.play.playground",
        "wsplay.tui.main.screen",
        "wsplay.scenario.library",
        "wsplay.scenario.file",
    }
    assert not any(name.startswith("textual.widgets.") for name in loaded - imported_by("import textual.app"))


def test_the_screen_imports_neither_server_nor_client() -> None:
    loaded = imported_by("import wsplay.tui.app, wsplay.tui.main.screen")
    assert not loaded & {
        *HEAVY,
        "wsplay.play.playground",
        "wsplay.server.parent.process",
        "wsplay.client.connection",
    }


async def test_the_engine_starts_after_the_first_paint(fake_playgrounds, library: Library) -> None:
    painted: list[str] = []

    app = WsplayApp(library, make_playground=fake_playgrounds)
    fake_playgrounds.prepare = lambda playground: painted.append("engine")
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


async def test_no_thread_is_left(fake_playgrounds, library: Library) -> None:
    app = WsplayApp(library, make_playground=fake_playgrounds)
    async with app.run_test() as pilot:
        for _ in range(500):
            if fake_playgrounds.playgrounds:
                break
            await pilot.pause(0.02)
        assert any(thread.name == "wsplay-background" for thread in threading.enumerate())
    assert not any(thread.name == "wsplay-background" for thread in threading.enumerate())
    assert fake_playgrounds.playground.closed


async def test_a_crash_of_the_screen_ends_the_engine_too(
    fake_playgrounds, library: Library, monkeypatch
) -> None:
    def crash(self: MainScreen) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr(MainScreen, "action_zoom", crash)
    app = WsplayApp(library, make_playground=fake_playgrounds)

    async def use() -> None:
        async with app.run_test() as pilot:
            for _ in range(500):
                if fake_playgrounds.playgrounds:
                    break
                await pilot.pause(0.02)
            await pilot.press("t", "z")
            await pilot.pause()

    with pytest.raises(RuntimeError, match="a bug"):
        await use()
    assert await asyncio.to_thread(app.proxy.stop, 20)
    assert fake_playgrounds.playground.closed


def test_a_scenario_is_named_as_on_the_command_line(library: Library, tmp_path: Path) -> None:
    assert WsplayApp(library, scenario="3").first_scenario() is library.get("3")
    assert WsplayApp(library, scenario="no_auth").first_scenario() is library.get("1")
    assert WsplayApp(library).first_scenario() is library.scenarios[0]
    assert WsplayApp(Library([tmp_path])).first_scenario() is None
    with pytest.raises(UnknownScenario):
        WsplayApp(library, scenario="nothing").first_scenario()


async def test_an_empty_library_is_no_reason_to_crash(fake_playgrounds, tmp_path: Path) -> None:
    app = WsplayApp(Library([tmp_path]), make_playground=fake_playgrounds)
    async with app.run_test(size=(80, 24)) as pilot:
        for key in ("ctrl+r", "L", "E", "left_square_bracket", "1", "y", "i", "escape", "z", "z"):
            await pilot.press(key)
        await pilot.pause(0.2)
        assert app.return_code in (None, 0)


async def test_every_theme_can_be_put_on(fake_playgrounds, library: Library) -> None:
    app = WsplayApp(library, make_playground=fake_playgrounds)
    async with app.run_test() as pilot:
        for theme in ("wsplay-light", "wsplay-contrast", "wsplay-dark"):
            app.theme = theme
            await pilot.pause()


def test_full_collections_wait_for_a_quiet_moment(monkeypatch) -> None:
    now, collected = [1000.0], []
    monkeypatch.setattr("wsplay.tui.background.gc.monotonic", lambda: now[0])
    monkeypatch.setattr("wsplay.tui.background.gc.gc.collect", lambda: collected.append(now[0]))
    monkeypatch.setattr("wsplay.tui.background.gc.gc.freeze", lambda: None)
    monkeypatch.setattr("wsplay.tui.background.gc.gc.set_threshold", lambda *_: None)
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


@pytest.mark.parametrize("size", [(140, 40), (80, 24), (110, 30), (112, 37), (160, 50), (200, 60), (100, 35)])
async def test_the_outline_is_that_of_the_main_screen(fake_playgrounds, library: Library, size) -> None:
    app = WsplayApp(library, make_playground=fake_playgrounds)
    async with app.run_test(size=size) as pilot:
        await pilot.pause(0.1)
        for box in outline(*size):
            region = app.screen.query_one(f"#{box.title.lower()}").region
            assert (region.x, region.y, region.width, region.height) == (box.x, box.y, box.width, box.height)


async def main_shown(pilot: Pilot[None]) -> MainScreen:
    """Wait, at most 20 s, until the main screen stands there and a scenario is loaded."""
    for _ in range(1000):
        screen = pilot.app.screen
        if isinstance(screen, MainScreen) and screen.state.loaded is not None:
            return screen
        await pilot.pause(0.02)
    raise AssertionError("the main screen never came")


@pytest.mark.parametrize("size", [(140, 40), (80, 24), (20, 5)])
async def test_the_outline_is_painted_and_the_main_screen_follows(
    fake_playgrounds, library: Library, size
) -> None:
    go_on = threading.Event()

    def find() -> Library:
        assert go_on.wait(20)
        return library

    app = QuickApp(find, scenario="6", make_playground=fake_playgrounds)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        assert isinstance(app.screen, FirstScreen)
        lines = [strip.text for strip in app.screen._compositor.render_strips()]
        assert len(lines) == size[1]
        assert all(len(line) == size[0] for line in lines)
        if size[0] > 20:
            assert "wsplay" in lines[0]
            assert "◌ starting" in lines[0]
            assert any("Timeline" in line for line in lines)
        go_on.set()
        screen = await main_shown(pilot)
        assert screen.scenario is library.get("6")
    assert fake_playgrounds.playground.closed


async def test_keys_pressed_on_the_outline_are_not_lost(fake_playgrounds, library: Library) -> None:
    go_on = threading.Event()

    def find() -> Library:
        assert go_on.wait(20)
        return library

    app = QuickApp(find, make_playground=fake_playgrounds)
    async with app.run_test(size=(140, 40)) as pilot:
        await pilot.pause()
        await pilot.press("t", "ctrl+r")
        go_on.set()
        screen = await main_shown(pilot)
        for _ in range(1000):
            if screen.state.run.number == 1:
                break
            await pilot.pause(0.02)
        assert screen.state.run.number == 1
        assert screen.timeline.has_focus


async def test_a_library_that_is_there_already_will_do(fake_playgrounds, library: Library) -> None:
    app = QuickApp(library, scenario="3", make_playground=fake_playgrounds)
    async with app.run_test() as pilot:
        screen = await main_shown(pilot)
        assert screen.library is library


async def test_it_can_be_quit_while_the_outline_stands(fake_playgrounds, library: Library) -> None:
    go_on = threading.Event()

    def find() -> Library:
        assert go_on.wait(20)
        return library

    app = QuickApp(find, make_playground=fake_playgrounds)
    async with app.run_test() as pilot:
        await pilot.pause()
        await pilot.press("ctrl+q")
        go_on.set()
    assert app.return_code == 0
    assert await asyncio.to_thread(app.proxy.stop, 20)


def test_signals_are_given_back_and_those_that_python_does_not_handle_are_left() -> None:
    code = (
        "import signal\n"
        "from types import SimpleNamespace\n"
        "from wsplay.tui import app\n"
        "before = {number: signal.getsignal(number) for number in signal.valid_signals()}\n"
        "assert before[signal.SIGABRT] is None\n"
        "with app._ended_by_signals(SimpleNamespace()):\n"
        "    assert signal.getsignal(signal.SIGABRT) is None\n"
        "    assert callable(signal.getsignal(signal.SIGUSR1))\n"
        "assert before == {number: signal.getsignal(number) for number in signal.valid_signals()}\n"
    )
    subprocess.run([sys.executable, "-X", "faulthandler", "-c", code], check=True)
