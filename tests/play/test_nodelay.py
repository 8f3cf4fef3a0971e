"""Small frames leave at once, as they do from a server or client that made its own sockets.

asyncio turns Nagle's algorithm off only for sockets whose protocol is named as TCP. Where it is left on,
the second of two small messages waits for the peer's delayed ACK, 40 ms on Linux, and the timeline would show
that as if it were the endpoint's doing.
"""

import asyncio
import socket
from collections.abc import Callable

import pytest

from wsplay.client.dial import bound_socket as client_socket
from wsplay.server.child.engines import bound_socket as server_socket

pytestmark = pytest.mark.slow


@pytest.fixture(params=["server", "client"])
def make(request: pytest.FixtureRequest) -> Callable[[], socket.socket]:
    return {"server": server_socket, "client": lambda: client_socket(socket.AF_INET, "127.0.0.1")}[
        request.param
    ]


async def test_a_connection_over_our_socket_has_nodelay(make: Callable[[], socket.socket]) -> None:
    ours = make()
    options: asyncio.Queue[int] = asyncio.Queue()

    def note(writer: asyncio.StreamWriter) -> None:
        sock = writer.get_extra_info("socket")
        options.put_nowait(sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))

    if make is server_socket:

        def accept(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            note(writer)
            writer.close()

        server = await asyncio.start_server(accept, sock=ours)
        _, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    else:
        server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
        await asyncio.get_running_loop().sock_connect(ours, server.sockets[0].getsockname())
        _, writer = await asyncio.open_connection(sock=ours)
        note(writer)
    async with asyncio.timeout(20):
        assert await options.get() != 0
    writer.close()
    await writer.wait_closed()
    server.close()
    await server.wait_closed()
