"""What is closed goes: no screen and no run is kept by what lives on."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import pytest
from textual.command import CommandPalette
from textual.screen import Screen
from textual.widget import Widget

from wsplay.scenario.library import Library
from wsplay.tui.app import WsplayApp
from wsplay.tui.attack.screen import AttackScreen
from wsplay.tui.challenge.list_screen import ChallengesScreen
from wsplay.tui.challenge.screen import ChallengeScreen
from wsplay.tui.kit.help import HelpScreen
from wsplay.tui.main.screen import MainScreen
from wsplay.tui.runs.kept_runs import KeptRuns

pytestmark = pytest.mark.slow


async def until(pilot: Any, true: Any, key: str | None = None) -> None:
    for _ in range(500):
        if true():
            return
        if key is not None:
            await pilot.press(key)
        await pilot.pause(0.02)
    raise AssertionError(f"never came, on {pilot.app.screen}")


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        ("ctrl+p", CommandPalette),
        ("r", CommandPalette),
        ("question_mark", HelpScreen),
        ("b", AttackScreen),
        ("q", ChallengeScreen),
        ("Q", ChallengesScreen),
    ],
)
async def test_a_closed_screen_goes(
    library: Library, fake_playgrounds: Any, key: str, kind: type[Screen[Any]]
) -> None:
    app = WsplayApp(library, scenario="5", make_playground=fake_playgrounds)
    async with app.run_test(size=(140, 40)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, MainScreen) and app.screen.state.loaded)
        opened = []
        for _ in range(4):
            await pilot.press("t", key)
            await until(pilot, lambda: isinstance(app.screen, kind))
            await pilot.pause()
            nodes = list(app.screen.walk_children(with_self=True))
            drawn = [node._styles_cache for node in nodes if isinstance(node, Widget)]  # with its lines
            opened += [weakref.ref(one) for one in (*nodes, *drawn)]
            del nodes, drawn
            await until(pilot, lambda: isinstance(app.screen, MainScreen), "escape")
            await pilot.pause(0.1)

        def kept() -> list[Any]:
            gc.collect()
            return [node for node in (one() for one in opened) if node is not None]

        for _ in range(20):  # the timers of a palette that has closed are there until they are due
            if not kept():
                break
            await pilot.pause(0.3)
        assert kept() == []


async def test_a_run_goes_with_the_next_one(library: Library, fake_playgrounds: Any) -> None:
    app = WsplayApp(library, scenario="5", make_playground=fake_playgrounds)
    async with app.run_test(size=(140, 40)) as pilot:
        screen = app.screen
        assert isinstance(screen, MainScreen)
        await until(pilot, lambda: screen.state.loaded)
        screen.state.kept = KeptRuns(max_runs=1)  # the list keeps as many as it may
        runs = []
        for number in range(1, 5):
            await pilot.press("t", "ctrl+r")
            await until(
                pilot,
                lambda number=number: (
                    screen.state.run.number == number and len(screen.state.run.timeline) > 5
                ),
            )
            await pilot.press("end", "i", "i")
            runs += [weakref.ref(screen.state.run), weakref.ref(screen.state.run.timeline)]
        gc.collect()
        assert [run() for run in runs[:-2]] == [None] * 6
