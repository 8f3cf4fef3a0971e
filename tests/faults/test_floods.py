"""One client floods `wsplay serve`: others and Ctrl+C do not wait for it, and what is not shown is told."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow

MASK = b"\x00\x00\x00\x00"
BEGIN, FRAGMENT, CLOSE = b"\x01\x80" + MASK, b"\x00\x80" + MASK, b"\x88\x82" + MASK + b"\x03\xe8"
ECHO = "while True: await websocket.send_text(await websocket.receive_text())"
#: Seconds. Without slices, a million fragments made both wait for ten seconds and more.
LIMIT = 6.0
#: A million frames.
FLOOD = 1_000_000


class Served:
    """`wsplay serve --json`, and what it has written to a file."""

    def __init__(self, process: subprocess.Popen[bytes], output: Path) -> None:
        self.process = process
        self.output = output
        self.port = 0
        self.clients: list[socket.socket] = []

    @property
    def events(self) -> list[dict[str, Any]]:
        lines = self.output.read_bytes().splitlines(keepends=True)
        told = [json.loads(line) for line in lines if line.endswith(b"\n")]
        return [one for one in told if one["kind"] != "outcome"]

    def count(self, kind: str) -> int:
        """How many events of a kind were written so far."""
        return self.output.read_bytes().count(f'"kind":"{kind}"'.encode())

    def connect(self) -> socket.socket:
        client = socket.create_connection(("127.0.0.1", self.port), timeout=60)
        self.clients.append(client)
        client.sendall(
            b"GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        )
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += client.recv(1)
        assert head.startswith(b"HTTP/1.1 101")
        return client


@pytest.fixture
def served(tmp_path: Path, endpoint: Any, tools: Any, env: dict[str, str]) -> Iterator[Served]:
    output = tmp_path / "events.jsonl"
    words = [
        sys.executable,
        "-m",
        "wsplay",
        "serve",
        str(endpoint(f"await websocket.accept()\n{ECHO}")),
        "--json",
    ]
    with output.open("wb") as file:
        process = subprocess.Popen(words, stdout=file, stdin=subprocess.DEVNULL, env=env)
    served = Served(process, output)
    try:
        tools.until(lambda: served.count("server.loaded"))
        served.port = tools.listening_port(process.pid)
        yield served
    finally:
        process.kill()
        process.wait()
        for client in served.clients:
            client.close()


def echo(client: socket.socket) -> float:
    """Seconds until a text is echoed."""
    begin = time.monotonic()
    client.sendall(b"\x81\x84" + MASK + b"echo")
    got = b""
    while len(got) < 6:
        got += client.recv(6 - len(got))
    assert got == b"\x81\x04echo"
    return time.monotonic() - begin


def send_flood(client: socket.socket) -> None:
    try:
        client.sendall(BEGIN)
        for _ in range(FLOOD // 1000):
            client.sendall(FRAGMENT * 1000)
    except OSError:  # the server has ended
        return


def test_another_client_and_ctrl_c_do_not_wait_for_a_flood(served: Served) -> None:
    other = served.connect()
    echo(other)
    flooding = threading.Thread(target=send_flood, args=(served.connect(),))
    flooding.start()
    waits = [echo(other) for _ in range(20)]
    assert max(waits) < LIMIT
    begin = time.monotonic()
    served.process.send_signal(signal.SIGINT)
    served.process.wait(60)
    assert time.monotonic() - begin < LIMIT
    flooding.join(60)
    assert served.events[-1]["kind"] in ("server.exited", "note")


def test_every_frame_is_shown_or_counted(served: Served, tools: Any) -> None:
    client = served.connect()
    count = 300_000
    client.sendall(BEGIN + FRAGMENT * (count - 1) + CLOSE)
    while client.recv(65_536):  # the server's close, then the end
        pass
    client.close()
    tools.until(lambda: served.count("wire.eof") == 2)
    frames = [event for event in served.events if event["kind"] == "wire.frame"]
    notes = [event for event in served.events if event["data"].get("why") == "dropped"]
    shown = [frame for frame in frames if frame["direction"] == "c2s"]
    assert shown[-1]["data"]["code"] == 1000
    counted = sum(note["data"]["count"] for note in notes if note["lane"] == "wire")
    assert len(shown) - 1 + counted == count
    assert all("not shown" in note["summary"] for note in notes)
