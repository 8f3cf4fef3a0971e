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
        self._parts: set[str] = set()  # each of them contains one at every place that is a multiple of 3
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
        if len(text) >= SHORTEST:
            self._needles.setdefault(len(text), _Needles(len(text))).add(text, number)
            self._parts.update((text[:4], text[1:5], text[2:6]))

    def find(self, value: Any) -> None:
        """Add the secrets in a value of JSON: an event, a request, an outcome."""
        _Walk(self._headers, self._found).value(value)

    def redacted(self, value: Any) -> Any:
        """The value without the secrets; what has none is not copied. A payload that has changed has
        `"redacted": true`.

        Its sizes stay as they were observed. Of bytes that fit no frame none are kept if there are secrets:
        they may be masked (RFC 6455 section 5.3).
        """
        return _Walk(self._headers, self._replaced, self.text).value(value) if self._numbers else value

    def take(self, value: Any) -> Any:
        """Find the secrets in a value, and return it `redacted`: in one walk, unless one is new."""
        known = len(self._numbers)
        done = _Walk(self._headers, self._found, self.text).value(value)
        return done if len(self._numbers) == known else self.redacted(value)

    def _found(self, text: str) -> str:
        self.add(text)
        return self._replaced(text)

    def _replaced(self, text: str) -> str:
        number = self._numbers.get(text)
        return text if number is None else f"[secret {number}]"

    def text(self, text: str) -> str:
        """A text without the secrets that are looked for everywhere."""
        if (done := self._done.get(text)) is not None:
            return done
        done, parts = text, self._parts
        for at in range(0, len(text) - 3, 3):
            if text[at : at + 4] in parts:
                for needles in self._in_order:
                    done = needles.replaced(done)
                break
        if len(self._done) < 10_000:
            self._done[text] = done
        return done


# -- where secrets stand: one walk that finds them, and replaces them


class _Walk:
    """Goes through a value of JSON. `replace` is applied to each text that stands where a secret does, then
    `anywhere` to every text. What stays the same is not copied.
    """

    def __init__(self, headers: frozenset[str], replace: Replace, anywhere: Replace | None = None) -> None:
        self._headers = headers
        self._replace = replace
        self._anywhere = anywhere

    def value(self, value: Any) -> Any:
        """The value, or a copy if something in it has changed."""
        kind = type(value)
        if kind is str:
            return self._text(value)
        if kind is dict:
            return self._object(value)
        if kind is list or kind is tuple:
            return self._list(value)
        return self._object(dict(value)) if isinstance(value, Mapping) else value

    def _object(self, value: dict[str, Any]) -> dict[str, Any]:
        changed: dict[str, Any] = {}
        for key, part in value.items():
            if key == "subprotocols" and isinstance(part, list | tuple):
                new: Any = [self._rest(item) for item in _subprotocols(part, self._replace)]
            else:
                new = self.value(part)
            if new is not part and new != part:
                changed[key] = new
        if self._anywhere is None:
            return value
        if changed and "size" in value and ("text" in changed or "hex" in changed):
            changed["redacted"] = True
        done = value | changed if changed else value
        if done.get("kind") == "wire.stray":
            done = _without_bytes(done)
        if any(self._rest(key) != key for key in value):
            done = {self._rest(key): part for key, part in done.items()}
        return done

    def _list(self, value: Any) -> Any:
        if len(value) == 2 and type(value[0]) is str and type(value[1]) is str:
            done = self._pair(value[0], value[1])
            return value if done[0] == value[0] and done[1] == value[1] else done
        parts = [self.value(part) for part in value]
        return parts if any(new is not part for new, part in zip(parts, value, strict=True)) else value

    def _pair(self, name: str, value: str) -> list[str]:
        """A header, a query parameter, or any two texts."""
        lower = name.lower()
        if lower in self._headers:
            return [self._rest(name), self._rest(_header(lower, value, self._replace))]
        if lower in FIELDS:
            return [self._rest(name), self._rest(self._replace(value))]
        if lower == "sec-websocket-protocol":
            items = _subprotocols([item.strip() for item in value.split(",")], self._replace)
            return [self._rest(name), self._rest(", ".join(items))]
        return [self._text(name), self._text(value)]

    def _text(self, text: str) -> str:
        placed = _text(text, self._replace, self._headers)
        return placed if self._anywhere is None else self._anywhere(placed)

    def _rest(self, text: Any) -> Any:
        return text if self._anywhere is None or type(text) is not str else self._anywhere(text)


def _without_bytes(event: dict[str, Any]) -> dict[str, Any]:
    data = event.get("data")
    payload = data.get("payload") if isinstance(data, dict) else None
    if not isinstance(data, dict) or not isinstance(payload, dict) or not payload.get("hex"):
        return event
    return event | {"data": data | {"payload": payload | {"hex": "", "redacted": True}}}


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
