"""Whatever events come, there is an outcome and a verdict."""

import json

from hypothesis import given
from hypothesis import strategies as st

from wsplay.events.event import KINDS, Direction, Event, Lane, Source
from wsplay.events.timeline import Timeline
from wsplay.verdict.diagnosis import report
from wsplay.verdict.expectation import Expectation
from wsplay.verdict.outcome import ENDED, OutcomeBuilder, outcome_of
from wsplay.verdict.run import RunRecord

C2S, S2C = Direction.C2S, Direction.S2C

_text = st.text(max_size=12)
_scalars = st.none() | st.booleans() | st.integers() | st.floats() | _text
_json = st.recursive(
    _scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_text, inner, max_size=3),
    max_leaves=6,
)
_codes = st.sampled_from([0, 101, 200, 403, 500, 1000, 1005, 1006, 1008, 1012, 4000, 70_000])
_payload = st.fixed_dictionaries(
    {}, optional={"size": st.integers(0, 10**6), "text": _text, "hex": _text, "truncated": st.booleans()}
)
_types = st.sampled_from(
    [
        f"websocket.{name}"
        for name in ("accept", "close", "send", "connect", "disconnect", "http.response.start")
    ]
)
_message = st.fixed_dictionaries(
    {}, optional={"type": _types | _json, "code": _codes | _json, "reason": _text | _json}
)
_likely = st.fixed_dictionaries(
    {},
    optional={
        "status": _codes,
        "headers": st.lists(st.lists(_text, min_size=2, max_size=2), max_size=3) | _json,
        "subprotocols": st.lists(_text, max_size=2),
        "subprotocol": _text | st.none(),
        "phase": st.sampled_from(["request", "connect", "handshake", "open"]),
        "timeout": st.booleans(),
        "body": _payload,
        "payload": _payload,
        "fin": st.booleans(),
        "opcode": st.integers(0, 15),
        "problem": _text,
        "code": _codes,
        "reason": _text,
        "received": st.none() | _message,
        "sent": st.none() | _message,
        "exception": _message,
        "by": st.sampled_from(["server", "client", None]),
        "message": _message | _text,
        "type": st.sampled_from(["text", "binary", "close", "pong", "RuntimeError"]),
        "scope": st.fixed_dictionaries({"type": st.sampled_from(["http", "websocket"]), "path": _text}),
        "why": st.sampled_from(["quiet", "timeout", "recovered", "send failed"]),
        "seconds": st.floats() | st.integers(),
        "routes": _json,
        "target": _text,
        "error": _text,
        "upstream": st.none() | st.just(["::1", 1]),
    },
)
_wild = st.dictionaries(
    st.sampled_from(
        ["status", "headers", "code", "message", "payload", "opcode", "received", "sent", "scope"]
    ),
    _json,
    max_size=4,
)
_events = st.builds(
    Event,
    t_ns=st.integers(0, 10**10),
    lane=st.sampled_from(list(Lane)),
    kind=st.sampled_from(list(KINDS)) | _text,
    summary=st.just(""),
    conn=st.sampled_from([1, 1, 1, 2, None]),
    direction=st.sampled_from([None, C2S, S2C]),
    data=_likely | _wild | st.dictionaries(_text, _json, max_size=3),
    source=st.none() | st.builds(Source, st.just("x.py"), st.integers(1, 99), st.just("f")),
    seq=st.integers(0, 9),
)
_expectation = Expectation.parse(
    {
        "status": 403,
        "close": 1008,
        "asked": "none",
        "error": "x",
        "received": ["x"],
        "browser": {"code": 1006},
    }
)


@given(st.lists(_events, max_size=14))
def test_any_events_give_an_outcome_that_json_and_a_terminal_can_take(events: list[Event]) -> None:
    builder = OutcomeBuilder(1)
    for event in events:
        builder.see(event)
        outcome = builder.outcome()
        data = report(outcome)
        assert json.loads(json.dumps(data))["kind"] == "outcome"
        assert outcome.ended in (*ENDED, "pending")
        assert data["verdict"]
        for said in (data["verdict"], data["headline"], data["next_step"]):
            assert said.isprintable()
        for mismatch in _expectation.mismatches(outcome):
            assert mismatch.isprintable()


@given(st.lists(_events, max_size=14))
def test_an_outcome_is_a_pure_function_of_the_events(events: list[Event]) -> None:
    assert report(outcome_of(events, 1)) == report(outcome_of(list(events), 1))


@given(st.lists(_events, max_size=14), st.lists(_events, max_size=3), st.integers(0, 14))
def test_a_record_comes_to_what_its_connection_s_events_come_to(
    events: list[Event], standing: list[Event], begin: int
) -> None:
    standing = [event.of_connection(None).numbered(0) for event in standing]
    events = [event.numbered(seq) for seq, event in enumerate(events, 1)]
    record = RunRecord(Timeline(0), standing)
    for place, event in enumerate(events):
        if place == begin:
            record.expect_own()
        record.add_event(event)
    connecting = (e.conn for e in events[begin:] if e.kind == "client.connecting" and e.conn is not None)
    assert record.own == next(connecting, None)
    for conn in {event.conn for event in events if event.conn is not None}:
        assert report(record.outcome(conn)) == report(outcome_of([*standing, *events], conn))


@given(st.lists(_events, max_size=10), st.lists(_events, max_size=4))
def test_events_of_other_connections_never_matter(mine: list[Event], others: list[Event]) -> None:
    strangers = [event for event in others if event.conn == 2]
    mixed = [*strangers, *mine, *strangers]
    assert outcome_of(mixed, 1).to_json() == outcome_of(mine, 1).to_json()
