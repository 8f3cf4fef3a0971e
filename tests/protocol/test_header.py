from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wsplay.events.safe_text import visible
from wsplay.protocol.header import (
    HeaderError,
    automatic_name,
    header_problem,
    is_token,
    name_problem,
    parse_header,
    value_problem,
)

TOKEN = st.text("!#$%&'*+-.^_`|~09azAZ", min_size=1)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Authorization: Bearer abc", ("Authorization", "Bearer abc")),
        ("Authorization:Bearer abc", ("Authorization", "Bearer abc")),
        ("  X-Mark:\t spaced value \t", ("X-Mark", "spaced value")),
        ("X-Time: 10:30", ("X-Time", "10:30")),
        ("X-Name: Zoë", ("X-Name", "Zoë")),
        ("X-Semi: a;", ("X-Semi", "a;")),
        ("X-Esc: a\x1bb", ("X-Esc", "a\x1bb")),
        ("Host:", ("Host", None)),
        ("User-Agent: \t", ("User-Agent", None)),
        ("X-Empty;", ("X-Empty", "")),
        ("X-Empty ;", ("X-Empty", "")),
    ],
)
def test_the_three_forms(line: str, expected: tuple[str, str | None]) -> None:
    assert parse_header(line) == expected


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("", ["empty", "Name: value"]),
        (" \t", ["empty", "Name: value"]),
        (": value", ["empty name"]),
        (";", ["empty name"]),
        ("Authorization", ["no colon", '"Authorization: value"', '"Authorization;"']),
        ("Bearer abc", ["not a header", "Name: value"]),
        ("X Mark: a", ['"X Mark"', "a space", "RFC 9110"]),
        ("X-Mark : a", ["space before the colon", '"X-Mark: a"']),
        ("Grüße: a", ['"ü" (U+00FC)']),
        ("X-Mark\t(x): a", ["a tab"]),
        ("X\x1b[31m: a", ["␛", "U+001B"]),
        ("X-Mark: a\nX-More: b", ["a newline at position 1", "two headers"]),
        ("X-Mark: a\r\n", ["a carriage return"]),
        ("X-Mark: a\0b", ["a NUL at position 1"]),
        ("X-Mark: 10 €", ['"€" (U+20AC) at position 3', "latin-1", "percent-encode"]),
        ("X-Mark: \u202e", ["<U+202E>"]),
        ("X-Mark\n", ["not a header"]),
    ],
)
def test_an_error_says_what_is_wrong_and_what_to_do(line: str, words: list[str]) -> None:
    with pytest.raises(HeaderError) as caught:
        parse_header(line)
    for word in words:
        assert word in str(caught.value)


def test_names_and_values_are_judged_apart() -> None:
    assert name_problem("X-Mark") is None
    assert value_problem("X-Mark", "any\tlatin-1 \xff") is None
    assert header_problem("", "a\nb") == name_problem("")
    assert "newline" in (header_problem("X", "a\nb") or "")


def test_automatic_headers_are_known_without_case() -> None:
    assert automatic_name("hOST") == "Host"
    assert automatic_name("sec-websocket-key") == "Sec-WebSocket-Key"
    assert automatic_name("Origin") is None


@given(TOKEN, st.text(st.characters(max_codepoint=255, exclude_characters="\r\n\0")))
def test_any_header_that_can_be_sent_is_read(name: str, value: str) -> None:
    value = value.strip(" \t")
    assert parse_header(f"{name}: {value}" if value else f"{name};") == (name, value)
    assert parse_header(f"{name}:") == (name, None)


@given(st.text())
def test_any_line_is_read_or_refused_in_printable_words(line: str) -> None:
    try:
        name, value = parse_header(line)
    except HeaderError as exc:
        words = str(exc)
    else:
        assert is_token(name)
        assert value is None or header_problem(name, value) is None
        (value or "").encode("latin-1")
        return
    assert words == visible(words)
