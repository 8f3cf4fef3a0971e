"""The parent's handle on the server process: start, load, restart, stop."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable

from wsplay.protocol.engine import DEFAULT_ENGINE, ENGINE_NAMES
from wsplay.server import ipc
from wsplay.server.parent import to_events
from wsplay.server.parent.child_protocol import ChildProtocol, OnEvent
from wsplay.server.parent.errors import LoadError, StalledError, StartError

#: Seconds until the process must be listening. Most of the start is imports, which a busy machine slows down.
START_LIMIT = 30.0
#: Seconds that a scenario may take to load, including the startup of its lifespan.
LOAD_LIMIT = 10.0
#: Seconds in which the process's event loop must respond when it is asked to stop.
RESPONSE_LIMIT = 0.5


class ServerProcess:
    """A real ASGI server in a process of its own, with one scenario loaded at a time.

    `on_event(event, port)` is called on the loop's thread, in order. `port` is the client's port in the ASGI
    scope, None on the server's lane. `on_watermark()` is called after `request_watermark()`. Use it from one
    event loop. Nothing is left after `aclose`, and the child ends with this process, however that ends.
    """

    def __init__(
        self,
        on_event: OnEvent,
        *,
        engine: str = DEFAULT_ENGINE,
        on_watermark: Callable[[], object] = lambda: None,
    ) -> None:
        _check(engine)
        self._on_event = on_event
        self._on_watermark = on_watermark
        self._engine = engine
        self._child: ChildProtocol | None = None
        self._changing = asyncio.Lock()

    @property
    def engine(self) -> str:
        """The engine's name."""
        return self._engine

    @property
    def alive(self) -> bool:
        """Whether the process is running and listening."""
        return self._child is not None and self._child.alive

    @property
    def loaded(self) -> ipc.LoadDone | None:
        """What the process last said it loaded; None before that, and once it has ended."""
        return self._child.loaded if self._child is not None and self.alive else None

    @property
    def files(self) -> frozenset[str]:
        """The user's files that the loaded scenario, and the newest that did not load, consist of."""
        return frozenset() if self._child is None else self._child.files

    @property
    def stalled(self) -> bool:
        """Whether the process or its event loop does not respond at present."""
        return self.alive and self._child is not None and self._child.stalled is not None

    @property
    def pid(self) -> int | None:
        """The process id while it is alive."""
        return self._child.pid if self._child is not None and self.alive else None

    @property
    def address(self) -> tuple[str, int]:
        """Where it listens. Raises RuntimeError if it is not alive."""
        host, port = self._listening().address[:2]
        return (str(host), int(port))

    @property
    def versions(self) -> dict[str, str]:
        """By name: the engine, and the versions of Python and of the installed distributions."""
        return {str(name): str(version) for name, version in self._listening().versions.items()}

    def watermark(self, now_ns: int) -> tuple[int, int]:
        """(t, received): at `received`, all events before `t` had been received. Now without a process."""
        child = self._child
        return (now_ns, now_ns) if child is None or child.ended.done() else child.watermark

    def request_watermark(self) -> None:
        """Ask the process for a new watermark; `on_watermark` is called once it is there."""
        if self._child is not None:
            self._child.request_watermark()

    async def start(self, limit: float = START_LIMIT) -> None:
        """Start the process and wait until it is listening. Raises StartError; no process is left then."""
        async with self._changing:
            if self._child is not None and not self._child.ended.done():
                raise RuntimeError("the server was started before")
            await self._start(limit)

    async def load(
        self,
        name: str,
        file: str | os.PathLike[str],
        source: str,
        *,
        limit: float = LOAD_LIMIT,
        on_loaded: Callable[[], object] = lambda: None,
    ) -> ipc.LoadDone:
        """Load `source` as `file`, and replace what is loaded now. Takes a few milliseconds.

        Raises LoadError if it does not load; the previous scenario stays loaded. Raises StalledError if there
        is no response within `limit` seconds. A process that imports it slowly may still load it then, as it
        may after this was cancelled: `on_loaded` is called whenever the process says that it has.
        """
        child = self._child
        path = os.path.abspath(file)  # noqa: ASYNC240 - it only reads the working directory
        if child is None or not child.alive:
            raise LoadError(name, path, "the server is not running.", hint="Restart it.")
        number = child.next_id()
        response: asyncio.Future[ipc.LoadDone | ipc.LoadFailed] = asyncio.get_running_loop().create_future()
        child.loads[number] = response
        child.on_loaded[number] = on_loaded
        # The app's own startup gets a little less, so that the child can report that it took too long.
        child.send(ipc.Load(number, name, path, source, limit * 0.8))
        try:
            async with asyncio.timeout(limit):
                message = await response
        except TimeoutError:
            raise self._load_stalled(child, name, path, limit) from None
        except EOFError as error:
            message = ipc.LoadFailed(
                number,
                to_events.now(),
                name,
                path,
                None,
                "",
                "",
                f"the server's process {error} meanwhile.",
                "",
                "",
                [path],
            )
            child.files |= frozenset(message.files)
            self._on_event(to_events.load_failed_event(message), None)
        finally:
            child.loads.pop(number, None)
        if isinstance(message, ipc.LoadDone):
            return message
        raise LoadError(
            name,
            message.file,
            message.message,
            line=message.line,
            function=message.function,
            type=message.exception,
            traceback=message.traceback,
            hint=message.hint,
        )

    def tell(self, message: ipc.Hold | ipc.Decide | ipc.Spare | ipc.StopTime | ipc.TimeGoesOn) -> None:
        """Tell the process what to hold. Does nothing without a process."""
        if self._child is not None and self._child.alive:
            self._child.send(message)

    async def sync(self, limit: float = 1.0) -> bool:
        """Wait until `on_event` has had everything that the child has observed and printed so far.

        False if that takes longer than `limit` seconds (its loop is blocked) or the child has ended.
        """
        child = self._child
        if child is None or not child.alive:
            return False
        number = child.next_id()
        response: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        child.syncs[number] = response
        child.send(ipc.Sync(number))
        try:
            async with asyncio.timeout(limit):
                return await response
        except TimeoutError:
            return False
        finally:
            child.syncs.pop(number, None)

    async def restart(self, engine: str | None = None, limit: float = START_LIMIT) -> None:
        """Kill the process, if there is one, and start a new one, with another engine if given. Nothing is
        loaded then.

        Works in any state: running, stalled, ended, never started. Raises StartError.
        """
        _check(engine or self._engine)
        async with self._changing:
            await self._kill()
            self._engine = engine or self._engine
            await self._start(limit)

    async def aclose(self, limit: float = 2.0) -> None:
        """Stop the process, within `limit` seconds, or else kill it. Safe to call twice."""
        async with self._changing:
            child = self._child
            if child is None:
                return
            try:
                if child.alive and child.stalled is None:
                    child.expected = True
                    child.send(ipc.Stop())
                    # A loop that does not even get to this has too much to read: it would not stop in time.
                    if await self.sync(min(RESPONSE_LIMIT, limit)):
                        await asyncio.wait([child.ended], timeout=limit)
            finally:
                await self._kill()

    async def _start(self, limit: float) -> None:
        child = ChildProtocol(self._on_event, self._engine, self._on_watermark)
        await child.start()
        self._child = child
        try:
            async with asyncio.timeout(limit):
                await asyncio.shield(child.listening)
        except TimeoutError:
            await self._kill()
            hint = "Try again when the machine is less busy."
            raise StartError(f"The server was not listening within {limit:g} s", hint) from None
        except BaseException:  # StartError, or cancelled
            await self._kill()
            raise

    async def _kill(self) -> None:
        """Kill the process if it is alive, and wait until it is reaped and its last output is read."""
        child = self._child
        if child is None or child.ended.done():
            return
        child.expected = True
        child.kill()
        # A killed process ends, and its pipes have a limit (`child_protocol.DRAIN_LIMIT`); this is one more.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(10.0):
                await asyncio.shield(child.ended)

    def _listening(self) -> ipc.Listening:
        if self._child is None or not self._child.alive:
            raise RuntimeError("the server is not running")
        return self._child.listening.result()

    def _load_stalled(self, child: ChildProtocol, name: str, path: str, limit: float) -> StalledError:
        source = child.stalled[1] if child.stalled is not None else None
        file, line = (source.file, source.line) if source is not None else (None, None)
        error = StalledError(f"Loading {name}", limit, file, line)
        function = source.function if source is not None else ""
        failed = ipc.LoadFailed(
            0, to_events.now(), name, path, line, function, "", str(error), "", "", [path]
        )
        self._on_event(to_events.load_failed_event(failed), None)
        return error


def _check(engine: str) -> None:
    if engine not in ENGINE_NAMES:
        raise ValueError(f"there is no engine {engine!r}; there are {', '.join(ENGINE_NAMES)}")
