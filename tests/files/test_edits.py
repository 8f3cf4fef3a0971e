"""Working copies: found again, each process with its own, and what cannot be read or written."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from wsplay.files.edits import MAX_SIZE, WorkingFile, edits_path, find_edits
from wsplay.files.kept_file import NotKept

FILE, ORIGINAL = "/somewhere/no_auth.py", "x = 1\n"


def texts(folder: Path, file: str = FILE, original: str = ORIGINAL) -> list[str]:
    edits, problems = find_edits(folder, file, original)
    assert problems == []
    return sorted(edit.text for edit in edits)


def test_an_edit_is_found_again_by_its_file(tmp_path: Path) -> None:
    folder = tmp_path / "state" / "edits"
    assert find_edits(folder, FILE, ORIGINAL) == ([], [])
    working = WorkingFile(folder, FILE, ORIGINAL)
    for text in ("x = 2\n", "x = 'zw\N{LATIN SMALL LETTER O WITH DIAERESIS}lf'\n"):
        working.write(text)
        assert texts(folder) == [text]
    assert texts(folder, "/elsewhere/no_auth.py") == []
    assert [path.suffix for path in folder.iterdir()] == [".py"]
    [edit], _ = find_edits(folder, FILE, ORIGINAL)
    assert (edit.path, edit.based) == (working.path, True)
    assert edit.path.name.startswith("no_auth-")
    assert edit.edited == edit.path.stat().st_mtime


def test_an_edit_of_an_earlier_text_of_the_file_is_found_and_says_so(tmp_path: Path) -> None:
    WorkingFile(tmp_path, FILE, ORIGINAL).write("x = 2\n")
    [edit], _ = find_edits(tmp_path, FILE, "x = 1  # by an update\n")
    assert (edit.text, edit.based) == ("x = 2\n", False)


def test_a_copy_without_a_change_is_no_edit(tmp_path: Path) -> None:
    WorkingFile(tmp_path, FILE, ORIGINAL).write(ORIGINAL)
    assert texts(tmp_path) == []


def test_a_found_edit_goes_on_in_its_file_and_is_discarded(tmp_path: Path) -> None:
    WorkingFile(tmp_path, FILE, ORIGINAL).write("x = 2\n")
    [edit], _ = find_edits(tmp_path, FILE, ORIGINAL)
    working = WorkingFile(tmp_path, FILE, ORIGINAL, edit)
    working.write("x = 3\n")
    assert texts(tmp_path) == ["x = 3\n"]
    working.discard()
    assert list(tmp_path.iterdir()) == []
    working.discard()
    working.write("x = 4\n")
    assert texts(tmp_path) == ["x = 4\n"]


def test_two_that_edit_the_same_file_lose_neither_s_text(tmp_path: Path) -> None:
    one, two = (WorkingFile(tmp_path, FILE, ORIGINAL) for _ in range(2))
    one.write("one\n")
    two.write("two\n")
    one.write("one again\n")
    assert texts(tmp_path) == ["one again\n", "two\n"]


def test_two_that_go_on_with_the_same_edit_lose_neither_s_text(tmp_path: Path) -> None:
    WorkingFile(tmp_path, FILE, ORIGINAL).write("found\n")
    [edit], _ = find_edits(tmp_path, FILE, ORIGINAL)
    one, two = (WorkingFile(tmp_path, FILE, ORIGINAL, edit) for _ in range(2))
    one.write("one\n")
    two.write("two\n")
    one.write("one again\n")
    assert texts(tmp_path) == ["one again\n", "two\n"]


def test_discarding_leaves_what_another_one_has_written(tmp_path: Path) -> None:
    WorkingFile(tmp_path, FILE, ORIGINAL).write("found\n")
    [edit], _ = find_edits(tmp_path, FILE, ORIGINAL)
    one, two = (WorkingFile(tmp_path, FILE, ORIGINAL, edit) for _ in range(2))
    one.write("one\n")
    two.discard()
    assert texts(tmp_path) == ["one\n"]


def test_many_at_once_lose_none(tmp_path: Path) -> None:
    def edit(number: int) -> None:
        working = WorkingFile(tmp_path, FILE, ORIGINAL)
        for turn in range(5):
            working.write(f"{number} {turn}\n")

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(edit, range(8)))
    assert texts(tmp_path) == [f"{number} 4\n" for number in range(8)]


def test_what_another_program_writes_is_told_once(tmp_path: Path) -> None:
    working = WorkingFile(tmp_path, FILE, ORIGINAL)
    assert working.changed() is None
    working.write("mine\n")
    assert working.changed() is None
    assert working.path is not None
    working.path.write_bytes(b"an editor's\r\n")
    assert working.changed() == "an editor's\n"
    assert working.changed() is None
    working.write("mine again\n")
    assert texts(tmp_path) == ["mine again\n"]
    working.path.write_bytes(b"\xff")
    assert working.changed() is None
    working.path.unlink()
    assert working.changed() is None


def test_a_broken_copy_is_set_aside_and_the_others_are_found(tmp_path: Path) -> None:
    WorkingFile(tmp_path, FILE, ORIGINAL).write("good\n")
    [edit], _ = find_edits(tmp_path, FILE, ORIGINAL)
    spoiled = edit.path.with_name(f"{edit.path.stem}-2.py")
    spoiled.write_bytes(b"x = \xff")
    edits, problems = find_edits(tmp_path, FILE, ORIGINAL)
    assert [edit.text for edit in edits] == ["good\n"]
    assert problems == [f"an edit is not read: {spoiled} is not UTF-8; it is kept as {spoiled.name}.broken"]
    assert find_edits(tmp_path, FILE, ORIGINAL)[1] == []
    spoiled.mkdir()
    assert find_edits(tmp_path, FILE, ORIGINAL)[1] == [
        f"an edit is not read: {spoiled} is a folder, not a file"
    ]


def test_what_cannot_be_written_says_why(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(NotKept, match="file"):
        WorkingFile(tmp_path / "file" / "edits", FILE, ORIGINAL).write("x")
    working = WorkingFile(tmp_path, FILE, ORIGINAL)
    with pytest.raises(NotKept, match="half a surrogate pair"):
        working.write("x = '\ud800'")
    with pytest.raises(NotKept, match="larger than"):
        working.write("x" * (MAX_SIZE + 1))
    assert find_edits(tmp_path / "file", FILE, ORIGINAL) == ([], [])


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="needs modes that hold")
def test_a_folder_that_cannot_be_written_to(tmp_path: Path) -> None:
    folder = tmp_path / "edits"
    folder.mkdir(mode=0o500)
    with pytest.raises(NotKept, match="Permission denied"):
        WorkingFile(folder, FILE, ORIGINAL).write("x")


@pytest.mark.parametrize("file", ["/a/../b/\N{SNOWMAN} x/\udce9.py", "/a/" + "n" * 200 + ".py", "noname"])
def test_any_name(tmp_path: Path, file: str) -> None:
    WorkingFile(tmp_path, file, ORIGINAL).write("x = 2\n")
    assert texts(tmp_path, file) == ["x = 2\n"]


def test_the_folder_is_in_the_state_of_the_user(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert edits_path().name == "edits"
    assert "wsplay" in edits_path().parts
