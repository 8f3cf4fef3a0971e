"""Progress in memory and in its file: no answer is lost where the file cannot be written."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from wsplay.challenge.progress import Progress
from wsplay.challenge.progress_file import read_progress, write_progress
from wsplay.challenge.progress_store import ProgressStore


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
    told = store.add_answer("header_check", True)
    assert set(read_progress(path).records) == {"no_auth", "header_check"}
    assert str(path) in told
    assert "progress.json.unreadable" in told
    assert (tmp_path / "progress.json.unreadable").read_text() == "{ half a fi"
    assert store.add_answer("header_check", True) == ""


def test_a_file_that_was_never_ours_is_told_once_and_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text('{"of": "another program"}')
    store = ProgressStore(path)
    assert "not the progress of wsplay" in store.take_problem()
    assert store.take_problem() == ""
    assert "progress is not saved" in store.add_answer("no_auth", True)
    assert store.progress.records["no_auth"].solved
    assert path.read_text() == '{"of": "another program"}'
    assert [each.name for each in tmp_path.iterdir()] == ["settings.json"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_in_place_of_the_file_is_not_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "progress.json"
    store = ProgressStore(path)
    assert store.add_answer("no_auth", True) == ""
    path.unlink()
    os.mkfifo(path)
    assert "not a regular file" in store.add_answer("header_check", True)
    assert path.is_fifo()
    assert set(store.progress.records) == {"no_auth", "header_check"}
