"""One rule for which connection is a run's own, and one place for what each comes to."""

from __future__ import annotations

from collections.abc import Iterable

from wsplay.events.event import Event, Lane
from wsplay.events.timeline import Timeline
from wsplay.verdict.run import MAX_FOLLOWED, RunRecord


def recorded(*stories, record: RunRecord | None = None) -> RunRecord:
    """The stories one after the other, numbered as the playground numbers a run's events."""
    record = record or RunRecord(Timeline(0))
    for event in (event for story in stories for event in story.events):
        record.add_event(event.numbered(record.timeline.next_seq))
    return record


def server(*kinds: str, **data: object) -> Iterable[Event]:
    return [Event(1, Lane.SERVER, kind, kind, data=data) for kind in kinds]


def test_setup_steps_connect_first_and_are_not_the_run_s_own(new_story) -> None:
    record = recorded(new_story(1).accepted(), new_story(2).asked().refused())
    assert record.own is None
    assert record.outcome().ended == "pending"
    record.expect_own()
    assert record.own is None
    recorded(new_story(3).asked().refused(401), record=record)
    assert record.own == 3
    assert record.outcome().status == 401
    assert record.outcome(1).opened
    assert record.outcome(2).status == 403


def test_connections_of_others_between_are_followed_and_do_not_count(new_story) -> None:
    record = RunRecord(Timeline(0))
    record.expect_own()
    stranger = new_story(1).connected().request().scope().send("accept").response(101)
    recorded(stranger, new_story(2).asked().refused(), record=record)
    recorded(new_story(3).connected().request().response(404), record=record)
    assert record.own == 2
    assert record.outcome().status == 403
    assert record.outcome(1).ended == "open"
    assert record.outcome(3).status == 404


def test_what_the_wire_told_before_the_client_counts_for_the_run_s_own(new_story) -> None:
    record = RunRecord(Timeline(0))
    record.expect_own()
    recorded(new_story(1).connected(), new_story(1).connecting(), record=record)
    assert record.own == 1
    assert record.outcome().facts.connected is not None


def test_a_reconnect_is_the_run_s_own_once_it_is_expected(new_story) -> None:
    record = RunRecord(Timeline(0))
    record.expect_own()
    recorded(new_story(1).asked().refused(403), new_story(2).asked().refused(401), record=record)
    assert (record.own, record.outcome().status) == (1, 403)
    record.expect_own()
    assert record.outcome().ended == "pending"
    recorded(new_story(3).accepted(), record=record)
    assert (record.own, record.outcome().status) == (3, 101)


def test_a_run_without_a_connection_of_ours_has_no_own(new_story) -> None:
    record = recorded(new_story(1).connected().request().response(200))
    assert record.own is None
    assert record.outcome().ended == "pending"
    assert record.outcome().conn is None
    assert record.outcome(7).ended == "pending"


def test_what_the_server_told_earlier_holds_for_a_connection_that_begins_later(new_story) -> None:
    standing = server("server.listening", "server.loaded", routes=[{"path": "/ws", "websocket": True}])
    record = RunRecord(Timeline(0), standing)
    record.expect_own()
    recorded(new_story().server("stalled", 7, seconds=1.0), record=record)
    recorded(new_story(1).asked(), record=record)
    facts = record.outcome().facts
    assert facts.listening is not None
    assert facts.routes == [{"path": "/ws", "websocket": True}]
    assert facts.stalled is not None
    assert len(record.timeline) == 6  # what stood before the run is none of its events


def test_the_server_s_end_counts_for_every_connection(new_story) -> None:
    record = recorded(new_story(1).accepted(), new_story(2).accepted())
    recorded(new_story().server("exited", code=3, signal=None, expected=False), record=record)
    assert record.outcome(1).facts.exited is not None
    assert record.outcome(2).facts.exited is not None


def test_few_connections_are_followed_and_the_own_stays_among_them(new_story) -> None:
    record = RunRecord(Timeline(0))
    record.expect_own()
    recorded(new_story(1).asked(), record=record)
    recorded(*(new_story(conn).connected() for conn in range(2, 200)), record=record)
    assert len(record.followed) == MAX_FOLLOWED
    assert record.followed[0] == record.own == 1
    assert record.followed[-1] == 199
