"""Runs the playground, in the background loop: handles requests and posts items.

One thing at a time is done to the server (`Start`, `Load`, `UseEngine`, `Restart`, a job), and one to our
client's connection (`Connect`, `Disconnect`); a connection waits for the server. The newest request counts:
it ends an older connect, and an older load, which may be stuck.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from wsplay.events.event import Event, Lane
from wsplay.protocol.hold_points import NOTHING, HoldPoints
from wsplay.tui.background.job import Job, JobEnded
from wsplay.tui.background.messages import (
    ByHand,
    CancelJob,
    Connect,
    Decide,
    Disconnect,
    EditHead,
    Held,
    Hold,
    Load,
    Loaded,
    NotConnectedError,
    NotLoaded,
    NotStarted,
    OwnNext,
    PathWanted,
    Ready,
    Request,
    Restart,
    RunAsked,
    RunBegan,
    RunBeside,
    RunJob,
    Start,
    TakeStep,
    UseEngine,
    name_of,
    what_by_hand,
)

if TYPE_CHECKING:
    from wsplay.events.numbering import Numbering
    from wsplay.play.playground import Playground
    from wsplay.play.setup import Setup
    from wsplay.protocol.handshake import Handshake
    from wsplay.scenario.file import Scenario
    from wsplay.server.parent.errors import LoadError
    from wsplay.tui.background.protocols import PlaygroundLike, SessionLike

#: Seconds for the server to notice that our old connection has ended, before a new run begins.
WIND_DOWN = 1.0
#: Seconds the playground may take to close.
CLOSE_LIMIT = 4.0
#: Events about the server, which the main screen needs even while a job has the playground.
_SERVER_STATE = ("server.starting", "server.listening", "server.stalled", "server.exited")
#: Events with which the loaded scenario may be another one.
_CHANGES_LOADED = ("server.starting", "server.loaded", "server.exited")

#: Makes the playground, in the background loop: (on_event, engine name, port).
MakePlayground: TypeAlias = "Callable[[Callable[[Event], None], str, int], PlaygroundLike]"


class _Newest:
    """The task of the newest request of a kind; it cancels the previous one."""

    def __init__(self) -> None:
        self.task: asyncio.Task[Any] | None = None

    @contextmanager
    def begin(self) -> Iterator[None]:
        """The running task is the newest one while this lasts."""
        self.cancel()
        self.task = current = asyncio.current_task()
        try:
            yield
        finally:
            if self.task is current:
                self.task = None

    def cancel(self) -> None:
        """End it."""
        if self.task is not None:
            self.task.cancel()

    async def wait_until_ended(self) -> None:
        """End it and wait for that, unless it is the running task itself."""
        task = self.task
        if task is not None and task is not asyncio.current_task() and not task.done():
            task.cancel()
            await asyncio.wait({task}, timeout=2.0)


class PlaygroundWorker:
    """Handles requests, in the background loop, and posts items: to the main screen, or to a job.

    `make` makes the playground when it is first needed, for an engine by name and a port (0: any free one);
    `make_beside` makes those of jobs that have one of their own.
    """

    def __init__(
        self,
        make: MakePlayground,
        engine: str,
        port: int,
        post: Callable[[object, Job | None], None],
        make_beside: MakePlayground | None = None,
    ) -> None:
        self._make = make
        self._make_beside = make_beside or make
        self._engine = engine
        self._port = port
        self._post_for = post
        self._playground: PlaygroundLike | None = None
        self._session: SessionLike | None = None
        self._setup: Setup | None = None  # clients that joined before our own connection
        self._server = asyncio.Lock()
        self._client = asyncio.Lock()
        self._newest_load = _Newest()
        self._newest_client = _Newest()
        self._wanted: Scenario | None = None
        self._told_loaded: Scenario | None = None  # what the screen was told is loaded
        self._stuck = False  # a load has not ended
        self._runs = 0
        self._job: Job | None = None  # the current owner of the playground
        self._job_run: int | None = None  # the start of its run that was reported
        self._points = NOTHING  # where the user holds, unless a job has the playground
        self._watches_holding = ExitStack()
        self._paused: Numbering | None = None  # the run on the main screen, while a job has its own

    async def handle(self, request: Request) -> None:
        """Handle a request; each is a separate task. Raises unexpected exceptions."""
        match request:
            case Load():
                await self._load(request.scenario, edited=request.edited)
            case Start() | UseEngine() | Restart():
                await self._renew_server(request)
            case Connect() | Disconnect():
                if isinstance(request, Disconnect):
                    self._tell_disconnect()
                with self._newest_client.begin():
                    async with self._client:
                        await (self._connect(request) if isinstance(request, Connect) else self._leave())
            case TakeStep():
                session = self._session
                if session is None or not session.open:
                    raise NotConnectedError(f"cannot {name_of(request)}: not connected")
                self._post(ByHand(what_by_hand(request.step)))
                await session.run_step(request.step)
            case Hold():
                self._hold(request.points)
            case Decide() | EditHead():
                self._decide(request)
            case RunJob():
                await self._run_job(request.job)
            case RunBeside():
                await self._run_beside(request.job, request.engine)
            case CancelJob():
                request.job.cancel()

    async def aclose(self) -> None:
        """Close the playground; within a limit."""
        self._watches_holding.close()
        if self._playground is not None:
            await _close(self._playground)

    # -- the server

    async def _load(self, scenario: Scenario, *, edited: bool) -> None:
        with self._newest_load.begin():
            self._wanted = scenario
            async with self._server:
                if self._playground is None:
                    return  # it did not start, which is reported; a restart loads the scenario
                if not (edited and self._is_connected()):
                    await self._leave()
                    self._begin_run(0, None)
                if await self._revive(self._playground):
                    await self._put(scenario)

    def _is_connected(self) -> bool:
        """Whether our client is connected, or connecting."""
        connecting = self._newest_client.task
        opening = connecting is not None and not connecting.done()
        return opening or (self._session is not None and self._session.open)

    async def _revive(self, playground: PlaygroundLike) -> bool:
        """Restart the server if it has died, or is stuck in a load. False if it does not start."""
        if playground.alive and not self._stuck:
            return True
        self._stuck = False
        return await self._up(playground, playground.revive)

    async def _renew_server(self, request: Start | UseEngine | Restart) -> None:
        """Start or replace the server, and load the scenario."""
        self._newest_load.cancel()
        async with self._server:
            if isinstance(request, Start):
                self._wanted = self._wanted or request.scenario
            elif isinstance(request, UseEngine):
                self._engine = request.name
            playground = self._playground
            if playground is None:
                playground = self._playground = self._make(self._on_event, self._engine, self._port)
                self._watches_holding.enter_context(playground.holding.on_change(self._tell_held))
                if not await self._up(playground, playground.start):
                    self._watches_holding.close()
                    self._playground = None  # nothing of it is left; a restart creates another
                    return
                if self._points:
                    playground.hold(self._points)
                self._begin_run(0, None)
            else:
                await self._leave()
                if isinstance(request, UseEngine):
                    name = request.name
                    up = await self._up(playground, lambda: playground.use_engine(name))
                else:
                    up = await self._up(playground, playground.restart)
                if not up:
                    return
                self._stuck = False
            if self._wanted is not None:
                await self._put(self._wanted)

    async def _up(self, playground: PlaygroundLike, work: Callable[[], Awaitable[None]]) -> bool:
        from wsplay.play.playground import PortError
        from wsplay.server.parent.errors import LoadError, StalledError, StartError

        try:
            await work()
        except (StartError, PortError) as error:
            self._post(NotStarted(str(error), isinstance(error, PortError)))
            return False
        except (LoadError, StalledError):
            # The server is up; the caller loads the scenario again, and reports it.
            pass
        versions = dict(playground.versions)
        self._post(Ready(playground.url, self._engine, versions, playground.network_warning))
        return True

    async def _put(self, scenario: Scenario) -> None:
        from wsplay.server.parent.errors import LoadError, StalledError

        playground = self._ready()
        self._stuck = True  # until the load has ended
        try:
            await playground.load(scenario)
        except LoadError as error:
            self._tell_loaded()
            self._post(_not_loaded(scenario, error)._replace(files=playground.files))
        except StalledError as error:
            self._tell_loaded()
            self._post(NotLoaded(scenario, str(error), None, playground.files))
            return
        else:
            self._tell_loaded(again=True)
        self._stuck = False

    def _tell_loaded(self, again: bool = False) -> None:
        """Tell the screen what the child last said it loaded, if the screen was told something else, or
        `again`. It need not be what was asked for last: a load that was given up may end later.
        """
        playground = self._ready()
        loaded = playground.loaded
        if again or loaded is not self._told_loaded:
            self._told_loaded = loaded
            self._post(Loaded(loaded, playground.files, playground.routes))

    def _ready(self) -> PlaygroundLike:
        if self._playground is None:
            raise NotConnectedError("the server has not been started")
        return self._playground

    # -- our client

    async def _connect(self, request: Connect) -> None:
        async with self._server:
            pass  # a newly chosen scenario is loaded first
        playground = self._ready()
        handshake = self._with_path(request.handshake, playground)
        if handshake is None:
            return
        await self._leave()
        asked = None if handshake.before else self._asked(request, handshake, playground)
        self._runs += 1
        self._begin_run(self._runs, request.try_name, request.edited_from)
        if handshake.before and (loaded := playground.loaded) is not None:
            handshake = await self._run_setup(playground, loaded, handshake)
        if asked is None:
            asked = self._asked(request, handshake, playground)
        if asked is not None:
            self._post(asked)
        self._post(OwnNext())
        self._session = session = await playground.connect(handshake)
        for step in handshake.steps:
            await session.run_step(step)

    def _with_path(self, handshake: Handshake, playground: PlaygroundLike) -> Handshake | None:
        """The handshake with a path; None if the user has to choose one, which the screen is told."""
        from wsplay.play.setup import PathNeeded, with_path

        try:
            return with_path(handshake, playground.routes)
        except PathNeeded as error:
            self._post(PathWanted(error.routes))
            return None

    def _begin_run(self, number: int, try_name: str | None, edited_from: str | None = None) -> None:
        playground = self._ready()
        start_ns, standing = playground.begin_run(), tuple(playground.standing)
        self._post(RunBegan(start_ns, number, try_name, standing, edited_from))

    def _asked(self, request: Connect, handshake: Handshake, playground: PlaygroundLike) -> RunAsked | None:
        """What is asked for, as it is sent; None if nothing is loaded that could be asked."""
        from wsplay.play.recording import run_header

        scenario = playground.loaded
        if scenario is None:
            return None
        sent = repr(handshake)
        filled_in = {token: name for token, name in request.minted.items() if token in sent}
        minted = set(filled_in)
        if self._setup is not None:
            filled_in |= self._setup.filled_in
            minted |= self._setup.minted.keys()
        ground = cast("Playground", playground)
        now = datetime.now(UTC)
        header = run_header(scenario, request.try_name or "", handshake, ground, now, filled_in)
        if request.try_name is None and request.edited_from is not None:
            header["name"] = f"{header['name']} @ {request.edited_from} (edited)"
        return RunAsked(header, scenario, frozenset(minted))

    def _tell_disconnect(self) -> None:
        """Tell the screen that the user ends the connection, if there is one, or one is being made."""
        if self._newest_client.task is not None or (self._session is not None and self._session.open):
            self._post(ByHand("disconnect"))

    async def _run_setup(
        self, playground: PlaygroundLike, scenario: Scenario, handshake: Handshake
    ) -> Handshake:
        """Run the try's setup steps, and fill in the saved values. Raises `setup.SetupError`."""
        from wsplay.play.setup import run_setup

        self._setup = setup = await run_setup(cast("Playground", playground), scenario, handshake.before)
        await playground.sync()  # its events belong before the run's own
        return setup.fill(handshake)

    async def _leave(self) -> None:
        """Disconnect, if connected, and wait until the server has noticed. What is held of our connections is
        dropped.
        """
        leaving = self._spare_ours()
        await self._newest_client.wait_until_ended()
        setup, self._setup = self._setup, None
        if setup is not None:
            await setup.disconnect()
        session, self._session = self._session, None
        leaving |= self._spare_ours()  # what came to wait meanwhile
        if session is not None and session.open:
            await session.disconnect()
            leaving.add(session.conn)
        if not leaving:
            return
        # Late events of the old connection belong to the old timeline: wait, with a limit, until it is gone.
        playground = self._ready()
        try:
            async with asyncio.timeout(WIND_DOWN):
                while any(map(playground.is_open, leaving)):  # noqa: ASYNC110 - the tap has no event for it
                    await asyncio.sleep(0.01)
                await playground.sync()
        except TimeoutError:
            return

    # -- holding

    def _hold(self, points: HoldPoints) -> None:
        self._points = points
        if self._playground is None or self._job is not None:
            self._post(Held(points))  # it is held there once the playground is up, or the main screen's again
        else:
            self._playground.hold(points)

    def _decide(self, request: Decide | EditHead) -> None:
        playground, number = self._ready(), request.number
        waiting = next((each for each in playground.holding.waiting if each.id == number), None)
        if waiting is None:
            return  # it has ended by itself
        if isinstance(request, Decide) and request.what == "step":
            playground.step(number)
            return
        if playground.is_ours(waiting.conn):
            self._post(ByHand("drop" if isinstance(request, Decide) else "edit"))
        if isinstance(request, Decide):
            playground.drop(number)
        else:
            playground.edit(number, request.head)

    def _tell_held(self) -> None:
        playground = self._playground
        if playground is not None and self._job is None:
            self._post(Held(self._points, playground.holding.waiting))

    def _spare_ours(self) -> set[int | None]:
        """Drop what is held of our connections, and hold nothing more of them. Returns their numbers."""
        playground = self._playground
        if playground is None:
            return set()
        ours = {each.conn for each in playground.holding.waiting if playground.is_ours(each.conn)}
        for conn in ours:
            playground.spare(conn)
        return ours

    # -- jobs

    async def _run_job(self, job: Job) -> None:
        """Give a job the playground, then load the scenario again. Its last item says how it ended."""
        job.task = asyncio.current_task()
        ended = JobEnded(cancelled=True)
        try:
            async with self._server:
                playground = self._playground
                if playground is None:
                    ended = JobEnded("the server is not up: R on the main screen tries again")
                    return
                await self._leave()
                paused, loaded = playground.run, playground.loaded
                self._job_run = playground.begin_run()  # the job's events take no numbers of the paused run
                if self._points:
                    playground.hold(None)
                self._job, self._paused = job, paused
                try:
                    ended = await job.run(playground, lambda item: self._post_for(item, job))
                    await self._restore(playground, loaded)
                finally:
                    playground.resume_run(paused)
                    self._job = self._paused = None
                    if self._points:
                        playground.hold(self._points)
                    self._tell_loaded()
        finally:
            self._post_for(ended, job)

    async def _run_beside(self, job: Job, engine: str) -> None:
        """Give a job a playground of its own. Its last item says how it ended."""
        job.task = asyncio.current_task()
        ended = JobEnded(cancelled=True)
        playground = self._make_beside(lambda event: None, engine, 0)
        try:
            try:
                await playground.start()
            except _start_errors() as error:
                ended = JobEnded(str(error))
                return
            ended = await job.run(playground, lambda item: self._post_for(item, job))
        finally:
            await _close(playground)
            self._post_for(ended, job)

    async def _restore(self, playground: PlaygroundLike, scenario: Scenario | None) -> None:
        """Load the scenario from before the job. Afterwards none of the job's items are pending."""
        from wsplay.server.parent.errors import ServerError

        # A dead server has been reported, and a restart loads the scenario.
        if scenario is not None and playground.alive:
            try:
                await playground.load(scenario)
            except ServerError as error:
                self._post(NotLoaded(scenario, str(error), None))
        await playground.sync()

    # -- what comes of it

    def _post(self, item: object) -> None:
        self._post_for(item, None)

    def _on_event(self, event: Event) -> None:
        job = self._job
        if job is None:
            self._post(event)
            if event.kind in _CHANGES_LOADED and self._playground is not None:
                self._tell_loaded()
            return
        start_ns = self._ready().run_start_ns
        if start_ns != self._job_run:
            self._job_run = start_ns
            self._post_for(RunBegan(start_ns), job)
        self._post_for(event, job)
        if _concerns_all(event) and self._paused is not None:
            self._post(self._paused.number(event))  # it belongs to both runs


async def _close(playground: PlaygroundLike) -> None:
    """Close a playground; within a limit."""
    try:
        async with asyncio.timeout(CLOSE_LIMIT):
            await playground.aclose()
    except TimeoutError:
        # The child ends by itself when this process does: its standard input closes.
        return


def _start_errors() -> tuple[type[Exception], ...]:
    from wsplay.play.playground import PortError
    from wsplay.server.parent.errors import ServerError

    return (ServerError, PortError)


def _concerns_all(event: Event) -> bool:
    """Whether an event is about the server itself, so that the main screen needs it too."""
    if event.lane is not Lane.SERVER:
        return False
    return event.kind in _SERVER_STATE or (event.kind == "note" and event.data.get("why") == "recovered")


def _not_loaded(scenario: Scenario, error: LoadError) -> NotLoaded:
    if PurePath(error.file).name != scenario.filename:
        return NotLoaded(scenario, str(error), None)  # the line is in another file
    said = f"{error.type.rpartition('.')[2]}: {error.message}" if error.type else error.message
    return NotLoaded(scenario, f"{said} {error.hint}".strip(), error.line)
