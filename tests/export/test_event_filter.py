"""The filter language: each key against each kind of event, errors with their column, and any text at all."""

from __future__ import annotations

import string
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wsplay.events.event import KINDS, Direction, Event, Lane, Source
from wsplay.export.event_filter import KEYS, OPCODES, FilterError, holds_text, offers, read_filter


def event(kind: str, summary: str = "", **more: Any) -> Event:
    fields: dict[str, Any] = {"conn": 1} | more
    return Event(0, KINDS.get(kind) or Lane.CLIENT, kind, summary, **fields)


REQUEST = event(
    "wire.request", "GET /ws HTTP/1.1", direction=Direction.C2S, data={"headers": [["Host", "Aö"]]}
)
RESPONSE = event("wire.response", "HTTP/1.1 403 Forbidden", direction=Direction.S2C, data={"status": 403})
OPENED = event("wire.response", "101", data={"status": 101})
SCOPE = event("asgi.scope", "websocket /ws", data={"scope": {"type": "websocket"}})
ACCEPT = event(
    "asgi.send",
    "websocket.accept",
    data={"message": {"type": "websocket.accept"}},
    source=Source("app/auth.py", 41, "endpoint"),
)
CLOSE = event(
    "asgi.send", "websocket.close 1008", data={"message": {"type": "websocket.close", "code": 1008}}
)
DENIAL = event(
    "asgi.send", "denial", data={"message": {"type": "websocket.http.response.start", "status": 401}}
)
TEXT = event("wire.frame", 'text "hi"', data={"opcode": 1, "name": "text", "payload": {"text": "hi"}})
CLOSE_FRAME = event("wire.frame", "close 1008", data={"opcode": 8, "name": "close", "code": 1008})
EMPTY_CLOSE = event("wire.frame", "close", data={"opcode": 8, "name": "close", "code": None})
CLOSED = event("client.closed", "closed 4401", client="A", data={"code": 4401})
LOG = event("server.log", "started", conn=None, seq=12)
NOTE = event("note", "idle for 0.4 s", conn=3)
HELD = event("asgi.held", "held", data={"phase": "let_go"})
WIRE = (REQUEST, RESPONSE, OPENED, TEXT, CLOSE_FRAME, EMPTY_CLOSE)
ALL = (*WIRE[:3], SCOPE, ACCEPT, CLOSE, DENIAL, *WIRE[3:], CLOSED, LOG, NOTE, HELD)


def taken(text: str) -> tuple[Event, ...]:
    found = read_filter(text)
    return tuple(each for each in ALL if found.takes(each))


@pytest.mark.parametrize(
    ("text", "those"),
    [
        ("", ALL),
        ("   ", ALL),
        ("lane:asgi", (SCOPE, ACCEPT, CLOSE, DENIAL, HELD)),
        ("LANE:Client", (CLOSED, NOTE)),
        ("lane:client,server", (CLOSED, LOG, NOTE)),
        ("lane:client lane:server", (CLOSED, LOG, NOTE)),
        ("lane:client -kind:note", (CLOSED,)),
        ("-lane:wire,asgi", (CLOSED, LOG, NOTE)),
        ("-lane:wire -lane:asgi", (CLOSED, LOG, NOTE)),
        ("kind:wire.response", (RESPONSE, OPENED)),
        ("kind:response", (RESPONSE, OPENED)),
        ("kind:send kind:scope", (SCOPE, ACCEPT, CLOSE, DENIAL)),
        ("kind:note", (NOTE,)),
        ("kind:held", (HELD,)),
        ("conn:3", (NOTE,)),
        ("conn:2-", (NOTE,)),
        ("conn:none", (LOG,)),
        ("conn:none,3", (LOG, NOTE)),
        ("client:a", (CLOSED,)),
        ("client:none kind:closed", ()),
        ("dir:c2s", (REQUEST,)),
        ("dir:s2c", (RESPONSE,)),
        ("status:403", (RESPONSE,)),
        ("status:4xx", (RESPONSE, DENIAL)),
        ("status:101,401", (OPENED, DENIAL)),
        ("code:1008", (CLOSE, CLOSE_FRAME)),
        ("code:4000-4999", (CLOSED,)),
        ("code:none", (EMPTY_CLOSE,)),
        ("opcode:text", (TEXT,)),
        ("opcode:8", (CLOSE_FRAME, EMPTY_CLOSE)),
        ("opcode:0x1", (TEXT,)),
        ("type:websocket.close", (CLOSE,)),
        ("type:close", (CLOSE,)),
        ("type:start", (DENIAL,)),
        ("line:41", (ACCEPT,)),
        ("line:40-45", (ACCEPT,)),
        ("line:auth.py:41", (ACCEPT,)),
        ("line:app/auth.py:41", (ACCEPT,)),
        ("line:uth.py:41", ()),
        ("line:42", ()),
        ("seq:12", (LOG,)),
        ("seq:1-", (LOG,)),
        ("held:yes", (HELD,)),
        ("held:let_go", (HELD,)),
        ("held:waits", ()),
        ("held:no lane:asgi", (SCOPE, ACCEPT, CLOSE, DENIAL)),
        ("forbidden", (RESPONSE,)),
        ("AÖ", (REQUEST,)),
        ("text:forbidden", (RESPONSE,)),
        ("text:forbidden,idle", (RESPONSE, NOTE)),
        ('"websocket /ws"', (SCOPE,)),
        ('-"websocket" lane:asgi', (HELD,)),
        ("0.4 idle", (NOTE,)),
        ("idle forbidden", ()),
        (r'"text \"hi\""', (TEXT,)),
        ('text:"text \\"hi"', (TEXT,)),
        ("-", ()),
    ],
)
def test_a_filter_takes(text: str, those: tuple[Event, ...]) -> None:
    assert taken(text) == those


