"""Every scenario file, for what does not take a run of wsplay to see."""

import ast
import asyncio
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from wsplay.play.setup import with_path
from wsplay.protocol.token import expand
from wsplay.scenario.file import Scenario
from wsplay.scenario.library import read_scenario

pytestmark = pytest.mark.slow

FOLDER = Path(__file__).parents[2] / "scenarios"
FILES = sorted(FOLDER.glob("*.py"))

#: Runs files as `python FILE` does, each in a process of its own, but for two things. The port: 8000 may be
#: taken. And what the file imports from outside: it is imported once, before the processes fork off.
ANY_PORT = """
import os, runpy, signal, sys
import fastapi, fastapi.security, jwt, uvicorn
import uvicorn.loops.auto, uvicorn.lifespan.on, uvicorn.protocols.http.auto, uvicorn.protocols.websockets.auto

run = uvicorn.run
def run_on_any_port(app, *, host, port):
    assert (host, port) == ("127.0.0.1", 8000)
    run(app, host=host, port=0)
uvicorn.run = run_on_any_port

for line in sys.stdin:
    file, output = line.rstrip("\\n").split("\\t")
    pid = os.fork()
    if pid == 0:
        os.dup2(os.open(output, os.O_WRONLY | os.O_CREAT), 2)
        os.dup2(os.open(os.devnull, os.O_RDWR), 0)
        os.dup2(0, 1)  # what the scenario prints is not for the tests
        sys.argv = [file]
        runpy.run_path(file, run_name="__main__")
        os._exit(0)
    print(pid, flush=True)
    os.waitpid(pid, 0)
    print("ended", flush=True)
"""


@pytest.fixture(params=FILES, ids=lambda path: path.stem)
def scenario(request: pytest.FixtureRequest) -> Scenario:
    return read_scenario(request.param)


def test_the_six_are_there() -> None:
    first = sorted((scenario.order, scenario.name) for scenario in map(read_scenario, FILES))[:6]
    assert [name for _, name in first] == [
        "no_auth",
        "header_check",
        "close_before_accept",
        "send_before_accept",
        "jwt_before_accept",
        "accept_then_close",
    ]


def test_order_numbers_differ() -> None:
    orders = [read_scenario(path).order for path in FILES]
    assert None not in orders
    assert len(set(orders)) == len(orders)


def test_it_is_right_and_complete(scenario: Scenario) -> None:
    assert scenario.problem is None, str(scenario.problem)
    assert scenario.topics
    assert scenario.sources
    assert scenario.tries
    assert all(try_.expect for try_ in scenario.tries)
    assert scenario.mended is None or (FOLDER / f"{scenario.mended}.py").is_file()
    assert scenario.flawed or scenario.mended is None


def test_it_explains_and_has_notes_for_a_speaker(scenario: Scenario) -> None:
    assert "**What to look for**" in scenario.explanation
    assert len(scenario.explanation) > 300
    assert len(scenario.notes) > 100


def test_its_code_fits_a_slide(scenario: Scenario) -> None:
    """The code proper: after the docstring, before the part that serves it."""
    tree = ast.parse(scenario.source)
    main = next(node for node in tree.body if isinstance(node, ast.If))
    code = scenario.source.split("\n")[tree.body[0].end_lineno : main.lineno - 1]
    assert max(map(len, code)) <= 79
    assert len(code) <= 50
    block = scenario.source.split("\n").index("# /// script")
    assert block > main.lineno, "the block comes last"
    assert scenario.source.endswith("\n# ///\n")


def test_its_placeholders_can_be_filled_in(scenario: Scenario) -> None:
    kit = scenario.tokens
    for try_ in scenario.tries:
        assert "{token." not in repr(try_.handshake.filled(lambda text: expand(text, kit, 1_700_000_000)))
    if kit is not None:
        assert scenario.source.count(kit.secret) == 2, "the endpoint and its tokens share the secret"
        assert len(kit.secret.encode()) >= 32  # RFC 7518 section 3.2


@pytest.fixture(scope="module")
def runner() -> Iterator[subprocess.Popen[str]]:
    """The process that the files' own fork off from."""
    with subprocess.Popen(
        [sys.executable, "-c", ANY_PORT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield process
        process.kill()


@pytest.fixture
def port(scenario: Scenario, runner: subprocess.Popen[str], tmp_path: Path) -> Iterator[int]:
    """The port where the file, run by itself, serves."""
    output = tmp_path / "output"
    assert runner.stdin is not None
    assert runner.stdout is not None
    runner.stdin.write(f"{scenario.file}\t{output}\n")
    runner.stdin.flush()
    pid = int(runner.stdout.readline())
    late = threading.Timer(60, os.kill, (pid, signal.SIGKILL))
    late.start()
    try:
        while not (found := re.search(r"running on http://127\.0\.0\.1:(\d+)", said(output))):
            assert late.is_alive(), f"it did not serve:\n{said(output)}"
            time.sleep(0.01)
        yield int(found[1])
    finally:
        late.cancel()
        os.kill(pid, signal.SIGKILL)
        assert runner.stdout.readline() == "ended\n"


def said(output: Path) -> str:
    return output.read_text(encoding="utf-8") if output.exists() else ""


async def test_it_serves_when_run_by_itself(scenario: Scenario, port: int) -> None:
    """The first of its tries that needs no other connection gets the answer it expects.

    Where every try needs another first, the answer is still one of a scenario's own.
    """
    kit = scenario.tokens
    alone = [try_ for try_ in scenario.tries if not try_.handshake.before]
    try_ = alone[0] if alone else scenario.tries[0]
    handshake = with_path(try_.handshake, []).filled(lambda text: expand(text, kit, int(time.time())))
    request = b"".join(
        name.encode("latin-1") + b": " + value.encode("latin-1") + b"\r\n"
        for name, value in (
            ("Host", f"127.0.0.1:{port}"),
            ("Upgrade", "websocket"),
            ("Connection", "Upgrade"),
            ("Sec-WebSocket-Version", "13"),
            ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
            *(("Sec-WebSocket-Protocol", name) for name in handshake.subprotocols),
            *handshake.headers,
        )
    )
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    async with asyncio.timeout(20):
        writer.write(b"GET " + handshake.target.encode() + b" HTTP/1.1\r\n" + request + b"\r\n")
        line = await reader.readline()
        writer.close()
        await writer.wait_closed()
    status = int(line.split()[1])
    if alone:
        expected = try_.expect.on("uvicorn").table
        assert status == expected.get("status", 101 if expected.get("opened", True) else 403)
    else:
        assert status in (101, 401, 403)
