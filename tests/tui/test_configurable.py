"""The keys and themes that the settings can name: all of them, and no clash."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from wsplay.config.config import Config
from wsplay.scenario.library import Library
from wsplay.tui.app import WsplayApp
from wsplay.tui.configurable import (
    PANES_ON,
    check_keys,
    check_theme,
    known_actions,
    theme_names,
)
from wsplay.tui.kit.open_screen import OpenScreen

PATH = Path("config.toml")


def room_of(node: object) -> str:
    return type(node).__module__.split(".")[2]


def checked(**keys: str) -> tuple[dict[str, str], list[str]]:
    named = {id.replace("__", "-").replace("_", "."): value for id, value in keys.items()}
    return check_keys(Config(PATH, keys=named), known_actions())


def test_every_action_that_textual_knows_here_can_be_named() -> None:
    actions = known_actions()
    for id, key in {
        "run.connect": "ctrl+r",
        "app.quit": "ctrl+q",
        "timeline.client": "C",  # as the main screen has it
        "rows.edit": "enter",
    }.items():
        assert key in actions[id].keys, id
    assert all(action.tip and action.keys and action.name for action in actions.values())


def test_a_key_that_is_free_is_used() -> None:
    assert checked(run_connect="f5, ctrl+g", view_zoom="f8") == (
        {"run.connect": "f5,ctrl+g", "view.zoom": "f8"},
        [],
    )
    assert checked(app_help="?") == ({"app.help": "question_mark"}, [])


def test_an_unknown_id_is_told_with_the_nearest() -> None:
    used, [problem] = checked(run_conect="f5", view_zoom="f6")
    assert used == {"view.zoom": "f6"}
    assert problem == "config.toml: unknown key `run.conect`, did you mean `run.connect`?"


@pytest.mark.parametrize("key", ["ctl+r", "f99", "no such", "ctrl+"])
def test_what_is_no_key_is_told(key: str) -> None:
    used, [problem] = checked(run_connect=key)
    assert used == {}
    assert f'no key "{key}" for run.connect; the default, ctrl+r, stands' in problem


@pytest.mark.parametrize(
    ("id", "key", "other"),
    [
        ("run_connect", "ctrl+q", "app.quit"),  # the app's
        ("run_connect", "z", "view.zoom"),  # the same screen's
        ("timeline_follow", "z", "view.zoom"),  # a pane's, of its screen
        ("view_zoom", "C", "timeline.client"),  # a screen's, of its pane
    ],
)
def test_a_clash_is_told_by_name_and_the_default_stands(id: str, key: str, other: str) -> None:
    used, [problem] = checked(**{id: key})
    assert used == {}
    assert f"{key} for {id.replace('_', '.')} is a key of {other} (" in problem
    assert "the default, " in problem
    assert problem.endswith(", stands")


def test_two_may_change_places_and_the_later_of_two_equal_ones_is_told() -> None:
    assert checked(view_zoom="D", run_disconnect="z")[1] == []
    used, [problem] = checked(view_zoom="f7", run_disconnect="f7")
    assert used == {"view.zoom": "f7"}
    assert "f7 for run.disconnect is a key of view.zoom" in problem


def test_screens_that_never_meet_may_share_a_key() -> None:
    used, problems = checked(attack_again="z")
    assert (used, problems) == ({"attack.again": "z"}, [])


@pytest.mark.slow
async def test_the_panes_of_each_screen_are_known(library: Library, fake_playgrounds: Any) -> None:
    """Otherwise a clash between a screen and one of its panes would not be told."""
    app = WsplayApp(library, scenario="3", make_playground=fake_playgrounds)
    seen = set()
    async with app.run_test(size=(140, 40)) as pilot:
        await pilot.pause(0.2)
        main = app.screen
        for what in ("", "attack", "challenge", "challenges"):
            if what:
                app.on_open_screen(OpenScreen(main, what, library.get("3")))  # type: ignore[arg-type]
                await pilot.pause(0.3)
            room = room_of(app.screen)
            for widget in app.screen.walk_children():
                if any(binding.id for _, binding in widget._bindings):
                    seen.add((room, room_of(widget)))
                    assert room_of(widget) in PANES_ON[room], (what, widget)
            if what:
                app.pop_screen()
                await pilot.pause(0.1)
    assert {
        ("main", "timeline"),
        ("main", "client"),
        ("challenge", "challenge"),
        ("attack", "attack"),
    } <= seen


def test_themes_are_named() -> None:
    assert theme_names() == ["wsplay-dark", "wsplay-light", "wsplay-contrast"]
    assert all(check_theme(name) is None for name in theme_names())
    assert check_theme("nord") == (
        'theme "nord" is Textual\'s own and no longer offered; '
        "there are wsplay-dark, wsplay-light, wsplay-contrast"
    )
    assert check_theme(None) is None
    assert check_theme("wsplay-lihgt") == 'no theme "wsplay-lihgt"; did you mean `wsplay-light`?'
