from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.http11 import USER_AGENT

from wsplay.client.request import plan_request, request_target
from wsplay.events.safe_text import visible
from wsplay.protocol.handshake import AUTOMATIC_HEADERS, Handshake, Pairs

KEY = "dGhlIHNhbXBsZSBub25jZQ=="
PLAIN = [
    ("Host", "127.0.0.1:8000"),
    ("Upgrade", "websocket"),
    ("Connection", "Upgrade"),
    ("Sec-WebSocket-Key", KEY),
    ("Sec-WebSocket-Version", "13"),
    ("Sec-WebSocket-Extensions", "permessage-deflate; client_max_window_bits"),
    ("User-Agent", USER_AGENT),
]


def headers_of(handshake: Handshake) -> list[tuple[str, str]]:
    return list(plan_request(handshake, "127.0.0.1", 8000, key=KEY).headers)


def test_the_automatic_headers() -> None:
    assert headers_of(Handshake()) == PLAIN
    assert [name for name, _ in headers_of(Handshake(subprotocols=("a",)))] == list(AUTOMATIC_HEADERS)


@pytest.mark.parametrize("name", AUTOMATIC_HEADERS)
def test_any_automatic_header_can_be_left_out(name: str) -> None:
    handshake = Handshake(subprotocols=("chat",), omit=(name.upper(),))
    assert [each for each, _ in headers_of(handshake)] == [each for each in AUTOMATIC_HEADERS if each != name]


@pytest.mark.parametrize("name", AUTOMATIC_HEADERS)
def test_an_overriding_header_stands_in_its_place_as_typed(name: str) -> None:
    handshake = Handshake(
        subprotocols=("chat",), headers=(("X-A", "1"), (name.lower(), "mine"), ("X-B", "2"))
    )
    expected = [each.lower() if each == name else each for each in AUTOMATIC_HEADERS]
    sent = headers_of(handshake)
    assert [each for each, _ in sent] == [*expected, "X-A", "X-B"]
    assert dict(sent)[name.lower()] == "mine"


def test_several_overriding_ones_stand_together_in_order() -> None:
    handshake = Handshake(headers=(("X", "1"), ("host", "a"), ("X", "2"), ("Host", "b"), ("x", "3")))
    assert headers_of(handshake) == [
        ("host", "a"),
        ("Host", "b"),
        *PLAIN[1:],
        ("X", "1"),
        ("X", "2"),
        ("x", "3"),
    ]


def test_explicit_wins_over_omit_and_takes_a_place_without_an_automatic_value() -> None:
    handshake = Handshake(
        compression=False,
        headers=(("User-Agent", "me"), ("Sec-WebSocket-Protocol", "chat"), ("Origin", "https://a.test")),
        omit=("User-Agent", "Upgrade", "No-Such"),
    )
    assert [name for name, _ in headers_of(handshake)] == [
        "Host",
        "Connection",
        "Sec-WebSocket-Key",
        "Sec-WebSocket-Version",
        "Sec-WebSocket-Protocol",
        "User-Agent",
        "Origin",
    ]


@pytest.mark.parametrize(
    ("handshake", "key"),
    [
        (Handshake(), KEY),
        (Handshake(headers=(("sec-websocket-key", " mine\t"),)), "mine"),
        (Handshake(headers=(("Sec-WebSocket-Key", "one"), ("Sec-WebSocket-Key", "two"))), "one"),
    ],
)
def test_the_key_checked_is_the_one_sent(handshake: Handshake, key: str) -> None:
    assert plan_request(handshake, "127.0.0.1", 8000, key=KEY).key == key


def test_a_key_left_out_is_answered_by_nothing() -> None:
    plan = plan_request(Handshake(omit=("Sec-WebSocket-Key",)), "127.0.0.1", 8000, key=KEY)
    assert plan.key != KEY


