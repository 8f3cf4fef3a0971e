import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wsplay.challenge.progress import Progress
from wsplay.challenge.progress_file import (
    MAX_SIZE,
    ProgressError,
    read_progress,
    reset_progress,
    update_progress,
    write_progress,
)
from wsplay.files.kept_file import NotKept, set_aside


def test_it_is_kept_between_sessions_and_can_be_forgotten(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "progress.json"
    assert read_progress(path) == Progress()
    write_progress(Progress().answered("a", True), path)
    assert read_progress(path).records["a"].solved
    assert [each.name for each in path.parent.iterdir()] == ["progress.json"]
    assert reset_progress(path) is True
    assert reset_progress(path) is False
    assert read_progress(path) == Progress()


BROKEN = [
    "{broken",
    "\xff",
    "[" * 100_000,
    '{"records": ' * 50_000,
    "[]",
    "3",
    '{"name": "another program\'s"}',
    '{"version": 0, "records": {}}',
    '{"version": "2", "records": {}}',
    '{"version": true, "records": {}}',
    '{"version": 1, "records": {}, "streak": ' + "9" * 5000 + "}",
    " " * (MAX_SIZE + 1),
]


@pytest.mark.parametrize("text", BROKEN, ids=range(len(BROKEN)))
def test_a_broken_file_is_told_and_never_written_over(tmp_path: Path, text: str) -> None:
    path = tmp_path / "progress.json"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(ProgressError) as read:
        read_progress(path)
    with pytest.raises(ProgressError) as written:
        write_progress(Progress().answered("a", True), path)
    for error, what in ((read, "not read"), (written, "not saved")):
        said = str(error.value)
        assert said.isprintable()
        for word in (f"progress is {what}", str(path), "WSPLAY_PROGRESS"):
            assert word in said
    assert path.read_bytes() == text.encode("latin-1")
    assert [each.name for each in tmp_path.iterdir()] == ["progress.json"]
    assert reset_progress(path) is True
    write_progress(Progress().answered("a", True), path)
    assert read_progress(path).records["a"].solved


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
@pytest.mark.parametrize("kind", ["pipe", "zero", "folder"])
def test_what_is_no_file_is_neither_waited_for_nor_replaced(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "progress.json"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "zero":
        path.symlink_to("/dev/zero")
    else:
        path.mkdir()
    before = path.lstat()
    for work in (read_progress, reset_progress, lambda place: write_progress(Progress(), place)):
        with pytest.raises(ProgressError, match=r"regular file|folder"):
            work(path)
    with pytest.raises(NotKept, match="regular file"):
        set_aside(path, "unreadable")
    assert path.lstat().st_ino == before.st_ino
    assert len(list(tmp_path.iterdir())) == 1


def test_an_empty_file_is_no_progress_and_can_be_written(tmp_path: Path) -> None:
    path = tmp_path / "progress.json"
    path.touch()
    assert read_progress(path) == Progress()
    write_progress(Progress().answered("a", True), path)
    assert read_progress(path).records["a"].solved


def test_a_link_is_followed_and_stays(tmp_path: Path) -> None:
    target = tmp_path / "dotfiles" / "progress.json"
    path = tmp_path / "progress.json"
    path.symlink_to(target)
    write_progress(Progress().answered("a", True), path)
    assert path.is_symlink()
    assert read_progress(target).records["a"].solved


NEWER = {
    "version": 3,
    "of_a_newer_version": {"a": [1, None]},
    "streak": 2,
    "best_streak": 4,
    "records": {
        "a": {"attempts": 1, "solved": False, "first_try": False, "hints": 0, "seconds": [3.5]},
        "b": {"attempts": {"today": 3}, "solved": True, "first_try": True, "hints": 0},
        "c": ["another form"],
    },
}


def test_what_a_newer_version_wrote_is_read_and_what_only_that_knows_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "progress.json"
    path.write_text(json.dumps(NEWER))
    assert read_progress(path).solved(["a", "b"]) == 1
    progress, told = update_progress(lambda progress: progress.answered("a", True).answered("d", False), path)
    assert told == ""
    kept = json.loads(path.read_text())
    assert kept["version"] == 3
    assert kept["of_a_newer_version"] == {"a": [1, None]}
    assert (kept["streak"], kept["best_streak"]) == (0, 4)
    assert kept["records"] == {
        "a": {"attempts": 2, "solved": True, "first_try": False, "hints": 0, "seconds": [3.5]},
        "b": NEWER["records"]["b"],
        "c": ["another form"],
        "d": {"attempts": 1, "solved": False, "first_try": False, "hints": 0},
    }
    assert read_progress(path) == progress


WRITER = """
import sys, time
from pathlib import Path
from wsplay.challenge.progress_store import ProgressStore
store = ProgressStore(Path(sys.argv[1]))
print("ready", flush=True)
sys.stdin.readline()
for number in range(40):
    problem = store.add_answer(f"{sys.argv[2]}{number}", True)
    assert not problem, problem
    time.sleep(0.001)  # an answer takes a person longer
"""


def test_of_two_processes_at_once_neither_loses_an_answer(tmp_path: Path) -> None:
    path = tmp_path / "progress.json"
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path), name],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for name in ("a", "b")
    ]  # fmt: skip
    for writer in writers:
        assert writer.stdout.readline() == "ready\n"
    for writer in writers:
        writer.stdin.write("\n")
        writer.stdin.flush()
    for writer in writers:
        writer.communicate(timeout=60)
        assert writer.returncode == 0
    assert set(read_progress(path).records) == {f"{name}{number}" for name in "ab" for number in range(40)}
    assert [each.name for each in tmp_path.iterdir()] == ["progress.json"]


