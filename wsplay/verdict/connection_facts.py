"""What is known about one connection: the few events that decide its outcome, kept as they arrive."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from wsplay.events.event import Direction, Event, Lane
from wsplay.events.lenient import Received, decoded, number, pairs, payload, table, text
from wsplay.protocol.cookie import SetCookie, read_set_cookie
from wsplay.protocol.hold_points import DROPPED, EDITED, WAITS

#: Messages kept per connection, and characters in total; later messages are only counted.
MAX_RECEIVED, MAX_RECEIVED_CHARACTERS = 100, 262_144
#: ASGI message types kept per connection.
MAX_ASGI = 50
#: Cookies kept that other responses of the run set.
MAX_COOKIES = 100
#: Of what is held at the same time, this many are told apart.
MAX_WAITING = 100
#: How long after a connection's end the server's exit still explains it: the socket closes first.
EXIT_WINDOW_NS = 2_000_000_000

CLOSE = 8  # RFC 6455 section 5.2


@dataclass(slots=True)
class ConnectionFacts:
    """The deciding events of the connection numbered `conn`: the first of each kind, or None.

    Takes any event and ignores those of other connections, except for the cookies that their responses set
    before this connection begins. It keeps a bounded number. After our client
    starts to disconnect from a connection that the endpoint kept open (`left`), later events are not caused
    by the endpoint and are ignored.
    """

    conn: int | None
    # client lane
    connecting: Event | None = None
    opened: Event | None = None
    sent_close: Event | None = None
    closed: Event | None = None
    failed: Event | None = None  # client.error that ended the attempt to connect
    trouble: Event | None = None  # client.error of an open connection
    left: Event | None = None
    # wire lane
    connected: Event | None = None
    request: Event | None = None
    response: Event | None = None  # the first that is not interim (RFC 9110 section 15.2)
    second: Event | None = None  # another response on the same socket
    server_close: Event | None = None  # close frames
    client_close: Event | None = None
    after_close: Event | None = None  # a frame that the server sent after its close frame
    server_gone: Event | None = None  # EOF or reset, whichever came first
    client_gone: Event | None = None
    broken: Event | None = None  # the server's first violation of RFC 6455 after a 101
    stray: Event | None = None  # bytes from the server instead of a response
    # ASGI lane
    scope: Event | None = None
    accept: Event | None = None
    denial: Event | None = None  # websocket.http.response.start
    asked: Event | None = None  # websocket.close
    raised: Event | None = None
    returned: Event | None = None
    disconnect: Event | None = None  # websocket.disconnect
    send_failed: Event | None = None
    replaced: Event | None = None  # the server closes the connection because its code was replaced
    asked_early: bool = False  # before websocket.accept
    # server lane
    loaded: Event | None = None
    listening: Event | None = None
    stalled: Event | None = None  # while the connection was being made or open
    exited: Event | None = None
    # of other connections, before this one
    set_cookies: Mapping[str, SetCookie] = field(default_factory=dict)
    # derived
    received: tuple[Received, ...] = ()
    received_count: int = 0
    asgi: tuple[str, ...] = ()
    ours: bool = False  # our own client reports it
    end_ns: int | None = None
    last_ns: int | None = None  # the newest event of the connection
    changed_by_hand: bool = False  # a person dropped or edited something of it
    # in progress
    _characters: int = 0
    _waiting: frozenset[int] = frozenset()  # what is held, by id
    _held_since: int | None = None
    _held_ns: int = 0
    _held_before_open_ns: int = 0
    _stall: Event | None = None
    _down: Event | None = None
    _fragments: tuple[Mapping[str, Any], ...] = ()
    _opcode: int = 0

    def see(self, event: Event) -> None:
        """Add one event. Cheap enough to be called for every event."""
        if event.conn is None:
            if event.lane is not Lane.SERVER:
                return
        elif event.conn != self.conn:
            if event.kind == "wire.response":
                _set_cookies(self, event)
            return
        if self.left is not None and event.t_ns > self.left.t_ns:
            return
        if event.conn is not None:
            self.last_ns = max(self.last_ns or 0, event.t_ns)
        take = _TAKE.get(event.kind)
        if take is not None:
            take(self, event)

    def held_ns(self, until_ns: int) -> int:
        """For how long something of the connection was held, until the newest event or `until_ns`."""
        since = self._held_since
        return self._held_ns + (0 if since is None else max(until_ns - since, 0))

    @property
    def held_while_open_ns(self) -> int:
        """For how long something was held since the connection was open."""
        return self.held_ns(self.last_ns or 0) - self._held_before_open_ns

    def snapshot(self) -> ConnectionFacts:
        """A copy of the current facts; everything in it is immutable."""
        return copy.copy(self)

    @property
    def routes(self) -> list[Any]:
        """The loaded app's routes, from `server.loaded`."""
        routes = {} if self.loaded is None else self.loaded.data
        value = routes.get("routes")
        return value if isinstance(value, list) else []

    def _started(self) -> bool:
        return self.connecting is not None or self.connected is not None or self.request is not None

    def _begin(self) -> None:
        """The connection begins: the server's current state is now part of its facts."""
        if self.stalled is None:
            self.stalled = self._stall
        if self.exited is None:
            self.exited = self._down

    def _keep(self, message: Received) -> None:
        self.received_count += 1
        if len(self.received) >= MAX_RECEIVED or self._characters >= MAX_RECEIVED_CHARACTERS:
            return
        self._characters += len(message.text or message.hex or "")
        self.received = (*self.received, message)


