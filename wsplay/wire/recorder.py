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
from wsplay.wire.decoded import Decoded, not_shown
from wsplay.wire.stray import stray

#: Seconds that bytes wait to be decoded. Decoding many at once costs far less than one at a time between two
#: forwards, when the processor's caches are cold.
_LATEST = 0.005
#: Bytes that may wait to be decoded, and what each chunk adds for itself. Above this, frames are only
#: counted, until a quarter of it waits; above four times as much, before more is read.
_MAX_WAITING, _CHUNK = 1_048_576, 128
#: Nanoseconds of decoding after which the loop gets a turn.
_SLICE_NS = 4_000_000
#: Bytes decoded between two looks at the clock, more within a long frame: at most 512 events.
_PIECE = 1024
#: The same where frames are only counted.
_SKIPPED_PIECE = 4096
#: Nanoseconds after which counted frames are told at the latest.
_TELL_NS = 1_000_000_000
#: Seconds of silence after which stray bytes become an event, even if more may come.
_SETTLE = 0.02


class _End(Enum):
    EOF = 1
    RESET = 2
    OVER = 3  # both sockets are closed


class Recording:
    """What is known about one connection: its number, None until it has one, and its bytes so far."""

    __slots__ = ("conn", "conversation", "not_shown")

    def __init__(self) -> None:
        self.conn: int | None = None
        self.conversation = Conversation()
        #: Frames and bytes that were only counted and are not told yet, by direction.
        self.not_shown: dict[Direction, tuple[int, int]] = {}


