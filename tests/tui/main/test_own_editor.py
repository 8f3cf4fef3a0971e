"""The user's own editor: at the line, with each save seen, and what keeps it from running is said."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.app import SuspendNotSupported

from wsplay.tui.main import own_editor
from wsplay.tui.main.own_editor import EditorError, at_line, editor_command, open_editor


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
    open_editor(app or Terminal(), str(path))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "mine.py"
    path.write_text("app = None\n", encoding="utf-8")
    return path


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
    monkeypatch.setattr(own_editor, "EDITORS", ())
    with pytest.raises(EditorError, match=f"^{why}$"):
        run_editor(path)


def test_a_terminal_that_cannot_be_given_away_is_told(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDITOR", "true")
    with pytest.raises(EditorError, match="cannot open an editor in this terminal"):
        run_editor(path, Terminal(gives=False))


@pytest.mark.parametrize(
    ("command", "opened"),
    [
        (["vim"], ["vim", "+7", "/a b.py"]),
        (["/usr/bin/nano", "-l"], ["/usr/bin/nano", "-l", "+7", "/a b.py"]),
        (["hx"], ["hx", "/a b.py:7"]),
        (["code", "--wait"], ["code", "--wait", "--goto", "/a b.py:7"]),
        (["an-editor"], ["an-editor", "/a b.py"]),
    ],
)
def test_the_line_is_given_as_the_editor_takes_it(command: list[str], opened: list[str]) -> None:
    assert at_line(command, "/a b.py", 7) == opened
    assert at_line(command, "/a b.py", None) == [*command, "/a b.py"]


def test_a_command_that_cannot_be_read_is_told() -> None:
    with pytest.raises(EditorError, match="cannot be read"):
        editor_command("vim 'x")
    assert editor_command("vim -u 'a b'") == ["vim", "-u", "a b"]


def test_each_save_is_looked_at_while_the_editor_runs(path: Path, tmp_path: Path) -> None:
    seen: list[str] = []
    go_on = tmp_path / "go on"
    editor = tmp_path / "editor"
    editor.write_text(
        '#!/bin/sh\necho first > "$1"\n'
        f"while ! [ -e '{go_on}' ]; do sleep 0.05; done\n"
        'echo second > "$1"\n',
        encoding="utf-8",
    )
    editor.chmod(0o755)

    def look() -> None:
        seen.append(path.read_text(encoding="utf-8"))
        if seen[-1] == "first\n":
            go_on.touch()

    open_editor(Terminal(), str(path), editor=str(editor), look=look)  # type: ignore[arg-type]
    assert "first\n" in seen
    assert path.read_text(encoding="utf-8") == "second\n"
