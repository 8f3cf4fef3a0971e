"""The way of the bytes of a connection on which something may be held.

It decodes before it forwards: what was forwarded so far tells where the next head or frame begins. It goes on
reading meanwhile, into a bounded buffer, in which an end or a reset waits behind the bytes before it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from time import perf_counter_ns
from typing import Protocol

from wsplay.events.event import Direction, Lane
from wsplay.events.payload import payload_data
from wsplay.protocol.hold_points import DROPPED, EDITED, LET_GO, WAITS, HoldPoints, held_words
from wsplay.protocol.waiting import Waiting
from wsplay.wire.decode import Position
from wsplay.wire.decoded import Decoded
from wsplay.wire.head import MAX_HEAD, BadHead
from wsplay.wire.message import Message
from wsplay.wire.recorder import Recorder, Recording
from wsplay.wire.unit import Unit, frame_at, request_at, response_at

#: Bytes that may wait in one direction; more are left in the socket.
MAX_WAITING = 262_144


class Holder(Protocol):
    """Who knows what waits."""

    def next_id(self) -> int: ...
    def began(self, waiting: Waiting, /) -> None: ...
    def ended(self, number: int, /) -> None: ...


class Side(Protocol):
    """One socket of the connection, which receives the bytes of `direction`."""

    direction: Direction
    path: HeldPath | None

    def forward(self, data: bytes, /) -> None: ...
    def pass_end(self, error: Exception | None, /) -> None: ...
    def read_more(self, more: bool, /) -> None: ...
    def decode_first(self, path: HeldPath, /) -> None: ...
    def forward_first(self) -> None: ...


class HeldPath:
    """Both directions of one connection. `points` may change at any time."""

    def __init__(
        self,
        sides: tuple[Side, Side],
        recorder: Recorder,
        recording: Recording,
        holder: Holder,
        points: HoldPoints,
        on_failure: Callable[[BaseException], object],
    ) -> None:
        self.recorder = recorder
        self.recording = recording
        self.holder = holder
        self.points = points
        self.leaving = False  # nothing is held any more; the bytes that wait go first
        self._waiting: dict[int, _Held] = {}
        self._on_failure = on_failure
        self._ways: dict[Direction, _Way] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._sides = sides
        self.hold_at(points)

    def hold_at(self, points: HoldPoints) -> None:
        """Hold at these points from now on."""
        self.points = points
        self.leaving = False
        for side in self._sides:
            way = self._ways.get(side.direction)
            if way is not None and (way.over or side.path is self):
                continue
            way = self._ways[side.direction] = _Way(self, side)
            side.decode_first(self)
            task = asyncio.get_running_loop().create_task(way.run(), name="wsplay-held-path")
            self._tasks.add(task)
            task.add_done_callback(self._task_done)

    def take(self, direction: Direction, data: bytes) -> None:
        """Bytes were received."""
        self._ways[direction].take(data)

    def end(self, direction: Direction, error: Exception | None = None) -> None:
        """A direction has ended, with an error if it was reset."""
        self._ways[direction].end(error)

    def is_full(self, direction: Direction) -> bool:
        """Whether no more should be read."""
        return self._ways[direction].is_full

    def decide(self, number: int, phase: str, head: bytes | None = None) -> bool:
        """End the wait of what has this id. False if it is not this connection's."""
        held = self._waiting.get(number)
        if held is None:
            return False
        self.end_wait(held, phase, head)
        return True

    def leave(self, phase: str) -> None:
        """Hold nothing any more: what waits is let go, or dropped. Then bytes are forwarded first again."""
        self.leaving = True
        for held in list(self._waiting.values()):
            self.end_wait(held, phase)
        self.wake()

    def close(self) -> None:
        """The connection is over."""
        for held in list(self._waiting.values()):
            self.end_wait(held, DROPPED)
        for task in self._tasks:
            task.cancel()
        for side in self._sides:
            side.path = None

    # ---- for a direction

    def wake(self) -> None:
        """Something was forwarded, which may decide how to read the other direction."""
        for way in self._ways.values():
            way.woken.set()

    async def hold(self, way: _Way, unit: Unit) -> _Held:
        """Hold `unit` until it is decided what becomes of it."""
        now, conn, direction = perf_counter_ns(), self.recording.conn, way.side.direction
        number = self.holder.next_id()
        waiting = Waiting(number, conn, Lane.WIRE, unit.what, unit.about, direction, now, None, unit.head)
        held = self._waiting[number] = _Held(waiting)
        self._tell(held, WAITS, 0, unit.data)
        self.holder.began(waiting)
        await held.decided.wait()
        return held

    def end_wait(self, held: _Held, phase: str, head: bytes | None = None) -> None:
        waiting = held.waiting
        del self._waiting[waiting.id]
        held.phase = phase
        held.decided.set()
        self._tell(held, phase, (perf_counter_ns() - waiting.since_ns) // 1000, {})
        if phase == EDITED and head is not None and waiting.head is not None:
            held.head = head
            data = {
                "id": waiting.id,
                "before": payload_data(waiting.head, text=True),
                "after": payload_data(head, text=True),
            }
            self.recorder.add(
                self.recording, Decoded(Direction.C2S, "wire.edited", f"edited: {waiting.about}", data)
            )
        self.holder.ended(waiting.id)

    def _tell(self, held: _Held, phase: str, held_us: int, more: dict[str, object]) -> None:
        waiting = held.waiting
        data = {"id": waiting.id, "what": waiting.what, "phase": phase, "held_us": held_us}
        data |= {"about": waiting.about, **more}
        direction = waiting.direction or Direction.C2S
        decoded = Decoded(direction, "wire.held", held_words(data, waiting.about), data)
        self.recorder.add(self.recording, decoded)

    def _task_done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None:
            self._on_failure(error)


class _Held:
    """What waits, and what becomes of it."""

    __slots__ = ("decided", "head", "phase", "waiting")

    def __init__(self, waiting: Waiting) -> None:
        self.waiting = waiting
        self.phase = WAITS
        self.head: bytes | None = None  # in place of its own
        self.decided = asyncio.Event()


class _Way:
    """One direction: its bytes that were received and not forwarded yet."""

    def __init__(self, path: HeldPath, side: Side) -> None:
        self.side = side
        self.woken = asyncio.Event()
        self.over = False  # its end was passed on
        self._path = path
        self._bytes = bytearray()
        self._ended = False
        self._error: Exception | None = None
        self._full = False
        self._rest = 0  # bytes that still belong to a frame that was decided about
        self._dropping = False  # whether these are dropped
        self._body: Message | None = None  # of the head that was forwarded or dropped

    @property
    def is_full(self) -> bool:
        return len(self._bytes) >= MAX_WAITING

    def take(self, data: bytes) -> None:
        self._bytes += data
        if self.is_full and not self._full:
            self._full = True
            self.side.read_more(False)
        self.woken.set()

    def end(self, error: Exception | None) -> None:
        self._ended, self._error = True, error
        self.woken.set()

    async def run(self) -> None:
        """Forward what is received until the connection ends or nothing is held any more."""
        path = self._path
        while True:
            # What is left of something that was dropped does not pass either.
            leaving = path.leaving and not (self._dropping and (self._rest or self._body is not None))
            if leaving:
                self._pass(len(self._bytes))
            if not self._bytes:
                if self._ended:
                    self.over = True
                    self.side.pass_end(self._error)
                    return
                if leaving:
                    self.side.forward_first()
                    return
                await self._more()
            elif self._rest:
                count = min(self._rest, len(self._bytes))
                self._rest -= count
                self._pass(count, drop=self._dropping)
            elif self._body is not None:
                self._pass_body(self._body)
            else:
                await self._next()

    async def _next(self) -> None:
        """Deal with what begins here."""
        path, side = self._path, self.side
        await path.recorder.drain()
        position, lacking = path.recording.conversation.position(side.direction)
        if position is Position.EARLY and not self._ended and not self.is_full:
            await self._more()
            return
        over = self._ended or self.is_full  # no more of it will come before this is decided
        match position:
            case Position.HEAD:
                unit = self._head()
                over = over or len(self._bytes) > MAX_HEAD
            case Position.FRAME:
                unit = frame_at(side.direction, bytes(self._bytes))
                if unit is not None and unit.size > len(self._bytes) and not over:
                    unit = None
            case _:
                self._pass(min(lacking or len(self._bytes), len(self._bytes)))
                return
        if unit is not None:
            await self._decide(unit)
        elif over:
            self._pass(len(self._bytes))
        else:
            await self._more()

    def _head(self) -> Unit | None:
        data = bytes(self._bytes)
        if self.side.direction is Direction.C2S:
            return request_at(data)
        try:
            return response_at(data, self._path.recording.conversation.asked)
        except BadHead:
            self._pass(len(data))
            return None

    async def _decide(self, unit: Unit) -> None:
        path = self._path
        phase, head = LET_GO, None
        if not path.leaving and unit.is_taken(path.points):
            held = await path.hold(self, unit)
            phase, head = held.phase, held.head
        self._dropping = phase == DROPPED
        there = min(unit.size, len(self._bytes))
        self._rest = unit.size - there
        self._body = None if unit.body is None or unit.body.complete else unit.body
        if head is not None:
            self._pass(there, drop=True)
            self._forward(head)
        else:
            self._pass(there, drop=self._dropping)

    def _pass_body(self, body: Message) -> None:
        data = bytes(self._bytes)
        count = body.take(data)
        self._pass(count or len(data), drop=self._dropping)
        if body.complete:
            self._body = None

    def _pass(self, count: int, *, drop: bool = False) -> None:
        """Forward, or drop, the first `count` bytes that wait."""
        data = bytes(self._bytes[:count])
        del self._bytes[:count]
        if data and not drop:
            self._forward(data)
        if self._full and not self.is_full:
            self._full = False
            self.side.read_more(True)

    def _forward(self, data: bytes) -> None:
        t_ns = perf_counter_ns()
        self.side.forward(data)
        self._path.recorder.add_bytes(t_ns, self._path.recording, self.side.direction, data)
        self._path.wake()

    async def _more(self) -> None:
        """Wait until more is received, or something else has changed."""
        self.woken.clear()
        await self.woken.wait()
