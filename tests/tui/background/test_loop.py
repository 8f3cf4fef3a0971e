"""The engine's thread: nothing asked of it is lost, and it always comes to an end."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from wsplay.events.event import Event, Lane
from wsplay.tui.background import loop as engine_module
from wsplay.tui.background.loop import BUSY_WAITING, MAX_WAITING, REST_EVERY, BackgroundLoop, Failed, Lost


@pytest.fixture
def engine() -> Iterator[BackgroundLoop]:
    thread = BackgroundLoop()
    thread.start()
    yield thread
    assert thread.stop(10)


def until(engine: BackgroundLoop, found: Callable[[list[object]], bool]) -> list[object]:
    """Drain until `found`; at most 20 s."""
    items: list[object] = []
    deadline = time.monotonic() + 20
    while not found(items):
        assert time.monotonic() < deadline, items
        items += engine.drain(100)
        time.sleep(0.005)
    return items


def event(number: int) -> Event:
    return Event(number, Lane.WIRE, "wire.frame", str(number))


def test_it_runs_in_a_thread_of_its_own_that_is_no_daemon(engine: BackgroundLoop) -> None:
    async def where() -> threading.Thread:
        return threading.current_thread()

    thread = engine.submit("look", where).result(20)
    assert thread is not threading.current_thread()
    assert not thread.daemon


def test_what_is_posted_comes_out_in_order(engine: BackgroundLoop) -> None:
    async def speak() -> None:
        for number in range(10):
            engine.post(number)

    engine.submit("speak", speak).result(20)
    assert engine.drain(4) == [0, 1, 2, 3]
    assert engine.drain(100) == [4, 5, 6, 7, 8, 9]
    assert engine.drain(100) == []


def test_an_exception_is_in_the_future_and_in_the_queue(engine: BackgroundLoop) -> None:
    async def fail() -> None:
        raise ValueError("no")

    future = engine.submit("fail", fail)
    with pytest.raises(ValueError, match="no"):
        future.result(20)
    items = until(engine, bool)
    assert isinstance(items[0], Failed)
    assert items[0].what == "fail"
    assert isinstance(items[0].error, ValueError)


def test_an_exception_nobody_waits_for_is_in_the_queue(engine: BackgroundLoop) -> None:
    async def leave_a_callback() -> None:
        asyncio.get_running_loop().call_soon(lambda: 1 / 0)

    engine.submit("leave", leave_a_callback).result(20)
    items = until(engine, bool)
    assert isinstance(items[0], Failed)
    assert isinstance(items[0].error, ZeroDivisionError)


def test_stop_runs_the_cleanup_in_the_loop_and_cancels_what_still_runs() -> None:
    seen: list[str] = []

    async def cleanup() -> None:
        await asyncio.sleep(0)
        seen.append("cleanup")

    async def wait() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            seen.append("cancelled")
            raise

    engine = BackgroundLoop(cleanup)
    engine.start()
    future = engine.submit("wait", wait)
    assert engine.stop(20)
    assert sorted(seen) == ["cancelled", "cleanup"]
    assert future.cancelled()
    assert not engine.alive
    assert engine.stop(1)
    assert engine.drain(10) == []
    assert engine.submit("late", wait).cancelled()


def test_stop_says_when_it_takes_too_long() -> None:
    go_on = threading.Event()

    async def hang() -> None:
        go_on.wait(20)

    engine = BackgroundLoop()
    engine.start()
    engine.submit("hang", hang)
    assert not engine.stop(0.2)
    go_on.set()
    assert engine.stop(20)


def test_stop_before_start_is_nothing() -> None:
    engine = BackgroundLoop()
    assert engine.stop(0)
    engine.start()
    assert not engine.alive


def test_events_nobody_fetches_are_bounded_and_the_loss_is_told(engine: BackgroundLoop) -> None:
    engine.post("first")
    for number in range(MAX_WAITING + 1):
        engine.post(event(number))
    engine.post("last")
    items = until(engine, lambda items: "last" in items)
    lost = [item for item in items if isinstance(item, Lost)]
    events = [item for item in items if isinstance(item, Event)]
    assert sum(item.count for item in lost) + len(events) == MAX_WAITING + 1
    assert len(events) <= MAX_WAITING
    assert [int(item.summary) for item in events] == sorted(int(item.summary) for item in events)
    assert int(events[-1].summary) == MAX_WAITING
    assert "first" in items
    assert items[0] == lost[0]


def test_the_thread_ends_with_a_main_thread_that_forgot_it() -> None:
    script = (
        "from wsplay.tui.background.loop import BackgroundLoop\n"
        "async def cleanup(): print('cleaned', flush=True)\n"
        "BackgroundLoop(cleanup).start()\n"
        "raise SystemExit(7)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, timeout=30, check=False)
    assert (done.returncode, done.stdout.strip()) == (7, b"cleaned")


def test_it_rests_while_the_screen_is_behind(engine: BackgroundLoop, monkeypatch: pytest.MonkeyPatch) -> None:
    rests: list[float] = []
    monkeypatch.setattr(engine_module.time, "sleep", rests.append)

    async def speak(count: int) -> None:
        for number in range(count):
            engine.post(event(number))

    engine.submit("speak", lambda: speak(BUSY_WAITING)).result(20)
    assert rests == []
    engine.submit("speak", lambda: speak(4 * REST_EVERY)).result(20)
    assert len(rests) == 4
    engine.post(event(0))  # from the screen's own thread
    for number in range(REST_EVERY):
        engine.post(event(number))
    assert len(rests) == 4
    assert len(engine.drain(MAX_WAITING)) == BUSY_WAITING + 5 * REST_EVERY + 1
