"""The tap: a TCP proxy that forwards every byte unchanged and records it.

Back-pressure, half-close and reset are passed on.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import Callable

from wsplay.events.event import Direction, Event
from wsplay.protocol.hold_points import NOTHING, HoldPoints
from wsplay.wire.connections import Connections
from wsplay.wire.decoded import Decoded
from wsplay.wire.held_path import Holder
from wsplay.wire.proxy_socket import ProxySocket
from wsplay.wire.recorder import Recorder

#: Seconds to wait until the server accepts a connection.
CONNECT_LIMIT = 5.0
#: Connections accepted before the loop has its turn, and those that may wait for that.
ACCEPTED, WAITING = 16, 512
#: Bytes received at once.
_BUFFER = 262_144
#: Seconds between checks of half-closed sockets, which are no longer read.
_WATCH = 0.1


class Tap:
    """Listens for clients and joins each to the server at `upstream`.

    `on_event` gets every wire event, in order of time, on the loop's thread, a little after it happened.
    `upstream` can be changed at any time; new connections use it. While `is_behind()`, frames are forwarded
    and only counted.
    """

    def __init__(
        self,
        on_event: Callable[[Event], object],
        *,
        connections: Connections,
        is_behind: Callable[[], bool] = lambda: False,
    ) -> None:
        self.upstream: tuple[str, int] = ("127.0.0.1", 0)
        self.recorder = Recorder(on_event, is_behind=is_behind)
        self.buffer = memoryview(bytearray(_BUFFER))
        #: Who knows what waits, while something is held.
        self.holder: Holder | None = None
        self._points = NOTHING
        self._connections = connections
        self._server: asyncio.Server | None = None
        self._pairs: set[ProxySocket] = set()
        self._connecting: set[asyncio.Task[None]] = set()
        self._half_closed: set[ProxySocket] = set()
        self._watch: asyncio.TimerHandle | None = None
        self._idle = asyncio.Event()
        self._closed = False

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Listen on `host` and `port`, 0 for any free one. Raises OSError if that is not possible."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: ProxySocket(self).client, host, port, backlog=ACCEPTED
        )
        for each in self._server.sockets:
            # asyncio accepts as many at once as may wait; the system can hold more meanwhile.
            with socket.socket(fileno=os.dup(each.fileno())) as same:
                same.listen(WAITING)

    @property
    def address(self) -> tuple[str, int]:
        """Where it listens."""
        if self._server is None or not self._server.sockets:
            raise RuntimeError("the tap is not listening")
        name = self._server.sockets[0].getsockname()
        return name[0], name[1]

    @property
    def addresses(self) -> list[tuple[str, int]]:
        """Every address that it listens on: a name can have several."""
        sockets = () if self._server is None else self._server.sockets
        return [(name[0], name[1]) for name in (each.getsockname() for each in sockets)]

    def drop_backlog(self) -> int:
        """Reset the connections of clients that send more than the server takes: it is about to stop, and
        could not stop before it has read all of it. Returns how many.
        """
        flooded = [
            pair
            for pair in self._pairs
            if pair.server.transport is not None and pair.server.transport.get_write_buffer_size()
        ]
        for pair in flooded:
            pair.reset()
        return len(flooded)

    # ---- holding

    def hold_at(self, points: HoldPoints) -> None:
        """Hold at these points from now on, on every connection. Without any, all that waits is let go."""
        self._points = points
        if self.holder is not None:
            for pair in list(self._pairs):
                if pair.recording.conn is not None:
                    pair.hold_at(points, self.holder)

    def decide(self, number: int, phase: str, head: bytes | None = None) -> None:
        """End the wait of what has this id; `head` are the bytes that a request's head becomes."""
        for pair in self._pairs:
            if pair.path is not None and pair.path.decide(number, phase, head):
                return

    def spare(self, conn: int) -> None:
        """Drop what is held of a connection, and hold nothing more of it."""
        for pair in self._pairs:
            if pair.recording.conn == conn:
                pair.spare()

    def spare_all(self) -> None:
        """The same for every connection that is open now."""
        for pair in self._pairs:
            pair.spare()

    async def aclose(self, limit: float = 2.0) -> None:
        """Stop listening and close every connection; what is unwritten after `limit` seconds is dropped."""
        self._closed = True
        if self._server is not None:
            self._server.close()
            self._server = None
        for task in self._connecting:
            task.cancel()
        if self._connecting:
            await asyncio.wait(self._connecting)
        for pair in list(self._pairs):
            pair.close()
        if self._pairs:
            self._idle.clear()
            with contextlib.suppress(TimeoutError):  # what is left then is dropped
                await asyncio.wait_for(self._idle.wait(), limit)
        for pair in list(self._pairs):
            pair.reset()
        for _ in range(3):  # an aborted socket closes one loop iteration later
            await asyncio.sleep(0)
        self.recorder.close()
        if self._watch is not None:
            self._watch.cancel()

    # ---- what a pair of sockets reports (`proxy_socket.Owner`)

    def accepted(self, pair: ProxySocket) -> None:
        """A client has connected."""
        assert pair.client.transport is not None
        if self._closed:
            pair.closed += 1
            pair.client.reset()
            return
        self._pairs.add(pair)
        pair.client_address = list(pair.client.transport.get_extra_info("peername")[:2])
        task = asyncio.get_running_loop().create_task(self._connect(pair))
        self._connecting.add(task)
        task.add_done_callback(self._connecting.discard)

    def connected(self, pair: ProxySocket) -> None:
        """The server accepted the connection: number it, record it, and only then let bytes through."""
        client, server = pair.client, pair.server
        assert server.transport is not None
        upstream = list(server.transport.get_extra_info("sockname")[:2])
        pair.recording.conn = self._connections.opened(_client_port(pair), upstream[1])
        summary = f"connected {_address(pair.client_address)}"
        data = {"client": pair.client_address, "upstream": upstream}
        self.recorder.add(pair.recording, Decoded(Direction.C2S, "wire.connected", summary, data))
        if client.transport is None:
            server.close()
            return
        client.join(server)
        server.join(client)
        if self._points and self.holder is not None:
            pair.hold_at(self._points, self.holder)
        client.transport.resume_reading()

    def half_closed(self, pair: ProxySocket) -> None:
        """One direction has ended."""
        self._half_closed.add(pair)
        self._arm_watch()

    def over(self, pair: ProxySocket) -> None:
        """Both sockets are closed."""
        if pair.path is not None:
            pair.path.close()
        self._pairs.discard(pair)
        self._half_closed.discard(pair)
        if not self._pairs:
            self._idle.set()
        self.recorder.add_over(pair.recording)
        if pair.recording.conn is not None:
            self._connections.closed(pair.recording.conn)

    async def _connect(self, pair: ProxySocket) -> None:
        host, port = self.upstream
        try:
            async with asyncio.timeout(CONNECT_LIMIT):
                await asyncio.get_running_loop().create_connection(lambda: pair.server, host, port)
        except (OSError, OverflowError) as error:
            pair.closed += 1  # the half that was never connected
            pair.failed = True
            pair.recording.conn = self._connections.opened(_client_port(pair), None)
            self.recorder.add_reset(pair.recording, Direction.S2C, error)
            pair.client.reset()
        except asyncio.CancelledError:
            pair.closed += 1 if pair.server.transport is None else 0
            pair.client.reset()
            raise

    def _look_at_half_closed(self) -> None:
        """A half-closed socket is not read, so a reset must be looked for."""
        self._watch = None
        for pair in list(self._half_closed):
            if not pair.client.look_for_reset():
                pair.server.look_for_reset()
        self._half_closed &= self._pairs
        self._arm_watch()

    def _arm_watch(self) -> None:
        if self._half_closed and self._watch is None:
            self._watch = asyncio.get_running_loop().call_later(_WATCH, self._look_at_half_closed)


def _client_port(pair: ProxySocket) -> int:
    return int(pair.client_address[1])


def _address(address: list[str | int]) -> str:
    host, port = address
    return f"[{host}]:{port}" if ":" in str(host) else f"{host}:{port}"
