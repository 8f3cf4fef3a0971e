"""A small language that chooses events: `lane:wire status:4xx -kind:log "bad token"`.

    filter = { ["-"] term }
    term   = key ":" value { "," value } | word | '"' text '"'

All terms must hold. Commas, and a key given twice, mean or; `-` excludes. A word is text, found in the
summary or the data of an event, whatever its case. A word with `:/` in it is text too (`ws://127.0.0.1`). Any
value may be in quotation marks, in which a backslash keeps the next character.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from wsplay.events.event import KINDS, Direction, Event, Lane
from wsplay.events.safe_text import visible
from wsplay.protocol.did_you_mean import did_you_mean
from wsplay.protocol.hold_points import PHASES
from wsplay.wire.frame_summary import NAMES

Test = Callable[[Event], bool]

NONE: Final = "none"
#: The names of RFC 6455 section 5.2, as the events have them, and their opcodes.
OPCODES: Final = {name: opcode for opcode, name in NAMES.items()}
_SHORT_KINDS: Final = {kind.rpartition(".")[2] for kind in KINDS}


class FilterError(ValueError):
    """A filter that cannot be read. `column` counts its characters from 1; the message names it."""

    def __init__(self, column: int, problem: str) -> None:
        super().__init__(f"column {column}: {problem}")
        self.column = column
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter that has been read. `text` is as it was written; empty, it takes every event. `words` are the
    texts that it looks for.
    """

    text: str
    _tests: tuple[Test, ...] = ()
    words: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self._tests)

    def takes(self, event: Event) -> bool:
        """Whether the event is one of those that the filter is for."""
        return all(test(event) for test in self._tests)


#: The filter that takes every event.
EVERYTHING: Final = Filter("")


def read_filter(text: str) -> Filter:
    """Read a filter. Raises `FilterError` with the column of what is wrong."""
    tests: list[Test] = []
    wanted: dict[str, list[Test]] = {}
    words: list[str] = []
    for term in _terms(text):
        if term.key in (None, "text") and not term.excludes:
            words += [value.text for value in term.values if value.text]
        if term.key is None:
            found = _text_test(term.values[0].text)
            tests.append(_without(found) if term.excludes else found)
            continue
        read = _KEYS[term.key].read
        alternatives = [read(value) for value in term.values]
        if term.excludes:
            tests.extend(map(_without, alternatives))
        else:
            wanted.setdefault(term.key, []).extend(alternatives)
    tests.extend(map(_any_of, wanted.values()))
    return Filter(text, tuple(tests), tuple(words))


def offers(text: str, at: int, known: Mapping[str, Iterable[str]] | None = None) -> tuple[int, list[str]]:
    """What may stand at offset `at`, where somebody types: the offset where it begins, and the whole words.

    `known` has further values by key, such as the numbers of the connections.
    """
    start = max(text.rfind(" ", 0, at), text.rfind("\t", 0, at)) + 1
    start += text[start:at].startswith("-")
    key, colon, _ = text[start:at].partition(":")
    if not colon:
        return start, [f"{name}:" for name in _KEYS if name.startswith(key.lower())]
    if (spec := _KEYS.get(key.lower())) is None:
        return at, []
    start = max(start + len(key), text.rfind(",", 0, at)) + 1
    typed = text[start:at].lower()
    values = dict.fromkeys([*spec.values, *(known or {}).get(key.lower(), ())])
    return start, [value for value in values if value.lower().startswith(typed)]


def holds_text(event: Event, text: str) -> bool:
    """Whether `text` (lower case) is in the event's summary or its data."""
    return text in event.summary.lower() or _holds(event.data, text)


# -- terms


@dataclass(frozen=True, slots=True)
class _Value:
    text: str
    column: int


@dataclass(frozen=True, slots=True)
class _Term:
    key: str | None  # None: the value is text
    values: tuple[_Value, ...]
    excludes: bool


_KEY = re.compile(r'([^\s":,]+):(?!/)')
_WORD = re.compile(r"\S+")
_VALUE = re.compile(r'[^\s,"][^\s,]*')
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)


def _terms(text: str) -> Iterable[_Term]:
    place = 0
    while True:
        place += len(text[place:]) - len(text[place:].lstrip())
        if place == len(text):
            return
        excludes = text[place] == "-" and place + 1 < len(text) and not text[place + 1].isspace()
        place += excludes
        if (match := _KEY.match(text, place)) is not None:
            key = match[1].lower()
            if key not in _KEYS:
                hint = did_you_mean(match[1], _KEYS)
                raise FilterError(
                    place + 1, f"no key `{visible(match[1], 40)}`; {hint} Quote it to find it as text."
                )
            values, place = _values(text, match.end(), key)
            yield _Term(key, values, excludes)
        elif text[place] == '"':
            quoted, end = _quoted(text, place)
            yield _Term(None, (_Value(quoted, place + 1),), excludes)
            place = end
        else:
            match = _WORD.match(text, place)
            assert match is not None  # the place is no space
            yield _Term(None, (_Value(match[0], place + 1),), excludes)
            place = match.end()


