"""Shared code of the benchmarks: results, alternating rounds, processes, terminals and handshakes."""

from __future__ import annotations

import argparse
import atexit
import contextlib
import fcntl
import json
import os
import pty
import select
import shutil
import signal
import socket
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
APPS = HERE / "apps"
ROOT = HERE.parent
PYTHON = sys.executable
#: Seconds after which a measurement counts as hung.
LIMIT = 60.0

# An installed program's modules are compiled once: so are these, in the warm-up round, whatever the
# environment says, in a separate folder.
_compiled = tempfile.mkdtemp(prefix="wsplay-benchmarks-")
atexit.register(shutil.rmtree, _compiled, ignore_errors=True)
os.environ["PYTHONPYCACHEPREFIX"] = _compiled
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


@dataclass(frozen=True)
class Result:
    """One measurement and its target.

    `value` is a ratio, or a quantity in `unit`. `bar` is the target, None if there is none. `details` are
    more numbers, by name.
    """

    name: str
    what: str
    value: float
    bar: float | None = None
    at_most: bool = True
    unit: str = "x"
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def ok(self) -> bool | None:
        if self.bar is None:
            return None
        return self.value <= self.bar if self.at_most else self.value >= self.bar

    def line(self) -> str:
        """The result in words."""
        if self.bar is None:
            words = "no target"
        else:
            sign = "<=" if self.at_most else ">="
            words = f"target {sign} {self.bar:,g}  {'met' if self.ok else 'MISSED'}"
        more = "  ".join(f"{key} {number(value)}" for key, value in self.details.items())
        return f"{self.what:58} {number(self.value):>9} {self.unit:10} {words}\n    {more}"

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "what": self.what,
            "value": self.value,
            "unit": self.unit,
            "bar": self.bar,
            "at_most": self.at_most,
            "pass": self.ok,
            "details": self.details,
        }


def number(value: Any) -> str:
    """A number, easy to read."""
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def main(run: Callable[[], list[Result]]) -> None:
    """The entry point of a single benchmark."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    for result in run():
        print(json.dumps(result.to_json()) if options.json else result.line())


def take_turns(rounds: int, *contestants: Callable[[], float]) -> list[list[float]]:
    """Run each contestant once per round, in turn, after a warm-up round. A busy machine slows all of them,
    and the order alternates.
    """
    taken: list[list[float]] = [[] for _ in contestants]
    for turn in range(rounds + 1):
        order = list(range(len(contestants)))
        for place in order if turn % 2 else reversed(order):
            value = contestants[place]()
            if turn:
                taken[place].append(value)
    return taken


def median(values: Sequence[float]) -> float:
    return statistics.median(values)


def milliseconds(values: Sequence[float]) -> str:
    """Seconds as `median ms (least .. most)`."""
    return f"{median(values) * 1e3:.1f} ms ({min(values) * 1e3:.1f} .. {max(values) * 1e3:.1f})"


@contextlib.contextmanager
def process(*argv: str, **options: Any) -> Iterator[subprocess.Popen[bytes]]:
    """A process that is ended afterwards, with everything it started."""
    options = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": ROOT} | options
    started = subprocess.Popen(argv, start_new_session=True, **options)
    try:
        yield started
    finally:
        end(started)


def end(started: subprocess.Popen[Any]) -> None:
    """SIGTERM, then SIGKILL for what is left."""
    if started.poll() is None:
        started.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            started.wait(10)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(started.pid, signal.SIGKILL)
    started.wait(10)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as sock:
        port: int = sock.getsockname()[1]
        return port


def handshake(port: int, path: str = "/ws") -> bool:
    """Whether a WebSocket handshake with 127.0.0.1:`port` succeeds now."""
    request = (
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as sock:
            sock.sendall(request.encode())
            return sock.recv(4096).startswith(b"HTTP/1.1 101")
    except OSError:
        return False


def until_ready(port: int, pause: float = 0.005) -> None:
    """Return with the first handshake that succeeds."""
    give_up = time.perf_counter() + LIMIT
    while not handshake(port):
        if time.perf_counter() > give_up:
            raise TimeoutError(f"nothing answers on port {port}")
        time.sleep(pause)


class Terminal:
    """A program in a pseudo terminal, and what it writes there."""

    def __init__(self, *argv: str, columns: int = 140, lines: int = 40, **env: str) -> None:
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        surroundings = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", **env}
        surroundings.pop("NO_COLOR", None)
        self.started = time.perf_counter()
        self.process = subprocess.Popen(
            argv, stdin=slave, stdout=slave, stderr=slave, start_new_session=True, env=surroundings, cwd=ROOT
        )
        os.close(slave)

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *exc: object) -> None:
        # Its last output must be read, or it waits forever to write it.
        with contextlib.suppress(ProcessLookupError):
            self.process.terminate()
        give_up = time.perf_counter() + 10
        while self.process.poll() is None and time.perf_counter() < give_up:
            self.read(0.05)
        end(self.process)
        os.close(self._master)

    def read(self, seconds: float) -> bytes:
        """What it writes next; empty if it writes nothing for that long, or has ended."""
        if not select.select([self._master], [], [], max(seconds, 0))[0]:
            return b""
        try:
            return os.read(self._master, 262_144)
        except OSError:
            return b""

    def write(self, keys: str) -> None:
        os.write(self._master, keys.encode())

    def until(self, text: str, limit: float = LIMIT) -> float:
        """Read until `text` is written; returns the moment (`perf_counter`)."""
        wanted, seen = text.encode(), b""
        give_up = time.perf_counter() + limit
        while True:
            data = self.read(give_up - time.perf_counter())
            now = time.perf_counter()
            seen = seen[-len(wanted) :] + data
            if wanted in seen:
                return now
            if now > give_up or (not data and self.process.poll() is not None):
                raise TimeoutError(f"{text!r} did not appear")
