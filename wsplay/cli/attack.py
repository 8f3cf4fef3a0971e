"""`wsplay attack`: the same attacks against each scenario, run live, as a table of held and broken."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import click

from wsplay.attack.attacks import ATTACKS, DESIGNS
from wsplay.cli.errors import NOT_AS_EXPECTED, OK, CouldNotRun
from wsplay.cli.params import complete_scenario, engine_option, read_library, usable_scenario
from wsplay.cli.terminal import complain, paint, say
from wsplay.export.jsonl import json_line
from wsplay.scenario.file import Scenario

if TYPE_CHECKING:
    from wsplay.attack.result import AttackResult

_MARKS = {"held": ("✓ held", "good"), "broken": ("✗ BROKEN", "bad"), "n/a": ("· n/a", "dim")}


@click.command("attack")
@click.argument("scenarios", nargs=-1, metavar="[SCENARIO]...", shell_complete=complete_scenario)
@engine_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON lines: one per attack, the counts last.")
@click.option("-v", "--verbose", is_flag=True, help="Print the reason for each result.")
@click.pass_context
def command(
    ctx: click.Context, scenarios: tuple[str, ...], engine: str, as_json: bool, verbose: bool
) -> None:
    """Attack SCENARIOS, or the four designs, and show what held and what broke.

    Every cell is a run. Exits with 1 if something broke.
    """
    library = read_library()
    chosen = [usable_scenario(library, name, tell=False) for name in scenarios or DESIGNS]
    ctx.exit(asyncio.run(_attack(chosen, engine, as_json, verbose)))


async def _attack(scenarios: list[Scenario], engine: str, as_json: bool, verbose: bool) -> int:
    from wsplay.attack.bench import AttackError, attack_scenario
    from wsplay.cli.running import playing
    from wsplay.play.setup import SetupError
    from wsplay.server.parent.errors import ServerError

    table: dict[str, list[AttackResult]] = {}

    def show(cell: AttackResult) -> None:
        if as_json:
            say(json_line({**cell.to_json(), "engine": engine}))
        else:
            mark, role = _MARKS[cell.verdict]
            if verbose:
                say(f"  {paint(f'{mark:<9}', role)} {cell.attack.title:<18} {cell.why}")
            else:
                complain(f"  {cell.scenario}: {cell.attack.title}: {cell.verdict}")

    async with playing(engine) as playground:
        for scenario in scenarios:
            if verbose and not as_json:
                say(paint(scenario.title, "strong"))
            try:
                table[scenario.name] = await attack_scenario(playground, scenario, on_result=show)
            except (AttackError, ServerError, SetupError) as error:
                raise CouldNotRun(str(error)) from error
    counts = {
        name: {verdict: sum(cell.verdict == verdict for cell in cells) for verdict in _MARKS}
        for name, cells in table.items()
    }
    if as_json:
        say(json_line({"kind": "attack.count", "engine": engine, "scenarios": counts}))
    else:
        _show_table(table)
        for name, count in counts.items():
            say(f"{name}: {count['held']} held, {count['broken']} broken, {count['n/a']} not applicable")
    return NOT_AS_EXPECTED if any(count["broken"] for count in counts.values()) else OK


def _show_table(table: Mapping[str, Sequence[AttackResult]]) -> None:
    """A table with a row per attack and a column per scenario."""
    widths = {name: max(len(name), 9) for name in table}
    say(f"{'':<18}  " + "  ".join(f"{name:<{widths[name]}}" for name in table))
    for place, attack in enumerate(ATTACKS):
        cells = []
        for name, row in table.items():
            mark, role = _MARKS[row[place].verdict]
            cells.append(paint(f"{mark:<{widths[name]}}", role))
        say(f"{attack.title:<18}  " + "  ".join(cells))
