"""What the band says of what waits."""

from __future__ import annotations

from dataclasses import replace

import pytest

from wsplay.events.event import Direction, Lane, Source
from wsplay.protocol.waiting import Waiting
from wsplay.tui.hold.band import STILL, STILL_SHORT, WIDE, Band, time_words

CLOSE = Waiting(
    2, 1, Lane.ASGI, "send", "websocket.close 1008", Direction.S2C, 0, Source("auth.py", 44, "endpoint")
)
REQUEST = Waiting(1, 1, Lane.WIRE, "request", "GET /ws HTTP/1.1", Direction.C2S, 0, None, b"GET / HTTP/1.1")


@pytest.mark.parametrize(
    ("seconds", "words"), [(0, "0 s"), (0.99, "0 s"), (12.4, "12 s"), (59.9, "59 s"), (125, "2 min 05 s")]
)
def test_a_time(seconds: float, words: str) -> None:
    assert time_words(round(seconds * 1e9)) == words


def test_what_waits_for_how_long_and_where() -> None:
    band = Band(CLOSE, 12_400_000_000, own=1)
    assert band.head().plain == "‖ WAITS 12 s  the app sends: websocket.close 1008  auth.py:44"
    assert replace(band, own=3, more=2).head().plain == (
        "‖ WAITS 12 s  #1 the app sends: websocket.close 1008  +2 more  auth.py:44"
    )


def keys(band: Band) -> str:
    return "  ".join(piece.content.plain for piece in band.pieces())


def test_the_keys() -> None:
    assert keys(Band(CLOSE, 0)) == ". step  > let all go  X drop  H where to hold"
    assert keys(Band(CLOSE, 0, in_field=True)).startswith("escape, then . step")
    assert "enter edit the request" in keys(Band(REQUEST, 0))
    assert "t enter edit the request" in keys(Band(REQUEST, 0, at_timeline=False))
    editing = keys(Band(REQUEST, 0, editing=True, in_field=True))
    assert editing == "ctrl+s send it changed  escape send it unchanged"


def test_what_waits_is_data() -> None:
    told = Band(replace(REQUEST, about="GET /\x1b[31m[bold]"), 0).head()
    assert told.plain.endswith("GET /␛[31m[bold]")


def test_both_lines_of_what_stands_still_fit() -> None:
    assert len(STILL_SHORT) <= 80 - 3
    assert len(STILL) <= WIDE - 3
