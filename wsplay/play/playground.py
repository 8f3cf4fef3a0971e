"""Server, tap and client in one place: the one API the front ends use.

A playground is plain asyncio, without a UI. `on_event` gets everything that happens, in order of time, on the
loop's thread. Front ends are views of that list.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from wsplay.client.clock import Clock
from wsplay.client.connection import Client
from wsplay.client.http import HttpClient
from wsplay.events.event import Event, Lane
from wsplay.events.merge import TICK_NS, Merger
from wsplay.events.numbering import Numbering
from wsplay.play.exposure import network_warning
from wsplay.play.handover import Handover
from wsplay.play.holding import Holding, HoldMessage
from wsplay.protocol.engine import DEFAULT_ENGINE
from wsplay.protocol.handshake import Handshake
from wsplay.protocol.hold_points import NOTHING, HoldPoints
from wsplay.protocol.http_request import HttpRequest, HttpResponse
from wsplay.protocol.steps import Close, Ping, SendBinary, SendText, Step, Wait
from wsplay.scenario.file import Scenario
from wsplay.server.parent.errors import LoadError
from wsplay.server.parent.process import ServerProcess
from wsplay.wire.connections import Connections
from wsplay.wire.tap import Tap

OnEvent = Callable[[Event], object]

#: The letter of the playground's own client, in events.
CLIENT = "A"
#: Seconds that the child may take to send what it has observed.
SYNC_LIMIT = 2.0
#: Seconds that the child may take to stop, and in a flood, when it still has much to read.
STOP_LIMIT, FLOODED_LIMIT = 2.0, 0.5
#: Seconds that connections may take to be written and closed when everything stops.
CLOSE_LIMIT = 0.3
#: Ticks in a row after which the merger ticks that many times less often: in a constant stream nobody sees 10
#: ms more, and an echo costs this process a sixth less.
BUSY_AFTER, BUSY_PACE = 6, 3


class PortError(Exception):
    """The tap could not listen on its address. The message says where and what to do instead."""


class Playground:
    """A real server behind a tap, and clients that connect to it.

    `host` and `port` are where the tap listens, the public address; port 0 picks a free one.
    """

    def __init__(
        self,
        on_event: OnEvent | None = None,
        *,
        engine: str = DEFAULT_ENGINE,
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        self._listeners: list[OnEvent] = [] if on_event is None else [on_event]
        self._host = host
        self._port = port
        self._merger = Merger(("tap", "server"))
        self._handover = Handover(self._use, lambda: len(self._merger))
        self._timer: asyncio.TimerHandle | None = None
        self._ticked_ns = 0
        self._ticks_in_a_row = 0
        self._connections = Connections()
        self._tap = Tap(self._add_event, connections=self._connections, is_behind=self._handover.is_behind)
        self._server = self._new_server(engine)
        #: The time of our own clients and runs. It stands still while something is held.
        self.clock = Clock()
        self.holding = Holding(
            self.clock,
            self._tap,
            self._tell_server,
            self._connections.upstream_of,
            self._add_event,
        )
        self._sessions: set[Session] = set()
        self._loaded: tuple[Scenario, str] | None = None  # what a child last said it loaded, and its text
        self._standing: dict[str, Event] = {}
        self.engine = engine
        #: The newest run; everything observed since its start belongs to it.
        self.run = Numbering(time.perf_counter_ns())

    # -- life

    async def start(self) -> None:
        """Start the server's process and the tap.

        Raises `server.parent.errors.StartError` if the server does not start and `PortError` if the tap
        cannot listen; nothing is left running then.
        """
        try:
            await self._tap.start(self._host, self._port)
        except (OSError, ValueError) as error:  # ValueError: a host name that no name can be
            hint = "pass another with --port, or --port 0 for a free one"
            why = getattr(error, "strerror", None) or error
            raise PortError(f"cannot listen on {self._host}:{self._port}: {why}; {hint}") from error
        try:
            await self._server.start()
        except BaseException:
            await self._tap.aclose()
            raise
        self._tap.upstream = self._server.address

    async def aclose(self) -> None:
        """Stop everything; afterwards no child, port or task of ours is left. What is held is dropped."""
        self.holding.close()
        for session in list(self._sessions):
            await session.disconnect()
        flooded = self._tap.drop_backlog() or self._handover.is_behind()
        await self._server.aclose(FLOODED_LIMIT if flooded else STOP_LIMIT)
        await self._tap.aclose(CLOSE_LIMIT)
        self.flush()

    async def __aenter__(self) -> Playground:
        await self.start()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.aclose()

    # -- the server

    async def load(self, scenario: Scenario, source: str | None = None) -> None:
        """Load a scenario into the running child; `source` is its text if it differs from the file's. Raises
        `server.parent.errors.LoadError` (with file, line and text) and keeps the previous one loaded.

        What is held of open connections is dropped. Cancelled, or after the time limit, the child goes on
        with it: `loaded` says what it has come to.
        """
        text = scenario.source if source is None else source
        self.holding.spare_all()

        def on_loaded() -> None:
            self._loaded = (scenario, text)
            self.holding.loaded(os.path.basename(scenario.file))

        await self._server.load(scenario.name, scenario.file, text, on_loaded=on_loaded)

    @property
    def loaded(self) -> Scenario | None:
        """What the child last said it loaded; None before that, and once it has ended."""
        return None if self._loaded is None or self._server.loaded is None else self._loaded[0]

    async def restart(self) -> None:
        """Kill the child, start another on the same engine and load the same scenario."""
        self.holding.spare_all()
        await self._server.restart()
        self._tap.upstream = self._server.address
        self.holding.tell_points()
        if self._loaded is not None:
            await self.load(*self._loaded)

    async def revive(self) -> None:
        """Restart the child if it has died or does not answer: a scenario may have ended or blocked it.

        The previous scenario may fail to load again, which is not an error here: load the next one. Raises
        `server.parent.errors.StartError` if no child starts.
        """
        if self.alive and await self.sync():
            return
        with contextlib.suppress(LoadError):
            await self.restart()

    async def use_engine(self, name: str) -> None:
        """Switch to another ASGI server, under the same public address."""
        if name == self.engine and self._server.alive:
            return
        self.holding.spare_all()
        await self._server.aclose()
        self._server = self._new_server(name)
        self.engine = name
        await self._server.start()
        self._tap.upstream = self._server.address
        self.holding.tell_points()
        if self._loaded is not None:
            await self.load(*self._loaded)

    @property
    def files(self) -> frozenset[str]:
        """The user's files that the loaded scenario, and the newest that did not load, consist of."""
        return self._server.files

    @property
    def routes(self) -> list[Any]:
        """The loaded app's routes, as `server.loaded` has them (see `wsplay.protocol.routes`)."""
        loaded = self._server.loaded
        return [] if loaded is None else loaded.routes

    @property
    def alive(self) -> bool:
        return self._server.alive

    @property
    def versions(self) -> Mapping[str, str]:
        """The versions that the server reports; the last server's if it has died."""
        listening = self._standing.get("server.listening")
        return self._server.versions if listening is None else dict(listening.data.get("versions", {}))

    @property
    def address(self) -> tuple[str, int]:
        """Where clients connect: the tap."""
        return self._tap.address

    @property
    def url(self) -> str:
        host, port = self.address
        return f"ws://[{host}]:{port}" if ":" in host else f"ws://{host}:{port}"

    @property
    def network_warning(self) -> str:
        """What other machines can do, in plain words; empty if only this one reaches the tap."""
        return network_warning(self._tap.addresses)

    # -- holding

    def hold(self, points: HoldPoints | None) -> None:
        """Hold at these points from now on, whoever connects; with None, nothing, and what waits is let go.

        What waits is in `holding`, and each beginning and end of it is an event.
        """
        self.holding.hold_at(points or NOTHING)

    def let_go(self) -> None:
        """Let all that waits pass, and hold nothing any more."""
        self.holding.hold_at(NOTHING)

    def step(self, number: int | None = None) -> bool:
        """Let what waits with this id, or has waited longest, pass. False if it does not wait any more."""
        return self.holding.step(number)

    def drop(self, number: int | None = None) -> bool:
        """Drop it. An app's `send` returns as if it was sent, a `receive` waits for the next message, and
        bytes are not forwarded. False if it does not wait any more.
        """
        return self.holding.drop(number)

    def edit(self, number: int, head: bytes) -> bool:
        """Let a request pass with `head` in place of its own. False if it is no request that waits."""
        return self.holding.edit(number, head)

    def spare(self, conn: int | None) -> None:
        """Drop what is held of a connection, and hold nothing more of it: it is about to end."""
        self.holding.spare(conn)

    # -- clients

    def begin_run(self) -> int:
        """Mark the start of a run and return its time; connections count from 1 again if none is open.

        What is held of connections that have ended is dropped.
        """
        for waiting in self.holding.waiting:
            if not self.is_open(waiting.conn):
                self.holding.spare(waiting.conn)
        self.flush()
        self.run.connections = self._connections.numbered
        self._connections.reset()
        self.run = Numbering(time.perf_counter_ns())
        return self.run.start_ns

    def resume_run(self, run: Numbering) -> None:
        """Continue an earlier run: events and connections are numbered from where it stopped."""
        self.flush()
        self.run = run
        self._connections.skip(run.connections)

    @property
    def run_start_ns(self) -> int:
        """When the newest run began."""
        return self.run.start_ns

    async def connect(self, handshake: Handshake) -> Session:
        """Connect with `handshake`. The result is in the events; network errors do not raise."""
        session = Session(self, handshake)
        self._sessions.add(session)
        await session.start(_reachable(self.address[0]), self.address[1])
        return session

    async def request(self, request: HttpRequest) -> HttpResponse | None:
        """Send an HTTP request on a separate connection; None without a response. Nothing raises."""
        client = HttpClient(self._add_event, self._connections.expect, self.clock)
        try:
            return await client.ask(_reachable(self.address[0]), self.address[1], request)
        finally:
            if client.conn is not None and not client.connected:
                self._connections.closed(client.conn)  # the tap will never see it

    def forget(self, session: Session) -> None:
        self._sessions.discard(session)

    def is_open(self, conn: int | None) -> bool:
        """Whether the connection numbered `conn` is still open at the tap."""
        return conn is not None and self._connections.is_open(conn)

    def is_ours(self, conn: int | None) -> bool:
        """Whether a client of this playground made the connection, rather than a browser, say."""
        return conn in self._connections.ours

    def new_client(self) -> Client:
        return Client(self._add_event, self._connections.expect, self.clock)

    # -- events

    @contextlib.contextmanager
    def listener(self, on_event: OnEvent) -> Iterator[None]:
        """Call `on_event` for each event until the block ends, however it ends."""
        self._listeners.append(on_event)
        try:
            yield
        finally:
            self._listeners.remove(on_event)

    @property
    def standing(self) -> list[Event]:
        """The newest `server.listening` and `server.loaded`, without numbers: they apply to each run that
        begins later.
        """
        return list(self._standing.values())

    def note(self, lane: Lane, summary: str, conn: int | None = None, **data: Any) -> None:
        """Add the playground's own note to the timeline."""
        self._add_event(Event(time.perf_counter_ns(), lane, "note", summary, conn, None, data))

    async def sync(self) -> bool:
        """Pass on everything that was observed so far. False if the child did not respond in time."""
        await self._tap.recorder.drain()
        complete = await self._server.sync(SYNC_LIMIT) if self._server.alive else True
        await self._tap.recorder.drain()
        self._stop_merging()
        await self._handover.drain()
        return complete

    def flush(self) -> None:
        """Pass on the events held for merging, at once; what that takes too long for is counted."""
        self._stop_merging()
        self._handover.flush()

    def _stop_merging(self) -> None:
        """Pass on the events held for merging without waiting for others."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._handover.add(self._merger.drain())
        self._tell_not_shown()

    def _new_server(self, engine: str) -> ServerProcess:
        return ServerProcess(self._add_server_event, engine=engine, on_watermark=self._on_watermark)

    def _tell_server(self, message: HoldMessage) -> None:
        self._server.tell(message)

    def _add_server_event(self, event: Event, client_port: int | None) -> None:
        if client_port is not None:
            event = event.of_connection(self._connections.conn_of_upstream(client_port))
        if event.kind == "asgi.held":
            held = self.holding.of_server(event)
            if held is not None:
                self._add_event(held)
            return
        if event.kind == "server.exited":
            self.holding.server_ended()
        self._add_event(event)

    def _add_event(self, event: Event) -> None:
        """Hold an event until all earlier events have been reported."""
        if not self._handover.admits(event):
            return
        self._merger.push(event)
        if self._timer is None:
            self._arm()

    def _arm(self) -> None:
        pause = TICK_NS * (BUSY_PACE if self._ticks_in_a_row > BUSY_AFTER else 1)
        self._timer = asyncio.get_running_loop().call_later(pause / 1e9, self._tick)

    def _tick(self) -> None:
        self._timer = None
        now = time.perf_counter_ns()
        again = now - self._ticked_ns < 2 * BUSY_PACE * TICK_NS
        self._ticks_in_a_row = self._ticks_in_a_row + 1 if again else 0
        self._ticked_ns = now
        self._read_watermarks()
        self._handover.add(self._merger.tick(now))
        self._tell_not_shown()
        if len(self._merger):
            if self._merger.waits_for("server"):
                self._server.request_watermark()
            self._arm()
        elif self._handover.untold:
            self._arm()

    def _on_watermark(self) -> None:
        self._read_watermarks()
        self._handover.add(self._merger.release())

    def _read_watermarks(self) -> None:
        now = time.perf_counter_ns()
        self._merger.set_watermark("tap", self._tap.recorder.watermark_ns(now), now)
        self._merger.set_watermark("server", *self._server.watermark(now))

    def _tell_not_shown(self) -> None:
        note = self._handover.not_shown()
        if note is not None:
            self._add_event(note)

    def _use(self, event: Event) -> None:
        """Give an event its number, and to all listeners."""
        if event.kind in ("server.listening", "server.loaded"):
            self._standing[event.kind] = event
        event = self.run.number(event, CLIENT if event.conn in self._connections.ours else None)
        for on_event in tuple(self._listeners):
            on_event(event)


class Session:
    """One connection of our own client, from handshake to end."""

    def __init__(self, playground: Playground, handshake: Handshake) -> None:
        self._playground = playground
        self._client = playground.new_client()
        self.handshake = handshake

    async def start(self, host: str, port: int) -> None:
        try:
            await self._client.connect(host, port, self.handshake)
        finally:
            if not self._client.open:
                self._playground.forget(self)

    @property
    def conn(self) -> int | None:
        return self._client.conn

    @property
    def open(self) -> bool:
        return self._client.open

    @property
    def over(self) -> bool:
        """Whether the connection has ended, or could not be made."""
        return self._client.closed.is_set()

    async def send_text(self, text: str) -> None:
        await self._client.send_text(text)

    async def send_binary(self, data: bytes) -> None:
        await self._client.send_binary(data)

    async def ping(self, payload: bytes = b"") -> None:
        await self._client.ping(payload)

    async def close(self, code: int = 1000, reason: str = "") -> None:
        await self._client.close(code, reason)

    async def closed(self) -> None:
        """Wait until the connection has ended."""
        await self._client.closed.wait()

    async def disconnect(self) -> None:
        """Disconnect in any state; nothing is left afterwards. What is held of it is dropped."""
        self._playground.spare(self.conn)
        await self._client.aclose()
        self._playground.forget(self)

    async def run_step(self, step: Step) -> None:
        """Run one step of a try. Does nothing once the connection has ended."""
        if not self.open:
            return
        match step:
            case SendText(text):
                await self.send_text(text)
            case SendBinary(data):
                await self.send_binary(data)
            case Ping(payload):
                await self.ping(payload.encode())
            case Close(code, reason):
                await self.close(code, reason)
            case Wait(seconds):
                await self._closed_within(seconds)
            case HttpRequest():
                await self._playground.request(step)

    async def _closed_within(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with self._playground.clock.timeout(seconds):
                await self.closed()


def _reachable(host: str) -> str:
    """The address to connect to for a listener on `host`; a wildcard becomes a loopback address."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
