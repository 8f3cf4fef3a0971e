"""A challenge, graded by running it: each choice's claim against what really happened."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from wsplay.attack.bench import ATTACK_ERRORS, attack_scenario, seconds_to_attack
from wsplay.attack.result import AttackResult, AttackVerdict, count_verdicts
from wsplay.challenge.result import CheckResult, ChoiceResult
from wsplay.play.every_try import seconds_of
from wsplay.play.playground import Playground
from wsplay.play.pool import Pool, Results, Work
from wsplay.play.runner import Run, Watch, run_try
from wsplay.scenario.challenge_table import Challenge, Choice
from wsplay.scenario.expectations import Expectations
from wsplay.scenario.file import Scenario
from wsplay.scenario.source import Patch
from wsplay.scenario.tries import Try
from wsplay.server.parent.ask_testclient import TestClientError, ask_test_client
from wsplay.verdict.evidence import evidence
from wsplay.verdict.outcome import Outcome
from wsplay.verdict.settled import settled
from wsplay.verdict.viewpoints import VIEWPOINTS, as_browser, as_test_client

#: Seconds without an event after which a challenge's run ends: once its claims are decided, and in any case.
QUIET, LIMIT = 0.6, 3.0
#: Seconds that such a run may take.
TIMEOUT = 10.0
#: Seconds that TestClient takes to answer: it starts a process and imports the scenario.
TEST_CLIENT = 0.7


class ChallengeError(ValueError):
    """The challenge cannot be graded. The message is one line, safe to print."""


#: What `grade_challenge` raises for a challenge that cannot be graded, whatever the reason.
GRADING_ERRORS = (ChallengeError, TestClientError, *ATTACK_ERRORS)


async def grade_challenge(
    playground: Playground,
    scenario: Scenario,
    challenge: Challenge,
    designs: Mapping[str, Scenario],
    *,
    first: int | None = None,
    on_run: Callable[[Run], None] | None = None,
    on_attack: Callable[[AttackResult], None] | None = None,
) -> list[ChoiceResult]:
    """Grade every choice of a scenario's challenge; the results are in the order of the choices.

    Each needed patch and try is run once, that of the choice at place `first` before the others. If the
    choices are designs, these are attacked; `designs` holds them by name. What ran last stays loaded.

    Raises:
        ChallengeError: If a design is missing.
        AttackError: If a design cannot be attacked.
        ServerError: If a scenario or a patch does not load, or the server fails.
        SetupError: If a run does not reach its own connection.
        TestClientError: If TestClient does not answer.

    """
    if challenge.bench:
        attacked: dict[str, list[AttackResult]] = {}
        for name in challenge.bench:
            design = _design(name, designs)
            attacked[name] = await attack_scenario(playground, design, on_result=on_attack)
        return _grade_designs(challenge.bench, attacked)
    grader = _Grader(playground, scenario, challenge, on_run)
    order = sorted(range(len(challenge.choices)), key=lambda place: place != first)
    results = {place: await grader.grade(challenge.choices[place]) for place in order}
    return [results[place] for place in sorted(results)]


class Grading:
    """The grading of a challenge in a pool: made before the pool begins, read when it has begun.

    Each design of a bench is attacked in a playground of its own; otherwise, one playground does it all.
    """

    def __init__(
        self, pool: Pool, scenario: Scenario, challenge: Challenge, designs: Mapping[str, Scenario]
    ) -> None:
        async def grade(playground: Playground, post: Callable[[ChoiceResult], None]) -> None:
            for result in await grade_challenge(playground, scenario, challenge, designs):
                post(result)

        def attack(name: str) -> Work[AttackResult]:
            async def work(playground: Playground, post: Callable[[AttackResult], None]) -> None:
                await attack_scenario(playground, _design(name, designs), on_result=post)

            return work

        self._names = challenge.bench
        self._choices: Results[ChoiceResult] | None = None
        self._attacks: dict[str, Results[AttackResult]] = {}
        if not challenge.bench:
            self._choices = pool.add(grade, seconds_to_grade(scenario, challenge))
        for name in dict.fromkeys(challenge.bench):
            seconds = seconds_to_attack(designs[name]) if name in designs else 0.0
            self._attacks[name] = pool.add(attack(name), seconds)

    async def results(self) -> list[ChoiceResult]:
        """The result of every choice, once. Raises `GRADING_ERRORS`, as `grade_challenge` does."""
        if self._choices is not None:
            return [result async for result in self._choices]
        attacked = {name: [result async for result in results] for name, results in self._attacks.items()}
        return _grade_designs(self._names, attacked)


def seconds_to_grade(scenario: Scenario, challenge: Challenge) -> float:
    """About how many seconds the runs of a challenge wait that has no bench, according to its file."""
    runs = {(choice.patch, choice.try_) for choice in challenge.choices}
    seconds = seconds_of(scenario, [try_ for _, try_ in runs if try_ is not None])
    return seconds + (TEST_CLIENT * len(runs) if challenge.viewpoints else 0.0)


class _Grader:
    """Grades choices by runs, and keeps the runs for the choices that share them."""

    def __init__(
        self,
        playground: Playground,
        scenario: Scenario,
        challenge: Challenge,
        on_run: Callable[[Run], None] | None,
    ) -> None:
        self._playground = playground
        self._scenario = scenario
        self._challenge = challenge
        self._on_run = on_run
        #: The run, and its outcome from each viewpoint.
        self._runs: dict[tuple[Patch, Try | None], tuple[Run, dict[str, Outcome]]] = {}

    async def grade(self, choice: Choice) -> ChoiceResult:
        key = (choice.patch, choice.try_)
        if key not in self._runs:
            run = await self._run(choice)
            self._runs[key] = run, await self._views(run, choice) if self._challenge.viewpoints else {}
        run, views = self._runs[key]
        claim = choice.claim.on(self._playground.engine)
        checks = claim.checks(run.outcome)
        return ChoiceResult(
            confirmed=all(check.ok for check in checks),
            headline=run.diagnosis.headline,
            checks=tuple(
                CheckResult(
                    check.key,
                    check.expected,
                    check.observed,
                    check.ok,
                    evidence([check.key], run.timeline, run.outcome.conn),
                )
                for check in checks
            ),
            try_name=run.try_.name,
            patched=bool(choice.patch),
            viewpoints={name: claim.satisfied(view) for name, view in views.items()},
            timeline=run.timeline,
        )

    async def _run(self, choice: Choice) -> Run:
        try_ = choice.try_
        if try_ is None:
            raise ChallengeError(f"{self._scenario.name}: there is no try to run")
        # The try's own expectation does not apply to patched code.
        if choice.patch:
            try_ = replace(try_, expect=Expectations())
        await self._playground.load(self._scenario, self._scenario.patched(choice.patch))
        claims = [
            each.claim.on(self._playground.engine)
            for each in self._challenge.choices
            if (each.patch, each.try_) == (choice.patch, choice.try_)
        ]

        def seen_enough(outcome: Outcome) -> bool:
            return all(settled(claim, outcome) for claim in claims)

        run = await run_try(
            self._playground,
            self._scenario,
            try_,
            timeout=TIMEOUT,
            watch=Watch(QUIET, LIMIT, seen_enough),
        )
        if self._on_run is not None:
            self._on_run(run)
        return run

    async def _views(self, run: Run, choice: Choice) -> dict[str, Outcome]:
        source = self._scenario.patched(choice.patch)
        report = await ask_test_client(self._scenario.file, source, run.try_.handshake)
        views = (run.outcome, as_browser(run.outcome), as_test_client(run.outcome, report))
        return dict(zip(VIEWPOINTS, views, strict=True))


def _design(name: str, designs: Mapping[str, Scenario]) -> Scenario:
    if name not in designs:
        raise ChallengeError(f"there is no scenario {name!r} to attack")
    return designs[name]


def _grade_designs(
    names: Sequence[str], attacked: Mapping[str, Sequence[AttackResult]]
) -> list[ChoiceResult]:
    """Grade each design by the attacks on it; the confirmed one was broken by fewer than any other."""
    broken = {name: count_verdicts(results)[AttackVerdict.BROKEN] for name, results in attacked.items()}
    least = min(broken.values())
    best = [name for name, count in broken.items() if count == least]
    alone = len(best) == 1
    return [
        ChoiceResult(
            confirmed=alone and broken[name] == least,
            headline=_bench_headline(attacked[name], attacked[best[0]] if alone else ()),
            checks=tuple(map(_attack_check, attacked[name])),
            attacks=tuple(attacked[name]),
        )
        for name in names
    ]


def _bench_headline(results: Sequence[AttackResult], best: Sequence[AttackResult]) -> str:
    """How many of the attacks that apply broke a design, and which one alone tells it from the `best` design,
    if it is one alone.
    """
    broken = _broken(results)
    applied = [result for result in results if result.verdict is not AttackVerdict.NOT_APPLICABLE]
    headline = f"{len(broken)} of {len(applied)} attacks broke it"
    more = [title for title in broken if title not in _broken(best)]
    alone = bool(best) and len(more) == 1 and len(broken) == len(_broken(best)) + 1
    return f"{headline}, one more than the best: {more[0]}" if alone else headline


def _broken(results: Sequence[AttackResult]) -> list[str]:
    return [result.attack.title for result in results if result.verdict is AttackVerdict.BROKEN]


def _attack_check(result: AttackResult) -> CheckResult:
    observed = f"{result.verdict}: {result.why}" if result.why else result.verdict
    return CheckResult(
        result.attack.name, AttackVerdict.HELD, observed, result.verdict is not AttackVerdict.BROKEN
    )
