"""`wsplay serve`: the verdict on each connection, once it has ended."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable

from wsplay.events.event import Event
from wsplay.verdict.outcome import Outcome
from wsplay.verdict.run import Followed

#: Connections that are followed at the same time.
MAX_FOLLOWED = 1000
#: Seconds without an event after which an ended connection has no more, once its app has ended, too.
PAUSE = 0.1
#: Seconds that the app may take to end after its connection.
AFTERMATH = 1.0

_BEGINS = frozenset(("wire.connected", "wire.request", "client.connecting"))

#: After these, the outcome may be final. It is not asked for at every event: there are thousands in a flood.
_ENDS = frozenset(("wire.response", "wire.eof", "wire.reset"))


class Verdicts:
    """Calls `tell` with the outcome of each connection that has ended.

    A connection has ended when its outcome is final. Its app may still run then, and what it does is part of
    the outcome: it is waited for, for `AFTERMATH` seconds at most. While `is_still()`, because something is
    held, it is waited for in any case. To be used on one event loop.
    """

    def __init__(
        self,
        tell: Callable[[Outcome], object],
        standing: Iterable[Event] = (),
        *,
        is_still: Callable[[], bool] = lambda: False,
    ) -> None:
        self._tell = tell
        self._is_still = is_still
        self._followed = Followed(standing, limit=MAX_FOLLOWED)
        #: By connection: when its verdict is due, and at the latest.
        self._due: dict[int, asyncio.TimerHandle] = {}
        self._latest: dict[int, float] = {}

    def see(self, event: Event) -> None:
        """Add an event. What comes of a connection after its verdict is ignored."""
        conn = event.conn
        if conn is None:
            self._followed.see(event)
            return
        if event.kind not in _BEGINS and not self._followed.follows(conn):
            return
        self._followed.see(event)
        if conn in self._due or event.kind in _ENDS:
            outcome = self._followed.outcome(conn)
            if outcome.final:
                self._set_due(outcome, conn)

    def finish(self) -> tuple[int, ...]:
        """Tell those that have ended, now; return the numbers of the connections that are still open."""
        for conn in list(self._due):
            self._say(conn)
        return self._followed.conns

    def _set_due(self, outcome: Outcome, conn: int) -> None:
        loop = asyncio.get_running_loop()
        latest = self._latest.setdefault(conn, loop.time() + AFTERMATH)
        if conn in self._due:
            self._due[conn].cancel()
        facts = outcome.facts
        runs = facts.scope is not None and not (facts.returned or facts.raised or facts.exited)
        self._due[conn] = loop.call_at(
            latest if runs else min(loop.time() + PAUSE, latest), self._say_due, conn
        )

    def _say_due(self, conn: int) -> None:
        if self._is_still():
            self._due[conn] = asyncio.get_running_loop().call_later(PAUSE, self._say_due, conn)
        else:
            self._say(conn)

    def _say(self, conn: int) -> None:
        self._due.pop(conn).cancel()
        self._latest.pop(conn, None)
        outcome = self._followed.outcome(conn)
        self._followed.forget(conn)
        self._tell(outcome)
