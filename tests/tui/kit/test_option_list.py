"""A list of options in any width, also without room for a single column."""

from __future__ import annotations

import pytest
from textual.app import App, ComposeResult

from wsplay.tui.kit.option_list import Options

pytestmark = pytest.mark.slow


class Listed(App[None]):
    CSS = "Options { height: 100%; & > .option-list--option { padding: 0 2; } }"

    def compose(self) -> ComposeResult:
        yield Options("a title of several words", "another")


async def test_any_width() -> None:
    app = Listed()
    async with app.run_test(size=(40, 10)) as pilot:
        options = app.query_one(Options)
        options.focus()
        for width in (*range(12, 0, -1), *range(1, 13)):
            await pilot.resize_terminal(width, 10)
            await pilot.press("down", "pagedown", "up", "pageup", "end", "home")
            options.display = False
            await pilot.pause()
            options.display = True
            await pilot.pause()
        assert options.highlighted == 0


class AutoHeight(Listed):
    CSS = "Options { height: auto; & > .option-list--option { padding: 0 2; } }"


async def test_any_width_with_a_height_of_its_own() -> None:
    app = AutoHeight()
    async with app.run_test(size=(40, 10)) as pilot:
        for width in (*range(12, 0, -1), *range(1, 13)):
            await pilot.resize_terminal(width, 10)
        assert app.query_one(Options).option_count == 2
