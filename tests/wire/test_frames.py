"""Frames on the wire: every field, every broken rule told, memory bounded."""

from __future__ import annotations

import struct
import time
import tracemalloc
import zlib

import pytest
from websockets.extensions.permessage_deflate import PerMessageDeflate

from wsplay.events.event import Direction
from wsplay.events.payload import PAYLOAD_CAP
from wsplay.wire import deflate

DEFLATE = b"permessage-deflate"


def deflater(*, client: bool, takeover: bool = True, bits: int = 15) -> PerMessageDeflate:
    """The sender's side, as websockets has it."""
    return PerMessageDeflate(False, not takeover, 15, bits)


def test_a_text_frame(wire, frame):
    data = wire.open().client(frame(1, "grüß".encode())).only()
    assert data == {
        "fin": True, "rsv1": False, "rsv2": False, "rsv3": False, "opcode": 1, "name": "text", "masked": True,
        "length": 6, "payload": {"size": 6, "text": "grüß"}, "compressed": False, "inflated": None,
    }  # fmt: skip
    assert wire.out[0].summary == 'text 6 B "grüß"'


def test_a_binary_frame(wire, frame):
    assert wire.open().server(frame(2, b"\x00\xff" * 20, mask=False)).only()["payload"]["hex"] == "00ff" * 20
    assert wire.out[0].summary.startswith("binary 40 B 00 ff ")


def test_control_frames_between_fragments(wire, frame):
    wire.open().server(
        frame(1, b"He", mask=False, fin=False) + frame(9, b"p", mask=False)
        + frame(0, b"l", mask=False, fin=False) + frame(0, b"lo", mask=False)
    )  # fmt: skip
    assert [one.summary for one in wire.out] == [
        'text 2 B "He" fin=0', 'ping 1 B "p"', 'continuation 1 B "l" fin=0', 'continuation 2 B "lo"',
    ]  # fmt: skip
    assert wire.problems == []


def test_text_cut_inside_a_character_is_no_problem(wire, frame):
    first, second = "é".encode()[:1], "é".encode()[1:]
    wire.open().client(frame(1, first, fin=False) + frame(0, second))
    assert wire.problems == []
    assert wire.out[0].data["payload"] == {"size": 1, "hex": "c3"}


@pytest.mark.parametrize("fragmented", [False, True])
def test_text_that_is_not_utf8_says_so(wire, frame, fragmented):
    if fragmented:
        wire.open().client(frame(1, b"ok", fin=False) + frame(0, b"\xc3"))
    else:
        wire.open().client(frame(1, b"\xff"))
    assert wire.problems == ["text that is not UTF-8"]


@pytest.mark.parametrize(
    ("payload", "code", "reason", "problem"),
    [
        (b"", None, None, None),
        (b"\x03", None, None, "one byte"),
        (b"\x03\xe8", 1000, "", None),
        (b"\x03\xf0bad token", 1008, "bad token", None),
        (b"\x0f\xa0", 4000, "", None),
        (b"\x03\xed", 1005, "", "1005 must not be sent"),
        (b"\x00\x00", 0, "", "0 must not be sent"),
        (b"\x03\xf0\xff", 1008, "�", "not UTF-8"),
    ],
)
def test_close_payloads(wire, frame, payload, code, reason, problem):
    data = wire.open().server(frame(8, payload, mask=False)).only()
    assert data.get("code") == code
    assert data.get("reason") == reason
    assert (problem is None) == ("problem" not in data)
    assert problem is None or problem in data["problem"]


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        (b"\x81\x02hi", "not masked"),
        (b"\x91\x80....", "RSV2 or RSV3"),
        (b"\xc1\x80....", "no compression was agreed"),
        (b"\x83\x80....", "reserved opcode 0x3"),
        (b"\x8b\x80....", "reserved opcode 0xB"),
        (b"\x09\x80....", "fragmented control frame"),
        (b"\xc9\x80....", "RSV1 on a control frame"),
        (b"\x89\xfe\x00\x7e...." + b"x" * 126, "control frame over 125 bytes"),
        (b"\x80\x80....", "continuation without a message"),
        (b"\x81\xfe\x00\x00....", "shortest form"),
        (b"\x81\xff\x00\x00\x00\x00\x00\x00\x00\x00....", "shortest form"),
    ],
)
def test_a_broken_rule_is_told_and_the_next_frame_still_read(wire, frame, raw, problem):
    wire.open().client(raw + frame(2, b"next"))
    assert len(wire.out) == 2
    assert problem in wire.out[0].data["problem"]
    assert wire.out[1].data["payload"]["hex"] == b"next".hex()


def test_a_masked_frame_from_the_server_is_told_and_unmasked(wire, frame):
    data = wire.open().server(frame(1, b"hi", mask=True)).only()
    assert "masked" in data["problem"]
    assert data["payload"]["text"] == "hi"


