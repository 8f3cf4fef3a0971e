"""The lifespan of an app: its startup before it is served, its shutdown when it is replaced.

ASGI lifespan protocol, https://asgi.readthedocs.io/en/latest/specs/lifespan.html. An app that raises on the
lifespan scope does not support it and is served without, which is uvicorn's default too.
"""

from __future__ import annotations

import asyncio
from typing import Any

from wsplay.server.child.copies import Copy, enter
from wsplay.server.child.stack import message_of, type_name
from wsplay.server.child.trace import App


class StartupFailed(Exception):
    """The app reported a failed startup, raised, or took too long. `error` is its exception, if any."""

    def __init__(self, message: str, error: BaseException | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.error = error


class Lifespan:
    """Runs one app's lifespan in a task of its own. `state` is the app's lifespan state."""

    def __init__(self, app: App, copy: Copy) -> None:
        self.state: dict[str, Any] = {}
        self._app = app
        self._copy = copy
        self._messages: asyncio.Queue[dict[str, str]] = asyncio.Queue()
        self._started = asyncio.Event()
        self._stopped = asyncio.Event()
        self._supported = False
        self._failed: str | None = None
        self._error: BaseException | None = None
        self._task: asyncio.Task[None] | None = None

    async def startup(self, limit: float) -> None:
        """Wait up to `limit` seconds for the app's startup. Raises StartupFailed."""
        self._messages.put_nowait({"type": "lifespan.startup"})
        self._task = asyncio.create_task(self._run(), name="wsplay-lifespan")
        try:
            async with asyncio.timeout(limit):
                await self._started.wait()
        except TimeoutError:
            await self._cancel(wait=0.0)
            raise StartupFailed(f"the app's startup did not finish in {limit:g} s") from None
        if self._failed is not None:
            await self._cancel()
            raise StartupFailed(self._failed, self._error)

    async def shutdown(self, limit: float) -> str | None:
        """Wait up to `limit` seconds for the app's shutdown. Returns what went wrong, or None."""
        if self._task is None or not self._supported:
            return None
        self._messages.put_nowait({"type": "lifespan.shutdown"})
        try:
            async with asyncio.timeout(limit):
                await self._stopped.wait()
        except TimeoutError:
            return f"the app's shutdown did not finish in {limit:g} s"
        finally:
            await self._cancel()
        if self._error is not None:
            return f"{type_name(self._error)}: {message_of(self._error)}"
        return self._failed

    async def _cancel(self, wait: float = 0.2) -> None:
        task, self._task = self._task, None
        if task is not None:
            # An app that has reported the end of its shutdown is about to return.
            await asyncio.wait([task], timeout=wait)
            task.cancel()
            await asyncio.wait([task], timeout=0.2)

    async def _run(self) -> None:
        scope = {
            "type": "lifespan",
            "asgi": {"version": "3.0", "spec_version": "2.0"},
            "state": self.state,
        }
        enter(self._copy)
        try:
            await self._app(scope, self._messages.get, self._send)
        except asyncio.CancelledError:
            raise
        except BaseException as error:  # noqa: BLE001 - startup() and shutdown() report it; sys.exit() included
            self._error = error
        finally:
            self._started.set()
            self._stopped.set()

    async def _send(self, message: dict[str, Any]) -> None:
        match message["type"]:
            case "lifespan.startup.complete":
                self._supported = True
                self._started.set()
            case "lifespan.startup.failed":
                self._failed = str(message.get("message") or "the app's startup failed")
                self._started.set()
            case "lifespan.shutdown.complete":
                self._stopped.set()
            case "lifespan.shutdown.failed":
                self._failed = str(message.get("message") or "the app's shutdown failed")
                self._stopped.set()
