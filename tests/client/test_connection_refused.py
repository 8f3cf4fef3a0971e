"""Connections that never open: refused, unreachable, unanswered."""

from __future__ import annotations

import asyncio
import errno
import socket
import struct
import time
from collections.abc import Callable
from typing import Any

import pytest

from wsplay.events.payload import PAYLOAD_CAP
from wsplay.protocol.handshake import Handshake

EXC = "websockets.exceptions."
REFUSED = f"{EXC}InvalidStatus"


def says(*parts: bytes, hold: bool = False) -> Callable[..., Any]:
    """A script that says this after the request, then hangs up (or holds on until the client does)."""

    async def script(reader: Any, writer: Any, head: bytes) -> None:
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(0.01)
        if hold:
            await reader.read()

    return script


@pytest.mark.parametrize(
    ("answer", "hold", "body"),
    [
        ([b"Content-Length: 17\r\n\r\n", b'{"detail": ', b'"No"}\n'], True, '{"detail": "No"}\n'),
        ([b"Content-Length: 0\r\n\r\n"], True, ""),
        ([b"Transfer-Encoding: chunked\r\n\r\n5\r\nhe", b"llo\r\n1;x=y\r\n!\r\n0\r\n\r\n"], True, "hello!"),
        ([b"X: y\r\n\r\nuntil ", b"the end"], False, "until the end"),
        ([b"\r\n"], False, ""),
    ],
)
async def test_a_refusal_shows_the_answer_whole(
    raw: Any, watch: Any, answer: list[bytes], hold: bool, body: str
) -> None:
    head = b"HTTP/1.1 403 Forbidden\r\nWWW-Authenticate: Bearer\r\nwww-authenticate: Basic \xe9\r\n"
    server = await raw(says(head + answer[0], *answer[1:], hold=hold))
    watched = watch()
    assert not await watched.connect(server.port)
    assert watched.kinds == ["connecting", "error"]
    error = watched.events[-1]
    assert error.summary == "InvalidStatus: server rejected WebSocket connection: HTTP 403"
    assert error.data["type"] == REFUSED
    assert error.data["message"] == "server rejected WebSocket connection: HTTP 403"
    assert error.data["phase"] == "handshake"
    assert (error.data["status"], error.data["reason"]) == (403, "Forbidden")
    assert error.data["headers"][:2] == [["WWW-Authenticate", "Bearer"], ["www-authenticate", "Basic é"]]
    assert error.data["body"] == {"size": len(body), "text": body}
    assert "timeout" not in error.data
    assert watched.client.closed.is_set()
    assert not watched.client.open
    await asyncio.wait_for(server.hung_up.wait(), 20)


@pytest.mark.parametrize(
    ("status", "reason"), [(403, ""), (500, "Internal Server Error"), (200, "OK"), (426, "\x9b\xff")]
)
async def test_any_status_but_101_is_a_refusal(raw: Any, watch: Any, status: int, reason: str) -> None:
    line = f"HTTP/1.1 {status} {reason}\r\n".encode("latin-1")
    server = await raw(says(line + b"Content-Length: 2\r\n\r\n\x00\xff", hold=True))
    watched = watch()
    assert not await watched.connect(server.port)
    error = watched.events[-1]
    assert (error.data["status"], error.data["reason"]) == (status, reason)
    assert error.data["body"] == {"size": 2, "hex": "00ff"}


async def test_a_redirect_is_shown_and_not_followed(raw: Any, wire: Any, watch: Any) -> None:
    async def script(reader: Any, writer: Any, head: bytes) -> None:
        writer.write(wire.switching(head))

    target = await raw(script)
    location = f"ws://127.0.0.1:{target.port}/elsewhere"
    server = await raw(
        says(f"HTTP/1.1 307 Temporary Redirect\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n".encode())
    )
    watched = watch()
    assert not await watched.connect(server.port)
    error = watched.events[-1]
    assert (error.data["type"], error.data["status"]) == (REFUSED, 307)
    assert ["Location", location] in error.data["headers"]
    assert (server.connections, target.connections) == (1, 0)


async def test_a_long_body_is_capped_in_the_event(raw: Any, watch: Any) -> None:
    server = await raw(says(b"HTTP/1.1 500 E\r\nContent-Length: 100000\r\n\r\n" + b"x" * 100_000))
    watched = watch()
    assert not await watched.connect(server.port)
    body = watched.events[-1].data["body"]
    assert body == {"size": 100_000, "text": "x" * PAYLOAD_CAP, "truncated": True}


