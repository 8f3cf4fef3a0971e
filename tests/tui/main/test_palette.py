"""What the palettes offer: each choice is an action with its data, whatever the data look like."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from textual.actions import parse
from textual.command import Command, CommandPalette
from textual.pilot import Pilot
from textual.widgets import Input, OptionList

from wsplay.protocol.handshake import Handshake
from wsplay.scenario.library import Library
from wsplay.scenario.search import contains
from wsplay.scenario.tries import Try
from wsplay.tui.app import WsplayApp
from wsplay.tui.kit.base_screen import BaseScreen
from wsplay.tui.main.palette import copy_choices, save_choices, scenario_choices, try_choices
from wsplay.tui.main.screen import MainScreen

ODD = "it's [/] \"odd\", isn't\nit) or\\"


@pytest.mark.parametrize("name", ["close_before_accept", ODD])
def test_names_are_data_of_the_action(library: Library, name: str) -> None:
    scenario = replace(library.get("close_before_accept"), name=name, tries=(Try(name, Handshake()),))
    (opening,) = scenario_choices([scenario])
    assert parse(opening.action) == ("", "open_scenario", (name,))
    choosing, running = try_choices(scenario)
    assert parse(choosing.action) == ("", "choose_try", (name,))
    assert parse(running.action) == ("", "choose_try", (name, True))


def test_every_choice_is_an_action_of_the_main_screen(library: Library) -> None:
    choices = [*copy_choices("ws://x"), *save_choices(), *scenario_choices(library.scenarios)]
    assert all(hasattr(MainScreen, f"action_{parse(choice.action)[1]}") for choice in choices)


@asynccontextmanager
async def opened(
    library: Library, fake_playgrounds: Any, keys: dict[str, str] | None = None
) -> AsyncIterator[Pilot[None]]:
    """The main screen with its palette open."""
    app = WsplayApp(library, scenario="3", make_playground=fake_playgrounds)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.pause(0.2)
        app.update_keymap(keys or {})
        await pilot.press("ctrl+p")
        await until(pilot, lambda: len(prompts(app)) > 20)
        yield pilot


async def until(pilot: Pilot[None], true: Any) -> None:
    for _ in range(200):
        if true():
            return
        await pilot.pause(0.02)
    raise AssertionError([*map(str, prompts(pilot.app))][:30])


def prompts(app: Any) -> list[str]:
    if not isinstance(app.screen, CommandPalette):
        return []
    return [str(option.prompt) for option in app.screen.query_one(OptionList).options]


@pytest.mark.slow
async def test_nothing_is_offered_twice_and_the_order_is_that_of_the_screen(
    library: Library, fake_playgrounds: Any
) -> None:
    async with opened(library, fake_playgrounds) as pilot:
        palette = pilot.app.screen
        options = palette.query_one(OptionList).options
        titles = [str(one.hit.text) for one in options if isinstance(one, Command)]
        assert len(titles) == len(set(titles))
        main = pilot.app.screen_stack[0]
        assert isinstance(main, BaseScreen)
        listed = list(dict.fromkeys(choice.action for choice in main.choices()))
        named = {choice.action: choice.title for choice in reversed(list(main.choices()))}
        assert titles == [*(named[action] for action in listed), "Theme", "Save a picture of the screen"]
        assert titles.count("Quit") == 1
        assert not {"Keys", "Maximize", "Screenshot"} & set(titles)


@pytest.mark.slow
async def test_choices_show_the_key_that_does_the_same(library: Library, fake_playgrounds: Any) -> None:
    async with opened(library, fake_playgrounds, {"run.connect": "f9"}) as pilot:
        first_lines = [prompt.partition("\n")[0] for prompt in prompts(pilot.app)]
        assert "Connect  f9" in first_lines
        assert "Disconnect  D" in first_lines
        assert "Quit  ^q" in first_lines


@pytest.mark.slow
async def test_a_search_in_the_palette_finds_what_list_finds(library: Library, fake_playgrounds: Any) -> None:
    """By words of the explanation or the topics, too, after what fits by its title."""
    words = "browser cookie"
    wanted = [one for one in library.scenarios if contains(one, words.split())]
    assert len(wanted) > 1
    async with opened(library, fake_playgrounds) as pilot:
        pilot.app.screen.query_one(Input).value = words
        await until(pilot, lambda: all("Scenario" in prompt for prompt in prompts(pilot.app)))
        found = "\n".join(prompts(pilot.app))
        assert all(one.title in found for one in wanted)
