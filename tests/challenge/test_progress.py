import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wsplay.challenge.progress import SEED_GROUP, Progress, groups_of
from wsplay.challenge.progress_file import ProgressError, read_progress, reset_progress, write_progress


@given(st.lists(st.tuples(st.sampled_from("abc"), st.booleans())))
def test_counts_follow_the_answers(answers: list[tuple[str, bool]]) -> None:
    progress = Progress()
    for name, confirmed in answers:
        progress = progress.answered(name, confirmed)
    for name in "abc":
        own = [right for which, right in answers if which == name]
        if own:
            record = progress.records[name]
            assert (record.attempts, record.solved, record.first_try) == (len(own), any(own), own[0])
    streak = 0
    for _, right in reversed(answers):
        if not right:
            break
        streak += 1
    assert progress.streak == streak
    assert progress.best_streak >= streak
    assert Progress.from_json(json.loads(json.dumps(progress.to_json()))) == progress


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda x: st.lists(x) | st.dictionaries(st.text(), x),
    )
)
def test_what_is_no_progress_reads_as_none(data: object) -> None:
    progress = Progress.from_json(data)
    assert progress.streak >= 0
    assert progress.best_streak >= progress.streak


def test_a_badge_needs_the_whole_group() -> None:
    groups = groups_of([("a", "x", 1), ("b", "x", None), ("c", "", 2)])
    assert groups == {SEED_GROUP: ["a", "c"], "x": ["a", "b"], "other": ["c"]}
    progress = Progress().answered("a", True).answered("c", False)
    assert progress.badges(groups) == []
    assert progress.answered("c", True).badges(groups) == [SEED_GROUP, "other"]
    assert Progress().badges({"empty": []}) == []


def test_it_is_kept_between_sessions_and_can_be_forgotten(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "progress.json"
    assert read_progress(path) == Progress()
    write_progress(Progress().answered("a", True), path)
    assert read_progress(path).records["a"].solved
    assert [each.name for each in path.parent.iterdir()] == ["progress.json"]
    assert reset_progress(path) is True
    assert reset_progress(path) is False
    assert read_progress(path) == Progress()


def test_a_broken_file_loses_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "progress.json"
    path.write_text("{broken")
    assert read_progress(path) == Progress()


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ProgressError, match="file"):
        write_progress(Progress(), tmp_path / "file" / "progress.json")
