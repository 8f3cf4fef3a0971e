from typing import Any

import pytest

from wsplay.events.event import Direction, Event, Lane, Source
from wsplay.verdict.diagnosis import report
from wsplay.verdict.outcome import Close

C2S, S2C = Direction.C2S, Direction.S2C

KEYS = [
    "kind",
    "scenario",
    "try",
    "engine",
    "versions",
    "ended",
    "status",
    "opened",
    "received",
    "close",
    "asked",
    "client_error",
    "server_error",
    "asgi",
    "browser",
    "verdict",
    "expected",
]


# -- how it ended, by our own client's account


def test_a_close_before_accept_is_a_refusal_whose_code_is_asked_for_and_never_comes(story: Any) -> None:
    story.asked().send("close", 21, code=1008, reason="").response(403, "").eof().rejected(403)
    outcome = story.outcome()
    assert (outcome.ended, outcome.final, outcome.status, outcome.opened) == ("refused", True, 403, False)
    assert outcome.close is None
    assert outcome.asked == Close(1008, "")
    assert outcome.asgi == ("websocket.connect", "websocket.close")
    assert outcome.client_error is not None
    assert outcome.client_error.type == "websockets.exceptions.InvalidStatus"
    assert outcome.body == ""


def test_a_500_is_a_refusal_with_the_exception_and_its_line(story: Any) -> None:
    story.asked().raised("RuntimeError", "no accept", 14).response(500, "oops").rejected(500, "oops")
    outcome = story.outcome()
    assert (outcome.ended, outcome.status, outcome.body) == ("refused", 500, "oops")
    assert outcome.server_error is not None
    assert outcome.server_error.source == Source("probe.py", 14, "endpoint")
    assert outcome.to_json()["server_error"] == {
        "type": "RuntimeError",
        "message": "no accept",
        "source": {"file": "probe.py", "line": 14, "function": "endpoint", "by": "call"},
    }


def test_a_close_frame_by_the_server(story: Any) -> None:
    story.accepted().got("Welcome!").send("close", 30, code=1008, reason="bad token")
    story.close_frame(1008, "bad token").close_frame(1008, "bad token", C2S).closed(
        1008, "bad token", sent=1008
    )
    outcome = story.outcome()
    assert (outcome.ended, outcome.ended_by, outcome.opened, outcome.status) == (
        "closed",
        "server",
        True,
        101,
    )
    assert outcome.close == Close(1008, "bad token", "server")
    assert [message.to_json() for message in outcome.received] == ["Welcome!"]


def test_an_orderly_close_is_no_client_error(story: Any) -> None:
    story.accepted().closed(1000, exception="websockets.exceptions.ConnectionClosedOK")
    assert story.outcome().client_error is None


def test_a_close_frame_without_a_code_is_1005(story: Any) -> None:
    story.accepted().close_frame()
    story.add("client.closed", {"by": "server", "received": {"code": None, "reason": ""}})
    assert story.outcome().close == Close(1005, "", "server")


def test_the_client_s_account_of_the_close_wins_over_the_wire_s(story: Any) -> None:
    story.accepted().close_frame(1008, "from the wire").closed(4001, "from the client")
    assert story.outcome().close == Close(4001, "from the client", "server")


def test_a_client_that_took_no_close_frame_wins_too(story: Any) -> None:
    story.accepted().close_frame(1006).closed(None, by=None)
    outcome = story.outcome()
    assert (outcome.close, outcome.ended) == (None, "dropped")


def test_the_wire_s_close_stands_until_the_client_has_spoken(story: Any) -> None:
    story.accepted().close_frame(1008, "bye")
    outcome = story.outcome()
    assert outcome.close == Close(1008, "bye", "server")
    assert (outcome.ended, outcome.final) == ("closed", False)


def test_a_close_that_the_user_asked_for_is_closed_by_the_client(story: Any) -> None:
    story.accepted().add("client.sent", {"type": "close", "code": 4000, "reason": "bye"}, C2S)
    story.close_frame(4000, "bye", C2S).close_frame(4000, "bye").closed(4000, "bye", by="client", sent=4000)
    outcome = story.outcome()
    assert (outcome.ended, outcome.ended_by) == ("closed", "client")
    assert outcome.close == Close(4000, "bye", "client")