def _values(text: str, place: int, key: str) -> tuple[tuple[_Value, ...], int]:
    """The values after `key:`, and where they end."""
    values = []
    while True:
        column = place + 1
        if text[place : place + 1] == '"':
            value, place = _quoted(text, place)
        elif (match := _VALUE.match(text, place)) is not None:
            value, place = match[0], match.end()
        else:
            raise FilterError(column, f"{key}: takes {_KEYS[key].takes}")
        values.append(_Value(value, column))
        if text[place : place + 1] == ",":
            place += 1
            continue
        if place < len(text) and not text[place].isspace():
            raise FilterError(place + 1, "a comma or a space comes after a quotation")
        return tuple(values), place


def _quoted(text: str, place: int) -> tuple[str, int]:
    """The text in quotation marks at `place`, and where it ends."""
    match = _QUOTED.match(text, place)
    if match is None:
        raise FilterError(place + 1, "the quotation mark is not closed")
    return re.sub(r"\\(.)", r"\1", match[1], flags=re.DOTALL), match.end()


# -- tests


def _without(test: Test) -> Test:
    return lambda event: not test(event)


def _any_of(tests: list[Test]) -> Test:
    return tests[0] if len(tests) == 1 else lambda event: any(test(event) for test in tests)


def _text_test(text: str) -> Test:
    lower = text.lower()
    return lambda event: holds_text(event, lower)


def _holds(data: Mapping[str, Any], text: str) -> bool:
    rest: list[Any] = [data]
    while rest:
        value = rest.pop()
        if isinstance(value, str):
            if text in value.lower():
                return True
        elif isinstance(value, Mapping):
            rest.extend(value.values())
        elif isinstance(value, list | tuple):
            rest.extend(value)
        elif value is not None and not isinstance(value, bool) and text in str(value):
            return True
    return False


def _one_of(value: _Value, key: str, names: Iterable[str]) -> str:
    name = value.text.lower()
    if name not in names:
        raise FilterError(
            value.column, f"no {key} is called `{visible(value.text, 40)}`; {did_you_mean(value.text, names)}"
        )
    return name


def _lane(value: _Value) -> Test:
    lane = Lane(_one_of(value, "lane", [str(lane) for lane in Lane]))
    return lambda event: event.lane is lane


def _kind(value: _Value) -> Test:
    kind = _one_of(value, "kind of event", sorted({*KINDS, *_SHORT_KINDS}))
    if "." in kind or KINDS.get(kind, Lane.SERVER) is None:
        return lambda event: event.kind == kind
    return lambda event: event.kind.rpartition(".")[2] == kind


def _direction(value: _Value) -> Test:
    direction = Direction(_one_of(value, "direction", [str(each) for each in Direction]))
    return lambda event: event.direction is direction


_RANGE = re.compile(r"(\d{1,9})(?:-(\d{1,9})?)?")


def _range(value: _Value, key: str, text: str | None = None) -> tuple[int, int]:
    """`7`, `7-9` or `7-` as its first and last number."""
    match = _RANGE.fullmatch(value.text if text is None else text)
    if match is None:
        raise FilterError(value.column, f"{key}: takes {_KEYS[key].takes}")
    first = int(match[1])
    if "-" not in match[0]:
        return first, first
    last = int(match[2]) if match[2] else 10**9
    if last < first:
        raise FilterError(value.column, f"{match[0]} has no number: the first is above the last")
    return first, last


def _conn(value: _Value) -> Test:
    if value.text.lower() == NONE:
        return lambda event: event.conn is None
    first, last = _range(value, "conn")
    return lambda event: event.conn is not None and first <= event.conn <= last


def _seq(value: _Value) -> Test:
    first, last = _range(value, "seq")
    return lambda event: first <= event.seq <= last


def _client(value: _Value) -> Test:
    name = value.text.upper()
    if name == NONE.upper():
        return lambda event: event.client is None
    if not re.fullmatch("[A-Z]", name):
        raise FilterError(value.column, f"client: takes {_KEYS['client'].takes}")
    return lambda event: event.client == name


def _status(value: _Value) -> Test:
    text = value.text.lower()
    if re.fullmatch("[1-5]xx", text):
        hundred = int(text[0])
        return lambda event: (status_of(event) or 0) // 100 == hundred
    if not re.fullmatch("[1-9][0-9]{2}", text):
        raise FilterError(value.column, f"status: takes {_KEYS['status'].takes}")
    status = int(text)
    return lambda event: status_of(event) == status


