"""From the start of the process to the first successful handshake, compared with uvicorn."""

from __future__ import annotations

import time

from measure import (
    PYTHON,
    ROOT,
    Result,
    free_port,
    main,
    median,
    milliseconds,
    process,
    take_turns,
    until_ready,
)

ROUNDS = 11
BAR = 1.25
SCENARIO = ROOT / "scenarios" / "no_auth.py"


def ready(port: int, *argv: str) -> float:
    """Seconds until the program serves on `port`."""
    start = time.perf_counter()
    with process(PYTHON, *argv):
        until_ready(port)
        return time.perf_counter() - start


def uvicorn() -> float:
    port = free_port()
    return ready(port, "-m", "uvicorn", "no_auth:app", "--app-dir", str(SCENARIO.parent), "--port", str(port))


def wsplay() -> float:
    port = free_port()
    return ready(port, "-m", "wsplay", "serve", str(SCENARIO), "--port", str(port))


def run() -> list[Result]:
    bare, ours = take_turns(ROUNDS, uvicorn, wsplay)
    details = {"uvicorn": milliseconds(bare), "wsplay serve": milliseconds(ours), "rounds": ROUNDS}
    ratio = median(ours) / median(bare)
    return [Result("ready", "ready to connect, compared with uvicorn", ratio, BAR, details=details)]


if __name__ == "__main__":
    main(run)
