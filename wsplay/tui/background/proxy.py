"""What the screen asks of the playground, which lives in another thread.

Every method returns at once; what comes of it is in the queue: events, and between them the messages below,
in the order in which things happened.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from wsplay.events.event import Event
from wsplay.tui.background.job import Job, JobEnded, concerns_all, restore
from wsplay.tui.background.loop import BackgroundLoop

if TYPE_CHECKING:
    from wsplay.events.numbering import Numbering
    from wsplay.play.playground import Playground
    from wsplay.play.setup import Setup
    from wsplay.protocol.handshake import Handshake
    from wsplay.scenario.file import Scenario
    from wsplay.server.parent.errors import LoadError
    from wsplay.tui.background.protocols import PlaygroundLike, SessionLike

#: Seconds a connection that was left may take to be gone from the server before a new run begins.
WIND_DOWN = 1.0
#: Seconds the playground may take to close.
CLOSE_LIMIT = 4.0


Work = Callable[[], Coroutine[Any, Any, None]]
#: Makes the playground, in the engine's thread: (observe, engine name, port).
MakePlayground: TypeAlias = "Callable[[Callable[[Event], None], str, int], PlaygroundLike]"


@dataclass(frozen=True, slots=True)
class Ready:
    """The server is up and reachable at `url`."""

    url: str
    engine: str
    versions: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class NotStarted:
    """The server could not be started; `port` tells that the public port was the reason."""

    reason: str
    port: bool


@dataclass(frozen=True, slots=True)
class Began:
    """A new timeline starts here; `number` is 0 where no connection of ours was asked for."""

    number: int
    start_ns: int
    attempt: str | None
    standing: tuple[Event, ...] = ()  # what holds of the server from before (see `Playground.standing`)


@dataclass(frozen=True, slots=True)
class OwnNext:
    """The setup is done: the next connection that our client makes is the run's own."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """The scenario is what the server answers with now."""

    scenario: Scenario


@dataclass(frozen=True, slots=True)
class NotLoaded:
    """The scenario could not be loaded; the one before it is still there."""

    scenario: Scenario
    reason: str
    line: int | None


def make_playground(on_event: Callable[[Event], None], engine: str, port: int) -> PlaygroundLike:
    """The real one. Imported here, in the engine's thread: the first paint does not wait for it."""
    from wsplay.play.playground import Playground

    return Playground(on_event, engine=engine, port=port)


