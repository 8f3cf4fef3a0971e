"""The attack bench: every attack against a scenario, run live."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import NamedTuple

from wsplay.attack.attacks import (
    ATTACKS,
    Attack,
    GetIn,
    HoldIdle,
    ReadLog,
    Variant,
    credential_values,
    shows,
)
from wsplay.attack.result import AttackResult, AttackVerdict
from wsplay.events.lenient import text
from wsplay.events.safe_text import visible
from wsplay.events.timeline import Timeline
from wsplay.play.every_try import seconds_of
from wsplay.play.playground import Playground, Session
from wsplay.play.pool import Work
from wsplay.play.runner import Run, Watch, run_try
from wsplay.play.setup import Setup, SetupError, run_setup
from wsplay.protocol.handshake import Handshake
from wsplay.scenario.attack_table import AttackTarget
from wsplay.scenario.file import Scenario, Try
from wsplay.server.parent.errors import ServerError
from wsplay.verdict.evidence import evidence
from wsplay.verdict.outcome import Outcome
from wsplay.verdict.run import RunRecord

#: Seconds without an event for which an attack run waits for the success marker, besides twice as long as the
#: scenario's own user waits for it.
PATIENCE = 1.0
#: Seconds that an attack run may take.
TIMEOUT = 6.0
#: Seconds that idle sockets are held open.
IDLE = 2.0


class AttackError(ValueError):
    """The scenario cannot be attacked. The message is one line, safe to print, and says what to do."""


#: What `attack_scenario` raises for a scenario that cannot be attacked, whatever the reason.
ATTACK_ERRORS = (AttackError, ServerError, SetupError)


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
    user = await run_try(
        playground,
        scenario,
        Try("user", target.handshake),
        timeout=TIMEOUT,
        watch=Watch(seen_enough=partial(_has_marker, target)),
    )
    if not _has_marker(target, user.outcome):
        raise AttackError(
            f'{scenario.name}: its own user ("{target.authorised_try.name}") does not receive '
            f'"{target.success_marker}" ({user.diagnosis.headline}), so an attack would prove nothing'
        )
    patience = round(PATIENCE + 2 * _seconds_to_marker(target, user), 1)
    results: list[AttackResult] = []
    for attack in attacks:
        results.append(await _Attacker(playground, scenario, target, patience).attack(attack))
        if on_result is not None:
            on_result(results[-1])
    return results


def attacking(scenario: Scenario) -> Work[AttackResult]:
    """Every attack against a scenario, as work for a `play.pool.Pool`: the results, in order."""

    async def work(playground: Playground, post: Callable[[AttackResult], None]) -> None:
        await attack_scenario(playground, scenario, on_result=post)

    return work


def seconds_to_attack(scenario: Scenario) -> float:
    """About how many seconds the attacks wait, according to the scenario's file. Each run is taken to last as
    long as that of the scenario's own user.
    """
    target = scenario.attack
    if target is None:
        return 0.0  # it will not be attacked
    user = seconds_of(scenario, [target.authorised_try])
    seconds = user
    for attack in ATTACKS:
        for variant in attack.variants(target):
            match variant:
                case HoldIdle():
                    seconds += IDLE
                case GetIn(replay=True):
                    seconds += 2 * user
                case _:
                    seconds += user
    return seconds


def _has_marker(target: AttackTarget, outcome: Outcome) -> bool:
    return any(target.success_marker in (message.text or "") for message in outcome.received)


def _seconds_to_marker(target: AttackTarget, run: Run) -> float:
    """How long the run's own client waited for the success marker, in seconds."""
    own = [event for event in run.timeline if event.conn == run.outcome.conn]
    for event in own:
        if event.kind == "client.received" and target.success_marker in text(event.data, "text"):
            return (event.t_ns - own[0].t_ns) / 1e9
    return 0.0


class _Observed(NamedTuple):
    """Whether a variant succeeded, what was observed, the run, and the `seq` of the event that decided."""

    broken: bool
    why: str
    timeline: Timeline
    event: int | None = None


