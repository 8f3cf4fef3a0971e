"""What a choice came to, once it was run: one form for the command line, JSON and the screen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wsplay.events.timeline import Timeline
from wsplay.verdict.evidence import evidence

if TYPE_CHECKING:
    from wsplay.attack.bench import AttackResult
    from wsplay.challenge.grading import DesignGrade, Graded


#: Observers as a column names them.
VIEWPOINT_NAMES = {"wire": "wire", "browser": "browser (by rule)", "testclient": "TestClient"}


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One thing a choice claimed and what was observed; `events` are the `seq` it is read from."""

    key: str
    claimed: str
    observed: str
    ok: bool
    events: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class ChoiceResult:
    """What came of one choice. `timeline` is the run that graded it, or `cells` the attacks that did."""

    confirmed: bool
    headline: str
    checks: tuple[CheckResult, ...]
    attempt: str = ""
    patched: bool = False
    observers: tuple[tuple[str, bool], ...] = ()
    timeline: Timeline | None = None
    cells: tuple[AttackResult, ...] = ()

    @property
    def evidence(self) -> tuple[int, ...]:
        """The events that decide, the decisive ones first: of a refuted choice those of what failed."""
        decisive = [check for check in self.checks if check.ok == self.confirmed]
        rest = [check for check in self.checks if check.ok != self.confirmed]
        return tuple(dict.fromkeys(seq for check in (*decisive, *rest) for seq in check.events))


def choice_result(graded: Graded) -> ChoiceResult:
    """The mark of a choice graded by a run of its own or a shared one."""
    run = graded.run
    return ChoiceResult(
        confirmed=graded.confirmed,
        headline=run.diagnosis.headline,
        checks=tuple(
            CheckResult(
                check.key,
                check.expected,
                check.observed,
                check.ok,
                evidence([check.key], run.timeline, run.outcome.conn),
            )
            for check in graded.grade.checks
        ),
        attempt=run.attempt.name or "",
        patched=bool(graded.choice.patch),
        observers=tuple(
            (VIEWPOINT_NAMES.get(name, name), grade.confirmed) for name, grade in graded.observed.items()
        ),
        timeline=run.timeline,
    )


def design_result(graded: DesignGrade) -> ChoiceResult:
    """The mark of a choice judged by the attack bench; its checks are the attacks that broke it."""
    return ChoiceResult(
        confirmed=graded.confirmed,
        headline=f"{graded.broken} of {len(graded.cells)} attacks broke it",
        checks=tuple(
            CheckResult(cell.attack.title, "held", f"BROKEN, {cell.why}", False)
            for cell in graded.cells
            if cell.verdict == "broken"
        ),
        cells=graded.cells,
    )
