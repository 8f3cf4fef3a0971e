from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wsplay.client.words import (
    SHOWN,
    bytes_summary,
    close_summary,
    error_summary,
    pong_summary,
    text_payload,
    text_summary,
)
from wsplay.events.payload import PAYLOAD_CAP, payload_data
from wsplay.events.safe_text import visible


@pytest.mark.parametrize(
    ("summary", "expected"),
    [
        (text_summary("Welcome!", 8), 'text 8 B "Welcome!"'),
        (text_summary("x" * 100, 100), f'text 100 B "{"x" * (SHOWN - 1)}…"'),
        (bytes_summary("ping", b"abcd"), 'ping 4 B "abcd"'),
        (bytes_summary("ping", b"a\x00"), "ping 2 B 6100"),
        (bytes_summary("binary", b"abcd"), "binary 4 B 61626364"),
        (bytes_summary("binary", b"\xff" * 31), f"binary 31 B {'ff' * 30}…"),
        (pong_summary(b"", 0.42), "pong 0 B  0.4 ms"),
        (close_summary(1000, ""), "1000"),
        (close_summary(None, ""), "without a code"),
        (close_summary(1008, "bad\n"), '1008 "bad␊"'),
        (error_summary("a.b.Error", "no\x1b"), "Error: no␛"),
        (error_summary("Error", "", ""), "Error"),
        (error_summary("Error", "no", "do this"), "Error: no (do this)"),
    ],
)
def test_summaries(summary: str, expected: str) -> None:
    assert summary == expected


LONG = st.builds(
    lambda text, size: (text * size)[:size],
    st.text(min_size=1, max_size=4),
    st.integers(PAYLOAD_CAP - 3, PAYLOAD_CAP + 3),
)


@given(st.text() | LONG)
def test_a_text_payload_is_the_models(text: str) -> None:
    assert text_payload(text) == payload_data(text, text=True)
    assert text_summary(text, 0) == visible(text_summary(text, 0))


def test_a_long_text_is_capped_with_its_size() -> None:
    assert text_payload("é" * PAYLOAD_CAP) == {
        "size": 2 * PAYLOAD_CAP,
        "text": "é" * PAYLOAD_CAP,
    }
    assert text_payload("x" * (PAYLOAD_CAP + 1))["truncated"] is True
