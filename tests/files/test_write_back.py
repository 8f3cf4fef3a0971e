"""An edit is written to its file, as the file is written, and never over another change."""

from __future__ import annotations

from pathlib import Path

import pytest

from wsplay.files.kept_file import NotKept
from wsplay.files.write_back import MAX_SIZE, write_back


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"x = 1\n", b"x = 2\ny = 3\n"),
        (b"x = 1\r\n", b"x = 2\r\ny = 3\r\n"),
        (b"\xef\xbb\xbfx = 1\n", b"\xef\xbb\xbfx = 2\ny = 3\n"),
    ],
)
def test_line_ends_and_a_byte_order_mark_stay(tmp_path: Path, before: bytes, after: bytes) -> None:
    path = tmp_path / "mine.py"
    path.write_bytes(before)
    write_back(path, "x = 1\n", "x = 2\ny = 3\n")
    assert path.read_bytes() == after


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"x = 7\n", "has changed since you began to edit it"),
        (b"\xff", "is not UTF-8"),
        (b"#" * (MAX_SIZE + 1), "is larger than"),
        (None, "is gone"),
    ],
)
def test_a_file_that_has_changed_is_left_alone(tmp_path: Path, content: bytes | None, why: str) -> None:
    path = tmp_path / "mine.py"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(NotKept, match=why):
        write_back(path, "x = 1\n", "x = 2\n")
    assert (path.read_bytes() if path.exists() else None) == content


def test_half_a_surrogate_pair_is_not_written(tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    path.write_bytes(b"x = 1\n")
    with pytest.raises(NotKept, match="half a surrogate pair"):
        write_back(path, "x = 1\n", "x = '\udc80'\n")
    assert path.read_bytes() == b"x = 1\n"