def test_a_lock_that_another_process_holds_is_not_waited_for_without_end(tmp_path: Path) -> None:
    fcntl = pytest.importorskip("fcntl")
    path = tmp_path / "progress.json"
    with open(tmp_path / "progress.json.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(ProgressError, match=r"another process holds .*progress\.json\.lock"):
            update_progress(lambda progress: progress.answered("a", True), path)
        assert not path.exists()
    progress, _ = update_progress(lambda progress: progress.answered("a", True), path)
    assert read_progress(path) == progress
    assert [each.name for each in tmp_path.iterdir()] == ["progress.json"]


@pytest.mark.parametrize("text", ["{broken", "\xff", "[" * 100_000])
def test_a_broken_file_is_set_aside_when_there_is_something_to_save(tmp_path: Path, text: str) -> None:
    path = tmp_path / "progress.json"
    path.write_bytes(text.encode("latin-1"))
    progress, told = update_progress(lambda progress: progress.answered("a", True), path)
    assert told.isprintable()
    assert str(path) in told
    assert "progress.json.unreadable" in told
    assert (tmp_path / "progress.json.unreadable").read_bytes() == text.encode("latin-1")
    assert read_progress(path) == progress


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("profile", "export A=b"),
        ("settings.json", '{"of": "another program"}'),
        ("big.json", " " * (MAX_SIZE + 1)),
    ],
)
def test_what_may_be_another_programs_is_neither_moved_nor_written(
    tmp_path: Path, name: str, text: str
) -> None:
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(ProgressError, match="progress is not saved"):
        update_progress(lambda progress: progress.answered("a", True), path)
    assert path.read_text() == text
    assert [each.name for each in tmp_path.iterdir()] == [name]


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
records = st.dictionaries(
    st.text(max_size=5),
    values
    | st.fixed_dictionaries({}, optional=dict.fromkeys(("attempts", "solved", "first_try", "hints"), values)),
    max_size=3,
)


@given(values | st.fixed_dictionaries({"version": st.just(1), "records": records, "streak": values}))
def test_any_json_is_read_or_refused_and_what_is_read_can_be_saved(
    tmp_path_factory: pytest.TempPathFactory, data: object
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.json"
    path.write_text(json.dumps(data))
    try:
        progress = read_progress(path)
    except ProgressError:
        return
    write_progress(progress.answered("a", True).hinted("a"), path)
    assert read_progress(path).records["a"].solved


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ProgressError, match="file"):
        write_progress(Progress(), tmp_path / "file" / "progress.json")
