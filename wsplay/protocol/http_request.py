"""What a client does beside its connection: HTTP requests, and connections that are made before it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from wsplay.events.safe_text import visible

Pairs = tuple[tuple[str, str], ...]

SAVED = re.compile(r"\{saved\.([^{}]*)\}")
#: Where in an answer a value can be taken from.
SOURCES = ("cookie", "json", "header")


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """A request on a connection of its own. `target` is path and query; `body` is sent as UTF-8.

    `headers` are sent in this order with duplicates kept; one that names a header the client sends by itself
    overrides it.
    """

    method: str = "GET"
    target: str = "/"
    headers: Pairs = ()
    body: str = ""

    def filled(self, expand: Callable[[str], str]) -> HttpRequest:
        """The same with each placeholder filled in by `expand`; what that raises passes on."""
        return replace(
            self,
            target=expand(self.target),
            headers=tuple((name, expand(value)) for name, value in self.headers),
            body=expand(self.body),
        )

    def texts(self) -> Iterator[str]:
        """Where placeholders may stand."""
        yield self.target
        yield from (value for _, value in self.headers)
        yield self.body

    def __str__(self) -> str:
        return f"{visible(self.method, 20)} {visible(self.target, 80)}"


@dataclass(frozen=True, slots=True)
class Answer:
    """What an HTTP request was answered with; names and values of headers are decoded as latin-1."""

    status: int
    reason: str
    headers: Pairs
    body: bytes

    def __str__(self) -> str:
        return f"{self.status} {visible(self.reason, 60)}".rstrip()


@dataclass(frozen=True, slots=True)
class Save:
    """A value to keep: `source` (one of `SOURCES`) and `key` say where it is, `name` what it is called."""

    name: str
    source: str
    key: str

    def __str__(self) -> str:
        what = {"cookie": "cookie", "json": "JSON value", "header": "header"}[self.source]
        return f'{what} "{visible(self.key, 60)}"'

    def find(self, answer: Answer) -> str | None:
        """The value, None where the answer has none.

        A cookie set twice has the last value. A JSON value is found by its name, or names with dots between
        them; one that is not a string is taken as JSON writes it.
        """
        if self.source == "json":
            return _json_value(answer.body, self.key)
        wanted = "set-cookie" if self.source == "cookie" else self.key.lower()
        values = [value for name, value in answer.headers if name.lower() == wanted]
        if self.source == "header":
            return values[0] if values else None
        cookies = [value.partition(";")[0].partition("=") for value in values]
        found = [value.strip() for name, equals, value in cookies if equals and name.strip() == self.key]
        return found[-1] if found else None


def _json_value(body: bytes, key: str) -> str | None:
    try:
        value: Any = json.loads(body)
    except (ValueError, RecursionError):
        return None
    for name in key.split("."):
        if not isinstance(value, dict) or value.get(name) is None:
            return None
        value = value[name]
    return value if isinstance(value, str) else json.dumps(value)


@dataclass(frozen=True, slots=True)
class SetupStep:
    """One thing done before a try's own connection.

    `kind`: `http` sends `request` and keeps what `save` names; `connect` makes the connection of the try
    called `attempt`, takes its steps and leaves; `join` makes it `times` times and stays until the run ends;
    `wait` lets `seconds` pass.
    """

    kind: str
    request: HttpRequest | None = None
    save: tuple[Save, ...] = ()
    attempt: str = ""
    times: int = 1
    seconds: float = 0.0

    @property
    def connects(self) -> bool:
        """Whether it makes the connection of another try."""
        return self.kind in ("connect", "join")

    def filled(self, expand: Callable[[str], str]) -> SetupStep:
        """The same with each placeholder filled in by `expand`; what that raises passes on."""
        return self if self.request is None else replace(self, request=self.request.filled(expand))


class UnknownSaved(ValueError):
    """A placeholder for a value that was not saved; the message says why, and is safe to print."""


def expand_saved(text: str, saved: Mapping[str, str], absent: Mapping[str, str]) -> str:
    """Put what was saved in the place of each `{saved.<name>}`; other braces stay as they are.

    `absent` says, by name, why something was not saved. What is filled in is not looked into again.

    Raises:
        UnknownSaved: If there is no value of that name.

    """

    def value(match: re.Match[str]) -> str:
        name = match.group(1)
        if name in saved:
            return saved[name]
        why = absent.get(name)
        if why is None:
            there = ", ".join(visible(known, 40) for known in saved)
            why = f"there is {there}" if there else "nothing has been saved"
        raise UnknownSaved(f"`{{saved.{visible(name, 60)}}}` has no value: {why}")

    return SAVED.sub(value, text)
