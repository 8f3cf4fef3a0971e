"""The asyncio client of `websockets`, changed to send our request and to report what it receives."""

from __future__ import annotations

import logging
from typing import Protocol, cast

from websockets.asyncio.client import ClientConnection
from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.http11 import Request, Response
from websockets.protocol import State
from websockets.typing import Subprotocol
from websockets.uri import WebSocketURI

from wsplay.client.request import RequestPlan

#: Frames that may wait to be read before the connection stops reading from the network.
MAX_QUEUE = 256

# Without a handler, Python would write the library's log to stderr, over the screen.
_logger = logging.getLogger(__name__)
_logger.addHandler(logging.NullHandler())


class Watcher(Protocol):
    """Called for what the connection receives, at once, on the loop's thread."""

    def on_bytes(self) -> None:
        """The server sent bytes."""

    def on_pong(self, payload: bytes) -> None:
        """The server sent a pong, solicited or not."""

    def on_closing(self) -> None:
        """A close frame was sent or received, so the connection should end soon."""


class PlannedProtocol(ClientProtocol):
    """The library's client protocol, sending a planned request and checking the response against it."""

    def __init__(self, plan: RequestPlan, host: str, port: int) -> None:
        super().__init__(
            WebSocketURI(False, host, port, plan.target, ""),
            extensions=plan.extensions,
            subprotocols=cast("list[Subprotocol] | None", plan.subprotocols),
            max_size=None,
            logger=_logger,
        )
        self.plan = plan
        self.key = plan.key

    def send_request(self, request: Request) -> None:
        # Neither the library's own request nor its own serializer: before version 17 that wrote UTF-8, and
        # since then it refuses control characters, which a user may want to send.
        self.writes.append(self.plan.serialize())


class WatchedConnection(ClientConnection):
    """The library's client connection, which reports to a `Watcher` what the library hides.

    No keepalive: automatic pings would be on the wire among the user's. No close timeout: that of the library
    cannot stand still, so whoever closes calls `end_closing`.
    """

    def __init__(self, protocol: PlannedProtocol, watcher: Watcher) -> None:
        super().__init__(
            protocol,
            ping_interval=None,
            ping_timeout=None,
            close_timeout=None,
            max_queue=MAX_QUEUE,
        )
        self.watcher = watcher
        #: What broke the TCP connection, once it is lost; None after an orderly end.
        self.lost_by: Exception | None = None

    def data_received(self, data: bytes) -> None:
        self.watcher.on_bytes()
        super().data_received(data)
        if self.protocol.state is State.CLOSING:
            self.watcher.on_closing()

    def process_event(self, event: Request | Response | Frame) -> None:
        super().process_event(event)
        if isinstance(event, Frame) and event.opcode is Opcode.PONG:
            self.watcher.on_pong(bytes(event.data))

    def end_closing(self) -> None:
        """Closing has taken too long: end the connection as the library does after its close timeout."""
        self.set_connection_exc(TimeoutError("timed out while closing connection"))
        self.transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost_by = exc
        super().connection_lost(exc)
