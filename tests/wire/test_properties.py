"""Whatever the bytes: cut anywhere they mean the same, and nothing raises."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from websockets.extensions.permessage_deflate import PerMessageDeflate
from websockets.frames import Frame, Opcode

from wsplay.events.event import KINDS, Direction
from wsplay.wire.decode import Conversation, Decoded

REQUEST = b"GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
SWITCH = b"HTTP/1.1 101 S\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n%b\r\n"
DEFLATE = b"Sec-WebSocket-Extensions: permessage-deflate\r\n"
slow = settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)

payloads = st.one_of(
    st.text(max_size=40).map(str.encode), st.binary(max_size=300), st.binary(min_size=16_380, max_size=16_390)
)
header_values = st.text(
    st.characters(min_codepoint=0x21, max_codepoint=0xFF, exclude_characters="\x7f\x85\xa0"), max_size=8
)


@st.composite
def frames(draw: Callable[..., Any], mask: bool, deflate: bool) -> bytes:
    """Frames as a peer might send them, well made or not."""
    extension = PerMessageDeflate(False, False, 15, 15)
    raw = b""
    for _ in range(draw(st.integers(0, 6))):
        data = draw(payloads)
        match draw(st.integers(0, 5)):
            case 0:  # anything at all that has a frame's form
                first, size = draw(st.integers(0, 255)), len(data) % 126
                raw += bytes((first, (0x80 if draw(st.booleans()) else 0) | size)) + data
            case 1:
                opcode = Opcode(draw(st.sampled_from([8, 9, 10])))
                raw += Frame(opcode, data[:125]).serialize(mask=mask)
            case _:
                extensions = [extension] if deflate and draw(st.booleans()) else None
                parts = draw(st.integers(1, 3))
                for part in range(parts):
                    opcode = Opcode(draw(st.sampled_from([1, 2])) if part == 0 else 0)
                    piece = data[part::parts]
                    raw += Frame(opcode, piece, fin=part == parts - 1).serialize(
                        mask=mask, extensions=extensions
                    )
    return raw


@st.composite
def responses(draw: Callable[..., Any]) -> bytes:
    status, body = draw(st.sampled_from([100, 200, 204, 304, 403, 500])), draw(st.binary(max_size=30))
    name = draw(st.sampled_from(["X", "x-Y", "Set-Cookie"]))
    head = f"HTTP/1.1 {status} R\r\n{name}: {draw(header_values)}\r\n".encode("latin-1")
    match draw(st.integers(0, 3)):
        case 0:
            return head + b"Content-Length: %d\r\n\r\n" % len(body) + body
        case 1:
            chunks = b"".join(b"%x\r\n%b\r\n" % (len(c), c) for c in (body[:7], body[7:]) if c)
            end = draw(st.sampled_from([b"0\r\n\r\n", b"0\r\nT: 1\r\n\r\n", b"zz\r\n", b"", b"0;a\n"]))
            return head + b"Transfer-Encoding: chunked\r\n\r\n" + chunks + end
        case 2:
            return head + b"\r\n" + body
        case _:
            return head + b"Content-Length: %d\r\n\r\n" % (len(body) // 2) + body


@st.composite
def dialogues(draw: Callable[..., Any]) -> list[tuple[Direction, bytes]]:
    """Turns of a connection. A turn's bytes may be cut anywhere without changing what they mean."""
    turns: list[tuple[Direction, bytes]] = []
    for _ in range(draw(st.integers(0, 2))):
        body = draw(st.binary(max_size=20))
        method = draw(st.sampled_from([b"GET", b"HEAD", b"POST"]))
        request = method + b" / HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n" % len(body) + body
        turns += [(Direction.C2S, request * draw(st.integers(1, 2))), (Direction.S2C, draw(responses()))]
    if draw(st.booleans()):
        deflate = draw(st.booleans())
        early = draw(st.one_of(st.just(b""), frames(True, False)))
        refusal = draw(st.one_of(st.just(b""), responses()))
        turns += [(Direction.C2S, REQUEST + early)]
        switch = refusal + SWITCH % (DEFLATE if deflate else b"")
        turns += [(Direction.S2C, switch + draw(frames(False, deflate)))]
        for _ in range(draw(st.integers(0, 2))):
            turns += [
                (Direction.C2S, draw(frames(True, deflate))),
                (Direction.S2C, draw(frames(False, deflate))),
            ]
    for _ in range(draw(st.integers(0, 2))):
        turns.append((draw(st.sampled_from(Direction)), draw(st.one_of(st.binary(max_size=60), responses()))))
    return turns


def decode(turns: list[tuple[Direction, bytes]], cut: Callable[[bytes], list[bytes]]) -> list[Decoded]:
    conversation, out = Conversation(), []
    for direction, data in turns:
        for piece in cut(data):
            out += conversation.feed(direction, piece)
    for direction in Direction:
        out += conversation.eof(direction)
    return out


def whole(data: bytes) -> list[bytes]:
    return [data] if data else []


def single(data: bytes) -> list[bytes]:
    return [data[place : place + 1] for place in range(len(data))]


def well_formed(out: list[Decoded]) -> None:
    for one in out:
        assert one.kind in KINDS
        json.dumps(one.data)
        assert one.summary.isprintable()
        assert len(one.summary) < 1000


