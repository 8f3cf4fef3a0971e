"""An endpoint that blocks the loop, and a server that dies: told at once, survived, and restarted."""

from __future__ import annotations

import json
import os
import signal
import socket
import time
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow

BLOCKS = "await websocket.accept()\nwhile True: time.sleep(1)"
WAITS = "await websocket.accept()\nawait websocket.send_text('there')\nawait websocket.receive_text()"
REQUEST = (
    b"GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


@pytest.mark.parametrize(
    ("body", "ended"),
    [(BLOCKS, "open"), ("while True: pass", "timeout")],
)
def test_a_blocked_loop_is_told_within_a_second_with_its_line(
    wsplay: Any, endpoint: Any, tools: Any, line_of: Any, body: str, ended: str
) -> None:
    path = endpoint(body, block='[tool.wsplay]\n[[tool.wsplay.try]]\nname = "a"\ntimeout = 2\n')
    done = wsplay("run", str(path), "--json", "--timeout", "3")
    *events, outcome = tools.events(done.stdout)
    assert done.stderr == ""
    assert done.returncode == 0
    [stalled] = [event for event in events if event["kind"] == "server.stalled"]
    assert stalled["data"]["seconds"] <= 1.0
    assert (stalled["source"]["file"], stalled["source"]["line"]) == ("probe.py", line_of(path, "while True"))
    assert outcome["ended"] == ended
    assert "block" in outcome["verdict"] or "stall" in outcome["verdict"], outcome["verdict"]


def test_sigkill_of_the_child_in_mid_connection(start: Any, endpoint: Any, tools: Any) -> None:
    run = start("run", str(endpoint(WAITS + "\nawait asyncio.sleep(60)")), "--json", "--send", "x")
    # The child is killed by its pid, from outside, as soon as the connection is up.
    run.event("client.received")
    [child] = tools.children(run.pid)
    os.kill(child, signal.SIGKILL)
    exited = run.event("server.exited")
    assert (exited["data"]["signal"], exited["data"]["expected"]) == ("SIGKILL", False)
    assert run.ended() == 0
    outcome = json.loads(run.text.splitlines()[-1])
    assert (outcome["kind"], outcome["ended"], outcome["close"]) == ("outcome", "dropped", None)
    assert "SIGKILL" in outcome["verdict"]
    assert "Traceback" not in run.text


def test_a_served_endpoint_that_kills_the_server_comes_back_when_it_is_saved(
    start: Any, endpoint: Any, tools: Any
) -> None:
    path = endpoint("await websocket.accept()\nos._exit(3)")
    served = start("serve", str(path))
    port = int(served.until(r"ws://127\.0\.0\.1:(\d+)/ws"))
    with socket.create_connection(("127.0.0.1", port), timeout=40) as client:
        client.sendall(REQUEST)
        while client.recv(4096):
            continue
    served.until(r"exited with code 3")
    # The address stays; who comes meanwhile is turned away, and that is shown.
    with socket.create_connection(("127.0.0.1", port), timeout=40) as client:
        try:
            client.sendall(REQUEST)
            assert client.recv(4096) == b""
        except ConnectionError:
            pass
    served.until(r"wire .*reset")
    path.write_text(path.read_text().replace("os._exit(3)", "await websocket.close(4000, 'mended')"))
    served.until(r"loaded probe in[\s\S]*loaded probe in")
    with socket.create_connection(("127.0.0.1", port), timeout=40) as client:
        client.sendall(REQUEST)
        said = b""
        while b"mended" not in said and (more := client.recv(4096)):
            said += more
    assert b"mended" in said
    assert "Traceback" not in served.text


def child_of(terminal: Any, tools: Any) -> int:
    """The server's pid."""

    def find() -> int | None:
        for pid in tools.children(terminal.pid):
            if b"wsplay.server.child" in Path(f"/proc/{pid}/cmdline").read_bytes():
                return int(pid)
        return None

    return int(tools.until(find))


@pytest.mark.tmux
def test_in_the_terminal_a_blocked_loop_leaves_the_screen_alive_and_a_key_restarts_it(
    terminal: Any, endpoint: Any, tools: Any, line_of: Any
) -> None:
    path = endpoint(BLOCKS)
    terminal.start(str(path))
    terminal.until("READY")
    child = child_of(terminal, tools)
    terminal.keys("C-r")
    terminal.until("STALLED", "R kills and restarts", f"line {line_of(path, 'while True')}")
    # The screen answers: the help opens and closes, another pane gets the screen.
    terminal.keys("Escape")  # the connection has opened: the message has the keys
    time.sleep(0.5)  # a key right behind Escape would be taken for Alt
    terminal.keys("t", "?")
    terminal.until("Kill the server, start it and load the scenario again")
    terminal.keys("Escape")
    terminal.until_gone("Kill the server, start it and load the scenario again")
    terminal.keys("R")
    tools.until(lambda: not tools.lives(child))
    terminal.until("● listening")
    assert child_of(terminal, tools) != child
    good = path.read_text().replace("while True: time.sleep(1)", "await websocket.close(4000, 'free')")
    path.write_text(good)
    terminal.keys("L")
    terminal.until("READY", "probe.py is loaded")
    terminal.keys("C-r")
    terminal.until('close 4000 "free"')
    terminal.keys("C-q")
    terminal.ended(0)


@pytest.mark.tmux
def test_in_the_terminal_a_killed_server_is_told_and_a_key_restarts_it(
    terminal: Any, endpoint: Any, tools: Any
) -> None:
    terminal.start(str(endpoint(WAITS)))
    terminal.until("READY")
    terminal.keys("C-r")
    terminal.until('"there"')
    child = child_of(terminal, tools)
    os.kill(child, signal.SIGKILL)
    terminal.until("killed by SIGKILL", "R restarts it", "DROPPED")
    terminal.keys("t", "R")
    terminal.until("● listening")
    assert child_of(terminal, tools) != child
    terminal.keys("C-r")
    terminal.until("run 2", '"there"', "connected")
    terminal.keys("C-q")
    terminal.ended(0)


@pytest.mark.tmux
def test_a_signal_ends_it_while_the_loop_is_blocked(terminal: Any, endpoint: Any, tools: Any) -> None:
    terminal.start(str(endpoint(BLOCKS)))
    text = terminal.until("READY", "ws://127.0.0.1:")
    port = int(text.split("ws://127.0.0.1:")[1].split("/")[0])
    terminal.keys("C-r")
    terminal.until("STALLED")
    pids = {terminal.pid, child_of(terminal, tools)}
    os.kill(terminal.pid, signal.SIGTERM)
    terminal.ended(143)
    tools.nothing_left(pids, port)
