"""Holding on the main screen: what waits is shown, and the user decides."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import websockets
from app_under_test import AppUnderTest
from textual.widgets import Input, Static

from wsplay.events.event import Direction, Lane, Source
from wsplay.protocol.hold_points import ALL, NOTHING, parse_points
from wsplay.protocol.waiting import Waiting
from wsplay.scenario.library import Library
from wsplay.tui.app import WsplayApp
from wsplay.tui.hold.band import HoldBand
from wsplay.tui.hold.head_editor import HeadEditor
from wsplay.tui.kit.commands import Palette
from wsplay.tui.kit.status_line import StatusLine
from wsplay.tui.kit.styled_lines import plain
from wsplay.tui.kit.verdict_bar import VerdictBar
from wsplay.tui.main import stepper as stepper_module
from wsplay.tui.source.pane import SourceView

pytestmark = pytest.mark.slow

MS = 1_000_000
START = 1_000 * MS
HEAD = b"GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n\r\n"
LINE = 44


def request(number: int = 1, conn: int = 1) -> Waiting:
    return Waiting(
        number, conn, Lane.WIRE, "request", "GET /ws HTTP/1.1", Direction.C2S, START + MS, None, HEAD
    )


def close(number: int = 2, conn: int = 1) -> Waiting:
    source = Source("close_before_accept.py", LINE, "endpoint")
    return Waiting(
        number, conn, Lane.ASGI, "send", "websocket.close 1008", Direction.S2C, START + 2 * MS, source
    )


class Held(AppUnderTest):
    """The app under test, which may hold."""

    limit = 40.0

    @property
    def band(self) -> str:
        """What the band says; empty if it is not shown."""
        shown = [band for band in self.main.query(HoldBand) if band.display]
        if not shown:
            return ""
        lines = [str(line.content) for line in shown[0].query(Static)]
        return "\n".join([*lines, shown[0].query_one(StatusLine).text])

    @property
    def rows(self) -> list[str]:
        """The visible rows of the timeline."""
        timeline = self.main.timeline
        return [timeline.render_line(y).text for y in range(timeline.scrollable_content_region.height)]

    @property
    def row_that_waits(self) -> str:
        return next((row for row in self.rows if "WAITS" in row), "")

    @property
    def editor(self) -> HeadEditor:
        return self.main.query_one(HeadEditor)

    async def waits(self, about: str) -> None:
        await self.until(lambda: about in self.band and about in self.row_that_waits, f"{about} waits")

    async def hold(self, point: str = "all") -> None:
        self.main.action_hold(point)
        await self.until(lambda: "‖ HOLD" in self.status, "the status")

    async def ready(self) -> None:
        await self.until(lambda: self.headline == "READY", "ready")


@asynccontextmanager
async def opened(library: Any, fake: Any, size: tuple[int, int] = (140, 40)) -> AsyncIterator[Held]:
    """Over a playground that plays what it is told."""
    app = WsplayApp(library, scenario="3", make_playground=fake)
    async with app.run_test(size=size, notifications=True) as pilot:
        it = Held(app, pilot, fake)
        await it.ready()
        yield it


@asynccontextmanager
async def playing(library: Any, scenario: str = "close_before_accept") -> AsyncIterator[Held]:
    """Over the real server."""
    app = WsplayApp(library, scenario=scenario)
    async with app.run_test(size=(140, 40), notifications=True) as pilot:
        it = Held(app, pilot)
        await it.ready()
        yield it


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A clock that is set."""
    now = [START]
    monkeypatch.setattr(stepper_module, "perf_counter_ns", lambda: now[0])
    return now


# -- what is shown


