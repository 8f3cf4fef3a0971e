"""Chips and tabs: each drawn as one widget, so each is pressed by place."""

from __future__ import annotations

import pytest
from textual.app import App, ComposeResult
from textual.containers import Vertical

from wsplay.tui.kit.chips import Chips
from wsplay.tui.kit.tab_strip import TabName, TabStrip
from wsplay.tui.kit.theme import register

pytestmark = pytest.mark.slow

NAMES = ["valid", "expired", "forged signature", "alg none", "wrong audience", "missing", "Bearer twice"]
TABS = [
    TabName("a", ("Alpha", "Alph", "Al")),
    TabName("b", ("Beta", "Bet", "Be")),
    TabName("c", ("C", "C", "C")),
]


class SmallApp(App[None]):
    """One of each."""

    def __init__(self) -> None:
        super().__init__()
        register(self)
        self.said: list[object] = []

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Chips("Try", NAMES, tips=[f"tip {name}" for name in NAMES])
            yield TabStrip(TABS)

    def on_chips_pressed(self, event: Chips.Pressed) -> None:
        self.said.append((event.index, event.name))

    def on_tab_strip_activated(self, event: TabStrip.Activated) -> None:
        self.said.append((event.key, event.entered))


@pytest.mark.parametrize("width", [20, 36, 48, 120])
async def test_chips_wrap_and_all_can_be_clicked(width: int) -> None:
    app = SmallApp()
    async with app.run_test(size=(width, 24)) as pilot:
        chips = app.query_one(Chips)
        lines = ["".join(segment.text for segment in chips.render_line(y)) for y in range(chips.size.height)]
        assert all(len(line) <= width for line in lines)
        found = {
            name: (line.index(name), y)
            for name in NAMES
            for y, line in enumerate(lines)
            if f" {name}" in line
        }
        assert set(found) == set(NAMES) or width == 20
        for name, place in found.items():
            await pilot.click(chips, offset=place)
            await pilot.pause()
            assert app.said[-1] == (NAMES.index(name), name)


async def test_chips_by_key() -> None:
    app = SmallApp()
    async with app.run_test() as pilot:
        chips = app.query_one(Chips)
        chips.focus()
        await pilot.press("right", "right", "enter", "right", "enter", "home", "space", "end", "enter")
        await pilot.pause()
        assert [index for index, _ in app.said] == [2, 3, 0, 6]  # type: ignore[misc]


async def test_chips_take_no_digits() -> None:
    app = SmallApp()
    async with app.run_test() as pilot:
        app.query_one(Chips).focus()
        await pilot.press(*"0123456789")
        await pilot.pause()
        assert app.said == []
        line = app.query_one(Chips).render_line(0)
        assert not any(character.isdigit() for segment in line for character in segment.text)


async def test_chips_explain_what_is_under_the_mouse() -> None:
    app = SmallApp()
    async with app.run_test() as pilot:
        chips = app.query_one(Chips)
        await pilot.hover(chips, offset=(7, 0))
        assert chips.tooltip == "tip valid"
        await pilot.hover(chips, offset=(0, 0))
        assert chips.tooltip is None


async def test_the_chosen_one_is_told_without_colour() -> None:
    app = SmallApp()
    async with app.run_test() as pilot:
        app.query_one(TabStrip).focus()
        chips = app.query_one(Chips)
        chips.chosen, chips.mark = "expired", "*"
        await pilot.pause()
        assert "● expired*" in "".join(segment.text for segment in chips.render_line(0))


@pytest.mark.parametrize("width", [10, 14, 18, 80])
async def test_tabs_by_mouse_at_any_width(width: int) -> None:
    app = SmallApp()
    async with app.run_test(size=(width, 24)) as pilot:
        strip = app.query_one(TabStrip)
        line = "".join(segment.text for segment in strip.render_line(0))
        for key, letter in (("b", "B"), ("c", "C"), ("a", "A")):
            await pilot.click(strip, offset=(line.index(letter), 0))
            await pilot.pause()
            assert app.said[-1] == (key, False)
            assert strip.active == key


async def test_tabs_by_key() -> None:
    app = SmallApp()
    async with app.run_test() as pilot:
        app.query_one(TabStrip).focus()
        await pilot.press("right", "right", "right", "left", "end", "home", "down")
        await pilot.pause()
        assert [key for key, _ in app.said] == ["b", "c", "c", "b", "c", "a", "a"]  # type: ignore[misc]
        assert app.said[-1] == ("a", True)


async def test_a_tab_says_that_something_in_it_is_wrong() -> None:
    app = SmallApp()
    async with app.run_test() as pilot:
        strip = app.query_one(TabStrip)
        strip.marks = {"b": "wrong", "a": "•"}
        await pilot.pause()
        assert "".join(segment.text for segment in strip.render_line(0)).startswith("Alpha• Beta! C")
