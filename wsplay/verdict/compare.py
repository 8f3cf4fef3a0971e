"""What two runs have in common, and what differs: aligned by what happened, not by when.

A run is its header, its events and its outcome, as a run file has them. Not compared is what differs from run
to run by itself: times, numbers, ports, the Date, the key of a handshake, masks, and tokens that were minted
for the run, which count by their placeholder.

Events are aligned within each stream, which is the events of one client, lane and direction: between streams,
their order is a race. Of a stream, those that are equal are aligned first, and between them those of the same
kind.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from typing import Any, Final

from wsplay.events.event import Event
from wsplay.events.lenient import table, text

#: Differences in a stream after which the rest of it is not aligned any more.
MOST: Final = 500
#: Events between two calls of `on_step`.
STEP: Final = 1_000
#: What is told while two long runs are compared: events read, and all of them.
OnStep = Callable[[int, int], None]
_PORT = re.compile(r"(127\.0\.0\.1|localhost|\[::1\]):\d{1,5}\b")
_ADDRESS_OF_OBJECT = re.compile(r"\b0x[0-9a-fA-F]{6,16}\b")
_HEADERS = frozenset(("date", "sec-websocket-key", "sec-websocket-accept"))
#: Keys of data that are times, or numbers that depend on them.
_TIMES = frozenset(("raw_size", "id"))
_OUTCOME_LEFT_OUT = frozenset(
    (
        "kind",
        "v",
        "scenario",
        "try",
        "engine",
        "versions",
        "conn",
        "evidence",
        "client",
        "expected",
        "mismatches",
    )
)
_REQUEST_KEYS = ("path", "query", "headers", "omit", "subprotocols", "compression", "send", "before")


class Op(StrEnum):
    """How two sides of a row compare."""

    SAME = "="
    CHANGED = "~"
    LEFT = "<"  # only there
    RIGHT = ">"


@dataclass(frozen=True, slots=True)
class Side:
    """One run: the header of its file, its events in order, and its outcome's JSON form. It began at
    `start_ns`.
    """

    header: Mapping[str, Any]
    events: Sequence[Event]
    outcome: Mapping[str, Any] | None
    start_ns: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """One thing of one or both runs.

    `part` is target, source, request, outcome or event; `key` says what of it.
    """

    part: str
    op: Op
    key: str
    a: Any = None  # an Event, or a value of JSON
    b: Any = None

    def to_json(self, starts: tuple[int, int]) -> dict[str, Any]:
        """The JSON form. Events are in theirs; `starts` are the runs' starts in nanoseconds."""
        sides = zip(("a", "b"), (self.a, self.b), starts, strict=True)
        return {"kind": "diff", "part": self.part, "op": str(self.op), "key": self.key} | {
            name: side.to_json(start) if isinstance(side, Event) else side for name, side, start in sides
        }


@dataclass(frozen=True, slots=True)
class Comparison:
    """The rows of each part, in the order target, request, source, outcome, event."""

    rows: tuple[Row, ...]
    counts: Mapping[Op, int] = field(default_factory=dict)  # of the events

    @property
    def differs(self) -> bool:
        """Whether outcome or events differ; target, request and source may, and do not count."""
        return any(row.op is not Op.SAME and row.part in ("outcome", "event") for row in self.rows)

    def part(self, name: str) -> tuple[Row, ...]:
        """The rows of a part."""
        return tuple(row for row in self.rows if row.part == name)

    def count_json(self) -> dict[str, Any]:
        """The last line of the JSON form."""
        names = {"same": Op.SAME, "changed": Op.CHANGED, "left": Op.LEFT, "right": Op.RIGHT}
        return {"kind": "diff.count"} | {name: self.counts.get(op, 0) for name, op in names.items()}


def compare(left: Side, right: Side, on_step: OnStep = lambda done, total: None) -> Comparison:
    """Compare two runs. `on_step` is told how many of all events were read, now and then; what it raises
    ends the comparison.
    """
    plain = (Plain(left.header), Plain(right.header))
    rows = _targets(left.header, right.header)
    rows += _requests(table(left.header, "request"), table(right.header, "request"), plain)
    rows += _sources(table(left.header, "source"), table(right.header, "source"))
    rows += _outcomes(left.outcome or {}, right.outcome or {}, plain)
    events = _events(left.events, right.events, plain, on_step)
    counts = {op: sum(row.op is op for row in events) for op in Op}
    return Comparison((*rows, *events), counts)


