"""What a screen has the engine do for a challenge or the attack bench, as work for a `Loan`.

The modules that grade and attack are imported here, in the engine's thread, when they are first needed.
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
    """A run came to its end; `number` counts from 1."""

    number: int
    run: Run


@dataclass(frozen=True, slots=True)
class AllGraded:
    """Every choice's mark, in the order of the challenge."""

    marks: tuple[ChoiceResult, ...]


def run_count(item: Item) -> int:
    """How many runs grading takes: one for each patch and try."""
    return len({(choice.patch, choice.attempt) for choice in item.challenge.choices})


def grade(item: Item, first: int | None, designs: Mapping[str, Scenario]) -> Work:
    """Grade every choice of a challenge, the one at place `first` before the others."""

    async def work(playground: Any, job: Job) -> None:
        if item.challenge.bench:
            await _grade_designs(playground, job, item, designs)
        else:
            await _grade_runs(playground, job, item, first)

    return work


async def _grade_runs(playground: Any, job: Job, item: Item, first: int | None) -> None:
    from wsplay.challenge.grading import grade_challenge

    order = list(range(len(item.challenge.choices)))
    if first is not None:
        order.remove(first)
        order.insert(0, first)
    count = 0

    def done(run: Run) -> None:
        nonlocal count
        count += 1
        job.post(RunDone(count, run))

    # The learner's own choice goes first, so that it is the one to be watched.
    challenge = replace(item.challenge, choices=tuple(item.challenge.choices[place] for place in order))
    graded = await grade_challenge(playground, item.scenario, challenge, on_run=done)
    marks = dict(zip(order, map(choice_result, graded), strict=True))
    job.post(AllGraded(tuple(marks[place] for place in sorted(marks))))


async def _grade_designs(playground: Any, job: Job, item: Item, designs: Mapping[str, Scenario]) -> None:
    from wsplay.challenge.grading import grade_designs

    graded = await grade_designs(
        playground, designs, item.challenge, on_result=lambda cell: job.post(AttackDone(cell))
    )
    job.post(AllGraded(tuple(map(design_result, graded))))
