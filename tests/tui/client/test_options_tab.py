"""Switches under headings, by key and by mouse."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.widgets.option_list import Option

from wsplay.tui.client.options_tab import SwitchList, _heading, _switch
from wsplay.tui.kit.theme import register


class SwitchApp(App[None]):
    """A list of three switches, two of them under a heading."""

    def __init__(self) -> None:
        super().__init__()
        register(self)
        self.on = {"x": True, "y": False, "z": True}
        self.said: list[tuple[str, bool]] = []

    def compose(self) -> ComposeResult:
        yield SwitchList(compact=True)

    def on_mount(self) -> None:
        self.query_one(SwitchList).show_options(self.options())

    def options(self, *more: Option) -> list[Option]:
        one, two, three = (_switch(id, f"switch {id}", on) for id, on in self.on.items())
        return [one, *more, _heading("heading", "note"), two, three]

    def on_option_list_option_selected(self, event: SwitchList.OptionSelected) -> None:
        assert event.option_id is not None
        self.on[event.option_id] = not self.on[event.option_id]
        self.said.append((event.option_id, self.on[event.option_id]))
        self.query_one(SwitchList).show_options(self.options())

    def lines(self) -> list[str]:
        switches = self.query_one(SwitchList)
        return [switches.render_line(y).text.rstrip() for y in range(switches.size.height)]


async def test_switches_by_key_skip_headings() -> None:
    app = SwitchApp()
    async with app.run_test() as pilot:
        app.query_one(SwitchList).focus()
        await pilot.press("space", "down", "enter", "down", "down", "space", "up", "space")
        await pilot.pause()
        assert app.said == [("x", False), ("y", True), ("z", False), ("y", False)]


async def test_switches_by_mouse() -> None:
    app = SwitchApp()
    async with app.run_test() as pilot:
        switches = app.query_one(SwitchList)
        await pilot.click(switches, offset=(2, 2))  # the heading
        await pilot.click(switches, offset=(2, 3))
        await pilot.pause()
        assert app.said == [("y", True)]


async def test_what_is_on_is_told_without_colour() -> None:
    app = SwitchApp()
    async with app.run_test() as pilot:
        assert app.lines() == [" ✓ switch x", "", "heading  note", " · switch y", " ✓ switch z"]
        app.query_one(SwitchList).focus()
        await pilot.press("enter")
        await pilot.pause()
        assert app.lines()[0] == " · switch x"


async def test_the_highlight_stays_on_its_switch_when_another_comes() -> None:
    app = SwitchApp()
    async with app.run_test() as pilot:
        switches = app.query_one(SwitchList)
        switches.focus()
        await pilot.press("down")
        switches.show_options(app.options(_switch("new", "new", True)))
        await pilot.pause()
        assert switches.highlighted_option is switches.get_option("y")
        switches.show_options(app.options()[:1])
        assert switches.highlighted_option is switches.get_option("x")
