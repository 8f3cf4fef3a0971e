"""HTTP on the wire: heads as sent, bodies however framed, the switch to frames, and what fits nothing."""

from __future__ import annotations

import pytest

from wsplay.events.event import Direction
from wsplay.events.payload import PAYLOAD_CAP
from wsplay.wire.decode import MAX_HELD
from wsplay.wire.head import MAX_HEAD


def test_a_request_is_kept_as_sent(wire):
    wire.client(
        b"GET /ws?token=a%20b HTTP/1.1\r\nHOST: h\r\nx-Two: 1\r\nX-two: 2\r\n"
        b"Authorization: Bearer \xe9\r\nempty:\r\n\r\n"
    )
    data = wire.only()
    assert (data["method"], data["target"], data["version"]) == ("GET", "/ws?token=a%20b", "1.1")
    assert data["headers"] == [
        ["HOST", "h"], ["x-Two", "1"], ["X-two", "2"], ["Authorization", "Bearer \xe9"], ["empty", ""],
    ]  # fmt: skip
    assert data["body"] is None
    assert wire.out[0].summary == "GET /ws?token=a%20b HTTP/1.1"


def test_what_the_header_list_does_not_tell_is_kept_as_the_raw_head(wire):
    head = b"\r\nGET / HTTP/1.1\r\nHost:h\r\nX: a\r\n  b \r\n\r\n"
    data = wire.client(head).only()
    assert data["headers"] == [["Host", "h"], ["X", "a b"]]
    assert data["raw_head"] == head.decode()
    assert data["raw_size"] == len(head)


def test_an_exact_head_needs_no_raw_head(wire, request_bytes):
    assert "raw_head" not in wire.client(request_bytes).only()


@pytest.mark.parametrize(
    ("hosts", "problem"),
    [(b"", "no Host header"), (b"Host: a\r\nhost: b\r\n", "more than one Host header")],
)
def test_a_request_without_exactly_one_host_is_shown_with_the_problem(wire, hosts, problem):
    data = wire.client(b"GET / HTTP/1.1\r\nA: 1\r\n" + hosts + b"B: 2\r\n\r\n").only()
    assert problem in data["problem"]
    names = [name for name, _ in data["headers"]]
    assert names[0] == "A"
    assert names[-1] == "B"
    assert len(names) == 2 + hosts.count(b"\n")


