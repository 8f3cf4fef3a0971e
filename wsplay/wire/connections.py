"""Numbers for connections, and whose ports they are."""

from __future__ import annotations

from itertools import islice

#: Ports of closed connections that are still known, for late reports.
_REMEMBERED = 1024


class Connections:
    """Numbers connections from 1, and finds a connection's number by its port.

    A client of ours reserves its number before it connects (`expect`), so that its events from before the tap
    has seen it carry the same number. On one event loop only.
    """

    def __init__(self) -> None:
        #: Numbers of our own client's connections; any other is someone else's.
        self.ours: set[int] = set()
        self._next = 1
        self._expected: dict[int, int] = {}  # by client port
        self._open: set[int] = set()
        self._by_upstream: dict[int, int] = {}

    def expect(self, port: int) -> int:
        """Reserve a number for the connection our client makes from its local `port`."""
        conn = self._number()
        self._expected[port] = conn
        self.ours.add(conn)
        return conn

    def opened(self, client_port: int, upstream_port: int | None) -> int:
        """A connection from `client_port` is open; return its number, the reserved one if there is one.

        `upstream_port` is the local port of its other half, towards the server; None if there is none. A port
        that was used before gets the new number.
        """
        conn = self._expected.pop(client_port, None)
        if conn is None:
            conn = self._number()
        self._open.add(conn)
        if upstream_port is not None:
            self._by_upstream.pop(upstream_port, None)  # the newest are last
            self._by_upstream[upstream_port] = conn
            self._forget()
        return conn

    def conn_of_upstream(self, port: int) -> int | None:
        """The connection that a server knows by `port`; known for a while after it closed."""
        return self._by_upstream.get(port)

    def upstream_of(self, conn: int) -> int | None:
        """The port by which a server knows connection `conn`; known for a while after it closed."""
        return next((port for port, known in self._by_upstream.items() if known == conn), None)

    def is_open(self, conn: int) -> bool:
        """Whether connection `conn` is still open at the tap."""
        return conn in self._open

    def closed(self, conn: int) -> None:
        """Connection `conn` is over or, if it was only expected, will not be made."""
        self._open.discard(conn)
        for port in [port for port, expected in self._expected.items() if expected == conn]:
            del self._expected[port]

    @property
    def numbered(self) -> int:
        """The last number given."""
        return self._next - 1

    def skip(self, conn: int) -> None:
        """Number the next connection above `conn`."""
        self._next = max(self._next, conn + 1)

    def reset(self) -> bool:
        """Start at 1 again if no connection is open or expected; return whether that was so."""
        if self._open or self._expected:
            return False
        self._next = 1
        self.ours.clear()
        self._by_upstream.clear()
        return True

    def _number(self) -> int:
        conn, self._next = self._next, self._next + 1
        return conn

    def _forget(self) -> None:
        excess = len(self._by_upstream) - len(self._open) - _REMEMBERED
        if excess > 0:
            closed = (port for port, conn in self._by_upstream.items() if conn not in self._open)
            for port in list(islice(closed, excess)):  # the oldest are first
                del self._by_upstream[port]
