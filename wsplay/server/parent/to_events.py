"""Turns messages from the child into events: `data` has everything, `summary` is one safe line."""

from __future__ import annotations

import signal
import time
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from wsplay.events.event import KINDS, RAISED, Direction, Event, Lane, Place, Source
from wsplay.events.safe_text import visible
from wsplay.protocol.hold_points import RECEIVE, SEND, held_words
from wsplay.server.ipc import Listening, LoadDone, LoadFailed, Observed, Where
from wsplay.server.print_stamps import Line

#: Characters of a summary.
WIDTH = 160

_DIRECTIONS = {"asgi.scope": Direction.C2S, "asgi.receive": Direction.C2S, "asgi.send": Direction.S2C}
_HELD = {RECEIVE: Direction.C2S, SEND: Direction.S2C}
_TEXT_OR_BYTES = frozenset(("websocket.receive", "websocket.send"))
#: The kind, lane and direction of an event, by its kind. All events of a kind share the one string.
_BY_KIND = {kind: (kind, lane, _DIRECTIONS.get(kind)) for kind, lane in KINDS.items()}
_NOTE = _BY_KIND["note"]


def now() -> int:
    """The time now, on the events' clock."""
    return time.perf_counter_ns()


def event_of(observed: Observed) -> Event:
    """The event for an observation."""
    kind, lane, direction = _BY_KIND.get(observed.kind, _NOTE)
    if lane is None:
        lane = Lane.SERVER if observed.port is None else Lane.ASGI
    source = source_of(observed.source)
    data = observed.data
    if kind == "asgi.held":
        return _held_event(observed.t_ns, data, source)
    return Event(observed.t_ns, lane, kind, _summary(kind, data), None, direction, data, source)


def _held_event(t_ns: int, data: Mapping[str, Any], source: Source | None) -> Event:
    """A message begins to wait, with what it is `about`, or no longer waits."""
    about = visible(_message_summary(data), WIDTH) if "message" in data else ""
    summary = held_words(data, about)
    return Event(
        t_ns,
        Lane.ASGI,
        "asgi.held",
        summary,
        None,
        _HELD.get(str(data.get("what"))),
        {**data, "about": about},
        source,
    )


def server_event(
    t_ns: int, kind: str, summary: str, data: Mapping[str, Any], where: Where | None = None
) -> Event:
    """An event on the server's lane."""
    return Event(t_ns, Lane.SERVER, kind, visible(summary, WIDTH), data=data, source=source_of(where))


@lru_cache(4096)
def source_of(where: Where | None) -> Source | None:
    """The source of an event."""
    if where is None:
        return None
    return Source(*where[:3], where.by, tuple(Place(*place) for place in where.chain))


def print_event(line: Line) -> Event:
    """A line of output. A piece of a longer or unfinished line has `"partial": true`; `"replaced"` names the
    scenario that wrote it, if another was loaded by then.
    """
    data: dict[str, Any] = {"text": line.text}
    if not line.whole:
        data["partial"] = True
    if line.replaced:
        data["replaced"] = line.replaced
    where = None if line.source is None else Where(*line.source)
    return server_event(line.t_ns, "server.print", _replaced(data) + line.text, data, where)


def listening_event(message: Listening, engine: str, label: str) -> Event:
    """The server is listening."""
    host, port = message.address[:2]
    data = {"engine": engine, "versions": message.versions, "address": [host, port]}
    return server_event(message.t_ns, "server.listening", f"{label} listening on {host}:{port}", data)


def loaded_event(message: LoadDone) -> Event:
    """A scenario is loaded."""
    data = {"scenario": message.name, "file": message.file, "ms": message.ms, "routes": message.routes}
    data["files"] = message.files
    return server_event(message.t_ns, "server.loaded", f"loaded {message.name} in {message.ms:.1f} ms", data)


def load_failed_event(message: LoadFailed) -> Event:
    """A scenario did not load."""
    base = message.file.rpartition("/")[2]
    data = {
        "why": "load failed",
        **{key: value for key, value in vars(message).items() if key not in ("id", "t_ns")},
    }
    data["scenario"] = data.pop("name")
    data["type"] = data.pop("exception")
    where = None
    if message.line is not None:
        where = Where(base, message.line, message.function, RAISED)
    what = ": ".join(part for part in (message.exception, message.message) if part)
    return server_event(message.t_ns, "note", f"{message.name} did not load: {what}", data, where)