class Plain:
    """Makes values comparable: without what differs from run to run by itself.

    `header` is the run's: what was minted for it counts by its placeholder.
    """

    def __init__(self, header: Mapping[str, Any]) -> None:
        minted = header.get("minted")
        found = [
            (text(each, "value"), text(each, "placeholder"))
            for each in (minted[:1_000] if isinstance(minted, list) else ())
            if isinstance(each, dict)
        ]
        self._minted = sorted((pair for pair in found if pair[0]), key=lambda pair: -len(pair[0]))

    def __call__(self, value: Any) -> Any:
        """The value of JSON in a form that is equal for equal things, and can be a key."""
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, Mapping):
            return tuple((key, self(part)) for key, part in sorted(value.items()) if not _is_time(key))
        if isinstance(value, list | tuple):
            if len(value) == 2 and isinstance(value[0], str):
                if type(value[1]) is int:
                    return (value[0], "a port")
                if value[0].lower() in _HEADERS:
                    return (value[0],)
            return tuple(map(self, value))
        return (type(value).__name__, value) if isinstance(value, bool) else value

    def _text(self, value: str) -> str:
        for minted, placeholder in self._minted:
            value = value.replace(minted, placeholder)
        if ":" in value:
            value = _PORT.sub(r"\1:PORT", value)
        return _ADDRESS_OF_OBJECT.sub("0x...", value) if "0x" in value else value


@lru_cache(maxsize=1_024)
def _is_time(key: str) -> bool:
    return key in _TIMES or key.endswith(("_ms", "_us", "_ns"))


def _op(same: bool, a: object, b: object) -> Op:
    if same:
        return Op.SAME
    return Op.LEFT if b is None else Op.RIGHT if a is None else Op.CHANGED


# -- what ran


def _targets(a: Mapping[str, Any], b: Mapping[str, Any]) -> list[Row]:
    rows = []
    for key in ("target", "try", "engine", "edited"):
        if a.get(key) is not None or b.get(key) is not None:
            rows.append(
                Row(
                    "target",
                    _op(a.get(key) == b.get(key), a.get(key), b.get(key)),
                    key,
                    a.get(key),
                    b.get(key),
                )
            )
    versions = table(a, "versions"), table(b, "versions")
    for name in sorted({*versions[0], *versions[1]}, key=str):
        one, other = versions[0].get(name), versions[1].get(name)
        if one != other and name != "engine":
            rows.append(Row("target", _op(False, one, other), f"version of {name}", one, other))
    return rows


def _requests(a: Mapping[str, Any], b: Mapping[str, Any], plain: tuple[Plain, Plain]) -> list[Row]:
    rows = []
    for key in dict.fromkeys((*_REQUEST_KEYS, *map(str, a), *map(str, b))):
        if key in a or key in b:
            same = plain[0](a.get(key)) == plain[1](b.get(key))
            rows.append(Row("request", _op(same, a.get(key), b.get(key)), key, a.get(key), b.get(key)))
    return rows


def _sources(a: Mapping[str, Any], b: Mapping[str, Any]) -> list[Row]:
    """The lines that only one of the two has; a row without lines if both are the same."""
    (left, above_left), (right, above_right) = _code(a), _code(b)
    if left == right:
        return [Row("source", Op.SAME, text(a, "file"))] if left else []
    rows = []
    for op, i, i2, j, j2 in difflib.SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        if op == "equal":
            continue
        for at in range(i, i2):
            rows.append(Row("source", Op.LEFT, f"{text(a, 'file')}:{above_left + at + 1}", left[at]))
        for at in range(j, j2):
            rows.append(Row("source", Op.RIGHT, f"{text(b, 'file')}:{above_right + at + 1}", b=right[at]))
    return rows


def _code(source: Mapping[str, Any]) -> tuple[list[str], int]:
    """The lines of a source that are code, and how many come before them."""
    lines = text(source, "text").splitlines()
    code = source.get("code")
    if isinstance(code, list) and len(code) == 2 and all(type(line) is int and line > 0 for line in code):
        first, last = code
        return lines[first - 1 : last], min(first - 1, len(lines))
    return lines, 0


def _outcomes(a: Mapping[str, Any], b: Mapping[str, Any], plain: tuple[Plain, Plain]) -> list[Row]:
    return _values("", a, b, plain)


def _values(before: str, a: Mapping[str, Any], b: Mapping[str, Any], plain: tuple[Plain, Plain]) -> list[Row]:
    """A row for each key; for an object on both sides, for each key of that: `asked.code`."""
    rows: list[Row] = []
    for key in dict.fromkeys((*map(str, a), *map(str, b))):
        if (not before and key in _OUTCOME_LEFT_OUT) or _is_time(key):
            continue
        one, other = a.get(key), b.get(key)
        if isinstance(one, Mapping) and isinstance(other, Mapping):
            rows += _values(f"{before}{key}.", one, other, plain)
        else:
            same = plain[0](one) == plain[1](other)
            rows.append(Row("outcome", _op(same, one, other), before + key, one, other))
    return rows


