"""Values taken from responses, and the placeholders that stand for them."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wsplay.protocol.http_request import HttpResponse
from wsplay.protocol.saved import Save, UnknownSaved, expand_saved


def answer(body: bytes = b"", *headers: tuple[str, str]) -> HttpResponse:
    return HttpResponse(200, "OK", headers, body)


@pytest.mark.parametrize(
    ("save", "given", "value"),
    [
        (Save("x", "cookie", "sid"), answer(b"", ("set-cookie", "sid=abc; Path=/; HttpOnly")), "abc"),
        (Save("x", "cookie", "sid"), answer(b"", ("Set-Cookie", "sid=a=b==")), "a=b=="),
        (Save("x", "cookie", "sid"), answer(b"", ("Set-Cookie", "sid=1"), ("Set-Cookie", "sid=2")), "2"),
        (Save("x", "cookie", "sid"), answer(b"", ("Set-Cookie", "SID=1"), ("Set-Cookie", "sid")), None),
        (Save("x", "header", "X-Csrf"), answer(b"", ("x-csrf", "one"), ("X-CSRF", "two")), "one"),
        (Save("x", "header", "X-Csrf"), answer(), None),
        (Save("x", "json", "ticket"), answer(b'{"ticket": "t"}'), "t"),
        (Save("x", "json", "a.b"), answer(b'{"a": {"b": "t"}}'), "t"),
        (Save("x", "json", "n"), answer(b'{"n": 12}'), "12"),
        (Save("x", "json", "n"), answer(b'{"n": true}'), "true"),
        (Save("x", "json", "n"), answer(b'{"n": null}'), None),
        (Save("x", "json", "a.b"), answer(b'{"a": "t"}'), None),
        (Save("x", "json", "a"), answer(b"[1]"), None),
        (Save("x", "json", "a"), answer(b"Unauthorized"), None),
        (Save("x", "json", "a"), answer(b"\xff\xfe\x00"), None),
        (Save("x", "json", "a"), answer(b"[" * 100_000), None),
    ],
)
def test_what_is_taken_from_an_answer(save: Save, given: HttpResponse, value: str | None) -> None:
    assert save.find(given) == value


@given(st.sampled_from(["cookie", "json", "header"]), st.text(min_size=1), st.binary(), st.text())
def test_no_answer_makes_it_raise(source: str, key: str, body: bytes, value: str) -> None:
    found = Save("x", source, key).find(answer(body, ("Set-Cookie", value), (key, value)))
    assert found is None or isinstance(found, str)


@given(st.text())
def test_a_json_string_comes_out_as_it_went_in(value: str) -> None:
    assert Save("x", "json", "t").find(answer(json.dumps({"t": value}).encode())) == value


def test_saved_values_are_filled_in_once() -> None:
    saved = {"a": "{saved.b}{token.valid}", "b": "B"}
    assert (
        expand_saved("{saved.a} {saved.b} {saved} {x}", saved, {}) == "{saved.b}{token.valid} B {saved} {x}"
    )


@pytest.mark.parametrize(
    ("saved", "absent", "says"),
    [
        ({}, {}, "nothing has been saved"),
        ({"b": "1", "c": "2"}, {}, "there is b, c"),
        ({"b": "1"}, {"a": "GET / got no answer"}, "GET / got no answer"),
    ],
)
def test_a_value_that_was_not_saved_says_why(
    saved: dict[str, str], absent: dict[str, str], says: str
) -> None:
    with pytest.raises(UnknownSaved, match=r"\{saved\.a\}") as raised:
        expand_saved("x{saved.a}", saved, absent)
    assert says in str(raised.value)
    assert str(raised.value).isprintable()
