"""`wsplay quiz`: a challenge's question, your answer, and the result of each choice."""

from __future__ import annotations

import asyncio
import itertools
import sys
from collections.abc import Sequence
from typing import Any

import click

from wsplay.challenge.catalogue import Item, read_catalogue
from wsplay.challenge.progress_file import progress_path
from wsplay.challenge.progress_store import ProgressStore
from wsplay.challenge.result import ChoiceResult
from wsplay.cli.errors import COULD_NOT_RUN, NOT_AS_EXPECTED, OK, CouldNotRun
from wsplay.cli.params import complete_scenario, engine_option, jobs_option, read_library, usable_scenario
from wsplay.cli.terminal import Lines, complain, complain_when_ready, paint, say, say_when_ready
from wsplay.events.safe_text import visible, visible_lines
from wsplay.export.jsonl import json_line
from wsplay.scenario.challenge_table import Challenge
from wsplay.scenario.file import Scenario
from wsplay.scenario.library import Library
from wsplay.verdict.viewpoints import VIEWPOINTS


@click.command("quiz")
@click.argument("scenarios", nargs=-1, metavar="[SCENARIO]...", shell_complete=complete_scenario)
@click.option(
    "--answer",
    "answers",
    type=click.IntRange(1),
    multiple=True,
    help="Answer with this choice, one for each challenge. Without it, answers are read from standard input.",
)
@click.option("--hint", is_flag=True, help="Show the hint with the question.")
@click.option("--ask", "only_ask", is_flag=True, help="Show the questions and run nothing.")
@jobs_option("Grade up to N challenges")
@engine_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON lines: one per challenge, the count last.")
@click.pass_context
def command(
    ctx: click.Context,
    scenarios: tuple[str, ...],
    answers: tuple[int, ...],
    hint: bool,
    only_ask: bool,
    jobs: int | None,
    engine: str,
    as_json: bool,
) -> None:
    """Take the challenges of SCENARIOS, or all of them.

    Every choice is run, and confirmed or refuted by what happens; no right answer is stored. Exits with 0 if
    all your answers are confirmed and with 1 if one is not.
    """
    library = read_library()
    items = _chosen(library, scenarios)
    if not items:
        raise CouldNotRun("none of these scenarios has a challenge; see wsplay list")
    if only_ask:
        for item in items:
            if as_json:
                say(json_line(_question_json(item)))
            else:
                say(_question_text(item, hint=hint))
        ctx.exit(OK)
    if answers and len(answers) != len(items):
        raise click.UsageError(f"{len(items)} challenges need {len(items)} answers, not {len(answers)}")
    for item, answer in zip(items, answers, strict=False):
        count = len(item.challenge.choices)
        if answer > count:
            raise click.UsageError(f"{item.name} has {count} choices, not {answer}")
    ctx.exit(asyncio.run(_take(library, items, answers, jobs, engine, as_json, hint)))


def _chosen(library: Library, references: Sequence[str]) -> list[Item]:
    """The requested challenges, or all in the catalogue's order; broken ones are reported and left out."""
    if references:
        return [_item(usable_scenario(library, reference, tell=False)) for reference in references]
    catalogue = read_catalogue(library.scenarios)
    for _, problem in catalogue.problems:
        complain(f"left out: {problem}")
    return list(catalogue.items)


def _item(scenario: Scenario) -> Item:
    if scenario.challenge is not None:
        return Item(scenario, scenario.challenge)
    raise CouldNotRun(str(scenario.challenge_problem or f"{scenario.name} has no challenge"))


