"""A socket whose local port is known before it connects: by that port, all lanes find each other."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from typing import Any


async def resolve(host: str, port: int) -> tuple[socket.AddressFamily, tuple[Any, ...]]:
    """The one address to connect to: of a name's addresses the first IPv4 one, or else the first.

    Raises:
        OSError: If the name is not known.

    """
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        infos = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        family, _, _, _, found = min(infos, key=lambda info: info[0] != socket.AF_INET)
        return family, found
    if address.version == 6:
        return socket.AF_INET6, (host, port, 0, 0)
    return socket.AF_INET, (host, port)


def bound_socket(family: socket.AddressFamily, host: str) -> socket.socket:
    """A non-blocking TCP socket with a local port of its own, fit to connect to the IP address `host`.

    Raises:
        OSError: If there is no such family here, or no port left.

    """
    # asyncio sets TCP_NODELAY only where the protocol is named; without, Nagle holds small frames back 40 ms.
    sock = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        sock.setblocking(False)
        if ipaddress.ip_address(host.partition("%")[0]).is_loopback:
            sock.bind(("::1" if family == socket.AF_INET6 else "127.0.0.1", 0))
        else:
            sock.bind(("", 0))
    except OSError:
        sock.close()
        raise
    return sock
