"""What the screen says is computed from what happened."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from wsplay.events.event import Direction, Event, Lane, Source
from wsplay.scenario.expectations import Expectations
from wsplay.scenario.file import Problem, Scenario, parse_scenario
from wsplay.scenario.library import Library
from wsplay.tui.background.messages import (
    ByHand,
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
from wsplay.verdict.expectation import Expectation
from wsplay.verdict.run import MAX_FOLLOWED


@pytest.fixture
def state(library: Library) -> MainState:
    state = MainState(lambda id: {"run.connect": "f5", "server.restart": "R"}[id])
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


def play_with(fake_playgrounds, state: MainState, how) -> None:
    """Play our own connection."""
    fake = fake_playgrounds(state.add_item, "uvicorn", 0)
    fake.scenario = state.loaded
    fake.connecting(1)
    how(fake)


def as_it_is_played(scenario: Scenario) -> Scenario:
    """The scenario, with a try "valid token" that expects what the stand-in plays when it accepts."""
    table = {"status": 101, "received": ["Welcome!"], "ended": "open"}
    try_ = replace(scenario.tries[1], expect=Expectations(Expectation(table)))
    assert try_.name == "valid token"
    return replace(scenario, tries=(scenario.tries[0], try_))


def server_event(kind: str, line: int | None = None, **data: object) -> Event:
    source = None if line is None else Source("close_before_accept.py", line, "endpoint")
    return Event(1, Lane.SERVER, kind, kind, None, None, data, source)


def test_before_a_run_it_says_what_to_do(state: MainState) -> None:
    verdict = state.verdict()
    assert (verdict.tone, verdict.headline) == ("info", "READY")
    assert "f5" in verdict.text
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


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("send", "you sent a message"),
        ("ping", "you sent a ping"),
        ("close", "you closed the connection"),
        ("disconnect", "you disconnected"),
    ],
)
def test_nothing_is_expected_of_a_run_that_the_user_takes_over(
    state: MainState, fake_playgrounds, what: Any, words: str
) -> None:
    begin(state, "no token")
    play_with(fake_playgrounds, state, fake_playgrounds.accepted)
    state.changes.clear()
    state.add_item(ByHand(what))
    verdict = state.verdict()
    assert (verdict.met, verdict.lapsed) == (None, words)
    assert verdict.expected == f"expectations no longer apply: {words}"
    assert "verdict" in state.changes
    begin(state, "no token")
    play_with(fake_playgrounds, state, fake_playgrounds.refused)
    assert state.verdict().expected == "as expected"


def test_what_was_as_expected_until_the_user_disconnected_stays_so(
    state: MainState, fake_playgrounds
) -> None:
    assert state.loaded is not None
    state.add_item(Loaded(as_it_is_played(state.loaded)))
    begin(state, "valid token")
    play_with(fake_playgrounds, state, fake_playgrounds.accepted)
    assert state.verdict().expected == "as expected"
    state.add_item(ByHand("disconnect"))
    assert state.verdict().expected == "as expected"
    state.add_item(ByHand("send"))
    assert state.verdict().lapsed == "you sent a message"


def test_nothing_lapses_where_nothing_was_expected(state: MainState, fake_playgrounds) -> None:
    begin(state, None)
    play_with(fake_playgrounds, state, fake_playgrounds.accepted)
    state.add_item(ByHand("send"))
    assert state.verdict().expected == ""


def test_nothing_is_expected_of_an_edited_request(state: MainState, fake_playgrounds) -> None:
    state.add_item(RunBegan(0, 1, None, (), "valid token"))
    state.add_item(OwnNext())
    play_with(fake_playgrounds, state, fake_playgrounds.refused)
    verdict = state.verdict()
    assert (verdict.met, verdict.lapsed) == (None, "you edited the request")


def test_nothing_is_expected_of_edited_code_until_it_is_as_before(
    state: MainState, fake_playgrounds, library: Library
) -> None:
    original = library.get("close_before_accept")
    patched = original.patched((("code=1008", "code=1000"),))
    edited = parse_scenario(original.name, original.file, patched)
    other_expectations = parse_scenario(
        original.name, original.file, edited.source.replace("status = 403", "status = 101")
    )
    assert len({original.source, edited.source, other_expectations.source}) == 3
    state.choose(original)
    for scenario, expected in [
        (original, "as expected"),
        (edited, "expectations no longer apply: you edited the code"),
        (original, "as expected"),
        (edited, "expectations no longer apply: you edited the code"),
        # Expectations that were written for the edited code apply to it.
        (other_expectations, "not as expected: status: expected 101, observed 403"),
    ]:
        state.choose(scenario)
        state.add_item(Loaded(scenario))
        begin(state, "no token")
        play_with(fake_playgrounds, state, fake_playgrounds.refused)
        assert state.verdict().expected == expected


def test_nothing_is_expected_once_a_file_that_it_imports_was_saved(
    state: MainState, fake_playgrounds
) -> None:
    scenario = state.loaded
    assert scenario is not None
    state.choose(scenario)
    for files, expected in [
        ([scenario.file], "as expected"),
        (["/elsewhere/helper.py"], "expectations no longer apply: you edited the code"),
    ]:
        state.code.saved(scenario, files)
        begin(state, "no token")
        play_with(fake_playgrounds, state, fake_playgrounds.refused)
        assert state.verdict().expected == expected


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


def test_another_try_clears_what_the_one_before_came_to(fake_playgrounds, state: MainState) -> None:
    state.choose_try("no token")
    begin(state, "no token")
    play_with(fake_playgrounds, state, fake_playgrounds.refused)
    assert state.run_is_current
    assert state.client_reason.startswith("InvalidStatus")
    assert state.verdict().headline == "REFUSED 403"
    state.choose_try("valid token")
    assert not state.run_is_current
    assert (state.client, state.client_reason) == ("idle", "")
    assert state.verdict().headline == "run 1 (no token): REFUSED 403"
    state.add_item(RunBegan(0, 2, "valid token"))
    state.add_item(OwnNext())
    assert state.run_is_current
    play_with(fake_playgrounds, state, fake_playgrounds.accepted)
    assert state.verdict().headline == "OPEN"


def test_another_try_says_nothing_about_a_connection_that_is_open(fake_playgrounds, state: MainState) -> None:
    state.choose_try("valid token")
    begin(state, "valid token")
    play_with(fake_playgrounds, state, fake_playgrounds.accepted)
    state.choose_try("no token")
    assert state.client == "connected"
    assert state.verdict().headline == "run 1 (valid token): OPEN"


def test_another_scenario_clears_what_the_one_before_came_to(
    fake_playgrounds, state: MainState, library: Library
) -> None:
    begin(state, "no token")
    play_with(fake_playgrounds, state, fake_playgrounds.refused)
    broken = Scenario(
        "broken", "broken.py", "app = (\n", "Broken", problem=Problem("SyntaxError: never closed", 1)
    )
    state.choose(broken)
    assert not state.run_is_current
    assert state.client_reason == ""
    assert state.verdict().headline == "NOT LOADED"


def test_what_did_not_load_no_longer_hides_the_next_good_run(fake_playgrounds, state: MainState) -> None:
    loaded = state.loaded
    assert loaded is not None
    problem = NotLoaded(replace(loaded, source="app = (\n"), "SyntaxError: '(' was never closed", 7)
    state.choose(problem.scenario)
    state.add_item(problem)
    assert state.verdict().headline == "NOT LOADED"
    begin(state, "no token")
    play_with(fake_playgrounds, state, fake_playgrounds.refused)
    verdict = state.verdict()
    assert verdict.headline == "REFUSED 403"
    said = " This was the previous version: close_before_accept.py, line 7, did not load."
    assert verdict.text.endswith(said)
    state.add_item(problem._replace(line=9))
    assert state.verdict().headline == "NOT LOADED"


def test_a_run_without_a_loaded_scenario_does_not_hide_why_there_is_none(state: MainState) -> None:
    loaded = state.loaded
    assert loaded is not None
    state.add_item(Loaded(None))
    state.choose(loaded)
    state.add_item(NotLoaded(loaded, "SyntaxError: '(' was never closed", 7))
    begin(state, "no token")
    assert state.verdict().headline == "NOT LOADED"
