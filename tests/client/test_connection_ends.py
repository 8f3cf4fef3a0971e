"""How an open connection ends, and how the end is reported."""

from __future__ import annotations

import asyncio
import socket
import struct
import time
from collections.abc import Callable
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection

from wsplay.protocol.handshake import Handshake

OK = "websockets.exceptions.ConnectionClosedOK"
ERROR = "websockets.exceptions.ConnectionClosedError"


def after_101(wire: Any, *says: bytes, then: str = "answer") -> Callable[..., Any]:
    """A script that opens, says something, and then waits for the client's answer, resets, or holds on."""

    async def script(reader: Any, writer: Any, head: bytes) -> None:
        writer.write(wire.switching(head) + b"".join(says))
        await writer.drain()
        if then == "answer":
            await wire.read_frame(reader)
        elif then == "reset":
            sock = writer.get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        elif then == "hold":
            await reader.read()

    return script


@pytest.mark.parametrize(
    ("code", "reason", "kind", "message"),
    [
        (1000, "", OK, "received 1000 (OK); then sent 1000 (OK)"),
        (1001, "", OK, "received 1001 (going away); then sent 1001 (going away)"),
        (
            1008,
            "bad token",
            ERROR,
            "received 1008 (policy violation) bad token; then sent 1008 (policy violation) bad token",
        ),
        (1012, "", ERROR, "received 1012 (service restart); then sent 1012 (service restart)"),
        (4001, "Zoë", ERROR, "received 4001 (private use) Zoë; then sent 4001 (private use) Zoë"),
    ],
)
async def test_the_server_closes(
    raw: Any, wire: Any, watch: Any, code: int, reason: str, kind: str, message: str
) -> None:
    server = await raw(after_101(wire, wire.close(code, reason)))
    watched = watch()
    assert await watched.connect(server.port)
    final = await watched.ended()
    close = {"code": code, "reason": reason}
    assert final.kind == "client.closed"
    assert final.data == {
        **close,
        "by": "server",
        "clean": True,
        "received": close,
        "sent": close,
        "exception": {"type": kind, "message": message},
    }
    shown = f'{code} "{reason}"' if reason else str(code)
    assert final.summary == f"closed {shown} by the server"
    assert not watched.client.open


async def test_a_close_frame_without_a_code_is_1005(raw: Any, wire: Any, watch: Any) -> None:
    server = await raw(after_101(wire, wire.frame(8)))
    watched = watch()
    assert await watched.connect(server.port)
    final = await watched.ended()
    assert (final.data["code"], final.data["reason"], final.data["clean"]) == (1005, "", True)
    assert final.data["exception"]["type"] == OK


async def test_escape_codes_in_a_reason_are_shown_not_obeyed(raw: Any, wire: Any, watch: Any) -> None:
    server = await raw(after_101(wire, wire.close(1008, "\x1b[2Jgone\n")))
    watched = watch()
    assert await watched.connect(server.port)
    final = await watched.ended()
    assert final.data["reason"] == "\x1b[2Jgone\n"
    assert final.summary == 'closed 1008 "␛[2Jgone␊" by the server'


@pytest.mark.parametrize(
    ("frame", "sent", "cause"),
    [
        (b"\x88\x01\x03", 1002, ("ProtocolError", "close frame too short")),
        (b"\x88\x02\x03\xee", 1002, ("ProtocolError", "invalid status code")),  # 1006
        (b"\x88\x02\x00\x00", 1002, ("ProtocolError", "invalid status code")),
        (b"\x88\x03\x03\xe8\xff", 1007, ("UnicodeDecodeError", "invalid start byte")),
        (b"\x81\x02\xc3\x28", 1007, ("UnicodeDecodeError", "invalid continuation byte")),
        (b"\x83\x00", 1002, ("ProtocolError", "invalid opcode")),
        (b"\xc1\x00", 1002, ("ProtocolError", "reserved bits must be 0")),
        (b"\x81\x80\0\0\0\0", 1002, ("ProtocolError", "incorrect masking")),
        (b"\x80\x00", 1002, ("ProtocolError", "unexpected continuation frame")),
        (b"\x89\x7e\x00\x7e" + b"x" * 126, 1002, ("ProtocolError", "control frame too long")),
    ],
)
async def test_what_breaks_the_protocol_is_closed_by_the_client(
    raw: Any, wire: Any, watch: Any, frame: bytes, sent: int, cause: tuple[str, str]
) -> None:
    answers: list[tuple[int, bytes]] = []

    async def script(reader: Any, writer: Any, head: bytes) -> None:
        writer.write(wire.switching(head) + wire.frame(1, b"before") + frame)
        answers.append(await wire.read_frame(reader))

    server = await raw(script)
    watched = watch()
    assert await watched.connect(server.port)
    final = await watched.ended()
    ((opcode, payload),) = answers
    assert opcode == 8
    assert struct.unpack("!H", payload[:2]) == (sent,)
    assert [event.data["text"] for event in watched.of("received")] == ["before"]
    assert final.data["code"] == 1006
    assert final.data["by"] == "client"
    assert final.data["clean"] is False
    assert final.data["received"] is None
    assert final.data["sent"] == {"code": sent, "reason": payload[2:].decode()}
    assert final.data["exception"]["type"] == ERROR
    assert "no close frame received" in final.data["exception"]["message"]
    assert cause[1] in final.data["exception"]["message"]
    if "cause" in final.data["exception"]:  # before websockets 17, one of these has none
        assert final.data["exception"]["cause"]["type"].endswith(cause[0])
        assert cause[1] in final.data["exception"]["cause"]["message"]


