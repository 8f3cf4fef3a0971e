"""A challenge, graded by running it: each choice's claim against what really happened."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from wsplay.model.challenge import Challenge, ChallengeError, Choice, Grade, grade, patched_source
from wsplay.model.evidence import evidence
from wsplay.model.observers import OBSERVERS, as_browser, as_test_client
from wsplay.model.outcome import Outcome
from wsplay.model.scenario import Scenario
from wsplay.playground import Playground
from wsplay.runner import Attempt, Run, run_attempt
from wsplay.server.observer import ask_test_client

#: Seconds that a run of a challenge is watched where nothing tells what to wait for.
QUIET = 0.6
#: Seconds that such a run may take in all.
TIMEOUT = 10.0


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
    def borne_out(self) -> bool:
        """What counts: whether the claim holds for a real client on a real wire."""
        return self.grade.borne_out

    def to_json(self) -> dict[str, Any]:
        """The choice, whether it is borne out, each check with the `seq` of the events that speak to it."""
        run = self.run
        return {
            "text": self.choice.text,
            "borne_out": self.borne_out,
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
            "observers": {name: seen.borne_out for name, seen in self.observed.items()},
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
    that does not load and `ChallengeError` for a try that cannot be made.
    """
    runs: dict[tuple[tuple[tuple[str, str], ...], str | None], Run] = {}
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
                    source = patched_source(scenario, choice)
                    report = await ask_test_client(scenario.file, source, run.attempt.handshake)
                    reports[id(run)] = as_test_client(run.outcome, report)
                views = (run.outcome, as_browser(run.outcome), reports[id(run)])
                observed = {
                    name: grade(choice, view, playground.engine)
                    for name, view in zip(OBSERVERS, views, strict=True)
                }
            graded.append(Graded(grade(choice, run.outcome, playground.engine), run, observed))
    finally:
        await playground.load(scenario)
    return graded


async def _run(playground: Playground, scenario: Scenario, choice: Choice) -> Run:
    template = None if choice.attempt is None else scenario.get_try(choice.attempt)
    if template is None:
        raise ChallengeError(f"{scenario.name} has no try {choice.attempt!r}")
    # What the scenario's author expects of the try says nothing of patched code.
    expect = {} if choice.patch else template.expect_for(playground.engine)
    attempt = Attempt(template.name, template.handshake(), expect)
    await playground.load(scenario, patched_source(scenario, choice))
    return await run_attempt(playground, scenario, attempt, timeout=TIMEOUT, quiet=QUIET)
