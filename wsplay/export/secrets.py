"""The secrets of a run, found by where they stand, and replaced by value everywhere.

Secret are the values of credential headers and cookies, each JWT, and values whose name says so (`token`,
`password`, ...) in queries, forms, JSON and subprotocols. docs/run-file.md is the reference, and says what is
not found.

Each secret becomes `[secret N]`, the same N for the same value: plain, quoted for a URL, escaped for JSON or
Python, in hex and in base64. Of a long secret, a run of 12 characters counts too, because summaries are cut.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, quote_plus, unquote_plus

#: Headers whose value is a credential, in lower case.
HEADERS: Final = frozenset(("authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key"))
#: Names whose value is a secret: of a query, a form, a JSON object, a subprotocol.
FIELDS: Final = frozenset(
    (
        "token",
        "access_token",
        "refresh_token",
        "id_token",
        "ticket",
        "api_key",
        "password",
        "secret",
        "session",
        "sid",
        "code",
    )
)
#: A secret is looked for everywhere from this length on; a shorter one only where its name stands.
SHORTEST: Final = 6
#: Characters in a row that give a secret away.
RUN: Final = 12

#: How many secrets are looked for everywhere, others only by their names; and their characters.
MOST: Final = 1_000
LONGEST: Final = 8_192
#: The words before a credential: IANA's registry of HTTP authentication schemes, and two more.
SCHEMES: Final = frozenset(
    (
        "basic",
        "bearer",
        "concealed",
        "digest",
        "dpop",
        "gnap",
        "hoba",
        "mutual",
        "negotiate",
        "oauth",
        "privatetoken",
        "scram-sha-1",
        "scram-sha-256",
        "vapid",
        "token",
        "apikey",
    )
)

_NAMES = "|".join(sorted(FIELDS))
_JWT = re.compile(r"eyJ[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]*")
_SCHEME = re.compile(r"([A-Za-z0-9-]+[ \t]+)(\S.*)", re.DOTALL)
_PARAMETER = re.compile(rf"((?:^|[?&;])(?:{_NAMES})=)([^&;\s\"'<>]+)", re.IGNORECASE)
_MEMBER = re.compile(rf'("(?:{_NAMES})"\s*:\s*)("(?:[^"\\]|\\.)*"|-?[0-9][0-9.eE+-]*)', re.IGNORECASE)
_HEADER_LINE = re.compile(r"^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\r\n]+)", re.MULTILINE)
_NAMED = re.compile(rf"((?:{_NAMES}|bearer)[.=:_-])(.+)", re.IGNORECASE | re.DOTALL)

#: Replaces a text that stands where a secret does.
Replace = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class _Form:
    """A way to write secrets: `runs` is how many of its characters stand for `RUN` of a secret's."""

    write: Callable[[str], Iterable[str]]
    runs: int


def _hexes(value: str) -> Iterator[str]:
    digits = value.encode("utf-8", "surrogatepass").hex()
    yield digits
    yield digits.upper()