# -- events


@dataclass(frozen=True, slots=True)
class _Comparable:
    """An event, its place in its run, and what it is compared by."""

    event: Event
    place: int
    kind: tuple[Hashable, ...]  # what it is
    content: Hashable  # that, and what it holds


def event_kind(event: Event) -> tuple[Hashable, ...]:
    """What an event is, whatever it holds: client, lane, kind, direction, and opcode, ASGI type or status
    class.
    """
    data = event.data
    what: Hashable = None
    if event.kind == "wire.frame":
        what = data.get("opcode") if type(data.get("opcode")) is int else None
    elif event.kind.startswith("asgi."):
        what = text(table(data, "scope" if event.kind == "asgi.scope" else "message"), "type")
    elif event.kind == "note":
        what = text(data, "why")
    elif type(status := data.get("status")) is int:
        what = status // 100
    return (event.client, event.lane, event.kind, event.direction, what)


def _events(a: Sequence[Event], b: Sequence[Event], plain: tuple[Plain, Plain], on_step: OnStep) -> list[Row]:
    total = len(a) + len(b)
    streams = (
        _streams(a, plain[0], lambda done: on_step(done, total)),
        _streams(b, plain[1], lambda done: on_step(len(a) + done, total)),
    )
    on_step(total, total)
    pairs: list[tuple[_Comparable | None, _Comparable | None]] = []
    for stream in dict.fromkeys((*streams[0], *streams[1])):
        pairs += _aligned(streams[0].get(stream, []), streams[1].get(stream, []))
        on_step(total, total)
    return [_event_row(one, other) for one, other in _in_order(pairs)]


def _streams(
    events: Sequence[Event], plain: Plain, on_step: Callable[[int], None]
) -> dict[Hashable, list[_Comparable]]:
    found: dict[Hashable, list[_Comparable]] = {}
    for place, event in enumerate(events):
        if not place % STEP:
            on_step(place)
        kind = event_kind(event)
        source = event.source and (event.source.file, event.source.line, event.source.by)
        content = (kind, plain(event.data), source)
        found.setdefault(_stream(event), []).append(_Comparable(event, place, kind, content))
    return found


_Pair = tuple[_Comparable | None, _Comparable | None]


def _aligned(a: list[_Comparable], b: list[_Comparable]) -> list[_Pair]:
    """The pairs of a stream, in its order: equal ones first, between them those of the same kind."""
    pairs: list[_Pair] = []
    left = right = 0
    equal = common(a, b, lambda each: each.content)
    for i, j in (*equal, (len(a), len(b))):
        between_a, between_b = a[left:i], b[right:j]
        at = other = 0
        for k, m in (*common(between_a, between_b, lambda each: each.kind), (len(between_a), len(between_b))):
            pairs += [(each, None) for each in between_a[at:k]]
            pairs += [(None, each) for each in between_b[other:m]]
            if k < len(between_a):
                pairs.append((between_a[k], between_b[m]))
            at, other = k + 1, m + 1
        if i < len(a):
            pairs.append((a[i], b[j]))
        left, right = i + 1, j + 1
    return pairs


def common(
    a: Sequence[Any], b: Sequence[Any], key: Callable[[Any], Hashable], most: int = MOST
) -> list[tuple[int, int]]:
    """A longest common subsequence of `a` and `b` by `key`, as pairs of places (Myers 1986, "An O(ND)
    Difference Algorithm and Its Variations").

    After `most` differences it gives up: what is between the equal beginning and the equal end is then not
    aligned.
    """
    keys: dict[Hashable, int] = {}
    x = [keys.setdefault(key(each), len(keys)) for each in a]
    y = [keys.setdefault(key(each), len(keys)) for each in b]
    start = 0
    while start < min(len(x), len(y)) and x[start] == y[start]:
        start += 1
    end = 0
    while end < min(len(x), len(y)) - start and x[-1 - end] == y[-1 - end]:
        end += 1
    middle = _shortest_edit(x[start : len(x) - end], y[start : len(y) - end], most)
    return [
        *((at, at) for at in range(start)),
        *((start + i, start + j) for i, j in middle),
        *((len(x) - at, len(y) - at) for at in range(end, 0, -1)),
    ]


