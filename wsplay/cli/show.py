"""`wsplay show SCENARIO`: its source and explanation."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Any

import click

from wsplay.cli.filtering import filter_option
from wsplay.cli.params import complete_scenario, find_scenario, read_library
from wsplay.cli.terminal import colour_wanted, paint, say, width
from wsplay.events.safe_text import visible, visible_lines
from wsplay.export.event_filter import Filter
from wsplay.export.jsonl import json_line
from wsplay.export.run_file import SUFFIX
from wsplay.scenario.fixes import FIX_MARK, FLAWED_MARK, Fixes

#: Text is not broken to more columns than this: longer lines are hard to read.
MAX_WIDTH = 100


@click.command("show")
@click.argument("scenario", metavar="SCENARIO|RUNFILE", shell_complete=complete_scenario)
@click.option("--notes", is_flag=True, help="Show the speaker's notes too.")
@click.option("--source", "only_source", is_flag=True, help="Print only the file, unchanged.")
@filter_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object; of a run, its JSON lines.")
@click.option("-v", "--verbose", is_flag=True, help="Of a run, print headers, bodies and tracebacks too.")
@click.pass_context
def command(
    ctx: click.Context,
    scenario: str,
    notes: bool,
    only_source: bool,
    wanted: Filter,
    as_json: bool,
    verbose: bool,
) -> None:
    """Show what SCENARIO does and what to look for, then its code with line numbers.

    A RUNFILE (.jsonl) is a run that was kept: its events and verdict are printed as they were observed.
    """
    if scenario.endswith(SUFFIX):
        from wsplay.cli.show_run import show_run

        if notes:
            raise click.UsageError("a run has no speaker's notes: leave out --notes")
        ctx.exit(show_run(Path(scenario), wanted, only_source=only_source, as_json=as_json, verbose=verbose))
    if wanted or verbose:
        raise click.UsageError("--filter and --verbose are for a run file (.jsonl)")
    library = read_library()
    chosen = find_scenario(library, scenario)
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
        say(chosen.source, end="")
        return
    say(paint(visible(chosen.title), "strong"))
    for problem in chosen.problems:
        say(paint(visible(f"✗ {problem}"), "bad"))
    if chosen.flawed:
        mend = f", fixed in {chosen.mended}" if chosen.mended else ""
        say(paint(f"{FLAWED_MARK} flawed on purpose{visible(mend)}", "warn"))
    for flaw in Fixes(library.scenarios).of(chosen).flaws:
        say(paint(f"{FIX_MARK} fixes {visible(flaw.name)}", "good"))
    for text in (chosen.explanation, chosen.notes if notes else ""):
        if text:
            say()
            say(_rendered(text) if sys.stdout.isatty() else visible_lines(text.strip()))
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
            say(f"  wsplay run {shlex.quote(chosen.name)} --try {shlex.quote(visible(each.name))}")


def _rendered(markdown: str) -> str:
    """Markdown for a terminal; what is emphasised is seen only where there is colour."""
    from wsplay.scenario.markdown import Mark, markdown_lines

    styles: dict[Mark, dict[str, Any]] = {
        Mark.STRONG: {"bold": True},
        Mark.HEADING: {"bold": True, "underline": True},
        Mark.EMPHASIS: {"italic": True},
        Mark.CODE: {"fg": "cyan"},
        Mark.QUIET: {"dim": True},
    }

    def styled(text: str, marks: frozenset[Mark]) -> str:
        style = {name: value for mark in marks for name, value in styles[mark].items()}
        return click.style(text, **style) if style and colour_wanted() else text

    lines = markdown_lines(markdown, min(width() or MAX_WIDTH, MAX_WIDTH))
    return "\n".join("".join(styled(*span) for span in line) for line in lines)


def _highlighted(code: str) -> list[str]:
    """The code in lines, highlighted if colour is wanted."""
    if colour_wanted():
        from rich.console import Console
        from rich.syntax import Syntax

        console = Console(force_terminal=True, color_system="standard", width=1000)
        with console.capture() as captured:
            console.print(
                Syntax(visible_lines(code), "python", theme="ansi_dark", background_color="default")
            )
        return [line.rstrip() for line in captured.get().rstrip("\n").split("\n")]
    return visible_lines(code).split("\n")
