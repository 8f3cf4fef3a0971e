"""One session at a challenge: what may be shown, what counts, and the clock."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wsplay.challenge.catalogue import Item, read_catalogue
from wsplay.challenge.result import CheckResult, ChoiceResult
from wsplay.scenario.challenge_table import Challenge, Choice
from wsplay.scenario.file import parse_scenario
from wsplay.scenario.library import Library
from wsplay.tui.challenge.clock import Clock
from wsplay.tui.challenge.session import ChallengeSession, Stage
from wsplay.tui.challenge.wording import Grading, session_verdict, without_emphasis

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


def test_the_clock_counts_down_and_on() -> None:
    clock = Clock(90)
    clock.start(100.0)
    assert clock.words(100.0) == "1:30 left"
    assert clock.words(130.5) == "1:00 left"
    clock.stop(140.0)
    assert clock.words(500.0) == "0:50 left"
    clock.start(500.0)
    assert clock.words(562.4) == "time is up +0:12"
    clock.shown = False
    assert clock.words(562.4) == "clock off"


def test_evidence_begins_with_what_decides() -> None:
    checks = (
        CheckResult("received", "[]", "[]", True, (9, 4)),
        CheckResult("close", "1008", "none", False, (7, 9)),
    )
    assert ChoiceResult(False, "", checks).evidence == (7, 9, 4)
    assert ChoiceResult(True, "", checks).evidence == (9, 4, 7)


def test_the_catalogue_has_the_first_five_first_and_all_of_the_rest(library: Library) -> None:
    catalogue = read_catalogue(library.scenarios)
    assert [item.challenge.seed for item in catalogue.items[:5]] == [1, 2, 3, 4, 5]
    assert all(item.challenge.seed is None for item in catalogue.items[5:])
    assert catalogue.problems == ()
    assert len(set(catalogue.names)) == len(catalogue.names)
    assert len(catalogue.names) == sum(scenario.challenge is not None for scenario in library.scenarios)
    groups = [item.scenario.group for item in catalogue.items[5:]]
    assert [group for at, group in enumerate(groups) if at == 0 or groups[at - 1] != group] == list(
        dict.fromkeys(groups)
    )
    last = catalogue.names[-1]
    following = catalogue.after(last, 1)
    assert following is not None
    assert following.name == catalogue.names[0]


def test_a_wrong_challenge_is_told_of_and_takes_nothing_down() -> None:
    table = "# /// script\n# [tool.wsplay.challenge]\n# question = 'x'\n# ///\n"
    broken = parse_scenario("broken", "/broken.py", f"app = None\n{table}")
    catalogue = read_catalogue([broken, SCENARIO])
    assert catalogue.items == ()
    assert catalogue.problems[0][0] == "broken"
    assert "two choices" in catalogue.problems[0][1]


@pytest.mark.parametrize(
    ("stage", "headline"),
    [
        (Stage.ASKING, "YOUR ANSWER"),
        (Stage.RUNNING, "RUNNING"),
        (Stage.REFUTED, "REFUTED"),
        (Stage.DONE, "ALL SHOWN"),
    ],
)
def test_the_band_says_where_it_stands(stage: Stage, headline: str) -> None:
    session = ChallengeSession(ITEM, stage, tried=[0], results=dict(enumerate(results())))
    assert session_verdict(session, Grading()).headline == headline


def test_the_band_tells_what_went_wrong_and_that_it_does_not_count() -> None:
    verdict = session_verdict(ChallengeSession(ITEM), Grading(problem="x.py, line 3: boom"))
    assert (verdict.tone, verdict.headline) == ("bad", "NOT RUN")
    assert "x.py, line 3: boom." in verdict.text
    assert "does not count" in verdict.text


def test_an_explanation_loses_its_stars_and_line_breaks() -> None:
    assert without_emphasis("It **does**,\n\nas `a*b` did.") == "It does, as `a*b` did."
