"""The grading of a challenge as a job for the background thread.

What grades and attacks is imported in that thread, when it is first needed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from wsplay.challenge.catalogue import Item
from wsplay.challenge.result import ChoiceResult, choice_result, design_result
from wsplay.scenario.file import Scenario
from wsplay.tui.attack.jobs import AttackDone
from wsplay.tui.background.job import Job, Work

if TYPE_CHECKING:
    from wsplay.play.runner import Run


@dataclass(frozen=True, slots=True)
class RunDone:
    """A run is over; `number` counts from 1."""

    number: int


@dataclass(frozen=True, slots=True)
class AllGraded:
    """The result of every choice, in the order of the challenge."""

    results: tuple[ChoiceResult, ...]


def run_count(item: Item) -> int:
    """How many runs grading takes: one for each patch and try."""
    return len({(choice.patch, choice.attempt) for choice in item.challenge.choices})


def grade(item: Item, first: int | None, designs: Mapping[str, Scenario]) -> Work:
    """Grade every choice of a challenge, the one at place `first` before the others.

    Posts `RunDone` after each run, or `AttackDone` after each attack, and `AllGraded` last.
    """

    async def work(playground: Any, job: Job) -> None:
        if item.challenge.bench:
            results = await _grade_designs(playground, job, item, designs)
        else:
            results = await _grade_runs(playground, job, item, first)
        job.post(AllGraded(tuple(results)))

    return work


async def _grade_runs(playground: Any, job: Job, item: Item, first: int | None) -> list[ChoiceResult]:
    from wsplay.challenge.grading import grade_challenge

    count = 0

    def done(run: Run) -> None:
        nonlocal count
        count += 1
        job.post(RunDone(count))

    # The learner's own choice goes first, so that its run is the one to be watched.
    order = sorted(range(len(item.challenge.choices)), key=lambda place: place != first)
    challenge = replace(item.challenge, choices=tuple(item.challenge.choices[place] for place in order))
    graded = await grade_challenge(playground, item.scenario, challenge, on_run=done)
    by_place = dict(zip(order, graded, strict=True))
    return [choice_result(by_place[place]) for place in sorted(by_place)]


async def _grade_designs(
    playground: Any, job: Job, item: Item, designs: Mapping[str, Scenario]
) -> list[ChoiceResult]:
    from wsplay.challenge.grading import grade_designs

    graded = await grade_designs(
        playground, designs, item.challenge, on_result=lambda result: job.post(AttackDone(result))
    )
    return list(map(design_result, graded))
