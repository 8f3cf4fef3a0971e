"""A try: what a client asks for and does, and what is expected of it, as a scenario file says."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from wsplay.events.safe_text import visible
from wsplay.protocol.did_you_mean import did_you_mean
from wsplay.protocol.handshake import AUTOMATIC_HEADERS, Handshake
from wsplay.protocol.token import KINDS
from wsplay.scenario.block import Fields
from wsplay.scenario.expectations import Expectations, parse_expectations
from wsplay.scenario.steps import parse_setup, parse_steps

#: The longest `timeout`, in seconds.
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

    `handshake` is the client's request; its texts may contain placeholders such as `{token.valid}`, filled in
    at run time. `expect` is the expected result. `timeout` is the seconds a run of it may take, None for the
    runner's own limit.
    """

    name: str
    handshake: Handshake
    expect: Expectations = field(default_factory=Expectations)
    timeout: float | None = None

    def texts(self) -> Iterator[tuple[str, str]]:
        """The texts that may contain placeholders, each with its key in the file."""
        for name, text in self.handshake.texts():
            yield "send" if name == "steps" else name, text


def find_try(tries: Iterable[Try], name: str) -> Try | None:
    """The try of that name, regardless of case."""
    wanted = name.strip().casefold()
    return next((try_ for try_ in tries if try_.name.strip().casefold() == wanted), None)


def unknown_try(name: str, tries: Iterable[Try]) -> str:
    """What to say about a name that no try has."""
    hint = did_you_mean(name, [try_.name for try_ in tries], "name one of the file's tries")
    return f"a try `{visible(name, 60)}` that is not there; {hint}"


def parse_try(fields: Fields, path: str, *, tokens: bool) -> Try | None:
    """Read one `[[tool.wsplay.try]]` table and report its problems. None if it has no usable name.

    `path` is the scenario's, for a try without one; `tokens` says whether the scenario can mint tokens.
    """
    fields.known(*_KEYS)
    name = fields.text("name", '"no token"')
    if name is None or not name.strip():
        if name is not None or "name" not in fields.table:
            fields.wrong("name", f'{fields.label} has no name; give it one, like `name = "no token"`')
        return None
    timeout = fields.seconds("timeout", "5", MAX_TIMEOUT)
    handshake = parse_handshake(fields, path)
    try_ = Try(
        name=visible(name.strip(), 80),
        handshake=handshake if timeout is None else replace(handshake, open_timeout=timeout),
        timeout=timeout,
        expect=parse_expectations(fields, "expect"),
    )
    _check_placeholders(fields, try_, tokens)
    return try_


def parse_handshake(fields: Fields, path: str) -> Handshake:
    """Read the keys of a table that say what the client asks for, and report their problems."""
    headers = fields.pairs("headers", '[["Authorization", "validtoken"]]')
    origin = fields.text("origin", '"https://evil.example"')
    if origin is not None:
        headers += (("Origin", origin),)
    return Handshake(
        path=read_path(fields) or path,
        query=fields.pairs("query", '[["token", "validtoken"]]'),
        headers=headers,
        omit=_omit(fields),
        subprotocols=fields.strings("subprotocols", '["chat.v1"]'),
        compression=fields.flag("compression", True),
        before=parse_setup(fields),
        steps=parse_steps(fields),
    )


def _check_placeholders(fields: Fields, try_: Try, tokens: bool) -> None:
    for key, text in try_.texts():
        for kind in _PLACEHOLDER.findall(text):
            if kind not in KINDS:
                known = did_you_mean(kind, KINDS)
                fields.wrong(key, f"no such token `{visible(kind, 60)}` in {fields.label}; {known}")
            elif not tokens:
                needs = "needs a `[tool.wsplay.tokens]` table with a `secret`"
                fields.wrong(key, f"`{{token.{kind}}}` in {fields.label} {needs}")


def read_path(fields: Fields) -> str | None:
    """The table's `path`, or None if it has no usable one."""
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
            hint = did_you_mean(name, AUTOMATIC_HEADERS, "it can omit " + ", ".join(AUTOMATIC_HEADERS))
            fields.wrong(
                "omit",
                f"`omit` in {fields.label} has `{visible(name, 60)}`, which is not sent anyway; {hint}",
            )
            return ()
    return omit
