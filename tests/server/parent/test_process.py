"""The server process from outside: start, crash, output, and that nothing of it is left."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from wsplay.events.event import Event, Source
from wsplay.protocol.engine import ENGINE_NAMES
from wsplay.server.parent.errors import LoadError, StartError
from wsplay.server.parent.process import ServerProcess

pytestmark = pytest.mark.slow


def gone(pid: int) -> bool:
    """Whether a process has ended (a zombie has)."""
    try:
        os.kill(pid, 0)
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] == "Z"
    except (ProcessLookupError, FileNotFoundError):
        return True


async def until_gone(pid: int) -> None:
    end = time.monotonic() + 20
    while not gone(pid):
        assert time.monotonic() < end, f"{pid} is still alive"
        await asyncio.sleep(0.02)


# ---- start and stop


@pytest.mark.parametrize("engine", ENGINE_NAMES)
async def test_starts_and_stops(make_rig: Any, engine: str) -> None:
    async with make_rig(engine) as rig:
        server = rig.server
        pid = server.pid
        assert server.alive
        assert server.address[0] == "127.0.0.1"
        assert {"uvicorn", "starlette", "fastapi", "websockets", "python", "PyJWT"} <= server.versions.keys()
        assert server.versions["engine"] == engine
        starting, listening = rig.of("server.starting")[0], rig.of("server.listening")[0]
        assert starting.data["pid"] == pid
        assert listening.data["address"] == list(server.address)
        assert listening.data["versions"] == server.versions
        assert starting.t_ns < listening.t_ns
        await server.aclose()
        assert not server.alive
        assert server.pid is None
        assert [e.data for e in rig.of("server.exited")] == [{"code": 0, "signal": None, "expected": True}]
        assert gone(pid)
        await server.aclose()
        with pytest.raises(RuntimeError, match="not running"):
            _ = server.address
    assert not rig.of("server.stalled")
    assert "Deprecat" not in str([event.data for event, _ in rig.events])


async def test_nothing_is_loaded_at_first(rig: Any) -> None:
    client = await rig.connect()
    assert (await client.head()).startswith("HTTP/1.1 503 ")
    assert b"no scenario is loaded" in await client.rest()


async def test_no_such_engine() -> None:
    with pytest.raises(ValueError, match="uvicorn-wsproto"):
        ServerProcess(lambda event, port: None, engine="gunicorn")


async def test_a_child_that_cannot_start_says_why(
    make_rig: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "uvicorn.py").write_text("raise ImportError('no luck')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    async with make_rig(start=False) as rig:
        with pytest.raises(StartError, match="no luck") as caught:
            await rig.server.start()
        assert caught.value.hint
        assert not rig.server.alive
        assert await rig.server.sync(1.0) is False
        with pytest.raises(LoadError, match="not running"):
            await rig.load("app = 1")
        monkeypatch.delenv("PYTHONPATH")
        await rig.server.restart()
        assert rig.server.alive


async def test_a_child_that_exits_at_once_reports_its_last_output(
    make_rig: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "uvicorn.py").write_text("import os; os.write(2, b'last words'); os._exit(7)")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    async with make_rig(start=False) as rig:
        with pytest.raises(StartError, match="exited with code 7") as caught:
            await rig.server.start()
        assert "last words" in caught.value.output


async def test_a_start_that_takes_too_long_is_given_up(
    make_rig: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "uvicorn.py").write_text("import time; time.sleep(1000)")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    async with make_rig(start=False) as rig:
        with pytest.raises(StartError, match=r"within 0\.5 s"):
            await rig.server.start(limit=0.5)
        assert gone(rig.of("server.starting")[0].data["pid"])


async def test_a_cancelled_start_leaves_nothing(make_rig: Any) -> None:
    async with make_rig(start=False) as rig:
        task = asyncio.create_task(rig.server.start())
        await rig.until(lambda: rig.of("server.starting"))
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert gone(rig.of("server.starting")[0].data["pid"])


async def test_the_working_directory_hides_no_library(
    make_rig: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "token.py").write_text("raise ImportError('the wrong token')")
    monkeypatch.chdir(tmp_path)
    async with make_rig() as rig:
        assert rig.server.alive


async def test_environment_variables_change_nothing(make_rig: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONWARNINGS", "error")
    monkeypatch.setenv("WEB_CONCURRENCY", "many")
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "*")
    async with make_rig("uvicorn-websockets") as rig:
        await rig.endpoint("await websocket.close()")
        client = await rig.connect(headers="X-Forwarded-For: 1.2.3.4\r\n")
        await client.rest()
        assert (await rig.settled(client.port))[0].data["scope"]["client"] == ["127.0.0.1", client.port]


async def test_works_in_a_thread_that_is_not_the_main_one() -> None:
    events: list[Event] = []

    async def start_to_end() -> None:
        server = ServerProcess(lambda event, port: events.append(event))
        await server.start()
        await server.load("probe", "probe.py", "async def app(scope, receive, send): ...")
        await server.aclose()

    await asyncio.to_thread(lambda: asyncio.run(start_to_end()))
    assert [e.kind for e in events if e.kind != "server.log"] == [
        "server.starting",
        "server.listening",
        "server.loaded",
        "server.exited",
    ]


async def test_no_file_or_socket_is_left_open(make_rig: Any) -> None:
    before = set(os.listdir("/proc/self/fd"))
    async with make_rig() as rig:
        await rig.server.restart()
    gc.collect()
    await asyncio.sleep(0)
    assert len(set(os.listdir("/proc/self/fd"))) <= len(before)


async def test_stops_with_open_connections(rig: Any) -> None:
    await rig.endpoint("await websocket.accept()\nawait websocket.receive_text()")
    client = await rig.connect()
    await client.head()
    await rig.server.aclose()
    assert (await client.frame()) == (8, (1012).to_bytes(2, "big"))
    assert rig.of("server.exited")[0].data["expected"] is True


# ---- the end of the process


@pytest.mark.parametrize(
    ("body", "data"),
    [
        ("os._exit(3)", {"code": 3, "signal": None, "expected": False}),
        ("os.kill(os.getpid(), signal.SIGKILL)", {"code": None, "signal": "SIGKILL", "expected": False}),
        ("ctypes.string_at(0)", {"code": None, "signal": "SIGSEGV", "expected": False}),
        ("os.kill(os.getpid(), signal.SIGTERM)", {"code": None, "signal": "SIGTERM", "expected": False}),
        ("os.kill(os.getpid(), signal.SIGINT)", {"code": None, "signal": "SIGINT", "expected": False}),
    ],
)
async def test_dies_of_the_scenario_and_comes_back(rig: Any, body: str, data: dict[str, Any]) -> None:
    await rig.endpoint(f'print("before", end="", flush=True)\nawait websocket.accept()\n{body}')
    client = await rig.connect()
    rest = await client.rest()
    assert b"101 Switching" in rest
    await rig.until(lambda: rig.of("server.exited"))
    assert rig.of("server.exited")[0].data == data
    assert not rig.server.alive
    assert rig.texts()[0].startswith("before")
    await rig.server.restart()
    await rig.endpoint("await websocket.close()")
    again = await rig.connect()
    assert (await again.head()).startswith("HTTP/1.1 403")


async def test_an_exit_loses_nothing_observed(rig: Any, first_line: int) -> None:
    await rig.endpoint(
        "await websocket.accept()\nprint('now')\nawait websocket.send_text('bye')\nos._exit(3)"
    )
    client = await rig.connect()
    await client.rest()
    await rig.until(lambda: rig.of("server.exited"))
    summaries = [e.summary for e in rig.on(client.port)]
    assert summaries == ["websocket /ws", "websocket.connect", "websocket.accept", 'websocket.send 3 B "bye"']
    # The print has its own time, between the two messages.
    printed = rig.of("server.print")[0]
    accept, sent = rig.on(client.port)[2:]
    assert accept.t_ns < printed.t_ns < sent.t_ns
    assert printed.source == Source("probe.py", first_line + 1, "endpoint")


async def test_sys_exit_in_an_endpoint_is_what_the_server_makes_of_it(rig: Any) -> None:
    await rig.endpoint("sys.exit(4)")
    client = await rig.connect()
    assert (await client.head()).startswith("HTTP/1.1 500")
    assert (await rig.settled(client.port))[-1].summary == "SystemExit: 4"
    assert rig.server.alive


async def test_killed_from_outside_in_mid_connection(rig: Any) -> None:
    await rig.endpoint("await websocket.accept()\nawait websocket.receive_text()")
    client = await rig.connect()
    await client.head()
    syncing = asyncio.create_task(rig.server.sync(20))
    os.kill(rig.server.pid, signal.SIGKILL)
    assert await client.rest() == b""
    await rig.until(lambda: rig.of("server.exited"))
    assert rig.of("server.exited")[0].summary == "killed by SIGKILL"
    assert await syncing in (True, False)
    assert await rig.server.sync(1) is False
    await rig.server.aclose()


async def test_programs_that_a_scenario_started_end_too(rig: Any) -> None:
    await rig.endpoint(
        'sleeper = subprocess.Popen(["sleep", "1000"])\nprint(sleeper.pid)\nawait websocket.close()'
    )
    client = await rig.connect()
    await client.rest()
    await rig.until(rig.texts)
    pid = int(rig.texts()[0])
    assert not gone(pid)
    await rig.server.aclose()
    await until_gone(pid)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux shows the environment of a process")
@pytest.mark.parametrize("end", ["aclose", "restart", "os._exit(1)", "os.kill(os.getpid(), signal.SIGKILL)"])
@pytest.mark.parametrize(
    "detach",
    [
        'subprocess.Popen(["sleep", "1000"], start_new_session=True); print(sleeper.pid)',
        'subprocess.run(["sh", "-c", "setsid sleep 1000 > /dev/null 2>&1 & echo $!"])',
    ],
)
async def test_programs_that_a_scenario_detached_end_too(rig: Any, end: str, detach: str) -> None:
    after = end if end.startswith("os.") else "await websocket.close()"
    await rig.endpoint(f"sleeper = {detach}\nawait asyncio.sleep(0.2)\n{after}")
    client = await rig.connect()
    await client.rest()
    await rig.until(rig.texts)
    pid = int(rig.texts()[0])
    if end == "restart":
        await rig.server.restart()
    elif end == "aclose":
        assert not gone(pid)
        await rig.server.aclose()
    await until_gone(pid)


PARENT = """
import asyncio, sys
from wsplay.server.parent.process import ServerProcess
SOURCE = '''
import asyncio, os, re, subprocess, sys
async def app(scope, receive, send):
    if scope["type"] != "websocket":
        raise RuntimeError
    sleeper = subprocess.Popen(["sleep", "1000"])
    sys.stdout.write(f"pids {os.getpid()} {sleeper.pid}\\\\n")
    BODY
'''
async def main():
    def on_event(event, port):
        if event.kind == "server.print":
            print(event.data["text"], flush=True)
    server = ServerProcess(on_event)
    await server.start()
    await server.load("probe", "/nowhere/probe.py", SOURCE)
    reader, writer = await asyncio.open_connection(*server.address)
    writer.write(b"GET / HTTP/1.1\\r\\nHost: x\\r\\nUpgrade: websocket\\r\\nConnection: Upgrade\\r\\n"
                 b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\\r\\nSec-WebSocket-Version: 13\\r\\n\\r\\n")
    await asyncio.sleep(1000)
asyncio.run(main())
"""


@pytest.mark.parametrize(
    "body",
    [
        "await asyncio.sleep(1000)",
        "while True: pass",
        # Backtracking blocks the interpreter for good: no thread of the child can run.
        pytest.param(
            "re.match('(a+)+$', 'a' * 40 + 'b')", marks=pytest.mark.skipif(sys.platform != "linux", reason="")
        ),
    ],
)
async def test_the_child_dies_with_its_parent(body: str) -> None:
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PARENT.replace("BODY", body), stdout=subprocess.PIPE
    )
    assert parent.stdout is not None
    async with asyncio.timeout(20):
        line = await parent.stdout.readline()
    word, *pids = line.decode().split()
    assert word == "pids"
    parent.kill()
    await parent.wait()
    for pid in pids:
        await until_gone(int(pid))


async def test_many_connections_at_once(rig: Any) -> None:
    await rig.endpoint('await websocket.accept()\nawait websocket.send_text("hi")\nawait websocket.close()')
    clients = [await rig.connect() for _ in range(50)]
    for client in clients:
        await client.head()
        assert await client.frame() == (1, b"hi")
        await client.send(8, (1000).to_bytes(2, "big"))
        await client.rest()
    for client in clients:
        assert [e.kind for e in await rig.settled(client.port)] == [
            "asgi.scope",
            "asgi.receive",
            "asgi.send",
            "asgi.send",
            "asgi.send",
            "asgi.returned",
        ]


def test_front_ends_need_no_server_to_import_this() -> None:
    code = (
        "import sys, wsplay.server.parent.process, wsplay.server.parent.errors, wsplay.protocol.engine\n"
        "assert not {'fastapi', 'starlette', 'uvicorn'} & set(sys.modules), sorted(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
