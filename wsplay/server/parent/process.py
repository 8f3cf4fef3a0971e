"""The parent's handle on the server's process: start, load, restart, stop."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from wsplay.protocol.engine import DEFAULT_ENGINE, ENGINE_NAMES
from wsplay.server import ipc as link
from wsplay.server.parent import to_events as report
from wsplay.server.parent.child_protocol import ChildProtocol, Observe
from wsplay.server.parent.errors import LoadError, StalledError, StartError

#: Seconds the process has to listen. Most of it is importing; a cold, busy machine takes a while.
START_LIMIT = 30.0
#: Seconds a scenario has to load, its lifespan's startup included.
LOAD_LIMIT = 10.0


@dataclass(frozen=True, slots=True)
class Loaded:
    """A scenario that serves. `ms` is how long the child took; `routes` as `server.loaded` has them."""

    name: str
    file: str
    ms: float
    routes: tuple[dict[str, Any], ...]


class ServerProcess:
    """A real ASGI server in a process of its own, with one scenario loaded at a time.

    `observe(event, port)` is called on the loop's thread, in order; `port` is the client's port as the ASGI
    scope has it, None for the server's lane. `on_told()` follows on `ask_told`. Use from one loop. Nothing is
    left behind after `aclose`, and the child does not outlive this process, however that ends.
    """

    def __init__(
        self,
        on_event: Observe,
        *,
        engine: str = DEFAULT_ENGINE,
        on_told: Callable[[], object] = lambda: None,
    ) -> None:
        _check(engine)
        self._observe = on_event
        self._on_told = on_told
        self._engine = engine
        self._life: ChildProtocol | None = None
        self._changing = asyncio.Lock()

    @property
    def engine(self) -> str:
        """The engine's name."""
        return self._engine

    @property
    def alive(self) -> bool:
        """Whether the process runs and listens."""
        return self._life is not None and self._life.alive

    @property
    def stalled(self) -> bool:
        """Whether the process, or its loop, does not answer at present."""
        return self.alive and self._life is not None and self._life.stalled is not None

    @property
    def pid(self) -> int | None:
        """The process's id while it is alive."""
        return self._life.pid if self._life is not None and self.alive else None

    @property
    def address(self) -> tuple[str, int]:
        """Where it listens. Raises RuntimeError where it is not alive."""
        host, port = self._said().address[:2]
        return (str(host), int(port))

    @property
    def versions(self) -> dict[str, str]:
        """By name: engine, python, and the distributions that matter to a run, as far as installed."""
        return {str(name): str(version) for name, version in self._said().versions.items()}

    def told(self, now_ns: int) -> tuple[int, int]:
        """The time up to which the process has told everything, and when that was said; now without one."""
        life = self._life
        return (now_ns, now_ns) if life is None or life.ended.done() else life.told

    def ask_told(self) -> None:
        """Have the process say up to which time it has told everything; `on_told` is called then."""
        if self._life is not None:
            self._life.ask_told()

    async def start(self, limit: float = START_LIMIT) -> None:
        """Start the process and wait until it listens. Raises StartError; no process is left then."""
        async with self._changing:
            if self._life is not None and not self._life.ended.done():
                raise RuntimeError("the server has been started already")
            await self._start(limit)

    async def load(
        self,
        name: str,
        file: str | os.PathLike[str],
        source: str,
        *,
        options: dict[str, Any] | None = None,
        limit: float = LOAD_LIMIT,
    ) -> Loaded:
        """Load `source`, under the name of `file`, in the place of what is loaded now. A few milliseconds.

        Raises LoadError where it does not load (what was loaded before still serves) and StalledError where
        there is no answer within `limit` seconds (only a restart helps then). `options` is passed on.
        """
        life = self._life
        path = os.path.abspath(file)  # noqa: ASYNC240 - it asks for the working directory, no more
        if life is None or not life.alive:
            raise LoadError(name, path, "the server is not running.", hint="Restart it.")
        number = life.number()
        answer: asyncio.Future[link.LoadDone | link.LoadFailed] = asyncio.get_running_loop().create_future()
        life.loads[number] = answer
        # The child gives the app's own startup a little less, so that it can say what took so long.
        life.tell(link.Load(number, name, path, source, limit * 0.8, options or {}))
        try:
            async with asyncio.timeout(limit):
                message = await answer
        except TimeoutError:
            raise self._load_stalled(life, name, path, limit) from None
        except EOFError as error:
            message = link.LoadFailed(
                number,
                report.now(),
                name,
                path,
                None,
                "",
                "",
                f"the server's process {error} meanwhile.",
                "",
                "",
            )
            self._observe(report.load_failed_event(message), None)
        finally:
            life.loads.pop(number, None)
        if isinstance(message, link.LoadDone):
            return Loaded(name, path, message.ms, tuple(message.routes))
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

    async def sync(self, limit: float = 1.0) -> bool:
        """Wait until all the child has observed and printed so far has been given to `observe`.

        False where that takes longer than `limit` seconds (a stalled loop) or the child is gone.
        """
        life = self._life
        if life is None or not life.alive:
            return False
        number = life.number()
        answer: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        life.syncs[number] = answer
        life.tell(link.Sync(number))
        try:
            async with asyncio.timeout(limit):
                return await answer
        except TimeoutError:
            return False
        finally:
            life.syncs.pop(number, None)

    async def restart(self, engine: str | None = None, limit: float = START_LIMIT) -> None:
        """Kill the process, if there is one, and start another, of another engine if asked; nothing is
        loaded.

        Works from any state: running, stalled, dead, never started. Raises StartError.
        """
        _check(engine or self._engine)
        async with self._changing:
            await self._kill()
            self._engine = engine or self._engine
            await self._start(limit)

    async def aclose(self, limit: float = 2.0) -> None:
        """Stop the process: ask it for up to `limit` seconds, then kill it. Safe to call twice."""
        async with self._changing:
            life = self._life
            if life is None:
                return
            try:
                if life.alive and life.stalled is None:
                    life.expected = True
                    life.tell(link.Stop())
                    await asyncio.wait([life.ended], timeout=limit)
            finally:
                await self._kill()

    async def _start(self, limit: float) -> None:
        life = ChildProtocol(self._observe, self._engine, self._on_told)
        await life.start()
        self._life = life
        try:
            async with asyncio.timeout(limit):
                await asyncio.shield(life.listening)
        except TimeoutError:
            await self._kill()
            hint = "Try again when the machine is less busy."
            raise StartError(f"The server did not listen within {limit:g} s", hint) from None
        except BaseException:  # a StartError, or we are cancelled
            await self._kill()
            raise

    async def _kill(self) -> None:
        """Kill the process, if it lives, and wait until it is reaped and its last words are read."""
        life = self._life
        if life is None or life.ended.done():
            return
        life.expected = True
        life.kill()
        # Killed, it ends; the wait is bounded all the same, by the time its pipes are given (see life.py).
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(10.0):
                await asyncio.shield(life.ended)

    def _said(self) -> link.Listening:
        if self._life is None or not self._life.alive:
            raise RuntimeError("the server is not running")
        return self._life.listening.result()

    def _load_stalled(self, life: ChildProtocol, name: str, path: str, limit: float) -> StalledError:
        source = life.stalled[1] if life.stalled is not None else None
        file, line = (source.file, source.line) if source is not None else (None, None)
        error = StalledError(f"Loading {name}", limit, file, line)
        function = source.function if source is not None else ""
        failed = link.LoadFailed(0, report.now(), name, path, line, function, "", str(error), "", "")
        self._observe(report.load_failed_event(failed), None)
        return error


def _check(engine: str) -> None:
    if engine not in ENGINE_NAMES:
        raise ValueError(f"there is no engine {engine!r}; there are {', '.join(ENGINE_NAMES)}")
