"""A child that does not respond: its loop is blocked, its process is stopped, or only its parent is slow."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from typing import Any

import pytest

from wsplay.events.event import Event, Source
from wsplay.server.parent.errors import StalledError

pytestmark = pytest.mark.slow


async def test_a_blocking_endpoint_is_reported_with_its_line(rig: Any, first_line: int) -> None:
    await rig.endpoint("await websocket.accept()\ntime.sleep(1.5)\nawait websocket.close()")
    await rig.connect()
    await rig.until(lambda: rig.of("server.stalled"))
    event: Event = rig.of("server.stalled")[0]
    assert event.source == Source("probe.py", first_line + 1, "endpoint")
    assert event.data["seconds"] >= 0.4
    assert event.data["frames"][-1]["code"] == "time.sleep(1.5)"
    assert rig.server.stalled
    assert await rig.server.sync(0.05) is False
    await rig.until(lambda: rig.of("note", why="recovered"))
    assert rig.of("note", why="recovered")[0].data["seconds"] >= 0.9
    assert not rig.server.stalled
    assert len(rig.of("server.stalled")) == 1
    assert await rig.server.sync(20)


async def test_a_loop_that_is_blocked_for_good(rig: Any) -> None:
    await rig.endpoint("while True: pass")
    await rig.connect()
    await rig.until(lambda: rig.of("server.stalled"))
    with pytest.raises(StalledError, match=r"probe\.py"):
        await rig.load("async def app(scope, receive, send): ...", "next", limit=0.3)
    assert rig.of("note", why="load failed")
    start = time.monotonic()
    await rig.server.restart()
    assert time.monotonic() - start < 15
    await rig.endpoint("await websocket.close()")
    await rig.server.aclose()
    assert [e.data["expected"] for e in rig.of("server.exited")] == [True, True]


async def test_a_stopped_process_is_noticed_from_outside(rig: Any) -> None:
    os.kill(rig.server.pid, signal.SIGSTOP)
    await rig.until(lambda: rig.of("server.stalled"))
    assert rig.of("server.stalled")[0].source is None
    assert "frames" not in rig.of("server.stalled")[0].data
    os.kill(rig.server.pid, signal.SIGCONT)
    await rig.until(lambda: rig.of("note", why="recovered"))
    assert not rig.server.stalled
    assert len(rig.of("server.stalled")) == 1
    os.kill(rig.server.pid, signal.SIGSTOP)
    await rig.server.aclose(limit=0.3)
    assert rig.of("server.exited")[0].data["signal"] == "SIGKILL"


async def test_our_own_slowness_is_no_stall_of_the_child(rig: Any) -> None:
    for _ in range(3):
        time.sleep(1.3)  # noqa: ASYNC251 - the parent's loop is to be slow here
        await asyncio.sleep(0.05)
    await asyncio.sleep(0.5)
    assert await rig.server.sync(20)
    assert not rig.of("server.stalled")
