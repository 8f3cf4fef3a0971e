"""The run on show and the one before, as they can be compared and run again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import SimpleNamespace
from typing import Any, cast

from wsplay.protocol.handshake import Handshake
from wsplay.scenario.file import Scenario, Try
from wsplay.tui.main.server_state import ServerState
from wsplay.tui.main.state import Run
from wsplay.verdict.compare import Side
from wsplay.verdict.diagnosis import diagnose

#: Runs that are kept: the one on show, and the one before.
KEPT = 2


@dataclass(frozen=True, eq=False, slots=True)
class LastRun:
    """A run: what was asked for, as it was typed, what the server ran, and where."""

    run: Run
    handshake: Handshake
    try_name: str  # empty for a request that is none of the tries
    scenario: Scenario  # with the text that ran
    in_file: Scenario  # as in its file
    server: ServerState
    files: frozenset[str]
    started: datetime

    @property
    def header(self) -> Mapping[str, Any]:
        """The header of a run file."""
        from wsplay.play.recording import run_header

        ground = SimpleNamespace(
            engine=self.run.engine, versions=self.server.versions, files=self.files, standing=[]
        )
        source = None if self.scenario.source == self.in_file.source else self.scenario.source
        return run_header(
            self.in_file, self.try_name, self.handshake, cast("Any", ground), self.started, {}, source
        )

    @property
    def side(self) -> Side:
        """The run, as it can be compared."""
        run, outcome = self.run, self.run.outcome()
        told = outcome.to_json(
            scenario=self.in_file.name,
            try_name=self.try_name or None,
            engine=run.engine,
            versions=self.server.versions,
            diagnosis=diagnose(outcome),
            expected=None,
            mismatches=(),
        )
        return Side(self.header, run.timeline[:], told, run.timeline.start_ns)

    @property
    def try_(self) -> Try:
        """What runs it again."""
        known = self.in_file.get_try(self.try_name) if self.try_name else None
        return Try(self.try_name, self.handshake, timeout=None if known is None else known.timeout)


class LastRuns:
    """The newest runs of the main screen, newest first."""

    def __init__(self) -> None:
        self.runs: list[LastRun] = []

    def add(self, run: LastRun) -> None:
        """A run has begun."""
        self.runs = [run, *self.runs][:KEPT]
