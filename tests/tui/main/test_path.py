"""The path of the request on the main screen: the only route, or one of several that the user chooses."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from app_under_test import AppUnderTest
from textual.widgets import Input

from wsplay.protocol.handshake import Handshake
from wsplay.scenario.library import Library
from wsplay.tui.app import WsplayApp
from wsplay.tui.kit.commands import Palette

pytestmark = pytest.mark.slow

WIDE, NARROW = (140, 40), (80, 24)
URL = "ws://127.0.0.1:8765"


def ws(*paths: str) -> list[dict[str, Any]]:
    return [{"path": path, "websocket": True} for path in paths]


class Play(AppUnderTest):
    """The app under test, with what tests ask of it."""

    @property
    def sent(self) -> list[Handshake]:
        """What the client has connected with."""
        return [call[1] for call in self.fake.playground.calls if call[0] == "connect"]

    async def ready(self) -> None:
        await self.until(lambda: self.screen.state.loaded is not None, "loaded")
        await self.until(lambda: self.headline == "READY", "ready")

    async def asked(self) -> None:
        """Connect, and wait until the routes are listed."""
        await self.press("ctrl+r")
        await self.until(lambda: isinstance(self.app.screen, Palette), "the palette")
        await self.until(lambda: "route" in self.app.screen.query_one(Input).placeholder, "the question")
        await self.pilot.pause()

    async def connected(self, number: int = 1) -> Handshake:
        await self.until(lambda: len(self.sent) == number, "connected")
        return self.sent[-1]


Test = Callable[[Play], Awaitable[None]]


@pytest.fixture
def play(fake_playgrounds, library: Library):
    """Run a test's body in the app, with an app that has these routes."""

    async def run(test: Test, routes: list[Any], *, size: tuple[int, int] = WIDE) -> None:
        def prepare(playground: Any) -> None:
            playground.routes = routes

        fake_playgrounds.prepare = prepare
        app = WsplayApp(library, scenario="3", make_playground=fake_playgrounds)
        async with app.run_test(size=size, notifications=True) as pilot:
            await test(Play(app, pilot, fake_playgrounds))

    return run


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_the_only_route_is_the_path(play, size) -> None:
    async def test(it: Play) -> None:
        await it.ready()
        assert it.screen.address == URL + "/chat"
        await it.press("ctrl+r")
        assert (await it.connected()).path == "/chat"

    await play(test, ws("/chat"), size=size)


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_of_several_routes_one_is_chosen(play, size) -> None:
    async def test(it: Play) -> None:
        await it.ready()
        assert it.screen.address == URL
        await it.asked()
        assert it.sent == []
        await it.press(*"feed", "enter")
        assert (await it.connected()).path == "/feed"
        assert it.screen.address == URL + "/feed"
        await it.until(lambda: it.headline.startswith("REFUSED"))
        await it.press("ctrl+r")
        assert (await it.connected(2)).path == "/feed"

    await play(test, ws("/chat", "/feed"), size=size)


async def test_a_choice_that_is_left_open_connects_to_nothing(play) -> None:
    async def test(it: Play) -> None:
        await it.ready()
        await it.asked()
        await it.press("escape")
        await it.until(lambda: it.app.screen is it.screen)
        assert (it.sent, it.screen.address, it.screen.state.run.number) == ([], URL, 0)
        await it.asked()

    await play(test, ws("/chat", "/feed"))
