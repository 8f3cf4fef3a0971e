import json
from typing import Any

import pytest

from wsplay.events.event import Direction, Lane
from wsplay.verdict.connection_facts import MAX_ASGI, MAX_RECEIVED, MAX_RECEIVED_CHARACTERS, MAX_WAITING
from wsplay.verdict.outcome import Close, OutcomeBuilder, outcome_of

C2S, S2C = Direction.C2S, Direction.S2C


# -- clients that are not ours: the wire alone


def test_a_stranger_s_conversation_is_read_off_the_wire(story: Any) -> None:
    story.connected().request("/ws", [["Sec-WebSocket-Protocol", "chat, chat.v2"]])
    story.response(101, headers=[["sec-websocket-protocol", "chat"]]).frame("hello").frame(b"\x00\xff", 2)
    story.frame("ping", 9).frame("not for the client", direction=C2S)
    outcome = story.outcome()
    assert (outcome.ended, outcome.final, outcome.opened) == ("open", False, True)
    assert [message.to_json() for message in outcome.received] == ["hello", {"hex": "00ff", "size": 2}]
    assert outcome.subprotocol == "chat"
    story.close_frame(1008, "no").close_frame(1008, "no", C2S)
    assert (story.outcome().ended, story.outcome().final) == ("closed", False)
    outcome = story.eof().outcome()
    assert (outcome.ended, outcome.final, outcome.close) == ("closed", True, Close(1008, "no", "server"))


def test_a_stranger_s_fragments_are_one_message(story: Any) -> None:
    story.connected().request().response(101)
    snow = "snow ☃".encode()
    story.frame(snow[:6], 1, fin=False).frame("", 9).frame(snow[6:], 0)
    outcome = story.outcome()
    assert [message.to_json() for message in outcome.received] == ["snow ☃"]
    assert outcome.received_count == 1


def test_a_stranger_refused(story: Any) -> None:
    story.connected().request().scope().response(403, "go away")
    outcome = story.outcome()
    assert (outcome.ended, outcome.final, outcome.status, outcome.body) == ("refused", True, 403, "go away")


@pytest.mark.parametrize(("first", "by"), [(S2C, "server"), (C2S, "client")])
def test_a_stranger_dropped(story: Any, first: Direction, by: str) -> None:
    story.connected().request().response(101).eof(first).eof(C2S if first is S2C else S2C)
    assert (story.outcome().ended, story.outcome().ended_by) == ("dropped", by)


def test_a_stranger_whose_close_got_no_answer(story: Any) -> None:
    story.connected().request().response(101).close_frame(1000, "", C2S).reset()
    outcome = story.outcome()
    assert (outcome.ended, outcome.ended_by, outcome.close) == ("closed", "client", None)


def test_a_stranger_without_an_answer(story: Any, new_story: Any) -> None:
    assert story.connected().request().eof().outcome().ended == "dropped"
    assert new_story().reset().outcome().ended == "unreachable"


def test_frames_of_ours_are_not_counted_twice(story: Any) -> None:
    story.accepted().frame("one").got("one").frame("two").got("two")
    assert story.outcome().received_count == 2


# -- what it asked for, and what it received


def test_a_close_asked_for_has_defaults(story: Any) -> None:
    assert story.asked().send("close").outcome().asked == Close(1000, "")


def test_the_first_close_asked_for_is_the_one(story: Any) -> None:
    story.accepted().send("close", code=1008).send("close", code=1011)
    assert story.outcome().asked == Close(1008, "")


def test_validation_errors_for_a_reason_become_text(story: Any) -> None:
    story.asked().send("close", code=1008, reason=[{"loc": ["query", "token"], "msg": "Field required"}])
    asked = story.outcome().asked
    assert json.loads(asked.reason) == [{"loc": ["query", "token"], "msg": "Field required"}]


def test_binary_and_capped_messages_say_so(story: Any) -> None:
    story.accepted().got(b"\x00\xff").got("x" * 20_000)
    binary, long = story.outcome().to_json()["received"]
    assert binary == {"hex": "00ff", "size": 2}
    assert long == {"text": "x" * 16_384, "size": 20_000, "truncated": True}


def test_pongs_are_no_messages(story: Any) -> None:
    story.accepted().add("client.received", {"type": "pong", "size": 0, "text": "", "latency_ms": 1.0}, S2C)
    assert story.outcome().received_count == 0


def test_a_flood_is_counted_whole_and_kept_in_part(story: Any) -> None:
    story.accepted()
    builder = OutcomeBuilder(1)
    for event in story.events:
        builder.see(event)
    message = story.got("x").send("send").events[-2:]
    for _ in range(5000):
        for event in message:
            builder.see(event)
    outcome = builder.outcome()
    assert (outcome.received_count, len(outcome.received), len(outcome.asgi)) == (
        5000,
        MAX_RECEIVED,
        MAX_ASGI,
    )