def test_a_new_message_inside_another_and_a_frame_after_close(wire, frame):
    wire.open().client(frame(1, b"a", fin=False) + frame(2, b"b") + frame(8, b"") + frame(1, b"c"))
    assert "before the last one was finished" in wire.out[1].data["problem"]
    assert "after a close" in wire.out[3].data["problem"]


@pytest.mark.parametrize("skim", [False, True])
def test_a_second_close_frame_is_told(wire, frame, skim):
    wire.open().server(frame(8, b"\x03\xe8", mask=False))
    again = frame(8, b"\x03\xf3", mask=False)
    if skim:
        wire.out += wire.conversation.skim(Direction.S2C, again)[0]
    else:
        wire.server(again)
    assert wire.problems == ["a second close frame (RFC 6455 section 5.5.1)"]
    wire.client(frame(8, b"\x03\xe8"))  # the other direction's first
    assert len(wire.problems) == 1


def test_half_a_frame_at_the_end(wire, frame):
    whole = frame(1, b"hello", mask=False)
    stray = wire.open().server(whole[:4]).end().only()
    assert stray["why"] == "half a frame: text of 5 bytes ended after 2"
    assert stray["payload"]["size"] == 4


def test_half_a_header_at_the_end(wire):
    assert "inside its header" in wire.open().client(b"\x81\xfe\x01").end().only()["why"]


def test_a_declared_length_costs_nothing(wire):
    wire.open()
    tracemalloc.start()
    wire.server(b"\x82\x7f" + struct.pack("!Q", 2**63 + 5) + b"abc")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 100_000
    assert f"{2**63 + 5} bytes ended after 3" in wire.end().only()["why"]