def exited_event(t_ns: int, code: int, *, expected: bool) -> Event:
    """The process has ended. `code` is its return code, negative for a signal, as in `subprocess`."""
    if code >= 0:
        data: dict[str, Any] = {"code": code, "signal": None, "expected": expected}
    else:
        data = {"code": None, "signal": signal_name(-code), "expected": expected}
    return server_event(t_ns, "server.exited", _stopped(code) if expected else exit_text(code), data)


def _stopped(code: int) -> str:
    """How a process ended that was asked to."""
    return "stopped" if code == 0 else f"stopped ({exit_text(code)})"


def exit_text(code: int) -> str:
    """How a process ended, in words."""
    return f"exited with code {code}" if code >= 0 else f"killed by {signal_name(-code)}"


def signal_name(number: int) -> str:
    """`SIGKILL` for 9."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _summary(kind: str, data: Mapping[str, Any]) -> str:
    return visible(_words(kind, data), WIDTH)


def _words(kind: str, data: Mapping[str, Any]) -> str:
    match kind:
        case "asgi.scope":
            return _scope_summary(data.get("scope", {}))
        case "asgi.receive" | "asgi.send":
            return _message_summary(data)
        case "asgi.raised":
            return ": ".join(part for part in (str(data.get("type")), str(data.get("message"))) if part)
        case "asgi.returned":
            return "returned"
        case "server.log":
            return f"{data.get('level')} {_replaced(data)}{data.get('message')}"
        case "server.stalled":
            doing = "importing the scenario" if data.get("during") == "load" else "the loop is blocked"
            return f"stalled for {data.get('seconds')} s: {doing}"
        case "note":
            return _note_summary(data)
    return kind


def _scope_summary(scope: Mapping[str, Any]) -> str:
    query = scope.get("query_string")
    target = f"{scope.get('path')}?{query}" if query else str(scope.get("path"))
    parts = [str(scope.get("type")), str(scope.get("method", "")), target]
    return " ".join(part for part in parts if part)


def _message_summary(data: Mapping[str, Any]) -> str:
    message = data.get("message", {})
    kind = str(message.get("type"))
    if kind in _TEXT_OR_BYTES:  # these come by the thousand, so they are fast
        text = message.get("text")
        if type(text) is str and text.isascii():
            return f'{kind} {data.get("size", len(text))} B "{text[:WIDTH]}"'
    parts = [kind]
    match kind:
        case "websocket.close" | "websocket.disconnect":
            # 1000 is what a missing code means (ASGI specification, "Close").
            parts.append(str(message.get("code", 1000)))
            if message.get("reason"):
                parts.append(f'"{message["reason"]}"')
        case "websocket.accept":
            if message.get("subprotocol"):
                parts.append(f"subprotocol {message['subprotocol']}")
        case "websocket.http.response.start" | "http.response.start":
            parts.append(str(message.get("status", "")))
        case _:
            parts += _payload_summary(message, data.get("size"))
    return " ".join(parts)


def _payload_summary(message: Mapping[str, Any], size: Any) -> list[str]:
    text = message.get("text")
    if isinstance(text, str):
        size = len(text.encode("utf-8", "surrogatepass")) if size is None else size
        return [f"{size} B", f'"{text[:WIDTH]}"']
    for key in ("bytes", "body"):
        part = message.get(key)
        if isinstance(part, dict):
            return [f"{part.get('size')} B"]
    return []


def _note_summary(data: Mapping[str, Any]) -> str:
    why = str(data.get("why"))
    match why:
        case "send failed":
            return f"send failed: {data.get('type')}"
        case "recovered":
            return f"recovered after {data.get('seconds')} s"
        case "dropped":
            return f"{data.get('count')} events dropped: they came faster than wsplay could read them"
        case "code replaced":
            return f"the server closes this connection: its code ({data.get('scenario')}) was replaced"
        case "still running":
            count = data.get("count")
            calls = "1 call" if count == 1 else f"{count} calls"
            return f"{calls} of {data.get('scenario')}, which was replaced, did not end in time"
    return _replaced(data) + (f"{why}: {data['message']}" if data.get("message") else why)


def _replaced(data: Mapping[str, Any]) -> str:
    """`life (replaced): ` before what a copy of a scenario does once another is loaded."""
    return f"{data['replaced']} (replaced): " if data.get("replaced") else ""
