"""The explanation's pane: it is made when it is first shown, and breaks its text to its width."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from textual.app import App, ComposeResult
from textual.containers import Horizontal
from textual.pilot import Pilot
from textual.widgets import Static

from wsplay.tui.kit import theme
from wsplay.tui.kit.styled_lines import StyledLine
from wsplay.tui.source.explanation_pane import ExplanationPane
from wsplay.tui.source.patched_pane import PatchView

pytestmark = pytest.mark.slow


class Panes(App[None]):
    CSS = "Static { width: 10; } ExplanationPane, PatchView { width: 40; height: 10; }"

    def __init__(self) -> None:
        super().__init__()
        theme.register(self)

    def compose(self) -> ComposeResult:
        yield Horizontal(Static("left"))

    @property
    def shown(self) -> str:
        """The whole screen."""
        return "\n".join(strip.text for strip in self.screen._compositor.render_strips())


def lines_for(width: int) -> list[StyledLine]:
    return [
        ((f"{width} cells", "text-plain"),),
        *[((f"line {number}", "text-plain"),) for number in range(30)],
    ]


async def test_a_pane_whose_region_is_read_before_it_is_laid_out_has_its_text_all_the_same() -> None:
    app = Panes()
    async with app.run_test() as pilot:
        pane = ExplanationPane()
        app.query_one(Horizontal).mount(pane)
        pane.show("Title [b]", lines_for)
        pane.focus()
        while not pane.size:
            assert pane.region is not None  # what is read: it makes Textual forget that the pane is new
            await asyncio.sleep(0)
        await pilot.pause(0.1)
        assert pane.text.startswith("35 cells\nline 0\n")
        assert "35 cells" in app.shown
        assert "Title [b]" in app.shown
        pane.styles.width = 30
        await pilot.pause(0.1)
        assert pane.text.startswith("25 cells\n")


async def until(pilot: Pilot[None], true: Callable[[], object]) -> None:
    for _ in range(500):
        if true():
            return
        await pilot.pause(0.02)
    raise AssertionError("never came")


async def test_other_text_starts_at_its_beginning() -> None:
    app = Panes()
    async with app.run_test() as pilot:
        pane = ExplanationPane()
        app.query_one(Horizontal).mount(pane)
        pane.show("One", lines_for)
        pane.focus()
        await until(pilot, lambda: "35 cells" in app.shown and pane.has_focus)
        await pilot.press("end")
        await until(pilot, lambda: "line 29" in app.shown)
        pane.show("Two", lines_for)
        await until(pilot, lambda: "35 cells" in app.shown)


async def test_a_difference_starts_at_the_first_change() -> None:
    before = "import x\n" + "".join(f"a{number} = 1\n" for number in range(40))
    app = Panes()
    async with app.run_test() as pilot:
        view = PatchView()
        app.query_one(Horizontal).mount(view)
        view.show_difference(before, "x.py", before.replace("a30 = 1", "b30 = [2]"), "Both [b]")
        view.focus()
        while not view.size:
            assert view.region is not None
            await asyncio.sleep(0)
        await pilot.pause(0.1)
        assert "- 32  a30 = 1" in app.shown
        assert "+ 32  b30 = [2]" in app.shown
        assert "Both [b]" in app.shown
        view.show_plain("x.py", before)
        await pilot.pause(0.05)
        assert "b30" not in view.text
