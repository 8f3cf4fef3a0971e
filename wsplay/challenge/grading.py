"""A challenge, graded by running it: each choice's claim against what really happened."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from wsplay.attack.bench import BROKEN, HELD, AttackResult, attack_scenario
from wsplay.play.playground import Playground
from wsplay.play.runner import Attempt, Run, run_attempt
from wsplay.scenario.challenge_table import Challenge, Choice
from wsplay.scenario.file import Scenario
from wsplay.scenario.source import Patch
from wsplay.scenario.tries import Try
from wsplay.server.parent.ask_testclient import ask_test_client
from wsplay.verdict.evidence import evidence
from wsplay.verdict.expectation import Check, Expectation
from wsplay.verdict.outcome import Outcome
from wsplay.verdict.viewpoints import VIEWPOINTS, as_browser, as_test_client

#: Seconds that a run of a challenge is watched where nothing tells what to wait for.
QUIET = 0.6
#: Seconds that such a run may take in all.
TIMEOUT = 10.0


class ChallengeError(ValueError):
    """The challenge cannot be graded. The message is one line, safe to print."""


@dataclass(frozen=True, slots=True)
class Graded:
    """A choice, the run that graded it, and what other observers of that run say of the same claim."""

    grade: Grade
    run: Run
    observed: Mapping[str, Grade] = field(default_factory=dict)

    @property
    def choice(self) -> Choice:
        return self.grade.choice

    @property
    def confirmed(self) -> bool:
        """What counts: whether the claim holds for a real client on a real wire."""
        return self.grade.confirmed

    def to_json(self) -> dict[str, Any]:
        """The choice, whether it is borne out, each check with the `seq` of the events that speak to it."""
        run = self.run
        return {
            "text": self.choice.text,
            "borne_out": self.confirmed,
            "try": run.attempt.name,
            "patched": bool(self.choice.patch),
            "headline": run.diagnosis.headline,
            "checks": [
                {
                    "key": check.key,
                    "expected": check.expected,
                    "observed": check.observed,
                    "ok": check.ok,
                    "events": list(evidence([check.key], run.timeline, run.outcome.conn)),
                }
                for check in self.grade.checks
            ],
            "observers": {name: seen.confirmed for name, seen in self.observed.items()},
        }


async def grade_challenge(
    playground: Playground,
    scenario: Scenario,
    challenge: Challenge,
    *,
    on_run: Callable[[Run], None] | None = None,
) -> list[Graded]:
    """Run what the choices need, each patch and try once, and grade every choice, in order.

    The scenario as it is written is loaded again in the end. Raises `server.errors.LoadError` for a patch
    that does not load.
    """
    runs: dict[tuple[Patch, Try | None], Run] = {}
    reports: dict[int, Outcome] = {}
    graded: list[Graded] = []
    try:
        for choice in challenge.choices:
            key = (choice.patch, choice.attempt)
            if key not in runs:
                runs[key] = await _run(playground, scenario, choice)
                if on_run is not None:
                    on_run(runs[key])
            run = runs[key]
            observed: dict[str, Grade] = {}
            if challenge.observers:
                if id(run) not in reports:
                    source = scenario.patched(choice.patch)
                    report = await ask_test_client(scenario.file, source, run.attempt.handshake)
                    reports[id(run)] = as_test_client(run.outcome, report)
                views = (run.outcome, as_browser(run.outcome), reports[id(run)])
                observed = {
                    name: grade(choice, view, playground.engine)
                    for name, view in zip(VIEWPOINTS, views, strict=True)
                }
            graded.append(Graded(grade(choice, run.outcome, playground.engine), run, observed))
    finally:
        await playground.load(scenario)
    return graded


async def _run(playground: Playground, scenario: Scenario, choice: Choice) -> Run:
    template = choice.attempt
    if template is None:
        raise ChallengeError(f"{scenario.name}: a choice names no try to run")
    # What the scenario's author expects of the try says nothing of patched code.
    expect = Expectation() if choice.patch else template.expect.on(playground.engine)
    attempt = Attempt(template.name, template.handshake, expect)
    await playground.load(scenario, scenario.patched(choice.patch))
    return await run_attempt(playground, scenario, attempt, timeout=TIMEOUT, quiet=QUIET)


@dataclass(frozen=True, slots=True)
class Grade:
    """What a run said of one choice; `checks` hold what was claimed and what was seen."""

    choice: Choice
    checks: tuple[Check, ...]
    confirmed: bool


def grade(choice: Choice, outcome: Outcome, engine: str) -> Grade:
    """Hold a choice's claim against what its run came to. Raises `ExpectationError`."""
    checks = tuple(choice.claim.on(engine).checks(outcome))
    return Grade(choice, checks, bool(checks) and all(check.ok for check in checks))


@dataclass(frozen=True, slots=True)
class DesignGrade:
    """A choice that names a design, judged by the bench: borne out where it broke least of all."""

    choice: Choice
    cells: tuple[AttackResult, ...]
    broken: int
    confirmed: bool

    def to_json(self) -> dict[str, Any]:
        """The same keys as `grading.Graded.to_json`; the checks are the attacks."""
        return {
            "text": self.choice.text,
            "borne_out": self.confirmed,
            "try": None,
            "patched": False,
            "headline": f"{self.broken} of {len(self.cells)} attacks broke it",
            "checks": [
                {
                    "key": cell.attack.name,
                    "expected": HELD,
                    "observed": cell.verdict if not cell.why else f"{cell.verdict}: {cell.why}",
                    "ok": cell.verdict != BROKEN,
                    "events": [],
                }
                for cell in self.cells
            ],
            "observers": {},
        }


async def grade_designs(
    playground: Playground,
    scenarios: Mapping[str, Scenario],
    challenge: Challenge,
    *,
    on_result: Callable[[AttackResult], None] | None = None,
) -> list[DesignGrade]:
    """Attack each choice's design; borne out is the one that breaks in strictly fewer attacks than the rest.

    `scenarios` holds the designs by name. Raises what `attack_scenario` raises, and `ChallengeError` for a
    design that is not there.
    """
    table: dict[str, list[AttackResult]] = {}
    for name in challenge.bench:
        if name not in scenarios:
            raise ChallengeError(f"there is no scenario {name!r} to attack")
        table[name] = await attack_scenario(playground, scenarios[name], on_result=on_result)
    broken = {name: sum(cell.verdict == BROKEN for cell in cells) for name, cells in table.items()}
    least = min(broken.values())
    alone = list(broken.values()).count(least) == 1
    grades: list[DesignGrade] = []
    for choice in challenge.choices:
        if choice.bench is not None:
            count = broken[choice.bench]
            cells = tuple(table[choice.bench])
            grades.append(DesignGrade(choice, cells, count, count == least and alone))
    return grades
