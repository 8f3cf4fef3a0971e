"""Which events of a run confirm or refute a claim."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from wsplay.events.event import Direction, Event

_Test = Callable[[Event], bool]


def _kind(*kinds: str) -> _Test:
    return lambda event: event.kind in kinds


def _message(name: str) -> _Test:
    return lambda event: event.kind == "asgi.send" and _type(event.data) == name


def _type(data: Mapping[str, Any]) -> str:
    message = data.get("message")
    return str(message.get("type", "")) if isinstance(message, Mapping) else ""


def _close_frame(event: Event) -> bool:
    return (
        event.kind == "wire.frame" and event.data.get("name") == "close" and event.direction == Direction.S2C
    )


#: Key of a claim -> the events it is read from; the first test that finds any decides.
_SPEAKERS: Mapping[str, tuple[_Test, ...]] = {
    "status": (_kind("wire.response"), _kind("client.error")),
    "body": (_kind("wire.response"), _kind("client.error")),
    "subprotocol": (_kind("wire.response"), _kind("client.open")),
    "opened": (_kind("client.open", "client.error"),),
    "received": (_kind("client.received"), _kind("client.closed", "client.error")),
    "received_count": (_kind("client.received"), _kind("client.closed", "client.error")),
    "close": (_close_frame, _kind("client.closed", "client.error")),
    "asked": (_message("websocket.close"),),
    "error": (_kind("client.error", "client.closed"),),
    "server_error": (_kind("asgi.raised"), _kind("asgi.returned")),
    "ended": (_kind("client.closed", "client.error", "note"),),
    "browser": (_kind("client.closed", "client.error"),),
    "asgi": (_kind("asgi.send", "asgi.receive"),),
}
#: Events listed for one claim; the start of a flood is enough.
MOST = 5


def evidence(keys: Iterable[str], events: Iterable[Event], conn: int | None) -> tuple[int, ...]:
    """The `seq` of the events of connection `conn` that a claim with these keys is read from, in order."""
    own = [event for event in events if event.conn == conn]
    found: set[int] = set()
    for key in keys:
        for speaks in _SPEAKERS.get(key, ()):
            seqs = [event.seq for event in own if speaks(event)][:MOST]
            found.update(seqs)
            if seqs:
                break
    return tuple(sorted(found))
