"""The messages between parent and child: JSON lines over the child's stdin and stdout.

Pure: bytes in, messages out. A line that is not a message becomes a `BadLine`; nothing raises.

The code of a scenario runs in the child and can write to every descriptor of its process. So what comes
from the child is checked like any input: its shape, its numbers, and a mark at the beginning of each line, a
secret that the parent gives to the child before the first scenario is loaded.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Any, NamedTuple, cast

from wsplay.events.event import CALL, ENDPOINT, RAISED
from wsplay.protocol.hold_points import ASGI_BOUNDARIES, PHASES, WAITS

#: The longest line, in bytes; the rest is cut off. A scenario's source is sent in one line.
MAX_LINE = 64 * 1024 * 1024

#: (file, line, function): a line of the user's code, as in `events.event.Place`.
Place = tuple[str, int, str]
#: The most lines of a chain. Of a longer one (endless recursion), the outermost and the innermost half.
MAX_CHAIN = 20


class Where(NamedTuple):
    """The line of the user's code that an event belongs to: the fields of `events.event.Source`."""

    file: str
    line: int
    function: str
    by: str = CALL
    chain: tuple[Place, ...] = ()


# ---- parent to child


@dataclass(frozen=True)
class Secrets:
    """The first message. `link` marks each line of the child's messages, `prints` each stamp of a print."""

    link: str
    prints: str


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
class Hold:
    """Hold ASGI messages at these points from now on, the words of `protocol.hold_points`. Without any, all
    that waits is let go.
    """

    points: list[Any]


@dataclass(frozen=True)
class Decide:
    """End the wait of the held message with this id: `phase` is "stepped" or "dropped"."""

    id: int
    phase: str


@dataclass(frozen=True)
class Spare:
    """Drop what is held of the connection from this client port, and hold nothing more of it."""

    port: int


@dataclass(frozen=True)
class StopTime:
    """Let the event loop's time stand still: something is held elsewhere."""


@dataclass(frozen=True)
class TimeGoesOn:
    """Nothing is held any more. Time goes on, unless a message has begun to wait meanwhile."""


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
    """The scenario is loaded. `ms` is how long it took; `routes` are the app's, see `child.routes`.

    `files` are paths: the scenario's file, and those of the user's modules that it imported.
    """

    id: int
    t_ns: int
    name: str
    file: str
    ms: float
    routes: list[Any]
    files: list[Any]


@dataclass(frozen=True)
class LoadFailed:
    """The scenario did not load. The fields are those of `parent.errors.LoadError`, and `files` as above."""

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
    files: list[Any]


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
TIMED = (Observed, Listening, LoadDone, LoadFailed, Pong)
Message = (
    Secrets
    | Load
    | Hold
    | Decide
    | Spare
    | StopTime
    | TimeGoesOn
    | Sync
    | Ping
    | Stop
    | Reply
    | Observed
    | BadLine
)

#: Lists and objects of a message may be nested this deep. The child sends data that is less deep.
MAX_DEPTH = 20
#: Times, in nanoseconds, are less than this; all other numbers are less than twice as much.
END_OF_TIME = 2**63
#: What the child observes, and of which type these parts of the data are.
_OBSERVATIONS: dict[str, tuple[tuple[str, type | tuple[type, ...]], ...]] = {
    "asgi.scope": (("scope", dict),),
    "asgi.receive": (("message", dict),),
    "asgi.send": (("message", dict),),
    "asgi.raised": (
        ("type", str),
        ("message", str),
        ("frames", list),
        ("rest", list),
        ("traceback", str),
    ),
    "asgi.returned": (),
    "asgi.held": (("id", int), ("what", str), ("phase", str), ("held_us", int)),
    "server.log": (("level", str), ("logger", str), ("message", str)),
    "server.stalled": (("seconds", (int, float)), ("during", str), ("frames", list), ("rest", list)),
    "note": (("why", str),),
}
#: A frame of a stack.
_FRAME: tuple[tuple[str, type], ...] = (("file", str), ("line", int), ("function", str), ("code", str))

