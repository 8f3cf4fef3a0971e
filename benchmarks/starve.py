"""How long one client's flood makes another client, and Ctrl+C, wait: `wsplay serve` beside bare uvicorn.

Each flood comes from a process of its own, as fast as the server takes it. Meanwhile, another client sends a
message every 20 ms and waits for its echo; the longest wait counts. Then the same flood again, and a SIGINT
in the middle of it. `python starve.py fragments` runs one flood only.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from measure import APPS, PYTHON, Result, free_port, process, until_ready

sys.path.insert(0, str(APPS))

#: How many of what, and the words for it.
FLOODS = {
    "fragments": (1_000_000, "a million empty fragments"),
    "texts": (300_000, "300,000 empty texts"),
    "connects": (10_000, "10,000 quick connects"),
}
#: Milliseconds that an echo may wait longer than with bare uvicorn, and a SIGINT at all.
MORE, SIGINT = 100.0, 1000.0
#: Seconds: between two echoes, from the flood's start to the SIGINT, and until the flood's end is given up.
PAUSE, BEFORE, LIMIT = 0.02, 1.0, 60.0
MASK = b"\x00\x00\x00\x00"


def uvicorn(port: int) -> list[str]:
    argv = [PYTHON, "-m", "uvicorn", "echo_app:app", "--app-dir", str(APPS), "--port", str(port)]
    return [
        *argv,
        "--ws",
        "websockets-sansio",
        "--http",
        "h11",
        "--loop",
        "asyncio",
        "--log-level",
        "warning",
    ]


def wsplay(port: int, *options: str) -> list[str]:
    return [PYTHON, "-m", "wsplay", "serve", str(APPS / "echo_app.py"), "--port", str(port), *options]


#: By name: what is started, and where its output goes.
SERVERS = {
    "uvicorn": (uvicorn, (), "null"),
    "text to /dev/null": (wsplay, (), "null"),
    "text to a file": (wsplay, (), "file"),
    "JSON to /dev/null": (wsplay, ("--json",), "null"),
    "JSON to a file": (wsplay, ("--json",), "file"),
}


@contextmanager
def flood(kind: str, port: int) -> Iterator[subprocess.Popen[bytes]]:
    argv = (PYTHON, str(APPS / "flooder.py"), kind, str(port), str(FLOODS[kind][0]))
    with process(*argv, stdout=subprocess.PIPE) as flooder:
        assert flooder.stdout is not None
        assert flooder.stdout.readline() == b"go\n"
        yield flooder


class Echo:
    """The other client."""

    def __init__(self, port: int) -> None:
        from flooder import opened  # type: ignore[import-not-found]

        self._sock: socket.socket = opened(port)
        self._sock.settimeout(LIMIT)

    def wait(self) -> float:
        """Seconds of one round trip."""
        begin = time.perf_counter()
        self._sock.sendall(b"\x81\x84" + MASK + b"echo")
        while True:
            first, length = self._read(2)
            payload = self._read(length)
            if first == 0x81:
                return time.perf_counter() - begin
            if first != 0x89:
                raise ConnectionError(f"the server sent {payload!r} instead of an echo")
            self._sock.sendall(bytes((0x8A, 0x80 | length)) + MASK + payload)  # a ping

    def _read(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            more = self._sock.recv(size - len(data))
            if not more:
                raise ConnectionError("the server closed the other client's connection")
            data += more
        return data


def longest_echo(kind: str, port: int) -> tuple[float, float]:
    """The longest wait of the other client, and how long the flood took."""
    echo, waits = Echo(port), []
    sent: list[float] = []
    for _ in range(5):
        echo.wait()
    begin = time.perf_counter()
    with flood(kind, port) as flooder:
        assert flooder.stdout is not None

        def read() -> None:
            flooder.stdout.readline()  # type: ignore[union-attr]
            sent.append(time.perf_counter() - begin)

        reading = threading.Thread(target=read, daemon=True)
        reading.start()
        calm = 0
        while (not sent or calm < 25) and time.perf_counter() - begin < LIMIT:
            waits.append(echo.wait())
            calm = calm + 1 if waits[-1] < 0.02 else 0
            time.sleep(PAUSE)
    reading.join(5)
    return max(waits), sent[0] if sent else float("nan")


def interrupted(kind: str, port: int, server: subprocess.Popen[bytes]) -> float:
    """Seconds from a SIGINT in the flood to the end of the process."""
    with flood(kind, port):
        time.sleep(BEFORE)
        begin = time.perf_counter()
        server.send_signal(signal.SIGINT)
        try:
            server.wait(LIMIT)
        except subprocess.TimeoutExpired:
            return float("nan")
        return time.perf_counter() - begin


def measured(kind: str, name: str) -> dict[str, float]:
    make, options, output = SERVERS[name]
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "output" if output == "file" else Path(os.devnull)
        with path.open("wb") as out, process(*make(port, *options), stdout=out, stderr=out) as server:
            until_ready(port)
            echo, took = longest_echo(kind, port)
            end = interrupted(kind, port, server)
            size = path.stat().st_size if output == "file" else 0
    return {"echo": echo * 1e3, "sigint": end * 1e3, "flood, s": took, "output, MB": size / 1e6}


def measurements(
    kinds: tuple[str, ...] = tuple(FLOODS), names: tuple[str, ...] = tuple(SERVERS)
) -> Iterator[Result]:
    for kind in kinds:
        more: float | None = None  # what an echo may wait, known after uvicorn
        for name in dict.fromkeys(("uvicorn", *names)):
            seen = measured(kind, name)
            words = f"{FLOODS[kind][1]}, {name}"
            place = f"starve.{kind}.{name.replace(' ', '-').replace('/dev/', '').lower()}"
            details = {"flood took, s": seen["flood, s"], "output, MB": seen["output, MB"]}
            yield Result(
                f"{place}.echo", f"{words}: another's echo", seen["echo"], more, unit="ms", details=details
            )
            bar = None if more is None else SIGINT
            yield Result(f"{place}.sigint", f"{words}: SIGINT", seen["sigint"], bar, unit="ms")
            more = seen["echo"] + MORE if more is None else more


def run() -> list[Result]:
    return list(measurements())


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("kinds", nargs="*", metavar="FLOOD", help=f"of {', '.join(FLOODS)}; all by default")
    parser.add_argument("--server", action="append", help=f"of {', '.join(SERVERS)}; all by default")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    for result in measurements(tuple(chosen.kinds or FLOODS), tuple(chosen.server or SERVERS)):
        print(json.dumps(result.to_json()) if chosen.json else result.line(), flush=True)
