"""The keys of the main screen, wherever the focus is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from app_under_test import AppUnderTest
from textual.widget import Widget
from textual.widgets import Input, TextArea

from wsplay.scenario.library import Library
from wsplay.tui.app import WsplayApp
from wsplay.tui.client.client_pane import ClientPane
from wsplay.tui.kit.commands import Palette
from wsplay.tui.main.panes import UPPER
from wsplay.tui.main.screen import MainScreen
from wsplay.tui.source.pane import SourceView

pytestmark = pytest.mark.slow

SIZES = [(80, 24), (140, 40)]
#: Keys that a pane may have for itself: they mean the pane one is in.
OF_THE_PANE = {"enter", "escape", "slash"}


class Keys(AppUnderTest):
    """The app under test, on the main screen."""

    @property
    def client(self) -> ClientPane:
        return self.screen.query_one(ClientPane)

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def connected(self) -> None:
        await self.press("ctrl+r")
        await self.until(lambda: self.client.bar.state == "connected", "connected")


Test = Callable[[Keys], Awaitable[None]]


@pytest.fixture
def play(fake_playgrounds, library: Library):
    """Run a test's body in the app, with a server that accepts and keeps the connection open."""
    fake_playgrounds.prepare = lambda playground: setattr(playground, "refuse", False)

    async def run(test: Test, size: tuple[int, int] = (140, 40), scenario: str = "3") -> None:
        app = WsplayApp(library, scenario=scenario, make_playground=fake_playgrounds)
        async with app.run_test(size=size, notifications=True) as pilot:
            it = Keys(app, pilot, fake_playgrounds)
            await it.until(lambda: it.screen.state.loaded is not None, "loaded")
            await test(it)

    return run


def places(screen: MainScreen) -> list[Widget]:
    """Everything that can have the focus, whether it is shown or not."""
    return [
        widget
        for widget in screen.query("*")
        if widget.can_focus and not isinstance(widget, (Input, TextArea))
    ]


async def test_no_pane_takes_a_key_of_the_screen(play) -> None:
    async def test(it: Keys) -> None:
        screen = it.screen._bindings.copy()
        screen.apply_keymap(it.app._keymap)
        own = {key: binding.id for key, binding in screen}
        assert {"m", "T", "M", "0", "9", "left_square_bracket"} <= set(own)
        seen = 0
        for widget in places(it.screen):
            for node in widget.ancestors_with_self:
                if node is it.screen:
                    break
                bindings = node._bindings.copy()
                bindings.apply_keymap(it.app._keymap)
                for key, binding in bindings:
                    seen += 1
                    if key in own and key not in OF_THE_PANE:
                        assert binding.id == own[key], f"{widget!r} takes {key}"
        assert seen > 100

    await play(test)


@pytest.mark.parametrize("size", SIZES)
async def test_a_digit_is_a_scenario_wherever_the_focus_is(play, size) -> None:
    async def test(it: Keys) -> None:
        names = {"6": "accept_then_close", "7": it.screen.library.get("7").name}
        tabs = ("headers", "query", "subprotocols", "token", "options")
        seen: set[Widget] = set()
        digit = "7"
        for upper, tab in [*((upper, "headers") for upper in UPPER), *(("client", tab) for tab in tabs)]:
            it.screen.panes.show_upper(upper)
            it.client.show_tab(tab)
            await it.pilot.pause()
            for widget in places(it.screen):
                if widget in seen or not all(node.display for node in widget.ancestors_with_self):
                    continue
                it.screen.set_focus(widget)
                await it.pilot.pause()
                if it.screen.focused is not widget:
                    continue  # disabled
                seen.add(widget)
                digit = "6" if digit == "7" else "7"
                await it.press(digit)
                loaded = ("load", names[digit])
                await it.until(lambda loaded=loaded: it.fake.playground.calls[-1] == loaded, str(widget))
        kinds = {type(widget).__name__ for widget in seen}
        wanted = {"Chips", "TabStrip", "PairRows", "TimelineView", "SourceView", "BarButton", "SwitchList"}
        assert wanted <= kinds
        assert len(seen) > 10

    await play(test, size)


