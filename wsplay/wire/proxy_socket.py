"""One connection through the tap: a client's socket and one to the server, joined byte for byte."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import struct
from collections.abc import Callable
from time import perf_counter_ns
from typing import Protocol

from wsplay.events.event import Direction
from wsplay.wire.recorder import Recorder, Recording

#: Bytes waiting for a slow reader before reading from the other side pauses.
HIGH_WATER = 262_144
#: Most bytes read at once of what a peer sent before its connection broke.
_SALVAGE = 1_048_576
# SO_LINGER on, 0 s: close sends a reset and drops what is unsent.
_LINGER_RESET = struct.pack("ii", 1, 0)


class Owner(Protocol):
    """What a pair of sockets asks of the tap, and what it reports to it."""

    recorder: Recorder
    #: Where all sockets receive.
    buffer: memoryview

    def accepted(self, pair: ProxySocket, /) -> None: ...
    def connected(self, pair: ProxySocket, /) -> None: ...
    def half_closed(self, pair: ProxySocket, /) -> None: ...
    def over(self, pair: ProxySocket, /) -> None: ...


class ProxySocket:
    """The two sockets of a connection, and the recording of what passes between them."""

    __slots__ = ("client", "client_address", "closed", "failed", "owner", "recording", "server")

    def __init__(self, owner: Owner) -> None:
        self.owner = owner
        self.recording = Recording()
        self.client = Side(self, Direction.C2S)
        self.server = Side(self, Direction.S2C)
        self.client_address: list[str | int] = []
        self.closed = 0  # how many of its sockets are gone
        self.failed = False  # a reset was seen and recorded

    def close(self) -> None:
        """Close both sockets when everything is written."""
        self.client.close()
        self.server.close()

    def reset(self) -> None:
        """Close both sockets at once, with a TCP reset."""
        self.client.reset()
        self.server.reset()


class Side(asyncio.BufferedProtocol):
    """One socket of a pair. `direction` is the direction of the bytes it receives.

    All sockets of a tap are received into one buffer: asyncio's own 256 KiB for each `recv` costs more, in
    memory that is mapped and unmapped, than the rest of forwarding a small message.
    """

    __slots__ = ("_buffer", "_record", "_recording", "_write", "direction", "ended", "pair", "transport")

    def __init__(self, pair: ProxySocket, direction: Direction) -> None:
        self.pair = pair
        self._buffer = pair.owner.buffer
        self._record = pair.owner.recorder.add_bytes
        self._recording = pair.recording
        self.direction = direction
        self.transport: asyncio.Transport | None = None
        self.ended = False  # nothing more will be received
        self._write: Callable[[bytes], None] = _nowhere

    @property
    def peer(self) -> Side:
        """The other socket."""
        return self.pair.server if self.direction is Direction.C2S else self.pair.client

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.set_write_buffer_limits(high=HIGH_WATER)
        if self.direction is Direction.C2S:
            # Nothing is read before it can be written: it waits in the client's socket.
            transport.pause_reading()
            self.pair.owner.accepted(self.pair)
        else:
            self.pair.owner.connected(self.pair)

    def join(self, peer: Side) -> None:
        """From now on, received bytes are written to `peer`."""
        assert peer.transport is not None
        self._write = peer.transport.write

    def get_buffer(self, sizehint: int) -> memoryview:
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        # Forward first, decode later. A hold point would keep them here.
        t_ns = perf_counter_ns()
        data = bytes(self._buffer[:nbytes])
        self._write(data)
        self._record(t_ns, self._recording, self.direction, data)

    def eof_received(self) -> bool:
        self.ended = True
        pair, peer = self.pair, self.peer
        pair.owner.recorder.add_eof(pair.recording, self.direction)
        pair.owner.half_closed(pair)
        if peer.transport is not None:
            with contextlib.suppress(OSError):  # already broken: its own connection_lost reports it
                peer.transport.write_eof()
        if peer.ended and not (peer.look_for_reset() or self.look_for_reset()):
            pair.close()
        return True  # the other direction may still be in use

    def pause_writing(self) -> None:
        transport = self.peer.transport
        if transport is not None:
            transport.pause_reading()

    def resume_writing(self) -> None:
        peer = self.peer
        # Reading after an end would only find the same end again.
        if peer.transport is not None and not peer.ended:
            peer.transport.resume_reading()

    def connection_lost(self, error: Exception | None) -> None:
        pair, transport = self.pair, self.transport
        self.transport = None
        self._write = _nowhere
        if error is not None and transport is not None:
            self._salvage(transport)
            self.broke(error)
        elif self.peer.transport is not None and not pair.failed:
            self.peer.close()
        pair.closed += 1
        if pair.closed == 2:
            pair.owner.over(pair)

    def broke(self, error: Exception) -> None:
        """This side reset the connection, or it broke: pass it on to the other side."""
        pair = self.pair
        if not pair.failed:
            pair.failed = True
            pair.owner.recorder.add_reset(pair.recording, self.direction, error)
        self.ended = True
        pair.reset()

    def look_for_reset(self) -> bool:
        """Whether this side has reset the connection since it ended; then the reset is passed on."""
        error = self.pending_error() if self.ended else None
        if error is None:
            return False
        self.broke(error)
        return True

    def pending_error(self) -> OSError | None:
        """The pending error of a socket that is no longer read."""
        if self.transport is None or self.transport.is_closing():
            return None
        sock = self.transport.get_extra_info("socket")
        number = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        return OSError(number, os.strerror(number)) if number else None

    def close(self) -> None:
        """Close when everything is written."""
        if self.transport is not None:
            self.transport.close()

    def reset(self) -> None:
        """Close at once, with a TCP reset."""
        transport = self.transport
        if transport is None:
            return
        with contextlib.suppress(OSError):  # a socket that is already broken does not need it
            sock = transport.get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_RESET)
        transport.abort()

    def _salvage(self, transport: asyncio.Transport) -> None:
        """Forward what was received before the connection broke.

        A server that refuses a long request writes its response and resets. If the tap notices while writing,
        that response is still unread in the socket, where a client without a tap would find it.
        """
        if self.ended:
            return
        found = b""
        with contextlib.suppress(OSError):  # nothing left
            number = transport.get_extra_info("socket").fileno()
            with socket.socket(fileno=os.dup(number)) as sock:
                sock.setblocking(False)
                while len(found) < _SALVAGE and (more := sock.recv(65_536)):
                    found += more
        if found and self.peer.transport is not None:
            t_ns = perf_counter_ns()
            self.peer.transport.write(found)
            self._record(t_ns, self._recording, self.direction, found)


def _nowhere(data: bytes) -> None:
    """Where bytes go once the other socket is gone."""
