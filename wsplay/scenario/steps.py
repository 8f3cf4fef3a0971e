"""A try's `before` and `send`, read into steps."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TypeVar

from wsplay.events.safe_text import visible
from wsplay.protocol.did_you_mean import did_you_mean, nearest, suggest
from wsplay.protocol.header import is_token
from wsplay.protocol.http_request import HttpRequest
from wsplay.protocol.saved import SOURCES, Save
from wsplay.protocol.steps import (
    Close,
    ConnectTry,
    Fetch,
    JoinTry,
    Ping,
    SendBinary,
    SendText,
    SetupStep,
    Step,
    Wait,
)
from wsplay.scenario.block import Fields, kind_of

#: The most steps one try may have, `times` counted.
MAX_STEPS = 100_000
#: The most connections one try may need before its own: each takes three file descriptors.
MAX_CONNECTIONS = 200
#: The longest wait, in seconds.
MAX_WAIT = 600.0

#: A step's main key, with the other keys it may have.
_SEND: Mapping[str, tuple[str, ...]] = {
    "text": ("times",),
    "hex": ("times",),
    "ping": ("times",),
    "wait": (),
    "close": ("reason",),
    "http": ("headers", "body"),
}
_BEFORE: Mapping[str, tuple[str, ...]] = {
    "http": ("headers", "body", "save"),
    "connect": (),
    "join": ("times",),
    "wait": (),
}
_SEND_EXAMPLE = '["hello", { hex = "00ff" }, { ping = "x" }, { wait = 0.5 }, { close = 1000 }]'
_BEFORE_EXAMPLE = '[{ http = "POST /login", save = { session = "cookie:session" } }, { join = "other try" }]'
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")

S = TypeVar("S")


def parse_steps(fields: Fields) -> tuple[Step, ...]:
    """Read a try's `send`, each step as often as `times` says. If one is wrong, report it, return none."""
    steps: list[Step] = []
    for step, times in _parse(fields, "send", _SEND, _read_step, "a string or a table", _SEND_EXAMPLE):
        if len(steps) + times > MAX_STEPS:
            fields.wrong("send", f"`send` in {fields.label} has more than {MAX_STEPS} steps; lower `times`")
            return ()
        steps += [step] * times
    return tuple(steps)


def parse_setup(fields: Fields) -> tuple[SetupStep, ...]:
    """Read a try's `before`. If a step is wrong, report it, return none."""
    return tuple(_parse(fields, "before", _BEFORE, _read_setup_step, "a table", _BEFORE_EXAMPLE))


def _parse(
    fields: Fields,
    key: str,
    kinds: Mapping[str, tuple[str, ...]],
    read: Callable[[Fields, str], S | None],
    what: str,
    example: str,
) -> list[S]:
    """Read an array of steps; which of `kinds` a step has says what it is. None of them if one is wrong."""
    items = fields.table.get(key, [])
    if not isinstance(items, list):
        fields.expected(key, "an array of steps", example)
        return []
    found: list[S] = []
    for item in items:
        reported: list[str] = []
        if isinstance(item, str) and "text" in kinds:
            item = {"text": item}
        if not isinstance(item, dict):
            reported.append(f"is {kind_of(item)} but must be {what}; steps look like `{key} = {example}`")
        elif kind := _kind(item, kinds, reported):
            step = read(_fields(item, reported), kind)
            if step is not None:
                found.append(step)
        if reported:
            fields.wrong(key, f"a step of `{key}` in {fields.label} {reported[0]}")
            return []
    return found


def _kind(item: Mapping[str, object], kinds: Mapping[str, tuple[str, ...]], reported: list[str]) -> str:
    """The one of `kinds` that a step has; empty, and reported, if there is none."""
    named = [kind for kind in kinds if kind in item]
    if len(named) != 1:
        near = [] if named else [match for name in item for match in nearest(name, kinds)]
        hint = f"; {suggest(near[:1])}" if near else ""
        reported.append(f"must have exactly one of {', '.join(kinds)}{hint}")
        return ""
    [kind] = named
    for name in item:
        if name != kind and name not in kinds[kind]:
            beside = " or ".join(f"`{other}`" for other in kinds[kind]) or "nothing"
            reported.append(f"has a key `{visible(name, 60)}`; beside `{kind}` it may have {beside}")
            return ""
    return kind


def _fields(item: Mapping[str, object], reported: list[str]) -> Fields:
    """A step's values; what is wrong goes to `reported`, since the step has no line of its own."""
    return Fields(item, "a step", lambda message, line: reported.append(f"is wrong: {message}"))


def _read_step(step: Fields, kind: str) -> tuple[Step, int] | None:
    """A step and its `times`; None, and reported, if it is wrong."""
    times = step.integer("times", "10", 1, MAX_STEPS) or 1
    match kind:
        case "text":
            return SendText(step.text("text") or ""), times
        case "ping":
            return Ping(step.text("ping", '"x"') or ""), times
        case "wait":
            return Wait(step.seconds("wait", "0.5", MAX_WAIT) or 0.0), 1
        case "close":
            code = step.integer("close", "1000", 0, 65535)
            return Close(1000 if code is None else code, step.text("reason") or ""), 1
        case "http":
            request = _read_request(step)
            return None if request is None else (request, 1)
    try:
        return SendBinary(bytes.fromhex(step.text("hex", '"00ff"') or "")), times
    except ValueError:
        step.wrong("hex", '`hex` must be pairs of hexadecimal digits, like `hex = "00 ff"`')
        return None


def _read_setup_step(step: Fields, kind: str) -> SetupStep | None:
    match kind:
        case "http":
            request = _read_request(step)
            return None if request is None else Fetch(request, _read_saves(step))
        case "wait":
            return Wait(step.seconds("wait", "0.5", MAX_WAIT) or 0.0)
        case "join":
            times = step.integer("times", "3", 1, MAX_CONNECTIONS) or 1
            return JoinTry(step.text("join", '"other try"') or "", times)
    return ConnectTry(step.text("connect", '"other try"') or "")


def _read_request(step: Fields) -> HttpRequest | None:
    """The request in `http`, `headers` and `body`; None, and reported, if it is wrong."""
    line = step.text("http", '"POST /login"')
    headers = step.pairs("headers", '[["Content-Type", "application/json"]]')
    body = step.text("body", '"{}"')
    if line is None:
        return None
    method, _, target = line.strip().partition(" ")
    target = target.strip()
    if not is_token(method) or not target.startswith("/"):
        step.wrong("http", '`http` must be a method and a path, like `http = "POST /login"`')
        return None
    return HttpRequest(method, target, headers, body or "")


def _read_saves(step: Fields) -> tuple[Save, ...]:
    saves: list[Save] = []
    for name, place in (step.mapping("save") or {}).items():
        if _NAME.fullmatch(name) is None:
            step.wrong("save", f"`save` has a name `{visible(name, 60)}`: use letters, digits, _ and - only")
            return ()
        source, colon, key = place.partition(":") if isinstance(place, str) else ("", "", "")
        if not colon or not key:
            example = f'like `save = {{ {name} = "cookie:session" }}`'
            must = 'must be "cookie:NAME", "json:NAME" or "header:NAME"'
            step.wrong("save", f"`save.{name}` {must}, {example}")
            return ()
        if source not in SOURCES:
            known = did_you_mean(source, SOURCES)
            step.wrong("save", f"`save.{name}` has a source `{visible(source, 60)}`; {known}")
            return ()
        saves.append(Save(name, source, key))
    return tuple(saves)
