import pytest
from hypothesis import given
from hypothesis import strategies as st

from wsplay.events.event import CALL, ENDPOINT, RAISED, Place, Source
from wsplay.protocol.hold_points import (
    ALL,
    MAX_LINE,
    NOTHING,
    POINTS,
    HoldPointError,
    HoldPoints,
    Line,
    parse_points,
)

HERE = Source("auth.py", 44, "endpoint")


def test_each_name_is_a_point_and_is_written_back_as_it_was_read() -> None:
    for name in POINTS:
        points = parse_points([name])
        assert points
        assert points.words() == (name,)


def test_asgi_and_wire_together_are_all() -> None:
    assert parse_points(["wire", "asgi"]) == ALL == parse_points(["all"])
    assert parse_points(["asgi", "wire"]).words() == ("all",)


def test_nothing_named_is_no_point() -> None:
    assert parse_points([]) == NOTHING
    assert not NOTHING
    assert NOTHING.words() == ()


@pytest.mark.parametrize(
    ("word", "line"),
    [
        ("line:44", Line(44)),
        ("line:auth.py:44", Line(44, "auth.py")),
        ("line:pkg/auth.py:1", Line(1, "pkg/auth.py")),
        ("line:odd:name.py:7", Line(7, "odd:name.py")),
        (f"line:{MAX_LINE}", Line(MAX_LINE)),
    ],
)
def test_a_line_is_read_with_and_without_its_file(word: str, line: Line) -> None:
    points = parse_points([word])
    assert points.lines == (line,)
    assert points.words() == (word,)
    assert points
    assert not points.at_wire


@pytest.mark.parametrize(
    ("word", "says"),
    [
        ("clos", "did you mean `close`?"),
        ("ASGI", "did you mean `asgi`?"),
        ("frobnicate", "there are all, asgi, wire, accept, close, line:N and line:FILE:N"),
        ("", "there are all, asgi, wire"),
        ("line", "a line needs its number: line:44"),
        ("line:", '"" is not the number of a line'),
        ("line:x", '"x" is not the number of a line'),
        ("line:auth.py:", '"" is not the number of a line'),
        ("line:auth.py:0", '"0" is not the number of a line'),
        ("line:-4", '"-4" is not the number of a line'),
        (f"line:{MAX_LINE + 1}", "is not the number of a line"),
        ("line:" + "9" * 5000, "is not the number of a line"),
        ("line:٤", "is not the number of a line"),
        ("line::44", "a file's name is missing"),
    ],
)
def test_a_word_that_names_no_point_is_refused_in_one_line(word: str, says: str) -> None:
    with pytest.raises(HoldPointError) as refused:
        parse_points(["all", word])
    assert says in str(refused.value)
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) < 200


@given(st.text(max_size=30))
def test_any_word_is_a_point_or_refused(word: str) -> None:
    try:
        points = parse_points([word])
    except HoldPointError:
        return
    assert parse_points(points.words()) == points


lines = st.builds(Line, st.integers(1, MAX_LINE), st.text("ab./:", max_size=4).filter(lambda t: t[:1] != ":"))
points = st.builds(
    HoldPoints, st.booleans(), st.booleans(), st.booleans(), st.booleans(),
    st.lists(lines, max_size=3).map(lambda found: tuple(sorted(set(found)))),
)  # fmt: skip


@given(points)
def test_points_are_written_so_that_they_are_read_back(these: HoldPoints) -> None:
    assert parse_points(these.words()) == these


@given(points, points, st.integers(100, 599), st.booleans(), st.integers(0, 15), st.integers(1, 60))
def test_points_together_take_what_either_takes(
    one: HoldPoints, other: HoldPoints, status: int, upgrade: bool, opcode: int, number: int
) -> None:
    both = one + other
    source = Source("a", number, "f")

    def taken(by: HoldPoints) -> list[bool]:
        kinds = ("websocket.accept", "websocket.close", "websocket.send", "websocket.disconnect")
        return [
            by.takes_request(),
            by.takes_response(status, upgrade=upgrade),
            by.takes_frame(opcode),
            *(by.takes_message(kind, source) for kind in kinds),
        ]

    assert taken(both) == [a or b for a, b in zip(taken(one), taken(other), strict=True)]


def test_what_the_wire_holds() -> None:
    wire, asgi = parse_points(["wire"]), parse_points(["asgi"])
    assert wire.takes_request()
    assert wire.takes_response(200, upgrade=False)
    assert wire.takes_frame(1)
    assert not wire.takes_message("websocket.close", HERE)
    assert not asgi.at_wire
    assert not asgi.takes_request()
    assert not asgi.takes_response(101, upgrade=True)
    assert not asgi.takes_frame(8)
    assert asgi.takes_message("http.request", None)


def test_accept_holds_the_message_and_its_101_and_nothing_else() -> None:
    accept = parse_points(["accept"])
    assert accept.takes_message("websocket.accept", None)
    assert accept.takes_response(101, upgrade=True)
    assert not accept.takes_message("websocket.connect", None)
    assert not accept.takes_message("websocket.close", None)
    assert not accept.takes_response(403, upgrade=True)
    assert not accept.takes_request()
    assert not accept.takes_frame(8)


def test_close_holds_what_refuses_or_ends_a_connection() -> None:
    close = parse_points(["close"])
    for kind in ("websocket.close", "websocket.disconnect", "websocket.http.response.start"):
        assert close.takes_message(kind, None)
    assert close.takes_response(403, upgrade=True)
    assert close.takes_response(302, upgrade=True)
    assert close.takes_frame(8)
    assert not close.takes_response(101, upgrade=True)
    assert not close.takes_response(100, upgrade=True), "an interim response refuses nothing"
    assert not close.takes_response(404, upgrade=False), "nobody asked for another protocol"
    assert not close.takes_message("websocket.accept", None)
    assert not close.takes_message("http.response.start", None)
    assert not close.takes_frame(1)
    assert not close.takes_request()


@pytest.mark.parametrize("by", [CALL, RAISED, ENDPOINT])
def test_a_line_holds_what_points_to_it(by: str) -> None:
    source = Source("auth.py", 44, "endpoint", by)
    assert parse_points(["line:44"]).takes_message("websocket.send", source)
    assert not parse_points(["line:45"]).takes_message("websocket.send", source)
    assert not parse_points(["line:44"]).takes_message("websocket.send", None)


def test_a_line_without_a_file_is_one_of_the_scenario() -> None:
    line = parse_points(["line:44", "line:lib.py:7"])
    assert line.of_file("auth.py").takes_message("websocket.send", HERE)
    assert not line.of_file("other.py").takes_message("websocket.send", HERE)
    assert line.of_file("other.py").words() == ("line:lib.py:7", "line:other.py:44")
    assert parse_points(["line:auth.py:44"]).takes_message("websocket.send", HERE)


def test_a_line_holds_what_a_helper_of_the_users_sends_for_it() -> None:
    helper = Source(
        "lib/send.py", 9, "reply", CALL, (Place("auth.py", 44, "endpoint"), Place("lib/send.py", 9, "reply"))
    )
    assert parse_points(["line:auth.py:44"]).takes_message("websocket.send", helper)
    assert parse_points(["line:send.py:9"]).takes_message("websocket.send", helper)
    assert not parse_points(["line:end.py:9"]).takes_message("websocket.send", helper)
    assert not parse_points(["line:9"]).of_file("auth.py").takes_message("websocket.send", helper)
