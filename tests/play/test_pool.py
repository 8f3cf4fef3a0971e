import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from wsplay.play import pool as pool_module
from wsplay.play.playground import Playground
from wsplay.play.pool import Pool, core_count, default_size
from wsplay.server.parent.errors import StartError

pytestmark = pytest.mark.slow


class FakePlayground:
    """Stands in for a playground: no process, no port. `made` holds every one of a test."""

    made: list["FakePlayground"]
    #: How many starts succeed; those after it do not.
    startable: int

    def __init__(self, *, engine: str) -> None:
        self.engine = engine
        self.running = False
        self.revived = 0
        self.number = len(self.made)
        self.made.append(self)

    async def start(self) -> None:
        await asyncio.sleep(0)
        if self.number >= self.startable:
            raise StartError("no luck")
        self.running = True

    async def revive(self) -> None:
        self.revived += 1

    async def aclose(self) -> None:
        await asyncio.sleep(0)
        self.running = False


@pytest.fixture(autouse=True)
def fake(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[FakePlayground]]:
    FakePlayground.made = []
    FakePlayground.startable = 1000
    monkeypatch.setattr(pool_module, "Playground", FakePlayground)
    monkeypatch.setattr(pool_module, "core_count", lambda: 2)
    yield FakePlayground
    assert not any(each.running for each in FakePlayground.made), "a playground was left running"


def job(begun: list[int], number: int, turns: int = 3) -> Callable[..., Any]:
    async def work(playground: Playground, post: Callable[[str], None]) -> None:
        begun.append(number)
        for turn in range(turns):
            await asyncio.sleep(0)
            post(f"{number}.{turn}")

    return work


async def read(results: Any) -> list[str]:
    return [item async for item in results]


async def test_results_stand_in_the_order_of_the_work_and_the_longest_begins_first() -> None:
    begun: list[int] = []
    pool = Pool("uvicorn", 2)
    added = [pool.add(job(begun, number), seconds) for number, seconds in enumerate([1.0, 5.0, 0.0, 9.0])]
    async with pool:
        found = [await read(results) for results in added]
    assert found == [[f"{number}.{turn}" for turn in range(3)] for number in range(4)]
    assert begun == [3, 1, 0, 2]


async def test_a_pool_of_one_keeps_the_order() -> None:
    begun: list[int] = []
    pool = Pool("uvicorn", 1)
    added = [pool.add(job(begun, number), seconds) for number, seconds in enumerate([1.0, 5.0, 0.0])]
    async with pool:
        for results in added:
            await read(results)
    assert begun == [0, 1, 2]
    assert len(FakePlayground.made) == 1


async def test_an_item_can_be_read_before_the_work_is_done() -> None:
    go_on = asyncio.Event()

    async def work(playground: Playground, post: Callable[[str], None]) -> None:
        post("first")
        await go_on.wait()
        post("second")

    pool = Pool("uvicorn", 1)
    results = pool.add(work)
    async with pool, asyncio.timeout(10):
        assert await anext(results) == "first"
        go_on.set()
        assert await anext(results) == "second"
        with pytest.raises(StopAsyncIteration):
            await anext(results)


async def test_so_many_run_at_once_and_no_more_than_there_is_work_for() -> None:
    running = most = 0

    async def work(playground: Playground, post: Callable[[str], None]) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.02)
        running -= 1

    for size, count, at_once in ((4, 40, 4), (12, 3, 3)):
        most = 0
        FakePlayground.made = []
        pool = Pool("uvicorn", size)
        added = [pool.add(work) for _ in range(count)]
        async with pool:
            for results in added:
                await read(results)
        assert most == at_once
        assert len(FakePlayground.made) == at_once


async def test_what_one_work_raises_is_raised_with_its_results_and_harms_no_other() -> None:
    async def fails(playground: Playground, post: Callable[[str], None]) -> None:
        post("so far")
        raise LookupError("lost")

    begun: list[int] = []
    pool = Pool("uvicorn", 1)
    bad, good = pool.add(fails), pool.add(job(begun, 1))
    async with pool:
        assert await anext(bad) == "so far"
        with pytest.raises(LookupError, match="lost"):
            await anext(bad)
        assert await read(good) == ["1.0", "1.1", "1.2"]


async def test_every_work_finds_a_server_that_answers(fake: type[FakePlayground]) -> None:
    pool = Pool("uvicorn", 1)
    added = [pool.add(job([], number)) for number in range(3)]
    async with pool:
        for results in added:
            await read(results)
    assert fake.made[0].revived == 3


async def test_where_no_server_starts_that_is_told(fake: type[FakePlayground]) -> None:
    fake.startable = 0
    pool = Pool("uvicorn", 4)
    pool.add(job([], 0))
    with pytest.raises(StartError, match="no luck"):
        async with pool:
            raise AssertionError("it began")


async def test_where_no_more_servers_start_the_first_does_all_the_work(fake: type[FakePlayground]) -> None:
    fake.startable = 1
    pool = Pool("uvicorn", 4)
    added = [pool.add(job([], number)) for number in range(6)]
    async with pool, asyncio.timeout(10):
        for number, results in enumerate(added):
            assert (await read(results))[0] == f"{number}.0"


async def test_leaving_ends_what_still_runs() -> None:
    ended: list[int] = []

    def endless(number: int) -> Callable[..., Any]:
        async def work(playground: Playground, post: Callable[[str], None]) -> None:
            try:
                post("begun")
                await asyncio.sleep(3600)
            finally:
                ended.append(number)

        return work

    pool = Pool("uvicorn", 3)
    added = [pool.add(endless(number)) for number in range(5)]
    async with asyncio.timeout(10):
        async with pool:
            for results in added[:3]:
                await anext(results)
    assert sorted(ended) == [0, 1, 2]
    assert len(asyncio.all_tasks()) == 1


def test_the_size_goes_by_the_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    assert core_count() >= 1
    for cores, size in ((1, 6), (2, 12), (64, 12)):
        monkeypatch.setattr(pool_module, "core_count", lambda cores=cores: cores)
        assert default_size() == size
