"""Nothing blinks, and nothing is drawn while nothing happens."""

from __future__ import annotations

from typing import Any

import pytest
from drawn import pieces
from scenes import NARROW, SCENES
from textual.app import App
from textual.dom import DOMNode
from textual.timer import Timer
from textual.widgets import Input, TextArea

from wsplay.tui.challenge.screen import ChallengeScreen

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("name", SCENES)
async def test_no_cursor_and_no_text_blinks(enter: Any, name: str) -> None:
    async with enter(name) as it:
        for widget in it.app.screen.focus_chain:
            await it.focus(widget)
            if isinstance(widget, (Input, TextArea)):
                assert not widget.cursor_blink, widget
                assert widget._cursor_visible, widget
            assert not {"blink", "blink2"} & {
                one for piece in pieces(it.app.screen) for one in piece.attributes
            }


def timers_of(node: DOMNode) -> list[tuple[DOMNode, Timer]]:
    """The timers that run, of a node and all below it."""
    return [
        (one, timer)
        for one in node.walk_children(with_self=True)
        for timer in one._timers
        if timer._active.is_set()
    ]


#: Here something happens: the rest is being loaded, the mouse has just come, or a clock runs while something
#: waits.
BUSY = {"first paint", "mouse over a scenario", "mouse over a button", "held", "held request edited"}


@pytest.mark.parametrize("name", [name for name in SCENES if name not in BUSY])
async def test_nothing_is_drawn_while_nothing_happens(
    enter: Any, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once the scene has come to rest, let every timer that runs go off: none of them draws."""
    async with enter(name) as it:
        screen: Any = it.app.screen
        if isinstance(screen, ChallengeScreen):
            screen.action_clock()  # the clock runs unless it is turned off
        drawn: list[object] = []
        display = App._display
        monkeypatch.setattr(App, "_display", lambda app, *given: (drawn.append(given), display(app, *given)))
        for _ in range(40):  # what is to come once still comes: a verdict, the line of an event
            drawn.clear()
            await it.pilot.pause(0.25)
            if not drawn:
                break
        assert not drawn, "it never comes to rest"
        before = screen._compositor.render_strips()
        for covered in it.app.screen_stack:
            for _node, timer in timers_of(covered):
                if timer._repeat is None:  # not one that goes off once, such as the end of a notification
                    await timer._tick(next_timer=0.0, count=1)
        await it.settled()
        assert not drawn
        assert screen._compositor.render_strips() == before


@pytest.mark.parametrize("level", ["none", "full"])
async def test_without_animations_scrolling_has_no_steps(enter: Any, level: Any) -> None:
    """As with `TEXTUAL_ANIMATIONS=none`, which sets the level."""
    async with enter("help", NARROW) as it:
        it.app.animation_level = level
        page = it.app.screen.query_one("#page")
        passed: list[float] = []
        it.app.screen.watch(page, "scroll_y", lambda y: passed.append(y), init=False)  # noqa: PLW0108
        await it.press("pagedown")
        await it.until(lambda: passed and passed[-1] == page.scroll_target_y, "the page below")
        assert (len(set(passed)) == 1) == (level == "none")
