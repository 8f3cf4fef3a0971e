"""What the screen says is computed from what happened."""

from __future__ import annotations

from dataclasses import replace

import pytest

from wsplay.library import Library
from wsplay.model.event import Direction, Event, Lane, Source
from wsplay.model.scenario import Problem
from wsplay.tui.board import MAX_FOLLOWED, Board, failure_words
from wsplay.tui.engine import Failed, Lost
from wsplay.tui.lit import lit_line
from wsplay.tui.remote import Began, Loaded, NotConnectedError, NotLoaded, NotStarted, Ready
from wsplay.tui.state import Phase


@pytest.fixture
def board(library: Library) -> Board:
    board = Board()
    board.take(Ready("ws://127.0.0.1:8765", "uvicorn", {"uvicorn": "0.54.0"}))
    board.take(Began(0, 0, None))
    board.take(Loaded(library.get("close_before_accept")))
    return board


def play(fake_engine, board: Board, how, conn: int = 1, scenario=None) -> None:
    playground = fake_engine(board.take, "uvicorn", 0)
    playground.scenario = scenario or board.loaded
    how(playground, conn)


def server_event(kind: str, line: int | None = None, **data: object) -> Event:
    source = None if line is None else Source("close_before_accept.py", line, "endpoint")
    return Event(1, Lane.SERVER, kind, kind, None, None, data, source)


def test_before_a_run_it_says_what_to_do(board: Board) -> None:
    verdict = board.verdict()
    assert (verdict.tone, verdict.headline) == ("info", "READY")
    assert "ctrl+r" in verdict.text
    assert verdict.met is None


def test_a_refusal_is_told_with_what_was_expected(board: Board, fake_engine) -> None:
    board.take(Began(1, 0, "no token"))
    fake = fake_engine(board.take, "uvicorn", 0)
    fake.scenario = board.loaded
    fake.connecting(1)
    assert board.link == "connecting"
    assert board.verdict().headline == "CONNECTING"
    fake_engine.refused(fake)
    verdict = board.verdict()
    assert board.link == "idle"
    assert "403" in verdict.headline
    assert verdict.browser
    assert (verdict.met, verdict.expected) == (True, "as expected")


def test_what_was_not_expected_is_told(board: Board, fake_engine) -> None:
    board.take(Began(1, 0, "valid token"))
    fake = fake_engine(board.take, "uvicorn", 0)
    fake.scenario = board.loaded
    fake.connecting(1)
    fake_engine.refused(fake)
    verdict = board.verdict()
    assert verdict.met is False
    assert verdict.expected.startswith("not as expected: ")


def test_what_may_yet_come_is_not_held_against_a_connection_that_lives(board: Board, fake_engine) -> None:
    board.take(Began(1, 0, "no token"))
    fake = fake_engine(board.take, "uvicorn", 0)
    fake.scenario = board.loaded
    fake.connecting(1)
    fake_engine.accepted(fake)
    assert board.link == "connected"
    assert board.verdict().met is None


def test_a_connection_of_another_client_is_told_apart(board: Board, fake_engine) -> None:
    board.take(Began(1, 0, None))
    play(fake_engine, board, fake_engine.refused, conn=2)
    assert board.run.ours is None
    assert board.verdict().headline == "READY"
    assert board.verdict(2).headline.startswith("#2 ")
    assert board.verdict(2).met is None


def test_followed_connections_are_bounded(board: Board) -> None:
    for conn in range(1, MAX_FOLLOWED + 20):
        board.take(Event(conn, Lane.WIRE, "wire.connected", "connected", conn))
    assert len(board.run.builders) == MAX_FOLLOWED


