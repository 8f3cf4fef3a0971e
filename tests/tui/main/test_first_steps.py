"""The first steps: what they say, when they go, and what they leave alone."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from app_under_test import AppUnderTest

from wsplay.config.config_file import read_config
from wsplay.scenario.library import Library
from wsplay.tui.app import QuickApp, WsplayApp
from wsplay.tui.kit.help import HelpScreen
from wsplay.tui.main.first_steps import FirstSteps

pytestmark = pytest.mark.slow
SIZES = [(80, 24), (140, 40)]


class Steps(AppUnderTest):
    """The app under test, at its first start."""

    @property
    def steps(self) -> FirstSteps:
        return self.main.query_one(FirstSteps)

    @property
    def lines(self) -> list[str]:
        return str(self.steps.render()).split("\n")


Test = Callable[[Steps], Awaitable[None]]


@pytest.fixture
def start(fake_playgrounds, library: Library):
    """Run a test's body in the app at its first start."""

    async def run(test: Test, size: tuple[int, int] = (80, 24), **options: Any) -> None:
        options = {"is_first_start": lambda: True, **options}
        app = WsplayApp(library, scenario="3", make_playground=fake_playgrounds, **options)
        async with app.run_test(size=size, notifications=True) as pilot:
            it = Steps(app, pilot, fake_playgrounds)
            await it.until(lambda: it.main.state.loaded is not None, "loaded")
            await test(it)

    return run


@pytest.mark.parametrize("size", SIZES)
async def test_three_lines_say_what_to_press_and_cover_nothing(start, size) -> None:
    async def test(it: Steps) -> None:
        assert len(it.lines) == 3
        for words in (
            "⏎ opens a scenario",
            "^r (ctrl+r) connects",
            "c goes to the request",
            "q its challenge",
        ):
            assert words in "\n".join(it.lines)
        assert it.steps.size.height == 3  # none of them is broken
        shown = [one for one in it.main.query("*") if one.display and one.region and one is not it.steps]
        assert not [one for one in shown if one.region.overlaps(it.steps.region) and not one.children]
        assert it.main.timeline.size.height >= 5

    await start(test, size)


@pytest.mark.parametrize("size", [(79, 24), (80, 23), (30, 10)])
async def test_a_screen_that_is_too_small_leaves_its_rows_to_the_panes(start, size) -> None:
    async def test(it: Steps) -> None:
        assert not it.steps.display
        await it.pilot.resize_terminal(80, 24)
        await it.until(lambda: it.steps.display, "shown once there is room")
        await it.pilot.resize_terminal(*size)
        await it.until(lambda: not it.steps.display, "gone")
        await it.press("ctrl+r")
        await it.pilot.resize_terminal(80, 24)
        await it.until(lambda: it.main.has_class("-narrow") and it.app.size.height == 24, "resized")
        await it.pilot.pause()
        assert not it.steps.display

    await start(test, size)


@pytest.mark.parametrize(
    ("key", "did"),
    [
        ("ctrl+r", lambda it: it.main.state.run.number == 1),
        ("6", lambda it: it.main.scenario.name == "accept_then_close"),
        ("c", lambda it: it.main.panes.upper == "client"),
        ("question_mark", lambda it: isinstance(it.app.screen, HelpScreen)),
        ("slash", lambda it: it.main.query_one("#scenarios").has_class("-finding")),
        ("enter", lambda it: it.fake.playground.calls.count(("load", "close_before_accept")) == 2),
    ],
)
async def test_they_go_with_a_key_that_still_does_its_work(
    start, key: str, did: Callable[[Any], bool]
) -> None:
    async def test(it: Steps) -> None:
        before = it.main.timeline.size.height
        await it.press(key)
        await it.until(lambda: did(it), key)
        assert not it.steps.display
        await it.until(lambda: it.main.timeline.size.height > before, "the rows are the timeline's again")

    await start(test)


async def test_moving_about_leaves_them(start) -> None:
    async def test(it: Steps) -> None:
        await it.press("down", "down", "up", "pagedown", "tab", "shift+tab")
        assert it.steps.display

    await start(test)


@pytest.mark.parametrize("where", [FirstSteps, "#timeline", "#fold"])
async def test_they_go_with_a_click(start, where) -> None:
    async def test(it: Steps) -> None:
        await it.pilot.click(where)
        assert not it.steps.display

    await start(test)


async def test_they_name_the_keys_of_the_settings(start, tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text('[keys]\nrun.connect = "f5,ctrl+r"\ngo.challenge = "f6"\n')

    async def test(it: Steps) -> None:
        assert "f5 connects" in it.lines[1]
        assert "f6 its challenge" in it.lines[2]

    await start(test, config=read_config(path))


async def test_help_shows_them_again_at_its_top(start) -> None:
    async def test(it: Steps) -> None:
        lines = it.lines
        await it.press("question_mark")
        await it.until(lambda: isinstance(it.app.screen, HelpScreen), "help")
        shown = str(it.app.screen.query_one("#keys").render()).split("\n")
        assert shown[:4] == ["First steps", *lines]
        assert shown[5] == "Everywhere"

    await start(test)


async def test_a_later_start_shows_none_but_help_has_them(start) -> None:
    async def test(it: Steps) -> None:
        assert not it.main.query(FirstSteps)
        await it.press("question_mark")
        await it.until(lambda: isinstance(it.app.screen, HelpScreen), "help")
        assert str(it.app.screen.query_one("#keys").render()).startswith("First steps")

    await start(test, is_first_start=lambda: False)


async def test_what_is_wrong_with_the_settings_is_one_notification(start, tmp_path: Path) -> None:
    """Three of them cover a small screen."""
    path = tmp_path / "config.toml"
    path.write_text(
        'them = "x"\ntheme = "norde"\nlayout = "x"\n[keys]\nrun.connect = "ctrl+q"\nview.zom = "z"\n'
    )

    async def test(it: Steps) -> None:
        [told] = it.told
        assert told.count(str(path)) == 1
        assert told.splitlines()[-1] == "and 2 more; wsplay config lists them"
        assert len(told.splitlines()) == 4
        await it.until(lambda: it.main.query("Toast"), "the notification")
        await it.pilot.pause()
        assert not it.main.query_one("Toast").region.overlaps(it.steps.region)
        await it.press("ctrl+r")
        await it.until(lambda: it.main.state.run.number == 1, "connected")

    await start(test, config=read_config(path))


async def test_it_is_asked_after_the_first_paint(fake_playgrounds, library: Library) -> None:
    asked: list[str] = []

    def ask() -> bool:
        asked.append(type(app.screen).__name__)
        return True

    app = QuickApp(library, make_playground=fake_playgrounds, is_first_start=ask)
    async with app.run_test(size=(80, 24)) as pilot:
        it = Steps(app, pilot)
        await it.until(lambda: app.screen.query(FirstSteps) and it.main.state.loaded, "the main screen")
        assert asked == ["FirstScreen"]
        assert it.steps.display
