"""What a screen has the engine do for a challenge or the attack bench, as work for a `Loan`.

The modules that grade and attack are imported here, in the engine's thread, when they are first needed.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from wsplay.model.scenario import Scenario
from wsplay.tui.game import Item, Mark, mark_of, mark_of_design
from wsplay.tui.loan import Loan

if TYPE_CHECKING:
    from wsplay.bench import Cell
    from wsplay.runner import Run

Work = Callable[[Any, Loan], Coroutine[Any, Any, None]]


@dataclass(frozen=True, slots=True)
class RunDone:
    """A run came to its end; `number` counts from 1."""

    number: int
    run: Run


@dataclass(frozen=True, slots=True)
class CellDone:
    """An attack came to its end."""

    cell: Cell


@dataclass(frozen=True, slots=True)
class AttackedNext:
    """The scenario that is attacked from now on."""

    scenario: str


@dataclass(frozen=True, slots=True)
class NotAttacked:
    """A scenario that cannot be attacked, and why."""

    scenario: str
    problem: str


@dataclass(frozen=True, slots=True)
class AllGraded:
    """Every choice's mark, in the order of the challenge."""

    marks: tuple[Mark, ...]


def run_count(item: Item) -> int:
    """How many runs grading takes: one for each patch and try."""
    return len({(choice.patch, choice.attempt) for choice in item.challenge.choices})


def grade(item: Item, first: int | None, designs: Mapping[str, Scenario]) -> Work:
    """Grade every choice of a challenge, the one at place `first` before the others."""

    async def work(playground: Any, loan: Loan) -> None:
        if item.challenge.bench:
            await _grade_designs(playground, loan, item, designs)
        else:
            await _grade_runs(playground, loan, item, first)

    return work


async def _grade_runs(playground: Any, loan: Loan, item: Item, first: int | None) -> None:
    from wsplay.grading import grade_challenge

    order = list(range(len(item.challenge.choices)))
    if first is not None:
        order.remove(first)
        order.insert(0, first)
    count = 0

    def done(run: Run) -> None:
        nonlocal count
        count += 1
        loan.post(RunDone(count, run))

    # The learner's own choice goes first, so that it is the one to be watched.
    challenge = replace(item.challenge, choices=tuple(item.challenge.choices[place] for place in order))
    graded = await grade_challenge(playground, item.scenario, challenge, on_run=done)
    marks = dict(zip(order, map(mark_of, graded), strict=True))
    loan.post(AllGraded(tuple(marks[place] for place in sorted(marks))))


async def _grade_designs(playground: Any, loan: Loan, item: Item, designs: Mapping[str, Scenario]) -> None:
    from wsplay.bench import grade_designs

    graded = await grade_designs(
        playground, designs, item.challenge, on_cell=lambda cell: loan.post(CellDone(cell))
    )
    loan.post(AllGraded(tuple(map(mark_of_design, graded))))


def attack(scenarios: Sequence[Scenario]) -> Work:
    """Attack each scenario; one that cannot be attacked is told of, and the next one's turn comes."""

    async def work(playground: Any, loan: Loan) -> None:
        from wsplay.bench import attack_scenario
        from wsplay.errands import ErrandError
        from wsplay.model.attack import AttackError
        from wsplay.server.errors import LoadError

        for scenario in scenarios:
            loan.post(AttackedNext(scenario.name))
            try:
                await attack_scenario(playground, scenario, on_cell=lambda cell: loan.post(CellDone(cell)))
            except (AttackError, ErrandError, LoadError) as error:
                loan.post(NotAttacked(scenario.name, str(error)))

    return work
