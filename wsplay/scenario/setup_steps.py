"""How a scenario file tells what a try does beside its connection: read, and checked across its tries."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from wsplay.events.safe_text import visible
from wsplay.protocol.header import is_token
from wsplay.protocol.http_request import SAVED, SOURCES, HttpRequest, Save, SetupStep
from wsplay.scenario.block import Fields, kind_of, nearest

#: Connections that all that comes before one try may come to: each takes three file descriptors.
MAX_CONNECTIONS = 200
#: Seconds that one wait may last.
MAX_WAIT = 600.0

_KINDS: Mapping[str, tuple[str, ...]] = {
    "http": ("headers", "body", "save"),
    "connect": (),
    "join": ("times",),
    "wait": (),
}
_EXAMPLE = '[{ http = "POST /login", save = { session = "cookie:session" } }, { join = "other try" }]'
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


def parse_setup(fields: Fields) -> tuple[SetupStep, ...]:
    """Read a try's `before`; what is wrong is reported, and then there are none."""
    items = fields.table.get("before", [])
    if not isinstance(items, list):
        fields.expected("before", "an array of things to do first", _EXAMPLE)
        return ()
    setup: list[SetupStep] = []
    for item in items:
        setup_step = _setup_step(fields, item)
        if setup_step is None:
            return ()
        setup.append(setup_step)
    return tuple(setup)


def _setup_step(fields: Fields, item: object) -> SetupStep | None:
    def wrong(message: str) -> None:
        fields.wrong("before", f"an item of `before` in {fields.label} {message}")

    if not isinstance(item, dict):
        wrong(f"is {kind_of(item)} but must be a table; write them like `before = {_EXAMPLE}`")
        return None
    kinds = [kind for kind in _KINDS if kind in item]
    if len(kinds) != 1:
        near = [match for key in item for match in nearest(key, _KINDS, 1)]
        hint = f"; did you mean `{near[0]}`?" if near and not kinds else ""
        wrong(f"must hold exactly one of {', '.join(_KINDS)}{hint}")
        return None
    kind = kinds[0]
    for key in item:
        if key != kind and key not in _KINDS[kind]:
            beside = " or ".join(f"`{name}`" for name in _KINDS[kind]) or "nothing"
            wrong(f"holds `{visible(key, 60)}`; beside `{kind}` it may hold {beside}")
            return None
    reported: list[str] = []
    inner = Fields(item, "it", lambda message, line: reported.append(message), lambda key: None)
    if kind == "http":
        setup_step = SetupStep(kind, read_request(inner), _saves(inner))
    elif kind == "wait":
        setup_step = SetupStep(kind, seconds=inner.seconds("wait", "0.5", MAX_WAIT) or 0.0)
    else:
        times = inner.integer("times", "3", 1, MAX_CONNECTIONS) or 1
        setup_step = SetupStep(kind, attempt=inner.text(kind, '"other try"') or "", times=times)
    if reported:
        wrong(f"is wrong: {reported[0]}")
        return None
    return setup_step


def read_request(fields: Fields) -> HttpRequest | None:
    """The request that a table's `http`, `headers` and `body` tell; None, and reported, where it is none."""
    line = fields.text("http", '"POST /login"')
    headers = fields.pairs("headers", '[["Content-Type", "application/json"]]')
    body = fields.text("body", '"{}"')
    if line is None:
        return None
    method, _, target = line.strip().partition(" ")
    target = target.strip()
    if not is_token(method) or not target.startswith("/"):
        fields.wrong("http", '`http` must be a method and a path, like `http = "POST /login"`')
        return None
    return HttpRequest(method, target, headers, body or "")


def _saves(fields: Fields) -> tuple[Save, ...]:
    saves: list[Save] = []
    for name, place in (fields.mapping("save") or {}).items():
        if _NAME.fullmatch(name) is None:
            fields.wrong("save", f"`save` names a value `{visible(name, 60)}`: use letters, digits, _ and -")
            return ()
        source, colon, key = place.partition(":") if isinstance(place, str) else ("", "", "")
        if not colon or not key:
            example = f'like `save = {{ {name} = "cookie:session" }}`'
            must = 'must be "cookie:NAME", "json:NAME" or "header:NAME"'
            fields.wrong("save", f"`save.{name}` {must}, {example}")
            return ()
        if source not in SOURCES:
            near = nearest(source, SOURCES, 1)
            hint = f"did you mean `{near[0]}`?" if near else "there are " + ", ".join(SOURCES)
            fields.wrong("save", f"`save.{name}` takes from `{visible(source, 60)}`; {hint}")
            return ()
        saves.append(Save(name, source, key))
    return tuple(saves)


