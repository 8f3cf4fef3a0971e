"""No secret of a run is left, however it is written; what stands beside it stays."""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wsplay.export.secrets import FIELDS, HEADERS, RUN, SCHEMES, Secrets

SECRET = "tr0ub4dor&3 'x/y+z\"ü"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJlLW9mLXRoZS10ZXN0"


def redacted(*values: Any) -> list[Any]:
    secrets = Secrets()
    for value in values:
        secrets.find(value)
    return [secrets.redacted(value) for value in values]


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ([["Authorization", f"Bearer {SECRET}"]], [["Authorization", "Bearer [secret 1]"]]),
        ([["authorization", SECRET]], [["authorization", "[secret 1]"]]),
        ([["X-Api-Key", "k"]], [["X-Api-Key", "[secret 1]"]]),
        ([["Cookie", f"a=b; session={SECRET}; c"]], [["Cookie", "a=[secret 1]; session=[secret 2]; c"]]),
        (
            [["Set-Cookie", 'sid="abcdefgh"; Path=/; HttpOnly']],
            [["Set-Cookie", 'sid="[secret 1]"; Path=/; HttpOnly']],
        ),
        (
            [["Host", "example.org"], ["Origin", "http://a"]],
            [["Host", "example.org"], ["Origin", "http://a"]],
        ),
        ([["WWW-Authenticate", "Bearer realm=x"]], [["WWW-Authenticate", "Bearer realm=x"]]),
        ([["Sec-WebSocket-Protocol", f"chat, {JWT}"]], [["Sec-WebSocket-Protocol", "chat, [secret 1]"]]),
        (
            [["Sec-WebSocket-Protocol", "access_token, abcdefgh, chat"]],
            [["Sec-WebSocket-Protocol", "access_token, [secret 1], chat"]],
        ),
        ({"subprotocols": ["bearer", "abcdefgh"]}, {"subprotocols": ["bearer", "[secret 1]"]}),
        ({"subprotocols": ["bearer.abcdefgh"]}, {"subprotocols": ["bearer.[secret 1]"]}),
        ({"query": [["token", "abc"], ["room", "1"]]}, {"query": [["token", "[secret 1]"], ["room", "1"]]}),
        ({"target": "/ws?room=1&token=abc"}, {"target": "/ws?room=1&token=[secret 1]"}),
        ({"query_string": "token=abc&x=1"}, {"query_string": "token=[secret 1]&x=1"}),
        ({"summary": "GET /ws?token=abc HTTP/1.1"}, {"summary": "GET /ws?token=[secret 1] HTTP/1.1"}),
        ({"text": '{"token": "abc", "n": 1}'}, {"text": '{"token": "[secret 1]", "n": 1}'}),
        ({"text": '{"a": {"password":"p\\"q"}}'}, {"text": '{"a": {"password":"[secret 1]"}}'}),
        ({"text": '{"code": 123456}'}, {"text": '{"code": "[secret 1]"}'}),
        ({"text": "password=abc&user=bob"}, {"text": "password=[secret 1]&user=bob"}),
        ({"text": f"token is {JWT}."}, {"text": "token is [secret 1]."}),
        (
            {"text": "GET / HTTP/1.1\r\nCookie: a=b\r\n"},
            {"text": "GET / HTTP/1.1\r\nCookie: a=[secret 1]\r\n"},
        ),
        (
            {"code": 1008, "frames": [{"code": "await x()"}]},
            {"code": 1008, "frames": [{"code": "await x()"}]},
        ),
        ({"n": None, "t": True, "f": 1.5}, {"n": None, "t": True, "f": 1.5}),
    ],
)
def test_a_secret_is_found_where_it_stands(value: Any, kept: Any) -> None:
    assert redacted(value) == [kept]


def test_the_password_of_basic_is_a_secret_of_its_own() -> None:
    credentials = base64.b64encode(b"bob:opensesame").decode()
    header, log = redacted([["Authorization", f"Basic {credentials}"]], {"log": "bob came with opensesame"})
    assert header == [["Authorization", "Basic [secret 3]"]]
    assert log == {"log": "bob came with [secret 2]"}


@pytest.mark.parametrize("name", sorted(HEADERS - {"cookie", "set-cookie"}))
@pytest.mark.parametrize("scheme", ["", *sorted(SCHEMES - {"basic"})])
def test_each_header_with_each_scheme(name: str, scheme: str) -> None:
    before = f"{scheme.title()} " if scheme else ""
    assert redacted([[name.title(), f"{before}s3cret-value"]]) == [[[name.title(), f"{before}[secret 1]"]]]


@pytest.mark.parametrize("name", sorted(FIELDS))
def test_each_name(name: str) -> None:
    [kept] = redacted(
        {"url": f"ws://h/ws?{name}=abcdefgh&x={name}", "text": json.dumps({name: "ijklmnop", "x": name})}
    )
    assert kept["url"] == f"ws://h/ws?{name}=[secret 1]&x={name}"
    assert json.loads(kept["text"]) == {name: "[secret 2]", "x": name}


