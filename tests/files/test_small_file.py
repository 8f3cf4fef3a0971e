"""Files are read up to a limit, and what is no file is not read."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wsplay.files.small_file import NotReadable, read_small_file

LIMIT = 100


@given(st.binary(max_size=2 * LIMIT))
def test_a_file_is_read_if_it_is_small(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "small"
    path.write_bytes(data)
    if len(data) <= LIMIT:
        assert read_small_file(path, LIMIT) == data
    else:
        with pytest.raises(NotReadable, match="larger than 100 bytes"):
            read_small_file(path, LIMIT)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_what_is_no_file_is_not_even_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(tmp_path / "pipe")
    opened: list[object] = []
    monkeypatch.setattr(os, "open", lambda *given, **_: opened.append(given))
    for path in (tmp_path / "pipe", Path("/dev/zero"), Path("/dev/tty")):
        with pytest.raises(NotReadable, match="not a regular file"):
            read_small_file(path, LIMIT)
    with pytest.raises(NotReadable, match="a folder"):
        read_small_file(tmp_path, LIMIT)
    with pytest.raises(FileNotFoundError):
        read_small_file(tmp_path / "gone", LIMIT)
    with pytest.raises(FileNotFoundError):
        read_small_file(Path(__file__) / "under a file", LIMIT)
    assert opened == []


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_that_takes_the_place_of_a_file_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the look at it and its opening."""
    path = tmp_path / "pipe"
    os.mkfifo(path)
    file = tmp_path / "file"
    file.write_bytes(b"x")
    status = file.stat()
    monkeypatch.setattr(os, "stat", lambda *_, **__: status)
    with pytest.raises(NotReadable, match="not a regular file"):
        read_small_file(path, LIMIT)


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="no /proc here")
def test_a_size_is_not_trusted() -> None:
    """Files of /proc have the size 0."""
    with pytest.raises(NotReadable, match="larger than"):
        read_small_file(Path("/proc/self/maps"), LIMIT)
