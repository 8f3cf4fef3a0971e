"""Values kept from an HTTP response: where each is, and its placeholder `{saved.<name>}`."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from wsplay.events.safe_text import visible
from wsplay.protocol.http_request import HttpResponse

#: The placeholder; group 1 is the name.
SAVED = re.compile(r"\{saved\.([^{}]*)\}")
#: Where in a response a value can be found, and what to call it there.
SOURCES: Mapping[str, str] = {"cookie": "cookie", "json": "JSON value", "header": "header"}


@dataclass(frozen=True, slots=True)
class Save:
    """A value to keep: `source` (one of `SOURCES`) and `key` say where it is, and `name` is its name."""

    name: str
    source: str
    key: str

    def __str__(self) -> str:
        return f'{SOURCES[self.source]} "{visible(self.key, 60)}"'

    def find(self, response: HttpResponse) -> str | None:
        """The value; None if the response does not have it.

        If a cookie is set twice, the last value counts. A JSON value is found by its name, or by names with
        dots between them; one that is not a string is returned as JSON text.
        """
        if self.source == "json":
            return _json_value(response.body, self.key)
        wanted = "set-cookie" if self.source == "cookie" else self.key.lower()
        values = [value for name, value in response.headers if name.lower() == wanted]
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


class UnknownSaved(ValueError):
    """A placeholder for a value that was not saved; the message says why, and is safe to print."""


def expand_saved(text: str, saved: Mapping[str, str], absent: Mapping[str, str]) -> str:
    """Replace each `{saved.<name>}` with the saved value; other braces stay as they are.

    `absent` says, by name, why something was not saved. The values are not expanded again.

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
