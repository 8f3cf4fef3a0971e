"""A challenge as lines, the patched source, the attack table's words: what is said, and what is not yet."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wsplay.attack.attacks import ATTACKS
from wsplay.challenge.catalogue import Catalogue, Item
from wsplay.challenge.progress import SEED_GROUP, Progress
from wsplay.challenge.result import CheckResult, ChoiceResult
from wsplay.scenario.challenge_table import Challenge, Choice
from wsplay.scenario.file import Scenario, parse_scenario
from wsplay.tui.attack.state import BenchState
from wsplay.tui.challenge.challenge_list import options_of
from wsplay.tui.challenge.session import ChallengeSession
from wsplay.tui.challenge.sheet import sheet
from wsplay.tui.kit.status_line import bar
from wsplay.tui.kit.styled_lines import line_width, plain
from wsplay.tui.source.patched_pane import changed_lines, docstring_lines


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


# -- the patched source


def test_changed_lines_are_those_of_the_new_text() -> None:
    before = "a\nb\nc\nd\n"
    assert changed_lines(before, "a\nB\nc\nd\n") == {2}
    assert changed_lines(before, "a\nb\nx\ny\nc\nd\n") == {3, 4}
    assert changed_lines(before, "a\nd\n") == {2}  # the line after what was taken out
    assert changed_lines(before, before) == frozenset()


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ('"""Why."""\nimport x\n', 1),
        ('"""Why\n\nso.\n"""\n\n@x\ndef f(): ...\n', 5),
        ("import x\n", 0),
        ('"""Why."""\n', 0),
        ("def f(:\n", 0),
    ],
)
def test_how_many_lines_explain_the_code(source: str, lines: int) -> None:
    assert docstring_lines(source) == lines


# -- the bar and the list


def test_a_bar_is_full_only_when_all_is_done() -> None:
    assert bar(0, 47, 10) == ("", "░" * 10)
    assert bar(1, 47, 10) == ("█", "░" * 9)
    assert bar(46, 47, 10)[1] != ""
    assert bar(47, 47, 10) == ("█" * 10, "")
    assert bar(0, 0, 4) == ("", "░" * 4)


def test_the_list_tells_groups_progress_and_badges() -> None:
    one = Item(scenario("one", title="One", order=1), replace(CHALLENGE, seed=1))
    two = Item(scenario("two", title="Two", order=2), replace(CHALLENGE, seed=None))
    groups = {SEED_GROUP: ["one"], "handshake": ["one", "two"]}
    progress = Progress().answered("one", False).answered("one", True)
    options = options_of(Catalogue((one, two), groups, (("bad", "no choices"),)), progress, wide=True)
    said = [str(option.prompt) for option in options]
    assert [option.id for option in options if not option.disabled] == ["one", "two"]
    assert "1 of 1  ★ badge" in said[0]
    assert "✓  1 One" in said[1]
    assert "2 attempts" in said[1]
    assert "1 of 2  1 of them listed above" in said[3]
    assert "★" not in said[3]
    assert "bad  no choices" in said[-1]


# -- the attack table's words


def result(design: str, row: int, verdict: str, why: str = "REFUSED 403") -> Any:
    return SimpleNamespace(scenario=design, attack=ATTACKS[row], verdict=verdict, why=why, timelines=())


def test_cells_say_what_is_known_by_glyph_and_word() -> None:
    state = BenchState((scenario("a", title="A"), scenario("b", title="B")), running=True)
    assert state.words(0, 0) == ("… running", "warn")
    assert state.words(1, 0)[0] == ""
    state.add_result(result("a", 0, "held"))
    state.add_result(result("a", 1, "broken", 'received "x"'))
    state.add_result(result("a", 2, "n/a"))
    assert [state.words(row, 0)[0] for row in range(4)] == ["✓ held", "✗ BROKEN", "· n/a", "… running"]
    assert state.running_at() == (3, 0)
    assert state.total_words(0)[0] == "1 broken so far"
    assert 'Received "x".' in state.verdict(1, 0).text
    assert "Running now" in state.verdict(3, 0).text
    for row in range(3, len(ATTACKS)):
        state.add_result(result("a", row, "held"))
    assert state.total_words(0)[0] == "1 broken"
    assert state.running_at() == (0, 1)  # the next design's turn
    state.running = False
    assert state.running_at() is None
    assert "Not run" in state.verdict(0, 1).text


def test_a_design_that_cannot_be_attacked_says_why() -> None:
    state = BenchState((scenario("a"),), running=True)
    state.problems["a"] = "a has no tries"
    assert state.words(0, 0) == ("! not run", "warn")
    assert state.verdict(0, 0).text == "a has no tries"
