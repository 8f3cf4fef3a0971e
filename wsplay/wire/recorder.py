"""Turns the bytes that the tap has forwarded into events: later, in order, in short slices."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from enum import Enum
from time import perf_counter_ns

from wsplay.events.event import Direction, Event, Lane
from wsplay.events.safe_text import visible
from wsplay.wire.decode import Conversation
from wsplay.wire.decoded import Decoded
from wsplay.wire.stray import stray

#: Seconds that bytes wait to be decoded. Decoding many at once costs far less than one at a time between two
#: forwards, when the processor's caches are cold.
_LATEST = 0.005
#: Bytes that may wait to be decoded; above this, they are decoded before more are read.
_MAX_WAITING = 1_048_576
#: Nanoseconds of decoding after which the loop gets a turn.
_SLICE_NS = 5_000_000
#: Seconds of silence after which stray bytes become an event, even if more may come.
_SETTLE = 0.02


class _End(Enum):
    EOF = 1
    RESET = 2
    OVER = 3  # both sockets are closed


class Recording:
    """What is known about one connection: its number, None until it has one, and its bytes so far."""

    __slots__ = ("conn", "conversation")

    def __init__(self) -> None:
        self.conn: int | None = None
        self.conversation = Conversation()


class Recorder:
    """Notes what is forwarded and decodes it when there is time. `on_event` gets the events in order of time.

    For the thread of one event loop. An error in the decoder or in `on_event` never reaches the caller.
    """

    def __init__(self, on_event: Callable[[Event], object]) -> None:
        self._on_event = on_event
        # What waits to be decoded or passed on: time, connection, direction, content.
        self._waiting: deque[tuple[int, Recording, Direction, bytes | _End | Decoded]] = deque()
        self._waiting_bytes = 0
        self._draining = False
        self._later: asyncio.Handle | None = None
        self._gathering: set[Recording] = set()  # connections with stray bytes that are not an event yet
        self._settle: asyncio.TimerHandle | None = None

    def add_bytes(self, t_ns: int, recording: Recording, direction: Direction, data: bytes) -> None:
        """Bytes that were forwarded, at `t_ns`."""
        self._waiting.append((t_ns, recording, direction, data))
        self._waiting_bytes += len(data)
        if self._waiting_bytes > _MAX_WAITING:
            self._drain(None)
        elif self._later is None:
            self._schedule()

    def add(self, recording: Recording, what: Decoded) -> None:
        """Something that happened now and has no bytes."""
        self._add(recording, what.direction, what)

    def add_eof(self, recording: Recording, direction: Direction) -> None:
        """This direction has ended."""
        self._add(recording, direction, _End.EOF)

    def add_reset(self, recording: Recording, direction: Direction, error: Exception) -> None:
        """The connection was reset, or could not be made; `direction` is that of the missing end."""
        self._add(recording, direction, _End.RESET)
        words = str(error) or type(error).__name__
        self.add(
            recording, Decoded(direction, "wire.reset", f"reset  {visible(words, 120)}", {"error": words})
        )

    def add_over(self, recording: Recording) -> None:
        """Both sockets are closed."""
        self._add(recording, Direction.C2S, _End.OVER)

    def watermark_ns(self, now_ns: int) -> int:
        """The watermark: all events before it were passed on."""
        return self._waiting[0][0] if self._waiting else now_ns

    def flush(self) -> None:
        """Decode and pass on everything now."""
        if self._settle is not None:
            self._settle.cancel()
            self._settle = None
        self._drain(None)  # in order of time
        for recording in self._gathering:
            self._hand_over(perf_counter_ns(), recording, recording.conversation.settle())
        self._gathering.clear()

    def close(self) -> None:
        """Pass on the rest; nothing is left to do afterwards."""
        self.flush()
        if self._later is not None:
            self._later.cancel()

    def _add(self, recording: Recording, direction: Direction, what: _End | Decoded) -> None:
        self._waiting.append((perf_counter_ns(), recording, direction, what))
        if self._later is None:
            self._schedule()

    def _schedule(self) -> None:
        self._later = asyncio.get_running_loop().call_later(_LATEST, self._drain_slice)

    def _drain_slice(self) -> None:
        self._drain(perf_counter_ns() + _SLICE_NS)
        self._later = None
        if self._waiting:
            self._later = asyncio.get_running_loop().call_soon(self._drain_slice)

    def _drain(self, until_ns: int | None) -> None:
        """Decode what waits, all of it or until `until_ns`."""
        if self._draining:  # called from `on_event`: the rest comes after the current event
            return
        self._draining = True
        waiting = self._waiting
        try:
            while waiting and (until_ns is None or perf_counter_ns() <= until_ns):
                t_ns, recording, direction, what = waiting.popleft()
                if isinstance(what, bytes):
                    self._waiting_bytes -= len(what)
                self._hand_over(t_ns, recording, self._decoded(recording, direction, what))
        finally:
            self._draining = False

    def _decoded(
        self, recording: Recording, direction: Direction, what: bytes | _End | Decoded
    ) -> list[Decoded]:
        conversation = recording.conversation
        if isinstance(what, Decoded):
            return [what]
        try:
            if isinstance(what, bytes):
                out = conversation.feed(direction, what)
                if conversation.gathering and recording not in self._gathering:
                    self._gathering.add(recording)
                    if self._settle is None:
                        self._settle = asyncio.get_running_loop().call_later(_SETTLE, self.flush)
                return out
            if what is _End.EOF:
                return [*conversation.eof(direction), Decoded(direction, "wire.eof", "EOF", {})]
            reset = what is _End.RESET
            return [
                *conversation.eof(Direction.C2S, reset=reset),
                *conversation.eof(Direction.S2C, reset=reset),
            ]
        except Exception as error:  # noqa: BLE001 - a fault of the decoder must not stop what it watches
            data = what if isinstance(what, bytes) else b""
            return [stray(direction, data, f"wsplay could not decode this: {type(error).__name__}: {error}")]

    def _hand_over(self, t_ns: int, recording: Recording, decoded: list[Decoded]) -> None:
        for one in decoded:
            event = Event(t_ns, Lane.WIRE, one.kind, one.summary, recording.conn, one.direction, one.data)
            try:
                self._on_event(event)
            except Exception as error:  # noqa: BLE001 - told to the loop's handler; bytes flow on
                context = {"message": "the tap's on_event failed", "exception": error}
                asyncio.get_running_loop().call_exception_handler(context)