def test_what_looks_like_an_address_is_text() -> None:
    address = event("client.connecting", "connecting ws://127.0.0.1:80/ws")
    assert read_filter("ws://127.0.0.1").takes(address)
    assert not read_filter("wss://127.0.0.1").takes(address)


@pytest.mark.parametrize(
    ("text", "column", "says"),
    [
        ("knd:frame", 1, "no key `knd`; did you mean `kind`? Quote it to find it as text."),
        ("lane:wire statis:403", 11, "did you mean `status`?"),
        ("-knd:frame", 2, "no key `knd`"),
        ("12:30", 1, "no key `12`"),
        ("lane:wrie", 6, "no lane is called `wrie`; did you mean `wire`?"),
        ("lane:", 6, "lane: takes client, wire, asgi or server"),
        ("lane:wire,", 11, "lane: takes client, wire, asgi or server"),
        ("lane: wire", 6, "lane: takes"),
        ("lane:wire,,asgi", 11, "lane: takes"),
        ("kind:fram", 6, "did you mean `frame`?"),
        ("status:4x", 8, "status: takes an HTTP status, such as 403 or 4xx"),
        ("status:99", 8, "status: takes"),
        ("code:ten", 6, "code: takes a close code, such as 1008 or 4000-4999, or none"),
        ("code:9-1", 6, "the first is above the last"),
        ("conn:a", 6, "conn: takes a connection's number"),
        ("client:7", 8, "client: takes a client's letter, or none"),
        ("dir:up", 5, "no direction is called `up`; there are c2s, s2c"),
        ("opcode:pinng", 8, "did you mean `ping`?"),
        ("opcode:16", 8, "no opcode is called `16`"),
        ("line:auth.py", 6, "line: takes a source line, such as 41, 41-45 or auth.py:41"),
        ("seq:x", 5, "seq: takes"),
        ("held:maybe", 6, "no phase of holding is called `maybe`"),
        ('abc "def', 5, "the quotation mark is not closed"),
        ('text:"def', 6, "the quotation mark is not closed"),
        ('text:"a"b', 9, "a comma or a space comes after a quotation"),
    ],
)
def test_an_error_names_its_column(text: str, column: int, says: str) -> None:
    with pytest.raises(FilterError) as error:
        read_filter(text)
    assert error.value.column == column
    assert says in str(error.value)
    assert str(error.value).startswith(f"column {column}: ")


@given(st.text() | st.text(alphabet='lane:kindtextcode,- "\\/01x.'))
def test_any_text_is_a_filter_or_an_error_within_it(text: str) -> None:
    problem = None
    try:
        found = read_filter(text)
    except FilterError as error:
        problem = error
    if problem is not None:
        assert 1 <= problem.column <= len(text) + 1
        assert str(problem).isprintable()
        return
    for each in ALL:
        assert found.takes(each) in (True, False)
    assert bool(found) is bool(text.strip())


@given(st.text(min_size=1))
def test_any_text_in_quotation_marks_is_found(text: str) -> None:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    found = read_filter(f'"{escaped}"')
    assert found.takes(event("note", f"before {text} after"))
    assert found.takes(event("note", "", data={"deep": [{"er": text}]}))
    assert not read_filter(f'-"{escaped}"').takes(event("note", text))


@given(st.sampled_from(sorted(OPCODES)), st.integers(0, 15))
def test_an_opcode_is_its_number_or_its_name(name: str, other: int) -> None:
    frame = event("wire.frame", data={"opcode": OPCODES[name]})
    assert read_filter(f"opcode:{name}").takes(frame)
    assert read_filter(f"opcode:{other}").takes(frame) is (other == OPCODES[name])


# -- what may stand there


@pytest.mark.parametrize(
    ("text", "start", "those"),
    [
        ("", 0, [f"{key}:" for key in KEYS]),
        ("st", 0, ["status:"]),
        ("lane:wire -st", 11, ["status:"]),
        ("lane:", 5, ["client", "wire", "asgi", "server"]),
        ("lane:wire,a", 10, ["asgi"]),
        ("dir:s", 4, ["s2c"]),
        ("conn:", 5, ["none", "1", "2"]),
        ("nokey:", 6, []),
        ("line:", 5, []),
    ],
)
def test_offers(text: str, start: int, those: list[str]) -> None:
    assert offers(text, len(text), {"conn": ["1", "2"]}) == (start, those)


@given(st.text(alphabet=string.ascii_lowercase + ':,- "'), st.data())
def test_what_is_offered_can_be_read(text: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(text)))
    start, words = offers(text, at)
    assert 0 <= start <= at
    for word in words:
        assert word.lower().startswith(text[start:at].lower())
        if not word.endswith(":"):
            key = text[:start].rpartition(" ")[2].lstrip("-").partition(":")[0]
            assert read_filter(f"{key}:{word}")


def test_text_is_looked_for_in_all_data() -> None:
    data: dict[str, Any] = {
        "headers": [["Authorization", "Bearer Abc"]],
        "message": {"code": 1008, "text": "Grüße"},
        "clean": True,
        "none": None,
    }
    sent = event("asgi.send", "websocket.close", data=data)
    for needle in ("bearer a", "authorization", "1008", "grüße", "websocket"):
        assert holds_text(sent, needle)
    for needle in ("true", "none", "nothing"):
        assert not holds_text(sent, needle)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a lane:wire B", ("a", "B")),
        ('-a "b c"', ("b c",)),
        ("text:x,y -text:z", ("x", "y")),
        ('""', ()),
    ],
)
def test_the_words_of_a_filter_are_the_texts_it_looks_for(text: str, words: tuple[str, ...]) -> None:
    assert read_filter(text).words == words
