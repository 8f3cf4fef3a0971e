"""Echo round trips through the tap beside the same client straight to the server.

The server has its own process (uvicorn, websockets-sansio). The client has its own too, and the tap a third;
then the client sits in the tap's process, as wsplay's own does. Bursts take turns, so that a busy machine
slows both. Prints the rates and their ratio; exit 1 below the bar.

    python benchmarks/tap_echo.py [--bursts 40] [--trips 200] [--size 32]
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import socket
import statistics
import sys
import time
from collections import deque
from multiprocessing.connection import Connection
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

from wsplay.model.event import Event
from wsplay.wire.connections import Connections
from wsplay.wire.tap import Tap

BAR = 0.8


async def echo(scope: dict[str, Any], receive: Any, send: Any) -> None:
    if scope["type"] != "websocket":
        return
    await receive()
    await send({"type": "websocket.accept"})
    while (message := await receive())["type"] == "websocket.receive":
        message["type"] = "websocket.send"
        await send(message)


def serve(sock: socket.socket) -> None:
    import uvicorn

    config = uvicorn.Config(
        echo, ws="websockets-sansio", log_config=None, proxy_headers=False, lifespan="off"
    )
    uvicorn.Server(config).run(sockets=[sock])


async def burst(websocket: ClientConnection, message: str, count: int) -> float:
    """Seconds for `count` round trips."""
    start = time.perf_counter()
    for _ in range(count):
        await websocket.send(message)
        await websocket.recv()
    return time.perf_counter() - start


async def compare(server_port: int, tap_port: int, options: argparse.Namespace) -> tuple[float, float]:
    """Round trips a second, direct and through the tap: the medians of bursts that take turns."""
    message, direct, tapped = "x" * options.size, [], []
    url = "ws://127.0.0.1:{}/"
    async with (
        connect(url.format(server_port), proxy=None, compression=None) as straight,
        connect(url.format(tap_port), proxy=None, compression=None) as through,
    ):
        for _ in range(options.bursts):
            direct.append(await burst(straight, message, options.trips))
            tapped.append(await burst(through, message, options.trips))
    return options.trips / statistics.median(direct), options.trips / statistics.median(tapped)


async def start_tap(server_port: int) -> Tap:
    events: deque[Event] = deque(maxlen=10_000)
    tap = Tap(events.append, connections=Connections())
    tap.upstream = ("127.0.0.1", server_port)
    await tap.start("127.0.0.1", 0)
    return tap


async def run_tap(pipe: Connection, server_port: int) -> None:
    tap = await start_tap(server_port)
    pipe.send(tap.address[1])
    await asyncio.to_thread(pipe.poll, 120)
    await tap.aclose()


def tap_process(pipe: Connection, server_port: int) -> None:
    asyncio.run(run_tap(pipe, server_port))


def apart(server_port: int, options: argparse.Namespace) -> tuple[float, float]:
    here, there = multiprocessing.Pipe()
    process = multiprocessing.Process(target=tap_process, args=(there, server_port))
    process.start()
    rates = asyncio.run(compare(server_port, here.recv(), options))
    here.send(None)
    process.join(10)
    return rates


async def together(server_port: int, options: argparse.Namespace) -> tuple[float, float]:
    tap = await start_tap(server_port)
    rates = await compare(server_port, tap.address[1], options)
    await tap.aclose()
    return rates


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bursts", type=int, default=40)
    parser.add_argument("--trips", type=int, default=200, help="round trips a burst")
    parser.add_argument("--size", type=int, default=32, help="characters a message")
    options = parser.parse_args()
    multiprocessing.set_start_method("spawn")
    with socket.create_server(("127.0.0.1", 0)) as sock:
        port = sock.getsockname()[1]
        server = multiprocessing.Process(target=serve, args=(sock,), daemon=True)
        server.start()
    ok = True
    try:
        for name, run in (
            ("client in its own process", lambda: apart(port, options)),
            ("client in the tap's process", lambda: asyncio.run(together(port, options))),
        ):
            direct, tapped = run()
            ratio = tapped / direct
            ok = ok and ratio >= BAR
            print(f"{name:28} direct {direct:7,.0f}/s   tap {tapped:7,.0f}/s   ratio {ratio:.2f} (bar {BAR})")
    finally:
        server.terminate()
        server.join(10)
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
