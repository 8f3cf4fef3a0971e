"""`wsplay new NAME`: a new scenario of the user's."""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence
from pathlib import Path

import click

from wsplay.cli.errors import CouldNotRun, NotFound
from wsplay.cli.params import complete_scenario, read_library, usable_scenario
from wsplay.cli.terminal import complain, say
from wsplay.events.safe_text import visible
from wsplay.export.jsonl import json_line
from wsplay.scenario.library import Library, find_user_folders, own_folder
from wsplay.scenario.new_file import AlreadyThere, NotWritten, new_file, problem_with_name


@click.command("new")
@click.argument("name")
@click.option(
    "--from",
    "original",
    metavar="SCENARIO",
    shell_complete=complete_scenario,
    help="Begin with a copy of this scenario, instead of a small first file.",
)
@click.option(
    "--to",
    "folder",
    metavar="FOLDER",
    type=click.Path(file_okay=False),
    help="Write the file into this folder, instead of your scenarios folder.",
)
@click.option("--no-challenge", is_flag=True, help="Leave the challenge out.")
@click.option("--no-tries", is_flag=True, help="Leave the tries out, and the challenge with them.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_context
def command(
    ctx: click.Context,
    name: str,
    original: str | None,
    folder: str | None,
    no_challenge: bool,
    no_tries: bool,
    as_json: bool,
) -> None:
    """Write a new scenario, NAME.py, that runs at once. Change it as you like.

    An existing file is never changed: the command then ends with 2.
    """
    root = ctx.find_root().command
    commands = root.list_commands(ctx) if isinstance(root, click.Group) else []
    library = read_library()
    source = _source(library, original)
    place = own_folder() if folder is None else Path(os.path.expanduser(folder))
    listed = any(_same(place, each) for each in (own_folder(), *find_user_folders()))
    there = os.path.lexists(place / f"{name}.py")  # which `new_file` says
    taken = {each.name for each in library.scenarios} if listed and not there else ()
    wrong = problem_with_name(name, taken)
    if not wrong and name in commands:
        wrong = f'"{name}" cannot be a name: `wsplay {name}` is a command'
    if wrong:
        hint = f"; name the folder with --to {shlex.quote(os.path.dirname(name))}" if os.sep in name else ""
        raise NotFound(wrong + hint)
    try:
        scenario = new_file(
            name, source, place, with_tries=not no_tries, with_challenge=not (no_challenge or no_tries)
        )
    except AlreadyThere as error:
        raise NotFound(str(error)) from error
    except NotWritten as error:
        raise CouldNotRun(str(error)) from error
    for problem in scenario.problems:
        complain(str(problem))
    word = name if listed else shlex.quote(scenario.file)
    tries = [each.name for each in scenario.tries]
    if as_json:
        made = {
            "kind": "scenario.new",
            "name": name,
            "title": scenario.title,
            "file": scenario.file,
            "from": original,
            "tries": tries,
            "challenge": scenario.challenge is not None,
        }
        say(json_line(made))
        return
    say(f"created {visible(scenario.file)}")
    for line in _next(word, tries):
        say(f"  {line}")


def _source(library: Library, original: str | None) -> str:
    if original is None:
        from wsplay.scenario.first_file import FIRST_FILE

        return FIRST_FILE
    return usable_scenario(library, original).source


def _next(word: str, tries: Sequence[str]) -> list[str]:
    """What can be done with the scenario now, a command each."""
    run = [f"wsplay run {word} --try {shlex.quote(visible(name))}" for name in tries[:1]]
    return [f"wsplay {word}", *(run or [f"wsplay run {word}"]), *([f"wsplay run {word} --all"] * bool(tries))]


def _same(one: Path, other: Path) -> bool:
    return os.path.realpath(one) == os.path.realpath(other)