def test_request_bodies(wire):
    wire.client(b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nab").client(b"cGET /2 HTTP/1.1\r\n")
    assert wire.only()["body"] == {"size": 3, "text": "abc"}
    wire.client(
        b"Host: h\r\n\r\nPOST /3 HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"2;x\r\nhi\r\n0\r\nT: 1\r\n\r\n"
    )
    assert [one.data["target"] for one in wire.out] == ["/", "/2", "/3"]
    assert wire.out[2].data["body"] == {"size": 2, "text": "hi"}
    assert wire.out[2].data["trailers"] == [["T", "1"]]


@pytest.mark.parametrize(
    ("head", "body", "framing", "text"),
    [
        (b"Content-Length: 0\r\n", b"", "content-length", ""),
        (b"content-length: 5\r\n", b"hello", "content-length", "hello"),
        (b"Transfer-Encoding: chunked\r\n", b"3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n", "chunked", "hello"),
    ],
)
def test_a_refusal_with_a_body(wire, request_bytes, head, body, framing, text):
    raw = b"HTTP/1.1 403 Forbidden\r\n" + head + b"\r\n" + body
    wire.client(request_bytes).server(raw)
    decoded = wire.out[1]
    assert decoded.data["framing"] == framing
    assert decoded.data["body"] == {"size": len(text), "text": text}
    assert decoded.data["raw_size"] == len(raw)
    assert decoded.summary == f"HTTP/1.1 403 Forbidden  {len(text)} B"


def test_a_body_until_the_end_is_told_at_the_end(wire, request_bytes):
    wire.client(request_bytes).server(b"HTTP/1.1 403 \r\n\r\nwhat").server(b" now")
    assert wire.kinds == ["wire.request"]
    wire.end(Direction.S2C)
    assert wire.out[1].data["framing"] == "eof"
    assert wire.out[1].data["body"] == {"size": 8, "text": "what now"}
    assert "raw_head" not in wire.out[1].data
    assert "problem" not in wire.out[1].data


def test_a_missing_reason_is_not_an_empty_one(wire, request_bytes):
    wire.client(request_bytes).server(b"HTTP/1.1 403\r\nContent-Length: 0\r\n\r\n")
    assert wire.out[1].data["raw_head"].startswith("HTTP/1.1 403\r\n")


def test_a_long_body_is_capped_and_its_size_told(wire, request_bytes):
    size = 10_000_000
    wire.client(request_bytes).server(b"HTTP/1.1 500 No\r\nContent-Length: %d\r\n\r\n" % size)
    for _ in range(size // 100_000):
        wire.server(b"x" * 100_000)
    body = wire.out[1].data["body"]
    assert body == {"size": size, "text": "x" * PAYLOAD_CAP, "truncated": True}


def test_a_body_cut_short_says_so(wire, request_bytes):
    wire.client(request_bytes).server(b"HTTP/1.1 500 No\r\nContent-Length: 10\r\n\r\nabc").end()
    assert wire.out[1].data["body"] == {"size": 3, "text": "abc"}
    assert "received 3 bytes, expected 10" in wire.out[1].data["problem"]


def test_a_body_cut_by_a_reset_says_so(wire, request_bytes):
    wire.client(request_bytes).server(b"HTTP/1.1 500 No\r\n\r\nabc").end(reset=True)
    assert "reset" in wire.out[1].data["problem"]


def test_a_broken_chunk_ends_the_body_and_the_rest_is_stray(wire, request_bytes):
    wire.client(request_bytes)
    wire.server(b"HTTP/1.1 500 No\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\nzz\r\nmore").end()
    assert wire.kinds == ["wire.request", "wire.response", "wire.stray"]
    assert wire.out[1].data["body"]["text"] == "ab"
    assert "chunk" in wire.out[1].data["problem"]
    assert wire.out[2].data["payload"]["text"] == "\r\nzz\r\nmore"


def test_responses_that_have_no_body(wire):
    for method, status in ((b"HEAD", b"200"), (b"GET", b"204"), (b"GET", b"304")):
        wire.client(method + b" / HTTP/1.1\r\nHost: h\r\n\r\n")
        wire.server(b"HTTP/1.1 " + status + b" X\r\nContent-Length: 5\r\n\r\n")
    assert [one.data["framing"] for one in wire.out[1::2]] == ["none"] * 3
    assert [one.data["body"] for one in wire.out[1::2]] == [None] * 3


def test_keep_alive_and_pipelining(wire):
    wire.client(b"HEAD /1 HTTP/1.1\r\nHost: h\r\n\r\nGET /2 HTTP/1.1\r\nHost: h\r\n\r\n")
    wire.server(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")
    assert wire.kinds == ["wire.request", "wire.request", "wire.response", "wire.response"]
    assert [one.data["body"] for one in wire.out[2:]] == [None, {"size": 2, "text": "hi"}]
    assert wire.problems == []


def test_informational_responses_are_not_the_answer(wire):
    wire.client(b"POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
    wire.server(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n").client(b"hi")
    wire.server(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    statuses = [one.data["status"] for one in wire.out if one.kind == "wire.response"]
    assert statuses == [100, 103, 200]
    assert wire.problems == []


def test_frames_in_the_segment_of_the_101(wire, request_bytes, switch_bytes, frame):
    wire.client(request_bytes).server(
        switch_bytes + frame(1, b"hi", mask=False) + frame(8, b"\x03\xf0no", mask=False)
    )
    assert wire.kinds == ["wire.request", "wire.response", "wire.frame", "wire.frame"]
    assert wire.out[1].summary == "HTTP/1.1 101 Switching Protocols"
    assert wire.out[1].data["framing"] == "none"
    assert wire.out[2].summary == 'text 2 B "hi"'
    assert wire.out[3].summary == 'close 1008 "no"'
    assert wire.problems == []


def test_a_101_that_does_not_fit_says_why(wire, request_bytes, switch_bytes):
    wire.client(request_bytes).server(switch_bytes.replace(b"s3pP", b"AAAA"))
    assert "does not fit the key" in wire.problems[0]


def test_a_101_nobody_asked_for_still_switches(wire, switch_bytes, frame):
    wire.client(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n").server(switch_bytes + frame(9, b"", mask=False)).client(
        frame(10)
    )
    assert "asked for no upgrade" in wire.problems[0]
    assert wire.kinds[-2:] == ["wire.frame", "wire.frame"]


def test_another_protocol_is_not_read_as_frames(wire):
    wire.client(b"GET / HTTP/1.1\r\nHost: h\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\n")
    wire.server(b"HTTP/1.1 101 X\r\nUpgrade: h2c\r\n\r\n\x00\x00HTTP/1.1 200").client(b"PRI *").end()
    assert wire.kinds == ["wire.request", "wire.response", "wire.stray", "wire.stray"]
    assert "h2c" in wire.out[2].data["why"]


def test_a_500_and_then_a_101_on_one_socket(wire, request_bytes, switch_bytes, frame):
    """uvicorn's legacy websockets implementation, where the app returns without accepting."""
    wire.client(request_bytes)
    wire.server(b"HTTP/1.1 500 Internal Server Error\r\ncontent-length: 2\r\nconnection: close\r\n\r\nno")
    wire.server(switch_bytes + frame(8, b"\x03\xe8", mask=False)).end()
    assert wire.kinds == ["wire.request", "wire.response", "wire.response", "wire.frame"]
    assert [one.data["status"] for one in wire.out[1:3]] == [500, 101]
    assert wire.problems == ["a further response: the request was already answered with 500"]
    assert wire.out[3].data["code"] == 1000


def test_bytes_behind_a_response_are_stray_and_a_response_behind_them_is_found(wire, request_bytes):
    wire.client(request_bytes).server(b"HTTP/1.1 403 F\r\nContent-Length: 1\r\n\r\nxOOPS HTTP/1 ")
    wire.server(b"HTTP/1.1 500 E\r\nContent-Length: 0\r\n\r\n")
    assert wire.kinds == ["wire.request", "wire.response", "wire.stray", "wire.response"]
    assert wire.out[2].data["payload"]["text"] == "OOPS HTTP/1 "


def test_an_answer_to_a_bad_request_is_no_problem(wire):
    wire.client(b"GET / HTTP/1.1\r\nbad header\r\n\r\n").server(
        b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"
    )
    assert wire.kinds == ["wire.response"]
    assert wire.problems == []
    wire.end()
    assert wire.kinds == ["wire.response", "wire.stray"]
    assert "illegal header line" in wire.out[1].data["why"]


def test_a_response_to_nothing_says_so(wire):
    wire.server(b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n")
    assert wire.problems == ["a response to no request"]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"\x16\x03\x01\x02\x00\x01\x00", "TLS"),
        (b"\x81\x82abcdef", "WebSocket frame, but no handshake"),
        (b"\x00\x01\x02", "not an HTTP request"),
        (b"hello\r\n\r\n", "illegal request line"),
        (b"GET / HTT", "half an HTTP request"),
    ],
)
def test_what_is_no_request_is_stray(wire, data, why):
    stray = wire.client(data).end().only()
    assert why in stray["why"]
    assert stray["payload"]["size"] == len(data)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"\x81\x02hi", "WebSocket frame, but no handshake"),
        (b"SSH-2.0-x\r\n", "not an HTTP response"),
        (b"HTTP/1.1 2", "half an HTTP response"),
        (b"HTTP/1.1 99 X\r\n\r\n", "bad HTTP response"),
    ],
)
def test_what_is_no_response_is_stray(wire, request_bytes, data, why):
    wire.client(request_bytes).server(data).end()
    assert wire.kinds == ["wire.request", "wire.stray"]
    assert why in wire.out[1].data["why"]


def test_a_head_without_end_is_stray_and_not_kept(wire):
    for _ in range(40):
        wire.client(b"GET / HTTP/1.1\r\n" + b"x" * 10_000)
    stray = wire.end().only()
    assert str(MAX_HEAD) in stray["why"]
    assert stray["payload"]["size"] == 40 * 10_016
    assert len(stray["payload"]["text"]) == PAYLOAD_CAP


def test_frames_sent_before_the_answer_are_frames_if_it_is_101(wire, request_bytes, switch_bytes, frame):
    early, cut = frame(1, b"early"), frame(1, b"cut in two")
    wire.client(request_bytes + early + cut[:5])
    assert wire.kinds == ["wire.request"]
    wire.server(switch_bytes).client(cut[5:] + frame(1, b"late"))
    assert wire.kinds == ["wire.request", "wire.response", "wire.frame", "wire.frame", "wire.frame"]
    assert ["problem" in one.data for one in wire.out[2:]] == [True, True, False]
    assert "before the handshake was answered" in wire.problems[0]


def test_frames_sent_before_a_refusal_are_stray(wire, request_bytes, frame):
    wire.client(request_bytes + frame(1, b"early")).server(
        b"HTTP/1.1 403 F\r\nContent-Length: 0\r\n\r\n"
    ).end()
    assert wire.kinds == ["wire.request", "wire.response", "wire.stray"]
    assert "no handshake was answered with 101" in wire.out[2].data["why"]


def test_a_request_behind_a_refused_one_is_a_request(wire, request_bytes):
    wire.client(request_bytes * 2).end(Direction.C2S)
    wire.server(b"HTTP/1.1 403 F\r\nContent-Length: 0\r\n\r\n" * 2).end()
    assert wire.kinds == ["wire.request", "wire.response", "wire.request", "wire.response"]


def test_frames_sent_before_an_answer_that_never_comes_are_stray(wire, request_bytes, frame):
    wire.client(request_bytes + frame(1, b"early")).end()
    assert wire.kinds == ["wire.request", "wire.stray"]
    assert "no answer came" in wire.out[1].data["why"]


def test_what_is_held_for_the_answer_is_bounded(wire, request_bytes, switch_bytes, frame):
    wire.client(request_bytes)
    for _ in range(MAX_HELD // 1000 + 2):
        wire.client(b"\x82" * 1000)
    wire.server(switch_bytes).client(frame(1, b"late")).end()
    assert wire.kinds == ["wire.request", "wire.response", "wire.stray"]
    assert "before the handshake was answered" in wire.out[2].data["why"]


def test_stray_bytes_can_be_told_before_their_end(wire):
    wire.client(b"\x00garbage")
    assert wire.out == []
    assert wire.conversation.gathering
    told = wire.conversation.settle()
    assert told[0].data["payload"]["size"] == 8
    assert not wire.conversation.gathering
    assert wire.end().out == []


def test_a_connect_tunnel_is_not_read(wire):
    wire.client(b"CONNECT h:1 HTTP/1.1\r\nHost: h\r\n\r\n").server(b"HTTP/1.1 200 OK\r\n\r\nabc").client(
        b"def"
    ).end()
    assert wire.kinds == ["wire.request", "wire.response", "wire.stray", "wire.stray"]


def test_bytes_after_the_end_are_stray(wire):
    wire.end().client(b"x")
    assert wire.only()["why"] == "sent after the end"


def test_control_characters_stay_out_of_summaries(wire):
    wire.client(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n").server(
        b"HTTP/1.1 403 \x1b[31mred\r\nContent-Length: 0\r\n\r\n"
    )
    assert "\x1b" not in wire.out[1].summary
    assert wire.out[1].data["reason"] == "\x1b[31mred"
