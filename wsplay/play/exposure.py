"""Who can reach the addresses that the tap listens on: this machine alone, or others too."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable

Address = tuple[str, int]


def network_warning(addresses: Iterable[Address]) -> str:
    """What others can do with these addresses, in plain words; empty if only this machine reaches them.

    `addresses` are those really bound, as the sockets report them, and not the host that was asked for: a
    name can resolve to anything.
    """
    reachable = [address for address in addresses if not is_loopback(address[0])]
    if not reachable:
        return ""
    where = ", ".join(map(_shown, reachable))
    return (
        f"other machines can connect: listening on {where}. Anyone who reaches this port can connect to the "
        "endpoint, make it run its code, and log in with the tokens and passwords that the scenario shows. "
        "To allow this machine only, leave --host out."
    )


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches an address. What is not an IP address counts as reachable by all."""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped.is_loopback
    return address.is_loopback


def _shown(address: Address) -> str:
    host, port = address
    every = " (every network of this machine)" if host in ("0.0.0.0", "::") else ""
    return f"[{host}]:{port}{every}" if ":" in host else f"{host}:{port}{every}"
