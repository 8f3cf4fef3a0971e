"""Opens the run behind a result of the attack table on a screen of its own."""

from __future__ import annotations

from wsplay.tui.attack.table import AttackTable
from wsplay.tui.run.screen import RunScreen


def open_run(table: AttackTable) -> None:
    """Open the run behind the result under the cursor, at the event that decided; nothing if none was run."""
    result = table.result
    if result is not None and result.timelines:
        design = table.state.designs[table.cursor_column]
        title = f"{result.attack.title} against {design.title}"
        table.app.push_screen(RunScreen(title, design, result.timelines, table.verdict, cursor=result.event))
