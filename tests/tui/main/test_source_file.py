"""The file on show: its changes are seen."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from wsplay.tui.main.source_file import SourceFile


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "mine.py"
    path.write_text("app = None\n", encoding="utf-8")
    return path


def test_a_save_is_seen_and_a_file_that_is_gone_is_none(path: Path) -> None:
    file = SourceFile(str(path))
    assert not file.saved()
    os.utime(path, ns=(1, 1))
    assert file.saved() == [str(path)]
    assert not SourceFile(str(path)).saved()
    path.unlink()
    assert not file.saved()
    assert not SourceFile(str(path)).saved()


def test_a_module_is_watched_beside_the_file(path: Path, tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text("")
    file = SourceFile(str(path))
    file.watch([str(module)])
    module.write_text("A = 1")
    assert file.saved() == [str(module)]
    path.write_text("app = 1")
    assert file.saved() == [str(path)]
