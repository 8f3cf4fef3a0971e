import asyncio
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wsplay.play.exposure import is_loopback, network_warning
from wsplay.wire.connections import Connections
from wsplay.wire.tap import Tap


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.10", "::1", "::ffff:127.0.0.1"])
def test_a_loopback_address_needs_no_warning(host: str) -> None:
    assert network_warning([(host, 8000)]) == ""


@pytest.mark.parametrize(
    ("host", "shown"),
    [
        ("0.0.0.0", "0.0.0.0:8000 (every network of this machine)"),
        ("::", "[::]:8000 (every network of this machine)"),
        ("192.0.2.7", "192.0.2.7:8000"),
        ("::ffff:192.0.2.7", "[::ffff:192.0.2.7]:8000"),
        ("fe80::1%eth0", "[fe80::1%eth0]:8000"),
    ],
)
def test_the_warning_says_where_and_what_others_can_do(host: str, shown: str) -> None:
    warning = network_warning([("127.0.0.1", 8000), (host, 8000)])
    assert f"listening on {shown}." in warning
    assert "127.0.0.1" not in warning
    for word in ("other machines can connect", "run its code", "tokens", "--host"):
        assert word in warning


@given(st.ip_addresses())
def test_only_loopback_addresses_go_without_a_warning(address: object) -> None:
    host = str(address)
    assert is_loopback(host) == (network_warning([(host, 1)]) == "")
    if host.startswith("127."):
        assert is_loopback(host)


@given(st.text())
def test_what_is_no_address_counts_as_reachable(host: str) -> None:
    if is_loopback(host):
        assert host.startswith(("127.", "::1", "::ffff:127.", "0"))


async def test_the_addresses_are_those_really_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that looks like this machine and resolves to more than it."""
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, 0)) for host in ("127.0.0.1", "0.0.0.0")]

    async def resolve(*_: object, **__: object) -> list[object]:
        return list(found)

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", resolve)
    tap = Tap(lambda event: None, connections=Connections())
    await tap.start("localhost", 0)
    try:
        assert sorted(host for host, _ in tap.addresses) == ["0.0.0.0", "127.0.0.1"]
        assert "0.0.0.0" in network_warning(tap.addresses)
    finally:
        await tap.aclose()
    assert tap.addresses == []