@dataclass(frozen=True, slots=True)
class _Attacker:
    """Attacks the loaded scenario."""

    playground: Playground
    scenario: Scenario
    target: AttackTarget
    #: Seconds without an event for which a run waits for the success marker.
    patience: float

    async def attack(self, attack: Attack) -> AttackResult:
        """Try each variant until one succeeds."""
        variants = attack.variants(self.target)
        if not variants:
            why = "does not apply to this design"
            return AttackResult(self.scenario.name, attack, AttackVerdict.NOT_APPLICABLE, why)
        observed: list[_Observed] = []
        for variant in variants:
            observed.append(await self._try(variant))
            if observed[-1].broken:
                break
        last = observed[-1]
        verdict = AttackVerdict.BROKEN if last.broken else AttackVerdict.HELD
        timelines = tuple(one.timeline for one in observed)
        return AttackResult(self.scenario.name, attack, verdict, last.why, timelines, last.event)

    async def _try(self, variant: Variant) -> _Observed:
        match variant:
            case GetIn(handshake, replay):
                if replay:
                    user = await self._run(handshake)
                    # The same credential, not a new one.
                    handshake = replace(user.try_.handshake, before=())
                return self._look_for_marker(await self._run(handshake))
            case ReadLog(handshake):
                return self._look_in_log(await self._run(handshake))
            case HoldIdle(handshake, sockets):
                return await self._hold_idle(handshake, sockets)

    async def _run(self, handshake: Handshake) -> Run:
        try_ = Try("attack", handshake)
        watch = Watch(limit=self.patience, seen_enough=partial(_has_marker, self.target))
        return await run_try(self.playground, self.scenario, try_, timeout=TIMEOUT, watch=watch)

    def _look_for_marker(self, run: Run) -> _Observed:
        conn, marker = run.outcome.conn, self.target.success_marker
        for message in run.outcome.received:
            if message.text is not None and marker in message.text:
                received = (
                    event.seq
                    for event in run.timeline
                    if event.conn == conn
                    and event.kind == "client.received"
                    and marker in text(event.data, "text")
                )
                why = f'received "{visible(message.text, 60)}"'
                return _Observed(True, why, run.timeline, next(received, None))
        answer = evidence(("status",), run.timeline, conn)
        return _Observed(False, run.diagnosis.headline, run.timeline, next(iter(answer), None))

    def _look_in_log(self, run: Run) -> _Observed:
        log = {
            event.seq: str(event.data.get("message") or event.data.get("text") or "")
            for event in run.timeline
            if event.kind in ("server.log", "server.print")
        }
        values = credential_values(self.target, run.try_.handshake)
        for seq, line in log.items():
            if shows(line, values):
                return _Observed(True, f"the log shows it: {visible(line, 60)}", run.timeline, seq)
        return _Observed(False, f"not in the {len(log)} lines of the log", run.timeline)

    async def _hold_idle(self, handshake: Handshake, count: int) -> _Observed:
        playground = self.playground
        record = RunRecord(Timeline(playground.begin_run()), playground.standing)
        sessions: list[Session] = []
        setup: Setup | None = None
        with playground.listener(record.add_event):
            try:
                setup = await run_setup(playground, self.scenario, handshake.before)
                handshake = setup.fill(handshake)
                for _ in range(count):
                    sessions.append(await playground.connect(handshake))
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(IDLE):
                        await asyncio.gather(*(session.closed() for session in sessions))
                held = sum(session.open for session in sessions)
            finally:
                for session in sessions:
                    await session.disconnect()
                if setup is not None:
                    await setup.disconnect()
                await playground.sync()
        if held:
            why = f"{held} of {count} silent sockets still open after {IDLE:g} s"
            return _Observed(True, why, record.timeline)
        return _Observed(False, f"none of {count} silent sockets stayed open", record.timeline)
