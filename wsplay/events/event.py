"""One thing that happened, on one lane."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

#: The version of the JSON form. Fields are added, never renamed.
SCHEMA_VERSION = 1


class Lane(StrEnum):
    """Where an event was observed."""

    CLIENT = "client"  # what a client library reports
    WIRE = "wire"  # bytes, at a TCP tap between client and server
    ASGI = "asgi"  # receive() and send(), at a wrapper round the app
    SERVER = "server"  # the server's process: log, prints, start, stall, exit


class Direction(StrEnum):
    """Which way something crossed."""

    C2S = "c2s"  # client to server
    S2C = "s2c"  # server to client


#: Every kind of event, with its lane (`note` may be on any).
KINDS: Mapping[str, Lane | None] = {
    **{
        f"client.{name}": Lane.CLIENT
        for name in ("connecting", "open", "sent", "received", "closed", "error", "request", "response")
    },
    **{
        f"wire.{name}": Lane.WIRE
        for name in ("connected", "request", "response", "frame", "stray", "eof", "reset", "held", "edited")
    },
    **{f"asgi.{name}": Lane.ASGI for name in ("scope", "receive", "send", "raised", "returned", "held")},
    **{
        f"server.{name}": Lane.SERVER
        for name in ("starting", "listening", "loaded", "log", "print", "stalled", "exited")
    },
    "note": None,
}


#: How a line of the user's code is known to belong to an event.
CALL, RAISED, ENDPOINT = "call", "raised", "endpoint"


@dataclass(frozen=True, slots=True)
class Place:
    """A line of the user's code."""

    file: str  # the file's path from the scenario's folder
    line: int  # from 1
    function: str

    def to_json(self) -> dict[str, Any]:
        return {"file": self.file, "line": self.line, "function": self.function}


@dataclass(frozen=True, slots=True)
class Source(Place):
    """The line of the user's code that an event belongs to, and how that is known.

    `by` is `CALL` for the innermost line of the user's on the stack. Where there is none, it is `RAISED` for
    the line that raised the exception which is being handled, else `ENDPOINT` for the definition of the
    endpoint. `chain` has all lines of the user's on that way, outermost first, if there are several; this
    line is the last.
    """

    by: str = CALL
    chain: tuple[Place, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """`chain` is left out if there is none."""
        place = {"file": self.file, "line": self.line, "function": self.function, "by": self.by}
        return place | ({"chain": [each.to_json() for each in self.chain]} if self.chain else {})

    def line_in(self, file: str) -> int | None:
        """The innermost line in `file`, if there is one."""
        for place in (self, *reversed(self.chain)):
            if place.file == file:
                return place.line
        return None


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened, on one lane.

    `t_ns` is `time.perf_counter_ns()`, one clock for both processes of a machine. `conn` numbers connections
    from 1; None if the event belongs to no connection. `summary` is one line, already safe to print (see
    `safe_text.visible`). `data` has only JSON values: what wire, client and app sent, raw; views make it
    printable. `source` is None if no line of the user's was seen.

    The playground gives the rest (see `events.numbering`): `seq` is the event's number in its run, from 1, 0
    means none yet; `client` is the letter of the playground's client that made the connection, None if it is
    another's.
    """

    t_ns: int
    lane: Lane
    kind: str
    summary: str
    conn: int | None = None
    direction: Direction | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    source: Source | None = None
    seq: int = 0
    client: str | None = None

    def numbered(self, seq: int, client: str | None = None) -> Event:
        """The same event with its number in a run, and the client that made its connection."""
        # Written out because every event passes here: `dataclasses.replace` takes twice as long.
        return Event(
            self.t_ns,
            self.lane,
            self.kind,
            self.summary,
            self.conn,
            self.direction,
            self.data,
            self.source,
            seq,
            self.client if client is None else client,
        )

    def of_connection(self, conn: int | None) -> Event:
        """The same event as one of connection `conn`."""
        return Event(
            self.t_ns,
            self.lane,
            self.kind,
            self.summary,
            conn,
            self.direction,
            self.data,
            self.source,
            self.seq,
            self.client,
        )

    def to_json(self, start_ns: int) -> dict[str, Any]:
        """The JSON form, schema version 1; `t_us` counts microseconds from `start_ns`."""
        source = self.source
        return {
            "v": SCHEMA_VERSION,
            "seq": self.seq,
            "t_us": (self.t_ns - start_ns) // 1000,
            "conn": self.conn,
            "client": self.client,
            "lane": str(self.lane),
            "kind": self.kind,
            "direction": None if self.direction is None else str(self.direction),
            "summary": self.summary,
            "data": dict(self.data),
            "source": None if source is None else source.to_json(),
        }
