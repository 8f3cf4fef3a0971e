"""The attack table as data: what each cell, each total and the verdict say."""

from __future__ import annotations

from dataclasses import replace

from wsplay.attack.attacks import ATTACKS
from wsplay.attack.result import AttackResult, AttackVerdict
from wsplay.scenario.file import Scenario, parse_scenario
from wsplay.tui.attack.state import BenchState


def design(name: str) -> Scenario:
    return replace(parse_scenario(name, f"/scenarios/{name}.py", "app = None\n"), title=name.upper())


def result(design: str, row: int, verdict: str, why: str = "REFUSED 403") -> AttackResult:
    return AttackResult(design, ATTACKS[row], AttackVerdict(verdict), why)


def test_cells_say_what_is_known_by_glyph_and_word() -> None:
    state = BenchState((design("a"), design("b")), running=True)
    assert state.words(0, 0) == ("… running", "warn")
    assert state.words(1, 0)[0] == ""
    state.add_result(result("a", 0, "held"))
    state.add_result(result("a", 1, "broken", 'received "x"'))
    state.add_result(result("a", 2, "n/a"))
    assert [state.words(row, 0)[0] for row in range(4)] == ["✓ held", "✗ BROKEN", "· n/a", "… running"]
    assert state.running_at() == (3, 0)
    assert state.total_words(0)[0] == "1 broken…"
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
    state = BenchState((design("a"),), running=True)
    state.problems["a"] = "a has no tries"
    assert state.words(0, 0) == ("! not run", "warn")
    assert state.verdict(0, 0).text == "a has no tries"
