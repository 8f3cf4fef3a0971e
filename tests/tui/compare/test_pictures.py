"""The screen that compares as pictures, over two runs that are always the same.

`pytest -n0 --snapshot-update tests/tui/compare/test_pictures.py` takes them anew; look at them then.
"""

from __future__ import annotations

from typing import Any

import pytest
from textual.app import App
from textual.pilot import Pilot

from wsplay.tui.compare.screen import CompareScreen
from wsplay.tui.kit import theme
from wsplay.verdict.compare import Side

pytestmark = pytest.mark.slow


class Host(App[None]):
    """The screen over an empty one."""

    def __init__(self, left: Side, right: Side) -> None:
        super().__init__()
        theme.register(self)
        self.sides = left, right

    def on_mount(self) -> None:
        self.push_screen(CompareScreen(*self.sides))


async def ready(pilot: Pilot[None]) -> None:
    for _ in range(500):
        screen = pilot.app.screen
        if isinstance(screen, CompareScreen) and screen.compared is not None:
            break
        await pilot.pause(0.02)
    await pilot.pause()


async def compared(pilot: Pilot[None]) -> None:
    await ready(pilot)


async def only_differences(pilot: Pilot[None]) -> None:
    await ready(pilot)
    await pilot.press("equals_sign", "end")


async def in_full(pilot: Pilot[None]) -> None:
    await ready(pilot)
    await pilot.press("end", "up", "up", "up", "enter")
    await pilot.pause()


async def found(pilot: Pilot[None]) -> None:
    await ready(pilot)
    await pilot.press("slash", *"lane:wire")
    await pilot.pause()


@pytest.mark.parametrize("size", [(80, 24), (140, 40)], ids=["80x24", "140x40"])
@pytest.mark.parametrize("before", [compared, only_differences, in_full, found], ids=lambda f: f.__name__)
def test_screen(snap_compare: Any, left: Side, right: Side, size: tuple[int, int], before: Any) -> None:
    assert snap_compare(Host(left, right), terminal_size=size, run_before=before)


@pytest.mark.parametrize("name", ["wsplay-light", "wsplay-contrast"])
def test_theme(snap_compare: Any, left: Side, right: Side, name: str) -> None:
    app = Host(left, right)
    app.theme = name
    assert snap_compare(app, terminal_size=(140, 40), run_before=compared)
