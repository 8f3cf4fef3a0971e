"""The HTTP client against servers written by hand: every end of a request is one event."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from wsplay.client.http import MAX_BODY, HttpClient
from wsplay.events.event import KINDS, Direction, Event, Lane
from wsplay.events.safe_text import visible
from wsplay.protocol.http_request import HttpRequest, HttpResponse

Raw = Callable[..., Awaitable[Any]]
PATIENCE = 20.0


class Asked:
    """One request made, with its events."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.ports: list[int] = []
        self.client = HttpClient(self.events.append, self._number)

    def _number(self, port: int) -> int:
        self.ports.append(port)
        return 7

    async def ask(self, port: int, request: HttpRequest, timeout: float = PATIENCE) -> HttpResponse | None:
        answer = await self.client.ask("127.0.0.1", port, request, timeout)
        self.check()
        return answer

    def check(self) -> None:
        assert [event.kind for event in self.events][:1] == ["client.request"]
        assert len(self.events) == 2
        for event in self.events:
            assert event.kind in KINDS
            assert event.lane is Lane.CLIENT
            assert event.conn == 7
            assert event.summary == visible(event.summary)
            json.dumps(event.to_json(0), allow_nan=False)

    @property
    def error(self) -> dict[str, Any]:
        assert self.events[-1].kind == "client.error"
        return dict(self.events[-1].data)


def says(*parts: bytes, then: float = 0.0) -> Callable[..., Awaitable[None]]:
    """A server that answers any head with these bytes and hangs up after `then` seconds."""

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: bytes) -> None:
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(0.01)
        await asyncio.sleep(then)

    return script


async def test_a_request_and_its_answer(raw: Raw) -> None:
    bodies: list[bytes] = []

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: bytes) -> None:
        bodies.append(await reader.readexactly(4))
        writer.write(b"HTTP/1.1 201 Created\r\nSet-Cookie: a=1\r\nset-cookie: b=2\r\nX-L: \xe9\r\n")
        writer.write(b'Content-Length: 7\r\n\r\n{"t":1}')
        await writer.drain()
        await reader.read()

    server = await raw(script)
    asked = Asked()
    request = HttpRequest("POST", "/login?x=1", (("Content-Type", "text/plain"), ("X-Odd", "\xe9")), "mé!")
    answer = await asked.ask(server.port, request)
    headers = (("Set-Cookie", "a=1"), ("set-cookie", "b=2"), ("X-L", "\xe9"), ("Content-Length", "7"))
    assert answer == HttpResponse(201, "Created", headers, b'{"t":1}')
    assert bodies == ["mé!".encode()]
    lines = server.heads[0].decode("latin-1").split("\r\n")
    assert lines[0] == "POST /login?x=1 HTTP/1.1"
    assert lines[1:-2] == [
        f"Host: 127.0.0.1:{server.port}",
        "User-Agent: wsplay",
        "Accept: */*",
        "Connection: close",
        "Content-Length: 4",
        "Content-Type: text/plain",
        "X-Odd: \xe9",
    ]
    sent, got = asked.events
    assert (sent.kind, sent.direction, sent.summary) == ("client.request", Direction.C2S, "POST /login?x=1")
    assert sent.data == {
        "method": "POST",
        "target": "/login?x=1",
        "headers": [["Content-Type", "text/plain"], ["X-Odd", "\xe9"]],
        "body": {"size": 4, "text": "mé!"},
    }
    assert (got.kind, got.direction, got.summary) == ("client.response", Direction.S2C, "201 Created  7 B")
    assert got.data == {
        "status": 201,
        "reason": "Created",
        "headers": [list(header) for header in headers],
        "body": {"size": 7, "text": '{"t":1}'},
    }
    assert asked.ports != [server.port]


async def test_headers_of_ones_own_take_the_place_of_the_client_s(raw: Raw) -> None:
    server = await raw(says(b"HTTP/1.1 204 No Content\r\n\r\n"))
    asked = Asked()
    headers = (("host", "example.com"), ("USER-AGENT", "me"), ("connection", "close"), ("accept", "a/b"))
    answer = await asked.ask(server.port, HttpRequest("GET", "/", headers))
    assert answer is not None
    assert (answer.status, answer.body) == (204, b"")
    assert asked.events[0].data["body"] is None
    assert server.heads[0].decode().split("\r\n")[1:-2] == [f"{name}: {value}" for name, value in headers]


