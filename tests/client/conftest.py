"""Real servers on ephemeral ports, written by hand where exact bytes matter, and clients that are watched."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import json
import os
import re
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from websockets.asyncio.server import Server, ServerConnection, serve

from wsplay.client.connection import Client
from wsplay.events.event import Event, Lane
from wsplay.events.safe_text import visible
from wsplay.protocol.handshake import Handshake

#: Seconds that anything awaited in a test may take on a busy machine.
PATIENCE = 20.0
GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

Script = Callable[[asyncio.StreamReader, asyncio.StreamWriter, bytes], Awaitable[None]]


class Wire:
    """What a hand-written server says and understands."""

    @staticmethod
    def accept(head: bytes) -> str:
        """Sec-WebSocket-Accept for a request head."""
        match = re.search(rb"(?im)^sec-websocket-key:[ \t]*([^\r\n]*?)[ \t]*\r$", head)
        key = match.group(1) if match else b""
        return base64.b64encode(hashlib.sha1(key + GUID.encode()).digest()).decode()

    @classmethod
    def switching(cls, head: bytes, *extra: str) -> bytes:
        """A right 101 for a request head."""
        lines = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade"]
        lines += [f"Sec-WebSocket-Accept: {cls.accept(head)}", *extra, "", ""]
        return "\r\n".join(lines).encode("latin-1")

    @staticmethod
    def frame(opcode: int, payload: bytes = b"", *, fin: bool = True, rsv: int = 0) -> bytes:
        """An unmasked frame (RFC 6455 section 5.2)."""
        first = (0x80 if fin else 0) | rsv << 4 | opcode
        if len(payload) < 126:
            return struct.pack("!BB", first, len(payload)) + payload
        if len(payload) < 65_536:
            return struct.pack("!BBH", first, 126, len(payload)) + payload
        return struct.pack("!BBQ", first, 127, len(payload)) + payload

    @classmethod
    def close(cls, code: int, reason: str = "") -> bytes:
        return cls.frame(8, struct.pack("!H", code) + reason.encode())

    @staticmethod
    async def read_frame(reader: asyncio.StreamReader) -> tuple[int, bytes]:
        """The opcode and the unmasked payload of the client's next frame."""
        first, second = await reader.readexactly(2)
        assert second & 0x80, "a client must mask"
        length = second & 0x7F
        if length == 126:
            (length,) = struct.unpack("!H", await reader.readexactly(2))
        elif length == 127:
            (length,) = struct.unpack("!Q", await reader.readexactly(8))
        mask = await reader.readexactly(4)
        payload = await reader.readexactly(length)
        return first & 0x0F, bytes(byte ^ mask[place % 4] for place, byte in enumerate(payload))


