"""The grading of a challenge as a job for the background thread.

The code for grading and attacking is imported in that thread, when it is first needed.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from wsplay.challenge.catalogue import Item
from wsplay.challenge.result import ChoiceResult
from wsplay.scenario.file import Scenario
from wsplay.tui.attack.jobs import AttackDone
from wsplay.tui.background.job import Job, Work


@dataclass(frozen=True, slots=True)
class RunDone:
    """A run is over; `number` counts from 1."""

    number: int


@dataclass(frozen=True, slots=True)
class AllGraded:
    """The result of every choice, in the order of the challenge."""

    results: tuple[ChoiceResult, ...]


def run_count(item: Item) -> int:
    """The number of runs for grading: one for each patch and try."""
    return len({(choice.patch, choice.try_) for choice in item.challenge.choices})


def grade(item: Item, first: int | None, designs: Mapping[str, Scenario]) -> Work:
    """Grade every choice of a challenge; that at place `first` is run before the others, to be watched.

    Posts `RunDone` after each run, or `AttackDone` after each attack, and `AllGraded` last.
    """

    async def work(playground: Any, job: Job) -> None:
        from wsplay.challenge.grading import grade_challenge

        numbers = itertools.count(1)
        results = await grade_challenge(
            playground,
            item.scenario,
            item.challenge,
            designs,
            first=first,
            on_run=lambda run: job.post(RunDone(next(numbers))),
            on_attack=lambda result: job.post(AttackDone(result)),
        )
        job.post(AllGraded(tuple(results)))

    return work
