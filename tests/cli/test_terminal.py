import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from wsplay.cli.errors import OutputClosed
from wsplay.cli.terminal import Lines, say_when_ready

pytestmark = pytest.mark.slow


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


@contextmanager
def typing(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """A pipe in the place of standard input; yields its writing end."""
    reading, writing = os.pipe()
    try:
        with os.fdopen(reading, encoding="utf-8") as stdin, monkeypatch.context() as patch:
            patch.setattr("sys.stdin", stdin)
            yield writing
    finally:
        os.close(writing)


async def test_lines_are_read_one_by_one_however_they_come(monkeypatch: pytest.MonkeyPatch) -> None:
    with typing(monkeypatch) as writing:
        lines = Lines()
        os.write(writing, b"one\ntwo\nth")
        assert [await lines.next(), await lines.next()] == ["one\n", "two\n"]
        third = asyncio.create_task(lines.next())
        await asyncio.sleep(0.01)
        assert not third.done()  # and this goes on all the same
        os.write(writing, "rée\n".encode())
        assert await third == "thrée\n"


async def test_the_last_line_needs_no_newline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "typed").write_bytes(b"1\n\xff\n3")
    number = os.open(tmp_path / "typed", os.O_RDONLY)
    with os.fdopen(number, encoding="utf-8") as stdin, monkeypatch.context() as patch:
        patch.setattr("sys.stdin", stdin)
        lines = Lines()
        assert [await lines.next() for _ in range(5)] == ["1\n", "\N{REPLACEMENT CHARACTER}\n", "3", "", ""]


async def test_waiting_for_a_line_can_be_cancelled(monkeypatch: pytest.MonkeyPatch) -> None:
    with typing(monkeypatch):
        reading = asyncio.create_task(Lines().next())
        await asyncio.sleep(0.01)
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
