"""A 101 held against its request: what fits no rule is told, and the frames behind it are still read."""

from __future__ import annotations

import pytest

OFFER = b"Sec-WebSocket-Extensions: %b\r\n"


def answered(wire, request_bytes, switch_bytes, *, asks=b"", answers=b"", drop=b"", put=b"", frame):
    """The problems of a 101 and of a frame behind it."""
    lines = [line for line in switch_bytes[:-2].splitlines(keepends=True) if not (drop and drop in line)]
    wire.client(request_bytes[:-2] + asks + b"\r\n")
    wire.server(b"".join([put or lines[0], *lines[1:], answers, b"\r\n"]) + frame(1, b"hi", mask=False))
    assert wire.kinds == ["wire.request", "wire.response", "wire.frame"]
    assert wire.out[2].data["payload"]["text"] == "hi"
    assert "problem" not in wire.out[2].data
    return wire.problems


@pytest.fixture
def answer(wire, request_bytes, switch_bytes, frame):
    return lambda **given: answered(wire, request_bytes, switch_bytes, frame=frame, **given)


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"drop": b"Upgrade: web"}, "no Upgrade: websocket (RFC 6455 section 4.2.2)"),
        ({"drop": b"Connection"}, "no Connection: Upgrade (RFC 6455 section 4.2.2)"),
        ({"drop": b"Accept"}, "no Sec-WebSocket-Accept (RFC 6455 section 4.2.2)"),
        (
            {"put": b"HTTP/1.0 101 Switching Protocols\r\n"},
            "101 in HTTP/1.0, which cannot switch protocols",
        ),
        (
            {"asks": b"Sec-WebSocket-Protocol: a, b\r\n", "answers": b"Sec-WebSocket-Protocol: A\r\n"},
            "subprotocol A was not offered (RFC 6455 section 4.2.2)",
        ),
        (
            {"answers": b"Sec-WebSocket-Protocol: chat\r\n"},
            "subprotocol chat was not offered (RFC 6455 section 4.2.2)",
        ),
        (
            {"asks": b"Sec-WebSocket-Protocol: a, b\r\n", "answers": b"Sec-WebSocket-Protocol: a, b\r\n"},
            "more than one subprotocol (RFC 6455 section 4.2.2)",
        ),
        ({"answers": b"X: a\r\n b\r\n"}, "a folded header line (RFC 9112 section 5.2)"),
        ({"answers": b"X: a\n"}, "a line that ends with LF alone (RFC 9112 section 2.2)"),
    ],
)
def test_what_a_101_violates_is_told(answer, given, problem):
    assert answer(**given) == [problem]


def test_a_subprotocol_that_was_offered_is_no_problem(answer):
    asks = b"Sec-WebSocket-Protocol: a\r\nSec-WebSocket-Protocol: b, c\r\n"
    assert answer(asks=asks, answers=b"Sec-WebSocket-Protocol: c\r\n") == []


DEFLATE = b"permessage-deflate"
BITS = b"; server_max_window_bits"


@pytest.mark.parametrize(
    ("offers", "answers", "problem"),
    [
        (b"", DEFLATE, "extension permessage-deflate was not offered (RFC 6455 section 9.1)"),
        (DEFLATE, DEFLATE + BITS + b"=99", "server_max_window_bits=99: not 8 to 15"),
        (DEFLATE, DEFLATE + BITS + b"=08", "server_max_window_bits=08: not 8 to 15"),
        (DEFLATE, DEFLATE + BITS, "server_max_window_bits without a value: not 8 to 15"),
        (DEFLATE, DEFLATE + b"; client_max_window_bits=10", "client_max_window_bits was not offered"),
        (DEFLATE, DEFLATE + b"; x=1", "parameter x was not offered"),
        (DEFLATE, DEFLATE + b"; client_no_context_takeover=1", "client_no_context_takeover has no value"),
        (DEFLATE + BITS + b"=10", DEFLATE + BITS + b"=12", "=12 is more than the offered 10"),
        (DEFLATE + BITS + b"=10", DEFLATE, "server_max_window_bits was asked for"),
        (DEFLATE, DEFLATE + b"; server_max_window_bits=9; server_max_window_bits=9", "given twice"),
    ],
)
def test_an_extension_that_does_not_fit_its_offer_is_told(answer, offers, answers, problem):
    [told] = answer(asks=OFFER % offers if offers else b"", answers=OFFER % answers)
    assert problem in told


@pytest.mark.parametrize(
    ("offers", "answers"),
    [
        (DEFLATE, DEFLATE),
        (DEFLATE, DEFLATE + BITS + b"=9; client_no_context_takeover; server_no_context_takeover"),
        (DEFLATE + b"; client_max_window_bits", DEFLATE + b"; client_max_window_bits=15"),
        (DEFLATE + BITS + b"=10, " + DEFLATE, DEFLATE),
        (b"x-mux, " + DEFLATE, DEFLATE),
        (DEFLATE, b""),
    ],
)
def test_an_extension_that_fits_one_of_the_offers_is_no_problem(answer, offers, answers):
    assert answer(asks=OFFER % offers, answers=OFFER % answers if answers else b"") == []


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        (b"GET / HTTP/1.1\nHost: h\n\n", "a line that ends with LF alone (RFC 9112 section 2.2)"),
        (b"GET / HTTP/1.1\r\nHost: h\r\nX: a\r\n\tb\r\n\r\n", "a folded header line (RFC 9112 section 5.2)"),
        (b"\n\nGET / HTTP/1.1\r\nHost: h\r\n\r\n", None),  # blank lines before a request are to be ignored
    ],
)
def test_lines_of_a_request_that_end_or_begin_oddly_are_told(wire, lines, problem):
    data = wire.client(lines).only()
    assert data.get("problem") == problem
    assert ["Host", "h"] in data["headers"]
