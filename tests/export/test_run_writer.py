"""A run file while it is written: private, readable at any moment, and never over another file."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from wsplay.events.event import Event, Lane
from wsplay.export import run_writer
from wsplay.export.run_file import read_run_file
from wsplay.export.run_writer import FileIsThere, NotWritten, RunWriter
from wsplay.export.secrets import Secrets

HEADER = {"kind": "run", "v": 1, "request": {"headers": [["Authorization", "Bearer abcdefgh"]]}}


def event(seq: int, summary: str = "x", **data: object) -> Event:
    return Event(1_000_000 + seq * 1_000_000, Lane.WIRE, "wire.response", summary, 1, data=data, seq=seq)


def test_a_run_is_written_and_read(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    with RunWriter(path, HEADER, None) as writer:
        writer.add_event(event(1, status=403), 1_000_000)
        writer.add_outcome({"kind": "outcome", "ended": "refused"})
    run = read_run_file(path)
    assert run.header == HEADER | {"redacted": False}
    assert [(each.seq, each.t_ns, each.data) for each in run.events] == [(1, 1_000_000, {"status": 403})]
    assert (run.outcome, run.cut, run.problems) == ({"kind": "outcome", "ended": "refused"}, False, [])
    assert json.loads(path.read_bytes().splitlines()[-1]) == {"kind": "end", "events": 1}


def test_only_its_owner_can_read_it(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        RunWriter(tmp_path / "run.jsonl", HEADER, None).close(whole=True)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "run.jsonl").stat().st_mode) == 0o600


def test_another_file_is_not_replaced_unless_asked(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    path.write_text("precious")
    with pytest.raises(FileIsThere, match="is there already: pass --force"):
        RunWriter(path, HEADER, None)
    assert path.read_text() == "precious"
    RunWriter(path, HEADER, None, force=True).close(whole=True)
    assert read_run_file(path).header["kind"] == "run"


def test_a_link_is_not_followed_to_another_file(tmp_path: Path) -> None:
    path, other = tmp_path / "run.jsonl", tmp_path / "other"
    other.write_text("precious")
    path.symlink_to(other)
    RunWriter(path, HEADER, None, force=True).close(whole=True)
    assert other.read_text() == "precious"
    assert not path.is_symlink()


def test_what_cannot_be_created_is_told(tmp_path: Path) -> None:
    with pytest.raises(NotWritten, match=r"cannot create .*: No such file or directory"):
        RunWriter(tmp_path / "none" / "run.jsonl", HEADER, None)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full here")
def test_a_full_disk_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with open("/dev/full", "w", encoding="ascii") as full:
        monkeypatch.setattr(run_writer, "_created", lambda path, force: full)
        with pytest.raises(NotWritten, match="cannot write /dev/full: No space left on device"):
            RunWriter(Path("/dev/full"), HEADER, None)
        assert full.closed


def test_what_was_cut_short_can_be_read(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    writer = RunWriter(path, HEADER, None)
    writer.add_event(event(1), 0)
    writer.flush()
    run = read_run_file(path)
    assert (len(run.events), run.cut) == (1, True)
    writer.close(whole=False)
    assert read_run_file(path).cut


def test_an_error_in_the_run_leaves_a_file_that_is_cut_short(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"

    def stopped() -> None:
        with RunWriter(path, HEADER, None) as writer:
            writer.add_event(event(1), 0)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stopped()
    run = read_run_file(path)
    assert (len(run.events), run.cut) == (1, True)


@pytest.mark.parametrize("whole", [True, False])
def test_a_secret_that_is_found_late_is_replaced_in_earlier_lines(tmp_path: Path, whole: bool) -> None:
    path = tmp_path / "run.jsonl"
    writer = RunWriter(path, HEADER, Secrets())
    writer.add_event(event(1, "session is s3ss10n-value"), 0)
    writer.flush()
    writer.add_event(event(2, headers=[["Set-Cookie", "sid=s3ss10n-value; Path=/"]]), 0)
    writer.close(whole=whole)
    content = path.read_text()
    assert "s3ss10n" not in content
    assert "abcdefgh" not in content
    run = read_run_file(path)
    assert run.header["redacted"] is True
    assert run.header["request"] == {"headers": [["Authorization", "Bearer [secret 1]"]]}
    assert [each.summary for each in run.events][:1] == ["session is [secret 2]"]
    assert run.events[1].data == {"headers": [["Set-Cookie", "sid=[secret 2]; Path=/"]]}
    assert run.cut is not whole
    assert [each.name for each in tmp_path.iterdir()] == ["run.jsonl"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
