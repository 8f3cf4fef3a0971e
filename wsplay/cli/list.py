"""`wsplay list`: the scenarios."""

from __future__ import annotations

import dataclasses
import sys

import click

from wsplay.cli.params import read_library
from wsplay.cli.terminal import paint, say, width
from wsplay.export.jsonl import json_line
from wsplay.model.printable import visible
from wsplay.model.scenario import Scenario


@click.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def command(as_json: bool) -> None:
    """List the scenarios, grouped by topic; broken ones with their error and line."""
    scenarios = read_library().scenarios
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
            problem = dataclasses.replace(scenario.problem, file=scenario.filename)
            room = max(width() - len(head) - 2, 40) if sys.stdout.isatty() else None
            trouble = visible(str(problem), room)
            say(head + paint(f"✗ {trouble}", "bad"))
            continue
        count = f"{len(scenario.tries)} {'try' if len(scenario.tries) == 1 else 'tries'}"
        say(f"{head}{visible(scenario.title):<36}  {paint(count, 'dim')}")


def _as_json(scenario: Scenario) -> dict[str, object]:
    return {
        "name": scenario.name,
        "order": scenario.order,
        "title": scenario.title,
        "topics": list(scenario.topics),
        "tries": [each.name for each in scenario.tries],
        "file": scenario.file,
        "problem": None
        if scenario.problem is None
        else {"message": scenario.problem.message, "line": scenario.problem.line},
    }
