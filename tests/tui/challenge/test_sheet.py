"""A challenge as lines of text: what is said, and what is not yet."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from wsplay.attack.attacks import ATTACKS
from wsplay.attack.result import AttackResult, AttackVerdict
from wsplay.challenge.catalogue import Item
from wsplay.challenge.result import CheckResult, ChoiceResult
from wsplay.scenario.challenge_table import Challenge, Choice
from wsplay.scenario.file import Scenario, parse_scenario
from wsplay.tui.challenge.session import ChallengeSession
from wsplay.tui.challenge.sheet import sheet
from wsplay.tui.kit.styled_lines import line_width, plain


def scenario(name: str, **changes: Any) -> Scenario:
    return replace(parse_scenario(name, f"/scenarios/{name}.py", "app = None\n"), **changes)


CHALLENGE = Challenge(
    question="What does `close()` do before accept, and what does the client make of it?",
    level="advanced",
    seconds=120,
    hint="Is there a WebSocket yet?",
    explanation="",
    choices=(
        Choice("It gets [bold]1008[/]"),
        Choice("HTTP 403"),
        Choice("\x1b[31mred\u202e"),
    ),
    seed=3,
)
VIEWPOINTS = {"wire": False, "browser": False, "testclient": True}
RESULTS = [
    ChoiceResult(
        False,
        "REFUSED 403",
        (CheckResult("close", "1008", "none", False, (12,)),),
        "no token",
        False,
        VIEWPOINTS,
    ),
    ChoiceResult(True, "REFUSED 403", (CheckResult("status", "403", "403", True, (9, 10)),), "no token"),
    ChoiceResult(False, "REFUSED 403", (CheckResult("status", "500", "403", False, (9,)),), "no token", True),
]


def session() -> ChallengeSession:
    return ChallengeSession(Item(scenario("probe"), CHALLENGE))


def text(session: ChallengeSession, cursor: int = 0, width: int = 70, height: int = 0) -> str:
    return "\n".join(plain(row.line) for row in sheet(session, cursor, width, height))


def test_before_the_run_nothing_says_which_it_is() -> None:
    said = text(session())
    assert "What does close() do before accept" in said
    assert "advanced · suggested time 2:00" in said
    assert "hint" not in said
    for word in ("confirmed", "refuted", "claimed", "observed", "✓", "✗"):
        assert word not in said


def test_a_wrong_answer_is_told_with_what_was_seen_and_by_whom() -> None:
    it = session()
    it.begin(0)
    it.finish(RESULTS)
    said = text(it)
    assert "✗ refuted" in said
    assert "◂ your answer" in said
    assert "claimed 1008, observed none  #12" in said
    assert "✓ TestClient" in said
    assert "✗ wire" in said
    assert "confirmed" not in said
    assert "1 attempt" in said


def test_once_it_is_over_each_choice_has_its_result() -> None:
    it = session()
    it.begin(None)
    it.finish(RESULTS)
    said = text(it, cursor=2)
    assert said.count("refuted") == 2
    assert said.count("confirmed") == 1
    assert "with this choice's patch" in said
    assert "your answer" not in said


def test_a_hint_stands_below_once_it_was_asked_for() -> None:
    it = session()
    it.hint = True
    assert "hint  Is there a WebSocket yet?" in text(it)


def test_what_comes_from_the_file_is_shown_and_not_obeyed() -> None:
    said = text(session())
    assert "[bold]1008[/]" in said
    assert "\x1b" not in said
    assert "\u202e" not in said
    assert "␛[31mred<U+202E>" in said


@given(st.integers(24, 160), st.integers(0, 40), st.integers(0, 2), st.sampled_from([None, 0, 1]))
def test_no_line_is_wider_than_the_pane(width: int, height: int, cursor: int, answer: int | None) -> None:
    it = session()
    it.hint = True
    it.begin(answer)
    it.finish(RESULTS)
    rows = sheet(it, cursor, width, height)
    assert max(line_width(row.line) for row in rows) <= width
    assert {row.choice for row in rows if row.choice is not None} == {0, 1, 2}


def test_where_there_is_room_the_choices_stand_apart() -> None:
    assert len(text(session(), height=40).split("\n")) > len(text(session(), height=8).split("\n"))


def test_attacks_that_broke_a_design_are_named_as_in_the_table() -> None:
    attack = ATTACKS[5]
    broken = CheckResult(attack.name, "held", 'broken: received "x"', False)
    held = CheckResult(ATTACKS[0].name, "held", "held: REFUSED 403", True)
    attacks = tuple(
        AttackResult("probe", one, verdict, "")
        for one, verdict in ((attack, AttackVerdict.BROKEN), (ATTACKS[0], AttackVerdict.HELD))
    )
    it = session()
    it.begin(0)
    it.finish([replace(RESULTS[0], checks=(broken, held), attacks=attacks, viewpoints={}), *RESULTS[1:]])
    said = text(it, width=120)
    assert f"✗ {attack.title}  claimed held, observed broken" in said
    assert ATTACKS[0].title not in said