async def test_the_menu_says_what_can_be_held_and_is_typed_for(
    library: Library, fake_playgrounds: Any
) -> None:
    async with opened(library, fake_playgrounds) as it:
        await it.press("H")
        await it.until(lambda: isinstance(it.app.screen, Palette), "the menu")
        await it.until(lambda: it.app.screen.query("CommandList"), "its choices")
        await it.press(*"wire")
        await it.until(lambda: it.app.screen.query_one("CommandList").option_count == 1, "one")
        await it.press("enter")
        await it.until(lambda: it.fake.playground.points == parse_points(["wire"]), "held")
        await it.until(lambda: "HOLD: wire" in str(it.main.timeline.border_title), "the title")
        assert "‖ HOLD" in it.status


async def test_what_waits_is_lit_in_the_source_and_said_in_its_row_and_in_the_band(
    library: Library, fake_playgrounds: Any, clock: list[int]
) -> None:
    async with opened(library, fake_playgrounds) as it:
        await it.hold()
        clock[0] = START + 12_500 * MS
        it.fake.playground.wait(2, close())
        await it.waits("websocket.close 1008")
        assert "WAITS 12 s  websocket.close 1008" in it.row_that_waits
        assert "‖─" in it.row_that_waits
        assert f"close_before_accept.py:{LINE}" in it.band
        assert "Stand still: the server's clock" in it.band
        assert ". step  > let all go  X drop" in it.band
        assert not it.main.query_one(VerdictBar).display
        source = it.main.query_one(SourceView)
        await it.until(lambda: source.lit == LINE, "its line")
        assert "waits to send websocket.close 1008" in str(source.border_subtitle)
        clock[0] += 61_000 * MS
        await it.until(lambda: "WAITS 1 min 13 s" in it.band, "the clock, by itself")
        assert "WAITS 1 min 13 s" in it.row_that_waits
        it.fake.playground.step(2)
        await it.until(lambda: not it.band, "the verdict again")
        assert it.main.query_one(VerdictBar).display
        assert not it.row_that_waits
        assert any("held: websocket.close 1008" in row for row in it.rows)


def running(screen: Any) -> int:
    """How many timers it has that run and go off as often as the clock of what waits."""
    every = stepper_module.EVERY
    return sum(timer._task is not None and timer._interval == every for timer in screen._timers)


async def test_no_clock_runs_while_nothing_waits(library: Library, fake_playgrounds: Any) -> None:
    async with opened(library, fake_playgrounds) as it:
        before = running(it.main)
        await it.hold()
        it.fake.playground.wait(1, request())
        await it.waits("GET /ws")
        assert running(it.main) == before + 1
        it.fake.playground.step(1)
        await it.until(lambda: not it.band, "the verdict again")
        await it.until(lambda: running(it.main) == before, "no timer of the band")


async def test_a_small_screen_says_it_all(library: Library, fake_playgrounds: Any, clock: list[int]) -> None:
    async with opened(library, fake_playgrounds, size=(80, 24)) as it:
        await it.hold()
        it.fake.playground.wait(1, request())
        await it.waits("GET /ws HTTP/1.1")
        assert "Our clocks stand still; the time of day, other clients and threads do not." in it.band
        await it.press("t")
        await it.until(lambda: "enter edit the request" in it.band, "the way to edit it")
        assert all(len(line) <= 77 for line in it.band.splitlines())


# -- what the user decides


async def test_the_one_that_waits_longest_is_stepped_or_the_one_under_the_cursor(
    library: Library, fake_playgrounds: Any
) -> None:
    async with opened(library, fake_playgrounds) as it:
        await it.hold()
        playground = it.fake.playground
        for number in (1, 2, 3):
            playground.wait(number, close(number, number))
        await it.until(lambda: "+2 more" in it.band, "three")
        assert "#1 the app sends" in it.band
        await it.press("t", "full_stop")
        await it.until(lambda: "+1 more" in it.band and "#2" in it.band, "the oldest went")
        assert ("step", 1) in playground.calls
        await it.press("up", "down", "f")  # on the newest, without following
        await it.press("up")
        await it.press("down")
        await it.until(lambda: "#3 the app sends" in it.band, "the one under the cursor")
        await it.press("X")
        await it.until(lambda: "#2 the app sends" in it.band, "the other")
        assert ("drop", 3) in playground.calls


