"""`wsplay show SCENARIO`: its source and explanation."""

from __future__ import annotations

import click

from wsplay.cli.params import find_scenario, read_library, scenario_argument
from wsplay.cli.terminal import colour_wanted, paint, say
from wsplay.events.safe_text import visible, visible_lines
from wsplay.export.jsonl import json_line


@click.command("show")
@scenario_argument
@click.option("--notes", is_flag=True, help="Show the speaker's notes too.")
@click.option("--source", "only_source", is_flag=True, help="Print only the file, unchanged.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(scenario: str, notes: bool, only_source: bool, as_json: bool) -> None:
    """Show what SCENARIO does and what to look for, then its code with line numbers."""
    chosen = find_scenario(read_library(), scenario)
    if as_json:
        say(
            json_line(
                {
                    "name": chosen.name,
                    "title": chosen.title,
                    "file": chosen.file,
                    "explanation": chosen.explanation,
                    "notes": chosen.notes,
                    "source": chosen.source,
                    "flawed": chosen.flawed,
                    "mended": chosen.mended,
                    "sources": list(chosen.sources),
                    "tries": [each.name for each in chosen.tries],
                }
            )
        )
        return
    if only_source:
        click.echo(chosen.source, nl=False)
        return
    say(paint(visible(chosen.title), "strong"))
    for problem in chosen.problems:
        say(paint(visible(f"✗ {problem}"), "bad"))
    if chosen.flawed:
        mend = f", fixed in {chosen.mended}" if chosen.mended else ""
        say(paint(f"✗ flawed on purpose{visible(mend)}", "warn"))
    for text in (chosen.explanation, chosen.notes if notes else ""):
        if text:
            say()
            say(visible_lines(text.strip()))
    say()
    # The docstring is already shown as the explanation, and the metadata block is not code.
    first = chosen.code.first_line(chosen.source)
    for number, line in enumerate(_highlighted(chosen.source[: chosen.code.end].rstrip("\n")), 1):
        if number >= first:
            say(f"{paint(f'{number:4}', 'dim')}  {line}")
    if chosen.sources:
        say()
        say(paint("Sources", "strong"))
        for source in chosen.sources:
            say(f"  {visible(source)}")
    if chosen.tries:
        say()
        say(paint("Tries", "strong"))
        for each in chosen.tries:
            say(f'  wsplay run {chosen.name} --try "{visible(each.name)}"')


def _highlighted(code: str) -> list[str]:
    """The code in lines, highlighted if colour is wanted."""
    if colour_wanted():
        from rich.console import Console
        from rich.syntax import Syntax

        console = Console(force_terminal=True, width=1000)
        with console.capture() as captured:
            console.print(
                Syntax(visible_lines(code), "python", theme="ansi_dark", background_color="default")
            )
        return [line.rstrip() for line in captured.get().rstrip("\n").split("\n")]
    return visible_lines(code).split("\n")
