"""The tap: a TCP proxy that forwards every byte unchanged, and tells what they say.

Each connection is forwarded as the two ends make it: back-pressure, half-close and reset are passed on.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable
from enum import Enum
from time import perf_counter_ns

from wsplay.events.event import Direction, Event, Lane
from wsplay.events.safe_text import visible
from wsplay.wire.connections import Connections
from wsplay.wire.decoded import Decoded
from wsplay.wire.proxy_socket import ProxySocket
from wsplay.wire.stray import stray

#: Seconds to wait for the server to take a connection.
CONNECT_LIMIT = 5.0
#: Bytes received at once.
_BUFFER = 262_144
#: Seconds that bytes wait to be decoded. Many at once cost far less each than one now and then, between two
#: forwards, where nothing is in the processor's caches.
_LATEST = 0.005
#: Bytes that may wait to be decoded; beyond it they are decoded before more are read.
_MAX_WAITING = 1_048_576
#: Nanoseconds of decoding after which the loop gets a turn.
_SLICE_NS = 5_000_000
#: Seconds of silence after which stray bytes are told, though more may come.
_SETTLE = 0.02
#: Seconds between looks at sockets that ended one way and so are no longer read from.
_WATCH = 0.1


class _Mark(Enum):
    EOF = 1
    RESET = 2
    OVER = 3


class Tap:
    """Listens for clients and joins each to the server at `upstream`.

    `observe` gets every wire event, in order of time, on the loop's thread, a little after it happened.
    `upstream` may be set anew at any time; connections made from then on use it.
    """

    def __init__(self, on_event: Callable[[Event], None], *, connections: Connections) -> None:
        self.upstream: tuple[str, int] = ("127.0.0.1", 0)
        self._observe = on_event
        self._connections = connections
        self._server: asyncio.Server | None = None
        self._links: set[ProxySocket] = set()
        self._connecting: set[asyncio.Task[None]] = set()
        # What is still to be decoded or told: when, of which link, which way, and the bytes or what else.
        self._waiting: deque[tuple[int, ProxySocket, Direction, bytes | _Mark | Decoded]] = deque()
        self._waiting_bytes = 0
        self._later: asyncio.TimerHandle | None = None
        self._settle: asyncio.TimerHandle | None = None
        self._watch: asyncio.TimerHandle | None = None
        self._gathering: set[ProxySocket] = set()
        self._half_closed: set[ProxySocket] = set()
        self._buffer = memoryview(bytearray(_BUFFER))
        self._idle = asyncio.Event()
        self._draining = False
        self._closed = False

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Listen on `host` and `port`, 0 for any free one. Raises OSError where that cannot be had."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: ProxySocket(self).client, host, port, backlog=512)

    @property
    def address(self) -> tuple[str, int]:
        """Where it listens."""
        if self._server is None or not self._server.sockets:
            raise RuntimeError("the tap is not listening")
        name = self._server.sockets[0].getsockname()
        return name[0], name[1]

    def told_ns(self, now_ns: int) -> int:
        """The time up to which everything has been told; what is told later happened then or later."""
        return self._waiting[0][0] if self._waiting else now_ns

    def flush(self) -> None:
        """Tell now all that was forwarded so far."""
        self._settle_strays()

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
        for link in list(self._links):
            link.client.close()
            link.server.close()
        if self._links:
            self._idle.clear()
            with contextlib.suppress(TimeoutError):  # what is left then is dropped
                await asyncio.wait_for(self._idle.wait(), limit)
        for link in list(self._links):
            link.client.reset()
            link.server.reset()
        for _ in range(3):  # an aborted socket closes a turn of the loop later
            await asyncio.sleep(0)
        self.flush()
        for handle in (self._later, self._settle, self._watch):
            if handle is not None:
                handle.cancel()

    # Connections come and go.

    def _accepted(self, link: ProxySocket) -> None:
        assert link.client.transport is not None
        if self._closed:
            link.lost += 1
            link.client.reset()
            return
        self._links.add(link)
        link.client_address = list(link.client.transport.get_extra_info("peername")[:2])
        task = asyncio.get_running_loop().create_task(self._connect(link))
        self._connecting.add(task)
        task.add_done_callback(self._connecting.discard)

    async def _connect(self, link: ProxySocket) -> None:
        host, port = self.upstream
        try:
            async with asyncio.timeout(CONNECT_LIMIT):
                await asyncio.get_running_loop().create_connection(lambda: link.server, host, port)
        except (OSError, OverflowError) as error:
            link.lost += 1  # the half that never was
            link.failed = True
            link.conn = self._connections.opened(self._client_port(link), None)
            self._note_reset(link, Direction.S2C, error)
            link.client.reset()
        except asyncio.CancelledError:
            link.lost += 1 if link.server.transport is None else 0
            link.client.reset()
            raise

    def _connected(self, link: ProxySocket) -> None:
        """The server took the connection: number it, tell it, and only then let bytes through."""
        client, server = link.client, link.server
        assert server.transport is not None
        upstream = list(server.transport.get_extra_info("sockname")[:2])
        link.conn = self._connections.opened(self._client_port(link), upstream[1])
        summary = f"connected {_address(link.client_address)}"
        data = {"client": link.client_address, "upstream": upstream}
        self._put(perf_counter_ns(), link, Decoded(Direction.C2S, "wire.connected", summary, data))
        if client.transport is None:
            server.close()
            return
        client.join(server)
        server.join(client)
        client.transport.resume_reading()

    @staticmethod
    def _client_port(link: ProxySocket) -> int:
        return int(link.client_address[1])

    def _over(self, link: ProxySocket) -> None:
        self._links.discard(link)
        self._half_closed.discard(link)
        if not self._links:
            self._idle.set()
        self._waiting.append((perf_counter_ns(), link, Direction.C2S, _Mark.OVER))
        self._schedule()
        if link.conn is not None:
            self._connections.closed(link.conn)

    def _look_at_half_closed(self) -> None:
        """A socket that ended is not read from, so a reset of it is found by asking."""
        self._watch = None
        for link in list(self._half_closed):
            for side in (link.client, link.server):
                error = side.pending_error() if side.ended else None
                if error is not None:
                    side.broke(error)
                    break
        self._half_closed &= self._links
        self._arm_watch()

    def _arm_watch(self) -> None:
        if self._half_closed and self._watch is None:
            self._watch = asyncio.get_running_loop().call_later(_WATCH, self._look_at_half_closed)

    # What passes is noted, decoded a little later, and told.

    def _note(self, t_ns: int, link: ProxySocket, direction: Direction, data: bytes) -> None:
        self._waiting.append((t_ns, link, direction, data))
        self._waiting_bytes += len(data)
        if self._waiting_bytes > _MAX_WAITING:
            self._drain(None)
        elif self._later is None:
            self._schedule()

    def _note_eof(self, link: ProxySocket, direction: Direction) -> None:
        self._waiting.append((perf_counter_ns(), link, direction, _Mark.EOF))
        self._half_closed.add(link)
        self._arm_watch()
        self._schedule()

    def _note_reset(self, link: ProxySocket, direction: Direction, error: Exception) -> None:
        t_ns = perf_counter_ns()
        self._waiting.append((t_ns, link, direction, _Mark.RESET))
        words = str(error) or type(error).__name__
        self._put(
            t_ns, link, Decoded(direction, "wire.reset", f"reset  {visible(words, 120)}", {"error": words})
        )

    def _put(self, t_ns: int, link: ProxySocket, decoded: Decoded) -> None:
        self._waiting.append((t_ns, link, decoded.direction, decoded))
        self._schedule()

    def _schedule(self) -> None:
        if self._later is None:
            self._later = asyncio.get_running_loop().call_later(_LATEST, self._drain_some)

    def _drain_some(self) -> None:
        self._later = None
        self._drain(perf_counter_ns() + _SLICE_NS)

    def _drain(self, until_ns: int | None) -> None:
        """Decode and tell what waits, all of it or until `until_ns`."""
        if self._draining:  # an observer asked: what waits is told after what it is being told
            return
        self._draining = True
        try:
            self._drain_waiting(until_ns)
        finally:
            self._draining = False

    def _drain_waiting(self, until_ns: int | None) -> None:
        waiting = self._waiting
        while waiting:
            t_ns, link, direction, what = waiting.popleft()
            if isinstance(what, bytes):
                self._waiting_bytes -= len(what)
            for decoded in self._decode(link, direction, what):
                self._tell(t_ns, link, decoded)
            if until_ns is not None and waiting and perf_counter_ns() > until_ns:
                if self._later is not None:
                    self._later.cancel()
                self._later = asyncio.get_running_loop().call_later(0, self._drain_some)
                return

    def _decode(
        self, link: ProxySocket, direction: Direction, what: bytes | _Mark | Decoded
    ) -> list[Decoded]:
        conversation = link.conversation
        if isinstance(what, Decoded):
            return [what]
        try:
            if isinstance(what, bytes):
                out = conversation.feed(direction, what)
                if conversation.gathering and link not in self._gathering:
                    self._gathering.add(link)
                    self._arm_settle()
                return out
            if what is _Mark.EOF:
                return [*conversation.eof(direction), Decoded(direction, "wire.eof", "EOF", {})]
            return [
                *conversation.eof(Direction.C2S, reset=what is _Mark.RESET),
                *conversation.eof(Direction.S2C, reset=what is _Mark.RESET),
            ]
        except Exception as error:  # noqa: BLE001 - a fault of the decoder must not stop what it watches
            data = what if isinstance(what, bytes) else b""
            return [stray(direction, data, f"wsplay could not decode this: {type(error).__name__}: {error}")]

    def _tell(self, t_ns: int, link: ProxySocket, decoded: Decoded) -> None:
        event = Event(
            t_ns, Lane.WIRE, decoded.kind, decoded.summary, link.conn, decoded.direction, decoded.data
        )
        try:
            self._observe(event)
        except Exception as error:  # noqa: BLE001 - told to the loop's handler; bytes flow on
            context = {"message": "an observer of the tap failed", "exception": error}
            asyncio.get_running_loop().call_exception_handler(context)

    def _arm_settle(self) -> None:
        if self._settle is None:
            self._settle = asyncio.get_running_loop().call_later(_SETTLE, self._settle_strays)

    def _settle_strays(self) -> None:
        if self._settle is not None:
            self._settle.cancel()
            self._settle = None
        self._drain(None)  # in order of time
        for link in self._gathering:
            t_ns = perf_counter_ns()
            for decoded in link.conversation.settle():
                self._tell(t_ns, link, decoded)
        self._gathering.clear()


def _address(address: list[str | int]) -> str:
    host, port = address
    return f"[{host}]:{port}" if ":" in str(host) else f"{host}:{port}"