class RawServer:
    """Reads one request head a connection, then follows the script."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.heads: list[bytes] = []
        self.connections = 0
        self.hung_up = asyncio.Event()
        self.failures: list[BaseException] = []

    async def start(self, host: str = "127.0.0.1") -> None:
        self.server = await asyncio.start_server(self._serve, host, 0, limit=2**20)
        self.port: int = self.server.sockets[0].getsockname()[1]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
                head = await reader.readuntil(b"\r\n\r\n")
                self.heads.append(head)
                await self.script(reader, writer, head)
        except asyncio.CancelledError:
            pass
        except BaseException as exc:
            self.failures.append(exc)
            raise
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()
            self.hung_up.set()


class Watched:
    """A client, its events, and what must hold of them."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.local_port: int | None = None
        self.client = Client(self._see, self._number)
        self.connect_calls = 0

    def _number(self, local_port: int) -> int:
        self.local_port = local_port
        return 7

    def _see(self, event: Event) -> None:
        assert event.lane is Lane.CLIENT
        assert event.summary == visible(event.summary)
        assert event.t_ns >= max((seen.t_ns for seen in self.events[-1:]), default=0)
        self.events.append(event)

    async def connect(self, port: int, handshake: Handshake | None = None, host: str = "127.0.0.1") -> bool:
        self.connect_calls += 1
        return await asyncio.wait_for(
            self.client.connect(host, port, handshake or Handshake()), timeout=PATIENCE
        )

    async def ended(self) -> Event:
        """The final event, waited for."""
        await asyncio.wait_for(self.client.closed.wait(), PATIENCE)
        (final,) = self.finals
        return final

    @property
    def finals(self) -> list[Event]:
        return [
            event
            for event in self.events
            if event.kind == "client.closed"
            or (event.kind == "client.error" and event.data["phase"] != "open")
        ]

    @property
    def kinds(self) -> list[str]:
        return [event.kind.removeprefix("client.") for event in self.events]

    def of(self, kind: str, of_type: str | None = None) -> list[Event]:
        return [
            event
            for event in self.events
            if event.kind == f"client.{kind}" and of_type in (None, event.data.get("type"))
        ]

    async def until(self, count: int, kind: str, of_type: str | None = None) -> list[Event]:
        """Wait for `count` events of that kind."""
        async with asyncio.timeout(PATIENCE):
            while len(found := self.of(kind, of_type)) < count:
                await asyncio.sleep(0.005)
        return found

    def check(self) -> None:
        assert len(self.finals) == min(self.connect_calls, 1)
        if self.finals:
            after = self.events[self.events.index(self.finals[0]) + 1 :]
            assert all(event.kind == "client.error" for event in after)
        for event in self.events:
            json.dumps(event.to_json(0), allow_nan=False)
            assert event.conn == self.client.conn


@pytest.fixture
def wire() -> type[Wire]:
    return Wire


@pytest.fixture
async def raw() -> AsyncIterator[Callable[..., Awaitable[RawServer]]]:
    """Start a hand-written server: `await raw(script)`."""
    servers: list[RawServer] = []

    async def start(script: Script, host: str = "127.0.0.1") -> RawServer:
        server = RawServer(script)
        await server.start(host)
        servers.append(server)
        return server

    yield start
    for server in servers:
        server.server.close()
    await _end_tasks()
    for server in servers:
        assert server.failures == []


@pytest.fixture
async def library() -> AsyncIterator[Callable[..., Awaitable[int]]]:
    """Start a server of the websockets library: `port = await library(handler)`."""
    servers: list[Server] = []

    async def start(handler: Callable[[ServerConnection], Awaitable[None]], **options: Any) -> int:
        server = await serve(handler, "127.0.0.1", 0, max_size=None, ping_interval=None, **options)
        servers.append(server)
        port: int = server.sockets[0].getsockname()[1]
        return port

    yield start
    for server in servers:
        server.close()
        await asyncio.wait_for(server.wait_closed(), PATIENCE)


@pytest.fixture
async def watch(raw: object, library: object) -> AsyncIterator[Callable[[], Watched]]:
    """Make a client that is watched, left at the end, and checked: one final event, printable, JSON-able."""
    clients: list[Watched] = []

    def make() -> Watched:
        clients.append(Watched())
        return clients[-1]

    yield make
    for watched in clients:
        await asyncio.wait_for(watched.client.aclose(limit=0.2), PATIENCE)
        watched.check()


@pytest.fixture
def sockets_open() -> Callable[[], int]:
    """Count this process's sockets."""

    def count() -> int:
        links = []
        for fd in os.listdir("/proc/self/fd"):
            with contextlib.suppress(OSError):
                links.append(os.readlink(f"/proc/self/fd/{fd}"))
        return sum(link.startswith("socket:") for link in links)

    if not os.path.isdir("/proc/self/fd"):
        pytest.skip("needs /proc")
    return count


@pytest.fixture
def free_port() -> int:
    """A port where nothing listens."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
    return port


async def _end_tasks() -> None:
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks, timeout=PATIENCE)
