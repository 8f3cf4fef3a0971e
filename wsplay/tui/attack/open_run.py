"""The run behind a result of the attack table, on a screen of its own."""

from __future__ import annotations

from wsplay.attack.result import AttackResult, AttackVerdict
from wsplay.tui.attack.table import AttackTable
from wsplay.tui.run.screen import RunScreen


def run_screen(table: AttackTable) -> RunScreen | None:
    """The run behind the result under the cursor; None if nothing was run."""
    result = table.result
    if result is None or not result.timelines:
        return None
    design = table.state.designs[table.cursor_column]
    title = f"{result.attack.title} against {design.title}"
    return RunScreen(title, design, result.timelines, table.verdict, cursor=deciding_event(result))


def deciding_event(result: AttackResult) -> int | None:
    """The `seq` of the deciding event of the last run, if there is a single one."""
    kinds: tuple[str, ...] = ("wire.response", "client.error")
    if result.verdict == AttackVerdict.BROKEN:
        kinds = ("server.log", "server.print") if result.attack.name == "logged" else ("client.received",)
    events = (event for kind in kinds for event in result.timelines[-1] if event.kind == kind)
    return next((event.seq for event in events), None)
