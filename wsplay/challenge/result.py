"""The result of a choice after its run: one form for JSON, the command line and the screen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from wsplay.attack.result import AttackResult
from wsplay.events.timeline import Timeline

#: Viewpoint (see `verdict.viewpoints`) -> what a column calls it.
VIEWPOINT_NAMES: Mapping[str, str] = {
    "wire": "wire",
    "browser": "browser (per spec)",
    "testclient": "TestClient",
}


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One thing that a choice claimed, and what was observed; `events` are the `seq` it is read from."""

    key: str
    claimed: str
    observed: str
    ok: bool
    events: tuple[int, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Where the key for the claim is "expected"."""
        return {
            "key": self.key,
            "expected": self.claimed,
            "observed": self.observed,
            "ok": self.ok,
            "events": list(self.events),
        }


@dataclass(frozen=True, slots=True)
class ChoiceResult:
    """The result of one choice.

    It was graded by a run: `try_name` is the try's, `patched` says whether the code was patched, and
    `viewpoints` from where the claim holds, if requested. Or it was graded by `attacks` on its design; then
    each check is an attack.
    """

    confirmed: bool
    headline: str
    checks: tuple[CheckResult, ...]
    try_name: str = ""
    patched: bool = False
    viewpoints: Mapping[str, bool] = field(default_factory=dict, hash=False)
    timeline: Timeline | None = None
    attacks: tuple[AttackResult, ...] = ()

    @property
    def evidence(self) -> tuple[int, ...]:
        """The deciding events, the most decisive first; for a refuted choice, those of the failed checks."""
        decisive = [check for check in self.checks if check.ok == self.confirmed]
        rest = [check for check in self.checks if check.ok != self.confirmed]
        return tuple(dict.fromkeys(seq for check in (*decisive, *rest) for seq in check.events))

    def to_json(self) -> dict[str, Any]:
        """A choice in `wsplay quiz --json`, without its text."""
        return {
            "borne_out": self.confirmed,
            "try": self.try_name or None,
            "patched": self.patched,
            "headline": self.headline,
            "checks": [check.to_json() for check in self.checks],
            "observers": dict(self.viewpoints),
        }
