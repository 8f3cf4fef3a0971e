"""The playground lent for one piece of work: what goes where, and that all is as before afterwards."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from wsplay.events.event import Event, Lane
from wsplay.scenario.challenge_table import ChallengeError
from wsplay.scenario.file import Scenario, parse_scenario
from wsplay.server.parent.errors import LoadError
from wsplay.tui.background.job import Job, JobEnded, RunBegan
from wsplay.tui.background.proxy import Loaded, NotLoaded, PlaygroundProxy


def scenario(name: str) -> Scenario:
    return parse_scenario(name, f"/scenarios/{name}.py", "app = None\n")


MINE, LENT = scenario("mine"), scenario("lent")


class Bench:
    """A remote over a playground that plays, and both queues."""

    def __init__(self, proxy: PlaygroundProxy, fake: Any) -> None:
        self.proxy, self.fake = proxy, fake
        self.main: list[object] = []
        self.lent: list[object] = []
        self.job: Job | None = None

    def until(self, true: Callable[[], object]) -> None:
        deadline = time.monotonic() + 20
        while not true():
            self.main += self.proxy.drain(1000)
            if self.job is not None:
                self.lent += self.job.drain()
            assert time.monotonic() < deadline, (self.main, self.lent)
            time.sleep(0.005)

    def run_job(self, work: Any) -> None:
        self.job = Job("a test", work)
        self.proxy.run_job(self.job)

    @property
    def over(self) -> JobEnded | None:
        return next((item for item in self.lent if isinstance(item, JobEnded)), None)

    def kinds(self, items: list[object]) -> list[str]:
        return [item.kind for item in items if isinstance(item, Event)]


@pytest.fixture
def bench(fake_engine: Any) -> Iterator[Bench]:
    fake_engine.prepare = lambda playground: setattr(playground, "run_start_ns", 1)
    proxy = PlaygroundProxy(fake_engine, engine="uvicorn")
    bench = Bench(proxy, fake_engine)
    proxy.start(MINE)
    bench.until(lambda: any(isinstance(item, Loaded) for item in bench.main))
    bench.main.clear()
    yield bench
    assert proxy.stop(10)


def test_events_go_to_the_loan_alone_and_what_was_loaded_is_loaded_again(bench: Bench) -> None:
    async def work(playground: Any, job: Job) -> None:
        await playground.load(LENT)
        playground.run_start_ns = 2
        playground.say(1, Lane.CLIENT, "client.connecting", "connecting", conn=1)
        job.post("done")

    bench.run_job(work)
    bench.until(lambda: bench.over)
    assert bench.over == JobEnded()
    began = [item for item in bench.lent if isinstance(item, RunBegan)]
    assert began == [RunBegan(2)]
    assert bench.lent.index(began[0]) < bench.lent.index("done")
    assert bench.kinds(bench.lent) == ["client.connecting"]
    assert bench.kinds(bench.main) == []
    assert bench.fake.playground.calls[-2:] == [("load", "lent"), ("load", "mine")]


def test_how_the_server_is_concerns_both(bench: Bench) -> None:
    async def work(playground: Any, job: Job) -> None:
        playground.say(1, Lane.SERVER, "server.exited", "exited", data={"code": 1, "expected": False})
        playground.say(2, Lane.SERVER, "server.log", "INFO")
        playground.alive = False

    bench.run_job(work)
    bench.until(lambda: bench.over)
    bench.until(lambda: bench.kinds(bench.main))
    assert bench.kinds(bench.main) == ["server.exited"]
    assert bench.kinds(bench.lent) == ["server.exited", "server.log"]
    assert bench.fake.playground.calls == [("load", "mine")]  # a dead server is not asked to load


def test_the_main_screen_s_run_goes_on_with_its_own_numbers(bench: Bench) -> None:
    playground = bench.fake.playground
    playground.say(1, Lane.CLIENT, "client.connecting", "connecting", conn=1)

    async def work(playground: Any, job: Job) -> None:
        playground.say(1, Lane.WIRE, "wire.connected", "connected", conn=1)
        playground.say(2, Lane.SERVER, "server.stalled", "stalled")

    bench.run_job(work)
    bench.until(lambda: bench.over)
    playground.say(3, Lane.WIRE, "wire.connected", "connected", conn=2)
    bench.until(lambda: len(bench.kinds(bench.main)) == 3)
    before = playground.run.events - 3
    assert [item.seq - before for item in bench.main if isinstance(item, Event)] == [1, 2, 3]
    assert [item.seq for item in bench.lent if isinstance(item, Event)] == [1, 2]


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ChallengeError("no such design"), "no such design"),
        (LoadError("lent", "/x/lent.py", "boom", line=3), "lent.py, line 3: boom"),
        (ZeroDivisionError("oh"), "builtins.ZeroDivisionError: oh"),
    ],
)
def test_what_goes_wrong_is_told_in_words(bench: Bench, error: Exception, words: str) -> None:
    async def work(playground: Any, job: Job) -> None:
        raise error

    bench.run_job(work)
    bench.until(lambda: bench.over)
    assert bench.over == JobEnded(words)
    assert bench.fake.playground.calls[-1] == ("load", "mine")


def test_it_can_be_cancelled_and_all_is_as_before(bench: Bench) -> None:
    async def work(playground: Any, job: Job) -> None:
        await playground.load(LENT)
        job.post("waiting")
        await asyncio.sleep(60)

    bench.run_job(work)
    bench.until(lambda: "waiting" in bench.lent)
    assert bench.job is not None
    bench.job.cancel()
    bench.until(lambda: bench.over)
    assert bench.over == JobEnded(cancelled=True)
    assert bench.fake.playground.calls[-1] == ("load", "mine")


def test_one_cancelled_before_its_turn_does_nothing(bench: Bench) -> None:
    async def long(playground: Any, job: Job) -> None:
        await asyncio.sleep(0.3)

    async def never(playground: Any, job: Job) -> None:
        raise AssertionError("it was cancelled")

    first = Job("first", long)
    bench.proxy.run_job(first)
    bench.run_job(never)
    assert bench.job is not None
    bench.job.cancel()
    bench.until(lambda: bench.over)
    assert bench.over == JobEnded(cancelled=True)


def test_a_scenario_that_loads_no_more_is_told_of(bench: Bench) -> None:
    async def work(playground: Any, job: Job) -> None:
        playground.fail_load = LoadError("mine", "/x/mine.py", "gone")

    bench.run_job(work)
    bench.until(lambda: bench.over)
    bench.until(lambda: any(isinstance(item, NotLoaded) for item in bench.main))


def test_without_a_server_it_says_so(fake_engine: Any) -> None:
    proxy = PlaygroundProxy(fake_engine, engine="uvicorn")

    async def work(playground: Any, job: Job) -> None:
        raise AssertionError("there is no server")

    job = Job("early", work)
    proxy.run_job(job)
    assert job.drain() == [JobEnded("the server has not been started")]
    proxy.stop()


def test_a_loan_under_way_does_not_hold_up_the_end(bench: Bench) -> None:
    async def work(playground: Any, job: Job) -> None:
        job.post("waiting")
        await asyncio.sleep(60)

    bench.run_job(work)
    bench.until(lambda: "waiting" in bench.lent)
    began = time.monotonic()
    assert bench.proxy.stop(10)
    assert time.monotonic() - began < 8
