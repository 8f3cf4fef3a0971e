"""The list of kept runs: its bounds, what goes, undo; and what a kept run offers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from wsplay.events.event import Event, Lane
from wsplay.events.timeline import Timeline
from wsplay.export.jsonl import event_line, json_line
from wsplay.export.run_file import read_run
from wsplay.tui.runs.kept_run import EVENT_BYTES, KeptRun, characters
from wsplay.tui.runs.kept_runs import KeptRuns, told_gone
from wsplay.verdict.compare import compare


def run(name: str = "a run", events: int = 0, text: str = "") -> KeptRun:
    timeline = Timeline(1_000)
    for place in range(events):
        timeline.add(Event(1_000 + place, Lane.WIRE, "wire.eof", text, 1))
    return KeptRun({"kind": "run", "name": name}, timeline, lambda: None)


def test_the_newest_is_first_and_the_oldest_goes() -> None:
    kept = KeptRuns(max_runs=2)
    a, b, c = run("a"), run("b"), run("c")
    assert kept.add(a) == kept.add(b) == []
    assert kept.add(c) == [a]
    assert kept.runs == (c, b)
    assert a not in kept
    assert b in kept


def test_runs_go_by_their_bytes_and_the_newest_stays_whatever_its_size() -> None:
    kept = KeptRuns(max_bytes=10 * EVENT_BYTES)
    small, large = run("small", 2), run("large", 20)
    kept.add(small)
    assert kept.add(large) == [small]
    assert kept.runs == (large,)


def test_a_run_that_grows_lets_older_ones_go() -> None:
    kept = KeptRuns(max_bytes=10 * EVENT_BYTES)
    old, new = run("old", 2), run("new", 2)
    kept.add(old)
    kept.add(new)
    assert kept.trim() == []
    for place in range(20):
        new.timeline.add(Event(place, Lane.WIRE, "wire.eof", "", 1))
    assert kept.trim() == [old]


def test_the_bytes_count_what_is_in_events_and_header() -> None:
    assert run("ab", 3, "x" * 500).bytes == 3 * (500 + EVENT_BYTES) + len("kindrunnameab")
    assert characters({"a": ["bc", {"d": ("e", 1, None)}]}) == 5


def test_a_deleted_run_comes_back_to_its_place_once() -> None:
    kept = KeptRuns()
    a, b, c = run("a"), run("b"), run("c")
    for each in (a, b, c):
        kept.add(each)
    kept.delete(b)
    assert kept.runs == (c, a)
    assert kept.undo() is b
    assert kept.runs == (c, b, a)
    assert kept.undo() is None
    kept.delete(run("another"))
    assert len(kept) == 3


def test_what_was_deleted_goes_first_when_room_is_needed() -> None:
    kept = KeptRuns(max_bytes=10 * EVENT_BYTES)
    a, b = run("a", 4), run("b", 4)
    kept.add(a)
    kept.add(b)
    kept.delete(b)
    assert kept.add(run("c", 5)) == []
    assert kept.undo() is None
    assert len(kept) == 2


def test_a_deleted_run_that_would_be_one_too_many_does_not_come_back() -> None:
    kept = KeptRuns(max_runs=1)
    a, b = run("a"), run("b")
    kept.add(a)
    kept.delete(a)
    kept.add(b)
    assert kept.undo() is None
    assert kept.runs == (b,)


def test_the_run_before() -> None:
    kept = KeptRuns()
    a, b = run("a"), run("b")
    kept.add(a)
    kept.add(b)
    assert kept.before(b) is a
    assert kept.before(a) is None
    assert kept.before(run()) is None


def test_one_line_says_which_went() -> None:
    assert told_gone([]) == ""
    assert told_gone([run("a")]) == "no longer kept, to make room: a"
    assert told_gone([run("a"), run("b"), run("c")]) == "no longer kept, to make room: a and 2 more"


SIZES = st.integers(0, 30)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("add"), SIZES),
        st.tuples(st.just("grow"), SIZES),
        st.tuples(st.just("delete"), st.integers(0, 5)),
        st.tuples(st.just("undo"), st.just(0)),
    ),
    max_size=40,
)


@given(STEPS, st.integers(1, 6), st.integers(0, 60))
def test_whatever_happens_the_list_is_within_its_bounds_and_loses_none_untold(
    steps: list[tuple[str, int]], max_runs: int, max_events: int
) -> None:
    kept = KeptRuns(max_runs, max_events * EVENT_BYTES)
    known: list[KeptRun] = []  # added, not deleted, not gone
    deleted: KeptRun | None = None
    for what, size in steps:
        gone: list[KeptRun] = []
        if what == "add":
            known.append(run(str(size), size))
            gone = kept.add(known[-1])
        elif what == "grow" and len(kept):
            for place in range(size):
                kept.runs[0].timeline.add(Event(place, Lane.WIRE, "wire.eof", "", 1))
            gone = kept.trim()
        elif what == "delete" and size < len(kept):
            deleted = kept.runs[size]
            kept.delete(deleted)
            known = [each for each in known if each is not deleted]
        elif what == "undo" and (back := kept.undo()) is not None:
            assert back is deleted
            known.append(back)
        known = [each for each in known if each not in gone]
        assert {id(each) for each in kept.runs} == {id(each) for each in known}
        assert len(kept) <= max_runs
        assert kept.bytes <= max_events * EVENT_BYTES or len(kept) <= 1 or what == "delete"


# -- a kept run


def read(*values: dict[str, Any], name: str = "there.jsonl") -> KeptRun:
    lines = [json_line(value) for value in values]
    lines.insert(1, event_line(Event(5_000, Lane.WIRE, "wire.eof", "EOF", 1, seq=1), 0))
    return KeptRun.from_file(read_run([f"{line}\n".encode() for line in lines], name), Path("/x") / name)


HEADER = {
    "kind": "run",
    "v": 1,
    "target": "t",
    "try": "no token",
    "engine": "uvicorn-httptools-websockets",
    "edited": True,
    "source": {"file": "t.py", "text": "x = 1\n"},
}
OUTCOME = {"kind": "outcome", "headline": "REFUSED 403", "tone": "bad"}


def test_a_run_file_becomes_a_kept_run() -> None:
    kept = read(HEADER, OUTCOME, {"kind": "end", "events": 1})
    assert (kept.name, kept.engine) == ("t @ no token", "uvicorn-httptools-websockets")
    assert kept.outcome is not None
    assert kept.outcome["headline"] == "REFUSED 403"
    assert kept.source == ("t.py", "x = 1\n")
    assert kept.edited
    assert kept.from_disk
    assert not kept.cut
    assert kept.problems == ()
    assert [each.kind for each in kept.timeline] == ["wire.eof"]


def test_a_file_that_is_cut_or_broken_says_so_and_keeps_what_is_whole() -> None:
    kept = read(HEADER, {"no": "kind"}, {"lane": "nowhere"})
    assert kept.cut
    assert len(kept.timeline) == 1
    assert len(kept.problems) == 1
    assert kept.problems[0].startswith("there.jsonl:4: ")


def test_without_a_header_it_is_called_like_its_file() -> None:
    kept = read(OUTCOME, name="printed.jsonl")
    assert kept.name == "printed.jsonl"
    assert kept.source == ("", "")


def test_a_name_of_the_users_own_is_in_the_header_that_is_saved() -> None:
    kept = read(HEADER)
    kept.given_name = "before the fix"
    assert kept.name == kept.named_header["name"] == kept.side.header["name"] == "before the fix"
    assert "name" not in kept.header


def test_a_kept_run_compared_with_itself_is_the_same() -> None:
    kept = read(HEADER, OUTCOME)
    assert not compare(kept.side, kept.side).differs
    assert len(kept.side.events) == 1
