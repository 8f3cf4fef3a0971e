"""The sender's thread: order, limits, and that the caller never waits."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from wsplay.server import ipc
from wsplay.server.child.sender import Sender


class Reader:
    """Reads a pipe's lines in a thread, once started."""

    def __init__(self) -> None:
        self.fd, self.writing = os.pipe()
        self.messages: list[Any] = []
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def end(self) -> list[Any]:
        """Close the writing end and read the rest."""
        os.close(self.writing)
        self.writing = -1
        if self._thread.ident is None:
            self.start()
        self._thread.join(20)
        assert not self._thread.is_alive()
        return self.messages

    def _run(self) -> None:
        lines = ipc.Lines()
        while data := os.read(self.fd, 65_536):
            self.messages += [ipc.decode(line) for line in lines.feed(data)]


@pytest.fixture
def pipe() -> Iterator[Reader]:
    reader = Reader()
    yield reader
    if reader.writing >= 0:
        os.close(reader.writing)
    os.close(reader.fd)


def test_order_is_kept_between_observations_and_replies(pipe: Reader) -> None:
    pipe.start()
    sender = Sender(pipe.writing)
    for number in range(500):
        sender.send_event("note", None, {"why": "x", "n": number})
        sender.send(ipc.Pong(number, 0))
    assert sender.flush(20)
    sender.close(20)
    messages = pipe.end()
    assert [type(message) for message in messages] == [ipc.Observed, ipc.Pong] * 500
    assert [message.data["n"] for message in messages[::2]] == list(range(500))


def test_messages_of_several_threads_are_written_in_the_order_of_their_time(pipe: Reader) -> None:
    pipe.start()
    sender = Sender(pipe.writing, max_entries=50)

    def observe() -> None:
        for number in range(300):
            sender.send_event("note", None, {"why": "x", "n": number})

    def reply() -> None:
        for number in range(300):
            sender.send(ipc.Pong(number, 0))

    threads = [threading.Thread(target=work) for work in (observe, reply, observe)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sender.flush(20)
    sender.close(20)
    times = [message.t_ns for message in pipe.end()]
    assert len(times) >= 300
    assert times == sorted(times)


def test_an_observation_is_sent_at_once(pipe: Reader) -> None:
    pipe.start()
    sender = Sender(pipe.writing)
    sender.send_event("note", None, {"why": "x"})
    end = time.monotonic() + 20
    while not pipe.messages:
        assert time.monotonic() < end
        time.sleep(0.001)
    sender.close(20)


def test_the_caller_never_waits_and_dropped_observations_are_reported(pipe: Reader) -> None:
    sender = Sender(pipe.writing, max_entries=100, max_bytes=10_000_000)
    text = "x" * 10_000
    start = time.monotonic()
    for _ in range(5_000):  # nobody reads yet: far more than the pipe and the queue can hold
        sender.send_event("note", None, {"why": "x", "text": text}, size=len(text))
    assert time.monotonic() - start < 10
    assert not sender.flush(0.05)
    pipe.start()
    assert sender.flush(20)
    sender.close(20)
    messages = pipe.end()
    kept = [m for m in messages if m.data.get("why") != "dropped"]
    lost = sum(m.data["count"] for m in messages if m.data.get("why") == "dropped")
    assert lost > 4_000
    assert len(kept) + lost == 5_000


def test_large_payloads_fill_the_queue_too(pipe: Reader) -> None:
    sender = Sender(pipe.writing, max_bytes=1_000_000)
    for _ in range(100):
        sender.send_event("note", None, "x" * 200_000, lambda text: {"why": "x", "text": text}, None, 200_000)
    pipe.start()
    sender.close(20)
    assert sum(m.data.get("count", 0) for m in pipe.end()) > 50


def test_data_that_cannot_be_read_becomes_a_note(pipe: Reader) -> None:
    def prepare(payload: Any) -> dict[str, Any]:
        raise ZeroDivisionError

    pipe.start()
    sender = Sender(pipe.writing)
    sender.send_event("asgi.send", 80, {}, prepare)
    sender.send_event("asgi.send", 80, {"bad": object()})
    sender.send_event("asgi.send", 80, {"message": {}})
    sender.close(20)
    first, second, third = pipe.end()
    assert (first.kind, first.data["why"]) == ("note", "not shown")
    assert second.data["kind"] == "asgi.send"
    assert third.kind == "asgi.send"


def test_a_parent_that_has_ended_is_no_error() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    sender = Sender(writing)
    for _ in range(10):
        sender.send_event("note", None, {"why": "x"})
    assert sender.flush(20)
    sender.close(20)
    os.close(writing)


FORKS = """
import os
from wsplay.server.child.sender import Sender
reading, writing = os.pipe()
sender = Sender(writing)
sender.close(20)
other = os.open(os.devnull, os.O_WRONLY)
os.dup2(other, writing)  # the number is another file's now
child = os.fork()
if child == 0:
    os._exit(0 if os.write(writing, b"x") == 1 else 1)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def test_a_fork_after_its_end_closes_nothing_of_others() -> None:
    done = subprocess.run([sys.executable, "-c", FORKS], capture_output=True, text=True, timeout=60)
    assert done.stdout == "0\n", done.stderr
