"""Opens the run behind a result of the attack table on a screen of its own."""

from __future__ import annotations

from typing import Any

from wsplay.tui.attack.table import AttackTable
from wsplay.tui.kit.late_input import LateInputScreen
from wsplay.tui.run.screen import RunScreen


def open_run(screen: LateInputScreen[Any], table: AttackTable) -> None:
    """Open, above `screen`, the run of the result under the cursor, at the event that decided it."""
    result = table.result
    if result is not None and result.timelines:
        design = table.state.designs[table.cursor_column]
        title = f"{result.attack.title} against {design.title}"
        screen.open_above(RunScreen(title, design, result.timelines, table.verdict, cursor=result.event))