def forms(secret: str) -> dict[str, str]:
    raw = secret.encode()
    return {
        "plain": secret,
        "url": quote(secret, safe=""),
        "query": quote_plus(secret),
        "path": quote(secret),
        "json": json.dumps(secret),
        "unescaped json": json.dumps(secret, ensure_ascii=False),
        "repr": repr(secret),
        "bytes": repr(raw),
        "hex": raw.hex(),
        "HEX": raw.hex().upper(),
        **{f"base64 at {n}": base64.b64encode(b"." * n + raw + b"..").decode() for n in range(6)},
        **{f"urlsafe at {n}": base64.urlsafe_b64encode(b"." * n + raw + b"..").decode() for n in range(6)},
    }


@pytest.mark.parametrize("secret", [SECRET, "short1", "a longer one, of words", JWT, "ÿÿÿ???>>>~~~"])
@pytest.mark.parametrize("form", forms("any"))
def test_a_secret_is_replaced_in_every_form(secret: str, form: str) -> None:
    written = forms(secret)[form]
    secrets = Secrets()
    secrets.add(secret)
    kept = secrets.redacted({"summary": f"before {written} after"})["summary"]
    assert kept.startswith("before ")
    assert kept.endswith(" after")
    assert "[secret 1]" in kept
    for other in (secret, *forms(secret).values()):
        assert other.strip("\"'") not in kept


@given(st.text(min_size=RUN, max_size=40), st.data())
def test_no_run_of_a_secret_is_left(secret: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(secret) - RUN))
    end = data.draw(st.integers(start + RUN, len(secret)))
    before, after = data.draw(st.text(max_size=20)), data.draw(st.text(max_size=20))
    secrets = Secrets()
    secrets.add(secret)
    kept = secrets.text(before + secret[start:end] + after)
    assert all(secret[at : at + RUN] not in kept for at in range(len(secret) - RUN + 1))


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_what_holds_no_secret_stays_as_it_is(value: Any) -> None:
    secrets = Secrets(is_public=lambda value: True)
    secrets.find(value)
    assert len(secrets) == 0
    assert secrets.redacted(value) == value


def test_the_same_value_has_one_number_in_all_places() -> None:
    request, frame = redacted(
        [["Authorization", "Bearer abcdefgh"]], {"payload": {"size": 10, "text": "« abcdefgh »"}}
    )
    assert request == [["Authorization", "Bearer [secret 1]"]]
    assert frame == {"payload": {"size": 10, "text": "« [secret 1] »", "redacted": True}}


def test_a_payload_that_has_not_changed_says_nothing() -> None:
    [_, frame] = redacted([["Cookie", "a=abcdefgh"]], {"payload": {"size": 2, "text": "hi"}})
    assert frame == {"payload": {"size": 2, "text": "hi"}}


def test_bytes_that_may_be_masked_are_dropped_once_there_is_a_secret() -> None:
    stray = {"kind": "wire.stray", "data": {"payload": {"size": 2, "hex": "81ff"}}}
    assert redacted(stray) == [stray]
    _, kept = redacted([["Cookie", "a=b"]], stray)
    assert kept["data"]["payload"] == {"size": 2, "hex": "", "redacted": True}


def test_what_is_public_stays() -> None:
    secrets = Secrets(is_public=lambda value: value == "validtoken")
    value = [["Authorization", "Bearer validtoken"], ["Cookie", "a=private-one"]]
    secrets.find(value)
    assert secrets.redacted(value) == [["Authorization", "Bearer validtoken"], ["Cookie", "a=[secret 1]"]]


def test_the_first_part_of_a_jwt_alone_is_no_secret() -> None:
    secrets = Secrets()
    secrets.add(JWT)
    assert secrets.text("eyJhbGciOiJIUzI1NiJ9") == "eyJhbGciOiJIUzI1NiJ9"


def test_a_header_of_the_scenario_s_own_is_a_credential() -> None:
    secrets = Secrets(headers=["X-Ticket"])
    secrets.find([["x-ticket", "abcdefgh"]])
    assert secrets.redacted({"log": "abcdefgh"}) == {"log": "[secret 1]"}


def test_of_very_many_secrets_each_is_replaced_where_its_name_stands() -> None:
    secrets = Secrets()
    messages = [{"text": json.dumps({"token": f"secret-{number:06}"})} for number in range(1_500)]
    for message in messages:
        secrets.find(message)
    for number, message in enumerate(messages, 1):
        assert json.loads(secrets.redacted(message)["text"]) == {"token": f"[secret {number}]"}


@given(
    st.lists(
        st.sampled_from(
            [
                {"headers": [["Cookie", "a=abcdefgh"]], "summary": "abcdefgh"},
                {"summary": "abcdefgh and ijklmnop", "text": '{"token": "ijklmnop"}'},
                {"payload": {"size": 3, "text": "ijklmnop"}},
                {"nothing": [1, None, "x"]},
            ]
        ),
        max_size=6,
    )
)
def test_taking_is_finding_and_replacing(values: list[Any]) -> None:
    one, other = Secrets(), Secrets()
    for value in values:
        other.find(value)
        assert one.take(value) == other.redacted(value)