def _base64s(value: str) -> Iterator[str]:
    """The characters that stand for the value at each offset in a text in base64, without those that its
    neighbours change (RFC 4648 sections 4 and 5).
    """
    raw = value.encode("utf-8", "surrogatepass")
    for offset in range(3):
        standard = base64.b64encode(b"\0" * offset + raw).decode()
        whole = standard[(0, 2, 3)[offset] : (offset + len(raw)) * 8 // 6]
        yield whole
        yield whole.translate(str.maketrans("+/", "-_"))


def _quoted(value: str) -> Iterator[str]:
    raw = value.encode("utf-8", "surrogatepass")
    for written in (quote(raw, safe=""), quote(raw), quote_plus(raw)):
        yield written
        yield re.sub("%..", lambda match: match[0].lower(), written)


def _escaped(value: str) -> Iterator[str]:
    yield json.dumps(value)[1:-1]
    yield json.dumps(value, ensure_ascii=False)[1:-1]
    yield repr(value)[1:-1]
    yield repr(value.encode("utf-8", "surrogatepass"))[2:-1]


_FORMS: Final = (
    _Form(lambda value: (value,), RUN),
    _Form(_quoted, RUN),
    _Form(_escaped, RUN),
    _Form(_hexes, 2 * RUN),
    _Form(_base64s, RUN * 8 // 6),
)


class _Needles:
    """Texts of one length that are looked for, each with a number."""

    def __init__(self, length: int) -> None:
        self.length = length
        self._numbers: dict[str, int] = {}
        # Each of them contains one of these at every place that is a multiple of the stride.
        self._stride = max(length // 2, 1)
        self._parts: set[str] = set()

    def add(self, text: str, number: int) -> None:
        if text in self._numbers:
            return
        self._numbers[text] = number
        size = self.length - self._stride + 1
        self._parts.update(text[start : start + size] for start in range(self._stride))

    def replaced(self, text: str) -> str:
        """`text`, in which those that overlap become one `[secret N]`."""
        if not self._may_be_in(text):
            return text
        numbers, length = self._numbers, self.length
        parts: list[str] = []
        kept = start = 0
        while start <= len(text) - length:
            number = numbers.get(text[start : start + length])
            if number is None:
                start += 1
                continue
            end = start + length
            while end < len(text) and text[end - length + 1 : end + 1] in numbers:
                end += 1
            parts += (text[kept:start], f"[secret {number}]")
            kept = start = end
        return "".join((*parts, text[kept:]))

    def _may_be_in(self, text: str) -> bool:
        size, stride, parts = self.length - self._stride + 1, self._stride, self._parts
        return any(text[at : at + size] in parts for at in range(0, len(text) - size + 1, stride))


class Secrets:
    """The secrets seen so far.

    `headers` names further headers with credentials. What `is_public` is true of is no secret, such as what
    a bundled scenario publishes.
    """

    def __init__(
        self, *, headers: Iterable[str] = (), is_public: Callable[[str], bool] = lambda value: False
    ) -> None:
        self._headers = HEADERS | {name.lower() for name in headers}
        self._is_public = is_public
        self._numbers: dict[str, int] = {}
        self._public: set[str] = set()
        self._needles: dict[int, _Needles] = {}  # by their length
        self._in_order: list[_Needles] = []  # the longest first
        self._done: dict[str, str] = {}  # texts that were replaced before

    def __len__(self) -> int:
        """How many have been found."""
        return len(self._numbers)

    def add(self, value: str) -> None:
        """Add a secret by its value."""
        if not value or value in self._numbers or value in self._public:
            return
        if self._is_public(value):
            self._public.add(value)
            return
        number = self._numbers[value] = len(self._numbers) + 1
        if len(value) < SHORTEST or number > MOST:
            return
        # The first part of a JWT is the same for most of them, and no secret.
        secret = (value.partition(".")[2] if _JWT.fullmatch(value) else value)[:LONGEST]
        for form in _FORMS:
            for written in form.write(secret):
                size = form.runs if len(secret) >= RUN else len(written)
                for start in range(max(len(written) - size, 0) + 1):
                    self._look_for(written[start : start + size], number)
        self._in_order = [self._needles[length] for length in sorted(self._needles, reverse=True)]
        self._done.clear()

    def _look_for(self, text: str, number: int) -> None:
        if text:
            self._needles.setdefault(len(text), _Needles(len(text))).add(text, number)

    def find(self, value: Any) -> None:
        """Add the secrets in a value of JSON: an event, a request, an outcome."""

        def found(text: str) -> str:
            self.add(text)
            return text

        _walk(value, found, self._headers)

    def redacted(self, value: Any) -> Any:
        """A copy without the secrets. A payload that has changed has `"redacted": true`.

        Its sizes stay as they were observed. Of bytes that fit no frame none are kept if there are secrets:
        they may be masked (RFC 6455 section 5.3).
        """

        def replaced(text: str) -> str:
            number = self._numbers.get(text)
            return text if number is None else f"[secret {number}]"

        return _marked(value, self._without(_walk(value, replaced, self._headers)))

    def text(self, text: str) -> str:
        """A text without the secrets that are looked for everywhere."""
        if (done := self._done.get(text)) is not None:
            return done
        done = text
        for needles in self._in_order:
            done = needles.replaced(done)
        if len(self._done) < 10_000:
            self._done[text] = done
        return done

    def _without(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            return [self._without(part) for part in value]
        if not isinstance(value, dict):
            return value
        kept = {self.text(key): self._without(part) for key, part in value.items()}
        return _without_bytes(kept) if self._numbers and kept.get("kind") == "wire.stray" else kept


def _marked(before: Any, after: Any) -> Any:
    """`after`, in which each payload that is not as it was `before` says so."""
    if isinstance(before, Mapping):
        for key, part in after.items():
            if key in before:
                after[key] = _marked(before[key], part)
        if "size" in before and any(before.get(key) != after.get(key) for key in ("text", "hex")):
            after["redacted"] = True
    elif isinstance(before, list | tuple):
        for place, part in enumerate(before):
            after[place] = _marked(part, after[place])
    return after


def _without_bytes(event: dict[str, Any]) -> dict[str, Any]:
    data = event.get("data")
    payload = data.get("payload") if isinstance(data, dict) else None
    if not isinstance(data, dict) or not isinstance(payload, dict) or not payload.get("hex"):
        return event
    return event | {"data": data | {"payload": payload | {"hex": ""}}}


# -- where secrets stand: one walk that finds them, and replaces them


def _walk(value: Any, replace: Replace, headers: frozenset[str]) -> Any:
    """A copy of `value` with `replace` applied to each text that stands where a secret does."""
    if isinstance(value, str):
        return _text(value, replace, headers)
    if isinstance(value, Mapping):
        return {key: _entry(key, part, replace, headers) for key, part in value.items()}
    if isinstance(value, list | tuple):
        if len(value) == 2 and all(isinstance(part, str) for part in value):
            return _pair(value[0], value[1], replace, headers)
        return [_walk(part, replace, headers) for part in value]
    return value


def _entry(key: str, part: Any, replace: Replace, headers: frozenset[str]) -> Any:
    if key == "subprotocols" and isinstance(part, list | tuple):
        return _subprotocols(part, replace)
    return _walk(part, replace, headers)


def _pair(name: str, value: str, replace: Replace, headers: frozenset[str]) -> list[str]:
    """A header, a query parameter, or any two texts."""
    lower = name.lower()
    if lower in headers:
        return [name, _header(lower, value, replace)]
    if lower in FIELDS:
        return [name, replace(value)]
    if lower == "sec-websocket-protocol":
        return [name, ", ".join(_subprotocols([item.strip() for item in value.split(",")], replace))]
    return [_text(name, replace, headers), _text(value, replace, headers)]


def _header(name: str, value: str, replace: Replace) -> str:
    """A credential header's value; the word of its scheme and the names of cookies stay."""
    if name == "cookie":
        return ";".join(_cookie(part, replace) for part in value.split(";"))
    if name == "set-cookie":
        cookie, semicolon, attributes = value.partition(";")
        return _cookie(cookie, replace) + semicolon + attributes
    match = _SCHEME.fullmatch(value)
    if match is None or match[1].strip().lower() not in SCHEMES:
        return replace(value)
    if match[1].strip().lower() == "basic":
        _basic(match[2], replace)
    return match[1] + replace(match[2])


def _basic(credentials: str, replace: Replace) -> None:
    """The user's name and password in `Basic ...` (RFC 7617), and the password, are secrets of their own."""
    try:
        decoded = base64.b64decode(credentials, validate=True).decode()
    except ValueError:
        return
    replace(decoded)
    replace(decoded.partition(":")[2])


def _cookie(pair: str, replace: Replace) -> str:
    name, equals, value = pair.partition("=")
    bare = value.strip().strip('"')
    return name + equals + (value.replace(bare, replace(bare)) if bare else value)


def _subprotocols(items: Iterable[Any], replace: Replace) -> list[Any]:
    """Subprotocols: one after a name such as `access_token` is a secret, and so is what comes after
    `token.` in one.
    """
    done: list[Any] = []
    after_name = False
    for item in items:
        if not isinstance(item, str):
            done.append(item)
            continue
        if after_name:
            done.append(replace(item))
        elif (named := _NAMED.fullmatch(item)) is not None:
            done.append(named[1] + replace(named[2]))
        else:
            done.append(_JWT.sub(lambda match: replace(match[0]), item))
        after_name = item.lower() in FIELDS or item.lower() == "bearer"
    return done


def _text(text: str, replace: Replace, headers: frozenset[str]) -> str:
    """Any text: a head, a JSON message, a form, a URL, a line of a log."""
    if "eyJ" in text:
        text = _JWT.sub(lambda match: replace(match[0]), text)
    if "=" in text:
        text = _PARAMETER.sub(lambda match: match[1] + _parameter(match[2], replace), text)
    if '"' in text:
        text = _MEMBER.sub(lambda match: match[1] + _member(match[2], replace), text)
    if "\r\n" in text:
        text = _HEADER_LINE.sub(lambda match: _header_line(match, replace, headers), text)
    return text


def _parameter(written: str, replace: Replace) -> str:
    value = unquote_plus(written)
    new = replace(value)
    return written if new == value else new


def _member(written: str, replace: Replace) -> str:
    """The value of a member of a JSON object, as it is written."""
    try:
        value = json.loads(written)
    except ValueError:
        return written
    text = value if isinstance(value, str) else written
    new = replace(text)
    return written if new == text else json.dumps(new)


def _header_line(match: re.Match[str], replace: Replace, headers: frozenset[str]) -> str:
    if match[1].lower() not in headers:
        return match[0]
    return match[0][: match.start(2) - match.start()] + _header(match[1].lower(), match[2], replace)
