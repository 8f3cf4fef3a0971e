"""The messages between parent and child: JSON lines over the child's stdin and stdout.

Pure: bytes in, messages out. A line that is not a message becomes a `BadLine`; nothing raises.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Any, NamedTuple, cast

#: The longest line, in bytes; the rest is cut off. A scenario's source is sent in one line.
MAX_LINE = 64 * 1024 * 1024

#: (file name, line, function): the line of the user's code, as in `events.event.Source`.
Where = tuple[str, int, str]


# ---- parent to child


@dataclass(frozen=True)
class Load:
    """Load this source as this file. The response is `LoadDone` or `LoadFailed` with the same id.

    `limit` is how many seconds the app's startup may take.
    """

    id: int
    name: str
    file: str
    source: str
    limit: float


@dataclass(frozen=True)
class Sync:
    """Reply with `Synced` from the event loop, after everything that was observed before."""

    id: int


@dataclass(frozen=True)
class Ping:
    """Reply with `Pong` at once, from the thread that reads stdin, even if the event loop is blocked."""

    id: int


@dataclass(frozen=True)
class Stop:
    """Shut down, as on SIGTERM."""


# ---- child to parent


@dataclass(frozen=True)
class Listening:
    """The server is listening. `address` is [host, port]; `versions` maps distributions to versions."""

    t_ns: int
    address: list[Any]
    versions: dict[str, Any]


@dataclass(frozen=True)
class Failed:
    """The server could not start, and the child is about to exit."""

    reason: str
    hint: str


class Observed(NamedTuple):
    """Something the child observed. `port` is the ASGI scope's client port, None on the server's lane."""

    kind: str
    t_ns: int
    port: int | None
    data: dict[str, Any]
    source: Where | None


@dataclass(frozen=True)
class LoadDone:
    """The scenario is loaded. `ms` is how long it took; `routes` are the app's, see `child.routes`."""

    id: int
    t_ns: int
    name: str
    file: str
    ms: float
    routes: list[Any]


@dataclass(frozen=True)
class LoadFailed:
    """The scenario did not load. The fields are those of `parent.errors.LoadError`."""

    id: int
    t_ns: int
    name: str
    file: str
    line: int | None
    function: str
    exception: str
    message: str
    traceback: str
    hint: str


@dataclass(frozen=True)
class Synced:
    """Everything that was observed before the `Sync` with this id has been sent."""

    id: int


@dataclass(frozen=True)
class Pong:
    """The reply to `Ping`. Everything that the child sends after it happened at `t_ns` or later."""

    id: int
    t_ns: int


@dataclass(frozen=True)
class BadLine:
    """A line that is not a message: its beginning, and what is wrong with it."""

    text: str
    problem: str


#: What the child sends besides what it observes.
Reply = Listening | Failed | LoadDone | LoadFailed | Synced | Pong
#: Messages with a time. A child sends these in the order of their `t_ns`.
Timed = Observed | Listening | LoadDone | LoadFailed | Pong
TIMED = (Observed, Listening, LoadDone, LoadFailed, Pong)
Message = Load | Sync | Ping | Stop | Reply | Observed | BadLine

_TYPES: dict[str, type[Any]] = {
    "load": Load,
    "sync": Sync,
    "ping": Ping,
    "stop": Stop,
    "listening": Listening,
    "failed": Failed,
    "load_done": LoadDone,
    "load_failed": LoadFailed,
    "synced": Synced,
    "pong": Pong,
}
_NAMES = {cls: name for name, cls in _TYPES.items()}
_CHECKS: dict[str, tuple[type, ...]] = {
    "int": (int,),
    "float": (int, float),
    "str": (str,),
    "int | None": (int, type(None)),
    "list[Any]": (list,),
    "dict[str, Any]": (dict,),
}
_FIELDS = {name: {part.name: _CHECKS[str(part.type)] for part in fields(cls)} for name, cls in _TYPES.items()}
_quoted = json.encoder.encode_basestring_ascii
_encode = json.JSONEncoder(check_circular=False, separators=(",", ":")).encode

