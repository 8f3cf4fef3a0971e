"""The line of keys: what can be pressed now, as much of it as there is room for, and a click presses it."""

from __future__ import annotations

import pytest

from wsplay.scenario.library import Library
from wsplay.tui.app import WsplayApp
from wsplay.tui.kit.help import HelpScreen
from wsplay.tui.kit.key_bar import KeyBar

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("width", [200, 140, 80, 60, 44])
async def test_the_line_of_keys_drops_whole_keys_and_keeps_the_main_ones(
    fake_playgrounds, library: Library, width: int
) -> None:
    app = WsplayApp(library, make_playground=fake_playgrounds)
    async with app.run_test(size=(width, 30)) as pilot:
        await pilot.pause(0.2)
        bar = app.screen.query_one(KeyBar)
        for focus in ("t", "s", "c"):
            await pilot.press(focus)
            await pilot.pause()
            shown = bar.laid_out()
            names = [key.parts[-1][0] for _, key in shown]
            assert {"connect", "palette", "help", "quit"} <= set(names)
            assert len(names) == len(set(names))
            last, key = shown[-1]
            assert last + key.width <= bar.size.width
        assert bar.render().plain.startswith("^r connect")


async def test_a_click_on_a_key_presses_it(fake_playgrounds, library: Library) -> None:
    app = WsplayApp(library, make_playground=fake_playgrounds)
    async with app.run_test(size=(140, 40)) as pilot:
        await pilot.pause(0.2)
        bar = app.screen.query_one(KeyBar)
        at = next(x for x, key in bar.laid_out() if key.parts[-1][0] == "help")
        await pilot.click(KeyBar, offset=(at + 1, 0))
        await pilot.pause()
        assert isinstance(app.screen, HelpScreen)
