"""The whole screen as pictures: over an engine that plays the same run every time, without a clock.

`pytest --snapshot-update tests/tui/main/test_pictures.py` takes them anew; look at them before they are kept.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import OptionList, TextArea

from wsplay.scenario.library import Library
from wsplay.tui.app import WsplayApp
from wsplay.tui.background.messages import PathWanted
from wsplay.tui.client.client_pane import ClientPane
from wsplay.tui.hold.head_editor import HeadEditor
from wsplay.tui.kit.status_line import StatusLine
from wsplay.tui.kit.verdict_bar import VerdictBar
from wsplay.tui.main import stepper
from wsplay.tui.main.screen import MainScreen
from wsplay.tui.source.pane import SourceView

pytestmark = pytest.mark.slow

SIZES = [(80, 24), (140, 40)]
#: The time from which it is counted for how long something waits.
NOW = 13_400_000_000
SIZE_NAMES = [f"{width}x{height}" for width, height in SIZES]

SOURCE = '''"""The token must be right before the connection is accepted.

**What to look for**

- ASGI lane: `websocket.close 1008`. Wire lane, right after it: `HTTP/1.1 403`.
- The client library reports a *refused* handshake.

## Notes
Ask the room first.
"""

from fastapi import FastAPI, WebSocket

app = FastAPI()


@app.websocket("/ws")
async def endpoint(websocket: WebSocket):
    token = websocket.headers.get("Authorization")
    if token != "validtoken":
        await websocket.close(code=1008)
        return
    await websocket.accept()
    await websocket.send_text("Welcome!")

# /// script
# [tool.wsplay]
# title = "Close before accept"
# order = 3
# topics = ["handshake"]
# sources = ["ASGI spec, WebSocket Close - send event"]
#
# [[tool.wsplay.try]]
# name = "no token"
# expect = { status = 403, opened = false }
#
# [[tool.wsplay.try]]
# name = "valid token"
# headers = [["Authorization", "validtoken"]]
# expect = { status = 101, received = ["Welcome!"] }
#
# [[tool.wsplay.try]]
# name = "wrong token"
# headers = [["Authorization", "validtokem"]]
# expect = { status = 403 }
# ///
'''


@pytest.fixture
def own(tmp_path: Path) -> Library:
    """A small library whose texts no edit of the real scenarios can change."""
    others = [
        (1, "No authentication", "handshake"),
        (2, "Header check", "handshake"),
        (4, "Send before accept", "handshake"),
        (5, "JWT before accept", "handshake"),
        (6, "Accept, then close", "handshake"),
        (7, "Cookie and Origin", "browsers"),
        (8, "Subprotocol token", "browsers"),
    ]
    (tmp_path / "close_before_accept.py").write_text(SOURCE, encoding="utf-8")
    for order, title, topic in others:
        table = f'# [tool.wsplay]\n# title = "{title}"\n# order = {order}\n# topics = ["{topic}"]\n'
        text = f"app = None\n# /// script\n{table}# ///\n"
        if order == 4:
            code = SOURCE.partition("# ///")[0].replace("        await websocket.close(code=1008)\n", "")
            table += '# flawed = true\n# mended = "close_before_accept"\n'
            text = code.replace("must be", "is not") + f"# /// script\n{table}# ///\n"
        (tmp_path / f"s{order}.py").write_text(text, encoding="utf-8")
    (tmp_path / "broken.py").write_text("app = (\n", encoding="utf-8")
    return Library([tmp_path])


async def until(pilot: Pilot[None], true: Callable[[MainScreen], object]) -> None:
    """Wait, at most 20 s."""
    for _ in range(1000):
        screen = pilot.app.screen_stack[0]
        assert isinstance(screen, MainScreen)
        if true(screen):
            await pilot.pause(0.1)
            return
        await pilot.pause(0.02)
    raise AssertionError("the picture never came")


def headline(screen: MainScreen) -> str:
    return screen.query_one(VerdictBar).verdict.headline


async def ready(pilot: Pilot[None]) -> None:
    await until(pilot, lambda screen: headline(screen) == "READY")


async def refused(pilot: Pilot[None]) -> None:
    await ready(pilot)
    await pilot.press("ctrl+r")
    await until(pilot, lambda screen: "403" in headline(screen))
    await pilot.press("t", "up", "up", "up", "up")
    await until(pilot, lambda screen: screen.query_one(SourceView).lit == 21)


async def inspected(pilot: Pilot[None]) -> None:
    await refused(pilot)
    await pilot.press("i")
    await until(pilot, lambda screen: screen.panes.inspecting)


async def helped(pilot: Pilot[None]) -> None:
    await ready(pilot)
    await pilot.press("question_mark")
    await pilot.pause(0.2)


async def broken(pilot: Pilot[None]) -> None:
    await ready(pilot)
    screen = pilot.app.screen_stack[0]
    assert isinstance(screen, MainScreen)
    screen.open_scenario(screen.library.get("broken"))
    await until(pilot, lambda screen: headline(screen) == "NOT LOADED")


async def explained(pilot: Pilot[None]) -> None:
    await ready(pilot)
    await pilot.press("I")
    await pilot.pause(0.2)


async def compared(pilot: Pilot[None]) -> None:
    await ready(pilot)
    await pilot.press("F")
    await until(pilot, lambda screen: screen.scenario is not None and screen.scenario.name == "s4")
    await pilot.press("=")
    await until(pilot, lambda screen: screen.place.what == "difference")


async def edited(pilot: Pilot[None]) -> None:
    """A run, then an edit in the line of its event that does not load."""
    await refused(pilot)
    await pilot.press("ctrl+e")
    await until(pilot, lambda screen: isinstance(screen.focused, TextArea))
    await pilot.press("end", *" = 4401", "ctrl+s")
    await until(pilot, lambda screen: "SyntaxError" in screen.query_one("#edit-line", StatusLine).text)


async def edit_compared(pilot: Pilot[None]) -> None:
    """An edit that is not applied, and how it differs from the file."""
    await ready(pilot)
    await pilot.press("ctrl+e")
    await until(pilot, lambda screen: isinstance(screen.focused, TextArea))
    editor = pilot.app.screen_stack[0].query_one("#editor", TextArea)
    editor.move_cursor((20, 39))
    await pilot.press("backspace", "backspace", *"11", "escape")
    await until(pilot, lambda screen: screen.place.what == "source")
    await pilot.press("=")
    await until(pilot, lambda screen: screen.place.what == "difference")


async def held(pilot: Pilot[None]) -> None:
    """The app's close waits, while another client's request does."""
    await ready(pilot)
    screen = pilot.app.screen_stack[0]
    assert isinstance(screen, MainScreen)
    playground: Any = screen.proxy.worker._playground
    playground.wait_for_close = True
    screen.action_hold("all")
    await pilot.press("t", "ctrl+r")
    await until(pilot, lambda screen: len(screen.state.held.waiting) == 2)
    await until(pilot, lambda screen: screen.query_one(SourceView).lit == 21)
    pilot.app.clear_notifications()  # they would go after some seconds, in the picture or not
    await until(pilot, lambda screen: not screen.query("Toast"))


async def head_edited(pilot: Pilot[None]) -> None:
    """The request waits and is edited."""
    await held(pilot)
    await pilot.press("full_stop")
    await until(pilot, lambda screen: len(screen.state.held.waiting) == 1)
    await pilot.press("enter")
    await until(pilot, lambda screen: isinstance(screen.focused, HeadEditor))
    await pilot.press("enter", *"host: evil.example")


async def client(pilot: Pilot[None]) -> None:
    await ready(pilot)
    await pilot.press("right_square_bracket", "c")
    await pilot.pause(0.2)


async def lapsed(pilot: Pilot[None]) -> None:
    """A run of a request that was edited."""
    await client(pilot)
    pane = pilot.app.screen_stack[0].query_one(ClientPane)
    pane.form.type_in("headers", 0, "value", "mine")
    pane.tables["headers"].reread()
    await pilot.press("ctrl+r")
    await until(pilot, lambda screen: "403" in headline(screen))
    await pilot.press("c")


async def not_as_expected(pilot: Pilot[None]) -> None:
    await client(pilot)
    await pilot.press("ctrl+r")
    await until(pilot, lambda screen: "403" in headline(screen))


async def path_edited(pilot: Pilot[None]) -> None:
    await ready(pilot)
    await pilot.press("ctrl+l", "end", *"/room")


async def path_asked(pilot: Pilot[None]) -> None:
    """Of several routes, one is to be chosen."""
    await ready(pilot)
    screen = pilot.app.screen_stack[0]
    assert isinstance(screen, MainScreen)
    paths = ("/chat", "/feed", "/room/{name}")
    screen.state.add_item(PathWanted([{"path": path, "websocket": True} for path in paths]))
    await until(pilot, lambda screen: not screen.is_active)
    await until(pilot, lambda screen: screen.app.screen.query_one(OptionList).option_count == len(paths))


@pytest.mark.parametrize("size", SIZES, ids=SIZE_NAMES)
@pytest.mark.parametrize(
    "before",
    [
        ready,
        refused,
        inspected,
        helped,
        broken,
        client,
        lapsed,
        not_as_expected,
        explained,
        compared,
        path_edited,
        path_asked,
        edited,
        edit_compared,
        held,
        head_edited,
    ],
    ids=lambda f: f.__name__,
)
def test_screen(
    snap_compare,
    own: Library,
    fake_playgrounds,
    monkeypatch: pytest.MonkeyPatch,
    size,
    before: Callable[[Pilot[None]], Awaitable[None]],
) -> None:
    monkeypatch.setattr(stepper, "perf_counter_ns", lambda: NOW)
    app = WsplayApp(own, scenario="3", make_playground=fake_playgrounds)
    assert snap_compare(app, terminal_size=size, run_before=before)


@pytest.mark.parametrize("theme", ["wsplay-light", "wsplay-contrast"])
def test_theme(snap_compare, own: Library, fake_playgrounds, theme: str) -> None:
    app = WsplayApp(own, scenario="3", make_playground=fake_playgrounds)
    app.theme = theme
    assert snap_compare(app, terminal_size=(140, 40), run_before=refused)