async def test_a_500_followed_by_a_101_is_a_500(raw: Any, wire: Any, watch: Any) -> None:
    async def script(reader: Any, writer: Any, head: bytes) -> None:
        answer = b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 5\r\n\r\nwrong"
        writer.write(answer + wire.switching(head) + wire.close(1000))

    server = await raw(script)
    watched = watch()
    assert not await watched.connect(server.port)
    assert watched.events[-1].data["status"] == 500
    assert watched.events[-1].data["body"]["text"] == "wrong"


@pytest.mark.parametrize(
    ("handshake", "answer", "kind", "message"),
    [
        (
            Handshake(),
            "Sec-WebSocket-Accept: bm8=",
            "InvalidHeaderValue",
            "invalid Sec-WebSocket-Accept header: bm8=",
        ),
        (Handshake(), "", "InvalidHeader", "missing Sec-WebSocket-Accept header"),
        (
            Handshake(omit=("Sec-WebSocket-Key",)),
            "{accept}",
            "InvalidHeaderValue",
            "invalid Sec-WebSocket-Accept",
        ),
        (
            Handshake(),
            "{accept}\r\nSec-WebSocket-Protocol: x",
            "NegotiationError",
            "no subprotocols supported",
        ),
        (
            Handshake(subprotocols=("a",)),
            "{accept}\r\nSec-WebSocket-Protocol: b",
            "NegotiationError",
            "unsupported subprotocol: b",
        ),
        (
            Handshake(compression=False),
            "{accept}\r\nSec-WebSocket-Extensions: permessage-deflate",
            "NegotiationError",
            "no extensions supported",
        ),
    ],
)
async def test_a_101_that_does_not_fit_the_request_is_refused_by_the_client(
    raw: Any, wire: Any, watch: Any, handshake: Handshake, answer: str, kind: str, message: str
) -> None:
    async def script(reader: Any, writer: Any, head: bytes) -> None:
        lines = answer.format(accept=f"Sec-WebSocket-Accept: {wire.accept(head)}")
        start = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        writer.write(f"{start}{lines}{chr(13) + chr(10) if lines else ''}\r\n".encode())
        await reader.read()

    server = await raw(script)
    watched = watch()
    assert not await watched.connect(server.port, handshake)
    error = watched.events[-1]
    assert error.data["type"] == EXC + kind
    assert error.data["message"].startswith(message)
    assert (error.data["phase"], error.data["status"]) == ("handshake", 101)
    await asyncio.wait_for(server.hung_up.wait(), 20)


@pytest.mark.parametrize("missing", ["Upgrade: websocket", "Connection: Upgrade"])
async def test_a_101_that_upgrades_nothing(raw: Any, wire: Any, watch: Any, missing: str) -> None:
    async def script(reader: Any, writer: Any, head: bytes) -> None:
        writer.write(wire.switching(head).replace(f"{missing}\r\n".encode(), b""))
        await reader.read()

    server = await raw(script)
    watched = watch()
    assert not await watched.connect(server.port)
    name = missing.partition(":")[0]
    assert watched.events[-1].data["type"] == f"{EXC}InvalidUpgrade"
    assert watched.events[-1].data["message"] == f"missing {name} header"


@pytest.mark.parametrize(
    ("answer", "cause"),
    [
        (b"", "EOFError"),
        (b"HTTP/1.1 403 Forbidden\r\nContent-", "EOFError"),
        (b"HTTP/1.1 403 Forbidden\r\nContent-Length: 9\r\n\r\nhalf", "EOFError"),
        (b"SSH-2.0-OpenSSH_9.6\r\n", "ValueError"),
        (b"HTTP/1.0 200 OK\r\n\r\n", "ValueError"),
        (b"\x15\x03\x01\x00\x02\x02\x46\r\n", "ValueError"),
        (b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n", "ValueError"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", ""),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1048577\r\n\r\n", f"{EXC}SecurityError"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 10_000 + b"\r\n\r\n", EXC),
    ],
)
async def test_what_is_no_answer_is_told_with_its_cause(
    raw: Any, watch: Any, answer: bytes, cause: str
) -> None:
    server = await raw(says(answer))
    watched = watch()
    assert not await watched.connect(server.port)
    assert watched.kinds == ["connecting", "error"]
    error = watched.events[-1]
    assert error.data["type"] == f"{EXC}InvalidMessage"
    assert error.data["message"] == "did not receive a valid HTTP response"
    assert error.data["phase"] == "handshake"
    assert error.data["cause"]["type"].startswith(cause)
    assert "status" not in error.data


