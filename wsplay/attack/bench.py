"""The attack bench: every attack against a scenario, run live, and what it came to."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from wsplay.attack.attacks import ATTACKS, Attack, Variant, credential_values, shown_in
from wsplay.events.safe_text import visible
from wsplay.events.timeline import Timeline
from wsplay.play.playground import Playground, Session
from wsplay.play.runner import Attempt, run_attempt
from wsplay.play.setup import run_setup
from wsplay.scenario.attack_table import AttackTarget
from wsplay.scenario.file import Scenario
from wsplay.verdict.run import RunRecord

#: Seconds without an event after which an attacker has got all there is to get.
QUIET = 0.4
#: Seconds that a run of an attack may take.
TIMEOUT = 6.0
#: Seconds that idle sockets are held.
IDLE = 2.0

HELD, BROKEN, NOT_APPLICABLE = "held", "broken", "n/a"


class AttackError(ValueError):
    """The scenario cannot be attacked. The message is one line, safe to print, and says what to do."""


@dataclass(frozen=True, slots=True)
class AttackResult:
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
    on_result: Callable[[AttackResult], None] | None = None,
) -> list[AttackResult]:
    """Load the scenario and run each attack against it, in order.

    Raises `AttackError` for a scenario that cannot be attacked and `server.parent.errors.LoadError` for one
    that does not load. A scenario that refuses its own user is not attacked: the result would prove nothing.
    """
    target = scenario.attack
    if target is None:
        raise AttackError(str(scenario.attack_problem))
    await playground.load(scenario)
    user = await run_attempt(playground, scenario, Attempt("user", target.handshake), timeout=TIMEOUT)
    if not any(target.success_marker in (message.text or "") for message in user.outcome.received):
        raise AttackError(
            f'{scenario.name}: its own user ("{target.authorised_try.name}") does not receive '
            f'"{target.success_marker}" ({user.diagnosis.headline}), so an attack would prove nothing'
        )
    cells: list[AttackResult] = []
    for attack in attacks:
        variants = attack.variants(target)
        if variants is None:
            cell = AttackResult(scenario.name, attack, NOT_APPLICABLE, "has no meaning for this design", ())
        else:
            cell = await _try_variants(playground, scenario, target, attack, variants)
        cells.append(cell)
        if on_result is not None:
            on_result(cell)
    return cells


async def _try_variants(
    playground: Playground,
    scenario: Scenario,
    target: AttackTarget,
    attack: Attack,
    variants: list[Variant],
) -> AttackResult:
    """The first move that breaks in decides; else all of them were held off."""
    timelines: list[Timeline] = []
    why = ""
    for variant in variants:
        judge = {"idle": _hold_idle, "log": _read_log}.get(variant.judge, _go_for_the_marker)
        broken, why, timeline = await judge(playground, scenario, target, variant)
        timelines.append(timeline)
        if broken:
            return AttackResult(scenario.name, attack, BROKEN, why, tuple(timelines))
    return AttackResult(scenario.name, attack, HELD, why, tuple(timelines))


_Judged = tuple[bool, str, Timeline]


async def _go_for_the_marker(
    playground: Playground, scenario: Scenario, target: AttackTarget, variant: Variant
) -> _Judged:
    attempt = Attempt("attack", variant.handshake)
    if variant.twice:
        first = await run_attempt(playground, scenario, attempt, timeout=TIMEOUT, quiet=QUIET)
        used = replace(first.attempt.handshake, before=())  # the same credential, not a fresh one
        attempt = Attempt("attack", used)
    run = await run_attempt(playground, scenario, attempt, timeout=TIMEOUT, quiet=QUIET)
    for message in run.outcome.received:
        if message.text is not None and target.success_marker in message.text:
            return True, f'received "{visible(message.text, 60)}"', run.timeline
    return False, run.diagnosis.headline, run.timeline


async def _read_log(
    playground: Playground, scenario: Scenario, target: AttackTarget, variant: Variant
) -> _Judged:
    attempt = Attempt("attack", variant.handshake)
    run = await run_attempt(playground, scenario, attempt, timeout=TIMEOUT, quiet=QUIET)
    log = [
        str(event.data.get("message") or event.data.get("text") or "")
        for event in run.timeline
        if event.kind in ("server.log", "server.print")
    ]
    line = shown_in(log, credential_values(target, run.attempt.handshake))
    if line is not None:
        return True, f"the log shows it: {visible(line, 60)}", run.timeline
    return False, f"not in the {len(log)} lines of the log", run.timeline


async def _hold_idle(
    playground: Playground, scenario: Scenario, target: AttackTarget, variant: Variant
) -> _Judged:
    record = RunRecord(Timeline(playground.begin_run()), playground.standing)
    stop = playground.add_listener(record.add_event)
    setup = await run_setup(playground, scenario, variant.handshake.before)
    handshake = setup.fill(variant.handshake)
    sessions: list[Session] = []
    try:
        for _ in range(variant.sockets):
            sessions.append(await playground.connect(handshake))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(IDLE):
                await asyncio.gather(*(session.closed() for session in sessions))
        held = sum(session.open for session in sessions)
    finally:
        for session in sessions:
            await session.leave()
        await setup.leave()
        await playground.settle()
        stop()
    count = len(sessions)
    if held:
        return True, f"{held} of {count} silent sockets still open after {IDLE:g} s", record.timeline
    return False, f"none of {count} silent sockets stayed open", record.timeline
