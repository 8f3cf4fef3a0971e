"""A challenge: a question with choices that the run grades.

Each choice carries what it claims, as predicates over the outcome of a run. Nothing says which is right: the
right choice is the one whose claim the run bears out.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from wsplay.events.safe_text import visible
from wsplay.scenario.file import Scenario
from wsplay.verdict.expectation import Expectation, ExpectationError

LEVELS = ("beginner", "intermediate", "advanced", "expert")
#: Seconds suggested where a challenge suggests none.
SECONDS = 120

_KEYS = ("question", "level", "seconds", "hint", "try", "explanation", "observers", "seed", "bench", "choice")
_CHOICE_KEYS = ("text", "holds", "holds_on", "try", "patch", "bench")


class ChallengeError(ValueError):
    """The table is no challenge. The message is one line, safe to print, and says what to do."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer. `patch` is source text replaced before running, `bench` a scenario to attack."""

    text: str
    attempt: str | None
    holds: Mapping[str, Any] = field(default_factory=dict, hash=False)
    holds_on: Mapping[str, Mapping[str, Any]] = field(default_factory=dict, hash=False)
    patch: tuple[tuple[str, str], ...] = ()
    bench: str | None = None

    def claim(self, engine: str) -> Expectation:
        """What the choice says will be seen on that engine."""
        return Expectation.parse({**self.holds, **self.holds_on.get(engine, {})}, "holds")


@dataclass(frozen=True, slots=True)
class Challenge:
    """A question over one scenario. `seconds` is a suggestion, not a limit; `seed` numbers the first five."""

    scenario: str
    question: str
    level: str
    seconds: int
    hint: str
    explanation: str
    choices: tuple[Choice, ...]
    observers: bool = False
    seed: int | None = None
    bench: tuple[str, ...] = ()


def patched(source: str, patch: tuple[tuple[str, str], ...]) -> str:
    """The source with each text replaced. Raises `ChallengeError` where one does not occur exactly once."""
    for old, new in patch:
        count = source.count(old)
        if count != 1:
            raise ChallengeError(
                f"patch: `{visible(old, 60)}` must stand in the source once, it stands there {count} times"
            )
        source = source.replace(old, new)
    return source


def patched_source(scenario: Scenario, choice: Choice) -> str:
    """The scenario's source as a choice would have it. Raises `ChallengeError`."""
    before, code, after = _parts(scenario.source)
    return before + patched(code, choice.patch) + after


def _parts(source: str) -> tuple[str, str, str]:
    """Docstring, code, metadata block: a patch is for the code, whatever the other two quote of it."""
    end = source.find("\n# /// script")
    end = len(source) if end < 0 else end
    try:
        body = ast.parse(source).body
    except (SyntaxError, ValueError):
        return "", source[:end], source[end:]
    start = 0
    match body:
        case [ast.Expr(ast.Constant(str())), first, *_]:
            start = sum(len(line) for line in source.splitlines(keepends=True)[: first.lineno - 1])
    return source[:start], source[start:end], source[end:]


def parse_challenge(scenario: Scenario) -> Challenge | None:
    """The scenario's challenge, None where it has none. Raises `ChallengeError` where it is wrong."""
    table = scenario.challenge
    if table is None:
        return None
    _known(table, _KEYS, "challenge")
    level = _text(table, "level", "intermediate")
    if level not in LEVELS:
        raise ChallengeError(f"challenge.level is `{visible(level, 40)}`; it can be {', '.join(LEVELS)}")
    seconds = table.get("seconds", SECONDS)
    if type(seconds) is not int or not 0 < seconds <= 3600:
        raise ChallengeError("challenge.seconds must be a whole number from 1 to 3600")
    seed = table.get("seed")
    if seed is not None and type(seed) is not int:
        raise ChallengeError("challenge.seed must be a whole number")
    names = {attempt.name for attempt in scenario.tries}
    default = table.get("try", scenario.tries[0].name if scenario.tries else None)
    items = table.get("choice")
    if not isinstance(items, list) or len(items) < 2:
        raise ChallengeError(
            "a challenge needs two choices or more, each under [[tool.wsplay.challenge.choice]]"
        )
    choices = tuple(_choice(item, number, default, names) for number, item in enumerate(items, 1))
    if len({choice.text for choice in choices}) != len(choices):
        raise ChallengeError("two choices have the same text")
    challenge = Challenge(
        scenario=scenario.name,
        question=_text(table, "question"),
        level=level,
        seconds=seconds,
        hint=_text(table, "hint", ""),
        explanation=_text(table, "explanation", ""),
        choices=choices,
        observers=table.get("observers", False) is True,
        seed=seed,
        bench=tuple(choice.bench for choice in choices if choice.bench is not None),
    )
    for choice in choices:
        patched_source(scenario, choice)
    return challenge


def _choice(item: object, number: int, default: object, names: set[str]) -> Choice:
    where = f"challenge.choice {number}"
    if not isinstance(item, dict):
        raise ChallengeError(f"{where} must be a table")
    _known(item, _CHOICE_KEYS, where)
    attempt = item.get("try", default)
    if attempt is not None and attempt not in names:
        raise ChallengeError(f"{where}: there is no try `{visible(str(attempt), 60)}`")
    holds, holds_on, bench = item.get("holds", {}), item.get("holds_on", {}), item.get("bench")
    if not isinstance(holds, dict) or not isinstance(holds_on, dict):
        raise ChallengeError(f"{where}: `holds` must be a table, like holds = {{ status = 403 }}")
    if bench is not None and not isinstance(bench, str):
        raise ChallengeError(f"{where}: `bench` must name a scenario")
    if bool(holds) == (bench is not None):
        raise ChallengeError(f"{where} needs a claim: either `holds` or `bench`")
    try:
        for table in (holds, *({**holds, **part} for part in holds_on.values())):
            Expectation.parse(table, "holds")
    except (ExpectationError, TypeError) as error:
        raise ChallengeError(f"{where}: {error}") from error
    patch = item.get("patch", [])
    if not isinstance(patch, list) or not all(
        isinstance(pair, list) and len(pair) == 2 and all(isinstance(part, str) for part in pair)
        for pair in patch
    ):
        raise ChallengeError(f'{where}: `patch` must be pairs of texts, like [["old", "new"]]')
    return Choice(
        text=_text(item, "text", where=where),
        attempt=None if attempt is None else str(attempt),
        holds=holds,
        holds_on=holds_on,
        patch=tuple((old, new) for old, new in patch),
        bench=bench,
    )


def _known(table: Mapping[str, Any], keys: tuple[str, ...], where: str) -> None:
    for key in table:
        if key not in keys:
            raise ChallengeError(
                f"{where} has an unknown key `{visible(str(key), 60)}`; known: {', '.join(keys)}"
            )


def _text(table: Mapping[str, Any], key: str, default: str | None = None, where: str = "challenge") -> str:
    value = table.get(key, default)
    if not isinstance(value, str) or (default is None and not value.strip()):
        raise ChallengeError(f"{where}: `{key}` must be a text")
    return value
