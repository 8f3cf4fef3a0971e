"""The way to an open connection: what is asked, on the wire and in the events."""

from __future__ import annotations

import re
import socket
from typing import Any

import pytest
from websockets.http11 import USER_AGENT

from wsplay.events.event import Direction
from wsplay.protocol.handshake import Handshake


async def test_the_request_stands_on_the_wire_byte_for_byte(raw: Any, wire: Any, watch: Any) -> None:
    async def script(reader: Any, writer: Any, head: bytes) -> None:
        writer.write(wire.switching(head))
        await reader.read()

    server = await raw(script)
    assert await watch().connect(server.port)
    (head,) = server.heads
    key = re.search(rb"Sec-WebSocket-Key: ([A-Za-z0-9+/]{22}==)\r\n", head)
    assert key is not None
    assert head == (
        b"GET /ws HTTP/1.1\r\n"
        b"Host: 127.0.0.1:%d\r\n"
        b"Upgrade: websocket\r\n"
        b"Connection: Upgrade\r\n"
        b"Sec-WebSocket-Key: %b\r\n"
        b"Sec-WebSocket-Version: 13\r\n"
        b"Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n"
        b"User-Agent: %b\r\n"
        b"\r\n" % (server.port, key.group(1), USER_AGENT.encode())
    )


async def test_everything_can_be_overridden_doubled_and_left_out(raw: Any, wire: Any, watch: Any) -> None:
    async def script(reader: Any, writer: Any, head: bytes) -> None:
        writer.write(wire.switching(head, "Sec-WebSocket-Protocol: v2"))
        await reader.read()

    server = await raw(script)
    handshake = Handshake(
        path="/chat room",
        query=(("token", "a&b"),),
        headers=(
            ("authorization", "Bearer  two spaces "),
            ("HOST", "evil.test"),
            ("X-Latin", "Zoë\xff"),
            ("cookie", "a=1"),
            ("Cookie", "b=2"),
            ("X-Empty", ""),
            ("X-Esc", "\x1b[31m\t\x7f"),
            ("Sec-WebSocket-Key", "my own key"),
            ("Upgrade", "WebSocket"),
            ("Sec-WebSocket-Version", "12"),
            ("Sec-WebSocket-Version", "13"),
            ("Sec-WebSocket-Protocol", "v2, v1"),
            ("Origin", "null"),
        ),
        omit=("User-Agent", "Sec-WebSocket-Extensions"),
    )
    watched = watch()
    assert await watched.connect(server.port, handshake)
    assert server.heads == [
        b"GET /chat%20room?token=a%26b HTTP/1.1\r\n"
        b"HOST: evil.test\r\n"
        b"Upgrade: WebSocket\r\n"
        b"Connection: Upgrade\r\n"
        b"Sec-WebSocket-Key: my own key\r\n"
        b"Sec-WebSocket-Version: 12\r\n"
        b"Sec-WebSocket-Version: 13\r\n"
        b"Sec-WebSocket-Protocol: v2, v1\r\n"
        b"authorization: Bearer  two spaces \r\n"
        b"X-Latin: Zo\xeb\xff\r\n"
        b"cookie: a=1\r\n"
        b"Cookie: b=2\r\n"
        b"X-Empty: \r\n"
        b"X-Esc: \x1b[31m\t\x7f\r\n"
        b"Origin: null\r\n"
        b"\r\n"
    ]
    (connecting,) = watched.of("connecting")
    assert connecting.data["headers"] == [list(header) for header in handshake.headers]
    assert connecting.data["omit"] == ["User-Agent", "Sec-WebSocket-Extensions"]
    (opened,) = watched.of("open")
    assert opened.data["subprotocol"] == "v2"
    assert opened.data["extensions"] is None


async def test_connecting_and_open_tell_what_was_asked_and_answered(raw: Any, wire: Any, watch: Any) -> None:
    async def script(reader: Any, writer: Any, head: bytes) -> None:
        writer.write(wire.switching(head, "X-Twice: 1", "x-twice: Zo\xeb", "Sec-WebSocket-Protocol: b"))
        await reader.read()

    server = await raw(script)
    watched = watch()
    assert not watched.client.open
    assert await watched.connect(server.port, Handshake(subprotocols=("a", "b"), open_timeout=3))
    assert watched.client.open
    assert watched.client.conn == 7
    assert watched.kinds == ["connecting", "open"]
    connecting, opened = watched.events
    assert connecting.direction is Direction.C2S
    assert connecting.summary == f"connecting ws://127.0.0.1:{server.port}/ws"
    assert connecting.data == {
        "url": f"ws://127.0.0.1:{server.port}/ws",
        "headers": [],
        "omit": [],
        "subprotocols": ["a", "b"],
        "compression": True,
        "open_timeout": 3,
        "address": ["127.0.0.1", watched.local_port],
    }
    assert opened.direction is Direction.S2C
    assert opened.summary == "open  subprotocol b"
    assert opened.data["status"] == 101
    assert opened.data["subprotocol"] == "b"
    assert opened.data["headers"][3:] == [
        ["X-Twice", "1"],
        ["x-twice", "Zo\xeb"],
        ["Sec-WebSocket-Protocol", "b"],
    ]


async def test_the_local_port_is_the_one_the_server_sees(raw: Any, wire: Any, watch: Any) -> None:
    seen: list[tuple[str, int]] = []

    async def script(reader: Any, writer: Any, head: bytes) -> None:
        seen.append(writer.get_extra_info("peername"))
        writer.write(wire.switching(head))
        await reader.read()

    server = await raw(script)
    watched = watch()
    assert await watched.connect(server.port)
    assert seen == [("127.0.0.1", watched.local_port)]


async def test_ipv6_and_names(raw: Any, wire: Any, watch: Any) -> None:
    async def script(reader: Any, writer: Any, head: bytes) -> None:
        writer.write(wire.switching(head))
        await reader.read()

    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        pytest.skip("no IPv6 here")
    server = await raw(script, host="::1")
    watched = watch()
    assert await watched.connect(server.port, host="::1")
    assert b"Host: [::1]:%d\r\n" % server.port in server.heads[0]
    assert watched.events[0].data["url"] == f"ws://[::1]:{server.port}/ws"
    assert watched.events[0].data["address"] == ["::1", watched.local_port]

    server = await raw(script)
    assert await watch().connect(server.port, host="localhost")
    assert b"Host: localhost:%d\r\n" % server.port in server.heads[0]


async def test_no_proxy_is_used(
    raw: Any, wire: Any, watch: Any, free_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def script(reader: Any, writer: Any, head: bytes) -> None:
        writer.write(wire.switching(head))
        await reader.read()

    for name in ("http_proxy", "https_proxy", "ws_proxy", "socks_proxy", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_port}")
        monkeypatch.setenv(name.upper(), f"http://127.0.0.1:{free_port}")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    server = await raw(script)
    assert await watch().connect(server.port)
