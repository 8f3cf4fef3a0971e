"""A WebSocket client that hides nothing: everything it sends and receives becomes an event."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Awaitable, Callable
from typing import Any

from websockets.exceptions import ConnectionClosed, ProtocolError, WebSocketException
from websockets.frames import Frame, Opcode
from websockets.protocol import State

from wsplay.client.clock import Clock
from wsplay.client.closing import close_hint, close_payload, closed_data
from wsplay.client.dial import bound_socket, resolve
from wsplay.client.failure import cancelled, exception_data, header_list, refused, timed_out
from wsplay.client.library import PlannedProtocol, WatchedConnection
from wsplay.client.request import plan_request
from wsplay.client.words import (
    bytes_summary,
    close_summary,
    closed_summary,
    error_summary,
    pong_summary,
    text_payload,
    text_summary,
)
from wsplay.events.event import Direction, Event, Lane
from wsplay.events.payload import payload_data
from wsplay.events.safe_text import visible
from wsplay.protocol.handshake import Handshake

#: Messages read before other tasks get a turn, because reading from a full queue never waits.
BATCH = 128
#: Seconds allowed beyond the library's own limits before the connection is aborted.
MARGIN = 1.0
NOT_TEXT = "half a surrogate pair is not text"


class Client:
    """One connection, from handshake to end; used once.

    `on_event` is called on the loop's thread for each event, in order. `conn_for` returns the number of the
    connection from a local port. The open and close time-outs go by `clock`. Network errors never raise: they
    become events. Every connection ends with exactly one of `client.closed` (if it had opened) or
    `client.error` with a phase other than "open".
    """

    def __init__(
        self,
        on_event: Callable[[Event], None],
        conn_for: Callable[[int], int],
        clock: Clock | None = None,
    ) -> None:
        self._on_event = on_event
        self._conn_for = conn_for
        self._clock = clock or Clock()
        #: The connection's number, once its local port is known.
        self.conn: int | None = None
        #: Set when the connection is over, whether it had opened or not.
        self.closed = asyncio.Event()
        self._connection: WatchedConnection | None = None
        self._close_timeout = 0.0
        self._limit: asyncio.Timeout | None = None  # while connecting
        self._connect_done = asyncio.Event()  # connect() has finished
        self._started = self._opened = self._given_up = self._bytes_received = False
        self._pings: list[tuple[bytes, int]] = []  # unanswered, with the time they were sent
        self._early_pongs: list[bytes] = []  # received together with the handshake response
        self._reader: asyncio.Task[None] | None = None
        self._closer: asyncio.Task[None] | None = None

    @property
    def open(self) -> bool:
        """Whether messages can be sent now."""
        return self._opened and self._connection is not None and self._connection.state is State.OPEN

    # -- connecting

    async def connect(self, host: str, port: int, handshake: Handshake) -> bool:
        """Connect to `host`:`port` and do the handshake, within `handshake.open_timeout`; True if it opened.

        Safe to cancel at any time: it cleans up and emits a `client.error`.

        Raises:
            RuntimeError: If this client was used before.

        """
        if self._started:
            raise RuntimeError("a Client makes one connection; create a new one for the next")
        self._started = True
        self._close_timeout = handshake.close_timeout
        phase = "connect"
        sock: socket.socket | None = None
        try:
            async with self._clock.timeout(handshake.open_timeout) as self._limit:
                if self._given_up:
                    raise TimeoutError
                family, address = await resolve(host, port)
                sock = bound_socket(family, address[0])
                self._announce(host, port, handshake, sock.getsockname()[:2])
                phase = "request"
                plan = plan_request(handshake, host, port)
                phase = "connect"
                loop = asyncio.get_running_loop()
                await loop.sock_connect(sock, address)
                phase = "handshake"
                connection = WatchedConnection(PlannedProtocol(plan, host, port), self)
                self._connection = connection
                await loop.create_connection(lambda: connection, sock=sock)
                await connection.handshake(None, None)
        except asyncio.CancelledError:
            self._end_error(phase, cancelled(phase))
            raise
        # A port above 65535 raises OverflowError, an impossible host name UnicodeError.
        except (OSError, WebSocketException, ValueError, OverflowError) as exc:
            if isinstance(exc, TimeoutError) and self._given_up:
                self._end_error(phase, cancelled(phase))
            elif isinstance(exc, TimeoutError) and self._limit is not None and self._limit.expired():
                self._end_error(phase, timed_out(phase, handshake.open_timeout, self._bytes_received))
            else:
                self._end_error(phase, refused(exc, self._connection))
        else:
            self._open(connection)
        finally:
            try:
                if not self._opened:
                    await self._drop(sock)
            finally:
                self._connect_done.set()
        return self._opened

    def _announce(self, host: str, port: int, handshake: Handshake, local: tuple[str, int]) -> None:
        self.conn = self._conn_for(local[1])
        url = f"ws://{f'[{host}]' if ':' in host else host}:{port}{handshake.target}"
        data = {
            "url": url,
            "headers": [list(header) for header in handshake.headers],
            "omit": list(handshake.omit),
            "subprotocols": list(handshake.subprotocols),
            "compression": handshake.compression,
            "open_timeout": handshake.open_timeout,
            "address": list(local),
        }
        self._emit("client.connecting", f"connecting {visible(url, 120)}", data, Direction.C2S)

    def _open(self, connection: WatchedConnection) -> None:
        response = connection.response
        assert response is not None  # handshake() returned
        extensions = ", ".join(response.headers.get_all("Sec-WebSocket-Extensions")) or None
        data = {
            "status": response.status_code,
            "headers": header_list(response.headers),
            "subprotocol": connection.subprotocol,
            "extensions": extensions,
        }
        chosen = f"  subprotocol {visible(connection.subprotocol, 60)}" if connection.subprotocol else ""
        self._opened = True
        self._reader = asyncio.get_running_loop().create_task(self._read(connection))
        self._reader.add_done_callback(lambda _: self._end_unread(connection))
        self._emit("client.open", f"open{chosen}", data, Direction.S2C)
        for payload in self._early_pongs:
            self.on_pong(payload)

    async def _drop(self, sock: socket.socket | None) -> None:
        """Abort a connection that never opened, as the library does."""
        self.closed.set()
        if self._connection is None:
            if sock is not None:
                sock.close()
            return
        transport = getattr(self._connection, "transport", None)
        if transport is not None:
            transport.abort()
        # If cancelled while the transport was being made, the loop closes it a few iterations later.
        await asyncio.wait([self._connection.connection_lost_waiter], timeout=MARGIN)

    # -- sending and closing

    async def send_text(self, text: str) -> bool:
        """Send a text message; True if it was passed to the network. Waits while the server does not read."""
        try:
            payload = text.encode()
        except UnicodeEncodeError as exc:
            self._refuse(exc, NOT_TEXT)
            return False
        summary, data = text_summary(text, len(payload)), {"type": "text", **text_payload(text)}
        return await self._send(summary, data, lambda connection: connection.send(payload, text=True))

    async def send_binary(self, payload: bytes) -> bool:
        """Send a binary message, like `send_text`."""
        data = {"type": "binary", **payload_data(payload, text=False)}
        summary = bytes_summary("binary", payload)
        return await self._send(summary, data, lambda connection: connection.send(payload))

    async def ping(self, payload: bytes | str = b"") -> bool:
        """Send a ping, like `send_text`, of up to 125 bytes (RFC 6455 section 5.5).

        Its pong becomes an event, with the latency.
        """
        try:
            raw = payload.encode() if isinstance(payload, str) else payload
            Frame(Opcode.PING, raw).check()
        except UnicodeEncodeError as exc:
            self._refuse(exc, NOT_TEXT)
            return False
        except ProtocolError as exc:
            self._refuse(exc, f"a ping carries up to 125 bytes, this one has {len(raw)}")
            return False

        async def send(connection: WatchedConnection) -> None:
            # Not connection.ping(): it refuses a payload whose pong is still missing; the RFC allows it.
            async with connection.send_context():
                self._pings.append((raw, time.perf_counter_ns()))
                connection.protocol.send_ping(raw)

        return await self._send(
            bytes_summary("ping", raw), {"type": "ping", **payload_data(raw, text=True)}, send
        )

    async def close(self, code: int | None = 1000, reason: str = "") -> bool:
        """Do the closing handshake, within the close timeout; None sends a close frame without a code.

        Returns once the connection is over. False if the close frame cannot be sent; nothing happens then.
        """
        connection = self._connection
        if connection is None or not self._opened:
            self._refuse(RuntimeError("the connection is not open"))
            return False
        if connection.state is State.OPEN:
            try:
                payload = close_payload(code, reason)
            except (ProtocolError, UnicodeEncodeError) as exc:
                self._refuse(exc, close_hint(code, reason))
                return False
            data = {"type": "close", **payload_data(payload, text=False), "code": code, "reason": reason}
            self._emit("client.sent", f"close {close_summary(code, reason)}", data, Direction.C2S)
        self.on_closing()
        try:
            async with self._clock.timeout(self._close_timeout + MARGIN):
                await connection.close(code, reason)  # type: ignore[arg-type]  # None is an empty close frame
                await self.closed.wait()
        except TimeoutError:
            # The server does not read, so that not even the close frame was sent.
            await self._abort(connection)
        return True

    async def aclose(self, limit: float = 2.0) -> None:
        """Disconnect in any state within `limit` seconds, with the closing handshake if there is time."""
        self._given_up = True
        if self._started and not self._connect_done.is_set():
            if self._limit is not None and not self.closed.is_set() and not self._limit.expired():
                # Ends connect() as its own limit would; _given_up tells the two apart.
                self._limit.reschedule(asyncio.get_running_loop().time())
            await asyncio.wait_for(self._connect_done.wait(), limit + MARGIN)
        connection = self._connection
        if connection is not None and self._opened and not self.closed.is_set():
            try:
                async with asyncio.timeout(limit):
                    await self.close()
            except TimeoutError:
                await self._abort(connection)
            except asyncio.CancelledError:
                connection.transport.abort()
                raise
        self.closed.set()
        if self._reader is not None:
            # Awaited itself, it would be cancelled with this call, and the next call would end the same way.
            await asyncio.wait([self._reader])
            if not self._reader.cancelled():
                self._reader.result()  # raises what on_event raised

    async def _send(
        self,
        summary: str,
        data: dict[str, Any],
        action: Callable[[WatchedConnection], Awaitable[object]],
    ) -> bool:
        connection = self._connection
        if connection is None or not self._opened:
            self._refuse(RuntimeError("the connection is not open"), "nothing was sent")
            return False
        is_open = connection.state is State.OPEN
        if is_open:
            # Nothing runs between this and the library's write: in state OPEN it does not wait first.
            self._emit("client.sent", summary, data, Direction.C2S)
        try:
            await action(connection)
        except ConnectionClosed as exc:
            if not is_open:
                self._refuse(exc, "nothing was sent")
            return False  # the connection ended while the server did not read; client.closed says how
        return connection.state is not State.CLOSED

    def _refuse(self, exc: Exception, hint: str = "") -> None:
        """Report an action that failed; it has no effect on the connection."""
        data = {**exception_data(exc), "phase": "open"}
        if hint:
            data["hint"] = hint
        self._emit("client.error", error_summary(data["type"], data["message"], hint), data)

    async def _abort(self, connection: WatchedConnection) -> None:
        connection.transport.abort()
        await asyncio.wait_for(self.closed.wait(), MARGIN)

    # -- receiving

    async def _read(self, connection: WatchedConnection) -> None:
        count = 0
        try:
            while True:
                message = await connection.recv()
                if isinstance(message, str):
                    payload = text_payload(message)
                    summary = text_summary(message, payload["size"])
                    data = {"type": "text", **payload}
                else:
                    summary = bytes_summary("binary", message)
                    data = {"type": "binary", **payload_data(message, text=False)}
                self._emit("client.received", summary, data, Direction.S2C)
                count += 1
                if count % BATCH == 0:
                    await asyncio.sleep(0)
        except ConnectionClosed as exc:
            self._end_closed(closed_data(connection.protocol, exc))
        except BaseException as exc:
            # The loop is shutting down, or on_event raised: end the connection without the server.
            connection.transport.abort()
            self._end_closed(closed_data(connection.protocol, exc))
            raise
        finally:
            if self._closer is not None:
                await asyncio.wait([self._closer], timeout=MARGIN)

    def _end_unread(self, connection: WatchedConnection) -> None:
        """Report the end even if the reader was cancelled before it started."""
        if not self.closed.is_set():
            connection.transport.abort()
            self._end_closed(closed_data(connection.protocol, asyncio.CancelledError()))

    def on_bytes(self) -> None:
        self._bytes_received = True

    def on_pong(self, payload: bytes) -> None:
        if not self._opened:
            self._early_pongs.append(payload)
            return
        now = time.perf_counter_ns()
        data = {"type": "pong", **payload_data(payload, text=True)}
        place = next((place for place, ping in enumerate(self._pings) if ping[0] == payload), None)
        latency_ms = None
        if place is not None:
            latency_ms = data["latency_ms"] = round((now - self._pings[place][1]) / 1e6, 3)
            del self._pings[place]
        self._emit("client.received", pong_summary(payload, latency_ms), data, Direction.S2C, now)

    def on_closing(self) -> None:
        """Start the close timeout; recv() alone would wait forever for the server to disconnect."""
        if self._closer is None and self._connection is not None:
            self._closer = asyncio.get_running_loop().create_task(self._limit_closing(self._connection))

    async def _limit_closing(self, connection: WatchedConnection) -> None:
        try:
            async with self._clock.timeout(self._close_timeout):
                await asyncio.shield(connection.connection_lost_waiter)
        except TimeoutError:
            connection.end_closing()

    def _end_closed(self, data: dict[str, Any]) -> None:
        self._end("client.closed", closed_summary(data), data)

    # -- events

    def _end_error(self, phase: str, data: dict[str, Any]) -> None:
        summary = error_summary(data["type"], data["message"])
        self._end("client.error", summary, {**data, "phase": phase})

    def _end(self, kind: str, summary: str, data: dict[str, Any]) -> None:
        """The one final event."""
        try:
            self._emit(kind, summary, data)
        finally:
            self.closed.set()

    def _emit(
        self,
        kind: str,
        summary: str,
        data: dict[str, Any],
        direction: Direction | None = None,
        t_ns: int | None = None,
    ) -> None:
        now = time.perf_counter_ns() if t_ns is None else t_ns
        self._on_event(Event(now, Lane.CLIENT, kind, summary, self.conn, direction, data))
