"""What came of a choice: the events that decide."""

from __future__ import annotations

from wsplay.challenge.result import CheckResult, ChoiceResult


def test_evidence_begins_with_what_decides() -> None:
    checks = (
        CheckResult("received", "[]", "[]", True, (9, 4)),
        CheckResult("close", "1008", "none", False, (7, 9)),
    )
    assert ChoiceResult(False, "", checks).evidence == (7, 9, 4)
    assert ChoiceResult(True, "", checks).evidence == (9, 4, 7)