async def test_what_does_not_inflate_is_closed_by_the_client(raw: Any, wire: Any, watch: Any) -> None:
    async def script(reader: Any, writer: Any, head: bytes) -> None:
        writer.write(wire.switching(head, "Sec-WebSocket-Extensions: permessage-deflate"))
        writer.write(wire.frame(1, b"\xff\xff\xff\xff", rsv=4))
        await wire.read_frame(reader)

    server = await raw(script)
    watched = watch()
    assert await watched.connect(server.port)
    assert watched.of("open")[0].data["extensions"] == "permessage-deflate"
    final = await watched.ended()
    assert final.data["sent"]["code"] in {1002, 1007}
    assert watched.of("received") == []


@pytest.mark.parametrize("half", [b"", b"\x81\x05he", b"\x01\x02he"])
async def test_a_drop_is_1006_by_nobody(raw: Any, wire: Any, watch: Any, half: bytes) -> None:
    server = await raw(after_101(wire, half, then="hang up"))
    watched = watch()
    assert await watched.connect(server.port)
    final = await watched.ended()
    assert final.kind == "client.closed"
    assert final.data | {"exception": None} == {
        "code": 1006,
        "reason": "",
        "by": None,
        "clean": False,
        "received": None,
        "sent": None,
        "exception": None,
    }
    assert final.data["exception"]["type"] == ERROR
    assert final.data["exception"]["message"] == "no close frame received or sent"
    assert final.summary == "dropped (1006): no close frame"


async def test_a_reset_is_a_drop_with_its_cause(raw: Any, wire: Any, watch: Any) -> None:
    async def script(reader: Any, writer: Any, head: bytes) -> None:
        writer.write(wire.switching(head))
        await wire.read_frame(reader)
        sock = writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()

    server = await raw(script)
    watched = watch()
    assert await watched.connect(server.port)
    assert await watched.client.send_text("go")
    final = await watched.ended()
    assert (final.data["code"], final.data["by"], final.data["clean"]) == (1006, None, False)
    assert final.data["exception"]["message"] == "no close frame received or sent"
    assert final.data["exception"]["cause"]["type"] == "ConnectionResetError"


async def test_a_server_that_closes_but_never_hangs_up_is_not_waited_for(
    raw: Any, wire: Any, watch: Any
) -> None:
    server = await raw(after_101(wire, wire.close(1000, "bye"), then="hold"))
    watched = watch()
    start = time.monotonic()
    assert await watched.connect(server.port, Handshake(close_timeout=0.2))
    final = await watched.ended()
    assert time.monotonic() - start >= 0.2
    assert (final.data["code"], final.data["by"], final.data["clean"]) == (1000, "server", True)
    assert final.data["exception"]["type"] == OK
    assert final.data["exception"]["cause"] == {
        "type": "TimeoutError",
        "message": "timed out while closing connection",
    }


async def test_garbage_from_a_server_that_never_hangs_up_ends_as_well(
    raw: Any, wire: Any, watch: Any
) -> None:
    server = await raw(after_101(wire, b"\xff\xff\xff", then="hold"))
    watched = watch()
    assert await watched.connect(server.port, Handshake(close_timeout=0.2))
    final = await watched.ended()
    assert final.data["sent"]["code"] == 1002


@pytest.mark.parametrize(
    ("code", "reason", "payload", "kind"),
    [
        (1000, "", b"\x03\xe8", OK),
        (1000, "done", b"\x03\xe8done", OK),
        (1001, "", b"\x03\xe9", OK),
        (4999, "Zoë", b"\x13\x87Zo\xc3\xab", ERROR),
        (3000, "x" * 123, b"\x0b\xb8" + b"x" * 123, ERROR),
        (None, "", b"", OK),
    ],
)
async def test_the_client_closes(
    raw: Any, wire: Any, watch: Any, code: int | None, reason: str, payload: bytes, kind: str
) -> None:
    frames: list[tuple[int, bytes]] = []

    async def script(reader: Any, writer: Any, head: bytes) -> None:
        writer.write(wire.switching(head))
        frames.append(await wire.read_frame(reader))
        writer.write(wire.frame(8, frames[0][1]))

    server = await raw(script)
    watched = watch()
    assert await watched.connect(server.port)
    assert await watched.client.close(code, reason)
    (final,) = watched.finals
    assert frames == [(8, payload)]
    (sent,) = watched.of("sent")
    assert sent.data == {
        "type": "close",
        "size": len(payload),
        "hex": payload.hex(),
        "code": code,
        "reason": reason,
    }
    expected = {"code": 1005 if code is None else code, "reason": reason}
    assert final.data["by"] == "client"
    assert final.data["clean"] is True
    assert final.data["sent"] == final.data["received"] == expected
    assert final.data["exception"]["type"] == kind
    assert final.data["exception"]["message"].startswith("sent ")


