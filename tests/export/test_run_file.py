"""The reader of run files: any cut, any bytes, any event; what is whole is there, the rest has its line."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wsplay.events.event import Event, Lane
from wsplay.export import run_file
from wsplay.export.jsonl import event_line, json_line
from wsplay.export.run_file import RunFile, name_of, read_run, read_run_file, recorded_at, source_text
from wsplay.export.text import event_details, event_text
from wsplay.files.small_file import NotReadable
from wsplay.verdict.diagnosis import diagnose, told_by
from wsplay.verdict.run import RunRecord

HEADER = {
    "kind": "run",
    "v": 1,
    "name": "a run",
    "target": "t",
    "source": {"file": "t.py", "text": "x = 1\n"},
}
OUTCOME = {"kind": "outcome", "ended": "refused", "headline": "REFUSED 403", "tone": "bad", "verdict": "No."}


def event(seq: int, summary: str = "EOF") -> Event:
    return Event(seq * 1000, Lane.WIRE, "wire.eof", summary, 1, seq=seq)


def written(*values: dict[str, Any], end: int | None = 2) -> bytes:
    lines = [json_line(HEADER), event_line(event(1), 0), event_line(event(2), 0), json_line(OUTCOME)]
    lines += map(json_line, values)
    if end is not None:
        lines.append(json_line({"kind": "end", "events": end}))
    return "".join(f"{line}\n" for line in lines).encode()


def read(data: bytes, name: str = "run.jsonl") -> RunFile:
    return read_run(data.splitlines(keepends=True), name)


def test_a_whole_file() -> None:
    run = read(written())
    assert run.header == HEADER
    assert run.events == [event(1), event(2)]
    assert run.outcome == OUTCOME
    assert (run.problems, run.cut, run.empty) == ([], False, False)
    assert [each.seq for each in run.timeline()] == [1, 2]
    assert name_of(run.header) == "a run"
    assert source_text(run.header, "t.py") == "x = 1\n"
    assert source_text(run.header, "u.py") is None


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (b"\xff\n", "not UTF-8"),
        (b"{\n", "not JSON: "),
        (b"[1]\n", "not a JSON object"),
        (b"[" * 100_000 + b"\n", "nested more than 32 deep"),
        (b'{"kind":"x","a":' + b"[" * 50 + b"]" * 50 + b"}\n", "nested more than 32 deep"),
        (b'{"kind":"x","a":' + b"9" * 5_000 + b"}\n", "a number that is too long"),
        (b'{"lane":"moon"}\n', "no lane is called `moon`"),
        (b'{"kind":"run","v":1}\n', "a second header"),
        (b"x" * (run_file.LINE_LIMIT + 1) + b"\n", "the line is longer than 4 MiB"),
    ],
)
def test_a_line_that_cannot_be_read_is_told_and_the_rest_is_shown(line: bytes, says: str) -> None:
    data = written()
    lines = data.splitlines(keepends=True)
    run = read_run([*lines[:2], line, *lines[2:]], "run.jsonl")
    assert run.events == [event(1), event(2)]
    assert not run.cut
    [problem] = run.problems
    assert problem.startswith("run.jsonl:3: ")
    assert says in problem


def test_other_kinds_are_kept_and_are_no_problem() -> None:
    run = read(written({"kind": "mood", "is": "good"}))
    assert run.unknown == [{"kind": "mood", "is": "good"}]
    assert run.problems == []


def test_a_newer_version_is_read_and_said() -> None:
    run = read(json_line(HEADER | {"v": 7}).encode() + b"\n" + event_line(event(1), 0).encode() + b"\n")
    assert run.events == [event(1)]
    assert run.problems == ["run.jsonl:1: version 7 of the form; this wsplay knows 1 and reads what it can"]


def test_an_end_that_counts_otherwise_is_told() -> None:
    assert read(written(end=9)).problems == ["run.jsonl:5: the file says that it has 9 events, and has 2"]


def test_what_run_json_prints_has_no_header() -> None:
    run = read(f"{event_line(event(1), 0)}\n{json_line(OUTCOME)}\n".encode())
    assert (run.header, run.events, run.outcome) == ({}, [event(1)], OUTCOME)
    assert (run.cut, run.empty) == (True, False)
    assert name_of(run.header) == "a run"


def test_events_of_a_filtered_run_are_a_timeline() -> None:
    timeline = read("".join(event_line(event(seq), 0) + "\n" for seq in (3, 9, 11)).encode()).timeline()
    assert [(each.seq, each.t_ns) for each in timeline] == [(1, 3000), (2, 9000), (3, 11000)]


def test_too_many_events_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_file, "EVENT_LIMIT", 1)
    run = read(written())
    assert (len(run.events), run.events_left_out, run.problems) == (1, 1, [])


def test_too_much_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    data = written()
    monkeypatch.setattr(run_file, "FILE_LIMIT", len(data) - 1)
    run = read(data)
    assert run.cut
    assert "the rest is not read" in run.problems[-1]


def test_very_many_problems_are_counted() -> None:
    run = read(b"nonsense\n" * 1_000)
    assert len(run.problems) == run_file.PROBLEMS + 1
    assert run.problems[-1] == "run.jsonl: 980 more problems"
    assert run.empty


@given(st.integers(0, len(written())))
def test_any_cut_keeps_what_is_whole(at: int) -> None:
    data = written()[:at]
    run = read(data)
    lines = written().splitlines()
    there = [line for line in lines[1:3] if line in data.splitlines()]
    assert len(run.events) == len(there)
    assert len(run.problems) == (data.splitlines() != lines[: len(data.splitlines())])
    assert run.cut is (b'"end","events":2}' not in data)


@given(st.lists(st.binary(max_size=60) | st.sampled_from(written().splitlines()), max_size=12))
def test_any_bytes_are_read(parts: list[bytes]) -> None:
    run = read(b"\n".join(parts))
    assert all(problem.isprintable() for problem in run.problems)
    shown(run)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)


LANES = st.sampled_from(["client", "wire", "asgi", "server", "moon"]) | JSON
OF_EVENTS = ("t_us", "seq", "conn", "client", "summary", "data", "source", "v")
OF_OTHERS = (
    *("v", "name", "started", "versions", "engine", "source", "sources", "standing"),
    *("headline", "verdict", "tone", "evidence", "events"),
)


@given(
    st.lists(
        st.fixed_dictionaries(
            {"lane": LANES, "kind": st.text() | JSON}, optional=dict.fromkeys(OF_EVENTS, JSON)
        )
        | st.fixed_dictionaries(
            {"kind": st.sampled_from(["run", "outcome", "end"])}, optional=dict.fromkeys(OF_OTHERS, JSON)
        ),
        max_size=8,
    )
)
def test_any_lines_are_shown(values: list[dict[str, Any]]) -> None:
    shown(read("".join(json.dumps(value) + "\n" for value in values).encode("utf-8", "surrogatepass")))


def shown(run: RunFile) -> None:
    """What the front ends do with a run."""
    record = RunRecord(run.timeline(), run.standing)
    for each in run.events:
        record.add_event(each.numbered(record.timeline.next_seq))
        assert event_text(each, 0).isprintable()
        assert all(line.isprintable() for line in event_details(each))
    assert diagnose(record.outcome()).headline
    assert name_of(run.header).isprintable()
    assert recorded_at(run.header).isprintable()
    source_text(run.header, "t.py")
    for outcome in run.outcomes:
        told = told_by(outcome)
        assert all(text.isprintable() for text in (told.headline, told.text, told.browser, told.next_step))


# -- files


def test_a_file_is_read_line_by_line(tmp_path: Path) -> None:
    file = tmp_path / "run.jsonl"
    file.write_bytes(b"\xef\xbb\xbf" + written())
    assert read_run_file(file).problems == []
    file.write_bytes(written()[:-5] + b"y" * (run_file.LINE_LIMIT * 2) + b"\n" + written())
    run = read_run_file(file)
    assert len(run.events) == 4
    assert "longer than 4 MiB" in run.problems[0]


def test_what_is_no_file_is_not_read(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_run_file(tmp_path / "none.jsonl")
    with pytest.raises(NotReadable, match="is a folder"):
        read_run_file(tmp_path)
    os.mkfifo(tmp_path / "pipe.jsonl")
    with pytest.raises(NotReadable, match="is not a regular file"):
        read_run_file(tmp_path / "pipe.jsonl")


@pytest.mark.parametrize(
    ("started", "shown"),
    [
        ("2026-11-30T22:02:42.620+00:00", "2026-11-30 22:02 UTC"),
        ("2026-11-30T22:02:42", "2026-11-30 22:02"),
        ("yesterday\x1b", "yesterday␛"),
        ("", "at an unknown time"),
    ],
)
def test_when_it_was_recorded(started: str, shown: str) -> None:
    assert recorded_at({"started": started}) == shown
