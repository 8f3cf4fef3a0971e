"""`wsplay list`: the scenarios."""

from __future__ import annotations

from dataclasses import replace

import click

from wsplay.cli.errors import NOT_AS_EXPECTED
from wsplay.cli.params import read_library
from wsplay.cli.terminal import complain, paint, say, width
from wsplay.events.safe_text import visible
from wsplay.export.jsonl import json_line
from wsplay.scenario.file import Problem, Scenario
from wsplay.scenario.fixes import FIX_MARK, FLAWED_MARK, Fixes
from wsplay.scenario.search import contains


@click.command("list")
@click.argument("words", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="Print JSON lines, one object per scenario.")
@click.pass_context
def command(ctx: click.Context, words: tuple[str, ...], as_json: bool) -> None:
    """List the scenarios by topic. A broken one has its error and line.

    With WORDS, list only scenarios whose number, name, title, topics or explanation contain all of them.
    Exits with 1 if there is none.
    """
    everything = read_library().scenarios
    fixes = Fixes(everything)
    scenarios = [one for one in everything if contains(one, words, fixes.of(one))]
    if not scenarios:
        complain("no scenario contains these words" if words else "there are no scenarios")
        ctx.exit(NOT_AS_EXPECTED)
    if as_json:
        for scenario in scenarios:
            say(json_line(_as_json(scenario)))
        return
    longest = max((len(scenario.name) for scenario in scenarios), default=0)
    group = None
    for scenario in scenarios:
        topic = scenario.group or "other"
        if topic != group:
            if group is not None:
                say()
            say(paint(visible(topic), "strong"))
            group = topic
        order = "" if scenario.order is None else str(scenario.order)
        head = f"{order:>4}  {visible(scenario.name):<{longest}}  "
        if scenario.problem is not None:
            say(head + _trouble(scenario, scenario.problem, len(head)))
            continue
        count = f"{len(scenario.tries)} {'try' if len(scenario.tries) == 1 else 'tries'}"
        flaw = ""
        if scenario.flawed:
            flaw = f"  {FLAWED_MARK} flawed" + (f", fixed in {scenario.mended}" if scenario.mended else "")
        if flaws := fixes.of(scenario).flaws:
            flaw += f"  {FIX_MARK} fixes " + ", ".join(one.name for one in flaws)
        say(f"{head}{visible(scenario.title):<36}  {paint(f'{count:<8}{visible(flaw)}'.rstrip(), 'dim')}")
        for problem in scenario.problems:
            say(f"{'':6}{_trouble(scenario, problem, 6)}")


def _trouble(scenario: Scenario, problem: Problem, indent: int) -> str:
    """What is wrong with a file, with its line, cut to the width of a terminal."""
    text = str(replace(problem, file=scenario.filename))
    columns = width()
    return paint(f"✗ {visible(text, None if columns is None else max(columns - indent - 2, 40))}", "bad")


def _as_json(scenario: Scenario) -> dict[str, object]:
    problem = next(iter(scenario.problems), None)
    return {
        "name": scenario.name,
        "order": scenario.order,
        "title": scenario.title,
        "topics": list(scenario.topics),
        "tries": [each.name for each in scenario.tries],
        "flawed": scenario.flawed,
        "mended": scenario.mended,
        "file": scenario.file,
        "problem": {"message": problem.message, "line": problem.line} if problem else None,
    }