# -- one function per kind


def _first(name: str) -> Callable[[ConnectionFacts, Event], None]:
    def take(facts: ConnectionFacts, event: Event) -> None:
        if getattr(facts, name) is None:
            setattr(facts, name, event)

    return take


def _connecting(facts: ConnectionFacts, event: Event) -> None:
    if not facts._started():
        facts._begin()
    facts.ours = True
    facts.connecting = facts.connecting or event


def _client_open(facts: ConnectionFacts, event: Event) -> None:
    facts.ours = True
    if facts.opened is None:
        facts.opened = event
        facts._held_before_open_ns = facts.held_ns(event.t_ns)


def _client_received(facts: ConnectionFacts, event: Event) -> None:
    if not facts.ours:  # its beginning was not seen; the client's report replaces the wire's
        facts.ours = True
        facts.received, facts.received_count, facts._characters = (), 0, 0
    if event.data.get("type") in ("text", "binary"):
        if facts.received_count < MAX_RECEIVED:
            facts._keep(payload(event.data))
        else:
            facts.received_count += 1


def _client_sent(facts: ConnectionFacts, event: Event) -> None:
    if event.data.get("type") == "close" and facts.sent_close is None:
        facts.sent_close = event


def _client_closed(facts: ConnectionFacts, event: Event) -> None:
    facts.ours = True
    if facts.closed is None:
        facts.closed = event
        facts.end_ns = facts.end_ns or event.t_ns


def _client_error(facts: ConnectionFacts, event: Event) -> None:
    facts.ours = True
    if event.data.get("phase") == "open":
        facts.trouble = facts.trouble or event
    elif facts.failed is None:
        facts.failed = event
        facts.end_ns = facts.end_ns or event.t_ns


def _note(facts: ConnectionFacts, event: Event) -> None:
    why = event.data.get("why")
    if event.lane is Lane.CLIENT and event.conn is not None:
        over = facts.closed is not None or facts.failed is not None
        if not over and (why == "timeout" or (why == "quiet" and facts.opened is not None)):
            facts.left = event
            facts.end_ns = event.t_ns
    elif event.lane is Lane.ASGI and why == "send failed":
        facts.send_failed = facts.send_failed or event
    elif event.lane is Lane.ASGI and why == "code replaced":
        facts.replaced = facts.replaced or event
    elif event.lane is Lane.SERVER and why == "recovered":
        facts._stall = None


def _wire_connected(facts: ConnectionFacts, event: Event) -> None:
    if not facts._started():
        facts._begin()
    facts.connected = facts.connected or event


def _wire_request(facts: ConnectionFacts, event: Event) -> None:
    if not facts._started():
        facts._begin()
    facts.request = facts.request or event


def _wire_response(facts: ConnectionFacts, event: Event) -> None:
    status = number(event.data, "status", 999)
    if status is None or (status < 200 and status != 101):
        return
    if facts.response is None:
        facts.response = event
        if facts.opened is None:
            facts._held_before_open_ns = facts.held_ns(event.t_ns)
    elif facts.second is None:
        facts.second = event


def _set_cookies(facts: ConnectionFacts, event: Event) -> None:
    """Keep the cookies that another connection's response sets, for the request that is to come."""
    if facts._started():
        return
    for name, value in pairs(event.data):
        cookie = read_set_cookie(value) if name.lower() == "set-cookie" else None
        if cookie is not None and len(facts.set_cookies) < MAX_COOKIES:
            facts.set_cookies = {**facts.set_cookies, cookie.name: cookie}


def _wire_frame(facts: ConnectionFacts, event: Event) -> None:
    data = event.data
    server = event.direction is Direction.S2C
    opcode = data.get("opcode")
    if server and facts.broken is None and facts.server_close is None and data.get("problem"):
        facts.broken = event
    if server and facts.server_close is not None:
        facts.after_close = facts.after_close or event
    if opcode == CLOSE:
        if server:
            facts.server_close = facts.server_close or event
        else:
            facts.client_close = facts.client_close or event
    if not server or facts.ours or opcode not in (0, 1, 2):
        return
    if facts.broken is not None or facts.server_close is not None:
        return
    if opcode != 0:
        facts._fragments, facts._opcode = (), int(opcode)
    piece = table(data, "payload")
    if data.get("fin") is True:
        facts._keep(_joined((*facts._fragments, piece), facts._opcode))
        facts._fragments = ()
    elif len(facts._fragments) < MAX_RECEIVED:
        facts._fragments = (*facts._fragments, piece)


