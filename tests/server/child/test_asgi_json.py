"""Scopes and messages as plain data, and the events made of them."""

from __future__ import annotations

import enum
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wsplay.events.event import KINDS
from wsplay.server.child.asgi_json import message_data, scope_data
from wsplay.server.ipc import Observed, Where
from wsplay.server.parent.to_events import event_of, exit_text, exited_event

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.binary()
    | st.binary().map(bytearray)
    | st.builds(object)
    | st.just(KeyError),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.binary(), inner) | st.tuples(inner, inner),
    max_leaves=10,
)


@given(st.dictionaries(st.text() | st.sampled_from(["headers", "state", "text", "body"]), values))
def test_anything_becomes_json(message: dict[str, Any]) -> None:
    for data in (message_data(message), scope_data(message)):
        assert json.loads(json.dumps(data, allow_nan=False)) == data


class Odd(str):
    def __str__(self) -> str:
        raise AssertionError("the scenario's code is not run")

    __repr__ = __str__


class Colour(enum.StrEnum):
    RED = "red"


def test_looking_runs_no_code_of_the_scenario() -> None:
    fields = message_data({"type": "x", "a": Odd("odd"), "b": object(), "c": Colour.RED})["message"]
    assert fields == {"type": "x", "a": "odd", "b": "<object>", "c": "red"}
    assert scope_data({"state": {"db": Odd("secret")}}) == {"scope": {"state": {"db": "<Odd>"}}}


def test_a_list_that_holds_itself_ends() -> None:
    endless: list[Any] = []
    endless.append(endless)
    json.dumps(message_data({"type": "x", "extra": endless}))


def test_what_is_no_message_is_named() -> None:
    assert message_data(None) == {"message": {"type": None}, "not_a_dict": "<NoneType>"}


def summary(kind: str, message: dict[str, Any]) -> str:
    return event_of(Observed(kind, 1, 80, message_data(message), None)).summary


def test_summaries() -> None:
    assert summary("asgi.send", {"type": "websocket.close"}) == "websocket.close 1000"
    assert (
        summary("asgi.send", {"type": "websocket.close", "code": 1008, "reason": "no\n"})
        == 'websocket.close 1008 "no␊"'
    )
    assert (
        summary("asgi.send", {"type": "websocket.send", "text": "g\u00fcn"})
        == 'websocket.send 4 B "g\u00fcn"'
    )
    assert summary("asgi.receive", {"type": "websocket.receive", "bytes": b"abc"}) == "websocket.receive 3 B"
    assert (
        summary("asgi.send", {"type": "websocket.http.response.start", "status": 401})
        == "websocket.http.response.start 401"
    )


@given(
    st.sampled_from(sorted(KINDS)),
    st.dictionaries(st.sampled_from(["message", "scope", "type", "why", "count", "text"]), values),
)
def test_any_observation_makes_an_event_that_is_safe_to_print(kind: str, data: dict[str, Any]) -> None:
    plain = message_data(data)["message"]
    for key in ("message", "scope"):
        if not isinstance(plain.get(key), dict):
            plain.pop(key, None)
    event = event_of(Observed(kind, 1, None, plain, Where("x.py", 1, "f")))
    assert event.summary.isprintable()
    assert event.kind in KINDS


def test_how_a_process_ended() -> None:
    assert exit_text(3) == "exited with code 3"
    assert exit_text(-9) == "killed by SIGKILL"
    assert exit_text(-60) == "killed by signal 60"
    assert exited_event(1, -15, expected=True).data == {"code": None, "signal": "SIGTERM", "expected": True}


@pytest.mark.parametrize(
    ("code", "expected", "said"),
    [
        (0, True, "stopped"),
        (-9, True, "stopped (killed by SIGKILL)"),
        (3, True, "stopped (exited with code 3)"),
        (0, False, "exited with code 0"),
        (-9, False, "killed by SIGKILL"),
    ],
)
def test_an_end_that_was_asked_for_is_told_as_one(code: int, expected: bool, said: str) -> None:
    assert exited_event(1, code, expected=expected).summary == said
