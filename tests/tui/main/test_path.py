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
from wsplay.tui.client.client_pane import ClientPane
from wsplay.tui.kit.commands import Palette
from wsplay.tui.kit.status_line import StatusLine

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


def address(it: Play) -> str:
    """The address as the screen shows it."""
    wide = it.screen.query_one("#status", StatusLine).text
    narrow = it.screen.query_one("#fold", StatusLine)
    return narrow.text if it.screen.panes.narrow else wide


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_the_address_is_always_shown(play, size) -> None:
    async def test(it: Play) -> None:
        await it.ready()
        for pane in ("s", "e", "c", "t", "i"):
            await it.press(pane)
            assert URL + "/chat" in address(it)
            assert it.screen.query_one("#fold" if it.screen.panes.narrow else "#status").region.height == 1

    await play(test, ws("/chat"), size=size)


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_the_path_is_edited_in_the_place_of_its_line(play, size) -> None:
    async def test(it: Play) -> None:
        await it.ready()
        focused = it.screen.focused
        line = it.screen.query_one("#fold" if it.screen.panes.narrow else "#status")
        place = line.region
        await it.press("ctrl+l")
        bar = it.screen.address_bar
        assert (bar.region, line.display) == (place, False)
        assert (bar.input.has_focus, bar.input.text, bar.input.selected_text) == (True, "/chat", "/chat")
        await it.press("end", *"/x", "enter")
        assert (it.screen.focused, line.region, bar.display) == (focused, place, False)
        assert URL + "/chat/x" in address(it)
        await it.press("ctrl+r")
        assert (await it.connected()).path == "/chat/x"
        assert it.screen.query_one(ClientPane).form.edited

    await play(test, ws("/chat"), size=size)


async def test_the_address_moves_with_the_width(play) -> None:
    async def test(it: Play) -> None:
        await it.ready()
        await it.pilot.resize_terminal(*NARROW)
        await it.until(lambda: URL + "/chat" in it.screen.query_one("#fold", StatusLine).text, "on the tabs")
        assert URL not in it.status
        await it.pilot.resize_terminal(*WIDE)
        await it.until(lambda: URL + "/chat" in it.status, "on the status line")

    await play(test, ws("/chat"))


async def test_escape_leaves_the_path_as_it_was(play) -> None:
    async def test(it: Play) -> None:
        await it.ready()
        await it.press("ctrl+l", *"/other", "escape")
        assert not it.screen.address_bar.is_open
        assert it.screen.address == URL + "/chat"
        assert not it.screen.query_one(ClientPane).form.edited

    await play(test, ws("/chat"))


async def test_a_path_that_is_not_changed_stays_that_of_the_app(play, fake_playgrounds) -> None:
    async def test(it: Play) -> None:
        await it.ready()
        await it.press("ctrl+l", "enter")
        assert it.screen.query_one(ClientPane).form.state.path == ""
        await it.press("ctrl+l", *"/own", "enter", "ctrl+l", "backspace", "enter")
        assert it.screen.address == URL + "/chat"

    await play(test, ws("/chat"))


async def test_the_change_is_undone_as_any_other_of_the_form(play) -> None:
    async def test(it: Play) -> None:
        await it.ready()
        await it.press("ctrl+l", *"/own", "enter", "c", "ctrl+z")
        assert it.screen.address == URL + "/chat"
        await it.press("ctrl+y")
        assert it.screen.address == URL + "/own"

    await play(test, ws("/chat"))


async def test_a_typed_query_goes_to_its_rows(play) -> None:
    async def test(it: Play) -> None:
        await it.ready()
        await it.press("ctrl+l", *"/own?token=x", "enter", "ctrl+r")
        handshake = await it.connected()
        assert (handshake.path, handshake.query) == ("/own", (("token", "x"),))

    await play(test, ws("/chat"))


async def test_connecting_keeps_what_is_typed(play) -> None:
    async def test(it: Play) -> None:
        await it.ready()
        await it.press("ctrl+l", *"/own", "ctrl+r")
        assert (await it.connected()).path == "/own"
        assert not it.screen.address_bar.is_open

    await play(test, ws("/chat"))


