"""Progress in memory and in its file: no answer is lost where the file cannot be written."""

from __future__ import annotations

from pathlib import Path

import pytest

from wsplay.challenge.progress import Progress
from wsplay.challenge.progress_file import read_progress, write_progress
from wsplay.tui.challenge.progress_store import ProgressStore, progress_store


def test_an_answer_is_in_the_file_at_once(tmp_path: Path) -> None:
    path = tmp_path / "progress.json"
    assert ProgressStore(path).add_answer("no_auth", True) == ""
    assert read_progress(path).records["no_auth"].solved


def test_what_cannot_be_written_is_told_and_goes_with_the_next(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    folder.write_text("in the way")
    store = ProgressStore(folder / "progress.json")
    problem = store.add_answer("no_auth", True)
    assert str(folder) in problem
    assert store.progress.records["no_auth"].solved
    folder.unlink()
    assert store.add_hint("header_check") == ""
    kept = read_progress(folder / "progress.json")
    assert kept.records["no_auth"].solved
    assert kept.records["header_check"].hints == 1


def test_what_another_wsplay_wrote_is_not_written_over(tmp_path: Path) -> None:
    path = tmp_path / "progress.json"
    store = ProgressStore(path)
    write_progress(Progress().answered("jwt", True).answered("cookie", False), path)
    store.add_answer("no_auth", True)
    assert set(read_progress(path).records) == {"jwt", "cookie", "no_auth"}


def test_a_file_that_was_lost_or_spoiled_costs_nothing(tmp_path: Path) -> None:
    path = tmp_path / "progress.json"
    store = ProgressStore(path)
    store.add_answer("no_auth", True)
    path.write_text("{ half a fi")
    store.add_answer("header_check", True)
    assert set(read_progress(path).records) == {"no_auth", "header_check"}


def test_there_is_one_for_each_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WSPLAY_PROGRESS", str(tmp_path / "a.json"))
    first = progress_store()
    assert progress_store() is first
    monkeypatch.setenv("WSPLAY_PROGRESS", str(tmp_path / "b.json"))
    assert progress_store() is not first
