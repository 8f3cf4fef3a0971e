"""A run that is made in order to be compared."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from wsplay.events.event import Event
from wsplay.play.playground import Playground
from wsplay.play.recording import run_header
from wsplay.play.runner import TIMEOUT, run_try
from wsplay.play.setup import Setup, with_path
from wsplay.protocol.handshake import Handshake
from wsplay.scenario.file import Scenario, Try
from wsplay.verdict.compare import Side


@dataclass(frozen=True, slots=True)
class ToRun:
    """What to run: a try of a scenario, on the engine of that name. `source` is the text to serve, if it is
    not the file's.
    """

    scenario: Scenario
    try_: Try
    engine: str
    source: str | None = None

    @property
    def name(self) -> str:
        """`SCENARIO @ TRY`."""
        return f"{self.scenario.name} @ {self.try_.name}" if self.try_.name else self.scenario.name


async def side_of_run(
    playground: Playground, what: ToRun, on_event: Callable[[Event, int], None] | None = None
) -> Side:
    """Load the scenario, run the try, and return the run. `on_event` is as for `run_try`.

    Raises `server.parent.errors.ServerError` and `play.setup.SetupError`.
    """
    started = datetime.now(UTC)
    headers: list[dict[str, Any]] = []
    if playground.engine != what.engine:
        await playground.use_engine(what.engine)
    await playground.load(what.scenario, what.source)
    try_ = replace(what.try_, handshake=with_path(what.try_.handshake, playground.routes))

    def begin(handshake: Handshake, setup: Setup) -> None:
        headers.append(
            run_header(what.scenario, try_.name, handshake, playground, started, setup.filled_in, what.source)
        )

    run = await run_try(
        playground,
        what.scenario,
        try_,
        timeout=try_.timeout or TIMEOUT,
        on_event=on_event,
        on_request=begin,
    )
    return Side(headers[0], list(run.timeline), run.to_json(), run.timeline.start_ns)
