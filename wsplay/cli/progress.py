"""`wsplay progress`: which challenges are solved, and a reset."""

from __future__ import annotations

import click

from wsplay.challenge.catalogue import read_catalogue
from wsplay.challenge.progress import Progress
from wsplay.challenge.progress_file import ProgressError, progress_path, read_progress, reset_progress
from wsplay.cli.errors import CouldNotRun
from wsplay.cli.params import read_library
from wsplay.cli.terminal import complain, paint, say
from wsplay.events.safe_text import visible
from wsplay.export.jsonl import json_line

BAR = 30


@click.command("progress")
@click.option("--reset", is_flag=True, help="Reset your progress.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(reset: bool, as_json: bool) -> None:
    """Show solved challenges, streak and badges. They are kept between sessions."""
    if reset:
        try:
            gone = reset_progress()
        except ProgressError as error:
            raise CouldNotRun(str(error)) from error
        say("progress reset" if gone else "there was no progress to reset")
        return
    progress = Progress()
    try:
        progress = read_progress()
    except ProgressError as error:
        complain(str(error))
    catalogue = read_catalogue(read_library().scenarios)
    badges = progress.badges(catalogue.groups)
    total, solved = len(catalogue.names), progress.solved(catalogue.names)
    if as_json:
        say(
            json_line(
                {
                    **progress.to_json(),
                    "solved": solved,
                    "challenges": total,
                    "badges": badges,
                    "file": str(progress_path()),
                }
            )
        )
        return
    filled = BAR * solved // total if total else 0
    say(f"{paint('█' * filled, 'good')}{paint('░' * (BAR - filled), 'dim')}  {solved} of {total} solved")
    say(f"streak {progress.streak}, best {progress.best_streak}")
    for group, names in catalogue.groups.items():
        badge = paint("  ★ badge", "good") if group in badges else ""
        say(f"  {visible(group):<16} {progress.solved(names)} of {len(names)}{badge}")