def test_a_few_huge_messages_are_not_all_kept(story: Any) -> None:
    story.accepted()
    for _ in range(60):
        story.got("x" * 16_384)
    outcome = story.outcome()
    kept = sum(len(message.text or "") for message in outcome.received)
    assert outcome.received_count == 60
    assert kept <= MAX_RECEIVED_CHARACTERS + 16_384


def test_a_stranger_s_endless_fragments_are_bounded(story: Any) -> None:
    story.connected().request().response(101).frame("a", 1, fin=False)
    more = story.frame("b", 0, fin=False).events[-1]
    story.events += [more] * 3000
    story.frame("c", 0)
    [message] = story.outcome().received
    assert len(message.text or "") <= MAX_RECEIVED + 1


# -- the server's lane and other connections


def test_other_connections_pass_by(story: Any, new_story: Any) -> None:
    other = new_story(2).asked().response(403).rejected(403)
    story.accepted().closed(1000)
    assert outcome_of([*other.events, *story.events], 1).ended == "closed"
    assert outcome_of([*other.events, *story.events]).conn == 2


def test_of_no_events_and_for_no_connection_it_is_pending(story: Any) -> None:
    assert outcome_of([]).ended == "pending"
    builder = OutcomeBuilder(None)
    for event in story.accepted().events:
        builder.see(event)
    assert builder.outcome().ended == "pending"


def test_a_server_that_exits_long_after_is_no_explanation(story: Any) -> None:
    story.accepted().eof().closed(None, by=None)
    assert story.server("exited", signal="SIGKILL").outcome().facts.exited is not None
    story.events.pop()
    story.now += 60_000_000_000
    assert story.server("exited", signal="SIGKILL").outcome().facts.exited is None


def test_a_server_that_was_down_already_is_one(story: Any) -> None:
    story.server("exited", code=1).connecting().reset().failed()
    assert story.outcome().facts.exited is not None


def test_a_server_that_came_back_is_none(story: Any) -> None:
    story.server("exited", code=1).server("listening").connecting().connected().request().eof().failed()
    assert story.outcome().facts.exited is None


def test_an_outcome_does_not_change_with_later_events(story: Any) -> None:
    builder = OutcomeBuilder(1)
    for event in story.accepted().events:
        builder.see(event)
    before = builder.outcome()
    told = before.to_json()
    for event in story.got("more").raised("ValueError", "no").closed(1000).events:
        builder.see(event)
    assert before.to_json() == told
    assert before.facts.closed is None


# -- what was held


def held(story: Any, number: int, phase: str, lane: Lane = Lane.ASGI) -> Any:
    data = {"id": number, "what": "send", "phase": phase, "held_us": 0}
    return story.add(f"{lane}.held", data)


def test_held_time_is_that_in_which_anything_of_the_connection_waited(story: Any) -> None:
    # A millisecond from each event to the next.
    story.connected().request()
    held(story, 1, "waits")
    held(story, 2, "waits", Lane.WIRE)
    held(story, 1, "stepped")
    held(story, 2, "let_go", Lane.WIRE)
    assert story.outcome().held_ms == story.outcome().to_json()["held_ms"] == 3
    story.response(101)
    held(story, 3, "waits")
    story.frame("x")
    assert story.outcome().held_ms == 4, "it waits on"
    assert story.outcome().watched_ms == 1, "without the time in which something waited"
    assert not story.outcome().facts.changed_by_hand


def test_held_events_change_nothing_else_of_an_outcome(new_story: Any) -> None:
    plain, stepped = new_story(), new_story()
    for story in (plain, stepped):
        story.accepted().got("hi").send("send", text="hi")
        if story is stepped:
            held(story, 1, "waits")
            held(story, 1, "stepped")
        story.close_frame(1000).closed(1000)
    different = {"held_ms": 1}
    assert stepped.outcome().to_json() == plain.outcome().to_json() | different


@pytest.mark.parametrize(("phase", "changed"), [("dropped", True), ("edited", True), ("stepped", False)])
def test_what_a_person_dropped_or_edited_is_known(story: Any, phase: str, changed: bool) -> None:
    story.connected()
    held(story, 1, "waits")
    held(story, 1, phase)
    assert story.outcome().facts.changed_by_hand is changed


def test_an_end_without_a_beginning_and_too_many_waits_do_no_harm(story: Any) -> None:
    story.connected()
    held(story, 9, "stepped")
    for number in range(3 * MAX_WAITING):
        held(story, number, "waits")
    assert len(story.outcome().facts._waiting) == MAX_WAITING
    for number in range(3 * MAX_WAITING):
        held(story, number, "stepped")
    assert story.outcome().facts._held_since is None
