"""The tokens of the form, on the whole screen: what is seen of them without zooming the pane."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest
from textual.pilot import Pilot

from wsplay.scenario.library import Library
from wsplay.tui.app import WsplayApp
from wsplay.tui.client.client_pane import ClientPane
from wsplay.tui.client.token_tab import TokenTab
from wsplay.tui.main.screen import MainScreen

pytestmark = pytest.mark.slow

WIDE, NARROW = (140, 40), (80, 24)
Open = Callable[..., AbstractAsyncContextManager[tuple[Pilot[None], MainScreen]]]


@pytest.fixture
def token_tab(fake_playgrounds, library: Library) -> Open:
    """The main screen with the token tab of a try of the scenario `jwt_before_accept`, focused."""

    @asynccontextmanager
    async def opened(size: tuple[int, int], name: str) -> AsyncIterator[tuple[Pilot[None], MainScreen]]:
        app = WsplayApp(library, scenario="jwt_before_accept", make_playground=fake_playgrounds)
        async with app.run_test(size=size) as pilot:
            screen = app.screen_stack[0]
            assert isinstance(screen, MainScreen)
            await pilot.pause()
            screen.panes.show_upper("client")
            pane = screen.query_one(ClientPane)
            pane.choose_try(name)
            pane.show_tab("token", enter=True)
            await pilot.pause(0.1)
            yield pilot, screen

    return opened


def seen(screen: MainScreen) -> list[str]:
    """The lines of the tab as they are on the screen."""
    x, y, width, height = screen.query_one(TokenTab).region
    lines = screen._compositor.render_strips()[y : y + height]
    return [line.crop(x, x + width).text.rstrip() for line in lines]


@pytest.mark.parametrize(
    ("name", "status", "problem"),
    [
        ("valid", "✓ valid", ""),
        ("expired", "✗ 1 problem", "✗ it expired"),
        ("forged signature", "✗ 1 problem", "does not fit the key"),
        ("wrong audience", "✗ 1 problem", "not-wsplay, not wsplay"),
    ],
)
async def test_status_and_claims_are_seen_without_zoom(
    token_tab: Open, name: str, status: str, problem: str
) -> None:
    async with token_tab(WIDE, name) as (_, screen):
        lines = seen(screen)
        assert lines[0].startswith(f" Authorization  {status}")
        text = "\n".join(lines)
        assert problem in " ".join(text.split())
        for claim in ("sub alice", "aud ", "iat ", "exp "):
            assert claim in text
        assert "Mint" in text


async def test_with_little_room_the_first_line_says_how_much_is_below_and_the_arrows_show_it(
    token_tab: Open,
) -> None:
    async with token_tab(NARROW, "expired") as (pilot, screen):
        first, second, kinds = seen(screen)
        assert first.startswith(" Authorization  ✗ 1 problem")
        assert first.endswith("↓ 4 more lines")
        assert "✗ it expired" in second
        assert "Mint" in kinds
        await pilot.press("down", "down")
        await pilot.pause()
        assert "sub alice" in seen(screen)[0]
        await pilot.press("down", "down")
        await pilot.pause()
        assert "the signature is valid" in "\n".join(seen(screen))
        await pilot.press("up", "up", "up", "up")
        await pilot.pause()
        assert seen(screen)[0].startswith(" Authorization")


async def test_every_kind_can_be_seen_where_they_have_one_line(token_tab: Open) -> None:
    async with token_tab(NARROW, "missing") as (pilot, screen):
        assert "valid" in seen(screen)[-1]
        await pilot.press("end")
        await pilot.pause()
        assert "not yet" in seen(screen)[-1]
        await pilot.press("enter")
        await pilot.pause(0.1)
        assert seen(screen)[0].startswith(" Authorization  ✗ 1 problem")


async def test_no_line_is_said_to_be_below_where_all_are_seen(token_tab: Open) -> None:
    async with token_tab(WIDE, "missing") as (pilot, screen):
        assert "more line" not in "\n".join(seen(screen))
        await pilot.press("z")
        await pilot.pause(0.2)
        screen.query_one(ClientPane).choose_try("valid")
        await pilot.pause(0.1)
        lines = "\n".join(seen(screen))
        assert "more line" not in lines
        assert "\n  sub     alice" in lines
        assert "in 5 min" in lines or "in 4 min" in lines
