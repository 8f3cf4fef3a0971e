"""What the screen says is computed from what happened."""

from __future__ import annotations

from dataclasses import replace

import pytest

from wsplay.events.event import Direction, Event, Lane, Source
from wsplay.scenario.file import Problem
from wsplay.scenario.library import Library
from wsplay.tui.background.messages import (
    Failed,
    Loaded,
    Lost,
    NotConnectedError,
    NotLoaded,
    NotStarted,
    OwnNext,
    Ready,
    RunBegan,
)
from wsplay.tui.main.server_state import Phase
from wsplay.tui.main.state import MainState
from wsplay.tui.source.line_of_event import line_of_event
from wsplay.verdict.run import MAX_FOLLOWED


@pytest.fixture
def state(library: Library) -> MainState:
    state = MainState()
    state.add_item(Ready("ws://127.0.0.1:8765", "uvicorn", {"uvicorn": "0.54.0"}))
    state.add_item(RunBegan(0))
    state.add_item(Loaded(library.get("close_before_accept")))
    return state


def begin(state: MainState, try_name: str | None = None) -> None:
    state.add_item(RunBegan(0, 1, try_name))
    state.add_item(OwnNext())


def play(fake_playgrounds, state: MainState, how, conn: int = 1, scenario=None) -> None:
    playground = fake_playgrounds(state.add_item, "uvicorn", 0)
    playground.scenario = scenario or state.loaded
    how(playground, conn)


def server_event(kind: str, line: int | None = None, **data: object) -> Event:
    source = None if line is None else Source("close_before_accept.py", line, "endpoint")
    return Event(1, Lane.SERVER, kind, kind, None, None, data, source)


def test_before_a_run_it_says_what_to_do(state: MainState) -> None:
    verdict = state.verdict()
    assert (verdict.tone, verdict.headline) == ("info", "READY")
    assert "ctrl+r" in verdict.text
    assert verdict.met is None


def test_a_refusal_is_told_with_what_was_expected(state: MainState, fake_playgrounds) -> None:
    begin(state, "no token")
    fake = fake_playgrounds(state.add_item, "uvicorn", 0)
    fake.scenario = state.loaded
    fake.connecting(1)
    assert state.client == "connecting"
    assert state.verdict().headline == "CONNECTING"
    fake_playgrounds.refused(fake)
    verdict = state.verdict()
    assert state.client == "idle"
    assert "403" in verdict.headline
    assert verdict.browser
    assert (verdict.met, verdict.expected) == (True, "as expected")


def test_what_was_not_expected_is_told(state: MainState, fake_playgrounds) -> None:
    begin(state, "valid token")
    fake = fake_playgrounds(state.add_item, "uvicorn", 0)
    fake.scenario = state.loaded
    fake.connecting(1)
    fake_playgrounds.refused(fake)
    verdict = state.verdict()
    assert verdict.met is False
    assert verdict.expected.startswith("not as expected: ")


def test_what_may_yet_come_is_not_held_against_a_connection_that_lives(
    state: MainState, fake_playgrounds
) -> None:
    begin(state, "no token")
    fake = fake_playgrounds(state.add_item, "uvicorn", 0)
    fake.scenario = state.loaded
    fake.connecting(1)
    fake_playgrounds.accepted(fake)
    assert state.client == "connected"
    assert state.verdict().met is None


def test_a_connection_of_another_client_is_told_apart(state: MainState, fake_playgrounds) -> None:
    begin(state)
    play(fake_playgrounds, state, fake_playgrounds.refused, conn=2)
    assert state.run.own is None
    assert state.verdict().headline == "READY"
    assert state.verdict(2).headline.startswith("#2 ")
    assert state.verdict(2).met is None


def test_followed_connections_are_bounded(state: MainState) -> None:
    for conn in range(1, MAX_FOLLOWED + 20):
        state.add_item(Event(conn, Lane.WIRE, "wire.connected", "connected", conn))
    assert len(state.run.followed) == MAX_FOLLOWED


def test_the_server_can_stall_recover_and_end(state: MainState) -> None:
    state.add_item(server_event("server.stalled", line=12, seconds=1.0))
    assert state.server.phase is Phase.STALLED
    assert "line 12" in state.verdict().text
    assert "R " in state.verdict().text
    state.add_item(server_event("note", why="recovered"))
    assert state.server.phase is Phase.LISTENING
    state.add_item(server_event("server.exited", code=3, signal=None, expected=False))
    assert state.server.phase is Phase.EXITED
    assert (state.verdict().tone, state.verdict().headline) == ("bad", "SERVER EXITED")
    assert "code 3" in state.verdict().text
    state.add_item(server_event("server.starting"))
    assert state.server.phase is Phase.STARTING
    state.add_item(server_event("server.listening", engine="uvicorn-wsproto", versions={"uvicorn": "1.2.3"}))
    assert (state.server.phase, state.server.engine) == (Phase.LISTENING, "uvicorn-wsproto")


