"""The open connection: what is sent, what comes."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection

from wsplay.events.event import Direction, Event
from wsplay.events.payload import PAYLOAD_CAP
from wsplay.protocol.handshake import Handshake


async def echo(connection: ServerConnection) -> None:
    async for message in connection:
        await connection.send(message)


@pytest.mark.parametrize("compression", [True, False])
async def test_messages_go_both_ways(library: Any, watch: Any, compression: bool) -> None:
    port = await library(echo)
    watched = watch()
    client = watched.client
    assert await watched.connect(port, Handshake(compression=compression))
    (opened,) = watched.of("open")
    assert (opened.data["extensions"] is not None) == compression
    for text in ("hello", "", "Zoë € \U0001f600", "\x1b[31mred\u202e\x00"):
        assert await client.send_text(text)
    assert await client.send_binary(b"")
    assert await client.send_binary(b"\x00\xff")
    await watched.until(6, "received")
    for kind in ("sent", "received"):
        assert [dict(event.data) for event in watched.of(kind)] == [
            {"type": "text", "size": 5, "text": "hello"},
            {"type": "text", "size": 0, "text": ""},
            {"type": "text", "size": 13, "text": "Zoë € \U0001f600"},
            {"type": "text", "size": 12, "text": "\x1b[31mred\u202e\x00"},
            {"type": "binary", "size": 0, "hex": ""},
            {"type": "binary", "size": 2, "hex": "00ff"},
        ]
        assert [event.summary for event in watched.of(kind)] == [
            'text 5 B "hello"',
            'text 0 B ""',
            'text 13 B "Zoë € \U0001f600"',
            'text 12 B "␛[31mred<U+202E>␀"',
            "binary 0 B",
            "binary 2 B 00ff",
        ]
    assert {event.direction for event in watched.of("sent")} == {Direction.C2S}
    assert {event.direction for event in watched.of("received")} == {Direction.S2C}


async def test_a_burst_of_2000_arrives_whole_and_in_order(raw: Any, wire: Any, watch: Any) -> None:
    async def script(reader: Any, writer: Any, head: bytes) -> None:
        frames = [wire.frame(1, f"message {place}".encode()) for place in range(2000)]
        # In the same segment as the 101, and hung up right after: nothing of it may be lost.
        writer.write(wire.switching(head) + b"".join(frames))

    server = await raw(script)
    watched = watch()
    assert await watched.connect(server.port)
    final = await watched.ended()
    assert [event.data["text"] for event in watched.of("received")] == [f"message {n}" for n in range(2000)]
    assert final.data["code"] == 1006
    assert watched.events[-1] is final


@pytest.mark.parametrize("letter", ["x", "é"])
async def test_ten_megabytes_arrive_and_are_capped_in_the_event(
    library: Any, watch: Any, letter: str
) -> None:
    port = await library(echo)
    watched = watch()
    assert await watched.connect(port)
    text = letter * (10_000_000 // len(letter.encode()))
    assert await watched.client.send_text(text)
    (received,) = await watched.until(1, "received", "text")
    for event in (received, *watched.of("sent")):
        assert event.data == {
            "type": "text",
            "size": 10_000_000,
            "text": letter * PAYLOAD_CAP,
            "truncated": True,
        }
        assert len(event.summary) < 100
    assert await watched.client.send_binary(b"\xaa" * 10_000_000)
    (received,) = await watched.until(1, "received", "binary")
    assert received.data["size"] == 10_000_000
    assert received.data["hex"] == "aa" * PAYLOAD_CAP
    assert len(received.summary) < 100


async def test_fragments_with_pings_between_are_one_message(raw: Any, wire: Any, watch: Any) -> None:
    pongs: list[tuple[int, bytes]] = []

    async def script(reader: Any, writer: Any, head: bytes) -> None:
        writer.write(wire.switching(head))
        writer.write(wire.frame(1, b"Zo\xc3", fin=False) + wire.frame(9, b"?"))
        writer.write(wire.frame(0, b"\xab ", fin=False) + wire.frame(0, b"here"))
        pongs.append(await wire.read_frame(reader))

    server = await raw(script)
    watched = watch()
    assert await watched.connect(server.port)
    await watched.ended()
    assert [event.data["text"] for event in watched.of("received")] == ["Zoë here"]
    assert pongs == [(10, b"?")]


async def test_a_pong_tells_the_latency(raw: Any, wire: Any, watch: Any) -> None:
    async def script(reader: Any, writer: Any, head: bytes) -> None:
        writer.write(wire.switching(head))
        pings = [await wire.read_frame(reader) for _ in range(4)]
        assert pings == [(9, b"one"), (9, b"same"), (9, b"same"), (9, b"")]
        await asyncio.sleep(0.05)
        for payload in (b"same", b"nobody asked", b"same", b"", b"one", b"same"):
            writer.write(wire.frame(10, payload))
        await reader.read()

    server = await raw(script)
    watched = watch()
    assert await watched.connect(server.port)
    for payload in (b"one", "same", b"same", b""):
        assert await watched.client.ping(payload)
    first, stranger, second, empty, late, third = await watched.until(6, "received", "pong")
    assert first.data["text"] == "same"
    assert first.data["latency_ms"] >= 50
    assert second.data["latency_ms"] >= 50
    assert first.summary.startswith('pong 4 B "same"  ')
    assert first.summary.endswith(" ms")
    assert "latency_ms" not in stranger.data
    assert stranger.summary == 'pong 12 B "nobody asked"  unsolicited'
    assert empty.data["size"] == 0
    assert late.data["latency_ms"] >= 50  # out of order, but asked for
    assert "latency_ms" not in third.data  # two were asked for
    assert [event.summary for event in watched.of("sent", "ping")] == [
        'ping 3 B "one"',
        'ping 4 B "same"',
        'ping 4 B "same"',
        "ping 0 B",
    ]


async def test_a_pong_in_the_same_segment_as_the_answer_comes_after_open(
    raw: Any, wire: Any, watch: Any
) -> None:
    async def script(reader: Any, writer: Any, head: bytes) -> None:
        writer.write(wire.switching(head) + wire.frame(10, b"\xff"))
        await reader.read()

    server = await raw(script)
    watched = watch()
    assert await watched.connect(server.port)
    assert watched.kinds == ["connecting", "open", "received"]
    assert watched.events[-1].data == {"type": "pong", "size": 1, "hex": "ff"}


async def test_no_ping_is_sent_that_nobody_asked_for(library: Any, watch: Any) -> None:
    port = await library(echo)
    watched = watch()
    assert await watched.connect(port)
    connection = watched.client._connection
    assert connection.ping_interval is None
    assert connection.keepalive_task is None


async def test_what_cannot_be_sent_is_told_and_the_connection_stays(library: Any, watch: Any) -> None:
    port = await library(echo)
    watched = watch()
    client = watched.client
    assert await watched.connect(port)
    assert not await client.send_text("half \ud800")
    assert not await client.ping(b"x" * 126)
    assert not await client.ping("\ud800")
    text, long_ping, ping = watched.of("error")
    assert (text.data["type"], text.data["phase"]) == ("UnicodeEncodeError", "open")
    assert long_ping.data["type"] == "websockets.exceptions.ProtocolError"
    assert long_ping.data["message"] == "control frame too long"
    assert "125 bytes, this one has 126" in long_ping.data["hint"]
    assert ping.data["type"] == "UnicodeEncodeError"
    assert watched.of("sent") == []
    assert await client.send_text("still here")
    await watched.until(1, "received", "text")


async def test_sending_on_what_is_not_open_is_told(library: Any, watch: Any) -> None:
    async def leave(connection: ServerConnection) -> None:
        await connection.close(1001, "going")

    port = await library(leave)
    watched = watch()
    client = watched.client
    assert not await client.send_text("too early")
    assert not await client.close()
    assert [event.data["type"] for event in watched.events] == ["RuntimeError", "RuntimeError"]
    watched.events.clear()
    assert await watched.connect(port)
    await watched.ended()
    assert not await client.send_text("too late")
    assert not await client.ping()
    assert await client.close()
    first, second = watched.of("error")
    for event in (first, second):
        assert event.data["type"] == "websockets.exceptions.ConnectionClosedOK"
        assert event.data["message"] == "received 1001 (going away) going; then sent 1001 (going away) going"
        assert event.data["hint"] == "nothing was sent"
    assert watched.of("sent") == []


async def test_a_client_is_used_once(library: Any, watch: Any) -> None:
    port = await library(echo)
    watched = watch()
    assert await watched.connect(port)
    with pytest.raises(RuntimeError, match="one connection"):
        await watched.client.connect("127.0.0.1", port, Handshake())


async def test_what_on_event_raises_is_not_swallowed(library: Any, watch: Any) -> None:
    port = await library(echo)
    watched = watch()
    client = watched.client
    assert await watched.connect(port)
    on_event = client._on_event

    def fault(event: Event) -> None:
        on_event(event)
        if event.kind != "client.closed":
            raise LookupError("from on_event")

    client._on_event = fault
    with pytest.raises(LookupError):
        await client.send_text("x")
    client._on_event = on_event
    assert await client.send_text("x")
    client._on_event = fault
    final = await watched.ended()
    assert final.data["exception"] == {"type": "LookupError", "message": "from on_event"}
    with pytest.raises(LookupError, match="from on_event"):
        await client.aclose()
    client._reader = None  # its exception was raised once, which is enough