class Recorder:
    """Notes what is forwarded and decodes it when there is time. `on_event` gets the events in order of time.

    Decoding happens in slices of a few milliseconds, between which the loop has its turn. Frames that come
    faster than they can be decoded, or than the caller can use the events (`is_behind`), are counted instead,
    and a note says how many; heads, close frames, ends and resets are always shown. For the thread of one
    event loop. An error in the decoder or in `on_event` never reaches the caller.
    """

    def __init__(
        self,
        on_event: Callable[[Event], object],
        *,
        is_behind: Callable[[], bool] = lambda: False,
        clock: Callable[[], int] = perf_counter_ns,
    ) -> None:
        self._on_event = on_event
        self._is_behind = is_behind
        self._clock = clock
        # What waits to be decoded or passed on: time, connection, direction, content.
        self._waiting: deque[tuple[int, Recording, Direction, bytes | _End | Decoded]] = deque()
        self._at = 0  # bytes of the first one that are decoded
        self._waiting_bytes = 0
        self._taken = 0  # how many of them are done, ever
        self._skipping = False  # frames are counted, not shown
        self._not_shown: set[Recording] = set()  # connections with frames that were counted and are not told
        self._told_ns = 0  # when all such were told last
        self._closing = False
        self._draining = False
        self._later: asyncio.Handle | None = None
        self._gathering: set[Recording] = set()  # connections with stray bytes that are not an event yet
        self._settle: asyncio.TimerHandle | None = None

    def add_bytes(self, t_ns: int, recording: Recording, direction: Direction, data: bytes) -> None:
        """Bytes that were forwarded, at `t_ns`."""
        self._waiting.append((t_ns, recording, direction, data))
        self._waiting_bytes += len(data) + _CHUNK
        if self._waiting_bytes > _MAX_WAITING:
            self._make_room()
        if self._later is None:
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
        """Decode and pass on everything now, however long it takes."""
        self._drain(None)  # in order of time
        self._tell_not_shown()
        self._settle_strays()

    async def drain(self) -> None:
        """Decode and pass on everything that waits now, in slices."""
        goal = self._taken + len(self._waiting)
        while self._taken < goal:
            self._drain(self._clock() + _SLICE_NS)
            await asyncio.sleep(0)
        self._settle_strays()

    def close(self, limit_ns: int = 50_000_000) -> None:
        """Pass on the rest; nothing is left to do afterwards. Frames that are left after `limit_ns` are
        counted.
        """
        self._drain(self._clock() + limit_ns)
        self._closing = True
        self._drain(None)
        self._tell_not_shown()
        self._settle_strays()
        if self._later is not None:
            self._later.cancel()

    def _add(self, recording: Recording, direction: Direction, what: _End | Decoded) -> None:
        self._waiting.append((self._clock(), recording, direction, what))
        if self._later is None:
            self._schedule()

    def _schedule(self) -> None:
        self._later = asyncio.get_running_loop().call_later(_LATEST, self._drain_slice)

    def _drain_slice(self) -> None:
        self._drain(self._clock() + _SLICE_NS)
        self._later = None
        if self._not_shown and (not self._waiting or self._clock() - self._told_ns > _TELL_NS):
            self._tell_not_shown()
        if self._waiting:
            self._later = asyncio.get_running_loop().call_soon(self._drain_slice)

    def _make_room(self) -> None:
        """Too much waits: decode for a slice. If that does not help, count frames; memory is bounded."""
        if not self._skipping:
            self._drain(self._clock() + _SLICE_NS)
            self._skipping = self._waiting_bytes > _MAX_WAITING
        while self._waiting_bytes > 4 * _MAX_WAITING and not self._draining:
            self._drain(self._clock())

    def _drain(self, until_ns: int | None) -> None:
        """Decode what waits, all of it or until `until_ns`, but at least one piece."""
        if self._draining:  # called from `on_event`: the rest comes after the current event
            return
        self._draining = True
        try:
            while self._waiting:
                self._step()
                if until_ns is not None and self._clock() > until_ns:
                    break
        finally:
            self._draining = False

    def _step(self) -> None:
        """Decode one piece of what waits longest."""
        t_ns, recording, direction, what = self._waiting[0]
        if not isinstance(what, bytes):
            self._done()
            self._tell_not_shown_of(recording, t_ns)
            self._hand_over(t_ns, recording, self._decoded(recording, direction, what))
            return
        skipping = self._must_skip()
        size = _SKIPPED_PIECE if skipping else max(_PIECE, recording.conversation.room(direction))
        piece = what[self._at : self._at + size] if self._at or size < len(what) else what
        self._at += len(piece)
        self._waiting_bytes -= len(piece)
        if self._at >= len(what):
            self._waiting_bytes -= _CHUNK
            self._done()
        if skipping:
            self._hand_over(t_ns, recording, self._counted(recording, direction, piece))
        else:
            self._tell_not_shown_of(recording, t_ns)
            self._hand_over(t_ns, recording, self._decoded(recording, direction, piece))

    def _done(self) -> None:
        self._waiting.popleft()
        self._at = 0
        self._taken += 1

    def _must_skip(self) -> bool:
        """Whether frames are counted at present, instead of shown."""
        if self._skipping:
            self._skipping = self._waiting_bytes > _MAX_WAITING // 4
        return self._skipping or self._closing or self._is_behind()

    def _counted(self, recording: Recording, direction: Direction, data: bytes) -> list[Decoded]:
        """Read a piece whose frames are only counted; what must be shown nevertheless."""
        try:
            out, frames = recording.conversation.skim(direction, data)
        except Exception:  # noqa: BLE001 - as below, where it is told
            return self._decoded(recording, direction, data)
        if frames:
            counted, size = recording.not_shown.get(direction, (0, 0))
            recording.not_shown[direction] = (counted + frames, size + len(data))
            self._not_shown.add(recording)
        self._gather(recording)
        return out

    def _tell_not_shown(self) -> None:
        self._told_ns = self._clock()
        for recording in tuple(self._not_shown):
            self._tell_not_shown_of(recording, self.watermark_ns(self._clock()))

    def _tell_not_shown_of(self, recording: Recording, t_ns: int) -> None:
        """Tell how many frames of a connection were counted since this was told last."""
        if not recording.not_shown:
            return
        counted, recording.not_shown = recording.not_shown, {}
        self._not_shown.discard(recording)
        self._hand_over(t_ns, recording, [not_shown(way, *counts) for way, counts in counted.items()])

    def _decoded(
        self, recording: Recording, direction: Direction, what: bytes | _End | Decoded
    ) -> list[Decoded]:
        conversation = recording.conversation
        if isinstance(what, Decoded):
            return [what]
        try:
            if isinstance(what, bytes):
                out = conversation.feed(direction, what)
                self._gather(recording)
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

    def _gather(self, recording: Recording) -> None:
        """Report the connection's stray bytes a little later, unless they are complete before."""
        if recording.conversation.gathering and recording not in self._gathering:
            self._gathering.add(recording)
            if self._settle is None:
                self._settle = asyncio.get_running_loop().call_later(_SETTLE, self._settle_strays)

    def _settle_strays(self) -> None:
        """Report the stray bytes that were read so far."""
        if self._settle is not None:
            self._settle.cancel()
            self._settle = None
        t_ns = self.watermark_ns(self._clock())
        for recording in self._gathering:
            self._hand_over(t_ns, recording, recording.conversation.settle())
        self._gathering.clear()

    def _hand_over(self, t_ns: int, recording: Recording, decoded: list[Decoded]) -> None:
        for one in decoded:
            event = Event(t_ns, Lane.WIRE, one.kind, one.summary, recording.conn, one.direction, one.data)
            try:
                self._on_event(event)
            except Exception as error:  # noqa: BLE001 - told to the loop's handler; bytes flow on
                context = {"message": "the tap's on_event failed", "exception": error}
                asyncio.get_running_loop().call_exception_handler(context)