def test_a_client_s_close_that_got_no_answer_is_closed_all_the_same(story: Any) -> None:
    story.accepted().close_frame(1000, "", C2S).eof().closed(None, by="client", sent=1000)
    outcome = story.outcome()
    assert (outcome.ended, outcome.ended_by, outcome.close) == ("closed", "client", None)


def test_who_closed_is_told_from_the_wire_where_the_client_does_not_know(story: Any) -> None:
    story.accepted().close_frame(1000, "", C2S).close_frame(1000).closed(1000, by=None)
    assert story.outcome().ended_by == "client"


def test_tcp_gone_without_a_close_frame_is_dropped(story: Any) -> None:
    story.accepted().raised("ValueError", "no", 14).eof().eof(C2S).closed(None, by=None)
    outcome = story.outcome()
    assert (outcome.ended, outcome.ended_by, outcome.opened) == ("dropped", "server", True)
    assert outcome.client_error is not None
    assert outcome.client_error.type.endswith("ConnectionClosedError")


@pytest.mark.parametrize("why", ["quiet", "timeout"])
def test_still_open_when_the_run_stopped_watching_is_open(story: Any, why: str) -> None:
    story.accepted().got("hi").note(why, quiet_ms=400)
    # What comes of our own leaving is not the endpoint's doing.
    story.close_frame(1000, "", C2S).close_frame(1000).receive("disconnect", code=1000)
    story.raised("starlette.websockets.WebSocketDisconnect", "").closed(1000, by="client", sent=1000)
    outcome = story.outcome()
    assert (outcome.ended, outcome.final, outcome.opened, outcome.close) == ("open", True, True, None)
    assert (outcome.server_error, outcome.client_error, outcome.ended_by) == (None, None, None)
    assert "websocket.disconnect" not in outcome.asgi


def test_an_open_connection_says_how_long_it_was_seen_open(story: Any) -> None:
    story.accepted().got("hi").note("quiet", quiet_ms=400)
    story.close_frame(1000, "", C2S).close_frame(1000).closed(1000, by="client", sent=1000)
    # A millisecond from each event to the next.
    assert story.outcome().watched_ms == story.outcome().to_json()["watched_ms"] == 2


def test_only_an_open_connection_says_how_long_it_was_seen_open(story: Any) -> None:
    assert story.outcome().watched_ms is None
    assert story.asked().outcome().watched_ms is None
    assert story.accepted().outcome().watched_ms is not None
    assert story.closed(1000).outcome().to_json()["watched_ms"] is None


def test_events_older_than_the_leaving_count_though_they_come_after_it(story: Any) -> None:
    story.accepted().note("quiet", quiet_ms=400)
    late = Event(1, Lane.ASGI, "asgi.raised", "", 1, None, {"type": "ValueError", "message": "late"})
    story.events.append(late)
    assert story.outcome().server_error is not None


def test_a_note_after_the_end_changes_nothing(story: Any) -> None:
    story.accepted().closed(1000).note("quiet", quiet_ms=400)
    assert story.outcome().ended == "closed"


def test_a_note_of_quiet_before_anything_is_open_changes_nothing(story: Any) -> None:
    story.asked().note("quiet", quiet_ms=400).response(403).rejected(403)
    assert story.outcome().ended == "refused"


def test_other_notes_change_nothing(story: Any) -> None:
    story.accepted().note("connections").closed(1000)
    assert story.outcome().ended == "closed"


def test_no_answer_in_time_is_timeout(story: Any) -> None:
    story.asked().failed(type="TimeoutError", message="timed out", timeout=True)
    outcome = story.outcome()
    assert (outcome.ended, outcome.status, outcome.body, outcome.ended_by) == ("timeout", None, None, None)


def test_the_run_s_limit_before_any_answer_is_timeout(story: Any) -> None:
    story.asked().note("timeout", seconds=3)
    assert story.outcome().ended == "timeout"


def test_an_answer_that_never_became_whole_is_still_the_answer(story: Any) -> None:
    story.asked().response(403).failed(type="TimeoutError", message="", timeout=True)
    assert (story.outcome().ended, story.outcome().status) == ("refused", 403)


@pytest.mark.parametrize("phase", ["request", "connect"])
def test_nobody_to_ask_or_no_way_to_ask_is_unreachable(story: Any, phase: str) -> None:
    story.connecting().failed(phase)
    assert story.outcome().ended == "unreachable"


