from pathlib import Path

import pytest

from wsplay.challenge.progress import Progress
from wsplay.challenge.progress_file import ProgressError, read_progress, reset_progress, write_progress


def test_it_is_kept_between_sessions_and_can_be_forgotten(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "progress.json"
    assert read_progress(path) == Progress()
    write_progress(Progress().answered("a", True), path)
    assert read_progress(path).records["a"].solved
    assert [each.name for each in path.parent.iterdir()] == ["progress.json"]
    assert reset_progress(path) is True
    assert reset_progress(path) is False
    assert read_progress(path) == Progress()


def test_a_broken_file_loses_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "progress.json"
    path.write_text("{broken")
    assert read_progress(path) == Progress()


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ProgressError, match="file"):
        write_progress(Progress(), tmp_path / "file" / "progress.json")