@pytest.mark.parametrize("size", SIZES)
async def test_an_opened_connection_puts_the_focus_on_the_message(play, size) -> None:
    async def test(it: Keys) -> None:
        await it.connected()
        assert it.screen.focused is it.client.bar.message
        assert it.client.bar.message.region.height == 1
        await it.press(*"3 mails", "enter")
        session = it.fake.playground.sessions[0]
        await it.until(lambda: session.done, "sent")
        assert [step.text for step in session.done] == ["3 mails"]
        await it.press("escape", "t")
        assert it.screen.focused is it.screen.timeline

    await play(test, size)


@pytest.mark.parametrize("size", SIZES)
async def test_the_focus_goes_back_if_nothing_was_typed_when_the_connection_ends(play, size) -> None:
    async def test(it: Keys) -> None:
        await it.press("e")
        upper = it.screen.panes.upper
        await it.connected()
        assert it.screen.focused is it.client.bar.message
        it.fake.playground.sessions[0]._end(1000, "", "server")
        await it.until(lambda: it.client.bar.state == "idle", "idle")
        assert isinstance(it.screen.focused, SourceView)
        assert it.screen.panes.upper == upper
        await it.connected()
        await it.press(*"half a mess")
        it.fake.playground.sessions[1]._end(1000, "", "server")
        await it.until(lambda: it.client.bar.state == "idle", "idle again")
        assert it.screen.focused is it.client.bar.message
        assert it.client.bar.message.text == "half a mess"

    await play(test, size)


async def test_an_opened_connection_takes_no_focus_from_a_field_or_a_zoomed_pane(play) -> None:
    async def test(it: Keys) -> None:
        await it.press("slash", *"x")
        field = it.screen.focused
        assert isinstance(field, Input)
        await it.connected()
        assert it.screen.focused is field
        await it.press("escape", "D")
        await it.until(lambda: it.client.bar.state == "idle", "idle")
        await it.press("t", "z")
        await it.connected()
        assert it.screen.focused is it.screen.timeline

    await play(test)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("place", ["s", "e", "c", "t"])
async def test_m_writes_a_message_from_anywhere(play, size, place: str) -> None:
    async def test(it: Keys) -> None:
        await it.press(place, "z", "m", *"hello")
        message = it.client.bar.message
        assert it.screen.focused is message
        assert message.text == "hello"
        assert all(node.display for node in message.ancestors_with_self)
        await it.press("enter")
        assert "not connected" in str(it.client.query_one("#client-note").render())
        await it.connected()
        await it.press("enter")
        await it.until(lambda: it.fake.playground.sessions[0].done, "sent")

    await play(test, size)


async def test_tries_are_reached_by_brackets_and_by_name(play) -> None:
    async def test(it: Keys) -> None:
        scenario = it.screen.scenario
        assert scenario is not None
        names = [try_.name for try_ in scenario.tries]
        await it.press("s", "right_square_bracket")
        assert it.screen.try_name == names[1]
        await it.press("left_square_bracket", "left_square_bracket")
        assert it.screen.try_name == names[-1]
        await it.press("T")
        assert isinstance(it.app.screen, Palette)
        await it.press(*names[1], "enter")
        await it.until(lambda: it.screen.try_name == names[1], "the try")
        assert it.screen.is_active

    await play(test)


async def test_a_scenario_without_tries_has_none_to_choose(play, library: Library, tmp_path: Any) -> None:
    (tmp_path / "bare.py").write_text("app = None\n")
    path = str(tmp_path / "bare.py")

    async def test(it: Keys) -> None:
        await it.press("T", "right_square_bracket")
        assert it.screen.is_active
        told = [notification.message for notification in it.app._notifications]
        assert told == ["this scenario has no tries"]

    await play(test, scenario=path)


async def test_metadata_is_shown_from_anywhere(play) -> None:
    async def test(it: Keys) -> None:
        source = it.screen.query_one(SourceView)
        lines = len(source.make_rows())
        await it.press("t", "M")
        assert len(source.make_rows()) > lines
        await it.press("e", "M")
        assert len(source.make_rows()) == lines

    await play(test)
