"""The checks of what is typed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wsplay.protocol.header import header_problem
from wsplay.tui.client.validation import bytes_of_hex, close_problem, problems_of_option, problems_of_row
from wsplay.tui.kit.typed_text import editable, typed


@pytest.mark.parametrize(
    ("name", "value", "part", "says"),
    [
        ("", "x", "name", "needs a name"),
        ("a b", "x", "name", "a space cannot be"),
        ("a:b", "x", "name", ": cannot be"),
        ("näme", "x", "name", "ä cannot be"),
        ("a\nb", "x", "name", "␊ cannot be"),
        ("a", "x\ny", "value", "line break"),
        ("a", "x\ry", "value", "line break"),
        ("a", "x\0", "value", "NUL"),
        ("a", "☃", "value", "not latin-1"),
        ("a", "\u202e", "value", "<U+202E> is not latin-1"),
    ],
)
def test_a_header_that_cannot_be_sent(name: str, value: str, part: str, says: str) -> None:
    (problem,) = problems_of_row("headers", 3, name, value)
    assert says in problem.message
    assert (problem.where, problem.row, problem.part) == ("headers", 3, part)


@pytest.mark.parametrize(
    ("name", "value"), [("a", ""), ("Authorization", "Bearer é\tü"), ("!#$%&'*+-.^_`|~", "x")]
)
def test_a_header_that_can(name: str, value: str) -> None:
    assert problems_of_row("headers", 0, name, value) == []


@given(st.text(max_size=6), st.text(max_size=6))
def test_headers_are_judged_as_everywhere_else(name: str, value: str) -> None:
    assert bool(problems_of_row("headers", 0, name, value)) == bool(header_problem(name, value))


def test_a_query_parameter_may_be_nearly_anything() -> None:
    assert problems_of_row("query", 0, "snow ☃\n", "\0") == []
    assert problems_of_row("query", 0, "", "x") == []
    assert "needs a name or a value" in problems_of_row("query", 0, "", "")[0].message
    assert "surrogate" in problems_of_row("query", 0, "a", "\ud800")[0].message


def test_a_subprotocol_is_a_token() -> None:
    assert problems_of_row("subprotocols", 0, "chat.v1", "") == []
    for wrong in ("", "a,b", "a b", "é"):
        assert problems_of_row("subprotocols", 0, wrong, "")[0].part == "name"


@pytest.mark.parametrize("text", ["", "/", "/ws", "/ws?x=1&y=%20"])
def test_a_path(text: str) -> None:
    assert problems_of_option("path", text) == []


@pytest.mark.parametrize("text", ["ws", "/a b", "/a#b", "/é", "/a\r\nX: y"])
def test_no_path(text: str) -> None:
    assert problems_of_option("path", text)


@pytest.mark.parametrize("text", ["5", "0.1", " 3600 ", "1e2"])
def test_seconds(text: str) -> None:
    assert problems_of_option("open_timeout", text) == []


@pytest.mark.parametrize("text", ["", "0", "-1", "nan", "inf", "five", "3601"])
def test_no_seconds(text: str) -> None:
    assert problems_of_option("close_timeout", text)


@pytest.mark.parametrize("text", ["48656c", "48 65 6c", "0x48 0x65 0x6C", "48:65:6c", "48, 65,6C"])
def test_hex(text: str) -> None:
    assert bytes_of_hex(text) == b"Hel"


@pytest.mark.parametrize("text", ["4", "4865 6", "zz", "48 \x1b"])
def test_no_hex(text: str) -> None:
    said = bytes_of_hex(text)
    assert isinstance(said, str)
    assert said.isprintable()


@pytest.mark.parametrize("code", ["1000", "1001", "1003", "1008", "1011", "1014", "3000", "4999"])
def test_a_close_code_that_may_be_sent(code: str) -> None:
    assert close_problem(code, "bye") == ("", True)


@pytest.mark.parametrize(
    "code", ["999", "1004", "1005", "1006", "1015", "1016", "2999", "5000", "65535", "0"]
)
def test_a_close_code_to_warn_of(code: str) -> None:
    message, possible = close_problem(code, "")
    assert code in message
    assert possible


@pytest.mark.parametrize("code", ["", "x", "-1", "65536", "1e3", "١٠٠٠"])
def test_no_close_code(code: str) -> None:
    message, possible = close_problem(code, "")
    assert message
    assert not possible


def test_a_reason_too_long() -> None:
    assert close_problem("1000", "é" * 61) == ("", True)
    message, possible = close_problem("1000", "é" * 62)
    assert "124 bytes" in message
    assert possible


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_what_no_keyboard_has_survives_the_input(text: str) -> None:
    shown = editable(text)
    assert "\n" not in shown
    assert "\x1b" not in shown
    if not any("\u2400" <= character <= "\u2421" for character in text) and "<U+" not in text:
        assert typed(shown) == text


def test_typed_text_names_characters() -> None:
    assert typed("a␊b") == "a\nb"
    assert typed("<U+202E>x") == "\u202ex"
    assert typed("<U+0041> <U+D800> <u+202e> <U+FFFFFF>") == "<U+0041> <U+D800> <u+202e> <U+FFFFFF>"
