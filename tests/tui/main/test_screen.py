"""The screen as its user meets it, over an engine that plays what it is told."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from app_under_test import AppUnderTest
from textual.widgets import Input, Static
from textual.widgets._toast import Toast

from wsplay.events.event import Lane, Source
from wsplay.protocol.steps import Close, Ping, SendText
from wsplay.scenario.library import Library
from wsplay.server.parent.errors import LoadError
from wsplay.tui.app import WsplayApp
from wsplay.tui.client.client_pane import ClientPane
from wsplay.tui.client.message_bar import MessageBar
from wsplay.tui.inspector.pane import Inspector
from wsplay.tui.kit.status_line import StatusLine
from wsplay.tui.kit.verdict_bar import VerdictBar
from wsplay.tui.main.scenario_list import ScenarioList
from wsplay.tui.source.pane import SourceView

pytestmark = pytest.mark.slow

WIDE, NARROW = (140, 40), (80, 24)


class Play(AppUnderTest):
    """The app under test, with what tests ask of it."""

    @property
    def headline(self) -> str:
        """The main screen's, also when it is covered."""
        return self.screen.query_one(VerdictBar).verdict.headline

    @property
    def seen(self) -> str:
        return f"verdict {self.headline!r}, {super().seen}"

    async def ready(self) -> None:
        await self.until(lambda: self.screen.state.loaded is not None, "loaded")
        await self.until(lambda: self.headline == "READY", "ready")

    async def run(self) -> None:
        """Connect with ctrl+r and wait for the verdict."""
        run = self.screen.state.run.number + 1
        await self.press("ctrl+r")
        await self.until(lambda: self.screen.state.run.number == run, f"run {run}")
        await self.until(lambda: self.headline not in ("READY", "CONNECTING"), "a verdict")


Test = Callable[[Play], Awaitable[None]]