async def _take(
    library: Library,
    items: list[Item],
    answers: tuple[int, ...],
    jobs: int | None,
    engine: str,
    as_json: bool,
    hint: bool,
) -> int:
    from wsplay.challenge.grading import GRADING_ERRORS, Grading
    from wsplay.cli.running import in_pool
    from wsplay.play.pool import Pool

    right = wrong = 0
    store = ProgressStore(progress_path())
    told = store.take_problem()
    unsaved = bool(told) and not store.sets_aside
    if told:
        complain(f"{told}. {'Your answers are not saved.' if unsaved else 'The first answer sets it aside.'}")
    designs = {scenario.name: scenario for scenario in library.scenarios}
    typed = Lines()
    pool = Pool(engine, jobs)
    gradings = [Grading(pool, item.scenario, item.challenge, designs) for item in items]
    async with in_pool(pool):
        for place, (item, grading) in enumerate(zip(items, gradings, strict=True)):
            if not as_json:
                await say_when_ready(_question_text(item, hint=hint))
            answer = answers[place] if answers else await _ask(item.challenge, typed, as_json)
            if answer is None:
                break
            try:
                results = await grading.results()
            except GRADING_ERRORS as error:
                raise CouldNotRun(f"{item.name}: {error}") from error
            correct = results[answer - 1].confirmed
            right, wrong = right + correct, wrong + (not correct)
            problem = store.add_answer(item.name, correct)
            if problem and problem != told and not unsaved:
                told = problem
                complain(problem)
            if as_json:
                graded = {"answer": answer, "correct": correct, "engine": engine}
                await say_when_ready(json_line({**_question_json(item, results), **graded}))
            else:
                await say_when_ready(_results_text(item.challenge, results, answer))
    if as_json:
        say(
            json_line({"kind": "quiz.count", "right": right, "wrong": wrong, "streak": store.progress.streak})
        )
    else:
        say(f"{right} right, {wrong} wrong, streak {store.progress.streak}")
    if right + wrong == 0:
        return COULD_NOT_RUN
    return NOT_AS_EXPECTED if wrong else OK


async def _ask(challenge: Challenge, typed: Lines, quiet: bool) -> int | None:
    """An answer from standard input; None at its end. After invalid input, asks again."""
    count = len(challenge.choices)
    while True:
        if not quiet and sys.stdin.isatty():
            say(f"Your answer (1-{count}, h for a hint, q to stop): ", end="")
        line = await typed.next()
        text = line.strip().lower()
        if not line or text == "q":
            return None
        if text == "h":
            await complain_when_ready(challenge.hint or "this challenge has no hint")
        elif text.isascii() and text.isdigit() and 1 <= int(text) <= count:
            return int(text)
        else:
            wrong = visible(text, 40)
            await complain_when_ready(f"{wrong!r} is not an answer: type a number from 1 to {count}, h or q")


def _question_text(item: Item, *, hint: bool) -> str:
    challenge = item.challenge
    minutes, seconds = divmod(challenge.seconds, 60)
    lines = [
        paint(f"{item.name}  {challenge.level}, suggested time {minutes}:{seconds:02}", "dim"),
        paint(visible(challenge.question), "strong"),
    ]
    lines += [f"  {number}  {visible(choice.text)}" for number, choice in enumerate(challenge.choices, 1)]
    if hint and challenge.hint:
        lines.append(paint(f"  hint: {visible(challenge.hint)}", "dim"))
    return "\n".join(lines)


def _results_text(challenge: Challenge, results: Sequence[ChoiceResult], answer: int) -> str:
    lines = [""]
    for number, (choice, result) in enumerate(zip(challenge.choices, results, strict=True), 1):
        mark = paint("✓ confirmed", "good") if result.confirmed else paint("✗ refuted  ", "bad")
        yours = paint("  <- your answer", "strong") if number == answer else ""
        lines.append(f"  {number}  {mark}  {visible(choice.text)}{yours}")
        for check in result.checks:
            sign = "·" if check.ok else "✗"
            seen = ", ".join(f"#{seq}" for seq in check.events)
            text = f"{sign} {check.key}: claimed {check.claimed}, observed {check.observed}"
            lines.append(paint(f"       {visible(text)}{f'  (events {seen})' if seen else ''}", "dim"))
        for viewpoint, holds in result.viewpoints.items():
            verb = "holds" if holds else "does not hold"
            lines.append(paint(f"       {verb} {VIEWPOINTS[viewpoint]}", "dim"))
    if challenge.explanation:
        lines += ["", visible_lines(challenge.explanation.strip())]
    return "\n".join([*lines, ""])


def _question_json(item: Item, results: Sequence[ChoiceResult] = ()) -> dict[str, Any]:
    """A challenge and its choices, with what came of them once they were run."""
    challenge = item.challenge
    return {
        "kind": "quiz",
        "scenario": item.name,
        "seed": challenge.seed,
        "level": challenge.level,
        "seconds": challenge.seconds,
        "question": challenge.question,
        "hint": challenge.hint,
        "choices": [
            {"text": choice.text} | (result.to_json() if result else {})
            for choice, result in itertools.zip_longest(challenge.choices, results)
        ],
    }
