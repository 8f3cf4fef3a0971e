"""A real child, and raw sockets to talk to it."""

from __future__ import annotations

import asyncio
import textwrap
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from wsplay.events.event import Event
from wsplay.server.ipc import LoadDone
from wsplay.server.parent.process import ServerProcess

#: Seconds that anything is waited for. Only a failing test waits this long.
PATIENCE = 20.0

HEAD = (
    "Host: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
)


@dataclass
class Raw:
    """A client that is nothing but a socket."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    port: int

    async def head(self) -> str:
        """The head of one HTTP response."""
        async with asyncio.timeout(PATIENCE):
            return (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1")

    async def rest(self) -> bytes:
        """Everything up to the end of the stream."""
        async with asyncio.timeout(PATIENCE):
            return await self.reader.read()

    async def frame(self) -> tuple[int, bytes] | None:
        """The next frame's opcode and payload (short frames only); None at the end of the stream."""
        async with asyncio.timeout(PATIENCE):
            first = await self.reader.read(2)
            if len(first) < 2:
                return None
            return first[0] & 0x0F, await self.reader.readexactly(first[1] & 0x7F)

    async def send(self, opcode: int, payload: bytes) -> None:
        """One masked frame (with a mask of zeros)."""
        self.writer.write(bytes((0x80 | opcode, 0x80 | len(payload))) + b"\0\0\0\0" + payload)
        await self.writer.drain()

    async def aclose(self) -> None:
        self.writer.close()
        with suppress(ConnectionError):
            await self.writer.wait_closed()


@dataclass
class Rig:
    """A server process, all it reported, and its clients."""

    folder: Path
    events: list[tuple[Event, int | None]] = field(default_factory=list)
    server: ServerProcess = field(init=False)
    clients: list[Raw] = field(default_factory=list)

    def on_event(self, event: Event, port: int | None) -> None:
        self.events.append((event, port))

    def of(self, kind: str, **data: Any) -> list[Event]:
        """The events of a kind whose data has these values."""
        return [
            event
            for event, _ in self.events
            if event.kind == kind and all(event.data.get(key) == value for key, value in data.items())
        ]

    def on(self, port: int) -> list[Event]:
        """The ASGI events of the connection from `port`."""
        return [event for event, seen in self.events if seen == port]

    def texts(self) -> list[str]:
        return [str(event.data["text"]) for event in self.of("server.print")]

    async def load(self, source: str, name: str = "probe", **more: Any) -> LoadDone:
        return await self.server.load(name, self.folder / f"{name}.py", textwrap.dedent(source), **more)

    async def endpoint(self, body: str, *, before: str = "", name: str = "probe") -> LoadDone:
        """Load an app whose endpoint has this body; its first line is line `FIRST`."""
        return await self.load(endpoint_source(body, before), name)

    async def until(self, true: Callable[[], object]) -> None:
        end = time.monotonic() + PATIENCE
        while not true():
            assert time.monotonic() < end, [event.summary for event, _ in self.events]
            await asyncio.sleep(0.01)

    async def connect(self, target: str = "/ws", headers: str = "", head: str = HEAD) -> Raw:
        """Send a handshake."""
        reader, writer = await asyncio.open_connection(*self.server.address)
        writer.write(f"GET {target} HTTP/1.1\r\n{head}{headers}\r\n".encode("latin-1"))
        raw = Raw(reader, writer, writer.get_extra_info("sockname")[1])
        self.clients.append(raw)
        return raw

    async def settled(self, port: int) -> list[Event]:
        """The connection's events once its app has ended."""
        await self.until(lambda: any(e.kind in ("asgi.returned", "asgi.raised") for e in self.on(port)))
        assert await self.server.sync(PATIENCE)
        return self.on(port)


#: The line of the first statement of `endpoint_source`'s endpoint.
FIRST = 9


def endpoint_source(body: str, before: str = "") -> str:
    lines = "\n".join("    " + line for line in textwrap.dedent(body).strip().splitlines())
    return (
        "import asyncio, ctypes, logging, os, signal, subprocess, sys, time\n"
        "from typing import Annotated\n"
        "from fastapi import FastAPI, Header, HTTPException, WebSocket, WebSocketException\n"
        "from fastapi.responses import JSONResponse\n"
        "app = FastAPI()\n"
        f"{before}\n"
        '@app.websocket("/ws")\n'
        f"async def endpoint(websocket: WebSocket):\n{lines}\n"
    )


@asynccontextmanager
async def running(folder: Path, engine: str = "uvicorn", start: bool = True) -> AsyncIterator[Rig]:
    rig = Rig(folder)
    rig.server = ServerProcess(rig.on_event, engine=engine)
    try:
        if start:
            await rig.server.start()
        yield rig
    finally:
        for client in rig.clients:
            await client.aclose()
        await rig.server.aclose()


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[Rig]:
    """A started child of the default engine with nothing loaded."""
    async with running(tmp_path) as made:
        yield made


@pytest.fixture
def make_rig(tmp_path: Path) -> Callable[..., Any]:
    """`async with make_rig(engine=..., start=...) as rig`."""
    return lambda engine="uvicorn", start=True: running(tmp_path, engine, start)


@pytest.fixture(scope="module")
def make_module_rig(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Any]:
    """As `make_rig`, for one child that serves all tests of a module."""
    return lambda engine: running(tmp_path_factory.mktemp("scenarios"), engine)


@pytest.fixture(scope="session")
def first_line() -> int:
    """The line of an endpoint's first statement."""
    return FIRST
