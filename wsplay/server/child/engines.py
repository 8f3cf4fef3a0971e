"""The servers themselves, in the child only: uvicorn with each of its WebSocket implementations."""

from __future__ import annotations

import contextlib
import importlib.metadata
import socket
import sys
import warnings
from collections.abc import Callable, Generator

import uvicorn

from wsplay.protocol.engine import get_engine
from wsplay.server.child.app_slot import AppSlot

#: The distributions whose versions a run's outcome may depend on.
DISTRIBUTIONS = ("uvicorn", "starlette", "fastapi", "websockets", "wsproto", "h11", "PyJWT")

#: How long uvicorn waits for connections to end when it stops, in seconds.
GRACE = 1


def versions(engine: str) -> dict[str, str]:
    """Versions of engine, Python and the distributions that are installed."""
    found = {"engine": engine, "python": ".".join(map(str, sys.version_info[:3]))}
    for name in DISTRIBUTIONS:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            found[name] = importlib.metadata.version(name)
    return found


def bound_socket() -> socket.socket:
    """A socket on an ephemeral port of 127.0.0.1. Raises OSError."""
    # asyncio sets TCP_NODELAY only where the protocol is named; without, Nagle holds small frames back 40 ms.
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        sock.bind(("127.0.0.1", 0))
    except OSError:
        sock.close()
        raise
    return sock


def make_server(
    engine: str, holder: AppSlot, *, on_listening: Callable[[], None], on_ended: Callable[[], None]
) -> Server:
    """A uvicorn that serves `holder`. Everything that would depend on the surroundings is said explicitly.

    Raises ImportError where the engine's implementation is not installed.
    """
    config = uvicorn.Config(
        holder,
        interface="asgi3",
        loop="asyncio",
        http="h11",
        ws=get_engine(engine).implementation,
        lifespan="off",  # the holder runs the lifespans of the apps it loads
        log_config=None,
        access_log=True,
        workers=1,
        proxy_headers=False,  # scope["client"] is to be the TCP peer, whatever X-Forwarded-For says
        timeout_graceful_shutdown=GRACE,
    )
    # The legacy implementation warns when it is imported and when it is used. It was asked for by name.
    warnings.filterwarnings("ignore", module=r"websockets\.legacy|uvicorn\.protocols\.websockets\.")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        config.load()
    return Server(config, holder, on_listening, on_ended)


class Server(uvicorn.Server):
    """uvicorn's server, which tells when it listens and runs the loaded app's shutdown when it stops."""

    def __init__(
        self,
        config: uvicorn.Config,
        holder: AppSlot,
        on_listening: Callable[[], None],
        on_ended: Callable[[], None],
    ) -> None:
        super().__init__(config)
        self._holder = holder
        self._on_listening = on_listening
        self._on_ended = on_ended

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._on_listening()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await super().shutdown(sockets)
        await self._holder.aclose()

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        # On its way out uvicorn raises the signal that stopped it again, which ends the process.
        with super().capture_signals():
            try:
                yield
            finally:
                self._on_ended()
