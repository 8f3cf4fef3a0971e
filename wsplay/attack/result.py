"""The result of an attack, and the counts of results."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from wsplay.attack.attacks import Attack
from wsplay.events.timeline import Timeline


class AttackVerdict(StrEnum):
    """Whether the attacker received what only an authorised user receives."""

    HELD = "held"
    BROKEN = "broken"
    NOT_APPLICABLE = "n/a"


@dataclass(frozen=True, slots=True)
class AttackResult:
    """One attack on one scenario. `why` says what was observed; `timelines` are the runs it was seen in, and
    `event` is the `seq` of the event that decided, in the last of them; None if no single one did.
    """

    scenario: str
    attack: Attack
    verdict: AttackVerdict
    why: str
    timelines: tuple[Timeline, ...] = ()
    event: int | None = None

    def to_json(self) -> dict[str, Any]:
        """A line of `wsplay attack --json`, without the engine."""
        return {
            "kind": "attack",
            "scenario": self.scenario,
            "attack": self.attack.name,
            "verdict": self.verdict,
            "why": self.why,
        }


def count_verdicts(results: Iterable[AttackResult]) -> dict[AttackVerdict, int]:
    """The number of results per verdict."""
    verdicts = [result.verdict for result in results]
    return {verdict: verdicts.count(verdict) for verdict in AttackVerdict}
