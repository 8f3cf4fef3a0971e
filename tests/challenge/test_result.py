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


def test_as_json_it_has_the_keys_that_scripts_read() -> None:
    check = CheckResult("status", "403", "500", False, (7,))
    result = ChoiceResult(False, "REFUSED 500", (check,), "no token", True, {"wire": False, "browser": True})
    assert result.to_json() == {
        "borne_out": False,
        "try": "no token",
        "patched": True,
        "headline": "REFUSED 500",
        "checks": [{"key": "status", "expected": "403", "observed": "500", "ok": False, "events": [7]}],
        "observers": {"wire": False, "browser": True},
    }
    assert ChoiceResult(True, "", ()).to_json()["try"] is None
