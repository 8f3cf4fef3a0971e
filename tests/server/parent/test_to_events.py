"""Whatever a line of the child says, it is shown or refused, and nothing raises."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wsplay.events.event import KINDS, Event, Lane
from wsplay.export.jsonl import event_line
from wsplay.export.text import event_details, event_essentials, event_text
from wsplay.server import ipc
from wsplay.server.parent import to_events
from wsplay.tui.inspector.sections import head, sections
from wsplay.verdict.outcome import OutcomeBuilder

texts = st.text(max_size=12) | st.sampled_from(["websocket.send", "websocket.close", "\x1b[2J", "\ud800"])
numbers = st.integers() | st.sampled_from([0, 2**63, 10**400, -1])
plain = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | texts | texts | numbers | st.floats(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
keys = st.sampled_from(
    [
        *("scope", "message", "type", "frames", "rest", "traceback", "level", "logger", "seconds", "during"),
        *("why", "size", "text", "bytes", "body", "headers", "code", "reason", "path", "members", "hex"),
    ]
)
frames = st.lists(
    st.fixed_dictionaries({"file": texts, "line": st.integers(0, 500), "function": texts, "code": texts})
    | st.dictionaries(st.sampled_from(["file", "line", "function", "code"]), plain),
    max_size=2,
)
likely = st.fixed_dictionaries(
    {
        "scope": st.dictionaries(keys, plain, max_size=4),
        "message": st.dictionaries(keys, plain, max_size=4) | texts,
        "type": texts,
        "frames": frames,
        "rest": frames,
        "traceback": texts,
        "level": texts,
        "logger": texts,
        "seconds": st.floats(0, 9),
        "during": texts,
        "why": st.sampled_from(["send failed", "recovered", "dropped", "code replaced", "still running"])
        | texts,
    }
)
data = st.builds(lambda wild, shaped: wild | shaped, st.dictionaries(keys, plain, max_size=1), likely)
times = st.integers(0, 10**12) | numbers
lines = st.tuples(
    st.sampled_from(
        ["asgi.send", "asgi.receive", "asgi.scope", "asgi.raised", "server.stalled", "server.log"]
    )
    | st.sampled_from(["note", *sorted(KINDS)])
    | texts,
    st.integers(0, 10**12),
    st.none() | st.integers(0, 65_535),
    data,
    st.none() | st.tuples(texts, st.integers(0, 500), texts),
) | st.tuples(texts, numbers, numbers, data, st.tuples(texts, numbers, texts))


def check_shown(event: Event) -> None:
    """Draw an event everywhere."""
    assert event.kind in KINDS
    assert event.lane in (Lane.ASGI, Lane.SERVER)
    assert event.summary.isprintable()
    assert event_text(event, 0).isprintable()
    assert all(line.isprintable() for line in (*event_essentials(event), *event_details(event)))
    json.loads(event_line(event, 0), parse_constant=pytest.fail)
    head(event, 0)
    for section in sections(event, 0, width=80, now=0, all_frames=True):
        section.build()
    OutcomeBuilder(1).see(event.of_connection(1))


@given(lines)
def test_any_observation_is_shown_or_refused(line: Any) -> None:
    message = ipc.decode(json.dumps(line).encode())
    if isinstance(message, ipc.Observed):
        check_shown(to_events.event_of(message))
    else:
        assert isinstance(message, ipc.BadLine)


def reply(kind: str, /, **parts: Any) -> Any:
    return st.fixed_dictionaries({"type": st.just(kind), "t_ns": times, **parts})


names = {"id": numbers, "name": texts, "file": texts, "files": st.lists(texts, max_size=2) | plain}
replies = st.one_of(
    reply(
        "listening",
        address=st.tuples(texts, st.integers(1, 65_535)).map(list) | st.lists(plain, max_size=3),
        versions=st.dictionaries(texts, texts, max_size=2) | plain,
    ),
    reply("load_done", **names, ms=st.floats() | numbers, routes=st.lists(plain, max_size=2)),
    reply(
        "load_failed",
        **names,
        line=st.none() | numbers,
        **dict.fromkeys(("function", "exception", "message", "traceback", "hint"), texts),
    ),
)


@given(replies)
def test_any_reply_is_shown_or_refused(sent: Any) -> None:
    match ipc.decode(json.dumps(sent).encode()):
        case ipc.Listening() as message:
            check_shown(to_events.listening_event(message, "uvicorn", "uvicorn"))
        case ipc.LoadDone() as message:
            check_shown(to_events.loaded_event(message))
        case ipc.LoadFailed() as message:
            check_shown(to_events.load_failed_event(message))
        case message:
            assert isinstance(message, ipc.BadLine)
