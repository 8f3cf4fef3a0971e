"""Which progress store the screens use."""

from __future__ import annotations

from pathlib import Path

import pytest

from wsplay.tui.challenge.progress_store import progress_store


def test_there_is_one_for_each_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WSPLAY_PROGRESS", str(tmp_path / "a.json"))
    first = progress_store()
    assert progress_store() is first
    monkeypatch.setenv("WSPLAY_PROGRESS", str(tmp_path / "b.json"))
    assert progress_store() is not first
