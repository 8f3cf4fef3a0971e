"""The engines: uvicorn with each of its WebSocket implementations."""

from __future__ import annotations

import contextlib
import importlib.metadata
import socket
import sys
import warnings
from collections.abc import Callable, Generator, Set
from types import FrameType

import uvicorn

from wsplay.protocol.engine import get_engine
from wsplay.server.child.app_slot import AppSlot

#: The distributions whose versions may affect the outcome of a run.
DISTRIBUTIONS = ("uvicorn", "starlette", "fastapi", "websockets", "wsproto", "h11", "PyJWT")

#: Seconds that uvicorn waits for connections to end when it stops.
GRACE = 1
#: Bytes that the system may hold for each connection until uvicorn reads them, about. uvicorn handles all it
#: reads at once before anyone else has a turn: 256 KB, its most, are 40,000 empty messages.
RECEIVE_BUFFER = 32_768


def versions(engine: str) -> dict[str, str]:
    """By name: the engine, and the versions of Python and of the installed distributions."""
    found = {"engine": engine, "python": ".".join(map(str, sys.version_info[:3]))}
    for name in DISTRIBUTIONS:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            found[name] = importlib.metadata.version(name)
    return found


def bound_socket() -> socket.socket:
    """A socket on an ephemeral port of 127.0.0.1. Raises OSError."""
    # asyncio sets TCP_NODELAY only if the protocol is given; without it, Nagle delays small frames by 40 ms.
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)  # its connections inherit it
        sock.bind(("127.0.0.1", 0))
    except OSError:
        sock.close()
        raise
    return sock


def make_server(
    engine: str,
    slot: AppSlot,
    *,
    on_listening: Callable[[], None],
    on_ended: Callable[[], None],
    on_signal: Callable[[], None],
) -> Server:
    """uvicorn, serving `slot`. Options that would otherwise come from environment variables are set here.

    `on_signal` is called, in a signal handler, when a signal asks it to stop.

    Raises ImportError if the engine's implementation is not installed.
    """
    config = uvicorn.Config(
        slot,
        interface="asgi3",
        loop="asyncio",
        http="h11",
        ws=get_engine(engine).implementation,
        lifespan="off",  # the slot runs the lifespan of each app it loads
        log_config=None,
        access_log=True,
        workers=1,
        proxy_headers=False,  # scope["client"] must be the TCP peer, whatever X-Forwarded-For says
        timeout_graceful_shutdown=GRACE,
    )
    # The legacy implementation warns when it is imported and used; the user chose it by name.
    warnings.filterwarnings("ignore", module=r"websockets\.legacy|uvicorn\.protocols\.websockets\.")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        config.load()
    return Server(config, slot, on_listening, on_ended, on_signal)


class Server(uvicorn.Server):
    """uvicorn's server; it reports when it listens, and runs the loaded app's shutdown when it stops."""

    def __init__(
        self,
        config: uvicorn.Config,
        slot: AppSlot,
        on_listening: Callable[[], None],
        on_ended: Callable[[], None],
        on_signal: Callable[[], None],
    ) -> None:
        super().__init__(config)
        self._on_signal = on_signal
        self._slot = slot
        self._on_listening = on_listening
        self._on_ended = on_ended
        slot.close_connections = self.close_connections

    def close_connections(self, ports: Set[int], before: Callable[[int], None]) -> None:
        """Close the WebSocket connections from these client ports, as uvicorn does when it stops: with close
        1012, or with status 500 before accept. `before` is called with each port.
        """
        for connection in list(self.server_state.connections):
            client = getattr(connection, "client", None)  # not every HTTP implementation has one
            if client is not None and client[1] in ports:
                before(client[1])
                connection.shutdown()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._on_listening()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await super().shutdown(sockets)
        await self._slot.aclose()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        super().handle_exit(sig, frame)
        self._on_signal()

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        # On exit, uvicorn raises the signal that stopped it once more, which ends the process.
        with super().capture_signals():
            try:
                yield
            finally:
                self._on_ended()