async def test_the_summaries_of_a_close(library: Any, watch: Any) -> None:
    async def listen(connection: ServerConnection) -> None:
        await connection.wait_closed()

    port = await library(listen)
    watched = watch()
    assert await watched.connect(port)
    assert await watched.client.close(4000, "a\tb")
    assert watched.of("sent")[0].summary == 'close 4000 "a␉b"'
    assert watched.finals[0].summary == 'closed 4000 "a␉b" by the client'
    assert watched.kinds == ["connecting", "open", "sent", "closed"]


@pytest.mark.parametrize(
    ("code", "reason", "kind", "message", "hint"),
    [
        *(
            (
                code,
                "",
                "websockets.exceptions.ProtocolError",
                "invalid status code",
                f"{code} may not be sent",
            )
            for code in (-1, 0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 70_000)
        ),
        (1000, "x" * 124, "websockets.exceptions.ProtocolError", "control frame too long", "124 bytes"),
        (1000, "é" * 62, "websockets.exceptions.ProtocolError", "control frame too long", "124 bytes"),
        (1000, "\ud800", "UnicodeEncodeError", "surrogates not allowed", "not text"),
        (None, "why", "websockets.exceptions.ProtocolError", "cannot send a reason without a code", "code"),
    ],
)
async def test_a_close_that_may_not_be_sent_leaves_the_connection_up(
    library: Any, watch: Any, code: int | None, reason: str, kind: str, message: str, hint: str
) -> None:
    async def echo(connection: ServerConnection) -> None:
        async for text in connection:
            await connection.send(text)

    port = await library(echo)
    watched = watch()
    assert await watched.connect(port)
    assert not await watched.client.close(code, reason)
    (error,) = watched.of("error")
    assert (error.data["type"], error.data["phase"]) == (kind, "open")
    assert message in error.data["message"]
    assert hint in error.data["hint"]
    assert error.data["hint"] in error.summary
    assert watched.client.open
    assert await watched.client.send_text("up")
    await watched.until(1, "received", "text")


async def test_a_close_that_is_not_answered_ends_at_its_limit(raw: Any, wire: Any, watch: Any) -> None:
    server = await raw(after_101(wire, then="hold"))
    watched = watch()
    assert await watched.connect(server.port, Handshake(close_timeout=0.2))
    start = time.monotonic()
    assert await watched.client.close(1000, "bye")
    assert time.monotonic() - start >= 0.2
    (final,) = watched.finals
    assert final.data["code"] == 1006
    assert (final.data["by"], final.data["clean"]) == ("client", False)
    assert final.data["sent"] == {"code": 1000, "reason": "bye"}
    assert final.data["exception"]["message"] == "sent 1000 (OK) bye; no close frame received"
    assert final.data["exception"]["cause"]["type"] == "TimeoutError"
    assert final.summary == 'dropped (1006): our close 1000 "bye" was not answered'


async def test_messages_that_come_during_our_close_are_told(raw: Any, wire: Any, watch: Any) -> None:
    async def script(reader: Any, writer: Any, head: bytes) -> None:
        writer.write(wire.switching(head))
        await wire.read_frame(reader)
        writer.write(wire.frame(1, b"last words") + wire.close(1001))

    server = await raw(script)
    watched = watch()
    assert await watched.connect(server.port)
    assert await watched.client.close(1000)
    assert watched.kinds == ["connecting", "open", "sent", "received", "closed"]
    final = watched.events[-1]
    assert final.data["received"] == {"code": 1001, "reason": ""}
    assert final.data["sent"] == {"code": 1000, "reason": ""}
    assert (final.data["code"], final.data["by"]) == (1001, "client")


async def test_a_server_that_does_not_read_cannot_keep_us(raw: Any, wire: Any, watch: Any) -> None:
    async def script(reader: Any, writer: Any, head: bytes) -> None:
        writer.write(wire.switching(head))
        writer.transport.pause_reading()
        await asyncio.sleep(60)

    server = await raw(script)
    watched = watch()
    assert await watched.connect(server.port, Handshake(close_timeout=0.1, compression=False))
    sending = asyncio.create_task(watched.client.send_binary(b"x" * 40_000_000))
    await watched.until(1, "sent")
    assert not sending.done()
    assert await asyncio.wait_for(watched.client.close(1000), 20)
    assert await asyncio.wait_for(sending, 20) is False
    assert watched.finals[0].data["sent"] == {"code": 1000, "reason": ""}


async def test_closing_twice_at_once_is_one_close(library: Any, watch: Any) -> None:
    async def listen(connection: ServerConnection) -> None:
        await connection.wait_closed()

    port = await library(listen)
    watched = watch()
    assert await watched.connect(port)
    await asyncio.gather(watched.client.close(1000), watched.client.close(4000), watched.client.aclose())
    assert watched.kinds == ["connecting", "open", "sent", "closed"]