_decode = json.JSONDecoder().decode


def encode(message: Message) -> bytes:
    """The message as one line, with its line feed. ASCII only."""
    if isinstance(message, Observed):
        return encode_observed(message.kind, message.t_ns, message.port, message.data, message.source)
    return _encode({"type": _NAMES[type(message)], **vars(message)}).encode() + b"\n"


def encode_observed(
    kind: str, t_ns: int, port: int | None, data: dict[str, Any] | str, source: Where | None
) -> bytes:
    """An `Observed` as one line: a JSON array, because it is by far the most frequent message.

    `data` may already be JSON text.
    """
    text = data if type(data) is str else _encode(data)
    where = "null" if source is None else _where_json(source)
    client = "null" if port is None else port
    return f"[{_quoted(kind)},{t_ns},{client},{text},{where}]\n".encode("ascii")


@lru_cache(1024)
def _where_json(source: Where) -> str:
    return f"[{_quoted(source[0])},{source[1]},{_quoted(source[2])}]"


def decode(line: bytes) -> Message:
    """The message in `line`, or `BadLine`."""
    try:
        value = _decode(line.decode())
    except (ValueError, RecursionError) as error:
        return _bad(line, f"not JSON: {error}")
    if isinstance(value, list):
        return _observed(value) or _bad(line, "the array is not an observation")
    if not isinstance(value, dict):
        return _bad(line, "neither an array nor an object")
    name = value.pop("type", None)
    wanted = _FIELDS.get(name) if isinstance(name, str) else None
    if wanted is None or not isinstance(name, str):
        return _bad(line, "unknown type")
    if value.keys() != wanted.keys():
        return _bad(line, f"{name}: fields missing or too many")
    for key, types in wanted.items():
        if not isinstance(value[key], types) or isinstance(value[key], bool):
            return _bad(line, f"{name}: {key} is of the wrong type")
    message: Message = _TYPES[name](**value)
    return message


def decode_all(lines: Sequence[bytes]) -> list[Message]:
    """The messages in `lines`, the same as from `decode`. Decoding many at once takes half the time, and less
    memory because they share the names of their keys.
    """
    if len(lines) > 1 and all(line[:1] == b"[" for line in lines):
        try:
            values = _decode((b"[" + b",".join(lines) + b"]").decode())
        except (ValueError, RecursionError):
            values = ()
        if len(values) == len(lines):
            messages = [_observed(value) for value in values]
            if None not in messages:
                return cast(list[Message], messages)
    return [decode(line) for line in lines]


def _observed(value: Any) -> Observed | None:
    if type(value) is not list or len(value) != 5:
        return None
    kind, t_ns, port, data, source = value
    if type(kind) is not str or type(t_ns) is not int or type(data) is not dict:
        return None
    if port is not None and type(port) is not int:
        return None
    if source is not None:
        if type(source) is not list or [type(part) for part in source] != [str, int, str]:
            return None
        source = tuple(source)
    return Observed(kind, t_ns, port, data, source)


def _bad(line: bytes, problem: str) -> BadLine:
    return BadLine(line[:200].decode("utf-8", "replace"), problem)


class Lines:
    """Splits a stream into lines. A line longer than `limit` bytes is cut, so memory stays bounded."""

    def __init__(self, limit: int = MAX_LINE) -> None:
        self._limit = limit
        self._parts: list[bytes] = []
        self._size = 0

    def feed(self, data: bytes) -> list[bytes]:
        """The lines that end in `data`, without their line feeds."""
        *ended, rest = data.split(b"\n")
        lines = []
        for part in ended:
            self._keep(part)
            lines.append(b"".join(self._parts))
            self._parts.clear()
            self._size = 0
        self._keep(rest)
        return lines

    def _keep(self, part: bytes) -> None:
        part = part[: self._limit - self._size]
        if part:
            self._parts.append(part)
            self._size += len(part)
