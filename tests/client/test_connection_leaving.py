"""Leaving, at any time and in any state."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from wsplay.protocol.handshake import Handshake


def says_goodbye(wire: Any) -> Any:
    """A server that accepts, and answers the first frame with a close frame of the same payload."""

    async def script(reader: Any, writer: Any, head: bytes) -> None:
        writer.write(wire.switching(head))
        _, payload = await wire.read_frame(reader)
        writer.write(wire.frame(8, payload))

    return script


@pytest.fixture
def full_port() -> Iterator[int]:
    """A port whose listener takes no more connections: the next one's SYN gets no answer."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        address = listener.getsockname()
        for _ in range(8):
            sock = stack.enter_context(socket.socket())
            sock.settimeout(0.2)
            try:
                sock.connect(address)
            except TimeoutError:
                break
        else:
            pytest.skip("this system takes connections beyond the backlog")
        yield address[1]


async def test_a_tcp_connection_that_is_not_answered(watch: Any, full_port: int) -> None:
    watched = watch()
    assert not await watched.connect(full_port, Handshake(open_timeout=0.2))
    assert watched.events[-1].data == {
        "type": "TimeoutError",
        "message": "timed out while connecting: no TCP connection within 0.2 s",
        "phase": "connect",
        "timeout": True,
    }


async def test_cancelled_while_connecting(
    watch: Any, full_port: int, sockets_open: Callable[[], int]
) -> None:
    before = sockets_open()
    watched = watch()
    task = asyncio.create_task(watched.connect(full_port))
    await watched.until(1, "connecting")
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert watched.events[-1].data == {
        "type": "asyncio.CancelledError",
        "message": "cancelled while connecting",
        "phase": "connect",
        "cancelled": True,
    }
    assert sockets_open() == before


async def test_cancelled_during_the_handshake(raw: Any, watch: Any) -> None:
    async def script(reader: Any, writer: Any, head: bytes) -> None:
        await reader.read()

    server = await raw(script)
    watched = watch()
    task = asyncio.create_task(watched.connect(server.port))
    async with asyncio.timeout(20):
        while not server.heads:
            await asyncio.sleep(0.005)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    error = watched.events[-1]
    assert (error.data["type"], error.data["phase"]) == ("asyncio.CancelledError", "handshake")
    assert error.data["message"] == "cancelled during the opening handshake"
    await asyncio.wait_for(server.hung_up.wait(), 20)


@pytest.mark.parametrize("leave", ["cancel", "aclose"])
async def test_leaving_after_any_number_of_steps_leaks_nothing(
    raw: Any, wire: Any, watch: Any, sockets_open: Callable[[], int], leave: str
) -> None:
    server = await raw(says_goodbye(wire))
    before, tasks = sockets_open(), asyncio.all_tasks()
    opened = 0
    for steps in range(40):
        watched = watch()
        task = asyncio.create_task(watched.client.connect("127.0.0.1", server.port, Handshake()))
        for _ in range(steps):
            await asyncio.sleep(0)
        if leave == "cancel" and not task.done():
            task.cancel()
            await asyncio.wait([task])
            if steps == 0:
                assert watched.events == []  # it had not begun
            elif task.cancelled():
                assert watched.events[-1].data["cancelled"] is True
        elif leave == "aclose":
            await asyncio.wait_for(watched.client.aclose(limit=0.2), 20)
            await asyncio.wait([task])
            assert task.result() is ("open" in watched.kinds)
            watched.connect_calls = 1
        if not task.cancelled() and task.result():
            opened += 1
            await asyncio.wait_for(watched.client.aclose(limit=0.2), 20)
        if watched.events:
            watched.connect_calls = 1
            watched.check()
    assert 0 < opened < 40
    async with asyncio.timeout(20):
        while sockets_open() > before or asyncio.all_tasks() - tasks:
            await asyncio.sleep(0.01)


async def test_aclose_before_anything(watch: Any, free_port: int) -> None:
    watched = watch()
    await watched.client.aclose()
    assert watched.client.closed.is_set()
    assert not await watched.connect(free_port)
    assert watched.events[-1].data["cancelled"] is True


async def test_aclose_when_open_says_goodbye(raw: Any, wire: Any, watch: Any) -> None:
    server = await raw(says_goodbye(wire))
    watched = watch()
    assert await watched.connect(server.port)
    await watched.client.aclose()
    assert watched.kinds == ["connecting", "open", "sent", "closed"]
    assert watched.events[-1].data["clean"] is True
    await watched.client.aclose()
    assert watched.kinds == ["connecting", "open", "sent", "closed"]


async def test_aclose_that_is_cancelled_can_be_called_again(raw: Any, wire: Any, watch: Any) -> None:
    """Also while it waits for the end of reading."""

    server = await raw(says_goodbye(wire))
    watched = watch()
    assert await watched.connect(server.port)
    assert await watched.client.close()
    reading = watched.client._reader = asyncio.create_task(asyncio.sleep(0.05))
    task = asyncio.create_task(watched.client.aclose())
    await asyncio.sleep(0)
    assert task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()
    await asyncio.wait_for(watched.client.aclose(), 20)
    assert reading.done()
    assert not reading.cancelled()


async def test_aclose_has_a_limit(raw: Any, wire: Any, watch: Any) -> None:
    async def script(reader: Any, writer: Any, head: bytes) -> None:
        writer.write(wire.switching(head))
        await reader.read()

    server = await raw(script)
    watched = watch()
    assert await watched.connect(server.port, Handshake(close_timeout=600))
    start = time.monotonic()
    await asyncio.wait_for(watched.client.aclose(limit=0.2), 20)
    assert time.monotonic() - start >= 0.2
    assert watched.kinds == ["connecting", "open", "sent", "closed"]
    assert watched.events[-1].data["by"] == "client"
    await asyncio.wait_for(server.hung_up.wait(), 20)


async def test_the_loops_end_is_told_as_well(raw: Any, wire: Any, watch: Any) -> None:
    async def script(reader: Any, writer: Any, head: bytes) -> None:
        writer.write(wire.switching(head))
        await reader.read()

    server = await raw(script)
    watched = watch()
    assert await watched.connect(server.port)
    reader = watched.client._reader
    reader.cancel()  # as asyncio.run() does with what still runs
    await asyncio.wait([reader])
    final = await watched.ended()
    assert final.kind == "client.closed"
    assert (final.data["code"], final.data["exception"]["type"]) == (1006, "asyncio.CancelledError")
    await asyncio.wait_for(server.hung_up.wait(), 20)
    watched.client._reader = None