@pytest.mark.parametrize(
    ("handshake", "deflates", "subprotocols"),
    [
        (Handshake(), True, None),
        (Handshake(compression=False), False, None),
        (Handshake(omit=("Sec-WebSocket-Extensions",)), False, None),
        (Handshake(headers=(("Sec-WebSocket-Extensions", "x-mine"),)), False, None),
        (Handshake(headers=(("Sec-WebSocket-Extensions", "permessage-deflate"),)), True, None),
        (Handshake(subprotocols=("a", "b")), True, ["a", "b"]),
        (Handshake(subprotocols=("a",), omit=("Sec-WebSocket-Protocol",)), True, None),
        (Handshake(subprotocols=("a",), headers=(("Sec-WebSocket-Protocol", "b ,c,"),)), True, ["b", "c"]),
    ],
)
def test_the_answer_is_checked_against_what_was_offered(
    handshake: Handshake, deflates: bool, subprotocols: list[str] | None
) -> None:
    plan = plan_request(handshake, "127.0.0.1", 8000)
    assert (plan.extensions is not None) == deflates
    assert plan.subprotocols == subprotocols


@pytest.mark.parametrize(
    ("host", "port", "expected"),
    [("127.0.0.1", 80, "127.0.0.1"), ("::1", 8000, "[::1]:8000"), ("localhost", 1, "localhost:1")],
)
def test_host_names_the_server(host: str, port: int, expected: str) -> None:
    assert dict(plan_request(Handshake(), host, port).headers)["Host"] == expected


@pytest.mark.parametrize(
    ("handshake", "words"),
    [
        (Handshake(headers=(("", "a"),)), ["empty name"]),
        (Handshake(headers=(("X Y", "a"),)), ["a space"]),
        (Handshake(headers=(("X", "a\r\nY: b"),)), ["a carriage return"]),
        (Handshake(headers=(("X", "a\0"),)), ["a NUL"]),
        (Handshake(headers=(("X", "€"),)), ["U+20AC", "latin-1"]),
        (Handshake(headers=(("Host", "\n"), ("X", "€"))), ["a newline", "U+20AC"]),
        (Handshake(subprotocols=("two words",)), ['subprotocol "two words" is not a token']),
        (Handshake(path="ws\x1b"), ['must start with "/"', "␛"]),
        (Handshake(path="/ws\r\nX: y"), ["a control character"]),
        (Handshake(path="/ws#here"), ["a fragment", "%23"]),
        (Handshake(path="/\ud800"), ["surrogate"]),
    ],
)
def test_what_cannot_be_sent_is_named(handshake: Handshake, words: list[str]) -> None:
    with pytest.raises(ValueError, match=re.escape(words[0])) as caught:
        plan_request(handshake, "127.0.0.1", 8000)
    for word in words[1:]:
        assert word in str(caught.value)


@pytest.mark.parametrize(
    ("target", "sent"),
    [
        ("/ws", "/ws"),
        ("", "/"),
        ("?a=b", "/?a=b"),
        ("/a b?c=é&d=%20", "/a%20b?c=%C3%A9&d=%20"),
        ("/{id}/<x>|^`\"'\\", "/{id}/<x>|^`\"'\\"),
    ],
)
def test_the_target_is_sent_as_typed_as_far_as_it_can_be(target: str, sent: str) -> None:
    assert request_target(target) == (sent, None)


def test_the_query_is_part_of_the_target() -> None:
    plan = plan_request(Handshake(query=(("token", "a b&c"), ("token", "é"))), "127.0.0.1", 8000)
    assert plan.target == "/ws?token=a+b%26c&token=%C3%A9"


@given(
    st.lists(st.tuples(st.text(max_size=3) | st.sampled_from(AUTOMATIC_HEADERS), st.text(max_size=4))).map(
        tuple
    ),
    st.lists(st.sampled_from(AUTOMATIC_HEADERS)).map(tuple),
    st.text(max_size=6),
    st.lists(st.text(max_size=3)).map(tuple),
)
def test_any_handshake_is_planned_whole_or_refused(
    headers: Pairs, omit: tuple[str, ...], path: str, subprotocols: tuple[str, ...]
) -> None:
    handshake = Handshake(path=path, headers=headers, omit=omit, subprotocols=subprotocols)
    try:
        plan = plan_request(handshake, "127.0.0.1", 8000)
    except ValueError as exc:
        problem = str(exc)
    else:
        # Nothing typed is lost, and the order of each name's headers is kept.
        for name in {name.lower() for name, _ in headers}:
            mine = [header for header in headers if header[0].lower() == name]
            assert [header for header in plan.headers if header[0].lower() == name] == mine
        head = f"GET {plan.target} HTTP/1.1\r\n".encode("ascii")
        assert len(head.split(b" ")) == 3
        assert b"\n" not in head[:-2]
        return
    assert problem == visible(problem)
