"""A port that cannot be had: one line with the port and what to pass instead, exit 3."""

from __future__ import annotations

import shlex
import socket
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow

NET_BIND_SERVICE = 10
#: A port for root alone that hardly anything listens on.
RESERVED = 1


@pytest.fixture
def no_permission() -> None:
    """Skip where any user may listen on any port."""
    first = int(Path("/proc/sys/net/ipv4/ip_unprivileged_port_start").read_text())
    if first <= RESERVED:
        pytest.skip(f"any user may listen on port {RESERVED} here: no permission could not be tried")


def one_line(done: Any, *words: str) -> None:
    assert done.returncode == 3, done
    assert done.stdout == ""
    [line] = done.stderr.splitlines()
    for word in words:
        assert word in line


def test_a_taken_port(wsplay: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        one_line(wsplay("serve", "3", "--port", str(port)), f"127.0.0.1:{port}", "in use", "--port")


def test_no_permission(wsplay: Any, tools: Any, no_permission: None) -> None:
    done = wsplay("serve", "3", "--port", str(RESERVED), preexec_fn=tools.without(NET_BIND_SERVICE))
    one_line(done, f"127.0.0.1:{RESERVED}", "ermission denied", "--port")


@pytest.mark.parametrize("host", ["192.0.2.1", "no-such-host.invalid"])
def test_an_address_that_is_not_of_this_machine(wsplay: Any, host: str) -> None:
    one_line(wsplay("serve", "3", "--host", host), host)


@pytest.mark.tmux
def test_no_permission_in_the_terminal(terminal: Any, no_permission: None) -> None:
    drop = f"import ctypes, os, sys; ctypes.CDLL(None).prctl(24, {NET_BIND_SERVICE}, 0, 0, 0)"
    run = "os.execv(sys.executable, [sys.executable, *sys.argv[1:]])"
    prefix = shlex.join([sys.executable, "-c", f"{drop}; {run}", "-m", "wsplay"])
    # The interpreter that drops the right becomes the one that runs wsplay.
    terminal.start_command(f"{prefix} --port {RESERVED} 3")
    text = terminal.until("EXIT 3")
    assert f"cannot listen on 127.0.0.1:{RESERVED}" in text
    assert "ermission denied" in text
    assert "--port" in text
    assert "Traceback" not in text
    terminal.ended(3)