async def test_a_status_line_without_end(raw: Any, watch: Any) -> None:
    server = await raw(says(b"x" * 20_000, hold=True))
    watched = watch()
    assert not await watched.connect(server.port)
    assert watched.events[-1].data["phase"] == "handshake"
    assert watched.events[-1].data["type"].startswith(EXC)


async def test_a_reset_instead_of_an_answer(raw: Any, watch: Any) -> None:
    async def script(reader: Any, writer: Any, head: bytes) -> None:
        sock = writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()

    server = await raw(script)
    watched = watch()
    assert not await watched.connect(server.port)
    error = watched.events[-1]
    assert (error.data["type"], error.data["phase"]) == (f"{EXC}InvalidMessage", "handshake")
    assert error.data["cause"]["type"] == "ConnectionResetError"


async def test_nobody_listens(watch: Any, free_port: int) -> None:
    watched = watch()
    assert not await watched.connect(free_port)
    assert watched.kinds == ["connecting", "error"]
    message = f"[Errno {errno.ECONNREFUSED}] Connect call failed ('127.0.0.1', {free_port})"
    assert watched.events[-1].data == {
        "type": "ConnectionRefusedError",
        "message": message,
        "phase": "connect",
    }


@pytest.mark.parametrize(
    ("host", "port", "kind"),
    [
        ("127.0.0.1", 70_000, "OverflowError"),
        ("a..b", 80, "UnicodeError"),
    ],
)
async def test_an_address_that_is_none(watch: Any, host: str, port: int, kind: str) -> None:
    watched = watch()
    assert not await watched.connect(port, host=host)
    error = watched.events[-1].data
    # Which UnicodeError it is depends on the Python.
    assert error["phase"] == "connect"
    assert error["type"] == kind or (kind == "UnicodeError" and error["type"] == "UnicodeEncodeError")


@pytest.mark.parametrize(
    ("headers", "words"),
    [
        ((("X-Good", "1"), ("X-Bad", "a\nInjected: b")), "a newline at position 1"),
        ((("X-Bad", "a\0"),), "a NUL"),
        ((("X-Bad", "10 €"),), "U+20AC"),
        ((("", "a"),), "empty name"),
        ((("X Bad", "a"),), "a space"),
    ],
)
async def test_a_bad_header_is_refused_before_anything_is_sent(
    raw: Any, watch: Any, headers: tuple[tuple[str, str], ...], words: str
) -> None:
    server = await raw(says())
    watched = watch()
    assert not await watched.connect(server.port, Handshake(headers=headers))
    assert watched.kinds == ["connecting", "error"]
    connecting, error = watched.events
    # What the user typed is all there.
    assert connecting.data["headers"] == [list(header) for header in headers]
    assert (error.data["type"], error.data["phase"]) == ("ValueError", "request")
    assert words in error.data["message"]
    assert error.conn == 7
    assert server.connections == 0


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (b"", "no response within 0.2 s"),
        (b"HTTP/1.1 403 Forbidden\r\n", "no complete response within 0.2 s"),
        (b"HTTP/1.1 403 Forbidden\r\n\r\nno end", "no complete response within 0.2 s"),
    ],
)
async def test_a_handshake_that_is_not_answered(raw: Any, watch: Any, answer: bytes, words: str) -> None:
    server = await raw(says(answer, hold=True))
    watched = watch()
    start = time.monotonic()
    assert not await watched.connect(server.port, Handshake(open_timeout=0.2))
    assert time.monotonic() - start >= 0.2
    message = f"timed out during opening handshake: {words}"
    assert watched.events[-1].data == {
        "type": "TimeoutError",
        "message": message,
        "phase": "handshake",
        "timeout": True,
    }
    assert watched.events[-1].summary == f"TimeoutError: {message}"
    await asyncio.wait_for(server.hung_up.wait(), 20)
