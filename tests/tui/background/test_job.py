"""A job has the playground to itself: what goes where, and that all is as before afterwards."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from wsplay.challenge.grading import ChallengeError
from wsplay.events.event import Event, Lane
from wsplay.scenario.file import Scenario, parse_scenario
from wsplay.server.parent.errors import LoadError
from wsplay.tui.background.job import Job, JobEnded
from wsplay.tui.background.messages import CancelJob, Load, Loaded, NotLoaded, RunBegan
from wsplay.tui.background.proxy import PlaygroundProxy


def scenario(name: str) -> Scenario:
    return parse_scenario(name, f"/scenarios/{name}.py", "app = None\n")


MINE, OTHER = scenario("mine"), scenario("other")


class Bench:
    """A proxy over a playground that plays, what the main screen gets and what the job gets."""

    def __init__(self, proxy: PlaygroundProxy, fake: Any) -> None:
        self.proxy, self.fake = proxy, fake
        self.main: list[object] = []
        self.items: list[object] = []  # the job's
        self.drawn: list[int] = []  # how many of them there were each time it was to draw
        self.job: Job | None = None

    def until(self, true: Callable[[], object]) -> None:
        deadline = time.monotonic() + 20
        while not true():
            self.proxy.hand_out(self.main.append)
            assert time.monotonic() < deadline, (self.main, self.items)
            time.sleep(0.005)

    def run_job(self, work: Any) -> None:
        self.job = Job("a test", work)
        self.proxy.run_job(self.job, self.items.append, lambda: self.drawn.append(len(self.items)))

    def cancel(self) -> None:
        assert self.job is not None
        self.proxy.ask(CancelJob(self.job))

    @property
    def ended(self) -> JobEnded | None:
        return next((item for item in self.items if isinstance(item, JobEnded)), None)

    def kinds(self, items: list[object]) -> list[str]:
        return [item.kind for item in items if isinstance(item, Event)]


@pytest.fixture
def bench(fake_playgrounds: Any) -> Iterator[Bench]:
    fake_playgrounds.prepare = lambda playground: setattr(playground, "run_start_ns", 1)
    proxy = PlaygroundProxy(fake_playgrounds, engine="uvicorn")
    bench = Bench(proxy, fake_playgrounds)
    proxy.start(MINE)
    bench.until(lambda: any(isinstance(item, Loaded) for item in bench.main))
    bench.main.clear()
    yield bench
    assert proxy.stop(10)


def test_events_go_to_the_job_alone_and_what_was_loaded_is_loaded_again(bench: Bench) -> None:
    async def work(playground: Any, job: Job) -> None:
        await playground.load(OTHER)
        playground.run_start_ns = 2
        playground.say(1, Lane.CLIENT, "client.connecting", "connecting", conn=1)
        job.post("done")

    bench.run_job(work)
    bench.until(lambda: bench.ended)
    assert bench.ended == JobEnded()
    began = [item for item in bench.items if isinstance(item, RunBegan)]
    assert began == [RunBegan(2)]
    assert bench.items.index(began[0]) < bench.items.index("done")
    assert bench.kinds(bench.items) == ["client.connecting"]
    assert bench.kinds(bench.main) == []
    assert bench.fake.playground.calls[-2:] == [("load", "other"), ("load", "mine")]


def test_how_the_server_is_concerns_both(bench: Bench) -> None:
    async def work(playground: Any, job: Job) -> None:
        playground.say(1, Lane.SERVER, "server.exited", "exited", data={"code": 1, "expected": False})
        playground.say(2, Lane.SERVER, "server.log", "INFO")
        playground.alive = False

    bench.run_job(work)
    bench.until(lambda: bench.ended)
    bench.until(lambda: bench.kinds(bench.main))
    assert bench.kinds(bench.main) == ["server.exited"]
    assert bench.kinds(bench.items) == ["server.exited", "server.log"]
    assert bench.fake.playground.calls == [("load", "mine")]  # a dead server is not asked to load


def test_the_main_screen_s_run_goes_on_with_its_own_numbers(bench: Bench) -> None:
    playground = bench.fake.playground
    playground.say(1, Lane.CLIENT, "client.connecting", "connecting", conn=1)

    async def work(playground: Any, job: Job) -> None:
        playground.say(1, Lane.WIRE, "wire.connected", "connected", conn=1)
        playground.say(2, Lane.SERVER, "server.stalled", "stalled")

    bench.run_job(work)
    bench.until(lambda: bench.ended)
    playground.say(3, Lane.WIRE, "wire.connected", "connected", conn=2)
    bench.until(lambda: len(bench.kinds(bench.main)) == 3)
    before = playground.run.events - 3
    assert [item.seq - before for item in bench.main if isinstance(item, Event)] == [1, 2, 3]
    assert [item.seq for item in bench.items if isinstance(item, Event)] == [1, 2]


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ChallengeError("no such design"), "no such design"),
        (LoadError("other", "/x/other.py", "boom", line=3), "other.py, line 3: boom"),
        (ZeroDivisionError("oh"), "builtins.ZeroDivisionError: oh"),
    ],
)
def test_what_goes_wrong_is_told_in_words(bench: Bench, error: Exception, words: str) -> None:
    async def work(playground: Any, job: Job) -> None:
        raise error

    bench.run_job(work)
    bench.until(lambda: bench.ended)
    assert bench.ended == JobEnded(words)
    assert bench.fake.playground.calls[-1] == ("load", "mine")


def test_it_can_be_cancelled_and_all_is_as_before(bench: Bench) -> None:
    async def work(playground: Any, job: Job) -> None:
        await playground.load(OTHER)
        job.post("waiting")
        await asyncio.sleep(60)

    bench.run_job(work)
    bench.until(lambda: "waiting" in bench.items)
    bench.cancel()
    bench.until(lambda: bench.ended)
    assert bench.ended == JobEnded(cancelled=True)
    assert bench.fake.playground.calls[-1] == ("load", "mine")


def test_a_second_cancellation_leaves_the_work_to_clean_up(bench: Bench) -> None:
    async def work(playground: Any, job: Job) -> None:
        job.post("waiting")
        try:
            await asyncio.sleep(60)
        finally:
            job.post("leaving")
            await asyncio.sleep(0.2)
            job.post("left")

    bench.run_job(work)
    bench.until(lambda: "waiting" in bench.items)
    bench.cancel()
    bench.until(lambda: "leaving" in bench.items)
    bench.cancel()
    bench.until(lambda: bench.ended)
    assert "left" in bench.items
    assert bench.ended == JobEnded(cancelled=True)


def test_a_second_cancellation_leaves_the_loading_after_it_alone(bench: Bench) -> None:
    async def work(playground: Any, job: Job) -> None:
        await playground.load(OTHER)
        playground.load_takes = 0.2
        job.post("waiting")
        await asyncio.sleep(60)

    bench.run_job(work)
    bench.until(lambda: "waiting" in bench.items)
    bench.cancel()
    bench.until(lambda: bench.fake.playground.calls[-1] == ("load", "mine"))
    bench.cancel()
    bench.until(lambda: bench.ended)
    assert bench.ended == JobEnded(cancelled=True)
    assert bench.fake.playground.scenario == MINE
    assert bench.main == []


def test_nothing_more_comes_of_one_that_is_dropped_and_all_is_as_before(bench: Bench) -> None:
    async def work(playground: Any, job: Job) -> None:
        await playground.load(OTHER)
        job.post("waiting")
        try:
            await asyncio.sleep(60)
        finally:
            job.post("late")

    bench.run_job(work)
    bench.until(lambda: "waiting" in bench.items)
    assert bench.job is not None
    bench.proxy.drop_job(bench.job)
    bench.until(lambda: bench.fake.playground.scenario == MINE)
    bench.proxy.ask(Load(MINE))  # waits until the job is over
    bench.until(lambda: any(isinstance(item, Loaded) for item in bench.main))
    assert bench.items == ["waiting"]


def test_its_screen_draws_once_a_batch(bench: Bench) -> None:
    async def work(playground: Any, job: Job) -> None:
        for number in range(1000):
            job.post(number)

    bench.run_job(work)
    batches = []

    def hand_out() -> bool:
        before = len(bench.items)
        bench.proxy.hand_out(bench.main.append)
        if len(bench.items) > before:
            batches.append(len(bench.items))
        return bench.ended is not None

    deadline = time.monotonic() + 20
    while not hand_out():
        assert time.monotonic() < deadline
    assert bench.items == [*range(1000), JobEnded()]
    assert bench.drawn == batches


def test_one_cancelled_before_its_turn_does_nothing(bench: Bench) -> None:
    async def long(playground: Any, job: Job) -> None:
        await asyncio.sleep(0.3)

    async def never(playground: Any, job: Job) -> None:
        raise AssertionError("it was cancelled")

    first = Job("first", long)
    firsts: list[object] = []
    bench.proxy.run_job(first, firsts.append, lambda: None)
    bench.run_job(never)
    bench.cancel()
    bench.until(lambda: bench.ended)
    assert bench.ended == JobEnded(cancelled=True)


def test_a_scenario_that_loads_no_more_is_told_of(bench: Bench) -> None:
    async def work(playground: Any, job: Job) -> None:
        playground.fail_load = LoadError("mine", "/x/mine.py", "gone")

    bench.run_job(work)
    bench.until(lambda: bench.ended)
    bench.until(lambda: any(isinstance(item, NotLoaded) for item in bench.main))


def test_without_a_server_it_says_so(fake_playgrounds: Any) -> None:
    proxy = PlaygroundProxy(fake_playgrounds, engine="uvicorn")

    async def work(playground: Any, job: Job) -> None:
        raise AssertionError("there is no server")

    items: list[object] = []
    proxy.run_job(Job("early", work), items.append, lambda: None)
    assert proxy.hand_out(items.append)
    assert items == [JobEnded("the server has not been started")]
    proxy.stop()


def test_a_job_under_way_does_not_hold_up_the_end(bench: Bench) -> None:
    async def work(playground: Any, job: Job) -> None:
        job.post("waiting")
        await asyncio.sleep(60)

    bench.run_job(work)
    bench.until(lambda: "waiting" in bench.items)
    began = time.monotonic()
    assert bench.proxy.stop(10)
    assert time.monotonic() - began < 8
    assert bench.fake.playground.closed
    assert bench.fake.playground.calls == [("load", "mine")]  # it is not loaded again for nobody
