"""The background thread: nothing asked of it is lost, and it always comes to an end."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass

import pytest

from wsplay.tui.background.loop import BackgroundLoop
from wsplay.tui.background.messages import Failed


@dataclass
class Do:
    """A request of these tests: do `work`."""

    work: Callable[[], Awaitable[None]]


class Loop(BackgroundLoop[Do]):
    """Does what it is asked, and can be waited for."""

    def __init__(self, cleanup: Callable[[], Awaitable[None]] | None = None) -> None:
        async def handle(request: Do) -> None:
            await request.work()

        async def nothing() -> None: ...

        self.posted: list[Failed] = []
        super().__init__(handle, cleanup or nothing, self.posted.append)

    def do(self, work: Callable[[], Awaitable[None]]) -> None:
        """Have something done and wait until it is; at most 20 s."""
        done = threading.Event()

        async def then_tell() -> None:
            try:
                await work()
            finally:
                done.set()

        assert self.ask(Do(then_tell))
        assert done.wait(20)

    def failures(self) -> list[Failed]:
        """What was posted, once there is something; at most 20 s."""
        deadline = time.monotonic() + 20
        while not self.posted:
            assert time.monotonic() < deadline
            time.sleep(0.005)
        return self.posted


@pytest.fixture
def loop() -> Iterator[Loop]:
    loop = Loop()
    loop.start()
    yield loop
    assert loop.stop(10)


def test_it_runs_in_a_thread_of_its_own_that_is_no_daemon(loop: Loop) -> None:
    seen: list[threading.Thread] = []

    async def look() -> None:
        seen.append(threading.current_thread())

    loop.do(look)
    assert seen[0] is not threading.current_thread()
    assert not seen[0].daemon


def test_requests_begin_in_the_order_in_which_they_are_made(loop: Loop) -> None:
    begun: list[int] = []

    def one(number: int) -> Callable[[], Awaitable[None]]:
        async def begin() -> None:
            begun.append(number)
            await asyncio.sleep(0.01)  # the next one does not wait for it

        return begin

    for number in range(9):
        assert loop.ask(Do(one(number)))
    loop.do(one(9))
    assert begun == list(range(10))


def test_what_a_request_raises_is_posted(loop: Loop) -> None:
    async def fail() -> None:
        raise ValueError("no")

    loop.do(fail)
    (failed,) = loop.failures()
    assert isinstance(failed, Failed)
    assert failed.what == "do"
    assert isinstance(failed.error, ValueError)
    assert str(failed.error) == "no"


def test_an_exception_nobody_waits_for_is_posted(loop: Loop) -> None:
    async def leave_a_callback() -> None:
        asyncio.get_running_loop().call_soon(lambda: 1 / 0)

    loop.do(leave_a_callback)
    (failed,) = loop.failures()
    assert isinstance(failed, Failed)
    assert isinstance(failed.error, ZeroDivisionError)


def test_stop_runs_the_cleanup_in_the_loop_and_cancels_what_still_runs() -> None:
    seen: list[str] = []
    waiting = threading.Event()

    async def cleanup() -> None:
        await asyncio.sleep(0)
        seen.append("cleanup")

    async def wait() -> None:
        waiting.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            seen.append("cancelled")
            raise

    loop = Loop(cleanup)
    loop.start()
    assert loop.ask(Do(wait))
    assert waiting.wait(20)
    assert loop.stop(20)
    assert seen == ["cancelled", "cleanup"]
    assert not loop.alive
    assert loop.stop(1)
    assert loop.posted == []
    assert not loop.ask(Do(wait))


def test_stop_says_when_it_takes_too_long() -> None:
    go_on = threading.Event()

    async def hang() -> None:
        go_on.wait(20)

    loop = Loop()
    loop.start()
    loop.ask(Do(hang))
    assert not loop.stop(0.2)
    go_on.set()
    assert loop.stop(20)


def test_stop_before_start_is_nothing() -> None:
    loop = Loop()
    assert loop.stop(0)
    loop.start()
    assert not loop.alive


def test_the_thread_ends_with_a_main_thread_that_forgot_it() -> None:
    script = (
        "from wsplay.tui.background.loop import BackgroundLoop\n"
        "async def handle(request): pass\n"
        "async def cleanup(): print('cleaned', flush=True)\n"
        "BackgroundLoop(handle, cleanup, print).start()\n"
        "raise SystemExit(7)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, timeout=30, check=False)
    assert (done.returncode, done.stdout.strip()) == (7, b"cleaned")


def test_a_request_is_handled_without_the_context_of_the_asker() -> None:
    """Tasks live on after a request, and would keep what is in the context: the screen that asked."""
    asker: ContextVar[str] = ContextVar("asker", default="nobody")
    seen: list[str] = []
    handled = threading.Event()

    async def handle(request: object) -> None:
        seen.append(asker.get())
        handled.set()

    async def clean_up() -> None: ...

    loop: BackgroundLoop[object] = BackgroundLoop(handle, clean_up, lambda item: None)
    loop.start()
    asker.set("a screen")
    assert loop.ask("a request")
    assert handled.wait(20)
    assert loop.stop(20)
    assert seen == ["nobody"]
