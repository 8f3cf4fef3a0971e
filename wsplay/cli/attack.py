"""`wsplay attack`: the same attacks against each scenario, run live, as a table of held and broken."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import click

from wsplay.attack.attacks import ATTACKS, DESIGNS
from wsplay.cli.errors import NOT_AS_EXPECTED, OK, CouldNotRun
from wsplay.cli.params import complete_scenario, engine_option, jobs_option, read_library, usable_scenario
from wsplay.cli.terminal import complain_when_ready, paint, say, say_when_ready
from wsplay.export.jsonl import json_line
from wsplay.scenario.file import Scenario

if TYPE_CHECKING:
    from wsplay.attack.result import AttackResult

_MARKS = {"held": ("✓ held", "good"), "broken": ("✗ BROKEN", "bad"), "n/a": ("· n/a", "dim")}
#: The width of the attacks' titles.
_TITLES = max(len(attack.title) for attack in ATTACKS)


@click.command("attack")
@click.argument("scenarios", nargs=-1, metavar="[SCENARIO]...", shell_complete=complete_scenario)
@jobs_option("Attack up to N scenarios")
@engine_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON lines: one per attack, the counts last.")
@click.option("-v", "--verbose", is_flag=True, help="Print the reason for each result.")
@click.pass_context
def command(
    ctx: click.Context,
    scenarios: tuple[str, ...],
    jobs: int | None,
    engine: str,
    as_json: bool,
    verbose: bool,
) -> None:
    """Attack SCENARIOS, or the four designs, and show what held and what broke.

    Every cell is a run. Exits with 1 if something broke.
    """
    library = read_library()
    chosen = [usable_scenario(library, name, tell=False) for name in scenarios or DESIGNS]
    ctx.exit(asyncio.run(_attack(chosen, jobs, engine, as_json, verbose)))


async def _attack(
    scenarios: list[Scenario], jobs: int | None, engine: str, as_json: bool, verbose: bool
) -> int:
    from wsplay.attack.bench import ATTACK_ERRORS, attacking, seconds_to_attack
    from wsplay.cli.running import in_pool
    from wsplay.play.pool import Pool

    table: dict[str, list[AttackResult]] = {}

    async def show(cell: AttackResult) -> None:
        mark, role = _MARKS[cell.verdict]
        if as_json:
            await say_when_ready(json_line({**cell.to_json(), "engine": engine}))
        elif verbose:
            title = f"{cell.attack.title:<{_TITLES}}"
            await say_when_ready(f"  {paint(f'{mark:<9}', role)} {title} {cell.why}")
        else:
            await complain_when_ready(f"  {cell.scenario}: {cell.attack.title}: {cell.verdict}")

    pool = Pool(engine, jobs)
    added = [pool.add(attacking(scenario), seconds_to_attack(scenario)) for scenario in scenarios]
    async with in_pool(pool):
        for scenario, results in zip(scenarios, added, strict=True):
            if verbose and not as_json:
                await say_when_ready(paint(scenario.title, "strong"))
            table[scenario.name] = []
            try:
                async for cell in results:
                    table[scenario.name].append(cell)
                    await show(cell)
            except ATTACK_ERRORS as error:
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
    say(f"{'':<{_TITLES}}  " + "  ".join(f"{name:<{widths[name]}}" for name in table))
    for place, attack in enumerate(ATTACKS):
        cells = []
        for name, row in table.items():
            mark, role = _MARKS[row[place].verdict]
            cells.append(paint(f"{mark:<{widths[name]}}", role))
        say(f"{attack.title:<{_TITLES}}  " + "  ".join(cells))
