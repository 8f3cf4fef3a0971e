"""The app that the server runs: it passes each call to the app of the loaded scenario, through the tracer."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Set
from functools import partial
from typing import Any

from wsplay.server.child.copies import Copy, enter
from wsplay.server.child.gate import Gate
from wsplay.server.child.lifespan import Lifespan, StartupFailed
from wsplay.server.child.loader import LoadedApp, Loader, NotLoaded
from wsplay.server.child.logs import Logs
from wsplay.server.child.routes import routes_of
from wsplay.server.child.sender import Sender
from wsplay.server.child.stack import exception_data
from wsplay.server.child.trace import Receive, Scope, Send, Tracer
from wsplay.server.child.user_files import UserFiles
from wsplay.server.ipc import Load, LoadDone, LoadFailed

#: Seconds that the shutdown of an app may take once it is replaced or the server stops.
SHUTDOWN_LIMIT = 3.0
#: Seconds that the running calls of a replaced app have to end before its shutdown.
ENDING_LIMIT = 1.0

#: Closes the WebSocket connections from these client ports; calls the function before each with its port.
CloseConnections = Callable[[Set[int], Callable[[int], None]], None]


class AppSlot:
    """An ASGI app that calls whichever app is loaded. A connection stays with the app it began with.

    When another app is loaded, `close_connections` closes those of the old one, and its shutdown follows.
    """

    def __init__(self, sender: Sender, logs: Logs, gate: Gate | None = None) -> None:
        self.tracer = Tracer(sender, gate)
        self.loader = Loader()
        self.loading = False
        self.close_connections: CloseConnections = lambda ports, before: None
        self._sender = sender
        self._logs = logs
        self._current: LoadedApp | None = None
        self._lifespan: Lifespan | None = None
        self._one_load = asyncio.Lock()
        self._shutdowns: set[asyncio.Task[None]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> Any:
        loaded = self._current
        if loaded is None:
            await _nothing_loaded(scope, receive, send)
            return None
        scope["state"] = loaded.state.copy()
        call = loaded.calls.begin(scope)
        enter(loaded.copy)
        try:
            return await self.tracer.run(loaded.app, scope, receive, send, loaded.user_files)
        finally:
            loaded.calls.end(call)

    @property
    def user_files(self) -> UserFiles:
        """The user's files: those of the loaded app and of the one that is being loaded."""
        current = self._current
        return UserFiles(self.loader.file, "" if current is None else current.file)

    async def load(self, request: Load) -> LoadDone | LoadFailed:
        """Load a scenario, run its startup and replace the loaded one, which stays if this fails."""
        async with self._one_load:
            start = time.perf_counter_ns()
            logging = self._logs.begin_load()
            # On the loop's thread, as real servers do: signal handlers and the running loop are the same.
            self.loading = True
            try:
                loaded = self.loader.load(request.name, request.file, request.source)
            except NotLoaded as problem:
                self._logs.undo_load(logging)
                return _failed(request, problem)
            finally:
                self.loading = False
            lifespan = Lifespan(loaded.app, loaded.copy)
            try:
                await lifespan.startup(request.limit)
            except StartupFailed as error:
                self._logs.undo_load(logging)
                return _failed(request, _startup_problem(error, loaded))
            self._logs.end_load()
            routes = routes_of(loaded.app)  # a startup may add some
            loaded.state = lifespan.state
            old, old_lifespan = self._current, self._lifespan
            self._current, self._lifespan = loaded, lifespan
            if old is not None and old_lifespan is not None:
                old.copy.replaced = True
                self.close_connections(old.calls.websockets(), partial(self._tell_replaced, old.name))
                self._begin_shutdown(self._let_end(old, old_lifespan))
            took = (time.perf_counter_ns() - start) / 1e6
            return LoadDone(request.id, 0, request.name, request.file, took, routes, sorted(loaded.files))

    async def aclose(self) -> None:
        """Run the loaded app's shutdown, and wait until all shutdowns are done."""
        old, lifespan = self._current, self._lifespan
        self._current = self._lifespan = None
        if old is not None and lifespan is not None:
            self._begin_shutdown(self._shut_down(old.copy, lifespan))
        if self._shutdowns:
            await asyncio.wait(self._shutdowns)

    def _begin_shutdown(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work, name="wsplay-shutdown")
        self._shutdowns.add(task)
        task.add_done_callback(self._shutdowns.discard)

    async def _let_end(self, old: LoadedApp, lifespan: Lifespan) -> None:
        """Let the calls of an app end that was replaced, then shut it down."""
        await old.calls.wait_until_ended(ENDING_LIMIT)
        if count := len(old.calls):
            self._note("still running", count=count, scenario=old.name)
        await self._shut_down(old.copy, lifespan)

    def _tell_replaced(self, name: str, port: int) -> None:
        self._sender.send_event("note", port, {"why": "code replaced", "scenario": name})

    async def _shut_down(self, copy: Copy, lifespan: Lifespan) -> None:
        problem = await lifespan.shutdown(SHUTDOWN_LIMIT)
        if problem is not None:
            replaced = {"replaced": copy.name} if copy.replaced else {}
            self._note("shutdown failed", scenario=copy.name, message=problem, **replaced)

    def _note(self, why: str, **data: Any) -> None:
        self._sender.send_event("note", None, {"why": why, **data})


def _startup_problem(failure: StartupFailed, loaded: LoadedApp) -> NotLoaded:
    hint = "Its lifespan startup failed."
    if failure.error is None:
        return NotLoaded(failure.message, file=loaded.file, hint=hint, files=loaded.files)
    data, source = exception_data(failure.error, failure.error.__traceback__, loaded.user_files)
    file, line, function = loaded.file, None, ""
    if source is not None:
        file = str(data["frames"][-1]["file"])
        line, function = source.line, source.function
    return NotLoaded(
        str(data["message"]),
        file=file,
        line=line,
        function=function,
        exception=str(data["type"]),
        traceback=str(data["traceback"]),
        hint=hint,
        files=loaded.files,
    )


def _failed(request: Load, problem: NotLoaded) -> LoadFailed:
    return LoadFailed(
        request.id,
        0,
        request.name,
        problem.file,
        problem.line,
        problem.function,
        problem.exception,
        problem.message,
        problem.traceback,
        problem.hint,
        sorted({request.file, *problem.files}),
    )


async def _nothing_loaded(scope: Scope, receive: Receive, send: Send) -> None:
    """Respond with 503. (`websocket.http.response` is an ASGI extension, "Denial response".)"""
    kind = "websocket.http.response" if scope["type"] == "websocket" else "http.response"
    body = b"wsplay: no scenario is loaded\n"
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", b"%d" % len(body))]
    await receive()
    await send({"type": f"{kind}.start", "status": 503, "headers": headers})
    await send({"type": f"{kind}.body", "body": body, "more_body": False})
