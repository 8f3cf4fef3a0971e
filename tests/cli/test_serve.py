"""`wsplay serve` loads a file again when it is saved, from the moment it was read."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from wsplay.cli import serve
from wsplay.play.playground import Playground
from wsplay.play.saves import PAUSE
from wsplay.scenario.file import Scenario
from wsplay.scenario.library import Library

pytestmark = pytest.mark.slow

LIMIT = 20.0
APP = "async def app(scope, receive, send): ...\n"


class Loads(Playground):
    """A playground without a server, which says what it was asked to load."""

    def __init__(self) -> None:
        super().__init__()
        self.sources: asyncio.Queue[str] = asyncio.Queue()

    async def revive(self) -> None: ...

    async def load(self, scenario: Scenario, source: str | None = None) -> None:
        self.sources.put_nowait(scenario.source)


async def test_a_save_while_the_server_starts_is_loaded_and_so_is_the_next(tmp_path: Path) -> None:
    file = tmp_path / "probe.py"
    file.write_text(APP)
    library = Library.find(user_folders=())
    scenario = library.get(str(file))
    file.write_text(APP + "# saved before the server was listening\n")
    playground = Loads()
    watching = asyncio.create_task(serve._reload_when_saved(library, scenario, playground))
    try:
        async with asyncio.timeout(LIMIT):
            assert "before the server" in await playground.sources.get()
            file.write_text(APP + "# saved later\n")
            assert "later" in await playground.sources.get()
    finally:
        watching.cancel()


async def test_a_file_that_nobody_saves_is_not_loaded_again(tmp_path: Path) -> None:
    file = tmp_path / "probe.py"
    file.write_text(APP)
    library = Library.find(user_folders=())
    playground = Loads()
    watching = asyncio.create_task(serve._reload_when_saved(library, library.get(str(file)), playground))
    await asyncio.sleep(3 * PAUSE)
    watching.cancel()
    assert playground.sources.empty()


def shake_hands(port: int) -> None:
    """A handshake that is refused."""
    with socket.create_connection(("127.0.0.1", port), timeout=LIMIT) as client:
        client.sendall(
            b"GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        )
        assert client.recv(4096).startswith(b"HTTP/1.1 403")


def test_each_connection_has_its_outcome_in_json_when_it_ends() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "wsplay", "serve", "close_before_accept", "--json", "--port", str(port)],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        lines = iter(map(json.loads, process.stdout))
        next(line for line in lines if line["kind"] == "server.loaded")
        for _ in range(2):
            shake_hands(port)
        outcomes = [next(line for line in lines if line["kind"] == "outcome") for _ in range(2)]
        process.send_signal(signal.SIGINT)
        assert process.wait(LIMIT) == 0
    finally:
        process.kill()
        process.communicate()
    assert [(line["conn"], line["status"], line["browser"]["code"]) for line in outcomes] == [
        (1, 403, 1006),
        (2, 403, 1006),
    ]
    assert {line["scenario"] for line in outcomes} == {"close_before_accept"}


@pytest.mark.parametrize(
    ("routes", "path", "where"),
    [
        (["/chat"], "", ["Probe at {url}/chat  (Ctrl+C to stop)"]),
        (["/chat", "/room/{name}"], "/chat", ["Probe at {url}/chat  (Ctrl+C to stop)"]),
        (
            ["/chat", "/room/{name}"],
            "",
            ["Probe at one of these addresses  (Ctrl+C to stop)", "  {url}/chat", "  {url}/room/{{name}}"],
        ),
        ([f"/{n}" for n in range(30)], "", [*[""] * 21, "  and 10 more"]),
    ],
    ids=["the only one", "the scenario's", "several", "many"],
)
async def test_it_prints_each_address_to_connect_to(
    tmp_path: Path, routes: list[str], path: str, where: list[str]
) -> None:
    decorators = "".join(f'@app.websocket("{route}")\n' for route in reversed(routes))
    file = tmp_path / "probe.py"
    imports = "from fastapi import FastAPI, WebSocket\napp = FastAPI()\n"
    file.write_text(f"{imports}{decorators}async def f(w: WebSocket): ...\n")
    scenario = replace(Library.find(user_folders=()).get(str(file)), path=path)
    async with Playground() as playground:
        await playground.load(scenario)
        said, url = list(serve._where(scenario, playground)), playground.url
    for line, expected in zip(said, where, strict=False):
        assert not expected or line == expected.format(url=url)
    assert len(said) == max(len(where), 2)