def _code(value: _Value) -> Test:
    if value.text.lower() == NONE:
        return lambda event: is_close(event) and code_of(event) is None
    first, last = _range(value, "code")

    def test(event: Event) -> bool:
        code = code_of(event)
        return code is not None and first <= code <= last

    return test


def _opcode(value: _Value) -> Test:
    text = value.text.lower()
    if re.fullmatch("0x[0-9a-f]|[0-9]|1[0-5]", text):
        opcode = int(text, 0)
    else:
        opcode = OPCODES[_one_of(value, "opcode", OPCODES)]
    return lambda event: event.kind == "wire.frame" and event.data.get("opcode") == opcode


def _type(value: _Value) -> Test:
    wanted = value.text.lower()

    def test(event: Event) -> bool:
        kind = asgi_type(event)
        return kind is not None and wanted in (kind, kind.rpartition(".")[2])

    return test


def _line(value: _Value) -> Test:
    file, colon, lines = value.text.rpartition(":")
    first, last = _range(value, "line", lines)
    wanted = file.lower()

    def test(event: Event) -> bool:
        source = event.source
        if source is None or not first <= source.line <= last:
            return False
        name = source.file.lower()
        return not colon or name == wanted or name.endswith(f"/{wanted}")

    return test


def _held(value: _Value) -> Test:
    phase = _one_of(value, "phase of holding", ("yes", "no", *PHASES))
    if phase in PHASES:
        return lambda event: _is_held(event) and event.data.get("phase") == phase
    return lambda event: _is_held(event) is (phase == "yes")


def _is_held(event: Event) -> bool:
    return event.kind in ("wire.held", "asgi.held")


def _text(value: _Value) -> Test:
    return _text_test(value.text)


# -- what an event has


def status_of(event: Event) -> int | None:
    """The HTTP status that the event tells of, if it has one."""
    value = event.data.get("status")
    if value is None and event.lane is Lane.ASGI:
        value = _message(event).get("status")
    return value if type(value) is int else None


def code_of(event: Event) -> int | None:
    """The close code that the event tells of, if it has one."""
    value = _message(event).get("code") if event.lane is Lane.ASGI else event.data.get("code")
    return value if is_close(event) and type(value) is int else None


def is_close(event: Event) -> bool:
    """Whether the event tells of a close: a close frame, the client's closed, an ASGI close or disconnect."""
    if event.kind == "wire.frame":
        return event.data.get("opcode") == OPCODES["close"]
    return event.kind == "client.closed" or asgi_type(event) in ("websocket.close", "websocket.disconnect")


def asgi_type(event: Event) -> str | None:
    """The type of the event's ASGI message, or of its scope."""
    if event.lane is not Lane.ASGI:
        return None
    kind = _message(event).get("type")
    return kind if isinstance(kind, str) else None


def _message(event: Event) -> Mapping[str, Any]:
    message = event.data.get("scope" if event.kind == "asgi.scope" else "message")
    return message if isinstance(message, Mapping) else {}


@dataclass(frozen=True, slots=True)
class _Key:
    read: Callable[[_Value], Test]
    takes: str  # after "lane: takes"
    values: tuple[str, ...] = ()  # that are offered


_KEYS: Final[Mapping[str, _Key]] = {
    "lane": _Key(_lane, "client, wire, asgi or server", tuple(map(str, Lane))),
    "kind": _Key(
        _kind, "a kind of event, such as wire.frame or frame", (*KINDS, *sorted(_SHORT_KINDS - {*KINDS}))
    ),
    "conn": _Key(_conn, "a connection's number, such as 1 or 1-3, or none", (NONE,)),
    "client": _Key(_client, "a client's letter, or none", (NONE,)),
    "dir": _Key(_direction, "c2s or s2c", tuple(map(str, Direction))),
    "status": _Key(_status, "an HTTP status, such as 403 or 4xx", ("1xx", "2xx", "3xx", "4xx", "5xx")),
    "code": _Key(_code, "a close code, such as 1008 or 4000-4999, or none", (NONE,)),
    "opcode": _Key(_opcode, "an opcode, such as text or 0x1", tuple(OPCODES)),
    "type": _Key(
        _type,
        "the type of an ASGI message, such as websocket.accept or accept",
        (
            "websocket.connect",
            "websocket.accept",
            "websocket.receive",
            "websocket.send",
            "websocket.close",
            "websocket.disconnect",
            "websocket.http.response.start",
            "websocket.http.response.body",
        ),
    ),
    "line": _Key(_line, "a source line, such as 41, 41-45 or auth.py:41"),
    "seq": _Key(_seq, "an event's number, such as 7 or 7-12"),
    "held": _Key(_held, f"yes, no, {', '.join(PHASES)}", ("yes", "no", *PHASES)),
    "text": _Key(_text, "text"),
}
#: The keys of the language, in the order they are named.
KEYS: Final = tuple(_KEYS)