def test_an_end_that_was_asked_for_is_no_news(state: MainState) -> None:
    state.add_item(server_event("server.exited", code=0, expected=True))
    assert state.server.phase is Phase.LISTENING


def test_a_server_that_dies_under_a_run_is_told_with_the_run(state: MainState, fake_playgrounds) -> None:
    begin(state)
    fake = fake_playgrounds(state.add_item, "uvicorn", 0)
    fake.scenario = state.loaded
    fake.connecting(1)
    fake_playgrounds.refused(fake)
    state.add_item(server_event("server.exited", code=None, signal="SIGKILL", expected=False))
    verdict = state.verdict()
    assert "403" in verdict.headline
    assert "SIGKILL" in verdict.text


def test_a_scenario_that_does_not_load_is_told_with_its_line(state: MainState, library: Library) -> None:
    broken = library.get("no_auth")
    state.add_item(NotLoaded(broken, "SyntaxError: invalid syntax", 7))
    verdict = state.verdict()
    assert (verdict.tone, verdict.headline) == ("bad", "NOT LOADED")
    assert verdict.text == (
        "no_auth.py, line 7: SyntaxError: invalid syntax. "
        "The previous version (close_before_accept.py) is still running."
    )
    state.add_item(Loaded(broken))
    assert state.verdict().headline == "READY"


def test_choosing_a_broken_scenario_says_what_is_wrong(state: MainState, library: Library) -> None:
    broken = replace(library.get("no_auth"), problem=Problem("no block", 3, "no_auth.py"))
    state.choose(broken)
    assert state.verdict().headline == "NOT LOADED"
    state.choose(library.get("no_auth"))
    assert state.verdict().headline == "LOADING"
    assert state.verdict().text == (
        "no_auth.py is being loaded. The previous version (close_before_accept.py) is still running."
    )
    state.add_item(Loaded(library.get("no_auth")))
    assert state.verdict().headline == "READY"


def test_a_load_that_ends_late_is_loaded_and_does_not_hide_the_newest_problem(
    state: MainState, library: Library
) -> None:
    late, newest = library.get("no_auth"), library.get("send_before_accept")
    state.choose(late)
    state.choose(newest)
    state.add_item(NotLoaded(newest, "it fails", 1))
    state.add_item(Loaded(late))
    assert state.loaded is late
    assert state.verdict().text == (
        "send_before_accept.py, line 1: it fails. The previous version (no_auth.py) is still running."
    )
    state.add_item(NotLoaded(late, "that is over", 1))
    assert state.verdict().text.startswith("send_before_accept.py, line 1: it fails.")
    state.add_item(Loaded(None))
    assert state.verdict().text == "send_before_accept.py, line 1: it fails."


def test_an_earlier_text_of_the_file_that_is_loaded_again_hides_no_problem(
    state: MainState, library: Library
) -> None:
    before = library.get("close_before_accept")
    edited = replace(before, source="app = [", problem=Problem("never closed", 1, before.filename))
    state.choose(edited)
    state.add_item(Loaded(before))
    assert state.verdict().headline == "NOT LOADED"


def test_a_server_that_does_not_start_is_told(state: MainState) -> None:
    state.add_item(NotStarted("uvicorn is missing", False))
    assert state.port_refused is None
    assert (state.verdict().tone, state.verdict().headline) == ("bad", "NO SERVER")
    state.add_item(NotStarted("port 80 is taken", True))
    assert state.port_refused == "port 80 is taken"


def test_failures_are_kept_for_the_screen_to_tell(state: MainState) -> None:
    state.add_item(Failed("connect", ValueError("[/")))
    state.add_item(Lost(1500))
    assert [failure.words for failure in state.failures] == [
        "connect: builtins.ValueError: [/",
        "1,500 events arrived faster than the screen could show them, and were dropped",
    ]
    assert Failed("x", NotConnectedError("not connected")).words == "not connected"
    assert state.run.lost == 1500


def test_changes_say_what_to_draw(state: MainState) -> None:
    state.changes.clear()
    state.add_item(Event(1, Lane.WIRE, "wire.frame", "x", 1, Direction.C2S))
    assert state.changes == {"events"}
    state.add_item(RunBegan(0, 2))
    assert "timeline" in state.changes
    assert len(state.run.timeline) == 0


def test_an_event_lights_its_line_or_the_last_one_before_it(state: MainState, fake_playgrounds) -> None:
    begin(state)
    fake = fake_playgrounds(state.add_item, "uvicorn", 0)
    fake.scenario = state.loaded
    fake.connecting(1)
    fake_playgrounds.refused(fake)
    timeline = state.run.timeline
    labels = {event.kind: line_of_event(event, timeline, "close_before_accept.py") for event in timeline}
    assert labels["client.connecting"] is None
    assert labels["asgi.receive"] == (20, "line 20 received websocket.connect")
    assert labels["asgi.send"] == (21, "line 21 called close()")
    assert labels["client.error"] == (21, "line 21 called close()")
    assert all(line_of_event(event, timeline, "other.py") is None for event in timeline)
