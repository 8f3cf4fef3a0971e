"""A request as the keys of a try: what a scenario's block, a run file and a talk call a request."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any

from wsplay.protocol.handshake import Handshake
from wsplay.protocol.http_request import HttpRequest
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
from wsplay.scenario.block import Fields
from wsplay.scenario.tries import parse_handshake


def request_table(handshake: Handshake) -> dict[str, Any]:
    """The request: `{"path", "query", "headers", "omit", "subprotocols", "compression", "send", "before"}`,
    without a path if it names none.
    """
    return {
        **({"path": handshake.path} if handshake.path else {}),
        "query": [list(pair) for pair in handshake.query],
        "headers": [list(pair) for pair in handshake.headers],
        "omit": list(handshake.omit),
        "subprotocols": list(handshake.subprotocols),
        "compression": handshake.compression,
        "send": list(_steps(handshake.steps)),
        "before": [_setup_step(step) for step in handshake.before],
    }


def read_request(table: Mapping[str, Any]) -> tuple[Handshake, tuple[str, ...]]:
    """The request of such a table, and what is wrong with it; that part is left out."""
    problems: list[str] = []
    fields = Fields(table, "the request", lambda message, line: problems.append(message))
    return parse_handshake(fields, ""), tuple(problems)


def _steps(steps: Iterable[Step]) -> Iterator[str | dict[str, Any]]:
    for step, group in groupby(steps):
        times = sum(1 for _ in group)
        one = _step(step)
        if times == 1:
            yield one["text"] if one.keys() == {"text"} else one
        elif isinstance(step, SendText | SendBinary | Ping):
            yield one | {"times": times}
        else:
            yield from (dict(one) for _ in range(times))


def _step(step: Step) -> dict[str, Any]:
    match step:
        case SendText(text):
            return {"text": text}
        case SendBinary(data):
            return {"hex": data.hex()}
        case Ping(payload):
            return {"ping": payload}
        case Close(code, reason):
            return {"close": code} | ({"reason": reason} if reason else {})
        case Wait(seconds):
            return {"wait": seconds}
        case HttpRequest():
            return _http(step)


def _setup_step(step: SetupStep) -> dict[str, Any]:
    match step:
        case Fetch(request, saves):
            save = {each.name: f"{each.source}:{each.key}" for each in saves}
            return _http(request) | ({"save": save} if save else {})
        case ConnectTry(name):
            return {"connect": name}
        case JoinTry(name, times):
            return {"join": name} | ({"times": times} if times != 1 else {})
        case Wait(seconds):
            return {"wait": seconds}


def _http(request: HttpRequest) -> dict[str, Any]:
    table: dict[str, Any] = {"http": f"{request.method} {request.target}"}
    if request.headers:
        table["headers"] = [list(pair) for pair in request.headers]
    if request.body:
        table["body"] = request.body
    return table
