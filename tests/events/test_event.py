import dataclasses
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wsplay.events.event import KINDS, SCHEMA_VERSION, Direction, Event, Lane, Source

CLOSE = Event(
    1_312_900,
    Lane.ASGI,
    "asgi.send",
    "websocket.close 1008",
    1,
    Direction.S2C,
    {"message": {"type": "websocket.close", "code": 1008, "reason": ""}},
    Source("close_before_accept.py", 21, "endpoint"),
    7,
)


def test_the_json_form_is_schema_version_1_in_its_order() -> None:
    assert json.dumps(CLOSE.to_json(0)) == (
        '{"v": 1, "seq": 7, "t_us": 1312, "conn": 1, "client": null, "lane": "asgi", '
        '"kind": "asgi.send", "direction": "s2c", "summary": "websocket.close 1008", '
        '"data": {"message": {"type": "websocket.close", "code": 1008, "reason": ""}}, '
        '"source": {"file": "close_before_accept.py", "line": 21, "function": "endpoint", "by": "call"}}'
    )


def test_what_there_is_not_is_null() -> None:
    data = Event(5_000, Lane.SERVER, "server.log", "started").to_json(5_000)
    assert data["v"] == SCHEMA_VERSION
    assert (data["conn"], data["direction"], data["source"], data["data"]) == (None, None, None, {})
    assert (data["t_us"], data["seq"]) == (0, 0)


def test_a_numbered_event_is_the_same_but_for_its_number() -> None:
    numbered = CLOSE.numbered(9)
    assert numbered.seq == 9
    assert CLOSE.seq == 7
    assert dataclasses.replace(numbered, seq=7) == CLOSE


def test_an_event_does_not_change() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        CLOSE.seq = 1  # type: ignore[misc]
    assert not hasattr(CLOSE, "__dict__")


def test_each_kind_stands_on_the_lane_it_is_named_for() -> None:
    assert KINDS["note"] is None
    for kind, lane in KINDS.items():
        if kind != "note":
            assert lane is not None
            assert kind.startswith(f"{lane}.")


@given(st.integers(0, 10**15), st.integers(0, 10**15), st.sampled_from(list(Lane)), st.text())
def test_any_event_survives_the_way_through_json(t_ns: int, start_ns: int, lane: Lane, text: str) -> None:
    event = Event(t_ns, lane, "note", text, None, Direction.C2S, {"text": text})
    data = event.to_json(start_ns)
    assert json.loads(json.dumps(data)) == data
    assert data["t_us"] == (t_ns - start_ns) // 1000
    assert data["data"] == {"text": text}