class HasSetup(Protocol):
    """What is looked at of a try."""

    @property
    def name(self) -> str: ...
    @property
    def before(self) -> tuple[SetupStep, ...]: ...
    def texts(self) -> Iterator[tuple[str, str]]: ...


def setup_problems(tries: Sequence[HasSetup]) -> Iterator[tuple[HasSetup, str, str]]:
    """What is wrong between the tries of a file: (the try, its key to blame, what is wrong).

    Tries that are named must exist, none may lead back to itself, and each value must be saved before it is
    asked for.
    """
    by_name = {attempt.name.casefold(): attempt for attempt in tries}
    whole = True
    for attempt in tries:
        for setup_step in attempt.before:
            if setup_step.connects and setup_step.attempt.strip().casefold() not in by_name:
                whole = False
                near = nearest(setup_step.attempt, [other.name for other in tries], 1)
                hint = f"did you mean `{visible(near[0], 60)}`?" if near else "name one of the file's tries"
                named = visible(setup_step.attempt, 60)
                message = f"`{setup_step.kind}` names a try `{named}` that is not there; {hint}"
                yield attempt, "before", f'{message} (in try "{attempt.name}")'
    if not whole:
        return
    for attempt in tries:
        way = _way_back(attempt, by_name)
        if way:
            message = " → ".join(f'"{name}"' for name in way)
            yield attempt, "before", f"tries that need each other first, without an end: {message}"
            return
    for attempt in tries:
        if _connections(attempt, by_name, 0) > MAX_CONNECTIONS:
            message = f'`before` in try "{attempt.name}" comes to more than {MAX_CONNECTIONS} connections'
            yield attempt, "before", f"{message}; lower `times`"
            return
    for attempt in tries:
        yield from _unsaved(attempt, by_name)


def _others(attempt: HasSetup, by_name: Mapping[str, HasSetup]) -> Iterator[tuple[SetupStep, HasSetup]]:
    for setup_step in attempt.before:
        if setup_step.connects:
            yield setup_step, by_name[setup_step.attempt.strip().casefold()]


def _way_back(start: HasSetup, by_name: Mapping[str, HasSetup]) -> list[str]:
    """The names from `start` back to itself; empty where no way leads there."""
    came_from: dict[str, HasSetup] = {}
    waiting = [start]
    while waiting:
        attempt = waiting.pop()
        for _, other in _others(attempt, by_name):
            if other.name == start.name:
                way = [start.name]
                while attempt.name != start.name:
                    way.insert(0, attempt.name)
                    attempt = came_from[attempt.name]
                return [start.name, *way]
            if other.name not in came_from:
                came_from[other.name] = attempt
                waiting.append(other)
    return []


def _connections(attempt: HasSetup, by_name: Mapping[str, HasSetup], depth: int) -> int:
    """How many connections come before that of `attempt`; it stops counting beyond what is allowed.

    There is no way back to it, and each turn deeper is a connection more.
    """
    count = sum(setup_step.kind == "http" for setup_step in attempt.before)
    for setup_step, other in _others(attempt, by_name):
        if count + setup_step.times + depth > MAX_CONNECTIONS:
            return MAX_CONNECTIONS + 1
        count += setup_step.times * (1 + _connections(other, by_name, depth + 1))
    return count


def _unsaved(attempt: HasSetup, by_name: Mapping[str, HasSetup]) -> Iterator[tuple[HasSetup, str, str]]:
    saved: set[str] = set()

    def missing(key: str, text: str) -> Iterator[tuple[HasSetup, str, str]]:
        for name in SAVED.findall(text):
            if name not in saved:
                near = nearest(name, saved, 1)
                example = f'`save = {{ {name} = "cookie:session" }}` beside an `http` in its `before`'
                hint = f"did you mean `{near[0]}`?" if near else f"save it first, with {example}"
                message = f'nothing saves `{{saved.{visible(name, 60)}}}` for try "{attempt.name}"; {hint}'
                yield attempt, key, message

    for setup_step in attempt.before:
        if setup_step.connects:
            saved |= _saved_by(by_name[setup_step.attempt.strip().casefold()], by_name)
        elif setup_step.request is not None:
            for text in setup_step.request.texts():
                yield from missing("before", text)
            saved |= {save.name for save in setup_step.save}
    for key, text in attempt.texts():
        if key != "before":
            yield from missing(key, text)


def _saved_by(attempt: HasSetup, by_name: Mapping[str, HasSetup]) -> set[str]:
    """Every name that is saved before `attempt` connects."""
    seen, waiting, names = {attempt.name}, [attempt], set[str]()
    while waiting:
        attempt = waiting.pop()
        names |= {save.name for setup_step in attempt.before for save in setup_step.save}
        for _, other in _others(attempt, by_name):
            if other.name not in seen:
                seen.add(other.name)
                waiting.append(other)
    return names
