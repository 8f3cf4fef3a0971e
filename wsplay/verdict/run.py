"""One run as it is observed: its timeline, which connection is its own, and the outcome of each one.

The runner, the main screen and the attack bench all record runs with this, so they cannot disagree on whose
outcome counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from wsplay.events.event import Event, Lane
from wsplay.events.timeline import Timeline
from wsplay.verdict.outcome import Outcome, OutcomeBuilder

#: Connections whose outcome is followed at the same time.
MAX_FOLLOWED = 64
#: The server's output decides no outcome, and there can be thousands of these events.
_OUTPUT = frozenset(("server.log", "server.print"))


class Followed:
    """The outcomes of several connections, each from its first event on. No clock, no IO; not thread-safe.

    `standing` are events from before that still apply (see `Playground.standing`). They and the server lane's
    events count for every connection that begins later. Of more than `limit` connections, the oldest are no
    longer followed, but `kept()` always is.
    """

    def __init__(
        self,
        standing: Iterable[Event] = (),
        *,
        limit: int = MAX_FOLLOWED,
        kept: Callable[[], int | None] = lambda: None,
    ) -> None:
        self._server = OutcomeBuilder(None)  # the server's state for a connection that begins now
        for event in standing:
            self._server.see(event)
        self._followed: dict[int, OutcomeBuilder] = {}
        self._limit, self._kept = limit, kept

    def see(self, event: Event) -> None:
        """Add an event, of a connection or of the server."""
        conn = event.conn
        if conn is None:
            if event.lane is Lane.SERVER and event.kind not in _OUTPUT:
                self._server.see(event)
                for followed in self._followed.values():
                    followed.see(event)
            return
        builder = self._followed.get(conn)
        if builder is None:
            builder = self._followed[conn] = OutcomeBuilder(conn, self._server)
            if len(self._followed) > self._limit:
                oldest = next(number for number in self._followed if number != self._kept())
                del self._followed[oldest]
        builder.see(event)
        if event.kind == "wire.response":
            self._server.see(event)  # its cookies, for connections that begin later

    def outcome(self, conn: int | None) -> Outcome:
        """The outcome so far of connection `conn`; pending if nothing is known."""
        if conn is None or conn not in self._followed:
            return OutcomeBuilder(conn).outcome()
        return self._followed[conn].outcome()

    def follows(self, conn: int) -> bool:
        """Whether a connection is followed."""
        return conn in self._followed

    def forget(self, conn: int) -> None:
        """Follow a connection no longer."""
        self._followed.pop(conn, None)

    @property
    def conns(self) -> tuple[int, ...]:
        """The numbers of the followed connections, oldest first."""
        return tuple(self._followed)


class RunRecord:
    """Records the events of one run, in order. No clock, no IO; not thread-safe.

    The run's own connection (`own`) is the first that our client opens after `expect_own`: setup steps
    connect before it, and other clients (a browser, say) have no events on the client lane. None until then.

    `standing` is as for `Followed`.
    """

    def __init__(self, timeline: Timeline, standing: Iterable[Event] = ()) -> None:
        self.timeline = timeline
        self.own: int | None = None
        self._expecting = False
        self._outcomes = Followed(standing, kept=lambda: self.own)

    def expect_own(self) -> None:
        """After the setup: the next connection that our client opens is the run's own."""
        self.own = None
        self._expecting = True

    def add_event(self, event: Event) -> Event:
        """Add an event and return it as it is in the timeline."""
        event = self.timeline.add(event)
        if self._expecting and event.conn is not None and event.kind == "client.connecting":
            self.own, self._expecting = event.conn, False
        self._outcomes.see(event)
        return event

    def outcome(self, conn: int | None = None) -> Outcome:
        """The outcome so far of connection `conn`, or of the run's own; pending if nothing is known."""
        return self._outcomes.outcome(self.own if conn is None else conn)

    @property
    def followed(self) -> tuple[int, ...]:
        """The numbers of the followed connections, oldest first."""
        return self._outcomes.conns
