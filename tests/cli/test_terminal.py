import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from wsplay.cli.errors import OutputClosed
from wsplay.cli.terminal import say_when_ready


@contextmanager
def pipe(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """A pipe in the place of standard output; yields its reading end."""
    reading, writing = os.pipe()
    try:
        with os.fdopen(writing, "w", encoding="utf-8") as stdout, monkeypatch.context() as patch:
            patch.setattr("sys.stdout", stdout)
            yield reading
    finally:
        os.close(reading)


async def test_while_a_reader_is_slow_the_loop_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [f"{number} {'é' * 70_000}" for number in range(3)]

    async def write() -> None:
        for line in lines:
            await say_when_ready(line)

    with pipe(monkeypatch) as reading:
        writing = asyncio.create_task(write())
        for _ in range(1000):
            await asyncio.sleep(0)
        assert not writing.done()  # the pipe is full, and this goes on all the same
        said = b""
        while said.count(b"\n") < len(lines):
            said += await asyncio.to_thread(os.read, reading, 65536)
        await writing
    assert said.decode().splitlines() == lines


async def test_waiting_for_a_reader_can_be_cancelled(monkeypatch: pytest.MonkeyPatch) -> None:
    with pipe(monkeypatch):
        writing = asyncio.create_task(say_when_ready("x" * 200_000))
        await asyncio.sleep(0.05)
        writing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await writing


async def test_a_reader_that_is_gone_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as stdout, monkeypatch.context() as patch:
        patch.setattr("sys.stdout", stdout)
        with pytest.raises(OutputClosed):
            await say_when_ready("line")


async def test_a_file_is_always_ready(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    number = os.open(tmp_path / "said", os.O_WRONLY | os.O_CREAT)
    with os.fdopen(number, "w") as stdout, monkeypatch.context() as patch:
        patch.setattr("sys.stdout", stdout)
        await say_when_ready("line")
        await say_when_ready("x" * 5000)
    assert (tmp_path / "said").read_text() == "line\n" + "x" * 5000 + "\n"


async def test_what_is_no_file_is_written_to_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    await say_when_ready("line")
    assert capsys.readouterr().out == "line\n"
