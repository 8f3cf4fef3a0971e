"""A file that is kept: one writer at a time, replaced in one step, its mode and its link kept."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from wsplay.files.kept_file import NotKept, only_writer, replace_file, set_aside


def test_a_file_is_replaced_with_its_folder_made_and_nothing_left(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "kept.txt"
    for content in ("one", "zwei \N{LATIN SMALL LETTER U WITH DIAERESIS}"):
        with only_writer(path):
            assert (path.parent / "kept.txt.lock").exists()
            replace_file(path, content)
        assert path.read_text("utf-8") == content
        assert [each.name for each in path.parent.iterdir()] == ["kept.txt"]


@pytest.mark.skipif(os.name != "posix", reason="no modes here")
def test_the_mode_stays_and_a_link_is_followed(tmp_path: Path) -> None:
    target, path = tmp_path / "target", tmp_path / "link"
    target.write_text("one")
    target.chmod(0o640)
    path.symlink_to(target)
    replace_file(path, "two")
    assert path.is_symlink()
    assert target.read_text() == "two"
    assert target.stat().st_mode & 0o777 == 0o640


def test_what_cannot_be_kept_says_where_and_why(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    path = tmp_path / "file" / "kept.txt"
    for work in (lambda: replace_file(path, "x"), lambda: only_writer(path).__enter__()):
        with pytest.raises(NotKept, match=r"kept\.txt: "):
            work()
    assert list(tmp_path.iterdir()) == [tmp_path / "file"]


def test_a_lock_of_another_process_is_waited_for_with_a_limit(tmp_path: Path) -> None:
    fcntl = pytest.importorskip("fcntl")
    with open(tmp_path / "kept.txt.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(NotKept, match=r"another process holds .*kept\.txt\.lock"):
            only_writer(tmp_path / "kept.txt", limit=0.05).__enter__()


def test_a_file_that_is_set_aside_replaces_none(tmp_path: Path) -> None:
    path = tmp_path / "kept.txt"
    for text, name in (("one", "kept.txt.broken"), ("two", "kept.txt.broken-2")):
        path.write_text(text)
        assert set_aside(path, "broken") == tmp_path / name
        assert (tmp_path / name).read_text() == text
        assert not path.exists()
    with pytest.raises(NotKept):
        set_aside(path, "broken")
