"""The runs that a comparison misses, as a job for the background thread."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from wsplay.play.side_of_run import ToRun
from wsplay.tui.background.job import Job, Work
from wsplay.verdict.compare import Side


@dataclass(frozen=True, slots=True)
class Running:
    """This is run now."""

    what: ToRun


@dataclass(frozen=True, slots=True)
class SideDone:
    """A run is over; `place` is 0 for the left one, 1 for the right one."""

    place: int
    side: Side


def run_missing(missing: Mapping[int, ToRun]) -> Work:
    """Run what is missing, by its place; post `Running` and `SideDone` for each."""

    async def work(playground: Any, job: Job) -> None:
        from wsplay.play.side_of_run import side_of_run

        for place, what in missing.items():
            job.post(Running(what))
            job.post(SideDone(place, await side_of_run(playground, what)))

    return work