async def test_leaving_the_field_keeps_what_is_typed(play) -> None:
    async def test(it: Play) -> None:
        await it.ready()
        await it.press("ctrl+l", *"/own")
        await it.pilot.click("#timeline")
        await it.pilot.pause()
        assert not it.screen.address_bar.is_open
        assert it.screen.focused is it.screen.timeline
        assert it.screen.address == URL + "/own"

    await play(test, ws("/chat"))


async def test_a_path_that_cannot_be_sent_is_not_left_unsaid(play) -> None:
    async def test(it: Play) -> None:
        await it.ready()
        await it.press("ctrl+l", *"/a b", "enter")
        bar = it.screen.address_bar
        assert bar.is_open
        assert it.told == ["a space cannot be in a path; write it percent-encoded"]
        await it.press("escape")
        await it.press("ctrl+r")
        await it.until(lambda: bar.is_open, "the field")
        assert (bar.input.text, it.sent) == ("/a b", [])
        await it.press("end", "left", "backspace", "enter", "ctrl+r")
        assert (await it.connected()).path == "/ab"

    await play(test, ws("/chat"))


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_a_click_edits_the_path(play, size) -> None:
    async def test(it: Play) -> None:
        await it.ready()
        line = it.screen.query_one("#fold" if it.screen.panes.narrow else "#status", StatusLine)
        [x] = [x for x, piece in line.laid_out() if piece.action == "edit_path"]
        await it.pilot.click(line, offset=(x + 3, 0))
        await it.press("end", *"/x", "enter")
        assert it.screen.address == URL + "/chat/x"
        assert it.screen.focused is not None

    await play(test, ws("/chat"), size=size)


async def test_down_in_the_field_lists_the_routes(play) -> None:
    async def test(it: Play) -> None:
        await it.ready()
        await it.press("ctrl+l", "down")
        await it.until(lambda: isinstance(it.app.screen, Palette), "the palette")
        await it.pilot.pause()
        await it.press(*"feed", "enter")
        await it.until(lambda: it.screen.address == URL + "/feed", "the route")
        assert (it.sent, it.screen.address_bar.is_open) == ([], False)

    await play(test, ws("/chat", "/feed"))


async def test_a_list_that_is_closed_leaves_what_is_typed(play) -> None:
    async def test(it: Play) -> None:
        await it.ready()
        await it.press("ctrl+l", *"/mine", "down")
        await it.until(lambda: isinstance(it.app.screen, Palette), "the palette")
        await it.press("escape")
        await it.until(lambda: it.app.screen is it.screen, "the screen")
        bar = it.screen.address_bar
        assert (bar.is_open, bar.input.text, bar.input.has_focus) == (True, "/mine", True)

    await play(test, ws("/chat", "/feed"))


async def test_a_parameter_is_filled_in_before_it_connects(play) -> None:
    async def test(it: Play) -> None:
        await it.ready()
        await it.asked()
        await it.press(*"room", "enter")
        bar = it.screen.address_bar
        await it.until(lambda: bar.is_open, "the field")
        assert (bar.input.selected_text, it.sent) == ("{name}", [])
        await it.press(*"ada", "enter", "ctrl+r")
        assert (await it.connected()).path == "/room/ada/x"

    await play(test, ws("/chat", "/room/{name}/x"))


async def test_what_is_below_a_mount_is_filled_in(play) -> None:
    async def test(it: Play) -> None:
        await it.ready()
        await it.asked()
        await it.press("enter")
        await it.until(lambda: it.screen.address_bar.is_open, "the field")
        await it.press(*"x", "enter", "ctrl+r")
        assert (await it.connected()).path == "/sub/x"

    await play(test, [{"path": "/sub", "methods": []}])


async def test_the_address_of_several_routes_says_how_many(play) -> None:
    async def test(it: Play) -> None:
        await it.ready()
        assert URL + " 2 routes" in it.status

    await play(test, ws("/chat", "/feed"))


async def test_a_request_is_copied_with_the_path_it_goes_to(play) -> None:
    async def test(it: Play) -> None:
        await it.ready()
        it.screen.action_copy_request("curl")
        assert "/chat" in it.app.clipboard

    await play(test, ws("/chat"))
