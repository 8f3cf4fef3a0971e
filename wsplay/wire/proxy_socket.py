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
from wsplay.protocol.hold_points import DROPPED, LET_GO, HoldPoints
from wsplay.wire.held_path import HeldPath, Holder
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

    __slots__ = (
        "client", "client_address", "closed", "failed", "owner", "path", "recording", "server", "spared"
    )  # fmt: skip

    def __init__(self, owner: Owner) -> None:
        self.owner = owner
        self.recording = Recording()
        self.client = Side(self, Direction.C2S)
        self.server = Side(self, Direction.S2C)
        self.client_address: list[str | int] = []
        self.closed = 0  # how many of its sockets are gone
        self.failed = False  # a reset was seen and recorded
        self.path: HeldPath | None = None  # while something may be held of it
        self.spared = False  # nothing more is to be held of it

    def hold_at(self, points: HoldPoints, holder: Holder) -> None:
        """Hold at these points from now on. Without any, all that waits is let go."""
        if not points.at_wire:
            if self.path is not None:
                self.path.leave(LET_GO)
        elif self.spared or self.server.transport is None or self.client.transport is None:
            return
        elif self.path is None:
            sides, recorder = (self.client, self.server), self.owner.recorder
            self.path = HeldPath(sides, recorder, self.recording, holder, points, self._path_failed)
        else:
            self.path.hold_at(points)

    def spare(self) -> None:
        """Drop what is held, and hold nothing more."""
        self.spared = True
        if self.path is not None:
            self.path.leave(DROPPED)

    def _path_failed(self, error: BaseException) -> None:
        context = {"message": "a held connection failed", "exception": error}
        asyncio.get_running_loop().call_exception_handler(context)
        self.reset()

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

    __slots__ = (
        "_buffer", "_record", "_recording", "_write", "direction", "end_passed", "ended", "pair", "path",
        "transport",
    )  # fmt: skip

    def __init__(self, pair: ProxySocket, direction: Direction) -> None:
        self.pair = pair
        self._buffer = pair.owner.buffer
        self._record = pair.owner.recorder.add_bytes
        self._recording = pair.recording
        self.direction = direction
        self.transport: asyncio.Transport | None = None
        self.ended = False  # nothing more will be received
        self.end_passed = False  # and the other side was told so
        self.path: HeldPath | None = None  # what received bytes go through before they are forwarded
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

    # ---- while something may be held (`held_path.Side`)

    def decode_first(self, path: HeldPath) -> None:
        """From now on, received bytes go through `path`, which forwards them."""
        direction = self.direction
        self.path = path
        self._write = lambda data: path.take(direction, data)
        self._record = _not_yet

    def forward_first(self) -> None:
        """Received bytes are forwarded at once again."""
        self.path = None
        self._record = self.pair.owner.recorder.add_bytes
        peer = self.peer.transport
        self._write = _nowhere if peer is None or self.transport is None else peer.write

    def forward(self, data: bytes) -> None:
        """Write to the other side, if it is still there."""
        if self.peer.transport is not None:
            self.peer.transport.write(data)

    def pass_end(self, error: Exception | None) -> None:
        """Pass on the end of this direction, or a reset, after the bytes before it."""
        if error is not None:
            self.broke(error)
            return
        self.end_passed = True
        pair, peer = self.pair, self.peer
        pair.owner.recorder.add_eof(pair.recording, self.direction)
        pair.owner.half_closed(pair)
        if peer.transport is not None:
            with contextlib.suppress(OSError):  # already broken: its own connection_lost reports it
                peer.transport.write_eof()
        if peer.end_passed and not (peer.look_for_reset() or self.look_for_reset()):
            pair.close()

    def read_more(self, more: bool) -> None:
        """Go on reading, or do not."""
        if self.transport is None or self.ended:
            return
        if not more:
            self.transport.pause_reading()
        elif self.peer.transport is None or self.peer.transport.get_write_buffer_size() < HIGH_WATER:
            self.transport.resume_reading()

    # ---- what asyncio calls

    def get_buffer(self, sizehint: int) -> memoryview:
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        # Forward first, decode later. While something may be held, `path` does both, in the other order.
        t_ns = perf_counter_ns()
        data = bytes(self._buffer[:nbytes])
        self._write(data)
        self._record(t_ns, self._recording, self.direction, data)

    def eof_received(self) -> bool:
        self.ended = True
        if self.path is not None:
            self.path.end(self.direction)
        else:
            self.pass_end(None)
        return True  # the other direction may still be in use

    def pause_writing(self) -> None:
        transport = self.peer.transport
        if transport is not None:
            transport.pause_reading()

    def resume_writing(self) -> None:
        peer = self.peer
        # Reading after an end would only find the same end again.
        if peer.transport is not None and not peer.ended and not peer.is_full:
            peer.transport.resume_reading()

    @property
    def is_full(self) -> bool:
        """Whether enough bytes wait for what is held before them."""
        return self.path is not None and self.path.is_full(self.direction)

    def connection_lost(self, error: Exception | None) -> None:
        pair, transport = self.pair, self.transport
        self.transport = None
        if self.path is None:
            self._write = _nowhere
        if error is not None and transport is not None:
            self._salvage(transport)
            if self.path is not None:
                self.ended = True
                self.path.end(self.direction, error)
            else:
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
        error = self.pending_error() if self.end_passed else None
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
        if found and self.path is not None:
            self.path.take(self.direction, found)
        elif found and self.peer.transport is not None:
            t_ns = perf_counter_ns()
            self.peer.transport.write(found)
            self._record(t_ns, self._recording, self.direction, found)


def _not_yet(t_ns: int, recording: Recording, direction: Direction, data: bytes) -> None:
    """Who records bytes before they are forwarded: nobody."""


def _nowhere(data: bytes) -> None:
    """Where bytes go once the other socket is gone."""
