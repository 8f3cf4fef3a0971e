import json

from hypothesis import given
from hypothesis import strategies as st

from wsplay.challenge.progress import SEED_GROUP, Progress, groups_of


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
