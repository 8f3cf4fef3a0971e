"""Echo round trips through tap and trace, compared with the same client connected directly to uvicorn.

One message at a time: sent, awaited, the next. The client has this process for itself; uvicorn has one, and
wsplay has its two (the tap in one, the traced server in the other). Bursts take turns, and the ratio is the
median of the rounds' ratios. Told as well: tap and trace each by itself, and the least proxy there can be on
asyncio, which looks at nothing: no tap built on it can be faster.
"""

from __future__ import annotations

import asyncio
import subprocess
import time
from contextlib import AsyncExitStack, ExitStack

from measure import APPS, PYTHON, Result, free_port, main, median, process, until_ready
from websockets.asyncio.client import ClientConnection, connect

BURSTS, TRIPS, SIZE = 60, 100, 32
BAR = 0.8


async def burst(websocket: ClientConnection) -> float:
    """Round trips per second."""
    message = "x" * SIZE
    start = time.perf_counter()
    for _ in range(TRIPS):
        await websocket.send(message)
        await websocket.recv()
    return TRIPS / (time.perf_counter() - start)


async def compare(ports: dict[str, int]) -> dict[str, list[float]]:
    rates: dict[str, list[float]] = {name: [] for name in ports}
    async with AsyncExitStack() as stack:
        sockets = {}
        for name, port in ports.items():
            client = connect(f"ws://127.0.0.1:{port}/ws", proxy=None, compression=None)
            sockets[name] = await stack.enter_async_context(client)
        for turn in range(BURSTS + 1):
            names = list(sockets)
            for name in names if turn % 2 else reversed(names):
                rate = await burst(sockets[name])
                if turn:
                    rates[name].append(rate)
            await asyncio.sleep(0.03)  # includes the deferred work: decoding and reporting
    return rates


def run() -> list[Result]:
    with ExitStack() as stack:
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}

        def helper(*argv: str) -> list[int]:
            started = stack.enter_context(process(PYTHON, *argv, **pipes))
            assert started.stdout is not None
            return [int(word) for word in started.stdout.readline().split()]

        port = free_port()
        argv = ("-m", "uvicorn", "echo_app:app", "--app-dir", str(APPS), "--port", str(port))
        stack.enter_context(process(PYTHON, *argv, "--log-level", "warning"))
        until_ready(port)
        through, traced = helper(str(APPS / "serve_file.py"), str(APPS / "echo_app.py"))
        (tapped,) = helper(str(APPS / "tap_only.py"), str(port))
        (least,) = helper(str(APPS / "least_proxy.py"), str(port))
        ports = {
            "straight": port, "tap and trace": through, "tap": tapped, "trace": traced, "least proxy": least,
        }  # fmt: skip
        rates = asyncio.run(compare(ports))
    ratios = {name: ratio(values, rates["straight"]) for name, values in rates.items()}
    details = {f"{name}, trips/s": median(values) for name, values in rates.items()}
    details |= {f"{name} alone": ratios[name] for name in ("tap", "trace", "least proxy")}
    what = "echo through tap and trace, compared with uvicorn alone"
    return [Result("echo", what, ratios["tap and trace"], BAR, at_most=False, details=details)]


def ratio(these: list[float], those: list[float]) -> float:
    """The median of the rounds' ratios."""
    return median([one / other for one, other in zip(these, those, strict=True)])


if __name__ == "__main__":
    main(run)
