"""The first start is remembered, and nothing about that is an error."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from wsplay.config.first_start import first_start_path, take_first_start


def test_only_the_first_start_is_the_first(tmp_path: Path) -> None:
    path = tmp_path / "state" / "wsplay" / "started"
    assert [take_first_start(path) for _ in range(3)] == [True, False, False]
    assert path.is_file()


def test_it_is_in_the_state_folder_of_the_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    assert tmp_path in first_start_path().parents
    assert [take_first_start() for _ in range(2)] == [True, False]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    tmp_path.chmod(stat.S_IRUSR | stat.S_IXUSR)
    try:
        assert [take_first_start(tmp_path / "wsplay" / "started") for _ in range(2)] == [True, True]
    finally:
        tmp_path.chmod(stat.S_IRWXU)


@pytest.mark.parametrize("folder", ["file", "file/wsplay", "circle/wsplay", "a" * 300, "nul\0"])
def test_no_place_for_it_is_no_error(tmp_path: Path, folder: str) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "circle").symlink_to(tmp_path / "circle")
    assert [take_first_start(tmp_path / folder / "started") for _ in range(2)] == [True, True]