def test_the_server_can_stall_recover_and_end(board: Board) -> None:
    board.take(server_event("server.stalled", line=12, seconds=1.0))
    assert board.server.phase is Phase.STALLED
    assert "line 12" in board.verdict().text
    assert "R " in board.verdict().text
    board.take(server_event("note", why="recovered"))
    assert board.server.phase is Phase.LISTENING
    board.take(server_event("server.exited", code=3, signal=None, expected=False))
    assert board.server.phase is Phase.EXITED
    assert (board.verdict().tone, board.verdict().headline) == ("bad", "SERVER EXITED")
    assert "code 3" in board.verdict().text
    board.take(server_event("server.starting"))
    assert board.server.phase is Phase.STARTING
    board.take(server_event("server.listening", engine="uvicorn-wsproto", versions={"uvicorn": "1.2.3"}))
    assert (board.server.phase, board.server.engine) == (Phase.LISTENING, "uvicorn-wsproto")


def test_an_end_that_was_asked_for_is_no_news(board: Board) -> None:
    board.take(server_event("server.exited", code=0, expected=True))
    assert board.server.phase is Phase.LISTENING


def test_a_server_that_dies_under_a_run_is_told_with_the_run(board: Board, fake_engine) -> None:
    board.take(Began(1, 0, None))
    fake = fake_engine(board.take, "uvicorn", 0)
    fake.scenario = board.loaded
    fake.connecting(1)
    fake_engine.refused(fake)
    board.take(server_event("server.exited", code=None, signal="SIGKILL", expected=False))
    verdict = board.verdict()
    assert "403" in verdict.headline
    assert "SIGKILL" in verdict.text


def test_a_scenario_that_does_not_load_is_told_with_its_line(board: Board, library: Library) -> None:
    broken = library.get("no_auth")
    board.take(NotLoaded(broken, "SyntaxError: invalid syntax", 7))
    verdict = board.verdict()
    assert (verdict.tone, verdict.headline) == ("bad", "NOT LOADED")
    assert verdict.text == (
        "no_auth.py, line 7: SyntaxError: invalid syntax. close_before_accept.py is still loaded."
    )
    board.take(Loaded(broken))
    assert board.verdict().headline == "READY"


def test_choosing_a_broken_scenario_says_what_is_wrong(board: Board, library: Library) -> None:
    broken = replace(library.get("no_auth"), problem=Problem("no block", 3, "no_auth.py"))
    board.choose(broken)
    assert board.verdict().headline == "NOT LOADED"
    board.choose(library.get("no_auth"))
    assert board.verdict().headline == "READY"


def test_a_server_that_does_not_start_is_told(board: Board) -> None:
    board.take(NotStarted("uvicorn is missing", False))
    assert board.port_refused is None
    assert (board.verdict().tone, board.verdict().headline) == ("bad", "NO SERVER")
    board.take(NotStarted("port 80 is taken", True))
    assert board.port_refused == "port 80 is taken"


def test_failures_are_kept_for_the_screen_to_tell(board: Board) -> None:
    board.take(Failed("connect", ValueError("[/")))
    board.take(Lost(1500))
    assert [failure_words(failure) for failure in board.failures] == [
        "connect: builtins.ValueError: [/",
        "1,500 events came faster than the screen could take them, and are lost",
    ]
    assert failure_words(Failed("x", NotConnectedError("not connected"))) == "not connected"
    assert board.run.lost == 1500


def test_changes_say_what_to_draw(board: Board) -> None:
    board.changes.clear()
    board.take(Event(1, Lane.WIRE, "wire.frame", "x", 1, Direction.C2S))
    assert board.changes == {"events"}
    board.take(Began(2, 0, None))
    assert "timeline" in board.changes
    assert len(board.run.timeline) == 0


def test_an_event_lights_its_line_or_the_last_one_before_it(board: Board, fake_engine) -> None:
    board.take(Began(1, 0, None))
    fake = fake_engine(board.take, "uvicorn", 0)
    fake.scenario = board.loaded
    fake.connecting(1)
    fake_engine.refused(fake)
    timeline = board.run.timeline
    labels = {event.kind: lit_line(event, timeline, "close_before_accept.py") for event in timeline}
    assert labels["client.connecting"] is None
    assert labels["asgi.receive"] == (20, "line 20 received websocket.connect")
    assert labels["asgi.send"] == (21, "line 21 called close()")
    assert labels["client.error"] == (21, "line 21 called close()")
    assert all(lit_line(event, timeline, "other.py") is None for event in timeline)
