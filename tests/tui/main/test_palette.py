"""What the palettes offer: each choice is an action with its data, whatever the data look like."""

from __future__ import annotations

from dataclasses import replace

import pytest
from textual.actions import parse

from wsplay.protocol.handshake import Handshake
from wsplay.scenario.library import Library
from wsplay.scenario.tries import Try
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
