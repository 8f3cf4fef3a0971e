"""A port that cannot be had: one line, exit 3. An address that others reach: a warning, each time."""

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


@pytest.mark.parametrize("host", ["192.0.2.1", "no-such-host.invalid", "no..name", "n" * 70 + ".invalid"])
def test_an_address_that_is_not_of_this_machine(wsplay: Any, host: str) -> None:
    one_line(wsplay("serve", "3", "--host", host), host)


@pytest.mark.parametrize(("host", "warned"), [("0.0.0.0", True), ("0", True), ("localhost", False)])
def test_others_who_can_connect_are_warned_of(start: Any, host: str, warned: bool) -> None:
    """The address that was bound decides, not the text: `0` is 0.0.0.0."""
    program = start("serve", "3", "--host", host)
    program.until(r"Ctrl\+C to stop")
    lines = [line for line in program.text.splitlines() if line.startswith("warning: ")]
    assert len(lines) == warned
    if warned:
        assert "other machines can connect: listening on 0.0.0.0:" in lines[0]


@pytest.mark.tmux
def test_others_who_can_connect_are_warned_of_in_the_terminal(terminal: Any) -> None:
    terminal.start("--host", "0.0.0.0", "3")
    terminal.until("READY", "Other machines can connect: listening on 0.0.0.0:", "tokens")
    terminal.keys("C-q")
    terminal.ended(0)


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
