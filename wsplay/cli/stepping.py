"""`--step` and `--hold`: a run that waits at each boundary for an answer on stdin."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

import click
from click.shell_completion import CompletionItem

from wsplay.cli.answers import Answers
from wsplay.cli.params import read_library
from wsplay.cli.terminal import complain
from wsplay.events.event import Lane
from wsplay.events.safe_text import visible
from wsplay.play.playground import Playground
from wsplay.protocol.hold_points import (
    ALL,
    NOTHING,
    POINTS,
    HoldPointError,
    HoldPoints,
    parse_points,
)
from wsplay.protocol.waiting import Waiting
from wsplay.scenario.file import Scenario
from wsplay.scenario.library import UnknownScenario
from wsplay.scenario.message_lines import message_lines

T = TypeVar("T")
_Command = TypeVar("_Command", bound=Callable[..., Any])

#: Bytes of a file that can become a request's head.
MAX_HEAD = 1_048_576
_WAYS = "Enter lets it pass, c holds no more, x drops it, q leaves"
_EDIT = "Enter lets it pass, c holds no more, x drops it, e FILE replaces it, q leaves"


class PointType(click.ParamType[HoldPoints]):
    """A point at which a run is held; for a wrong one, the error says which there are."""

    name = "POINT"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> HoldPoints:
        if isinstance(value, HoldPoints):
            return value
        try:
            return parse_points([str(value)])
        except HoldPointError as error:
            return self.fail(visible(str(error)), param, ctx)


def complete_point(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    found = [CompletionItem(name, help=what) for name, what in POINTS.items()]
    reference = ctx.params.get("scenario") or next(iter(ctx.args), "")
    try:
        lines = message_lines(read_library().get(str(reference)).source)
    except UnknownScenario:
        lines = {}
    found += [CompletionItem(f"line:{number}", help=visible(text, 60)) for number, text in lines.items()]
    if not lines:
        found.append(CompletionItem("line:", help="the number of a line that receives or sends"))
    return [item for item in found if str(item.value).startswith(incomplete)]


def hold_option(help_text: str) -> Callable[[_Command], _Command]:
    """`--hold POINT`, repeatable."""
    return click.option(
        "--hold",
        "held_at",
        type=PointType(),
        multiple=True,
        metavar="POINT",
        shell_complete=complete_point,
        help=help_text,
    )


def points_of(step: bool, held_at: tuple[HoldPoints, ...]) -> HoldPoints:
    """Where to hold; nothing without the options."""
    points = sum(held_at, NOTHING)
    return ALL if step and not points else points


def tell_lines(points: HoldPoints, scenario: Scenario) -> None:
    """Say which lines of the scenario's own file hold nothing, as it seems, and which would."""
    known = message_lines(scenario.source)
    for line in points.lines:
        if line.file not in ("", scenario.filename) or line.number in known:
            continue
        there = ", ".join(map(str, known)) or "none"
        what = f"line {line.number} of {scenario.filename} does not seem to receive or send"
        complain(f"{what}, so nothing may be held there; these do: {there}")


async def stepped(playground: Playground, points: HoldPoints, work: Coroutine[Any, Any, T]) -> T | None:
    """Do `work`, held at these points until it ends. None if the person who steps leaves before."""
    if not points:
        return await work
    await hold(playground, points)
    working = asyncio.ensure_future(work)
    stepping = asyncio.ensure_future(step(playground))
    try:
        await asyncio.wait({working, stepping}, return_when=asyncio.FIRST_COMPLETED)
        if not working.done() and not stepping.result():
            return None
        return await working
    finally:
        for task in (working, stepping):
            task.cancel()
        await asyncio.wait({working, stepping})


async def hold(playground: Playground, points: HoldPoints) -> None:
    """Hold at these points from now on; the server's process knows of it on return."""
    playground.hold(points)
    await playground.sync()


async def step(playground: Playground) -> bool:
    """Do with what waits what the answers on stdin say, until they say to hold no more. False if the person
    leaves.
    """
    answers = Answers()
    while True:
        waiting = await playground.holding.next_waiting()
        if answers.asked_for:
            click.echo(_question(waiting), err=True, nl=False)
        answer = await answers.next()
        match (answer or "").split(maxsplit=1) if answer is not None else ["c"]:
            case []:
                playground.step(waiting.id)
            case ["c"]:
                playground.let_go()
                return True
            case ["x"]:
                playground.drop(waiting.id)
            case ["q"]:
                return False
            case ["e", file]:
                problem = _edit(playground, waiting, file.strip())
                if problem:
                    complain(problem)
            case _:
                ways = _EDIT if waiting.editable else _WAYS
                complain(f'"{visible(answer or "", 60)}" is no answer: {ways}')


def _edit(playground: Playground, waiting: Waiting, file: str) -> str:
    """Replace the head that waits by a file's bytes. Returns why not, or nothing."""
    if not waiting.editable:
        return "only a request can be replaced"
    try:
        with Path(file).open("rb") as opened:
            head = opened.read(MAX_HEAD + 1)
    except (OSError, ValueError) as error:
        return f"cannot read {visible(file)}: {getattr(error, 'strerror', None) or error}"
    if not head:
        return f"{visible(file)} is empty"
    if len(head) > MAX_HEAD:
        return f"{visible(file)} is longer than {MAX_HEAD:,} bytes"
    if not playground.edit(waiting.id, head):
        return "it waits no more"
    return ""


def _question(waiting: Waiting) -> str:
    where = "" if waiting.source is None else f" ({waiting.source.file}:{waiting.source.line})"
    conn = "" if waiting.conn is None else f"#{waiting.conn} "
    lane = "wire" if waiting.lane is Lane.WIRE else "asgi"
    held = visible(f"{conn}{lane}: {waiting.words}{where}")
    return f"held  {held}\n  {_EDIT if waiting.editable else _WAYS}: "
