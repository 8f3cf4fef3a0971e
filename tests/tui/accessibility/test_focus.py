"""Where the focus is can be seen without any colour: by characters or attributes of the focused widget."""

from __future__ import annotations

from typing import Any

import pytest
from drawn import without_colour
from scenes import NARROW, WIDE
from textual.widget import Widget

pytestmark = pytest.mark.slow

#: One scene for each screen and each tab, and for each input that opens.
CASES = (
    *("connected", "headers", "query", "token", "options", "event", "explanation", "difference", "cell"),
    *(
        "search for scenarios",
        "palette",
        "help",
        "challenge",
        "challenge solved",
        "challenges",
        "attack",
        "run",
    ),
)


def around(widget: Widget) -> Any:
    """Where a widget is drawn, with the border of the pane it belongs to."""
    pane = next((one for one in widget.ancestors_with_self if one.has_class("pane")), widget)
    assert isinstance(pane, Widget)
    return pane.region


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=str)
@pytest.mark.parametrize("name", CASES)
async def test_the_focus_is_seen_without_colour(enter: Any, name: str, size: tuple[int, int]) -> None:
    await look(enter, name, size)


@pytest.mark.parametrize("name", CASES)
async def test_the_focus_is_seen_with_no_color(
    enter: Any, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    await look(enter, name, WIDE)


async def look(enter: Any, name: str, size: tuple[int, int]) -> None:
    """Focus each widget of a scene, and compare how it looks then and without the focus."""
    unseen: list[str] = []
    async with enter(name, size) as it:
        screen = it.app.screen
        looks: dict[Widget, Any] = {}
        for widget in list(screen.focus_chain):
            await it.focus(widget)
            looks[widget] = (around(widget), without_colour(screen))
        for one, (place, with_focus) in looks.items():
            for other, (_, without) in looks.items():
                if other is not one and _crop(with_focus, place) == _crop(without, place):
                    unseen.append(f"{one} looks the same with the focus on {other}")
        if len(looks) == 1:
            [(one, (place, with_focus))] = looks.items()
            await it.focus(None)
            if _crop(without_colour(screen), place) == _crop(with_focus, place):
                unseen.append(f"{one} looks the same without the focus")
    if unseen:
        pytest.fail("\n".join(unseen), pytrace=False)


def _crop(lines: list[list[tuple[str, frozenset[str]]]], place: Any) -> Any:
    return [line[place.x : place.right] for line in lines[place.y : place.bottom]]
