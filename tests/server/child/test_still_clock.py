"""The child's loop: its time stands still, its sockets and callbacks go on."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections.abc import Awaitable, Callable

from wsplay.server.child.still_clock import StillLoop


def run(main: Callable[[StillLoop], Awaitable[None]]) -> None:
    async def body() -> None:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, StillLoop)
        async with asyncio.timeout(20):
            await main(loop)

    with asyncio.Runner(loop_factory=StillLoop) as runner:
        runner.run(body())


def test_until_it_stops_the_loop_is_asyncio_s_own() -> None:
    async def main(loop: StillLoop) -> None:
        assert "time" not in vars(loop)
        assert "select" not in vars(loop._select)
        assert abs(loop.time() - time.monotonic()) < 1

    run(main)


def test_no_timer_fires_while_time_stands_still() -> None:
    async def main(loop: StillLoop) -> None:
        fired = asyncio.Event()
        loop.call_later(0.001, fired.set)
        before = loop.time()
        loop.stop_time()
        loop.stop_time()  # already
        await in_a_thread(loop, lambda: time.sleep(0.02))
        assert loop.still
        assert not fired.is_set()
        assert loop.time() - before < 0.01
        loop.let_time_go_on()
        loop.let_time_go_on()  # already
        await fired.wait()
        assert not loop.still
        assert loop.time() - before < time.monotonic() - before - 0.015

    run(main)


def test_time_that_was_lost_stays_lost_after_several_stops() -> None:
    async def main(loop: StillLoop) -> None:
        lost = time.monotonic() - loop.time()
        for _ in range(3):
            loop.stop_time()
            await in_a_thread(loop, lambda: time.sleep(0.01))
            loop.let_time_go_on()
            assert "select" not in vars(loop._select)
            before, lost = lost, time.monotonic() - loop.time()
            assert lost >= before + 0.009

    run(main)


def test_an_app_s_own_time_limit_stands_still() -> None:
    async def main(loop: StillLoop) -> None:
        reading, writing = os.pipe()
        read: asyncio.Future[bytes] = loop.create_future()
        loop.add_reader(reading, lambda: read.set_result(os.read(reading, 10)))

        def write() -> None:
            time.sleep(0.05)
            os.write(writing, b"late")

        async with asyncio.timeout(0.01):
            loop.stop_time()
            threading.Thread(target=write).start()
            assert await read == b"late", "sockets go on"
            loop.let_time_go_on()
        loop.remove_reader(reading)
        os.close(reading)
        os.close(writing)

    run(main)


def test_a_loop_that_stands_still_does_not_spin() -> None:
    async def main(loop: StillLoop) -> None:
        turns = 0
        select = loop._select.select

        def counted(timeout: float | None = None) -> list[object]:
            nonlocal turns
            turns += 1
            return select(timeout)  # type: ignore[return-value]

        loop._select.select = counted  # type: ignore[method-assign,assignment]
        loop.call_later(0.0005, lambda: None)
        loop.stop_time()
        before = turns
        await in_a_thread(loop, lambda: time.sleep(0.1))
        assert turns - before < 10
        loop.let_time_go_on()

    run(main)


async def in_a_thread(loop: StillLoop, work: Callable[[], None]) -> None:
    """Let a thread do `work` while the loop runs."""
    done = asyncio.Event()

    def body() -> None:
        work()
        loop.call_soon_threadsafe(done.set)

    threading.Thread(target=body).start()
    await done.wait()
