"""The attack bench: every attack against a scenario, run live, and what it came to."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from wsplay.errands import prepare_errands
from wsplay.model.attack import (
    ATTACKS,
    Attack,
    AttackError,
    Move,
    Target,
    credential_values,
    read_target,
    shown_in,
)
from wsplay.model.challenge import Challenge, ChallengeError, Choice
from wsplay.model.event import Event
from wsplay.model.printable import visible
from wsplay.model.scenario import Scenario
from wsplay.model.timeline import Timeline
from wsplay.playground import Playground, Session
from wsplay.runner import Attempt, run_attempt

#: Seconds without an event after which an attacker has got all there is to get.
QUIET = 0.4
#: Seconds that a run of an attack may take.
TIMEOUT = 6.0
#: Seconds that idle sockets are held.
IDLE = 2.0

HELD, BROKEN, NOT_APPLICABLE = "held", "broken", "n/a"


@dataclass(frozen=True, slots=True)
class Cell:
    """One attack on one scenario. `why` says from what is seen; `timelines` are the runs it was seen in."""

    scenario: str
    attack: Attack
    verdict: str
    why: str
    timelines: tuple[Timeline, ...]

    def to_json(self) -> dict[str, Any]:
        return {
            "kind": "attack",
            "scenario": self.scenario,
            "attack": self.attack.name,
            "verdict": self.verdict,
            "why": self.why,
        }


async def attack_scenario(
    playground: Playground,
    scenario: Scenario,
    attacks: Sequence[Attack] = ATTACKS,
    *,
    on_cell: Callable[[Cell], None] | None = None,
) -> list[Cell]:
    """Load the scenario and run each attack against it, in order.

    Raises `model.attack.AttackError` for a scenario that cannot be attacked and `server.errors.LoadError` for
    one that does not load. A scenario that does not let its own user in is not attacked either: that it holds
    would prove nothing.
    """
    target = read_target(scenario)
    await playground.load(scenario)
    user = await run_attempt(
        playground, scenario, Attempt("user", target.let_in.handshake(), {}), timeout=TIMEOUT
    )
    if not any(target.prize in (message.text or "") for message in user.outcome.received):
        raise AttackError(
            f'{scenario.name}: its own user ("{target.let_in.name}") does not receive "{target.prize}" '
            f"({user.diagnosis.headline}), so an attack would prove nothing"
        )
    cells: list[Cell] = []
    for attack in attacks:
        moves = attack.moves(target)
        if moves is None:
            cell = Cell(scenario.name, attack, NOT_APPLICABLE, "has no meaning for this design", ())
        else:
            cell = await _try_moves(playground, target, attack, moves)
        cells.append(cell)
        if on_cell is not None:
            on_cell(cell)
    return cells


async def _try_moves(playground: Playground, target: Target, attack: Attack, moves: list[Move]) -> Cell:
    """The first move that breaks in decides; else all of them were held off."""
    timelines: list[Timeline] = []
    why = ""
    for move in moves:
        judge = {"idle": _hold_idle, "log": _read_log}.get(move.judge, _go_for_the_prize)
        broken, why, timeline = await judge(playground, target, move)
        timelines.append(timeline)
        if broken:
            return Cell(target.scenario.name, attack, BROKEN, why, tuple(timelines))
    return Cell(target.scenario.name, attack, HELD, why, tuple(timelines))


_Judged = tuple[bool, str, Timeline]


async def _go_for_the_prize(playground: Playground, target: Target, move: Move) -> _Judged:
    attempt = Attempt("attack", move.attempt.handshake(), {})
    if move.twice:
        first = await run_attempt(playground, target.scenario, attempt, timeout=TIMEOUT, quiet=QUIET)
        used = replace(first.attempt.handshake, before=())  # the same credential, not a fresh one
        attempt = Attempt("attack", used, {})
    run = await run_attempt(playground, target.scenario, attempt, timeout=TIMEOUT, quiet=QUIET)
    for message in run.outcome.received:
        if message.text is not None and target.prize in message.text:
            return True, f'received "{visible(message.text, 60)}"', run.timeline
    return False, run.diagnosis.headline, run.timeline


async def _read_log(playground: Playground, target: Target, move: Move) -> _Judged:
    attempt = Attempt("attack", move.attempt.handshake(), {})
    run = await run_attempt(playground, target.scenario, attempt, timeout=TIMEOUT, quiet=QUIET)
    log = [
        str(event.data.get("message") or event.data.get("text") or "")
        for event in run.timeline
        if event.kind in ("server.log", "server.print")
    ]
    line = shown_in(log, credential_values(target, run.attempt.handshake))
    if line is not None:
        return True, f"the log shows it: {visible(line, 60)}", run.timeline
    return False, f"not in the {len(log)} lines of the log", run.timeline


async def _hold_idle(playground: Playground, target: Target, move: Move) -> _Judged:
    timeline = Timeline(playground.begin_run())

    def see(event: Event) -> None:
        timeline.add(event)

    stop = playground.add_observer(see)
    errands = await prepare_errands(playground, target.scenario, move.attempt.before)
    handshake = errands.fill(move.attempt.handshake())
    sessions: list[Session] = []
    try:
        for _ in range(move.sockets):
            sessions.append(await playground.connect(handshake))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(IDLE):
                await asyncio.gather(*(session.closed() for session in sessions))
        held = sum(session.open for session in sessions)
    finally:
        for session in sessions:
            await session.leave()
        await errands.leave()
        await playground.settle()
        stop()
    count = len(sessions)
    if held:
        return True, f"{held} of {count} silent sockets still open after {IDLE:g} s", timeline
    return False, f"none of {count} silent sockets stayed open", timeline


@dataclass(frozen=True, slots=True)
class DesignGrade:
    """A choice that names a design, judged by the bench: borne out where it broke least of all."""

    choice: Choice
    cells: tuple[Cell, ...]
    broken: int
    borne_out: bool

    def to_json(self) -> dict[str, Any]:
        """The same keys as `grading.Graded.to_json`; the checks are the attacks."""
        return {
            "text": self.choice.text,
            "borne_out": self.borne_out,
            "try": None,
            "patched": False,
            "headline": f"{self.broken} of {len(self.cells)} attacks broke it",
            "checks": [
                {
                    "key": cell.attack.name,
                    "expected": HELD,
                    "observed": cell.verdict if not cell.why else f"{cell.verdict}: {cell.why}",
                    "ok": cell.verdict != BROKEN,
                    "events": [],
                }
                for cell in self.cells
            ],
            "observers": {},
        }


async def grade_designs(
    playground: Playground,
    scenarios: Mapping[str, Scenario],
    challenge: Challenge,
    *,
    on_cell: Callable[[Cell], None] | None = None,
) -> list[DesignGrade]:
    """Attack each choice's design; borne out is the one that breaks in strictly fewer attacks than the rest.

    `scenarios` holds the designs by name. Raises what `attack_scenario` raises, and `ChallengeError` for a
    design that is not there.
    """
    table: dict[str, list[Cell]] = {}
    for name in challenge.bench:
        if name not in scenarios:
            raise ChallengeError(f"{challenge.scenario}: there is no scenario {name!r} to attack")
        table[name] = await attack_scenario(playground, scenarios[name], on_cell=on_cell)
    broken = {name: sum(cell.verdict == BROKEN for cell in cells) for name, cells in table.items()}
    least = min(broken.values())
    alone = list(broken.values()).count(least) == 1
    grades: list[DesignGrade] = []
    for choice in challenge.choices:
        if choice.bench is not None:
            count = broken[choice.bench]
            cells = tuple(table[choice.bench])
            grades.append(DesignGrade(choice, cells, count, count == least and alone))
    return grades