_TYPES: dict[str, type[Any]] = {
    "secrets": Secrets,
    "load": Load,
    "hold": Hold,
    "decide": Decide,
    "spare": Spare,
    "stop_time": StopTime,
    "time_goes_on": TimeGoesOn,
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


def _finite(text: str) -> float:
    number = float(text)
    if math.isfinite(number):
        return number
    raise ValueError(f"{text} is not a finite number")


# JSON has neither NaN nor infinite numbers; Python's decoder takes both unless told otherwise.
_decode = json.JSONDecoder(parse_float=_finite, parse_constant=_finite).decode


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
    return _encode(source)


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
        if not _bounded(value[key]):
            return _bad(line, f"{name}: {key} has a number that is too large, or is nested too deep")
    if not 0 <= value.get("t_ns", 0) < END_OF_TIME:
        return _bad(line, f"{name}: t_ns is not a time")
    message: Message = _TYPES[name](**value)
    if isinstance(message, Listening) and not _listens(message):
        return _bad(line, f"{name}: the address or a version is not one")
    if isinstance(message, LoadDone | LoadFailed) and not all(type(file) is str for file in message.files):
        return _bad(line, f"{name}: a file is not a path")
    return message


def _listens(message: Listening) -> bool:
    """Whether the address is [host, port, ...], and all versions are text."""
    address = message.address
    if len(address) < 2 or type(address[0]) is not str or type(address[1]) is not int:
        return False
    return 0 < address[1] < 65_536 and all(type(version) is str for version in message.versions.values())


def _bounded(value: Any, depth: int = MAX_DEPTH) -> bool:
    """Whether all numbers in `value` have at most 64 bits, and it is nested at most `depth` deep."""
    kind = type(value)
    if kind is int:
        return bool(-END_OF_TIME <= value < 2 * END_OF_TIME)
    if kind is not dict and kind is not list:
        return True
    if not depth:
        return False
    for part in value.values() if kind is dict else value:
        inner = type(part)
        if inner is not str and part is not None and not _bounded(part, depth - 1):
            return False
    return True


def decode_marked(lines: Sequence[bytes], mark: bytes) -> list[Message]:
    """The messages in `lines`, each of which must begin with `mark`. What has no mark becomes a `BadLine`.

    If something wrote to the same pipe and did not end its line, the message after it is on that line too.
    """
    size = len(mark)
    if all(line.startswith(mark) for line in lines):
        return decode_all([line[size:] for line in lines])
    messages: list[Message] = []
    for line in lines:
        at = line.find(mark)
        if at != 0:
            messages.append(_bad(line if at < 0 else line[:at], "wsplay did not write it"))
        if at >= 0:
            messages.append(decode(line[at + size :]))
    return messages


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
    if not 0 <= t_ns < END_OF_TIME:
        return None
    if port is not None and (type(port) is not int or not 0 <= port < 65_536):
        return None
    if source is not None:
        source = _where(source)
        if source is None:
            return None
    parts = _OBSERVATIONS.get(kind)
    if parts is None or not _bounded(data):
        return None
    for key, types in parts:
        if not isinstance(data.get(key), types):
            return None
    if not all(_are_frames(data[key]) for key in ("frames", "rest") if key in data):
        return None
    if kind == "asgi.held" and not _is_held(data):
        return None
    return Observed(kind, t_ns, port, data, source)


def _is_held(data: dict[str, Any]) -> bool:
    if type(data["id"]) is not int or type(data["held_us"]) is not int or data["held_us"] < 0:
        return False
    if data["what"] not in ASGI_BOUNDARIES or data["phase"] not in PHASES:
        return False
    return data["phase"] != WAITS or type(data.get("message")) is dict


def _where(value: Any) -> Where | None:
    if type(value) is not list or len(value) != 5 or not _is_place(value[:3]):
        return None
    file, line, function, by, chain = value
    if by not in (CALL, RAISED, ENDPOINT) or type(chain) is not list or len(chain) > MAX_CHAIN:
        return None
    if not all(map(_is_place, chain)):
        return None
    return Where(file, line, function, by, tuple(map(tuple, chain)))


def _is_place(value: Any) -> bool:
    if type(value) is not list or [type(part) for part in value] != [str, int, str]:
        return False
    return bool(0 <= value[1] < 2**31)


def _are_frames(value: Any) -> bool:
    return type(value) is list and all(
        type(frame) is dict and all(type(frame.get(key)) is kind for key, kind in _FRAME) for frame in value
    )


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
