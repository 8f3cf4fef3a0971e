"""A cell of the attack table, opened as a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wsplay.tui.attack.table import AttackTable
from wsplay.tui.kit.verdict import Verdict
from wsplay.tui.run.screen import RunScreen

if TYPE_CHECKING:
    from wsplay.attack.bench import AttackResult


def run_screen_of(table: AttackTable, cell: AttackResult) -> RunScreen:
    """The run that decided a cell."""
    design = table.state.designs[table.column]
    verdict = Verdict("bad" if cell.verdict == "broken" else "good", cell.verdict.upper(), table.why)
    title = f"{cell.attack.title} against {design.title}"
    return RunScreen(title, design, cell.timelines, verdict, cursor=decisive(cell))


def decisive(cell: AttackResult) -> int | None:
    """The event of the last run that a cell's verdict is read from, where one event tells it."""
    kinds = ("client.received",) if cell.verdict == "broken" else ("wire.response", "client.error")
    if cell.why.startswith("the log"):
        kinds = ("server.log", "server.print")
    for kind in kinds:
        for event in cell.timelines[-1]:
            if event.kind == kind:
                return event.seq
    return None