class PlaygroundProxy:
    """The screen's end of a playground."""

    def __init__(self, make: MakePlayground = make_playground, *, engine: str, port: int = 0) -> None:
        self.engine = engine
        self._make = make
        self._port = port
        self._thread = BackgroundLoop(self._aclose)
        self._playground: PlaygroundLike | None = None
        self._session: SessionLike | None = None
        self._setup: Setup | None = None  # who joined before our own connection
        self._server = asyncio.Lock()
        self._client = asyncio.Lock()
        self._load_task: asyncio.Task[Any] | None = None
        self._client_task: asyncio.Task[Any] | None = None
        self._wanted: Scenario | None = None
        self._good: Scenario | None = None  # the last one that did load
        self._runs = 0
        self._job: Job | None = None
        self._paused: Numbering | None = None  # the run on the main screen, while a job has its own
        self._job_task: asyncio.Task[Any] | None = None

    # -- called by the screen

    def start(self, scenario: Scenario | None) -> None:
        """Start the server and load `scenario`."""
        self._thread.start()
        self._serve("start", lambda: self._start(scenario))

    @property
    def started(self) -> bool:
        """Whether `start` was called."""
        return self._thread.alive

    def load(self, scenario: Scenario) -> None:
        """Load a scenario into the running server and begin an empty timeline."""
        self._thread.submit("load", lambda: self._load(scenario))

    def use_engine(self, name: str) -> None:
        """Go on with another ASGI server."""
        self.engine = name
        self._serve("switch the engine", lambda: self._use_engine(name))

    def restart(self) -> None:
        """Kill the server, start it again, load the scenario again."""
        self._serve("restart", self._restart)

    def connect(self, handshake: Handshake, attempt: str | None) -> None:
        """Begin a run: connect as `handshake` says and take its steps. A connection before it is left."""
        self._thread.submit("connect", lambda: self._as_client(lambda: self._connect(handshake, attempt)))

    def disconnect(self) -> None:
        """Leave, whatever state the connection is in."""
        self._thread.submit("disconnect", lambda: self._as_client(self._leave))

    def send(self, message: str | bytes) -> None:
        """Send one text or binary message."""
        if isinstance(message, str):
            self._with_session("send", lambda session: session.send_text(message))
        else:
            self._with_session("send", lambda session: session.send_binary(message))

    def ping(self, payload: bytes) -> None:
        """Send a ping."""
        self._with_session("ping", lambda session: session.ping(payload))

    def close(self, code: int, reason: str) -> None:
        """Begin the closing handshake."""
        self._with_session("close", lambda session: session.close(code, reason))

    def run_job(self, job: Job) -> None:
        """Hand the playground over for one piece of work; what was loaded is loaded again after it.

        A connection of ours is left. What is observed meanwhile goes to the loan alone, apart from what tells
        how the server is.
        """
        if self._thread.submit(job.what, lambda: self._run_job(job)).cancelled():
            job.end(JobEnded("the server has not been started"))

    def drain(self, limit: int) -> list[object]:
        """Up to `limit` events and messages, oldest first."""
        return self._thread.drain(limit)

    def ask_stop(self) -> None:
        """Have the server and the thread end; does not wait for it."""
        self._thread.ask_stop()

    def stop(self, limit: float = 6.0) -> bool:
        """End the server and the thread; False where that took longer than `limit` seconds."""
        return self._thread.stop(limit)

    # -- in the engine's loop

    def _serve(self, what: str, work: Work) -> None:
        """Have the server do one thing at a time. A load under way is given up: it may be stuck."""

        async def run() -> None:
            if self._load_task is not None:
                self._load_task.cancel()
            async with self._server:
                await work()

        self._thread.submit(what, run)

    async def _load(self, scenario: Scenario) -> None:
        previous, self._load_task = self._load_task, asyncio.current_task()
        if previous is not None:
            previous.cancel()  # the newest wish counts
        self._wanted = scenario
        try:
            async with self._server:
                if self._playground is None:
                    return  # it did not start, and that has been told; a restart loads what is wanted
                await self._leave()
                self._begin(0, None)
                await self._put(scenario)
        finally:
            if self._load_task is asyncio.current_task():
                self._load_task = None

    async def _as_client(self, work: Work) -> None:
        previous, self._client_task = self._client_task, asyncio.current_task()
        if previous is not None:
            previous.cancel()
        try:
            async with self._client:
                await work()
        finally:
            if self._client_task is asyncio.current_task():
                self._client_task = None

    async def _start(self, scenario: Scenario | None) -> None:
        playground = self._playground = self._make(self._observe, self.engine, self._port)
        self._wanted = self._wanted or scenario
        if not await self._up(playground.start):
            self._playground = None  # nothing of it is left; a restart makes another
            return
        self._begin(0, None)
        if self._wanted is not None:
            await self._put(self._wanted)

    async def _use_engine(self, name: str) -> None:
        if self._playground is None:
            await self._start(self._wanted)
            return
        playground = self._playground
        await self._leave()
        if await self._up(lambda: playground.use_engine(name)) and self._wanted is not None:
            await self._put(self._wanted)

    async def _restart(self) -> None:
        if self._playground is None:
            await self._start(self._wanted)
            return
        playground = self._playground
        await self._leave()
        if await self._up(playground.restart) and self._wanted is not None:
            await self._put(self._wanted)

    async def _up(self, work: Callable[[], Awaitable[None]]) -> bool:
        from wsplay.play.playground import PortError
        from wsplay.server.parent.errors import LoadError, StalledError, StartError

        playground = self._ready()
        try:
            await work()
        except (StartError, PortError) as error:
            self._thread.post(NotStarted(str(error), isinstance(error, PortError)))
            return False
        except (LoadError, StalledError):
            # The server is up; what it was given is loaded again, and reported, by the caller.
            pass
        self._thread.post(Ready(playground.url, self.engine, dict(playground.versions)))
        return True

    async def _put(self, scenario: Scenario) -> None:
        from wsplay.server.parent.errors import LoadError, StalledError

        try:
            await self._ready().load(scenario)
        except LoadError as error:
            self._thread.post(_not_loaded(scenario, error))
        except StalledError as error:
            self._thread.post(NotLoaded(scenario, str(error), None))
        else:
            self._good = scenario
            self._thread.post(Loaded(scenario))

    def _observe(self, event: Event) -> None:
        if self._job is None:
            self._thread.post(event)
            return
        self._job.see(event, self._ready().run_start_ns)
        if concerns_all(event) and self._paused is not None:
            self._thread.post(self._paused.number(event))  # it stands in both runs

    async def _run_job(self, job: Job) -> None:
        self._job_task = asyncio.current_task()
        over = JobEnded(cancelled=True)
        try:
            async with self._server:
                if self._playground is None:
                    over = JobEnded("the server is not up: R on the main screen tries again")
                    return
                await self._leave()
                paused = self._playground.run
                self._playground.begin_run()  # the work's events take no numbers of the paused run
                self._job, self._paused = job, paused
                try:
                    over = await job.run(self._playground)
                finally:
                    said = await restore(self._playground, self._good)
                    if said and self._good is not None:
                        self._thread.post(NotLoaded(self._good, said, None))
                    self._playground.resume_run(paused)
                    self._job = self._paused = None
        finally:
            job.end(over)

    def _begin(self, number: int, attempt: str | None) -> None:
        start_ns = self._ready().begin_run()
        self._thread.post(Began(number, start_ns, attempt, tuple(self._ready().standing)))

    async def _connect(self, handshake: Handshake, attempt: str | None) -> None:
        async with self._server:
            pass  # a scenario just chosen is loaded first
        playground = self._ready()
        await self._leave()
        self._runs += 1
        self._begin(self._runs, attempt)
        if handshake.before and self._good is not None:
            handshake = await self._run_setup(playground, self._good, handshake)
        self._thread.post(OwnNext())
        self._session = session = await playground.connect(handshake)
        for step in handshake.steps:
            await session.take(step)

    async def _run_setup(
        self, playground: PlaygroundLike, scenario: Scenario, handshake: Handshake
    ) -> Handshake:
        """Do what the try does first, and fill in what it saved. Raises `errands.ErrandError`."""
        from wsplay.play.setup import run_setup

        self._setup = setup = await run_setup(cast("Playground", playground), scenario, handshake.before)
        await playground.settle()  # its events belong before the run's own
        return setup.fill(handshake)

    async def _leave(self) -> None:
        if self._client_task is not asyncio.current_task():
            await _cancel(self._client_task)
        setup, self._setup = self._setup, None
        if setup is not None:
            await setup.leave()
        session, self._session = self._session, None
        if session is None or not session.open:
            return
        await session.leave()
        # Late words of the old connection belong to the old timeline: wait, with a limit, until it is gone.
        playground = self._ready()
        try:
            async with asyncio.timeout(WIND_DOWN):
                while playground.is_open(session.conn):  # noqa: ASYNC110 - the tap has no event for it
                    await asyncio.sleep(0.01)
                await playground.settle()
        except TimeoutError:
            return

    def _with_session(self, what: str, work: Callable[[SessionLike], Awaitable[None]]) -> None:
        async def run() -> None:
            if self._session is None or not self._session.open:
                raise NotConnectedError(f"cannot {what}: not connected")
            await work(self._session)

        self._thread.submit(what, run)

    def _ready(self) -> PlaygroundLike:
        if self._playground is None:
            raise NotConnectedError("the server has not been started")
        return self._playground

    async def _aclose(self) -> None:
        await _cancel(self._load_task)
        await _cancel(self._client_task)
        await _cancel(self._job_task)
        if self._playground is None:
            return
        try:
            async with asyncio.timeout(CLOSE_LIMIT):
                await self._playground.aclose()
        except TimeoutError:
            # The child ends by itself when this process does: its standard input closes.
            return


def _not_loaded(scenario: Scenario, error: LoadError) -> NotLoaded:
    if PurePath(error.file).name != scenario.filename:
        return NotLoaded(scenario, str(error), None)  # the line is one of another file
    said = f"{error.type.rpartition('.')[2]}: {error.message}" if error.type else error.message
    return NotLoaded(scenario, f"{said} {error.hint}".strip(), error.line)


class NotConnectedError(Exception):
    """Asked for something that needs a connection or a server, and there is none."""


async def _cancel(task: asyncio.Task[Any] | None) -> None:
    if task is not None and task is not asyncio.current_task() and not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=2.0)
