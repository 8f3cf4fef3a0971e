"""A try: what a client asks for and does, and what is expected to come of it, as a scenario file says it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from wsplay.events.safe_text import visible
from wsplay.protocol.engine import ENGINE_NAMES
from wsplay.protocol.handshake import AUTOMATIC_HEADERS, Handshake, Send
from wsplay.protocol.http_request import SetupStep
from wsplay.protocol.token import KINDS
from wsplay.scenario.block import Fields, Pairs, kind_of, nearest
from wsplay.scenario.setup_steps import parse_setup, read_request
from wsplay.verdict.expectation import Expectation, ExpectationError

#: Steps that one try may come to, `times` counted.
MAX_STEPS = 100_000
#: Seconds a step may wait, and seconds a try may ask for in all.
MAX_WAIT, MAX_TIMEOUT = 600.0, 3600.0

_KEYS = (
    "name",
    "path",
    "query",
    "headers",
    "origin",
    "omit",
    "subprotocols",
    "compression",
    "before",
    "send",
    "timeout",
    "expect",
    "expect_on",
)
#: A step's main key, with what a step of that kind may hold beside it.
_STEPS: Mapping[str, tuple[str, ...]] = {
    "text": ("times",),
    "hex": ("times",),
    "ping": ("times",),
    "wait": (),
    "close": ("reason",),
    "http": ("headers", "body"),
}
_PLACEHOLDER = re.compile(r"\{token\.([^{}]*)\}")
_EXAMPLE_STEPS = '["hello", { hex = "00ff" }, { ping = "x" }, { wait = 0.5 }, { close = 1000 }]'


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a try, taken `times` times."""

    send: Send
    times: int = 1


@dataclass(frozen=True, slots=True)
class Try:
    """A named way to connect. Strings may hold placeholders such as `{token.valid}`, filled in at run time.

    `headers`, `query`, `omit`, `subprotocols` and `compression` mean what they do in `Handshake`; `path` is
    the try's own or the scenario's. `before` is done first. `timeout` is the seconds a run of it may take,
    None for the runner's own limit. `expect` is the raw table that `model.expectation` reads, empty where
    nothing is expected; `expect_on` holds, by engine, what differs there.
    """

    name: str
    path: str = "/ws"
    query: Pairs = ()
    headers: Pairs = ()
    omit: tuple[str, ...] = ()
    subprotocols: tuple[str, ...] = ()
    compression: bool = True
    before: tuple[SetupStep, ...] = ()
    send: tuple[Step, ...] = ()
    timeout: float | None = None
    expect: Mapping[str, Any] = field(default_factory=dict, hash=False)
    expect_on: Mapping[str, Mapping[str, Any]] = field(default_factory=dict, hash=False)

    def expect_for(self, engine: str) -> dict[str, Any]:
        """What is expected on the engine named: `expect`, with that engine's differences laid over it."""
        return {**self.expect, **self.expect_on.get(engine, {})}

    def handshake(self, expand: Callable[[str], str] = str) -> Handshake:
        """What the client asks for, each placeholder filled in by `expand`; what that raises passes on.

        `expand` gets each whole text, as in `Handshake.filled`.
        """
        steps: list[Send] = []
        for step in self.send:
            steps.extend([step.send] * step.times)
        handshake = Handshake(
            path=self.path,
            query=self.query,
            headers=self.headers,
            omit=self.omit,
            subprotocols=self.subprotocols,
            compression=self.compression,
            steps=tuple(steps),
            before=self.before,
        ).filled(expand)
        return handshake if self.timeout is None else replace(handshake, open_timeout=self.timeout)

    def texts(self) -> Iterator[tuple[str, str]]:
        """Where placeholders may stand: the try's key, and a text of it."""
        yield from (("headers", value) for _, value in self.headers)
        yield from (("query", text) for pair in self.query for text in pair)
        yield from (("subprotocols", name) for name in self.subprotocols)
        yield from (("send", step.send.text) for step in self.send)
        for key, requests in (
            ("send", (step.send.request for step in self.send)),
            ("before", (setup_step.request for setup_step in self.before)),
        ):
            yield from (
                (key, text) for request in requests if request is not None for text in request.texts()
            )
        yield "path", self.path


def parse_try(fields: Fields, path: str, *, tokens: bool) -> Try | None:
    """Read one `[[tool.wsplay.try]]` table; what is wrong is reported. None where it has no usable name.

    `path` is the scenario's, for a try that names none; `tokens` says whether the scenario can mint any.
    """
    fields.known(*_KEYS)
    name = fields.text("name", '"no token"')
    if name is None or not name.strip():
        if name is not None or "name" not in fields.table:
            fields.wrong("name", f'{fields.label} has no name; give it one, like `name = "no token"`')
        return None
    headers = fields.pairs("headers", '[["Authorization", "validtoken"]]')
    origin = fields.text("origin", '"https://evil.example"')
    if origin is not None:
        headers += (("Origin", origin),)
    attempt = Try(
        name=visible(name.strip(), 80),
        path=read_path(fields) or path,
        query=fields.pairs("query", '[["token", "validtoken"]]'),
        headers=headers,
        omit=_omit(fields),
        subprotocols=fields.strings("subprotocols", '["chat.v1"]'),
        compression=fields.flag("compression", True),
        before=parse_setup(fields),
        send=_steps(fields),
        timeout=fields.seconds("timeout", "5", MAX_TIMEOUT),
        expect=_expect(fields, fields.mapping("expect") or {}, "expect"),
        expect_on=_expect_on(fields),
    )
    _check_placeholders(fields, attempt, tokens)
    return attempt


