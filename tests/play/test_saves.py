"""A save is noticed, whatever way the editor saves, and also where the system does not tell of it."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest

from wsplay.play.saves import Saves

LIMIT = 20.0


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "mine.py"
    path.write_text("1")
    return path


def test_each_save_is_seen_once(path: Path) -> None:
    saves = Saves([str(path)])
    assert saves.look() == []
    path.write_text("12")
    assert saves.look() == [str(path)]
    assert saves.look() == []


def test_a_file_that_is_gone_was_not_saved_and_is_when_it_comes_back(path: Path) -> None:
    saves = Saves([str(path)])
    path.unlink()
    assert saves.look() == []
    path.write_text("again")
    assert saves.look() == [str(path)]


def test_other_files_can_be_watched_without_missing_a_save(path: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.py"
    other.write_text("1")
    saves = Saves([str(path)])
    path.write_text("12")
    saves.watch([str(path), str(other)])
    assert saves.files == {str(path), str(other)}
    assert saves.look() == [str(path)]
    other.write_text("12")
    assert saves.look() == [str(other)]


@pytest.mark.parametrize("library", [True, False])
@pytest.mark.parametrize("replaced", [True, False])
async def test_a_save_is_waited_for(
    path: Path, monkeypatch: pytest.MonkeyPatch, library: bool, replaced: bool
) -> None:
    if not library:
        monkeypatch.setitem(sys.modules, "watchfiles", None)  # importing it raises ImportError
    waiting = asyncio.create_task(Saves([str(path), str(path.parent / "gone" / "x.py")]).wait())
    await asyncio.sleep(0.1)
    assert not waiting.done()
    if replaced:
        fresh = path.with_name("fresh")
        fresh.write_text("12")
        os.replace(fresh, path)
    else:
        path.write_text("12")  # noqa: ASYNC240 - a small file
    async with asyncio.timeout(LIMIT):
        assert await waiting == [str(path)]
