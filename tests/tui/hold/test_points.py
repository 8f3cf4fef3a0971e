"""The menu of where to hold."""

from __future__ import annotations

import pytest

from wsplay.protocol.hold_points import NOTHING, parse_points
from wsplay.tui.hold.points import chosen, hold_choices, words_of

SOURCE = """\
async def endpoint(websocket):
    token = websocket.headers.get("Authorization")
    if token != "validtoken":
        await websocket.close(code=1008)
        return
    await websocket.accept()
"""


@pytest.mark.parametrize(
    ("words", "word", "then"),
    [
        ([], "all", ("all",)),
        ([], "accept", ("accept",)),
        (["accept"], "close", ("accept", "close")),
        (["accept", "close"], "close", ("accept",)),
        (["close"], "line:4", ("close", "line:4")),
        (["close", "line:4", "line:6"], "line:4", ("close", "line:6")),
        (["close"], "wire", ("wire",)),
        (["all"], "close", ("close",)),
        (["all"], "off", ()),
        (["line:4"], "line:4", ()),
    ],
)
def test_what_is_held_after_a_choice(words: list[str], word: str, then: tuple[str, ...]) -> None:
    assert chosen(parse_points(words), word).words() == then


def test_where_it_is_held_in_words() -> None:
    assert words_of(parse_points(["close", "line:44"])) == "close, line 44"
    assert words_of(parse_points(["all"])) == "all"
    assert words_of(NOTHING) == ""


def test_lines_that_receive_or_send_are_offered_and_the_one_under_the_cursor_first() -> None:
    titles = [choice.title for choice in hold_choices(NOTHING, SOURCE, 6)]
    assert titles == [
        *("All", "ASGI", "Wire", "Accept", "Close"),
        "Line 6: await websocket.accept()",
        "Line 4: await websocket.close(code=1008)",
        "Off",
    ]


def test_a_line_that_does_neither_says_so() -> None:
    choices = {choice.action: choice.title for choice in hold_choices(NOTHING, SOURCE, 2)}
    assert choices["hold_no_line(2)"] == "Line 2 neither receives nor sends"
    assert "hold('line:2')" not in choices


def test_what_is_on_is_marked() -> None:
    choices = hold_choices(parse_points(["close", "line:4"]), SOURCE, None)
    assert [choice.title for choice in choices if choice.title.endswith(" · on")] == [
        "Close · on",
        "Line 4: await websocket.close(code=1008) · on",
    ]
