"""What is held at present, at the tap and in the server's process, and the clocks that stand still."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Protocol

from wsplay.client.clock import Clock
from wsplay.events.event import Event, Lane
from wsplay.protocol.hold_points import (
    DROPPED,
    EDITED,
    NOTHING,
    RECEIVE,
    SEND,
    STEPPED,
    WAITS,
    HoldPoints,
    held_words,
)
from wsplay.protocol.waiting import Waiting
from wsplay.server import ipc
from wsplay.wire.held_path import Holder

#: Seconds after the last release until time goes on: what was released is read by then, and what follows from
#: it may be held in turn.
GO_ON_AFTER = 0.02
#: Messages of the server's process that may wait; it holds two for each connection.
MAX_WAITING = 10_000

#: What the server's process is told.
HoldMessage = ipc.Hold | ipc.Decide | ipc.Spare | ipc.StopTime | ipc.TimeGoesOn


class WireGate(Protocol):
    """What holds at the tap, and who knows of it."""

    holder: Holder | None

    def hold_at(self, points: HoldPoints) -> None: ...
    def decide(self, number: int, phase: str, head: bytes | None = None) -> None: ...
    def spare(self, conn: int) -> None: ...
    def spare_all(self) -> None: ...


class Holding:
    """What waits, oldest first, and what becomes of it. For the thread of one event loop; `points`, `waiting`
    and `still` may be read from any.

    While something waits, `clock` stands still, and so does the time of the server's process.
    """

    def __init__(
        self,
        clock: Clock,
        wire: WireGate,
        tell_server: Callable[[HoldMessage], object],
        port_of: Callable[[int], int | None],
        on_event: Callable[[Event], object],
    ) -> None:
        self.points = NOTHING
        self.waiting: tuple[Waiting, ...] = ()
        self._clock = clock
        self._wire = wire
        wire.holder = self
        self._tell_server = tell_server
        self._port_of = port_of
        self._on_event = on_event
        self._main = ""  # what events call the scenario's file
        self._last_id = 0
        #: What the server's process holds, by its own number, until it tells of the end.
        self._of_server: dict[int, Waiting] = {}
        self._listeners: list[Callable[[], object]] = []
        self._go_on: asyncio.TimerHandle | None = None

    @property
    def still(self) -> bool:
        """Whether the clocks stand still."""
        return self._clock.still

    # ---- what a person decides

    def hold_at(self, points: HoldPoints) -> None:
        """Hold at these points from now on. Without any, all that waits is let go."""
        self.points = points
        self._wire.hold_at(points)
        self.tell_points()
        self._changed()

    def step(self, number: int | None = None) -> bool:
        """Let what has this id, or has waited longest, pass. False if it does not wait any more."""
        return self._decide(number, STEPPED)

    def drop(self, number: int | None = None) -> bool:
        """Drop it: it does not pass. False if it does not wait any more."""
        return self._decide(number, DROPPED)

    def edit(self, number: int, head: bytes) -> bool:
        """Let a request pass with these bytes as its head. False if it is no request that waits."""
        waiting = self._find(number)
        if waiting is None or not waiting.editable or not head:
            return False
        self._wire.decide(number, EDITED, head)
        return True

    async def next_waiting(self) -> Waiting:
        """What has waited longest, as soon as anything waits."""
        woken = asyncio.Event()
        with self.on_change(woken.set):
            while not self.waiting:
                woken.clear()
                await woken.wait()
        return self.waiting[0]

    @contextlib.contextmanager
    def on_change(self, listener: Callable[[], object]) -> Iterator[None]:
        """Call `listener` whenever something begins or ends to wait, or the points change."""
        self._listeners.append(listener)
        try:
            yield
        finally:
            self._listeners.remove(listener)

    # ---- what ends connections

    def spare(self, conn: int | None) -> None:
        """Drop what is held of a connection that is about to end, and hold nothing more of it."""
        if conn is None or not self.points:
            return
        self._wire.spare(conn)
        if (port := self._port_of(conn)) is not None:
            self._tell_server(ipc.Spare(port))

    def spare_all(self) -> None:
        """The same for every connection that is open now; the server's process spares its own."""
        self._wire.spare_all()
        self._time_goes_on()

    def loaded(self, main: str) -> None:
        """A scenario is loaded; `main` is what events call its file."""
        self._main = main
        self.tell_points()

    def tell_points(self) -> None:
        """Tell the server's process, which may be new, where to hold."""
        points = self.points if self.points.at_asgi else NOTHING
        self._tell_server(ipc.Hold(list(points.of_file(self._main).words())))

    def server_ended(self) -> None:
        """The server's process has ended, and what it held with it."""
        lost = list(self._of_server.values())
        self._of_server.clear()
        self._set_waiting(tuple(each for each in self.waiting if each.lane is not Lane.ASGI))
        now = time.perf_counter_ns()
        for each in lost:
            held_us = (now - each.since_ns) // 1000
            data = {"id": each.id, "what": each.what, "phase": DROPPED, "held_us": held_us}
            data |= {"about": each.about, "why": "the server ended"}
            summary = held_words(data, each.about)
            self._on_event(
                Event(now, Lane.ASGI, "asgi.held", summary, each.conn, each.direction, data, each.source)
            )

    def close(self) -> None:
        """Hold nothing any more: everything is about to end."""
        self.points = NOTHING
        self.spare_all()
        self._tell_server(ipc.TimeGoesOn())

    # ---- what is observed

    def next_id(self) -> int:
        """The id for what begins to wait now."""
        self._last_id += 1
        return self._last_id

    def began(self, waiting: Waiting) -> None:
        """Something begins to wait."""
        self._set_waiting((*self.waiting, waiting))

    def ended(self, number: int) -> None:
        """It waits no more."""
        if self._find(number) is not None:
            self._set_waiting(tuple(each for each in self.waiting if each.id != number))

    def of_server(self, event: Event) -> Event | None:
        """An `asgi.held` as the playground tells it, with an id of its own; None if it fits nothing."""
        raw, data = event.data["id"], dict(event.data)
        if data["phase"] == WAITS:
            if raw in self._of_server or len(self._of_server) >= MAX_WAITING:
                return None
            data["id"] = self.next_id()
            waiting = Waiting(
                data["id"],
                event.conn,
                Lane.ASGI,
                data["what"],
                str(data.get("about", "")),
                event.direction,
                event.t_ns,
                event.source,
            )
            self._of_server[raw] = waiting
            self.began(waiting)
            return replace(event, data=data)
        ended = self._of_server.pop(raw, None)
        if ended is None:
            return None
        self.ended(ended.id)
        data |= {"id": ended.id, "about": ended.about}
        return replace(event, data=data, summary=held_words(data, ended.about), source=ended.source)

    # ----

    def _find(self, number: int | None) -> Waiting | None:
        return next((each for each in self.waiting if number in (None, each.id)), None)

    def _decide(self, number: int | None, phase: str) -> bool:
        waiting = self._find(number)
        if waiting is None:
            return False
        if waiting.what in (RECEIVE, SEND):
            raw = next(raw for raw, known in self._of_server.items() if known.id == waiting.id)
            self.ended(waiting.id)  # the server's process tells of it in a moment
            self._tell_server(ipc.Decide(raw, phase))
        else:
            self._wire.decide(waiting.id, phase)
        return True

    def _set_waiting(self, waiting: tuple[Waiting, ...]) -> None:
        self.waiting = waiting
        if self._go_on is not None:
            self._go_on.cancel()
            self._go_on = None
        if waiting:
            self._clock.stop()
            self._tell_server(ipc.StopTime())
        elif self._clock.still:
            self._go_on = asyncio.get_running_loop().call_later(GO_ON_AFTER, self._time_goes_on)
        self._changed()

    def _time_goes_on(self) -> None:
        if self._go_on is not None:
            self._go_on.cancel()
            self._go_on = None
        if not self.waiting and self._clock.still:
            self._clock.go_on()
            self._tell_server(ipc.TimeGoesOn())

    def _changed(self) -> None:
        for listener in tuple(self._listeners):
            listener()
