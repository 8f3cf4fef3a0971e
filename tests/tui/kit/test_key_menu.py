"""A menu whose keys choose at once, as do the arrows, enter and the mouse."""

from __future__ import annotations

from textual.app import App

from wsplay.tui.kit import theme
from wsplay.tui.kit.commands import Choice
from wsplay.tui.kit.key_menu import KeyMenu
from wsplay.tui.kit.late_input import LateInputScreen

CHOICES = [
    Choice("the run [before]", "no auth [/]", "pick('before')", "b"),
    Choice("the next try", "runs it now", "pick('next')", "t"),
]


class Below(LateInputScreen[None]):
    def __init__(self) -> None:
        super().__init__()
        self.picked: list[str] = []

    def action_pick(self, what: str) -> None:
        self.picked.append(what)


class Host(App[None]):
    def __init__(self) -> None:
        super().__init__()
        theme.register(self)
        self.below = Below()

    async def on_mount(self) -> None:
        await self.push_screen(self.below)
        await self.push_screen(KeyMenu(CHOICES, "Compare with?", self.below))


async def test_one_key_chooses() -> None:
    app = Host()
    async with app.run_test() as pilot:
        await pilot.press("t")
        await pilot.pause()
        assert app.below.picked == ["next"]
        assert app.screen is app.below


async def test_the_arrows_and_enter_choose() -> None:
    app = Host()
    async with app.run_test() as pilot:
        await pilot.press("down", "enter")
        await pilot.pause()
        assert app.below.picked == ["next"]


async def test_the_mouse_chooses() -> None:
    app = Host()
    async with app.run_test() as pilot:
        await pilot.pause()
        await pilot.click("Options", offset=(5, 1))
        await pilot.pause()
        assert app.below.picked == ["before"]


async def test_a_key_twice_chooses_once() -> None:
    app = Host()
    async with app.run_test() as pilot:
        await pilot.press("b", "b")
        await pilot.pause()
        assert app.below.picked == ["before"]


async def test_another_key_does_nothing_and_escape_closes() -> None:
    app = Host()
    async with app.run_test() as pilot:
        await pilot.press("q")
        await pilot.pause()
        assert isinstance(app.screen, KeyMenu)
        await pilot.press("escape")
        await pilot.pause()
        assert app.screen is app.below
        assert app.below.picked == []