@slow
@given(dialogues(), st.data())
def test_any_cut_gives_the_same(turns: list[tuple[Direction, bytes]], data: st.DataObject) -> None:
    out = decode(turns, whole)
    well_formed(out)

    def anywhere(raw: bytes) -> list[bytes]:
        places = sorted(data.draw(st.lists(st.integers(0, len(raw)), max_size=8)))
        return [raw[a:b] for a, b in zip([0, *places], [*places, len(raw)], strict=True) if a < b]

    assert decode(turns, anywhere) == out
    if sum(len(raw) for _, raw in turns) < 4000:
        assert decode(turns, single) == out


@slow
@given(
    st.lists(st.tuples(st.sampled_from(Direction), st.binary(max_size=200)), max_size=12),
    st.sampled_from(["", "open", "deflate"]),
)
@example([(Direction.C2S, b"")], "")
def test_nothing_raises(pieces: list[tuple[Direction, bytes]], start: str) -> None:
    conversation = Conversation()
    if start:
        conversation.feed(Direction.C2S, REQUEST)
        conversation.feed(Direction.S2C, SWITCH % (DEFLATE if start == "deflate" else b""))
    out = []
    for direction, data in pieces:
        out += conversation.feed(direction, data)
    for direction in Direction:
        out += conversation.eof(direction, reset=True)
    well_formed(out)


@slow
@given(
    st.sampled_from([b"GET / HTTP/1.1\r\n", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 101 X\r\n", b""]),
    st.lists(
        st.one_of(
            st.binary(max_size=20),
            st.sampled_from(
                [
                    b"\r\n",
                    b"\n",
                    b": ",
                    b"Host",
                    b"Content-Length",
                    b"Transfer-Encoding: chunked\r\n",
                    b"5",
                    b"HTTP/1.1",
                    b"101",
                    b" ",
                ]
            ),
        ),
        max_size=15,
    ),
    st.sampled_from(Direction),
    st.booleans(),
)
def test_heads_of_any_kind_do_not_raise(
    start: bytes, parts: list[bytes], direction: Direction, asked: bool
) -> None:
    turns = [(Direction.C2S, REQUEST)] if asked else []
    turns.append((direction, start + b"".join(parts) + b"\r\n\r\n" + b"x" * 10))
    out = decode(turns, whole)
    well_formed(out)
    assert decode(turns, single) == out


def deflated(data: bytes, ending: str) -> bytes:
    stream = zlib.compressobj(9, zlib.DEFLATED, -15)
    raw = stream.compress(data)
    if ending == "sync":
        return raw + stream.flush(zlib.Z_SYNC_FLUSH)[:-4]
    return raw + stream.flush(zlib.Z_FINISH) + (b"\x00" if ending == "final" else b"")


parts = st.one_of(
    st.binary(max_size=12),
    st.builds(deflated, st.text(max_size=20).map(str.encode), st.sampled_from(["sync", "final", "cut"])),
    st.just(deflated(bytes(100_000), "sync")),
)


@slow
@given(
    st.lists(st.lists(parts, max_size=2).map(b"".join), max_size=5),
    st.booleans(),
    st.sampled_from([0xC1, 0xC2]),
)
def test_compressed_messages_well_made_or_not_are_the_same_in_pieces(
    messages: list[bytes], takeover: bool, first: int
) -> None:
    agreed = DEFLATE if takeover else DEFLATE[:-2] + b"; server_no_context_takeover\r\n"
    raw = b"".join(bytes((first, len(one))) + one for one in messages if len(one) < 126)
    turns = [(Direction.C2S, REQUEST), (Direction.S2C, SWITCH % agreed), (Direction.S2C, raw)]
    out = decode(turns, whole)
    well_formed(out)
    assert decode(turns, single) == out


@slow
@given(dialogues())
def test_every_byte_is_accounted_for(turns: list[tuple[Direction, bytes]]) -> None:
    """Nothing that crossed is left untold: sizes add up to what was fed."""
    told = dict.fromkeys(Direction, 0)
    for one in decode(turns, whole):
        data = one.data
        if one.kind == "wire.frame":
            length = data["length"]
            told[one.direction] += (
                2 + (0 if length < 126 else 2 if length < 65_536 else 8) + 4 * data["masked"] + length
            )
        else:
            told[one.direction] += data["payload"]["size"] if one.kind == "wire.stray" else data["raw_size"]
    for direction in Direction:
        assert told[direction] == sum(len(raw) for way, raw in turns if way is direction)


@slow
@given(dialogues(), st.data())
def test_frames_that_are_only_counted_are_counted_exactly_and_change_nothing_later(
    turns: list[tuple[Direction, bytes]], data: st.DataObject
) -> None:
    read, skimmed = Conversation(), Conversation()
    for direction, raw in turns:
        expected = read.feed(direction, raw)
        if not data.draw(st.booleans()):
            assert skimmed.feed(direction, raw) == expected
            continue
        out, counted = skimmed.skim(direction, raw)
        assert len(out) + counted == len(expected)
        if counted:
            assert out == [one for one in expected if one.kind != "wire.frame" or one.data["opcode"] == 8]
    for direction in Direction:
        assert skimmed.eof(direction) == read.eof(direction)