async def test_all_is_let_go_and_nothing_held_any_more(library: Library, fake_playgrounds: Any) -> None:
    async with opened(library, fake_playgrounds) as it:
        await it.hold()
        it.fake.playground.wait(1, request())
        await it.waits("GET /ws")
        await it.press("greater_than_sign")
        await it.until(lambda: it.fake.playground.points == NOTHING and not it.band, "let go")
        assert "HOLD" not in it.status
        assert "HOLD" not in str(it.main.timeline.border_title)


@pytest.mark.parametrize("key", ["full_stop", "X", "greater_than_sign"])
async def test_with_nothing_to_decide_they_say_so(library: Library, fake_playgrounds: Any, key: str) -> None:
    async with opened(library, fake_playgrounds) as it:
        await it.press(key)
        await it.until(lambda: it.told == ["nothing is held: H chooses where to hold"], "told")


async def test_with_nothing_waiting_yet_a_step_says_so(library: Library, fake_playgrounds: Any) -> None:
    async with opened(library, fake_playgrounds) as it:
        await it.hold()
        await it.press("full_stop")
        await it.until(lambda: "nothing waits now" in it.told, "told")


async def test_the_words_of_the_band_can_be_clicked(library: Library, fake_playgrounds: Any) -> None:
    async with opened(library, fake_playgrounds) as it:
        await it.hold()
        it.fake.playground.wait(1, request())
        await it.waits("GET /ws")
        await it.pilot.click("#hold-keys", offset=(3, 0))
        await it.until(lambda: ("step", 1) in it.fake.playground.calls, "stepped")


async def test_the_keys_stay_keys_once_a_held_connection_is_open(
    library: Library, fake_playgrounds: Any
) -> None:
    """The message has the focus while a connection is open, but its keys would be typed there."""
    async with opened(library, fake_playgrounds) as it:
        it.fake.playground.refuse = False
        await it.hold("close")
        await it.press("t", "ctrl+r")
        await it.until(lambda: it.main.state.client == "connected", "connected")
        assert not isinstance(it.main.focused, Input)
        it.fake.playground.wait(5, close())
        await it.waits("websocket.close")
        await it.press("m")
        await it.until(lambda: "escape, then . step" in it.band, "how to step from a field")


# -- the request that is edited


async def test_a_held_request_is_edited_in_place(library: Library, fake_playgrounds: Any) -> None:
    async with opened(library, fake_playgrounds) as it:
        await it.hold()
        it.fake.playground.wait(1, request())
        await it.waits("GET /ws")
        await it.press("t", "enter")
        await it.until(lambda: it.main.query(HeadEditor) and it.editor.has_focus, "the editor")
        assert it.editor.text == "GET /ws HTTP/1.1\nHost: 127.0.0.1\nUpgrade: websocket"
        await it.press("enter", *"host: b", "ctrl+s")
        edited = HEAD.removesuffix(b"\r\n") + b"host: b\r\n\r\n"
        await it.until(lambda: ("edit", 1, edited) in it.fake.playground.calls, "sent")
        await it.until(lambda: not it.main.query(HeadEditor), "the editor has gone")
        assert it.main.focused is it.main.timeline


@pytest.mark.parametrize("keys", [("escape",), ("x", "escape"), ("ctrl+s",)])
async def test_a_request_that_is_not_changed_goes_on_as_it_was(
    library: Library, fake_playgrounds: Any, keys: tuple[str, ...]
) -> None:
    async with opened(library, fake_playgrounds) as it:
        await it.hold()
        it.fake.playground.wait(1, request())
        await it.waits("GET /ws")
        await it.press("t", "enter")
        await it.until(lambda: it.main.query(HeadEditor) and it.editor.has_focus, "the editor")
        await it.press(*keys)
        await it.until(lambda: ("step", 1) in it.fake.playground.calls, "sent")
        assert not any(call[0] == "edit" for call in it.fake.playground.calls)