@pytest.fixture
def play(fake_playgrounds, library: Library):
    """Run a test's body in the app."""

    async def run(
        test: Test, *, size: tuple[int, int] = WIDE, scenario: str | None = "3", scenarios: Any = library
    ) -> WsplayApp:
        app = WsplayApp(scenarios, scenario=scenario, make_playground=fake_playgrounds)
        async with app.run_test(size=size, notifications=True) as pilot:
            await test(Play(app, pilot, fake_playgrounds))
        assert all(playground.closed for playground in fake_playgrounds.playgrounds)
        return app

    return run


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_what_others_can_do_is_shown_as_long_as_they_can(play, fake_playgrounds, size) -> None:
    def prepare(playground: Any) -> None:
        playground.network_warning = "other machines can connect: listening on 0.0.0.0:80 [b]x[/]"

    fake_playgrounds.prepare = prepare

    async def test(it: Play) -> None:
        await it.ready()
        line = it.screen.query_one("#network-warning", Static)
        shown = "! Other machines can connect: listening on 0.0.0.0:80 [b]x[/]."
        assert (line.display, str(line.content), it.told) == (True, shown, [])
        assert line.region.height == -(-(len(shown) + 2) // size[0])
        await it.run()
        await it.press("f6", "escape")
        assert line.display
        assert line.region.width == size[0]

    await play(test, size=size)


async def test_no_line_is_shown_while_only_this_machine_can_connect(play) -> None:
    async def test(it: Play) -> None:
        await it.ready()
        assert not it.screen.query_one("#network-warning", Static).display

    await play(test)


async def test_it_opens_with_the_scenario_asked_for(play) -> None:
    async def test(it: Play) -> None:
        await it.ready()
        assert it.fake.playground.calls == [("load", "close_before_accept")]
        assert "  3 Close before accept  " in it.status
        assert "● listening" in it.status
        assert it.screen.query_one(SourceView).border_title.endswith("close_before_accept.py")

    await play(test)


async def test_without_one_it_opens_the_first(play) -> None:
    async def test(it: Play) -> None:
        await it.ready()
        assert it.fake.playground.calls == [("load", "no_auth")]

    await play(test, scenario=None)


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_a_run_is_shown_and_judged(play, size) -> None:
    async def test(it: Play) -> None:
        await it.ready()
        await it.run()
        assert "403" in it.headline
        verdict = it.screen.query_one(VerdictBar).verdict
        assert verdict.expected == "as expected"
        assert len(it.screen.timeline.timeline or ()) == 8
        assert it.screen.timeline.border_title == "Timeline  run 1"
        await it.until(lambda: it.screen.query_one(SourceView).lit == 21, "the lit line")
        await it.run()
        assert it.screen.timeline.border_title == "Timeline  run 2"
        assert len(it.screen.timeline.timeline or ()) == 8

    await play(test, size=size)


async def test_the_cursor_of_the_timeline_lights_the_source(play) -> None:
    async def test(it: Play) -> None:
        await it.ready()
        await it.run()
        source = it.screen.query_one(SourceView)
        await it.press("t", "home", "down", "down")
        await it.until(lambda: source.lit == 20, "line 20")
        await it.press("down")
        await it.until(lambda: source.lit == 21, "line 21")
        assert source.border_subtitle == "line 21 called close()"
        await it.press("home")
        await it.until(lambda: source.lit is None, "no line")

    await play(test)


async def test_a_digit_chooses_a_scenario_and_clears_the_timeline(play) -> None:
    async def test(it: Play) -> None:
        await it.ready()
        await it.run()
        await it.press("6")
        await it.until(lambda: ("load", "accept_then_close") in it.fake.playground.calls, "load")
        await it.until(lambda: it.headline == "READY", "ready")
        assert "  6 Accept, then close  " in it.status
        assert len(it.screen.timeline.timeline or ()) == 0
        assert it.screen.timeline.border_title == "Timeline"

    await play(test)


def sent_headers(it: Play) -> list[Any]:
    """The headers of each request that was sent."""
    return [call[1].headers for call in it.fake.playground.calls if call[0] == "connect"]


async def type_a_header(it: Play) -> None:
    await it.press("c", "a")
    await it.press(*"X-Mine", "enter", *"one", "enter", "escape", "escape")
    pane = it.screen.query_one(ClientPane)
    await it.until(lambda: ("X-Mine", "one") in pane.handshake().headers, "the header")


async def test_a_chosen_try_stays_with_its_scenario(play) -> None:
    async def test(it: Play) -> None:
        await it.ready()
        await it.press("right_square_bracket")
        await it.until(lambda: "try: lower-case name" in it.status, "the try")
        await it.press("3")
        await it.until(lambda: ("load", "close_before_accept") in it.fake.playground.calls, "load")
        await it.until(lambda: "try: no token" in it.status, "the first try")
        await it.run()
        assert sent_headers(it) == [()]
        assert it.screen.state.run.try_name == "no token"
        assert not [told for told in it.told if "request" in told]
        await it.press("c", "ctrl+z")
        assert it.screen.query_one(ClientPane).handshake().headers == ()

    await play(test, scenario="2")


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_what_was_typed_comes_back_with_one_undo_in_another_scenario(play, size) -> None:
    async def test(it: Play) -> None:
        await it.ready()
        await type_a_header(it)
        await it.press("t", "6")
        await it.until(lambda: ("load", "accept_then_close") in it.fake.playground.calls, "load")
        words = 'your request (X-Mine) was replaced by the try "no token": c, then ctrl+z brings it back'
        await it.until(lambda: words in it.told, "told")
        await it.run()
        await it.press("c", "ctrl+z")
        await it.until(lambda: "try: " not in it.status, "no try")
        await it.run()
        assert sent_headers(it) == [(), (("X-Mine", "one"),)]
        assert it.screen.state.run.try_name is None

    await play(test, size=size)


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_a_request_is_kept_only_when_that_is_switched_on(play, size) -> None:
    async def test(it: Play) -> None:
        await it.ready()
        await type_a_header(it)
        switch = it.screen.query_one("#client-keep")
        assert switch.region.width > len("keep my request")
        assert str(switch.label) == "· keep my request"
        await it.pilot.click("#client-keep")
        assert str(switch.label) == "✓ keep my request"
        await it.press("t", "6")
        await it.until(lambda: ("load", "accept_then_close") in it.fake.playground.calls, "load")
        await it.until(lambda: "kept your request: X-Mine" in it.told, "told")
        assert "try: " not in it.status
        pane = it.screen.query_one(ClientPane)
        assert (pane.tries.chosen, str(pane.border_subtitle)) == (None, "kept: X-Mine")
        await it.run()
        assert sent_headers(it) == [(("X-Mine", "one"),)]
        assert it.screen.state.run.try_name is None
        it.screen.action_keep_request()
        await it.press("t", "3")
        await it.until(lambda: "try: no token" in it.status, "the first try")

    await play(test, size=size)


async def test_a_broken_scenario_has_no_try(play, library: Library, tmp_path: Path) -> None:
    shutil.copy(library.get("header_check").file, tmp_path / "good.py")
    (tmp_path / "broken.py").write_text("app = [/\n", encoding="utf-8")
    own = Library([tmp_path])

    async def test(it: Play) -> None:
        await it.ready()
        assert "try: " in it.status
        it.screen.open_scenario(own.get("broken"))
        await it.until(lambda: it.headline == "NOT LOADED", "not loaded")
        assert "try: " not in it.status

    await play(test, scenario="good", scenarios=own)


async def test_letters_typed_into_a_field_are_no_keys_of_the_screen(play) -> None:
    async def test(it: Play) -> None:
        await it.ready()
        await it.press("s", "slash", *"zse3?", "R")
        field = it.app.focused
        assert isinstance(field, Input)
        assert field.value == "zse3?R"
        assert it.fake.playground.calls == [("load", "close_before_accept")]
        assert len(it.app.screen_stack) == 1

    await play(test)


async def test_a_broken_scenario_is_shown_and_the_last_good_one_stays(
    play, library: Library, tmp_path: Path
) -> None:
    shutil.copy(library.get("no_auth").file, tmp_path / "good.py")
    (tmp_path / "broken.py").write_text("app = [/\n", encoding="utf-8")
    own = Library([tmp_path])

    async def test(it: Play) -> None:
        await it.ready()
        it.screen.open_scenario(own.get("broken"))
        await it.until(lambda: it.headline == "NOT LOADED", "not loaded")
        verdict = it.screen.query_one(VerdictBar).verdict
        assert "broken.py, line 1" in verdict.text
        assert "The previous version (good.py) is still running" in verdict.text
        assert it.fake.playground.calls == [("load", "good")]
        await it.run()
        it.screen.open_scenario(own.get("good"))
        await it.until(lambda: it.headline == "READY", "ready")

    await play(test, scenario="good", scenarios=own)


async def test_a_scenario_the_server_cannot_load_says_why(play) -> None:
    async def test(it: Play) -> None:
        await it.ready()
        it.fake.playground.fail_load = LoadError(
            "no_auth", "/x/no_auth.py", "name 'x' is not defined", line=5, type="NameError"
        )
        await it.press("1")
        await it.until(lambda: it.headline == "NOT LOADED", "not loaded")
        text = it.screen.query_one(VerdictBar).verdict.text
        assert text.startswith("no_auth.py, line 5: NameError: name 'x' is not defined.")
        source = it.screen.query_one(SourceView)
        assert "NameError" in source.border_subtitle

    await play(test)


async def test_the_engine_can_be_chosen(play) -> None:
    async def test(it: Play) -> None:
        await it.ready()
        await it.press("g")
        await it.until(lambda: len(it.app.screen_stack) == 2, "the palette")
        await it.press(*"wsproto")
        await it.pilot.pause(0.3)
        await it.press("enter")
        await it.until(lambda: ("engine", "uvicorn-wsproto") in it.fake.playground.calls, "the engine")
        await it.until(lambda: "uvicorn 0.54 · wsproto" in it.status, "told")
        assert it.fake.playground.calls[-1] == ("load", "close_before_accept")

    await play(test)


async def test_a_server_that_stalls_or_dies_is_told_and_one_key_restarts_it(play) -> None:
    async def test(it: Play) -> None:
        await it.ready()
        it.fake.playground.say(3, Lane.SERVER, "server.stalled", "stalled", data={"seconds": 1.0}, line=44)
        await it.until(lambda: it.headline == "STALLED", "stalled")
        assert "! stalled" in it.status
        data = {"code": 3, "signal": None, "expected": False}
        it.fake.playground.say(4, Lane.SERVER, "server.exited", "exited 3", data=data)
        await it.until(lambda: it.headline == "SERVER EXITED", "exited")
        await it.press("R")
        await it.until(lambda: ("restart",) in it.fake.playground.calls, "restart")
        await it.until(lambda: it.headline == "READY", "ready")

    await play(test)


async def test_a_port_that_cannot_be_had_ends_it_with_3(fake_playgrounds, capsys) -> None:
    from wsplay.play.playground import PortError

    def refuse(playground: Any) -> None:
        playground.fail_start = PortError("cannot listen on 127.0.0.1:80: [/ taken")

    fake_playgrounds.prepare = refuse

    async def test(it: Play) -> None:
        await it.until(lambda: it.app.return_code == 3, "the end")

    app = WsplayApp(Library([]), make_playground=fake_playgrounds)
    async with app.run_test() as pilot:
        await test(Play(app, pilot, fake_playgrounds))
    assert app.return_code == 3
    assert capsys.readouterr().err == "cannot listen on 127.0.0.1:80: [/ taken\n"


async def test_connecting_and_messages(play, fake_playgrounds) -> None:
    fake_playgrounds.prepare = lambda playground: setattr(playground, "refuse", False)

    async def test(it: Play) -> None:
        await it.ready()
        await it.press("ctrl+r")
        await it.until(lambda: it.screen.state.client == "connected", "connected")
        await it.until(lambda: it.fake.playground.sessions, "a session")
        pane = it.screen.query_one(ClientPane)
        pane.post_message(MessageBar.Send(SendText("hello")))
        pane.post_message(MessageBar.Send(Ping("p")))
        pane.post_message(MessageBar.Send(Close(4000, "bye")))
        session = it.fake.playground.sessions[0]
        await it.until(lambda: len(session.done) == 3, "three messages")
        assert session.done == [SendText("hello"), Ping("p"), Close(4000, "bye")]
        await it.until(lambda: it.screen.state.client == "idle", "idle")
        await it.press("ctrl+r")
        await it.until(lambda: it.screen.state.client == "connected", "connected again")
        await it.press("escape", "t", "D")  # out of the message, where these would be text
        await it.until(lambda: it.screen.state.client == "idle", "left")
        pane.post_message(MessageBar.Send(SendText("late")))
        await it.until(lambda: any("not connected" in told for told in it.told), "told")

    await play(test)


async def test_expectations_lapse_once_the_user_takes_over(play, fake_playgrounds, tmp_path: Path) -> None:
    block = (
        "# /// script\n# [tool.wsplay]\n# title = 'Own'\n# [[tool.wsplay.try]]\n# name = 'no token'\n"
        "# [[tool.wsplay.try]]\n# name = 'valid token'\n# headers = [['Authorization', 'validtoken']]\n"
        "# expect = { status = 101, received = ['Welcome!'], ended = 'open' }\n# ///\n"
    )
    (tmp_path / "own.py").write_text(f"app = None\n{block}")
    fake_playgrounds.prepare = lambda playground: setattr(playground, "refuse", False)

    async def test(it: Play) -> None:
        def expected() -> str:
            return it.screen.query_one(VerdictBar).verdict.expected

        await it.ready()
        await it.press("right_square_bracket")
        await it.run()
        await it.until(lambda: expected() == "as expected", "as expected")
        pane = it.screen.query_one(ClientPane)
        pane.post_message(MessageBar.Send(SendText("hello")))
        await it.until(
            lambda: expected() == "expectations no longer apply: you sent a message", "you sent a message"
        )
        await it.press("escape")  # out of the message
        await type_a_header(it)
        await it.until(lambda: "try: valid token (edited)" in it.status, "edited")
        await it.run()
        await it.until(
            lambda: expected() == "expectations no longer apply: you edited the request", "you edited it"
        )
        it.screen.action_choose_try("valid token", True)
        await it.until(lambda: expected() == "as expected", "as expected again")

    await play(test, scenario="own", scenarios=Library([tmp_path]))


async def test_edited_code_is_not_held_against_what_was_expected_before(
    play, library: Library, tmp_path: Path
) -> None:
    path = tmp_path / "good.py"
    shutil.copy(library.get("close_before_accept").file, path)
    text = path.read_text()

    async def test(it: Play) -> None:
        def expected() -> str:
            return it.screen.query_one(VerdictBar).verdict.expected

        await it.ready()
        await it.run()
        assert expected() == "as expected"
        path.write_text(text.replace("await websocket.close(code=1008)", "await websocket.close(code=1000)"))
        it.screen.action_reload()
        await it.until(lambda: it.headline == "READY", "ready")
        await it.press("ctrl+r")
        await it.until(lambda: "403" in it.headline, "the verdict")
        assert expected() == "expectations no longer apply: you edited the code"

    await play(test, scenario="good", scenarios=Library([tmp_path]))


async def test_the_verdict_is_ours_unless_the_cursor_stands_on_another_connection(play) -> None:
    async def test(it: Play) -> None:
        await it.ready()
        await it.run()
        it.fake.refused(it.fake.playground, 2)
        await it.until(lambda: len(it.screen.timeline.timeline or ()) > 9, "the other's events")
        await it.pilot.pause(0.3)
        assert not it.headline.startswith("#")
        await it.press("t", "up")
        await it.until(lambda: it.headline.startswith("#2 "), "the other's verdict")
        await it.press("home")
        await it.until(lambda: not it.headline.startswith("#"), "ours again")

    await play(test)


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_the_inspector_opens_and_closes(play, size) -> None:
    async def test(it: Play) -> None:
        await it.ready()
        await it.run()
        inspector = it.screen.query_one(Inspector)
        assert not inspector.display
        await it.press("t", "enter")
        await it.until(lambda: inspector.display and inspector.event is not None, "the inspector")
        assert inspector.event.kind == "client.error"
        timeline = it.screen.timeline
        if size == WIDE:
            assert inspector.region.x >= timeline.region.right
        else:
            assert inspector.region.bottom <= timeline.region.y
        assert timeline.region.height > 5
        await it.press("up")
        await it.until(lambda: inspector.event.kind == "wire.eof", "the event before")
        await it.press("escape")
        await it.until(lambda: not inspector.display, "closed")
        await it.press("i")
        await it.until(lambda: inspector.display, "open again")
        await it.press("i")
        await it.until(lambda: not inspector.display, "closed again")

    await play(test, size=size)


async def test_a_small_screen_shows_one_upper_pane_at_a_time_and_reaches_all(play) -> None:
    async def test(it: Play) -> None:
        await it.ready()
        for key, name in (("e", "endpoint"), ("c", "client"), ("s", "scenarios")):
            await it.press(key)
            await it.pilot.pause()
            shown = [pane.id for pane in it.screen.query("#upper > .pane") if pane.display]
            assert shown == [name]
            assert (
                it.screen.query_one(f"#{name}").has_focus_within or it.screen.query_one(f"#{name}").has_focus
            )
            assert it.screen.timeline.region.height >= 8
        await it.press("t")
        assert it.screen.timeline.has_focus
        await it.pilot.click("#fold", offset=(16, 0))
        await it.pilot.pause()
        assert it.screen.query_one("#endpoint").display
        for widget in it.screen.query(".pane, VerdictBar, StatusLine, KeyBar"):
            if widget.display and widget.region:
                assert it.screen.region.contains_region(widget.region), widget

    await play(test, size=NARROW)


async def test_it_can_be_resized_during_a_run(play, fake_playgrounds) -> None:
    fake_playgrounds.prepare = lambda playground: setattr(playground, "refuse", False)

    async def test(it: Play) -> None:
        await it.ready()
        await it.press("ctrl+r")
        await it.until(lambda: it.screen.state.client == "connected", "connected")
        await it.press("i")
        for size in (NARROW, WIDE, (40, 10), (220, 60), (112, 30), NARROW, WIDE):
            await it.pilot.resize_terminal(*size)
            it.fake.playground.say(6, Lane.WIRE, "wire.frame", "text", conn=1)
            await it.pilot.pause(0.1)
            assert it.screen.size == size
        await it.until(lambda: len(it.screen.timeline.timeline or ()) == 14, "all events")
        assert all(pane.display for pane in it.screen.query("#upper > .pane"))

    await play(test)


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_a_pane_can_have_the_whole_screen(play, size) -> None:
    async def test(it: Play) -> None:
        await it.ready()
        for key, name in (("e", "endpoint"), ("t", "timeline")):
            await it.press(key)
            await it.pilot.pause()
            before = it.screen.query_one(f"#{name}").region.height
            await it.press("z")
            await it.pilot.pause()
            assert [pane.id for pane in it.screen.query(".pane") if pane.region] == [name]
            assert it.screen.query_one(f"#{name}").region.height > before
            await it.press("escape")
            await it.pilot.pause()
            assert it.screen.query_one(f"#{name}").region.height == before

    await play(test, size=size)


async def test_events_and_requests_can_be_copied(play) -> None:
    async def test(it: Play) -> None:
        await it.ready()
        await it.press("y")
        await it.until(lambda: "no event to copy yet" in it.told, "told")
        await it.run()
        await it.press("t", "y")
        assert "InvalidStatus" in it.app.clipboard
        await it.press("Y")
        assert json.loads(it.app.clipboard)["kind"] == "client.error"
        for form, word in (
            ("curl", "curl "),
            ("wscat", "wscat "),
            ("websocat", "websocat "),
            ("Python", "import "),
        ):
            it.screen.action_copy_request(form)
            assert it.app.clipboard.startswith(word)
            assert "127.0.0.1:8765/ws" in it.app.clipboard
        await it.press("r")
        await it.until(lambda: len(it.app.screen_stack) == 2, "the palette")
        await it.press(*"websocat")
        await it.pilot.pause(0.3)
        await it.press("enter")
        await it.until(lambda: it.app.clipboard.startswith("websocat "), "copied")

    await play(test)


async def test_a_timeline_can_be_saved(play, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)

    def fail(*_: object) -> None:
        raise OSError("no room [/")

    async def test(it: Play) -> None:
        await it.ready()
        await it.run()
        for _ in range(2):
            it.screen.action_save_text()
        await it.until(lambda: sum("saved 8 events" in told for told in it.told) == 2, "saved")
        name = "wsplay-close_before_accept-1"
        assert sorted(os.listdir(tmp_path)) == [f"{name}-2.txt", f"{name}.txt"]
        lines = (tmp_path / f"{name}.txt").read_text().splitlines()
        assert len(lines) == 8
        assert "403 Forbidden" in (tmp_path / f"{name}-2.txt").read_text()
        monkeypatch.setattr("wsplay.tui.main.screen.save_text", fail)
        it.screen.action_save_text()
        await it.until(lambda: "not saved: no room [/" in it.told, "told")

    await play(test)


async def test_a_file_that_is_saved_is_loaded_again_and_so_is_one_that_it_imports(
    play, library: Library, tmp_path: Path
) -> None:
    path, module = tmp_path / "mine.py", tmp_path / "_words.txt"
    shutil.copy(library.get("no_auth").file, path)
    module.write_text("first")
    own = Library([tmp_path])

    async def test(it: Play) -> None:
        await it.ready()
        it.screen.look_at_file()
        assert len(it.fake.playground.calls) == 1
        path.write_text(path.read_text(encoding="utf-8") + "\n# more\n", encoding="utf-8")
        os.utime(path, ns=(1, 1))
        it.fake.playground.files = frozenset((str(path), str(module)))
        it.screen.look_at_file()
        await it.until(lambda: "mine.py was saved: loading it again" in it.told, "told")
        await it.until(lambda: len(it.fake.playground.calls) == 2, "load")
        assert it.fake.playground.scenario.source.endswith("# more\n")
        await it.until(lambda: str(module) in it.screen.state.files, "the files")
        await it.press("ctrl+p")  # another screen is on top
        assert it.app.screen is not it.screen
        module.write_text("second")
        it.screen.look_at_file()
        assert len(it.fake.playground.calls) == 2
        await it.press("escape")
        it.screen.look_at_file()
        await it.until(lambda: "_words.txt was saved: loading it again" in it.told, "told")
        await it.until(lambda: len(it.fake.playground.calls) == 3, "load")
        it.fake.playground.alive = False
        await it.press("t", "L")
        await it.until(lambda: ("revive",) in it.fake.playground.calls, "the server is back")

    await play(test, scenario="mine", scenarios=own)


async def test_what_fails_unexpectedly_is_told_as_data(play) -> None:
    async def test(it: Play) -> None:
        await it.ready()
        it.fake.playground.connect = lambda handshake: (_ for _ in ()).throw(ValueError("[/boom]"))
        await it.press("ctrl+r")
        await it.until(lambda: any("ValueError: [/boom]" in told for told in it.told), "told")

    await play(test)


async def test_titles_that_look_like_markup_are_data_everywhere(play, library: Library) -> None:
    odd = replace(library.get("no_auth"), title="[/] [bold", name="odd", topics=("[/",), order=9)

    class Own:
        scenarios = (odd,)

        def get(self, ref: str):
            return odd

    async def test(it: Play) -> None:
        await it.ready()
        await it.press("ctrl+p")
        await it.until(lambda: len(it.app.screen_stack) == 2, "the palette")
        await it.press(*"[/]")
        await it.pilot.pause(0.5)
        await it.press("enter")
        await it.until(lambda: it.fake.playground.calls == [("load", "odd")] * 2, "load")

    await play(test, scenario="odd", scenarios=Own())


async def test_a_flood_of_events_leaves_the_screen_alive(play) -> None:
    async def test(it: Play) -> None:
        await it.ready()
        await it.run()
        from wsplay.events.event import Event

        on_event = it.fake.playground.on_event
        for number in range(30_000):
            on_event(Event(number, Lane.WIRE, "wire.frame", "text", 1, None, {}, Source("x.py", 1, "f")))
        await it.press("e")
        assert it.screen.query_one("#endpoint").has_focus
        await it.until(lambda: len(it.screen.timeline.timeline or ()) == 30_008, "all events")
        await it.press("s")
        assert it.screen.query_one(ScenarioList).has_focus_within

    await play(test)


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_another_try_clears_the_old_error_and_the_number_of_its_run(play, size) -> None:
    async def test(it: Play) -> None:
        await it.ready()
        note = it.screen.query_one("#client-note", Static)

        def number() -> list[str]:
            left, _ = it.screen.query_one("#status", StatusLine).pieces  # all, with or without room
            return [piece.content.plain for piece in left if piece.content.plain.startswith("run ")]

        await it.run()
        await it.until(lambda: "HTTP 403" in str(note.content), "the error")
        assert number() == ["run 1"]
        await it.press("right_square_bracket")
        await it.until(lambda: "valid token" in it.status, "another try")
        await it.until(lambda: str(note.content) == "", "no error")
        await it.until(lambda: it.headline == "run 1 (no token): REFUSED 403", "whose verdict it is")
        assert number() == []
        await it.run()
        assert number() == ["run 2"]
        assert it.headline == "REFUSED 403"

    await play(test, size=size)


async def test_a_problem_that_is_gone_is_no_longer_marked_in_the_source(play, fake_playgrounds) -> None:
    async def test(it: Play) -> None:
        await it.ready()
        source = it.screen.query_one(SourceView)
        fake_playgrounds.playground.fail_load = LoadError(
            "close_before_accept", "close_before_accept.py", "not today", line=7
        )
        await it.press("L")
        await it.until(lambda: it.headline == "NOT LOADED", "not loaded")
        await it.until(lambda: "not today" in str(source.border_subtitle), "the mark")
        fake_playgrounds.playground.fail_load = None
        await it.press("R")
        await it.ready()
        await it.until(lambda: source.border_subtitle is None, "no mark")

    await play(test)


def verdict_on_screen(it: Play) -> str:
    bar = it.screen.query_one(VerdictBar)
    lines = bar.render_lines(bar.outer_size.region)
    return " ".join(" ".join(line.text.removeprefix("▌") for line in lines).split())


async def test_a_long_verdict_takes_the_blank_rows_below_the_timeline(play, fake_playgrounds) -> None:
    long = "the app asked for a database that is not there, " * 4 + "and gave up at last"

    async def test(it: Play) -> None:
        await it.ready()
        timeline, bar = it.screen.timeline, it.screen.query_one(VerdictBar)
        usual = bar.size.height
        it.fake.playground.fail_load = LoadError("close_before_accept", "close_before_accept.py", long)
        await it.press("L")
        await it.until(lambda: it.headline == "NOT LOADED", "not loaded")
        await it.until(lambda: bar.size.height > usual, "more rows")
        assert "v more" not in verdict_on_screen(it)
        assert "and gave up at last" in verdict_on_screen(it)
        assert timeline.blank_rows >= 0
        it.fake.playground.fail_load = None
        await it.press("L")
        await it.ready()
        await it.until(lambda: bar.size.height == usual, "as usual")

    await play(test, size=NARROW)


@pytest.mark.parametrize("size", [WIDE, NARROW, (140, 24)])
async def test_no_advice_is_cut_while_rows_of_the_timeline_are_blank(play, size) -> None:
    async def test(it: Play) -> None:
        await it.ready()
        timeline = it.screen.timeline
        await it.run()
        await it.until(lambda: it.headline == "REFUSED 403", "a verdict")
        await it.pilot.pause(0.3)
        if "v more" in verdict_on_screen(it):
            assert timeline.blank_rows <= 0
            assert it.screen.query_one(VerdictBar).size.height == 2
        else:
            assert verdict_on_screen(it).endswith("send a denial response.")
        assert size != WIDE or "v more" not in verdict_on_screen(it)

    await play(test, size=size)


async def test_the_verdict_takes_no_rows_from_the_inspector_beside_the_timeline(play) -> None:
    async def test(it: Play) -> None:
        await it.ready()
        await it.run()
        bar = it.screen.query_one(VerdictBar)
        await it.until(lambda: bar.size.height == 4, "all of the verdict")
        await it.press("i")
        await it.until(lambda: bar.size.height == 3, "as usual")
        await it.press("i")
        await it.until(lambda: bar.size.height == 4, "all of it again")

    await play(test, size=WIDE)


@pytest.mark.parametrize("size", [WIDE, NARROW])
@pytest.mark.parametrize("warning", ["", "other machines can connect: listening on 0.0.0.0:80"])
async def test_notifications_cover_neither_verdict_nor_timeline_nor_the_line_of_the_status(
    play, fake_playgrounds, size, warning
) -> None:
    def prepare(playground: Any) -> None:
        playground.network_warning = warning

    fake_playgrounds.prepare = prepare

    async def test(it: Play) -> None:
        await it.ready()
        for text in ("restarting the server", "your request was replaced by the try no token: " + "c, " * 25):
            it.screen.say(text)
        await it.until(lambda: len(it.screen.query(Toast)) == 2, "both")
        await it.pilot.pause(0.1)
        for toast in it.screen.query(Toast):
            assert toast.region.height
            for kept in (it.screen.query_one(VerdictBar), it.screen.timeline, *it.screen.query("#status")):
                assert not toast.region.overlaps(kept.region)
            assert not toast.region.overlaps(it.screen.query_one("#network-warning").region)

    await play(test, size=size)
