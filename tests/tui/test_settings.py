"""What one chose last is kept at once, and there again at the next start."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from wsplay.config.config_file import keep_setting, read_config
from wsplay.scenario.library import Library
from wsplay.tui.app import QuickApp, WsplayApp
from wsplay.tui.main.screen import MainScreen

pytestmark = pytest.mark.slow
WIDE, NARROW = (140, 40), (80, 24)


def app_of(library: Library, fake_playgrounds: Any, path: Path, **options: Any) -> WsplayApp:
    return WsplayApp(
        library, scenario="3", make_playground=fake_playgrounds, config=read_config(path), **options
    )


async def until(pilot: Pilot[None], true: Any) -> None:
    for _ in range(300):
        if true():
            return
        await pilot.pause(0.02)
    raise AssertionError


def told(app: WsplayApp) -> list[str]:
    return [note.message for note in app._notifications]


@pytest.mark.parametrize("app_type", [WsplayApp, QuickApp])
async def test_a_theme_is_kept_at_once(
    library: Library, fake_playgrounds: Any, tmp_path: Path, app_type: type[WsplayApp]
) -> None:
    path = tmp_path / "config.toml"
    app = app_type(library, make_playground=fake_playgrounds, config=read_config(path))
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: isinstance(app.screen, MainScreen) and app.screen.query("#scenarios"))
        assert app.theme == "wsplay-dark"
        for name in ("wsplay-contrast", "wsplay-light", "wsplay-contrast"):
            await app.run_action(f"app.use_theme({name!r})")
        await until(pilot, lambda: read_config(path).theme == "wsplay-contrast")
        assert app.theme == "wsplay-contrast"
    assert app_of(library, fake_playgrounds, path).theme == "wsplay-contrast"
    assert app_of(library, fake_playgrounds, path, theme_name="wsplay-light").theme == "wsplay-light"
    assert read_config(path).theme == "wsplay-contrast"  # an option is for one start


async def test_the_last_choice_is_kept_by_a_quick_quit(
    library: Library, fake_playgrounds: Any, tmp_path: Path
) -> None:
    path = tmp_path / "config.toml"
    app = app_of(library, fake_playgrounds, path)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause(0.2)
        await app.run_action("app.use_theme('wsplay-light')")
        app.exit()
    assert read_config(path).theme == "wsplay-light"


async def test_the_layout_is_kept_and_shown_again(
    library: Library, fake_playgrounds: Any, tmp_path: Path
) -> None:
    path = tmp_path / "config.toml"
    app = app_of(library, fake_playgrounds, path)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause(0.2)
        await pilot.press("t", "i")
        await until(pilot, lambda: read_config(path).layout == "timeline+event")
    again = app_of(library, fake_playgrounds, path)
    async with again.run_test(size=WIDE) as pilot:
        await pilot.pause(0.2)
        assert again.screen.query_one("#inspector").display
        await pilot.press("t", "i")
        await until(pilot, lambda: read_config(path).layout == "timeline")
        assert not again.screen.query_one("#inspector").display


async def test_on_a_narrow_terminal_the_event_is_neither_opened_at_the_start_nor_kept(
    library: Library, fake_playgrounds: Any, tmp_path: Path
) -> None:
    """There it covers the panes above the timeline, and comes and goes with them."""
    path = tmp_path / "config.toml"
    keep_setting("layout", "timeline+event", path)
    app = app_of(library, fake_playgrounds, path)
    async with app.run_test(size=NARROW) as pilot:
        await pilot.pause(0.2)
        assert not app.screen.query_one("#inspector").display
        await pilot.press("t", "i")
        await pilot.pause(0.2)
        await pilot.press("i")
        await pilot.pause(0.2)
    assert read_config(path).layout == "timeline+event"


async def test_keys_of_the_settings_work_and_a_clash_is_told(
    library: Library, fake_playgrounds: Any, tmp_path: Path
) -> None:
    path = tmp_path / "config.toml"
    path.write_text('[keys]\nview.zoom = "f7"\nrun.connect = "ctrl+q"\n')
    app = app_of(library, fake_playgrounds, path)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await until(pilot, lambda: told(app))
        [line] = told(app)
        assert "ctrl+q for run.connect is a key of app.quit" in line
        await pilot.press("t", "z")
        assert not app.screen.has_class("-zoomed")
        await pilot.press("f7")
        assert app.screen.has_class("-zoomed")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("theme = ", "is not valid TOML"),
        ('them = "nord"', "unknown setting `them`, did you mean `theme`?"),
        ('theme = "wsplay-lite"', 'no theme "wsplay-lite"; did you mean `wsplay-light`?'),
        ('theme = "nord"', 'theme "nord" is Textual\'s own and no longer offered; there are wsplay-dark'),
    ],
)
async def test_what_is_wrong_is_told_at_the_start_in_one_line(
    library: Library, fake_playgrounds: Any, tmp_path: Path, text: str, said: str
) -> None:
    path = tmp_path / "config.toml"
    path.write_text(text)
    app = app_of(library, fake_playgrounds, path)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await until(pilot, lambda: told(app))
        [line] = told(app)
        assert said in line
        assert "\n" not in line
        assert app.theme == "wsplay-dark"
    assert path.read_text() == text


async def test_what_cannot_be_kept_is_told(library: Library, fake_playgrounds: Any, tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    app = app_of(library, fake_playgrounds, path)
    path.mkdir()
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await pilot.pause(0.2)
        await app.run_action("app.use_theme('wsplay-light')")
        await until(pilot, lambda: told(app))
        [line] = told(app)
        assert "your choice is not saved" in line
        assert app.theme == "wsplay-light"