def test_a_tap_that_finds_no_server_is_unreachable(story: Any) -> None:
    story.connecting().reset(S2C, "connection refused").failed(message="no answer")
    assert story.outcome().ended == "unreachable"


def test_a_server_that_resets_before_it_answers_is_dropped(story: Any) -> None:
    story.asked().reset().failed(message="no answer")
    assert story.outcome().ended == "dropped"


def test_eof_before_any_answer_is_dropped(story: Any) -> None:
    story.asked().eof().failed(type="websockets.exceptions.InvalidMessage", message="no HTTP response")
    outcome = story.outcome()
    assert (outcome.ended, outcome.status, outcome.ended_by) == ("dropped", None, "server")


def test_garbage_for_an_answer_is_dropped(story: Any) -> None:
    story.asked().stray("SSH-2.0").failed(type="websockets.exceptions.InvalidMessage", message="no")
    assert story.outcome().ended == "dropped"


def test_a_101_the_client_does_not_take_is_dropped_and_not_opened(story: Any) -> None:
    story.asked().response(101).failed(type="websockets.exceptions.InvalidHeader", message="no", status=101)
    outcome = story.outcome()
    assert (outcome.ended, outcome.status, outcome.opened) == ("dropped", 101, False)


def test_an_open_connection_is_open_but_not_for_good(story: Any) -> None:
    outcome = story.accepted().outcome()
    assert (outcome.ended, outcome.final, outcome.opened) == ("open", False, True)


@pytest.mark.parametrize("told", [(), ("connecting",), ("connecting", "connected"), ("asked",)])
def test_before_anything_is_known_it_is_pending(story: Any, told: tuple[str, ...]) -> None:
    for name in told:
        getattr(story, name)()
    outcome = story.outcome()
    assert (outcome.ended, outcome.final, outcome.opened, outcome.status) == ("pending", False, False, None)


def test_trouble_of_an_open_connection_is_the_client_s_error(story: Any) -> None:
    story.accepted().failed("open", type="OSError", message="broken pipe").closed(None, by=None)
    outcome = story.outcome()
    assert outcome.ended == "dropped"
    assert outcome.client_error is not None
    assert outcome.client_error.message == "broken pipe"


# -- status


def test_status_is_the_client_s_and_falls_back_on_the_wire(story: Any, new_story: Any) -> None:
    assert story.asked().response(500).response(101).rejected(500).outcome().status == 500
    assert new_story().asked().response(503).failed().outcome().status == 503
    assert new_story().asked().response(403).rejected(418).outcome().status == 418


def test_interim_answers_are_not_the_answer(story: Any) -> None:
    story.asked().response(100).response(103).response(403).failed()
    assert story.outcome().status == 403


# -- the JSON form


def test_json_has_the_schema_s_keys_in_their_order(story: Any) -> None:
    story.asked().send("close", 21, code=1008).response(403).rejected(403)
    data = report(
        story.outcome(),
        scenario="close_before_accept",
        try_name="no token",
        engine="uvicorn",
        versions={"uvicorn": "1"},
        expected=True,
    )
    assert list(data)[: len(KEYS)] == KEYS
    assert data["kind"] == "outcome"
    assert (data["scenario"], data["try"], data["engine"]) == ("close_before_accept", "no token", "uvicorn")
    assert data["versions"] == {"uvicorn": "1"}
    assert data["verdict"].startswith("The app closed before accept (line 21)")
    assert data["close"] is None
    assert data["asked"] == {"code": 1008, "reason": ""}
    assert data["browser"] == {
        "opened": False,
        "received": [],
        "error": True,
        "code": 1006,
        "reason": "",
        "clean": False,
        "by": "rule",
        "unless": [{"because": "origin", "name": "Origin", "page": "any", "then": "sent_anyway"}],
    }
    assert data["expected"] is True


def test_json_of_a_close_says_who(story: Any) -> None:
    data = story.accepted().closed(1008, "no").outcome().to_json()
    assert data["close"] == {"code": 1008, "reason": "no", "by": "server"}
    assert data["expected"] is None
    assert data["verdict"] == ""


def test_json_takes_engine_and_versions_from_the_server_where_not_given(story: Any) -> None:
    story.server("listening", engine="uvicorn-wsproto", versions={"wsproto": "1.3"}).accepted()
    data = story.outcome().to_json()
    assert (data["engine"], data["versions"]) == ("uvicorn-wsproto", {"wsproto": "1.3"})
