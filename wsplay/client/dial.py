"""Sockets with a known local port before they connect: events of the lanes are matched by that port."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from typing import Any


async def resolve(host: str, port: int) -> tuple[socket.AddressFamily, tuple[Any, ...]]:
    """The address to connect to: the name's first IPv4 address, or else its first address.

    Raises:
        OSError: If the name cannot be resolved.

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
    """A non-blocking TCP socket, bound to a local port, for a connection to the IP address `host`.

    Raises:
        OSError: If the address family is not supported, or no port is left.

    """
    # asyncio sets TCP_NODELAY only if the protocol is given; without it, Nagle delays small frames by 40 ms.
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
