"""The attack bench as a job for the background thread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from wsplay.attack.result import AttackResult
from wsplay.scenario.file import Scenario
from wsplay.tui.background.job import Job, Work


@dataclass(frozen=True, slots=True)
class AttackDone:
    """An attack is over."""

    result: AttackResult


@dataclass(frozen=True, slots=True)
class AttackedNext:
    """The next scenario to attack."""

    scenario: str


@dataclass(frozen=True, slots=True)
class NotAttacked:
    """A scenario that cannot be attacked, and why."""

    scenario: str
    problem: str


def attack(scenarios: Sequence[Scenario]) -> Work:
    """Attack each scenario in order; post `NotAttacked` for one that cannot be attacked, and go on."""

    async def work(playground: Any, job: Job) -> None:
        from wsplay.attack.bench import AttackError, attack_scenario
        from wsplay.play.setup import SetupError
        from wsplay.server.parent.errors import LoadError

        for scenario in scenarios:
            job.post(AttackedNext(scenario.name))
            try:
                await attack_scenario(
                    playground, scenario, on_result=lambda result: job.post(AttackDone(result))
                )
            except (AttackError, SetupError, LoadError) as error:
                job.post(NotAttacked(scenario.name, str(error)))

    return work