async def test_the_request_that_is_edited_is_the_next_one_and_a_click_sends_it_unchanged(
    library: Library, fake_playgrounds: Any
) -> None:
    async with opened(library, fake_playgrounds) as it:
        await it.hold()
        it.fake.playground.wait(1, close(1))
        it.fake.playground.wait(2, request(2, 2))
        await it.until(lambda: "+1 more" in it.band, "both")
        await it.press("t", "enter")
        await it.until(lambda: isinstance(it.main.focused, HeadEditor), "the editor")
        await it.until(lambda: "#2 the client's request" in it.band, "the band is about it")
        await it.pilot.click("#hold-keys", offset=(28, 0))
        await it.until(lambda: ("step", 2) in it.fake.playground.calls, "sent")
        assert it.told == ["hold: all, until you switch it off"]
        assert ("step", 1) not in it.fake.playground.calls


async def test_what_cannot_be_sent_says_why_and_stays(library: Library, fake_playgrounds: Any) -> None:
    async with opened(library, fake_playgrounds) as it:
        await it.hold()
        it.fake.playground.wait(1, request())
        await it.waits("GET /ws")
        await it.press("t", "enter")
        await it.until(lambda: it.main.query(HeadEditor) and it.editor.has_focus, "the editor")
        it.editor.insert("€\x1b")
        assert it.editor.text.endswith("€␛")
        await it.press("ctrl+s")
        await it.until(lambda: any("line 3: € is no byte" in told for told in it.told), "told")
        assert it.editor.has_focus


async def test_a_request_that_ends_by_itself_closes_the_editor(
    library: Library, fake_playgrounds: Any
) -> None:
    async with opened(library, fake_playgrounds) as it:
        await it.hold()
        it.fake.playground.wait(1, request())
        await it.waits("GET /ws")
        await it.press("t", "enter")
        await it.until(lambda: it.main.query(HeadEditor) and it.editor.has_focus, "the editor")
        it.fake.playground.spare(1)
        await it.until(lambda: not it.main.query(HeadEditor), "the editor has gone")
        assert any("does not wait any more" in told for told in it.told)


# -- the real server


async def test_every_boundary_of_a_refusal_with_an_edited_header(library: Library) -> None:
    async with playing(library) as it:
        await it.hold()
        await it.press("t", "ctrl+r")
        await it.waits("GET /ws HTTP/1.1")
        await it.press("enter")
        await it.until(lambda: it.main.query(HeadEditor) and it.editor.has_focus, "the editor")
        await it.press("enter", *"Authorization: guess", "ctrl+s")
        await it.waits("websocket.close 1008")
        await it.until(lambda: it.main.query_one(SourceView).lit == LINE, "its line")
        await it.press("full_stop")
        await it.waits("HTTP/1.1 403 Forbidden")
        await it.press("full_stop")
        await it.until(lambda: "403" in it.headline and not it.band, "the verdict")
        bar = it.main.query_one(VerdictBar)
        await it.until(lambda: "you edited the held request" in bar.verdict.expected, "nothing is expected")
        run = it.main.state.run.timeline[:]
        [edited] = [event for event in run if event.kind == "wire.edited"]
        assert b"Authorization" not in edited.data["before"]["text"].encode()
        assert edited.data["after"]["text"].endswith("Authorization: guess\r\n\r\n")
        [forwarded] = [event for event in run if event.kind == "wire.request"]
        assert ["Authorization", "guess"] in [list(pair) for pair in forwarded.data["headers"]]