def _check_placeholders(fields: Fields, attempt: Try, tokens: bool) -> None:
    for key, text in attempt.texts():
        for kind in _PLACEHOLDER.findall(text):
            if kind not in KINDS:
                near = nearest(kind, KINDS, 1)
                hint = f"did you mean `{near[0]}`?" if near else "there are " + ", ".join(KINDS)
                fields.wrong(key, f"no such token `{visible(kind, 60)}` in {fields.label}; {hint}")
            elif not tokens:
                needs = "needs a `[tool.wsplay.tokens]` table with a `secret`"
                fields.wrong(key, f"`{{token.{kind}}}` in {fields.label} {needs}")


def read_path(fields: Fields) -> str | None:
    """The table's `path`, or None where it has none of use."""
    path = fields.text("path", '"/ws"')
    if path is not None and not path.startswith("/"):
        fields.wrong("path", f'`path` in {fields.label} must start with a slash, like `path = "/ws"`')
        return None
    return path


def _omit(fields: Fields) -> tuple[str, ...]:
    omit = fields.strings("omit", '["Host"]')
    known = {name.lower() for name in AUTOMATIC_HEADERS}
    for name in omit:
        if name.lower() not in known:
            near = nearest(name, AUTOMATIC_HEADERS, 1)
            hint = (
                f"did you mean `{near[0]}`?" if near else "it can leave out " + ", ".join(AUTOMATIC_HEADERS)
            )
            fields.wrong(
                "omit", f"`omit` in {fields.label} names `{visible(name, 60)}`, not sent anyway; {hint}"
            )
            return ()
    return omit


def _expect(fields: Fields, table: dict[str, Any], where: str) -> dict[str, Any]:
    """The table if it can be compared with an outcome, else an empty one, and reported."""
    try:
        Expectation.parse(table, where)
    except ExpectationError as error:
        fields.wrong(where.partition(".")[0], f"in {fields.label}, {error}")
        return {}
    return table


def _expect_on(fields: Fields) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for engine, table in (fields.mapping("expect_on") or {}).items():
        if engine not in ENGINE_NAMES:
            near = nearest(engine, ENGINE_NAMES, 1)
            hint = f"did you mean `{near[0]}`?" if near else "there are " + ", ".join(ENGINE_NAMES)
            message = f"no engine `{visible(engine, 60)}` for `expect_on` in {fields.label}; {hint}"
            fields.wrong("expect_on", message)
        elif not isinstance(table, dict):
            example = f"like `expect_on = {{ {engine} = {{ status = 500 }} }}`"
            message = (
                f"`expect_on.{engine}` in {fields.label} is {kind_of(table)} but must be a table, {example}"
            )
            fields.wrong("expect_on", message)
        else:
            found[engine] = _expect(fields, table, f"expect_on.{engine}")
    return found


def _steps(fields: Fields) -> tuple[Step, ...]:
    items = fields.table.get("send", [])
    if not isinstance(items, list):
        fields.expected("send", "an array of steps", _EXAMPLE_STEPS)
        return ()
    steps: list[Step] = []
    for item in items:
        step = Step(Send("text", text=item)) if isinstance(item, str) else _step(fields, item)
        if step is None:
            return ()
        steps.append(step)
    if sum(step.times for step in steps) > MAX_STEPS:
        fields.wrong("send", f"`send` in {fields.label} comes to more than {MAX_STEPS} steps; lower `times`")
        return ()
    return tuple(steps)


def _step(fields: Fields, item: object) -> Step | None:
    """One step of a `send` array; None, and reported, where it is no step."""

    def wrong(message: str) -> None:
        fields.wrong("send", f"a step of `send` in {fields.label} {message}")

    if not isinstance(item, dict):
        wrong(
            f"is {kind_of(item)} but must be a string or a table; steps look like `send = {_EXAMPLE_STEPS}`"
        )
        return None
    kinds = [kind for kind in _STEPS if kind in item]
    if len(kinds) != 1:
        near = [match for key in item for match in nearest(key, _STEPS, 1)]
        hint = f"; did you mean `{near[0]}`?" if near and not kinds else ""
        wrong(f"must hold exactly one of {', '.join(_STEPS)}{hint}")
        return None
    kind = kinds[0]
    for key in item:
        if key != kind and key not in _STEPS[kind]:
            beside = " or ".join(f"`{name}`" for name in _STEPS[kind]) or "nothing"
            wrong(f"holds `{visible(key, 60)}`; beside `{kind}` it may hold {beside}")
            return None
    reported: list[str] = []
    inner = Fields(item, "a step", lambda message, line: reported.append(message), lambda key: None)
    step = _read_step(inner, kind)
    if reported:
        wrong(f"is wrong: {reported[0]}")
        return None
    return step


def _read_step(step: Fields, kind: str) -> Step | None:
    times = step.integer("times", "10", 1, MAX_STEPS) or 1
    match kind:
        case "text":
            return Step(Send("text", text=step.text("text") or ""), times)
        case "ping":
            return Step(Send("ping", text=step.text("ping", '"x"') or ""), times)
        case "wait":
            return Step(Send("wait", seconds=step.seconds("wait", "0.5", MAX_WAIT) or 0.0))
        case "close":
            code = step.integer("close", "1000", 0, 65535)
            return Step(Send("close", code=1000 if code is None else code, text=step.text("reason") or ""))
        case "http":
            return Step(Send("http", request=read_request(step)))
    text = step.text("hex", '"00ff"') or ""
    try:
        return Step(Send("binary", data=bytes.fromhex(text)), times)
    except ValueError:
        step.wrong("hex", '`hex` must be pairs of hexadecimal digits, like `hex = "00 ff"`')
        return None
