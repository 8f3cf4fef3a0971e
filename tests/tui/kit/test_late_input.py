"""Keys and clicks that come too late for the screen they were meant for, and close no other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from textual import events
from textual.command import CommandPalette
from textual.geometry import Size
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import OptionList

from wsplay.scenario.library import Library
from wsplay.tui.app import QuickApp, WsplayApp
from wsplay.tui.attack.screen import AttackScreen
from wsplay.tui.challenge.list_screen import ChallengesScreen
from wsplay.tui.challenge.screen import ChallengeScreen
from wsplay.tui.first_paint import FirstScreen
from wsplay.tui.kit.help import HelpScreen
from wsplay.tui.kit.open_screen import OpenScreen
from wsplay.tui.main.screen import MainScreen

pytestmark = pytest.mark.slow


async def until_on(pilot: Pilot[None], kind: type[Screen[Any]]) -> None:
    """Wait for a screen, and for what it does at once."""
    for _ in range(1000):
        if isinstance(pilot.app.screen, kind):
            break
        await pilot.pause(0.02)
    assert isinstance(pilot.app.screen, kind)
    await pilot.pause(0.2)


@asynccontextmanager
async def running(
    library: Library, playgrounds: Any, app_type: type[WsplayApp]
) -> AsyncIterator[Pilot[None]]:
    app = app_type(library, make_playground=playgrounds)
    async with app.run_test(size=(100, 30), notifications=True) as pilot:
        await until_on(pilot, MainScreen)
        yield pilot


def click(pilot: Pilot[None], x: int, y: int, times: int = 1) -> None:
    """Clicks as a terminal reports them, all at once."""
    for _ in range(times):
        for kind in (events.MouseDown, events.MouseUp):
            pilot.app.post_message(kind(None, x, y, 0, 0, 1, False, False, False, x, y))


@pytest.mark.parametrize("app_type", [WsplayApp, QuickApp])
@pytest.mark.parametrize("times", [2, 4])
@pytest.mark.parametrize("key", ["ctrl+p", "r"])
async def test_clicks_beside_a_palette_close_only_the_palette(
    library: Library, fake_playgrounds: Any, app_type: type[WsplayApp], times: int, key: str
) -> None:
    async with running(library, fake_playgrounds, app_type) as pilot:
        await pilot.press("t", key)
        await until_on(pilot, CommandPalette)
        click(pilot, 1, 28, times)
        await pilot.pause(0.2)
        assert isinstance(pilot.app.screen, MainScreen)


async def test_clicks_beside_the_palette_of_themes_close_only_that(
    library: Library, fake_playgrounds: Any
) -> None:
    async with running(library, fake_playgrounds, QuickApp) as pilot:
        pilot.app.search_themes()
        await until_on(pilot, CommandPalette)
        click(pilot, 1, 28, 4)
        await pilot.pause(0.2)
        assert isinstance(pilot.app.screen, MainScreen)


@pytest.mark.parametrize(("key", "kind"), [("ctrl+p", CommandPalette), ("question_mark", HelpScreen)])
async def test_keys_that_close_a_screen_close_only_that_one(
    library: Library, fake_playgrounds: Any, key: str, kind: type[Screen[Any]]
) -> None:
    async with running(library, fake_playgrounds, QuickApp) as pilot:
        await pilot.press("t", key)
        await until_on(pilot, kind)
        for _ in range(4):
            pilot.app.post_message(events.Key("escape", "\x1b"))
        await pilot.pause(0.2)
        assert isinstance(pilot.app.screen, MainScreen)


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        ("question_mark", HelpScreen),
        ("r", CommandPalette),
        ("b", AttackScreen),
        ("q", ChallengeScreen),
        ("Q", ChallengesScreen),
    ],
)
async def test_a_key_that_comes_twice_opens_one_screen(
    library: Library, fake_playgrounds: Any, key: str, kind: type[Screen[Any]]
) -> None:
    async with running(library, fake_playgrounds, WsplayApp) as pilot:
        await pilot.press("t")
        for _ in range(3):
            pilot.app.post_message(events.Key(key, key))
        await until_on(pilot, kind)
        assert [type(screen) for screen in pilot.app.screen_stack[:-1]] == [MainScreen]


async def test_a_choice_of_partners_is_asked_once(library: Library, fake_playgrounds: Any) -> None:
    async with running(library, fake_playgrounds, WsplayApp) as pilot:
        await pilot.press("s", "3")  # it fixes two others
        screen = pilot.app.screen
        assert isinstance(screen, MainScreen)
        while screen.scenario is None or screen.scenario.name != "close_before_accept":
            await pilot.pause(0.02)
        for _ in range(3):
            screen.action_partner()
        await until_on(pilot, CommandPalette)
        assert [type(screen) for screen in pilot.app.screen_stack[:-1]] == [MainScreen]


async def test_enter_that_comes_twice_opens_one_challenge(library: Library, fake_playgrounds: Any) -> None:
    async with running(library, fake_playgrounds, WsplayApp) as pilot:
        await pilot.press("t", "Q")
        await until_on(pilot, ChallengesScreen)
        for _ in range(3):
            pilot.app.post_message(events.Key("enter", "\r"))
        await until_on(pilot, ChallengeScreen)
        assert [type(screen) for screen in pilot.app.screen_stack[:-1]] == [MainScreen, ChallengesScreen]


@pytest.mark.parametrize("what", ["attack", "challenge", "challenges"])
async def test_actions_that_come_before_a_screen_has_its_widgets_do_nothing(
    library: Library, fake_playgrounds: Any, what: Any
) -> None:
    async with running(library, fake_playgrounds, WsplayApp) as pilot:
        app, main = pilot.app, pilot.app.screen
        assert isinstance(app, WsplayApp)
        app.on_open_screen(OpenScreen(main, what, library.get("3")))
        opened = app.screen
        actions = {binding.action for _, binding in opened._bindings}
        assert opened is not main
        assert not opened.is_mounted
        assert len(actions) > 5
        for action in actions:
            await app.run_action(action, opened)
        await pilot.pause(0.3)
        assert app.screen_stack == [main, opened]


async def test_ctrl_p_while_a_palette_is_open_opens_no_other(library: Library, fake_playgrounds: Any) -> None:
    async with running(library, fake_playgrounds, WsplayApp) as pilot:
        for _ in range(4):
            pilot.app.post_message(events.Key("ctrl+p", None))
        await until_on(pilot, CommandPalette)
        assert len(pilot.app.screen_stack) == 2


@pytest.mark.parametrize("size", [(5, 20), (5, 5), (1, 1), (20, 2)])
@pytest.mark.parametrize("key", ["ctrl+p", "r"])
async def test_a_small_terminal_while_a_palette_is_open(
    library: Library, fake_playgrounds: Any, size: tuple[int, int], key: str
) -> None:
    async with running(library, fake_playgrounds, WsplayApp) as pilot:
        await pilot.press("t", key)
        await until_on(pilot, CommandPalette)
        await pilot.resize_terminal(*size)
        await pilot.press("a", "b", "backspace", "down", "pagedown", "x", "y", "z")
        click(pilot, size[0] - 1, size[1] - 1, 2)
        await pilot.pause(0.2)
        await pilot.resize_terminal(100, 30)
        await pilot.press("escape")
        await until_on(pilot, MainScreen)


async def test_presses_on_a_toast_that_is_going(library: Library, fake_playgrounds: Any) -> None:
    async with running(library, fake_playgrounds, WsplayApp) as pilot:
        app = pilot.app
        for timeout in (0.05, 0.1, 0.2, 0.3, 5.0):
            app.notify("a toast", timeout=timeout, markup=False)
        for _ in range(80):
            for toast in app.screen.query("Toast"):
                x, y = toast.region.offset
                click(pilot, x + 1, y, 2)
                app.post_message(events.MouseDown(None, x + 2, y, 0, 0, 1, False, False, False, x + 2, y))
            await pilot.pause(0.005)
        await pilot.pause(0.2)
        assert not app.screen.query("Toast")


async def test_a_click_on_an_option_that_has_gone(library: Library, fake_playgrounds: Any) -> None:
    async with running(library, fake_playgrounds, WsplayApp) as pilot:
        await pilot.press("t", "r")
        await until_on(pilot, CommandPalette)
        options = pilot.app.screen.query_one(OptionList)
        assert options.option_count > 3
        x, y = options.content_region.offset
        with pilot.app.batch_update():
            click(pilot, x + 3, y + 5)  # drawn as the third one
            options.clear_options()
            await pilot.pause(0.1)
        assert isinstance(pilot.app.screen, CommandPalette)


async def test_ctrl_p_before_the_main_screen_is_there(library: Library, fake_playgrounds: Any) -> None:
    app = QuickApp(library, make_playground=fake_playgrounds)
    async with app.run_test(size=(100, 30)) as pilot:
        assert isinstance(app.screen, FirstScreen)
        await pilot.press("ctrl+p")
        await until_on(pilot, CommandPalette)
        assert [type(screen) for screen in app.screen_stack[:-1]] == [FirstScreen, MainScreen]


async def test_a_palette_that_is_opened_while_another_one_closes(
    library: Library, fake_playgrounds: Any
) -> None:
    async with running(library, fake_playgrounds, WsplayApp) as pilot:
        for _ in range(8):
            pilot.app.post_message(events.Key("ctrl+p", None))
            for key in "ab":
                pilot.app.post_message(events.Key(key, key))
            pilot.app.post_message(events.Key("escape", "\x1b"))
        await pilot.pause(0.5)
        await pilot.press("escape", "escape")
        await until_on(pilot, MainScreen)


async def test_resizes_while_screens_lie_on_each_other_come_to_an_end(
    library: Library, fake_playgrounds: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each screen below passes sizes on; an older one must not go round with a newer one for ever."""
    layouts = 0
    refresh = Screen._refresh_layout

    def counted(self: Screen[Any], size: Size | None = None, scroll: bool = False) -> None:
        nonlocal layouts
        layouts += 1
        refresh(self, size, scroll)
        main.call_later(between)

    def between() -> None:
        """Sizes that follow each other in a queue are joined; in use, other messages are between them."""

    async with running(library, fake_playgrounds, QuickApp) as pilot:
        await pilot.press("t", "question_mark")
        await until_on(pilot, HelpScreen)
        monkeypatch.setattr(Screen, "_refresh_layout", counted)
        main = pilot.app.screen_stack[1]
        last = Size(83, 62)
        pilot.app.post_message(events.Resize(last, last))
        await asyncio.sleep(0.1)
        for size in (Size(100, 30), Size(44, 38), Size(20, 5), last):
            main.post_message(events.Resize(size, size))
            main.call_later(between)
        await asyncio.sleep(0.5)
        assert layouts < 40
        assert [screen.size for screen in pilot.app.screen_stack] == [Size(83, 62)] * 3
