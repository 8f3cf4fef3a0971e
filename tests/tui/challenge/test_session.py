"""One session at a challenge: what may be shown, and what counts."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from wsplay.challenge.catalogue import Item
from wsplay.challenge.result import CheckResult, ChoiceResult
from wsplay.scenario.challenge_table import Challenge, Choice
from wsplay.scenario.file import parse_scenario
from wsplay.tui.challenge.session import ChallengeSession, Stage

SCENARIO = parse_scenario("probe", "/scenarios/probe.py", "app = None\n")
CHOICES = tuple(Choice(f"choice {number}") for number in range(4))
CHALLENGE = Challenge("What happens?", CHOICES, "beginner", 60, "a hint", "It **does**.")
ITEM = Item(SCENARIO, CHALLENGE)


def results(right: int = 2) -> list[ChoiceResult]:
    return [
        ChoiceResult(
            place == right,
            "REFUSED 403",
            (CheckResult("status", "403", "403", place == right, (place + 1,)),),
        )
        for place in range(4)
    ]


def test_a_wrong_answer_shows_its_own_result_alone() -> None:
    session = ChallengeSession(ITEM)
    assert session.begin(0)
    assert session.stage is Stage.RUNNING
    assert session.result(0) is None
    assert session.finish(results()) is False
    assert session.stage is Stage.REFUTED
    assert [session.result(place) is not None for place in range(4)] == [True, False, False, False]


def test_the_right_one_shows_all_of_them() -> None:
    session = ChallengeSession(ITEM)
    session.begin(1)
    session.finish(results())
    assert session.begin(2)
    assert session.graded  # the runs are there: nothing need be run anew
    assert [session.result(place) is not None for place in range(4)] == [False, True, False, False]
    assert session.finish() is True
    assert (session.stage, session.solved, len(session.tried)) == (Stage.DONE, True, 2)
    assert all(session.result(place) is not None for place in range(4))


def test_to_see_all_is_no_answer_and_solves_nothing() -> None:
    session = ChallengeSession(ITEM)
    assert session.begin(None)
    assert session.finish(results()) is None
    assert (session.stage, session.solved, session.tried) == (Stage.DONE, False, [])


def test_what_was_refuted_or_is_over_takes_no_answer() -> None:
    session = ChallengeSession(ITEM)
    session.begin(0)
    assert not session.begin(1)
    session.finish(results())
    assert not session.begin(0)
    session.begin(2)
    session.finish()
    assert not session.begin(3)


def test_an_answer_whose_run_failed_was_none() -> None:
    session = ChallengeSession(ITEM)
    session.begin(1)
    session.withdraw()
    assert (session.stage, session.tried, session.results) == (Stage.ASKING, [], {})
    assert session.begin(1)


@given(st.lists(st.one_of(st.none(), st.integers(0, 3)), max_size=12), st.integers(0, 3))
def test_no_result_is_ever_shown_before_its_run(answers: list[int | None], right: int) -> None:
    session = ChallengeSession(ITEM)
    for answer in answers:
        before = {place for place in range(4) if session.result(place)}
        if not session.begin(answer):
            continue
        assert {place for place in range(4) if session.result(place)} == before
        session.finish(None if session.graded else results(right))
        shown = {place for place in range(4) if session.result(place)}
        assert shown == (set(range(4)) if session.stage is Stage.DONE else set(session.tried))
        assert session.solved == (answer == right)
