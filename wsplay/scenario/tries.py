"""A try: what a client asks for and does, and what is expected to come of it, as a scenario file says it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from wsplay.events.safe_text import visible
from wsplay.protocol.did_you_mean import did_you_mean
from wsplay.protocol.engine import ENGINE_NAMES
from wsplay.protocol.handshake import AUTOMATIC_HEADERS, Handshake
from wsplay.protocol.token import KINDS
from wsplay.scenario.block import Fields, kind_of
from wsplay.scenario.steps import parse_setup, parse_steps
from wsplay.verdict.expectation import Expectation, ExpectationError

#: Seconds a try may ask for in all.
MAX_TIMEOUT = 3600.0

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
_PLACEHOLDER = re.compile(r"\{token\.([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class Try:
    """A named way to connect.

    `handshake` is what the client asks for; its texts may hold placeholders such as `{token.valid}`, filled
    in at run time. `timeout` is the seconds a run of it may take, None for the runner's own limit. `expect`
    is the raw table that `verdict.expectation` reads, empty where nothing is expected; `expect_on` holds, by
    engine, what differs there.
    """

    name: str
    handshake: Handshake
    timeout: float | None = None
    expect: Mapping[str, Any] = field(default_factory=dict, hash=False)
    expect_on: Mapping[str, Mapping[str, Any]] = field(default_factory=dict, hash=False)

    def expect_for(self, engine: str) -> dict[str, Any]:
        """What is expected on the engine named: `expect`, with that engine's differences laid over it."""
        return {**self.expect, **self.expect_on.get(engine, {})}

    def texts(self) -> Iterator[tuple[str, str]]:
        """Where placeholders may stand: the key in the file, and a text of it."""
        for name, text in self.handshake.texts():
            yield "send" if name == "steps" else name, text


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
    timeout = fields.seconds("timeout", "5", MAX_TIMEOUT)
    handshake = Handshake(
        path=read_path(fields) or path,
        query=fields.pairs("query", '[["token", "validtoken"]]'),
        headers=headers,
        omit=_omit(fields),
        subprotocols=fields.strings("subprotocols", '["chat.v1"]'),
        compression=fields.flag("compression", True),
        before=parse_setup(fields),
        steps=parse_steps(fields),
    )
    attempt = Try(
        name=visible(name.strip(), 80),
        handshake=handshake if timeout is None else replace(handshake, open_timeout=timeout),
        timeout=timeout,
        expect=_expect(fields, fields.mapping("expect") or {}, "expect"),
        expect_on=_expect_on(fields),
    )
    _check_placeholders(fields, attempt, tokens)
    return attempt


def _check_placeholders(fields: Fields, attempt: Try, tokens: bool) -> None:
    for key, text in attempt.texts():
        for kind in _PLACEHOLDER.findall(text):
            if kind not in KINDS:
                known = did_you_mean(kind, KINDS)
                fields.wrong(key, f"no such token `{visible(kind, 60)}` in {fields.label}; {known}")
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
            hint = did_you_mean(name, AUTOMATIC_HEADERS, "it can leave out " + ", ".join(AUTOMATIC_HEADERS))
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
            known = did_you_mean(engine, ENGINE_NAMES)
            message = f"no engine `{visible(engine, 60)}` for `expect_on` in {fields.label}; {known}"
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
