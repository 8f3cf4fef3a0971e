"""Holds ASGI messages on their way between server and app until the parent lets them pass.

While nothing is held or to be held, `Gate.busy` is empty and no message comes here.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

from wsplay.events.event import Place, Source
from wsplay.protocol.hold_points import (
    DROPPED,
    LET_GO,
    NOTHING,
    RECEIVE,
    SEND,
    WAITS,
    HoldPoints,
)
from wsplay.server.child.asgi_json import message_data
from wsplay.server.child.sender import Sender
from wsplay.server.ipc import Where

#: Ports kept of connections that are to be spared and have no scope yet.
_MAX_SPARED = 64


class Held:
    """A message that waits at the gate. `phase` says how that ended, once it has."""

    __slots__ = ("_decided", "id", "message", "phase", "since_ns", "what")

    def __init__(self, number: int, what: str, message: Any) -> None:
        self.id = number
        self.what = what
        self.message = message
        self.since_ns = time.perf_counter_ns()
        self.phase = WAITS
        self._decided = asyncio.Event()

    def decide(self, phase: str) -> None:
        """End the wait."""
        self.phase = phase
        self._decided.set()

    async def decided(self) -> str:
        """Wait for the end, and return its phase."""
        await self._decided.wait()
        return self.phase


class Gate:
    """The messages of all connections that wait. For the loop's thread.

    `stop_time` is called before a message waits. What begins and ends is reported to the parent, which says
    when time goes on.
    """

    def __init__(self, sender: Sender, stop_time: Callable[[], object] = lambda: None) -> None:
        self.points = NOTHING
        #: What sends messages this way: the points, and connections of which something is on its way here.
        self.busy: set[object] = set()
        self._sender = sender
        self._stop_time = stop_time
        self._last_id = 0
        self._waiting: dict[int, tuple[Held, Passage]] = {}
        self._passages: set[Passage] = set()
        self._to_spare: deque[int] = deque(maxlen=_MAX_SPARED)
        self._paused = False

    @property
    def waiting(self) -> int:
        """How many messages wait."""
        return len(self._waiting)

    def begin(self, port: int | None) -> Passage:
        """A connection begins. Close its passage when it is over."""
        passage = Passage(self, port)
        passage.spared = self._paused
        if port is not None and port in self._to_spare:
            self._to_spare.remove(port)
            passage.spared = True
        self._passages.add(passage)
        return passage

    def hold_at(self, points: HoldPoints) -> None:
        """Hold at these points from now on. Without any, all that waits is let go."""
        self.points = points
        if points.at_asgi:
            self.busy.add(self)
            return
        self.busy.discard(self)
        self._to_spare.clear()
        for held, passage in list(self._waiting.values()):
            self._end(held, passage, LET_GO)

    def decide(self, number: int, phase: str) -> None:
        """End one wait. Does nothing if it has ended."""
        found = self._waiting.get(number)
        if found is not None:
            self._end(*found, phase)

    def spare(self, port: int) -> None:
        """Drop what is held of a connection that is about to end, and hold nothing more of it."""
        passages = [passage for passage in self._passages if passage.port == port]
        for passage in passages:
            self._spare(passage)
        if not passages and self.points:
            self._to_spare.append(port)

    def pause(self) -> None:
        """Spare all connections, also those that begin before `go_on`."""
        self._paused = True
        for passage in self._passages:
            self._spare(passage)

    def go_on(self) -> None:
        """Hold again what is to be held of connections that begin from now on."""
        self._paused = False

    # ---- for a passage

    def hold(self, passage: Passage, what: str, message: Any, where: Where | None) -> Held:
        """Begin to hold a message."""
        self._stop_time()
        self._last_id += 1
        held = Held(self._last_id, what, message)
        self._waiting[held.id] = (held, passage)
        payload = ({"id": held.id, "what": what, "phase": WAITS, "held_us": 0}, message)
        self._sender.send_needed("asgi.held", passage.port, payload, _waits_data, where)
        return held

    def cancelled(self, held: Held, passage: Passage) -> None:
        """The app no longer waits for its `send`, or has ended: the message will not pass."""
        if held.id in self._waiting:
            self._end(held, passage, DROPPED, why="cancelled")

    def over(self, passage: Passage) -> None:
        self._passages.discard(passage)

    def _spare(self, passage: Passage) -> None:
        passage.spared = True
        for held, its in list(self._waiting.values()):
            if its is passage:
                # Without the message that says so, the app would never learn of the end.
                ends = held.what == RECEIVE and str(_type(held.message)).endswith(".disconnect")
                self._end(held, passage, LET_GO if ends else DROPPED)

    def _end(self, held: Held, passage: Passage, phase: str, **more: str) -> None:
        del self._waiting[held.id]
        held.decide(phase)
        held_us = (time.perf_counter_ns() - held.since_ns) // 1000
        data = {"id": held.id, "what": held.what, "phase": phase, "held_us": held_us, **more}
        self._sender.send_needed("asgi.held", passage.port, data)


class Passage:
    """One connection's way through the gate."""

    __slots__ = ("_gate", "_inside", "_kept", "_sending", "port", "spared")

    def __init__(self, gate: Gate, port: int | None) -> None:
        self.port = port
        self.spared = False
        self._gate = gate
        self._inside = 0  # calls that are on their way through
        #: Messages whose `receive()` the app cancelled: it gets them first when it calls again.
        self._kept: list[Held] = []
        self._sending = asyncio.Lock()

    async def receive(
        self, receive: Callable[[], Awaitable[Any]], source: Callable[[], Where | None], *first: Any
    ) -> Any:
        """The next message for the app: `first` if it is there already, else one of `receive()`."""
        coming = list(first)
        with _Inside(self):
            while True:
                if self._kept:
                    held = self._kept.pop(0)
                else:
                    message = coming.pop() if coming else await receive()
                    where = source()
                    if not self._takes(message, where):
                        return message
                    held = self._gate.hold(self, RECEIVE, message, where)
                try:
                    phase = await held.decided()
                except BaseException:
                    self._kept.append(held)
                    self._kept.sort(key=lambda kept: kept.id)
                    raise
                if phase != DROPPED:
                    return held.message

    async def send(self, message: Any, where: Where | None, pass_on: Callable[[], Awaitable[None]]) -> None:
        """Call `pass_on` once this message of the app's may pass, in the order in which they came."""
        with _Inside(self):
            async with self._sending:
                if self._takes(message, where):
                    held = self._gate.hold(self, SEND, message, where)
                    try:
                        phase = await held.decided()
                    except BaseException:
                        self._gate.cancelled(held, self)
                        raise
                    if phase == DROPPED:
                        return
                await pass_on()

    def close(self) -> None:
        """The app has ended."""
        while self._kept:
            self._gate.cancelled(self._kept.pop(0), self)
        self._gate.busy.discard(self)
        self._gate.over(self)

    def _takes(self, message: Any, where: Where | None) -> bool:
        if self.spared:
            return False
        return self._gate.points.takes_message(str(_type(message)), _source(where))

    def enter(self) -> None:
        self._inside += 1
        self._gate.busy.add(self)

    def leave(self) -> None:
        self._inside -= 1
        if not self._inside and not self._kept:
            self._gate.busy.discard(self)


class _Inside:
    """While a call is on its way through, later ones may not overtake it past the gate."""

    __slots__ = ("_passage",)

    def __init__(self, passage: Passage) -> None:
        self._passage = passage

    def __enter__(self) -> None:
        self._passage.enter()

    def __exit__(self, *exc: object) -> None:
        self._passage.leave()


def _type(message: Any) -> Any:
    return message.get("type") if type(message) is dict else None


def _source(where: Where | None) -> Source | None:
    if where is None:
        return None
    chain = tuple(Place(*place) for place in where.chain)
    return Source(where.file, where.line, where.function, where.by, chain)


def _waits_data(payload: tuple[dict[str, Any], Any]) -> dict[str, Any]:
    data, message = payload
    return data | message_data(message)
