"""No pane takes a key of its screen, on any screen that opens above the main one."""

from __future__ import annotations

from typing import Any

import pytest
from app_under_test import AppUnderTest
from textual.widgets import Input, TextArea

from wsplay.scenario.library import Library
from wsplay.tui.app import WsplayApp

pytestmark = pytest.mark.slow
#: Keys that a pane may have for itself: they mean the pane one is in.
OF_THE_PANE = {"enter", "escape", "slash"}


@pytest.mark.parametrize("size", [(80, 24), (140, 40)])
@pytest.mark.parametrize(
    ("key", "name"), [("q", "ChallengeScreen"), ("Q", "ChallengesScreen"), ("b", "AttackScreen")]
)
async def test_no_pane_takes_a_key_of_its_screen(
    fake_playgrounds: Any, library: Library, key: str, name: str, size: tuple[int, int]
) -> None:
    app = WsplayApp(library, scenario="3", make_playground=fake_playgrounds)
    async with app.run_test(size=size) as pilot:
        it = AppUnderTest(app, pilot, fake_playgrounds)
        await it.until(lambda: it.main.state.loaded is not None, "loaded")
        await it.press(key)
        await it.until(lambda: type(app.screen).__name__ == name and app.screen.focused, name)
        screen = app.screen
        own_map = screen._bindings.copy()
        own_map.apply_keymap(app._keymap)
        own = {pressed: binding.id for pressed, binding in own_map if binding.id is not None}
        assert own
        seen = 0
        for widget in screen.query("*"):
            if not widget.can_focus or isinstance(widget, (Input, TextArea)):
                continue
            for node in widget.ancestors_with_self:
                if node is screen:
                    break
                bindings = node._bindings.copy()
                bindings.apply_keymap(app._keymap)
                for pressed, binding in bindings:
                    seen += 1
                    if pressed in own and pressed not in OF_THE_PANE:
                        assert binding.id == own[pressed], f"{widget!r} takes {pressed}"
        assert seen > 5