def _joined(pieces: tuple[Mapping[str, Any], ...], opcode: int) -> Received:
    """Join a message's fragments."""
    parts = [payload(piece) for piece in pieces]
    if len(parts) == 1 and (parts[0].text is not None) == (opcode == 1):
        return parts[0]
    raw = bytearray()
    for part in parts:
        raw += decoded(part)
    size = sum(part.size for part in parts)
    truncated = any(part.truncated for part in parts) or size > len(raw)
    if opcode == 1:
        return Received(raw.decode(errors="replace"), None, size, truncated)
    return Received(None, raw.hex(), size, truncated)


def _wire_stray(facts: ConnectionFacts, event: Event) -> None:
    if event.direction is not Direction.S2C:
        return
    if facts.response is None:
        facts.stray = facts.stray or event
    elif number(facts.response.data, "status") == 101:
        facts.broken = facts.broken or event
    elif facts.second is None and text(table(event.data, "payload"), "text").startswith("HTTP/"):
        facts.second = event


def _wire_end(facts: ConnectionFacts, event: Event) -> None:
    if event.direction is Direction.S2C:
        facts.server_gone = facts.server_gone or event
    else:
        facts.client_gone = facts.client_gone or event
    if not facts.ours:
        facts.end_ns = facts.end_ns or event.t_ns


def _asgi_receive(facts: ConnectionFacts, event: Event) -> None:
    kind = text(table(event.data, "message"), "type")
    if kind == "websocket.disconnect":
        facts.disconnect = facts.disconnect or event
    if len(facts.asgi) < MAX_ASGI and kind:
        facts.asgi = (*facts.asgi, kind)


def _asgi_send(facts: ConnectionFacts, event: Event) -> None:
    kind = text(table(event.data, "message"), "type")
    if kind == "websocket.accept":
        facts.accept = facts.accept or event
    elif kind == "websocket.close" and facts.asked is None:
        facts.asked = event
        facts.asked_early = facts.accept is None
    elif kind == "websocket.http.response.start":
        facts.denial = facts.denial or event
    if len(facts.asgi) < MAX_ASGI and kind:
        facts.asgi = (*facts.asgi, kind)


def _asgi_raised(facts: ConnectionFacts, event: Event) -> None:
    if facts.raised is None:
        facts.raised = event


def _held(facts: ConnectionFacts, event: Event) -> None:
    held, phase = number(event.data, "id"), event.data.get("phase")
    if held is None:
        return
    if phase == WAITS:
        if not facts._waiting:
            facts._held_since = event.t_ns
        if len(facts._waiting) < MAX_WAITING:
            facts._waiting |= {held}
        return
    facts.changed_by_hand = facts.changed_by_hand or phase in (DROPPED, EDITED)
    if held in facts._waiting:
        facts._waiting -= {held}
        if not facts._waiting:
            facts._held_ns, facts._held_since = facts.held_ns(event.t_ns), None


def _server_loaded(facts: ConnectionFacts, event: Event) -> None:
    if not facts._started() or facts.loaded is None:
        facts.loaded = event


def _server_listening(facts: ConnectionFacts, event: Event) -> None:
    facts._down = facts._stall = None
    if not facts._started() or facts.listening is None:
        facts.listening = event


def _server_stalled(facts: ConnectionFacts, event: Event) -> None:
    facts._stall = event
    if facts._started() and facts.end_ns is None and facts.stalled is None:
        facts.stalled = event


def _server_exited(facts: ConnectionFacts, event: Event) -> None:
    facts._down, facts._stall = event, None
    late = facts.end_ns is not None and event.t_ns > facts.end_ns + EXIT_WINDOW_NS
    if facts._started() and not late and facts.exited is None:
        facts.exited = event


_TAKE: Mapping[str, Callable[[ConnectionFacts, Event], None]] = {
    "client.connecting": _connecting,
    "client.open": _client_open,
    "client.sent": _client_sent,
    "client.received": _client_received,
    "client.closed": _client_closed,
    "client.error": _client_error,
    "note": _note,
    "wire.connected": _wire_connected,
    "wire.request": _wire_request,
    "wire.response": _wire_response,
    "wire.frame": _wire_frame,
    "wire.stray": _wire_stray,
    "wire.eof": _wire_end,
    "wire.reset": _wire_end,
    "asgi.scope": _first("scope"),
    "wire.held": _held,
    "asgi.held": _held,
    "asgi.receive": _asgi_receive,
    "asgi.send": _asgi_send,
    "asgi.raised": _asgi_raised,
    "asgi.returned": _first("returned"),
    "server.loaded": _server_loaded,
    "server.listening": _server_listening,
    "server.stalled": _server_stalled,
    "server.exited": _server_exited,
}