async def test_holding_stays_on_over_runs_scenarios_tries_and_restarts(library: Library) -> None:
    async with playing(library) as it:
        await it.hold("close")
        await it.press("t", "ctrl+r")
        await it.waits("websocket.close 1008")
        await it.press("ctrl+r")  # the next run drops what is held
        await it.until(lambda: it.main.state.run.number == 2, "the next run")
        await it.waits("websocket.close 1008")
        await it.press("D")
        await it.until(lambda: not it.band and it.main.state.client == "idle", "disconnected")
        await it.press("R")
        await it.until(lambda: it.main.state.server.up, "up again")
        it.main.action_open_scenario("accept_then_close")
        loaded = it.main.state
        await it.until(lambda: loaded.loaded is not None and loaded.loaded.name == "accept_then_close", "it")
        await it.until(lambda: it.headline == "READY", "ready")
        await it.press("t", "ctrl+r")
        await it.waits("websocket.close 1008")
        it.main.action_use_engine("uvicorn-wsproto")
        await it.until(lambda: it.main.state.server.engine == "uvicorn-wsproto" and not it.band, "switched")
        await it.until(lambda: it.main.state.server.up, "up")
        assert "‖ HOLD" in it.status
        await it.press("greater_than_sign", "ctrl+r")
        await it.until(lambda: it.headline.startswith("CLOSED"), "nothing is held")


async def test_foreign_clients_are_held_too(library: Library) -> None:
    async with playing(library, "no_auth") as it:
        await it.hold("accept")

        async def talk() -> str | bytes:
            async with websockets.connect(it.main.address, proxy=None, open_timeout=None) as other:
                return await other.recv()

        talking = asyncio.create_task(talk())
        await it.waits("websocket.accept")
        await it.press("t", "full_stop")
        await it.waits("HTTP/1.1 101")
        assert not talking.done()
        await it.press("full_stop")
        assert await asyncio.wait_for(talking, it.limit)


async def test_a_job_holds_nothing(library: Library) -> None:
    """The grading of a challenge has no band on its screen."""
    async with playing(library) as it:
        await it.hold()
        await it.press("t", "q")
        await it.until(lambda: type(it.app.screen).__name__ == "ChallengeScreen", "the challenge")
        await it.press("1", "enter")
        screen: Any = it.app.screen
        await it.until(lambda: screen.session.stage.name in ("DONE", "REFUTED"), "it is graded")
        await it.until(lambda: not screen.working, "the end")
        assert it.main.state.held.points == ALL


BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@pytest.mark.skipif(BROWSER is None, reason="no Chromium: no browser's handshake was held")
async def test_the_handshake_of_a_browser_is_held_and_let_go(library: Library, tmp_path: Path) -> None:
    assert BROWSER is not None
    async with playing(library, "no_auth") as it:
        await it.hold("wire")
        page = tmp_path / "page.html"
        page.write_text(f"<script>new WebSocket('{it.main.address}')</script>", encoding="utf-8")
        browser = await asyncio.create_subprocess_exec(
            BROWSER,
            *("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"),
            *("--no-first-run", f"--user-data-dir={tmp_path / 'profile'}", "--remote-debugging-port=0"),
            page.as_uri(),
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            await it.waits("GET /ws HTTP/1.1")
            [waiting] = it.main.state.held.waiting
            assert waiting.head is not None
            assert b"\r\nOrigin: file://" in waiting.head or b"\r\nOrigin: null" in waiting.head
            await it.press("t", "full_stop")
            await it.waits("HTTP/1.1 101")
            await it.press("greater_than_sign")
            run = it.main.state.run
            await it.until(lambda: any(event.kind == "wire.frame" for event in run.timeline), "a frame")
            assert not it.band or not it.main.state.held.waiting
        finally:
            browser.kill()
            await asyncio.wait_for(browser.wait(), it.limit)


def test_a_row_of_the_timeline_is_plain_text() -> None:
    """What waits is data there too."""
    from wsplay.events.event import Event
    from wsplay.tui.timeline.rows import columns, row

    data = {"id": 1, "what": "request", "phase": "waits", "about": "GET /\x1b[31m[b]"}
    event = Event(START, Lane.WIRE, "wire.held", "waits: x", 1, Direction.C2S, data)
    for width in (60, 80, 140):
        waits = plain(row(event, columns(width), START, waits="WAITS 3 s"))
        assert "WAITS 3 s  GET /␛[31m[b]" in waits
        assert "held: GET /␛[31m[b]" in plain(row(event, columns(width), START))
