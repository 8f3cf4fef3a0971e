from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wsplay.events.event import KINDS, Direction, Event, Lane, Place, Source
from wsplay.export.text import event_details, event_essentials, event_text


def test_each_lane_stands_a_step_further_to_the_right() -> None:
    starts = [
        event_text(Event(0, lane, "note", "x"), 0).index("›") for lane in (Lane.CLIENT, Lane.WIRE, Lane.ASGI)
    ]
    assert starts == sorted(set(starts))


def test_a_line_tells_time_lane_direction_and_source() -> None:
    event = Event(
        2_500_000,
        Lane.ASGI,
        "asgi.send",
        "websocket.close 1008",
        direction=Direction.S2C,
        source=Source("close.py", 21, "endpoint"),
    )
    line = event_text(event, 1_000_000)
    assert "1.5 ms  asgi" in line
    assert "← websocket.close 1008" in line
    assert line.endswith("close.py:21")


@pytest.mark.parametrize(
    ("by", "end"),
    [("raised", "  raised at close.py:21"), ("endpoint", "  endpoint at close.py:21")],
)
def test_a_line_that_did_not_call_says_what_it_is(by: str, end: str) -> None:
    source = Source("close.py", 21, "endpoint", by)
    event = Event(0, Lane.ASGI, "asgi.send", "websocket.close 1008", source=source)
    assert event_text(event, 0).endswith(end)
    assert "21" not in event_text(event, 0, width=50)


def test_details_tell_who_called_the_line() -> None:
    chain = (Place("app.py", 9, "endpoint"), Place("guard.py", 3, "check"), Place("deep.py", 2, "refuse"))
    source = Source("deep.py", 2, "refuse", chain=chain)
    event = Event(0, Lane.ASGI, "asgi.send", "websocket.close 1008", source=source)
    assert list(event_details(event)) == ["from app.py:9 in endpoint()", "from guard.py:3 in check()"]


@given(
    st.text(max_size=300),
    st.sampled_from(sorted(KINDS)),
    st.sampled_from(Lane),
    st.integers(40, 200),
    st.booleans(),
)
def test_a_line_is_printable_and_fits(summary: str, kind: str, lane: Lane, width: int, tag: bool) -> None:
    event = Event(0, lane, kind, summary, 12, source=Source("a_long_file_name.py", 1234, "f"))
    line = event_text(event, 0, width=width, tag=tag)
    assert line.isprintable()
    assert len(line) <= max(width, 70)


@pytest.mark.parametrize("poison", ["\x1b[2J", "\x9b31m", "\u202e", "\r\n", "\x07"])
def test_details_show_control_characters_and_obey_none(poison: str) -> None:
    events = [
        Event(
            0,
            Lane.WIRE,
            "wire.response",
            "",
            data={"headers": [["X", poison]], "body": {"text": poison, "size": 1}},
        ),
        Event(0, Lane.ASGI, "asgi.raised", "", data={"traceback": f"RuntimeError: {poison}"}),
        Event(0, Lane.WIRE, "wire.frame", "", data={"name": poison, "problem": poison, "length": 1}),
    ]
    for event in events:
        lines = list(event_details(event))
        assert lines
        assert all(line.isprintable() or line == "" for line in lines)


def test_a_cut_payload_says_how_much_there_is() -> None:
    body = {"size": 99999, "text": "abc", "truncated": True}
    lines = list(event_details(Event(0, Lane.WIRE, "wire.response", "", data={"headers": [], "body": body})))
    assert lines == ["abc", "(cut; 99999 B total)"]


def test_a_refusal_shows_headers_and_body_and_an_exception_the_user_s_lines() -> None:
    refusal = {"status": 401, "headers": [["WWW-Authenticate", "Bearer"]], "body": {"size": 2, "text": "no"}}
    assert list(event_essentials(Event(0, Lane.CLIENT, "client.error", "", data=refusal))) == [
        "WWW-Authenticate: Bearer",
        "no",
    ]
    frame = {"file": "a.py", "line": 7, "function": "endpoint", "code": "    raise X"}
    raised = {"type": "builtins.ValueError", "message": "bad", "frames": [frame]}
    assert list(event_essentials(Event(0, Lane.ASGI, "asgi.raised", "", data=raised))) == [
        "a.py:7 in endpoint: raise X",
        "builtins.ValueError: bad",
    ]
    assert list(event_essentials(Event(0, Lane.WIRE, "wire.frame", ""))) == []


def test_without_a_width_nothing_is_cut() -> None:
    source = Source("a_long_file_name.py", 1234, "f")
    event = Event(0, Lane.CLIENT, "wire.stray", "x" * 500, source=source)
    line = event_text(event, 0, width=None)
    assert "x" * 500 in line
    assert line.endswith("  a_long_file_name.py:1234")
    stray = replace(event, data={"payload": {"size": 300, "hex": "ab" * 300}})
    assert list(event_details(stray)) == [f"300 B: {'ab' * 80}…"]
    assert list(event_details(stray, whole=True)) == [f"300 B: {'ab' * 300}"]


def test_a_process_that_was_stopped_did_not_fail() -> None:
    def painted(expected: bool) -> str:
        ended = Event(0, Lane.SERVER, "server.exited", "ended", data={"expected": expected})
        return event_text(ended, 0, paint=lambda text, role: f"<{role}>{text}")

    assert "<bad>✗ ended" in painted(False)
    assert "<server>■ ended" in painted(True)
