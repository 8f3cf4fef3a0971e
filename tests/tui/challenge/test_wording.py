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
    session = ChallengeSession(ITEM, stage, tried=[0], results=RESULTS)
    assert session_verdict(session, Grading()).headline == headline


def test_the_band_tells_what_went_wrong_and_that_it_does_not_count() -> None:
    verdict = session_verdict(ChallengeSession(ITEM), Grading(problem="x.py, line 3: boom"))
    assert (verdict.tone, verdict.headline) == ("bad", "NOT RUN")
    assert "x.py, line 3: boom." in verdict.text
    assert "does not count" in verdict.text


def test_an_explanation_loses_its_stars_and_line_breaks() -> None:
    assert without_emphasis("It **does**,\n\nas `a*b` did.") == "It does, as `a*b` did."
