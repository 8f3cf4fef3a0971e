"""`wsplay progress`: which challenges are solved, and a reset."""

from __future__ import annotations

import sys

import click

from wsplay.challenge.catalogue import read_catalogue
from wsplay.challenge.progress import Progress
from wsplay.challenge.progress_file import ProgressError, progress_path, read_progress, reset_progress
from wsplay.cli.errors import NOT_AS_EXPECTED, OK, CouldNotRun
from wsplay.cli.params import read_library
from wsplay.cli.terminal import complain, paint, say
from wsplay.events.safe_text import visible
from wsplay.export.jsonl import json_line

BAR = 30


@click.command("progress")
@click.option("--reset", is_flag=True, help="Reset your progress.")
@click.option("--yes", is_flag=True, help="With --reset: do not ask.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_context
def command(ctx: click.Context, reset: bool, yes: bool, as_json: bool) -> None:
    """Show solved challenges, streak and badges. They are kept between sessions."""
    if yes and not reset:
        raise click.UsageError("--yes only works with --reset")
    if reset:
        ctx.exit(_reset(yes=yes, as_json=as_json))
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


def _reset(*, yes: bool, as_json: bool) -> int:
    """Delete the progress once the user agrees; return the exit code, 1 if the user does not."""
    path = progress_path()
    if not yes and path.exists():
        if not sys.stdin.isatty():
            raise click.UsageError("--reset asks first, and there is no terminal to ask on: pass --yes")
        question = f"Delete your progress, {visible(str(path))}? This cannot be undone"
        if not click.confirm(question, err=True):
            return _told_reset(False, "nothing was reset", as_json, NOT_AS_EXPECTED)
    try:
        gone = reset_progress(path)
    except ProgressError as error:
        raise CouldNotRun(str(error)) from error
    return _told_reset(gone, "progress reset" if gone else "there was no progress to reset", as_json, OK)


def _told_reset(gone: bool, words: str, as_json: bool, code: int) -> int:
    if as_json:
        say(json_line({"kind": "progress.reset", "reset": gone, "file": str(progress_path())}))
    else:
        say(words)
    return code
