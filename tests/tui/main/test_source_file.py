"""The file on show: its changes are seen, and what keeps an editor from running is said."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.app import SuspendNotSupported

from wsplay.tui.main import source_file
from wsplay.tui.main.source_file import EditorError, SourceFile, edit


class Terminal:
    """Stands in for the app: its terminal can be given to an editor, or not."""

    def __init__(self, gives: bool = True, return_code: int | None = None) -> None:
        self.gives = gives
        self.return_code = return_code

    @contextmanager
    def suspend(self) -> Iterator[None]:
        if not self.gives:
            raise SuspendNotSupported
        yield


def run_editor(path: Path, app: Any = None) -> None:
    edit(app or Terminal(), str(path))


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


def test_the_editor_named_edits_the_file(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    editor = tmp_path / "editor"
    editor.write_text('#!/bin/sh\necho "$1" > "$2"\n', encoding="utf-8")
    editor.chmod(0o755)
    monkeypatch.setenv("VISUAL", f"{editor} edited")
    monkeypatch.setenv("EDITOR", "false")
    run_editor(path)
    assert path.read_text(encoding="utf-8") == "edited\n"


def test_an_app_that_exits_opens_no_editor(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would take the terminal again after the app has given it back."""
    monkeypatch.setenv("VISUAL", f"cp {os.devnull}")
    run_editor(path, Terminal(return_code=0))
    assert path.read_text(encoding="utf-8") == "app = None\n"
    run_editor(path, Terminal())
    assert path.read_text(encoding="utf-8") == ""


@pytest.mark.parametrize(
    ("command", "why"),
    [
        ("false", "false ended with 1"),
        ("/no/such/editor -x", "/no/such/editor: No such file or directory"),
        ("", "no editor found: set EDITOR to your editor's command"),
    ],
)
def test_what_keeps_it_from_running_is_said(
    path: Path, monkeypatch: pytest.MonkeyPatch, command: str, why: str
) -> None:
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", command)
    monkeypatch.setattr(source_file, "EDITORS", ())
    with pytest.raises(EditorError, match=f"^{why}$"):
        run_editor(path)


def test_a_terminal_that_cannot_be_given_away_is_told(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDITOR", "true")
    with pytest.raises(EditorError, match="cannot open an editor in this terminal"):
        run_editor(path, Terminal(gives=False))