@pytest.mark.parametrize("opcode", [1, 2])
def test_a_long_frame_is_kept_up_to_the_cap(wire, opcode):
    size = 64 * 1024 * 1024
    chunk = b"abcd" * 65_536
    wire.open().client(bytes((0x80 | opcode, 0xFF)) + struct.pack("!Q", size) + bytes(4))
    tracemalloc.start()
    for _ in range(size // len(chunk)):
        wire.client(chunk)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    data = wire.only()
    assert data["length"] == data["payload"]["size"] == size
    assert data["payload"]["truncated"]
    shown = data["payload"].get("text") or bytes.fromhex(data["payload"]["hex"]).decode()
    assert shown == ("abcd" * PAYLOAD_CAP)[:PAYLOAD_CAP]
    assert peak < 2_000_000


def test_time_grows_with_length_and_not_with_its_square(new_wire):
    def seconds(size: int) -> float:
        wire = new_wire().open()
        wire.server(b"\x82\x7f" + struct.pack("!Q", size))
        start = time.process_time()
        for _ in range(size // 64):
            wire.server(b"x" * 64)
        assert wire.only()["length"] == size
        return time.process_time() - start

    small = min(seconds(256_000) for _ in range(3))
    assert seconds(256_000 * 8) < small * 8 * 4 + 0.05


def test_an_unmasked_piece_keeps_its_place_in_the_mask(wire, frame):
    raw = frame(1, ("0123456789" * 4000).encode())
    wire.open()
    for place in range(0, len(raw), 1001):
        wire.client(raw[place : place + 1001])
    assert wire.only()["payload"]["text"] == ("0123456789" * 4000)[:PAYLOAD_CAP]
    assert wire.problems == []


# permessage-deflate (RFC 7692)


@pytest.mark.parametrize("takeover", [True, False])
@pytest.mark.parametrize("bits", [9, 15])
@pytest.mark.parametrize("client", [True, False])
def test_compressed_messages(wire, frame, takeover, bits, client):
    side = b"client" if client else b"server"
    answer = DEFLATE + (b"" if takeover else b"; " + side + b"_no_context_takeover")
    answer += b"; " + side + b"_max_window_bits=%d" % bits
    extension = deflater(client=client, takeover=takeover, bits=bits)
    wire.open(answer)
    send = wire.client if client else wire.server
    texts = ["Hello, hello, hello", "Hello, hello again", "", "x" * 5000]
    for text in texts:
        send(frame(1, text.encode(), mask=client, extensions=[extension]))
    assert [one.data["payload"].get("text") for one in wire.out] == texts
    assert [one.data["inflated"] for one in wire.out] == [len(text) for text in texts]
    assert all(one.data["compressed"] and one.data["rsv1"] for one in wire.out)
    assert wire.problems == []
    assert wire.out[3].data["length"] < 5000
    assert "compressed)" in wire.out[3].summary


def test_a_compressed_message_in_fragments_with_a_ping_between(wire, frame):
    extension = deflater(client=False)
    wire.open(DEFLATE).server(
        frame(1, b"Hel", mask=False, fin=False, extensions=[extension])
        + frame(9, b"", mask=False, extensions=[extension])
        + frame(0, b"lo", mask=False, extensions=[extension])
        + frame(1, b"Hello", mask=False, extensions=[extension])
    )
    assert [one.data["payload"]["text"] for one in wire.out] == ["Hel", "", "lo", "Hello"]
    assert [one.data["compressed"] for one in wire.out] == [True, False, True, True]
    assert wire.problems == []


def test_an_uncompressed_message_between_compressed_ones(wire, frame):
    extension = deflater(client=False)
    wire.open(DEFLATE)
    for extensions in ([extension], [], [extension]):
        wire.server(frame(1, b"again and again", mask=False, extensions=extensions))
    assert [one.data["payload"]["text"] for one in wire.out] == ["again and again"] * 3
    assert [one.data["compressed"] for one in wire.out] == [True, False, True]


def compressed(data: bytes, *, final: bool = False) -> bytes:
    stream = zlib.compressobj(9, zlib.DEFLATED, -15)
    raw = stream.compress(data)
    return (
        raw + stream.flush(zlib.Z_FINISH) + b"\x00" if final else raw + stream.flush(zlib.Z_SYNC_FLUSH)[:-4]
    )


def server_frame(payload: bytes, first: int = 0xC2) -> bytes:
    size = len(payload)
    if size < 126:
        return bytes((first, size)) + payload
    return bytes((first, 127)) + struct.pack("!Q", size) + payload


def test_a_message_that_ends_with_a_final_block(wire):
    """RFC 7692 section 7.2.3.4."""
    wire.open(DEFLATE).server(
        server_frame(compressed(b"one", final=True), 0xC1) + server_frame(compressed(b"two"), 0xC1)
    )
    assert [one.data["payload"].get("text") for one in wire.out] == ["one", "two"]


def test_the_context_is_kept_through_a_huge_message(wire, frame):
    extension = deflater(client=False)
    wire.open(DEFLATE)
    tail = bytes(range(256)) * 100
    for data in (b"\x00" * 20_000_000 + tail, tail):
        raw = frame(2, data, mask=False, extensions=[extension])
        for place in range(0, len(raw), 4096):
            wire.server(raw[place : place + 4096])
    assert [one.data["inflated"] for one in wire.out] == [20_000_000 + len(tail), len(tail)]
    assert wire.out[1].data["payload"]["hex"] == tail[:PAYLOAD_CAP].hex()
    assert wire.problems == []


@pytest.mark.parametrize("takeover", [True, False])
def test_a_bomb_is_not_followed_and_the_context_declared_lost(wire, monkeypatch, takeover):
    monkeypatch.setattr(deflate, "MAX_INFLATED", 1_000_000)
    wire.open(DEFLATE if takeover else DEFLATE + b"; server_no_context_takeover")
    bomb = compressed(b"\x00" * 50_000_000)
    tracemalloc.start()
    wire.server(server_frame(bomb) + server_frame(compressed(b"after"), 0xC1))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2_000_000
    assert "inflates to more than 1000000 bytes" in wire.out[0].data["problem"]
    assert wire.out[0].data["inflated"] is None
    assert wire.out[0].data["payload"]["size"] == len(bomb)
    if takeover:
        assert "context was lost" in wire.out[1].data["problem"]
        assert wire.out[1].data["payload"]["hex"] == compressed(b"after").hex()
    else:
        assert wire.out[1].data["payload"]["text"] == "after"


def test_what_does_not_inflate_is_shown_as_sent(wire):
    wire.open(DEFLATE).server(server_frame(b"\xff\xff\xff"))
    assert "does not inflate" in wire.only()["problem"]
    assert wire.only()["payload"]["hex"] == "ffffff"


def test_an_answer_with_unreadable_extensions(wire, request_bytes, switch_bytes):
    wire.client(request_bytes).server(switch_bytes[:-2] + b"Sec-WebSocket-Extensions: ;;\r\n\r\n")
    assert "cannot be read" in wire.problems[0]


def test_an_unknown_extension_is_told(wire, request_bytes, switch_bytes):
    offer = b"Sec-WebSocket-Extensions: x-mux\r\n\r\n"
    wire.client(request_bytes[:-2] + offer).server(switch_bytes[:-2] + offer)
    assert wire.problems == ["unknown extension x-mux"]


def test_control_characters_stay_out_of_summaries(wire, frame):
    wire.open().server(
        frame(1, b"\x1b]0;x\x07\n\xe2\x80\xae", mask=False) + frame(8, b"\x03\xf0\x1b[2J", mask=False)
    )
    assert all(one.summary.isprintable() for one in wire.out)
    assert wire.out[1].data["reason"] == "\x1b[2J"
