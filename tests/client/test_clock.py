import asyncio
from collections.abc import Awaitable, Callable

import pytest

from wsplay.client.clock import Clock


class Loop(asyncio.SelectorEventLoop):
    """A loop whose time goes on only when a test says so."""

    now = 100.0

    def time(self) -> float:
        return self.now


def run(main: Callable[[Loop, Clock], Awaitable[None]]) -> None:
    """Run `main(loop, clock)` on a loop whose time stands still."""

    async def body() -> None:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, Loop)
        await main(loop, Clock())

    with asyncio.Runner(loop_factory=Loop) as runner:
        runner.run(body())


async def turns() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def ended(clock: Clock, seconds: float) -> str:
    try:
        async with clock.timeout(seconds):
            await asyncio.get_running_loop().create_future()
    except TimeoutError:
        return "ran out"
    return "never"


def test_its_time_leaves_out_what_it_stood_still() -> None:
    async def main(loop: Loop, clock: Clock) -> None:
        start = clock.time()
        loop.now += 1
        clock.stop()
        loop.now += 10
        assert clock.still
        assert clock.time() - start == 1
        clock.stop()  # already
        loop.now += 10
        clock.go_on()
        clock.go_on()  # already
        loop.now += 2
        assert clock.time() - start == 3
        assert not clock.still

    run(main)


def test_a_limit_has_as_long_as_it_had_when_the_clock_stopped() -> None:
    async def main(loop: Loop, clock: Clock) -> None:
        task = asyncio.ensure_future(ended(clock, 5))
        await turns()
        loop.now += 4
        clock.stop()
        loop.now += 1000
        await turns()
        assert not task.done()
        clock.go_on()
        loop.now += 0.5
        await turns()
        assert not task.done()
        loop.now += 0.6
        await turns()
        assert await task == "ran out"

    run(main)


def test_a_limit_set_while_it_stands_still_begins_when_it_goes_on() -> None:
    async def main(loop: Loop, clock: Clock) -> None:
        clock.stop()
        task = asyncio.ensure_future(ended(clock, 5))
        await turns()
        loop.now += 1000
        await turns()
        assert not task.done()
        clock.go_on()
        loop.now += 6
        await turns()
        assert await task == "ran out"

    run(main)


def test_a_limit_that_is_ended_on_purpose_meanwhile_is_not_given_its_time_back() -> None:
    async def main(loop: Loop, clock: Clock) -> None:
        async def wait() -> None:
            async with clock.timeout(5) as limit:
                limits.append(limit)
                await asyncio.get_running_loop().create_future()

        limits: list[asyncio.Timeout] = []
        task = asyncio.ensure_future(wait())
        await turns()
        clock.stop()
        limits[0].reschedule(loop.time())
        clock.go_on()
        with pytest.raises(TimeoutError):
            await task

    run(main)


def test_a_limit_that_was_kept_is_forgotten() -> None:
    async def main(loop: Loop, clock: Clock) -> None:
        async with clock.timeout(5):
            clock.stop()
        clock.go_on()
        clock.stop()
        await turns()

    run(main)


def test_who_waits_until_it_goes_on_is_woken() -> None:
    async def main(loop: Loop, clock: Clock) -> None:
        await clock.goes()
        clock.stop()
        waits = asyncio.ensure_future(clock.goes())
        sleeps = asyncio.ensure_future(clock.sleep(3))
        await turns()
        loop.now += 10
        await turns()
        assert not waits.done()
        assert not sleeps.done()
        clock.go_on()
        await waits
        loop.now += 3.1
        await sleeps

    run(main)