def _shortest_edit(x: list[int], y: list[int], most: int) -> list[tuple[int, int]]:
    """The places that a shortest edit of `x` to `y` keeps; none if it takes more than `most` steps."""
    if not x or not y:
        return []
    furthest = {1: 0}  # in x, by diagonal: the place in x less the one in y
    history: list[dict[int, int]] = []
    for edits in range(min(len(x) + len(y), most) + 1):
        history.append(furthest.copy())
        for diagonal in range(-edits, edits + 1, 2):
            before = _diagonal_before(furthest, diagonal, edits)
            i = furthest[before] + (before < diagonal)
            while i < len(x) and i - diagonal < len(y) and x[i] == y[i - diagonal]:
                i += 1
            furthest[diagonal] = i
            if i >= len(x) and i - diagonal >= len(y):
                return _kept(history, len(x), len(y))
    return []


def _diagonal_before(furthest: Mapping[int, int], diagonal: int, edits: int) -> int:
    """The diagonal that the last edit comes from: one more if `y` went on alone, one less if `x` did."""
    if diagonal == -edits or (diagonal != edits and furthest[diagonal - 1] < furthest[diagonal + 1]):
        return diagonal + 1
    return diagonal - 1


def _kept(history: list[dict[int, int]], i: int, j: int) -> list[tuple[int, int]]:
    """The way back to the start: the places where both went on."""
    found: list[tuple[int, int]] = []
    for edits in range(len(history) - 1, -1, -1):
        before = _diagonal_before(history[edits], i - j, edits)
        start = history[edits][before]
        while i > start and j > start - before:
            i, j = i - 1, j - 1
            found.append((i, j))
        i, j = start, start - before
    return found[::-1]


def _in_order(pairs: Sequence[_Pair]) -> list[_Pair]:
    """The pairs of all streams in one order: the left run's, and what only the right one has in its place.

    That is where the left run had come to by then, but before what follows in its stream, and before what the
    right run alone has later.
    """
    found: list[tuple[float, int, _Pair]] = [
        (float(one.place), -1, (one, other)) for one, other in pairs if one is not None
    ]
    following: dict[Hashable, float] = {}
    latest: dict[int, float] = {}  # by place in the right run
    by_right: dict[int, _Pair] = {}
    for one, other in reversed(pairs):
        if one is not None:
            following[_stream(one.event)] = one.place - 0.5
        elif other is not None:
            latest[other.place] = following.get(_stream(other.event), math.inf)
        if other is not None:
            by_right[other.place] = (one, other)
    reached = -1.0
    for place in sorted(by_right):
        one = by_right[place][0]
        if one is not None:
            reached = max(reached, float(one.place))
        else:
            latest[place] = min(latest[place], reached + 0.5)
    limit = math.inf
    for place in sorted(latest, reverse=True):
        limit = min(limit, latest[place])
        found.append((limit, place, by_right[place]))
    found.sort(key=lambda each: each[:2])
    return [pair for *_, pair in found]


def _stream(event: Event) -> Hashable:
    return (event.client, event.lane, event.direction)


def _event_row(one: _Comparable | None, other: _Comparable | None) -> Row:
    some = one or other
    assert some is not None  # a pair has at least one
    same = one is not None and other is not None and one.content == other.content
    a, b = (None if each is None else each.event for each in (one, other))
    return Row("event", _op(same, a, b), key_text(some.event), a, b)


def key_text(event: Event) -> str:
    """What an event is, in words: `A asgi.send s2c websocket.close`."""
    client, _, kind, direction, what = event_kind(event)
    return " ".join(str(part) for part in (client, kind, direction, what) if part not in (None, ""))


def changed_data(a: Event, b: Event, plain: tuple[Plain, Plain]) -> list[str]:
    """What differs between two events of one kind, by its place in their data: `message.code`; `source` if
    that differs. At most 20.
    """
    found: list[str] = []
    _add_changed(found, "", a.data, b.data, plain)
    one, other = ((each.source.file, each.source.line) if each.source else None for each in (a, b))
    if one != other:
        found.append("source")
    return found[:20]


def _add_changed(found: list[str], before: str, a: Any, b: Any, plain: tuple[Plain, Plain]) -> None:
    if isinstance(a, Mapping) and isinstance(b, Mapping):
        for key in dict.fromkeys((*map(str, a), *map(str, b))):
            if not _is_time(key) and len(found) < 20:
                _add_changed(found, f"{before}.{key}" if before else key, a.get(key), b.get(key), plain)
    elif plain[0](a) != plain[1](b):
        found.append(before)
