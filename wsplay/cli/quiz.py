"""`wsplay quiz`: a challenge's question, the learner's answer, and what the run says of each choice."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from wsplay.challenge.progress_file import ProgressError, read_progress, write_progress
from wsplay.cli.errors import COULD_NOT_RUN, NOT_AS_EXPECTED, OK, CouldNotRun
from wsplay.cli.params import complete_scenario, engine_option, read_library, usable_scenario
from wsplay.cli.terminal import complain, paint, say
from wsplay.events.safe_text import visible, visible_lines
from wsplay.export.jsonl import json_line
from wsplay.scenario.challenge_table import Challenge
from wsplay.scenario.file import Scenario
from wsplay.scenario.library import Library
from wsplay.verdict.viewpoints import VIEWPOINTS

if TYPE_CHECKING:
    from wsplay.play.playground import Playground

Item = tuple[Scenario, Challenge]


@click.command("quiz")
@click.argument("scenarios", nargs=-1, metavar="[SCENARIO]...", shell_complete=complete_scenario)
@click.option(
    "--answer",
    "answers",
    type=click.IntRange(1),
    multiple=True,
    help="Your answer, by number; one for each challenge. Otherwise a line of standard input.",
)
@click.option("--hint", is_flag=True, help="Show the hint with the question.")
@click.option("--ask", "only_ask", is_flag=True, help="Only show the questions; run nothing.")
@engine_option
@click.option("--json", "as_json", is_flag=True, help="One JSON object a challenge, the count last.")
@click.pass_context
def command(
    ctx: click.Context,
    scenarios: tuple[str, ...],
    answers: tuple[int, ...],
    hint: bool,
    only_ask: bool,
    engine: str,
    as_json: bool,
) -> None:
    """Take the challenges of SCENARIOS (all, if none is named), graded by running them.

    Every choice is run and borne out or refuted by what happened; no answer is stored. Exits with 0 where all
    answers are borne out and with 1 where one is not.
    """
    library = read_library()
    items = _challenges(library, scenarios)
    if not items:
        raise CouldNotRun("none of these scenarios has a challenge; see wsplay list")
    if only_ask:
        for item in items:
            if as_json:
                say(json_line(_question_json(*item)))
            else:
                _show_question(*item, hint=hint)
        ctx.exit(OK)
    if answers and len(answers) != len(items):
        raise click.UsageError(f"{len(items)} challenges take {len(items)} answers, not {len(answers)}")
    ctx.exit(asyncio.run(_take(library, items, answers, engine, as_json, hint)))


def _challenges(library: Library, references: Sequence[str]) -> list[Item]:
    """The challenges asked for, the five seed problems first; a wrong one raises `CouldNotRun`."""
    if references:
        chosen = [usable_scenario(library, reference, tell=False) for reference in references]
    else:
        chosen = [scenario for scenario in library.scenarios if scenario.problem is None]
    items: list[Item] = []
    for scenario in chosen:
        if scenario.challenge is not None:
            items.append((scenario, scenario.challenge))
        elif scenario.challenge_problem is not None and references:
            raise CouldNotRun(str(scenario.challenge_problem))
        elif scenario.challenge_problem is not None:
            complain(f"left out: {scenario.challenge_problem}")
        elif references:
            raise CouldNotRun(f"{scenario.name} has no challenge")
    return items


async def _grade(
    playground: Playground, library: Library, scenario: Scenario, challenge: Challenge
) -> list[dict[str, Any]]:
    """Each choice as JSON, graded by its runs or, for designs, by the attack bench."""
    from wsplay.challenge.grading import grade_challenge, grade_designs

    if challenge.bench:
        designs = {each.name: each for each in library.scenarios}
        return [grade.to_json() for grade in await grade_designs(playground, designs, challenge)]
    return [grade.to_json() for grade in await grade_challenge(playground, scenario, challenge)]


async def _take(
    library: Library, items: list[Item], answers: tuple[int, ...], engine: str, as_json: bool, hint: bool
) -> int:
    from wsplay.attack.bench import AttackError
    from wsplay.challenge.grading import ChallengeError
    from wsplay.cli.running import playing
    from wsplay.play.setup import SetupError
    from wsplay.server.parent.ask_testclient import TestClientError
    from wsplay.server.parent.errors import ServerError

    right = wrong = 0
    progress = read_progress()
    async with playing(engine) as playground:
        for place, (scenario, challenge) in enumerate(items):
            if not as_json:
                _show_question(scenario, challenge, hint=hint)
            answer = answers[place] if answers else await asyncio.to_thread(_ask, challenge, as_json)
            if answer is None:
                break
            if answer > len(challenge.choices):
                raise click.UsageError(f"{scenario.name} has {len(challenge.choices)} choices, not {answer}")
            try:
                await playground.load(scenario)
                graded = await _grade(playground, library, scenario, challenge)
            except (ServerError, ChallengeError, AttackError, SetupError, TestClientError) as error:
                raise CouldNotRun(f"{scenario.name}: {error}") from error
            correct = graded[answer - 1]["borne_out"]
            right, wrong = right + correct, wrong + (not correct)
            progress = progress.answered(scenario.name, correct)
            if as_json:
                question = _question_json(scenario, challenge)
                say(
                    json_line(
                        {
                            **question,
                            "choices": graded,
                            "answer": answer,
                            "correct": correct,
                            "engine": engine,
                        }
                    )
                )
            else:
                _show_grades(challenge, graded, answer)
    try:
        write_progress(progress)
    except ProgressError as error:
        complain(str(error))
    if as_json:
        say(json_line({"kind": "quiz.count", "right": right, "wrong": wrong, "streak": progress.streak}))
    else:
        say(f"{right} right, {wrong} wrong, streak {progress.streak}")
    if right + wrong == 0:
        return COULD_NOT_RUN
    return NOT_AS_EXPECTED if wrong else OK


def _ask(challenge: Challenge, quiet: bool) -> int | None:
    """A line of standard input as an answer; None at its end. What is no answer is asked for again."""
    count = len(challenge.choices)
    while True:
        if not quiet and sys.stdin.isatty():
            click.echo(f"Your answer (1-{count}, h for a hint, q to stop): ", nl=False)
        line = sys.stdin.readline()
        text = line.strip().lower()
        if not line or text == "q":
            return None
        if text == "h":
            complain(challenge.hint or "there is no hint")
        elif text.isascii() and text.isdigit() and 1 <= int(text) <= count:
            return int(text)
        else:
            complain(f"{visible(text, 40)!r} is no answer: a number from 1 to {count}, h or q")


def _show_question(scenario: Scenario, challenge: Challenge, *, hint: bool) -> None:
    minutes, seconds = divmod(challenge.seconds, 60)
    say(paint(f"{scenario.name}  {challenge.level}, suggested time {minutes}:{seconds:02}", "dim"))
    say(paint(visible(challenge.question), "strong"))
    for number, choice in enumerate(challenge.choices, 1):
        say(f"  {number}  {visible(choice.text)}")
    if hint and challenge.hint:
        say(paint(f"  hint: {visible(challenge.hint)}", "dim"))


def _show_grades(challenge: Challenge, graded: list[dict[str, Any]], answer: int) -> None:
    say()
    for number, item in enumerate(graded, 1):
        mark = paint("✓ borne out", "good") if item["borne_out"] else paint("✗ refuted  ", "bad")
        yours = paint("  <- your answer", "strong") if number == answer else ""
        say(f"  {number}  {mark}  {visible(item['text'])}{yours}")
        for check in item["checks"]:
            sign = "·" if check["ok"] else "✗"
            seen = ", ".join(f"#{seq}" for seq in check["events"])
            text = f"{sign} {check['key']}: claimed {check['expected']}, observed {check['observed']}"
            say(paint(f"       {visible(text)}{f'  (events {seen})' if seen else ''}", "dim"))
        for observer, holds in item["observers"].items():
            say(paint(f"       {'holds' if holds else 'does not hold'} {VIEWPOINTS[observer]}", "dim"))
    if challenge.explanation:
        say()
        say(visible_lines(challenge.explanation.strip()))
    say()


def _question_json(scenario: Scenario, challenge: Challenge) -> dict[str, Any]:
    return {
        "kind": "quiz",
        "scenario": scenario.name,
        "seed": challenge.seed,
        "level": challenge.level,
        "seconds": challenge.seconds,
        "question": challenge.question,
        "hint": challenge.hint,
        "choices": [{"text": choice.text} for choice in challenge.choices],
    }