@pytest.mark.parametrize(
    ("parts", "body"),
    [
        (
            (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", b"2\r\nde\r\n0\r\n\r\n"),
            b"abcde",
        ),
        ((b"HTTP/1.0 200 OK\r\n\r\nun", b"til the end"), b"until the end"),
        (
            (
                b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 20",
                b"0 OK\r\nContent-Length: 1\r\n\r\nx",
            ),
            b"x",
        ),
        ((b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n",), b""),
    ],
)
async def test_bodies_of_every_framing(raw: Raw, parts: tuple[bytes, ...], body: bytes) -> None:
    server = await raw(says(*parts))
    asked = Asked()
    headers = (("Upgrade", "x"), ("Connection", "Upgrade")) if b" 101 " in parts[0] else ()
    answer = await asked.ask(server.port, HttpRequest(headers=headers))
    assert answer is not None
    assert answer.body == body


async def test_control_characters_reach_no_summary(raw: Raw) -> None:
    server = await raw(says("HTTP/1.1 200 \u202e\r\nContent-Length: 4\r\n\r\n\x1b[2J".encode()))
    asked = Asked()
    await asked.ask(server.port, HttpRequest("GET", "/%1b"))
    assert asked.events[-1].kind in ("client.response", "client.error")


async def test_a_body_beyond_the_limit_is_cut_and_said_to_be(raw: Raw) -> None:
    server = await raw(
        says(b"HTTP/1.1 200 OK\r\nContent-Length: 9999999\r\n\r\n", b"x" * (MAX_BODY + 1), then=5)
    )
    asked = Asked()
    answer = await asked.ask(server.port, HttpRequest())
    assert answer is not None
    assert len(answer.body) == MAX_BODY
    assert asked.events[-1].data["cut"] is True
    assert "not read" in asked.events[-1].summary


@pytest.mark.parametrize(
    "part",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Le",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort",
        b"SSH-2.0-OpenSSH_9.6\r\n\r\n",
        b"HTTP/1.1 999999 What\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
    ],
)
async def test_what_is_no_whole_answer_is_an_error(raw: Raw, part: bytes) -> None:
    server = await raw(says(part))
    asked = Asked()
    assert await asked.ask(server.port, HttpRequest()) is None
    assert asked.error["phase"] == "response"
    assert asked.error["type"] == "h11.RemoteProtocolError"


async def test_a_reset_is_an_error(raw: Raw) -> None:
    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: bytes) -> None:
        writer.transport.abort()

    server = await raw(script)
    asked = Asked()
    assert await asked.ask(server.port, HttpRequest("POST", "/", (), "x" * 100_000)) is None
    assert asked.error["phase"] == "response"


async def test_nobody_listening_is_an_error(free_port: int) -> None:
    asked = Asked()
    assert await asked.ask(free_port, HttpRequest()) is None
    assert (asked.error["phase"], asked.error["type"]) == ("connect", "ConnectionRefusedError")
    assert not asked.client.connected


@pytest.mark.parametrize(
    "request_",
    [
        HttpRequest("GET", "/", (("A", "b\r\nc: d"),)),
        HttpRequest("GET", "/", (("A b", "c"),)),
        HttpRequest("GET", "/", (("A", "\u20ac"),)),
        HttpRequest("G T", "/"),
        HttpRequest("GET", "/a b"),
        HttpRequest("GET", "/\r\nX: y"),
        HttpRequest("GET", "/\u20ac"),
        HttpRequest("POST", "/", (("Content-Length", "1"),), "two"),
        HttpRequest("GET", "/", (("Host", "a"), ("Host", "b"))),
        HttpRequest("POST", "/", (), "\ud800"),
    ],
    ids=repr,
)
async def test_what_cannot_be_sent_is_not_sent(raw: Raw, request_: HttpRequest) -> None:
    server = await raw(says(b""))
    asked = Asked()
    assert await asked.ask(server.port, request_) is None
    assert asked.error["phase"] == "request"
    assert asked.error["message"]
    assert server.connections == 0


async def test_a_server_that_never_answers_runs_into_the_limit(
    raw: Raw, sockets_open: Callable[[], int]
) -> None:
    server = await raw(says(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", then=60))
    before = sockets_open()
    asked = Asked()
    assert await asked.ask(server.port, HttpRequest(), timeout=0.3) is None
    assert (asked.error["type"], asked.error["timeout"]) == ("TimeoutError", True)
    assert sockets_open() <= before + 1  # the server's half


async def test_cancelling_leaves_nothing_behind(raw: Raw, sockets_open: Callable[[], int]) -> None:
    server = await raw(says(b"", then=60))
    before = sockets_open()
    asked = Asked()
    task = asyncio.create_task(asked.client.ask("127.0.0.1", server.port, HttpRequest()))
    async with asyncio.timeout(PATIENCE):
        while not server.heads:
            await asyncio.sleep(0.005)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    asked.check()
    assert asked.error["cancelled"] is True
    async with asyncio.timeout(PATIENCE):
        while sockets_open() > before + 1:
            await asyncio.sleep(0.005)
