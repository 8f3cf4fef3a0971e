"""A request's head as text, and the bytes of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wsplay.tui.hold.head_text import HeadText, HeadTextError, pasted

HEAD = b"GET /ws HTTP/1.1\r\nHost: a\r\nX-Odd: \x00\xe9\t\x9f\r\n\r\n"


def test_lines_are_shown_and_control_characters_are_visible() -> None:
    assert HeadText(HEAD).text == "GET /ws HTTP/1.1\nHost: a\nX-Odd: ␀é␉<U+009F>"


@given(st.binary(min_size=1, max_size=80))
def test_what_is_not_changed_is_the_same_bytes(start: bytes) -> None:
    head = HeadText(start + b"\r\n\r\n")
    assert head.bytes_of(head.text) == head.head


@given(st.text(st.characters(max_codepoint=0xFF), min_size=1, max_size=60).filter(lambda t: "<U+" not in t))
def test_what_is_added_is_sent_as_it_was_shown(value: str) -> None:
    line = "X: " + value.replace("\r\n", "")
    head = HeadText(HEAD)
    shown = HeadText(line.encode("latin-1")).text
    sent = head.bytes_of(f"{head.text}\n{shown}")
    assert sent == HEAD.removesuffix(b"\r\n") + line.encode("latin-1") + b"\r\n\r\n"


def test_duplicates_case_a_second_host_and_no_upgrade_are_sent_as_typed() -> None:
    sent = HeadText(HEAD).bytes_of("gET /ws HTTP/1.1\nhOST: a\nHost: b\nA: 1\nA: 1")
    assert sent == b"gET /ws HTTP/1.1\r\nhOST: a\r\nHost: b\r\nA: 1\r\nA: 1\r\n\r\n"


def test_line_feeds_alone_are_kept() -> None:
    head = HeadText(b"GET / HTTP/1.1\nHost: a\n\n")
    assert head.text == "GET / HTTP/1.1␊Host: a␊␊"
    assert head.bytes_of(head.text + "X") == head.head + b"X"


def test_what_is_no_byte_is_refused_with_its_line() -> None:
    with pytest.raises(HeadTextError, match="line 2: € is no byte"):
        HeadText(HEAD).bytes_of("GET / HTTP/1.1\nX: €")
    with pytest.raises(HeadTextError, match="empty"):
        HeadText(HEAD).bytes_of("")


def test_what_is_pasted_is_data() -> None:
    assert pasted("A: \x1b[31m\r\nB: 2\rC: 3\nD: 4") == "A: ␛[31m\nB: 2\nC: 3\nD: 4"
