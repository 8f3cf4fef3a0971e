"""The attack bench: every attack against a scenario, run live."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import NamedTuple

from wsplay.attack.attacks import (
    ATTACKS,
    GUESSABLE,
    GUESSES_PER_CONNECTION,
    Attack,
    GetIn,
    GuessOften,
    HoldIdle,
    ReadLog,
    Variant,
    credential_values,
    possible_values,
    shows,
    with_guess,
    without_credential,
    wrong_guesses,
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
from wsplay.protocol.cookie import SetCookie, without_cookie
from wsplay.protocol.handshake import Handshake
from wsplay.protocol.steps import SendText
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
#: What the reason begins with where an attack does not apply.
DOES_NOT_APPLY = "does not apply to this design"
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
    attacker = _Attacker(playground, scenario, target, patience, user.outcome.facts.set_cookies)
    results: list[AttackResult] = []
    for attack in attacks:
        results.append(await attacker.attack(attack))
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
    seconds = user + IDLE  # of the idle sockets, only those that were let in are waited for
    for attack in ATTACKS:
        for variant in attack.variants(target):
            match variant:
                case HoldIdle():
                    pass
                case GuessOften() if target.place == "message":
                    seconds += 4 * user
                case GetIn(replay=True) | ReadLog() | GuessOften():
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
    """Whether a variant succeeded, what was observed, the runs, and the `seq` of the event that decided, in
    the last of them.
    """

    verdict: AttackVerdict
    why: str
    timelines: tuple[Timeline, ...]
    event: int | None = None

    def after(self, *earlier: Run) -> _Observed:
        """The same, with the runs that came before."""
        return self._replace(timelines=(*(run.timeline for run in earlier), *self.timelines))


@dataclass(frozen=True, slots=True)
class _Attacker:
    """Attacks the loaded scenario."""

    playground: Playground
    scenario: Scenario
    target: AttackTarget
    #: Seconds without an event for which a run waits for the success marker.
    patience: float
    #: The cookies that the user's login set, by name.
    set_cookies: Mapping[str, SetCookie]

    async def attack(self, attack: Attack) -> AttackResult:
        """Try each variant until one succeeds."""
        variants = attack.variants(self.target)
        if not variants:
            why = f"{DOES_NOT_APPLY}: it needs {attack.needs}"
            return AttackResult(self.scenario.name, attack, AttackVerdict.NOT_APPLICABLE, why)
        observed: list[_Observed] = []
        for variant in variants:
            observed.append(await self._try(variant))
            if observed[-1].verdict is AttackVerdict.BROKEN:
                break
        last = observed[-1]
        timelines = tuple(timeline for one in observed for timeline in one.timelines)
        return AttackResult(self.scenario.name, attack, last.verdict, last.why, timelines, last.event)

    async def _try(self, variant: Variant) -> _Observed:
        match variant:
            case GetIn(handshake, replay=True):
                user = await self._run(handshake)
                return self._look_for_marker(await self._run_again(user))
            case GetIn(handshake, cross_site=True):
                return await self._from_another_site(handshake)
            case GetIn(handshake):
                return self._look_for_marker(await self._run(handshake))
            case GuessOften(handshake):
                return await self._guess_often(handshake)
            case ReadLog(handshake):
                return await self._use_the_log(await self._run(handshake))
            case HoldIdle(handshake, sockets):
                return await self._hold_idle(handshake, sockets)

    async def _run(self, handshake: Handshake) -> Run:
        try_ = Try("attack", handshake)
        watch = Watch(limit=self.patience, seen_enough=partial(_has_marker, self.target))
        return await run_try(self.playground, self.scenario, try_, timeout=TIMEOUT, watch=watch)

    async def _run_again(self, user: Run) -> Run:
        """The same request, with the same credential, not a new one."""
        return await self._run(_again(user))

    async def _from_another_site(self, handshake: Handshake) -> _Observed:
        """What the user's browser sends for another site's page: not the cookie that SameSite keeps back."""
        if self.target.place != "cookie":
            return self._look_for_marker(await self._run(handshake))
        name = self.target.name
        cookie = self.set_cookies.get(name)
        sent = cookie is None or (cookie.same_site == "none" and cookie.secure)
        if not sent:
            handshake = replace(handshake, headers=without_cookie(handshake.headers, name))
        observed = self._look_for_marker(await self._run(handshake))
        shown = visible(name, 40)
        if cookie is None:
            note = f"with cookie {shown}, which a browser sends from there if it has SameSite=None"
        elif sent:
            note = f"with cookie {shown}, set with SameSite=None"
        else:
            kept = (
                "no SameSite, which means Lax,"
                if cookie.same_site == "absent"
                else f"SameSite={cookie.same_site}"
            )
            note = f"without cookie {shown}: {kept} keeps it back"
        return observed._replace(why=f"{observed.why}, {note}")

    async def _guess_often(self, handshake: Handshake) -> _Observed:
        """Guess wrongly, on connections of the attacker's, and then send the user's own request. If that is
        taken, nothing stops an attacker from guessing until a guess is right.
        """
        user = await self._run(handshake)
        values = credential_values(self.target, user.try_.handshake)
        credential = values[0] if values else ""
        count = possible_values(credential)
        if count > GUESSABLE:
            why = f"{DOES_NOT_APPLY}: with {len(credential)} characters, the credential is too long to guess"
            return _Observed(AttackVerdict.NOT_APPLICABLE, why, ())
        target = replace(self.target, authorised_try=replace(user.try_, handshake=_again(user)))
        guesses = wrong_guesses(credential)
        runs = [user]
        for sent in _requests(target, guesses):
            runs.append(await self._run(sent))
            observed = self._look_for_marker(runs[-1])
            if observed.verdict is AttackVerdict.BROKEN:
                return observed.after(*runs[:-1])
        last = self._look_for_marker(await self._run_again(user))
        if last.verdict is AttackVerdict.BROKEN:
            of = f"{len(guesses)} wrong guesses of {count:,} possible ones"
            why = f"after {of}, the right one gets in: {last.why}"
        else:
            why = f"after {len(guesses)} wrong guesses, not even the right one gets in: {last.why}"
        return last._replace(why=why).after(*runs)

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
                return _Observed(AttackVerdict.BROKEN, why, (run.timeline,), next(received, None))
        answer = evidence(("status",), run.timeline, conn)
        headline = run.diagnosis.headline
        return _Observed(AttackVerdict.HELD, headline, (run.timeline,), next(iter(answer), None))

    async def _use_the_log(self, run: Run) -> _Observed:
        """Whether the log shows the credential, and whether it still lets someone in."""
        log = {
            event.seq: str(event.data.get("message") or event.data.get("text") or "")
            for event in run.timeline
            if event.kind in ("server.log", "server.print")
        }
        values = credential_values(self.target, run.try_.handshake)
        for seq, line in log.items():
            if shows(line, values):
                shown = visible(line, 60)
                used = self._look_for_marker(await self._run_again(run))
                if used.verdict is AttackVerdict.BROKEN:
                    why = f"the log shows it, and it still works: {shown}"
                    return _Observed(used.verdict, why, (*used.timelines, run.timeline), seq)
                why = f"the log shows it, but it works no longer ({used.why}): {shown}"
                return used._replace(why=why).after(run)
        return _Observed(AttackVerdict.HELD, f"not in the {len(log)} lines of the log", (run.timeline,))

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
            return _Observed(AttackVerdict.BROKEN, why, (record.timeline,))
        why = f"none of {count} silent sockets stayed open"
        return _Observed(AttackVerdict.HELD, why, (record.timeline,))


def _again(user: Run) -> Handshake:
    """The user's request as it was sent, to be sent once more."""
    return replace(user.try_.handshake, before=())


def _requests(target: AttackTarget, guesses: Sequence[str]) -> list[Handshake]:
    """The requests that send these guesses: several messages on one connection, else one guess a request."""
    if target.place != "message":
        return [with_guess(target, guess) for guess in guesses]
    bare = without_credential(target)
    size = GUESSES_PER_CONNECTION
    batches = [guesses[start : start + size] for start in range(0, len(guesses), size)]
    return [replace(bare, steps=tuple(SendText(guess) for guess in batch)) for batch in batches]
