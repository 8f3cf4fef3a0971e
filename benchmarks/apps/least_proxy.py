"""The least proxy asyncio can be, which looks at nothing: prints its port, ends with its stdin.

python least_proxy.py PORT
"""

import asyncio
import sys


class Half(asyncio.BufferedProtocol):
    """One socket; what comes is written to the other."""

    buffer = memoryview(bytearray(262_144))
    transport: asyncio.Transport
    other: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def get_buffer(self, sizehint: int) -> memoryview:
        return self.buffer

    def buffer_updated(self, nbytes: int) -> None:
        self.other.write(bytes(self.buffer[:nbytes]))


class Front(Half):
    """A client's socket."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.transport.pause_reading()
        self.task = asyncio.ensure_future(self.join())

    async def join(self) -> None:
        loop = asyncio.get_running_loop()
        self.other, back = await loop.create_connection(Half, "127.0.0.1", int(sys.argv[1]))
        back.other = self.transport
        self.transport.resume_reading()


async def main() -> None:
    server = await asyncio.get_running_loop().create_server(Front, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.to_thread(sys.stdin.read)


asyncio.run(main())
