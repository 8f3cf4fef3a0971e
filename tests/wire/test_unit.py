"""What can be held at the beginning of some bytes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Frame, Opcode

from wsplay.events.event import Direction
from wsplay.protocol.hold_points import ALL, NOTHING, parse_points
from wsplay.wire.head import BadHead
from wsplay.wire.message import Asked
from wsplay.wire.unit import Unit, frame_at, request_at, response_at

C2S, S2C = Direction.C2S, Direction.S2C
UPGRADE = Asked("GET", True)


def test_a_request_s_head_is_held_and_its_body_is_not(request_bytes: bytes) -> None:
    post = b"POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabcGET / HTTP/1.1\r\n\r\n"
    unit = request_at(post)
    assert unit is not None
    assert (unit.what, unit.about, unit.upgrade) == ("request", "POST /login HTTP/1.1", False)
    assert unit.head == post[: unit.size]
    assert unit.head.endswith(b"3\r\n\r\n")
    assert unit.body is not None
    assert unit.body.take(post[unit.size :]) == 3
    assert unit.body.complete
    upgrade = request_at(request_bytes)
    assert upgrade is not None
    assert upgrade.upgrade
    assert upgrade.data == {"head": request_bytes.decode()}


@given(st.integers(0, 200))
def test_a_head_is_there_once_its_blank_line_is(cut: int) -> None:
    head = b"\r\nGET /ws HTTP/1.1\r\nHost: x\r\n\r\n"
    unit = request_at(head[:cut])
    assert (unit is not None) is (cut >= len(head))


@pytest.mark.parametrize(
    "head", [b"NOT HTTP\r\n\r\n", b"\x16\x03\x01 junk\n\n", b"GET /\x00 HTTP/1.1\r\n\r\n"]
)
def test_a_head_that_is_not_http_can_be_held_and_edited_too(head: bytes) -> None:
    unit = request_at(head)
    assert unit is not None
    assert (unit.head, unit.body) == (head, None)
    assert unit.about.isprintable()


def test_a_response_tells_its_status_and_whether_its_request_asked_for_an_upgrade() -> None:
    unit = response_at(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno", UPGRADE)
    assert unit is not None
    assert (unit.what, unit.status, unit.about, unit.head) == (
        "response",
        403,
        "HTTP/1.1 403 Forbidden",
        None,
    )
    assert unit.is_taken(parse_points(["close"]))
    assert not unit.is_taken(parse_points(["accept"]))
    plain = response_at(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno", Asked("GET"))
    assert plain is not None
    assert not plain.is_taken(parse_points(["close"]))
    assert response_at(b"HTTP/1.1 403 Forbidden\r\n", UPGRADE) is None
    with pytest.raises(BadHead):
        response_at(b"hello\r\n\r\n", UPGRADE)


@pytest.mark.parametrize(
    ("size", "masked"), [(0, True), (5, False), (126, True), (70_000, False), (70_000, True)]
)
def test_a_frame_is_as_long_as_its_header_says(size: int, masked: bool) -> None:
    data = Frame(Opcode.BINARY, b"x" * size).serialize(mask=masked)
    direction = C2S if masked else S2C
    for there in (data, data + b"more", data[:-1], data[:14]):
        unit = frame_at(direction, there)
        if unit is not None:
            assert (unit.what, unit.size, unit.opcode) == ("frame", len(data), 2)
            assert unit.data["frame"]["length"] == size
            assert unit.is_taken(ALL)
            assert not unit.is_taken(NOTHING)
    assert frame_at(direction, data[:1]) is None


@pytest.mark.parametrize(
    ("opcode", "payload", "bits", "about"),
    [
        (1, b"hello", {}, 'text 5 B "hello"'),
        (8, b"\x03\xf0bye", {}, 'close 1008 "bye"'),
        (9, b"", {}, "ping 0 B"),
        (0, b"rest", {}, "continuation 4 B"),
        (1, b"\xc3", {"fin": False}, "text 1 B"),
    ],
)
def test_what_a_frame_is_about_is_read_where_it_stands_alone(
    opcode: int, payload: bytes, bits: dict[str, bool], about: str
) -> None:
    unit = frame_at(S2C, Frame(Opcode(opcode), payload, **bits).serialize(mask=False))
    assert unit is not None
    assert unit.about == about


@given(st.binary(max_size=40), st.sampled_from(list(Direction)))
def test_any_bytes_are_a_frame_or_too_few(data: bytes, direction: Direction) -> None:
    unit = frame_at(direction, data)
    if unit is not None:
        assert unit.size >= 2
        assert unit.about.isprintable()


@given(st.binary(max_size=60))
def test_any_bytes_are_a_head_or_too_few(data: bytes) -> None:
    for read in (request_at, _response):
        unit = read(data)
        if unit is not None:
            assert 0 < unit.size <= len(data)
            assert unit.about.isprintable()


def _response(data: bytes) -> Unit | None:
    try:
        return response_at(data, UPGRADE)
    except BadHead:
        return None


def test_of_a_compressed_frame_only_its_length_is_told() -> None:
    unit = frame_at(S2C, b"\xc1\x03abc")
    assert unit is not None
    assert unit.about == "text 3 B"
