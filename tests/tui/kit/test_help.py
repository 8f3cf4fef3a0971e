"""The page of keys is made from the bindings, and the bindings keep their rules."""

from __future__ import annotations

import re

import pytest
from textual.app import App
from textual.binding import Binding, BindingsMap
from textual.dom import DOMNode

from wsplay.scenario.library import Library
from wsplay.tui.app import WsplayApp
from wsplay.tui.kit.help import HelpScreen, help_of
from wsplay.tui.main.keys import BINDINGS, KEPT, KEY_ORDER, KEYMAP

pytestmark = pytest.mark.slow


def ours(screen) -> list[tuple[DOMNode, Binding]]:
    """Every binding of the app, the screen and its panes that is this program's own."""
    found = []
    for node in (screen.app, screen, *screen.walk_children()):
        bindings: BindingsMap = node._bindings.copy()
        bindings.apply_keymap(screen.app._keymap)
        module = type(node).__module__
        if module.startswith("wsplay."):
            own = {
                binding.id
                for base in type(node).__mro__
                if base.__module__.startswith("wsplay.")
                for binding in Binding.make_bindings(base.__dict__.get("BINDINGS", ()))
            }
            found += [(node, binding) for _, binding in bindings if binding.id in own]
    return found


@pytest.fixture
async def screen(fake_playgrounds, library: Library):
    app = WsplayApp(library, make_playground=fake_playgrounds)
    async with app.run_test(size=(140, 40)) as pilot:
        await pilot.pause()
        yield app.screen


async def test_every_binding_has_an_id_and_a_tooltip_and_is_no_key_terminals_eat(screen) -> None:
    found = ours(screen)
    assert len(found) > 60
    for node, binding in found:
        assert binding.id, (node, binding)
        assert binding.tooltip, (node, binding)
        assert binding.key not in ("ctrl+c", "ctrl+m", "ctrl+i", "ctrl+j", "ctrl+h")
    keys: dict[str, set[str]] = {}
    for _, binding in found:
        keys.setdefault(str(binding.id), set()).add(binding.key)
    for id, pressed in keys.items():
        assert not all(re.fullmatch(r"f\d+|ctrl\+enter", key) for key in pressed), id


async def test_ids_and_keys_of_the_screen_are_given_once(screen) -> None:
    ids = [binding.id for binding in BINDINGS]
    assert len(ids) == len(set(ids))
    keys = [key for binding in BINDINGS for key in binding.key.split(",")]
    assert len(keys) == len(set(keys))
    known = {binding.id for _, binding in ours(screen)}
    assert set(KEYMAP) <= known
    assert known >= KEPT
    assert set(KEY_ORDER) - {"..."} <= known


#: Keys of the screen that mean something of their own in a pane: there the nearest thing counts.
LOCAL = {"slash", "escape"}


async def test_no_pane_hides_a_key_of_the_screen_unawares(screen) -> None:
    general = {key: binding.id for binding in BINDINGS for key in binding.key.split(",")}
    hidden = {
        (type(node).__name__, binding.key)
        for node, binding in ours(screen)
        if node not in (screen, screen.app)
        and binding.key in general.keys() - LOCAL
        and binding.id != general[binding.key]  # it does the same
    }
    assert hidden == set()


async def test_the_page_lists_every_binding_with_its_keys(screen) -> None:
    groups = dict(help_of(screen))
    assert {"Everywhere", "Scenarios", "Endpoint", "Timeline", "Inspector", "Client"} <= set(groups)
    tips = {key.tip for keys in groups.values() for key in keys}
    for _, binding in ours(screen):
        assert binding.tooltip in tips or re.search(r"[-_]\d$", str(binding.id))
    everywhere = {key.tip: key.keys for key in groups["Everywhere"]}
    assert everywhere["Connect with the client pane's settings"] == ("^r",)
    assert ("W",) in {key.keys for key in groups["Timeline"]}


async def test_a_key_that_was_moved_is_shown_where_it_is_now(screen) -> None:
    screen.app.update_keymap({"run.connect": "f12,ctrl+g"})
    everywhere = {key.tip: key.keys for key in dict(help_of(screen))["Everywhere"]}
    assert everywhere["Connect with the client pane's settings"] == ("f12", "^g")


@pytest.mark.parametrize("size", [(140, 40), (80, 24), (40, 12)])
async def test_it_opens_and_closes_on_any_screen(fake_playgrounds, library: Library, size) -> None:
    app: App[None] = WsplayApp(library, make_playground=fake_playgrounds)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        await pilot.press("question_mark")
        await pilot.pause()
        assert isinstance(app.screen, HelpScreen)
        page = app.screen.query_one("#page")
        assert app.screen.region.contains_region(page.region)
        assert page.has_focus
        await pilot.press("end")
        await pilot.press("escape")
        await pilot.pause()
        assert not isinstance(app.screen, HelpScreen)
