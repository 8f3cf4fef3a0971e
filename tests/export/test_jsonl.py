import json

from hypothesis import given
from hypothesis import strategies as st

from wsplay.events.event import Direction, Event, Lane, Source
from wsplay.export.jsonl import event_line, json_line


def test_an_event_has_the_form_of_schema_version_1() -> None:
    event = Event(
        1_312_000,
        Lane.ASGI,
        "asgi.send",
        "websocket.close 1008",
        1,
        Direction.S2C,
        {"message": {"type": "websocket.close", "code": 1008, "reason": ""}},
        Source("close_before_accept.py", 21, "endpoint"),
    ).numbered(7, "A")
    assert json.loads(event_line(event, 0)) == {
        "v": 1,
        "seq": 7,
        "t_us": 1312,
        "conn": 1,
        "client": "A",
        "lane": "asgi",
        "kind": "asgi.send",
        "direction": "s2c",
        "summary": "websocket.close 1008",
        "data": {"message": {"type": "websocket.close", "code": 1008, "reason": ""}},
        "source": {"file": "close_before_accept.py", "line": 21, "function": "endpoint", "by": "call"},
    }


@given(st.text())
def test_a_line_is_ascii_and_loses_nothing(text: str) -> None:
    line = json_line({"text": text})
    assert line.isascii()
    assert line.isprintable()
    assert json.loads(line) == {"text": text}
