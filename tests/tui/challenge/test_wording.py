"""What the verdict says of a challenge, at each stage."""

from __future__ import annotations

import pytest

from wsplay.challenge.catalogue import Item
from wsplay.challenge.result import CheckResult, ChoiceResult
from wsplay.scenario.challenge_table import Challenge, Choice
from wsplay.scenario.file import parse_scenario
from wsplay.tui.challenge.session import ChallengeSession, Stage
from wsplay.tui.challenge.wording import Grading, session_verdict, without_emphasis

CHALLENGE = Challenge("What happens?", (Choice("this"), Choice("that")))
ITEM = Item(parse_scenario("probe", "/scenarios/probe.py", "app = None\n"), CHALLENGE)
RESULTS = {
    place: ChoiceResult(ok, "REFUSED 403", (CheckResult("status", "403", "403", ok),))
    for place, ok in enumerate((False, True))
}


def key_of(id: str) -> str:
    return f"<{id}>"


@pytest.mark.parametrize(
    ("stage", "headline", "told"),
    [
        (
            Stage.ASKING,
            "YOUR ANSWER",
            "press <challenge.number-1>-<challenge.number-2>, <choices.answer> runs it, <challenge.hint> for",
        ),
        (Stage.RUNNING, "RUNNING", "checking every choice"),
        (Stage.REFUTED, "REFUTED", "choose another, or <challenge.all> to see all"),
        (Stage.DONE, "ALL SHOWN", "<challenge.next> opens the next challenge"),
    ],
)
def test_the_band_says_where_it_stands(stage: Stage, headline: str, told: str) -> None:
    session = ChallengeSession(ITEM, stage, tried=[0], results=RESULTS)
    verdict = session_verdict(session, Grading(), key_of)
    assert verdict.headline == headline
    assert told in verdict.text + verdict.next_step


def test_the_band_tells_what_went_wrong_and_that_it_does_not_count() -> None:
    verdict = session_verdict(ChallengeSession(ITEM), Grading(problem="x.py, line 3: boom"), key_of)
    assert (verdict.tone, verdict.headline) == ("bad", "NOT RUN")
    assert "x.py, line 3: boom." in verdict.text
    assert "does not count" in verdict.text
    assert verdict.next_step == "<job.restart> restarts the server"


def test_an_explanation_loses_its_stars_and_line_breaks() -> None:
    assert without_emphasis("It **does**,\n\nas `a*b` did.") == "It does, as `a*b` did."
