"""The process from outside: start, death, stalls, output, and that nothing of it stays behind."""

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

from wsplay.model.engine import ENGINE_NAMES
from wsplay.model.event import Event, Source
from wsplay.server.errors import LoadError, StalledError, StartError
from wsplay.server.process import ServerProcess


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
        assert time.monotonic() < end, f"{pid} lives on"
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


async def test_a_child_that_dies_at_once_gives_its_last_words(
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


async def test_the_surroundings_change_nothing(make_rig: Any, monkeypatch: pytest.MonkeyPatch) -> None:
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

    async def whole_life() -> None:
        server = ServerProcess(lambda event, port: events.append(event))
        await server.start()
        await server.load("probe", "probe.py", "async def app(scope, receive, send): ...")
        await server.aclose()

    await asyncio.to_thread(lambda: asyncio.run(whole_life()))
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


# ---- death


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
    said = [e.summary for e in rig.on(client.port)]
    assert said == ["websocket /ws", "websocket.connect", "websocket.accept", 'websocket.send 3 B "bye"']
    # What was printed stands at its time, between the two messages.
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


async def test_programs_a_scenario_started_do_not_stay(rig: Any) -> None:
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


PARENT = """
import asyncio, sys
from wsplay.server.process import ServerProcess
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
    def observe(event, port):
        if event.kind == "server.print":
            print(event.data["text"], flush=True)
    server = ServerProcess(observe)
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
        # Backtracking holds the interpreter for good: no thread of the child gets to run.
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


# ---- stalls


async def test_a_blocking_endpoint_is_reported_with_its_line(rig: Any, first_line: int) -> None:
    await rig.endpoint("await websocket.accept()\ntime.sleep(1.5)\nawait websocket.close()")
    await rig.connect()
    await rig.until(lambda: rig.of("server.stalled"))
    event: Event = rig.of("server.stalled")[0]
    assert event.source == Source("probe.py", first_line + 1, "endpoint")
    assert event.data["seconds"] >= 0.4
    assert event.data["frames"][-1]["code"] == "time.sleep(1.5)"
    assert rig.server.stalled
    assert await rig.server.sync(0.05) is False
    await rig.until(lambda: rig.of("note", why="recovered"))
    assert rig.of("note", why="recovered")[0].data["seconds"] >= 0.9
    assert not rig.server.stalled
    assert len(rig.of("server.stalled")) == 1
    assert await rig.server.sync(20)


async def test_a_loop_that_is_stuck_for_good(rig: Any) -> None:
    await rig.endpoint("while True: pass")
    await rig.connect()
    await rig.until(lambda: rig.of("server.stalled"))
    with pytest.raises(StalledError, match=r"probe\.py"):
        await rig.load("async def app(scope, receive, send): ...", "next", limit=0.3)
    assert rig.of("note", why="load failed")
    start = time.monotonic()
    await rig.server.restart()
    assert time.monotonic() - start < 15
    await rig.endpoint("await websocket.close()")
    await rig.server.aclose()
    assert [e.data["expected"] for e in rig.of("server.exited")] == [True, True]


async def test_a_stopped_process_is_noticed_from_outside(rig: Any) -> None:
    os.kill(rig.server.pid, signal.SIGSTOP)
    await rig.until(lambda: rig.of("server.stalled"))
    assert rig.of("server.stalled")[0].source is None
    assert "frames" not in rig.of("server.stalled")[0].data
    os.kill(rig.server.pid, signal.SIGCONT)
    await rig.until(lambda: rig.of("note", why="recovered"))
    assert not rig.server.stalled
    assert len(rig.of("server.stalled")) == 1
    os.kill(rig.server.pid, signal.SIGSTOP)
    await rig.server.aclose(limit=0.3)
    assert rig.of("server.exited")[0].data["signal"] == "SIGKILL"


async def test_our_own_slowness_is_no_stall_of_the_child(rig: Any) -> None:
    for _ in range(3):
        time.sleep(1.3)  # noqa: ASYNC251 - the parent's loop is what is to be slow here
        await asyncio.sleep(0.05)
    await asyncio.sleep(0.5)
    assert await rig.server.sync(20)
    assert not rig.of("server.stalled")


# ---- output


async def test_prints_of_every_kind(rig: Any) -> None:
    await rig.endpoint(
        """
        print("one\\x1b[31m\\u202e", "two")
        print("to stderr", file=sys.stderr)
        sys.stdout.buffer.write(b"buffer\\n")
        os.write(1, b"raw \\xff\\n")
        subprocess.run(["sh", "-c", "echo from a program; echo oops >&2"], check=True)
        print("a", end="-")
        print("b")
        print("unfinished", end="")
        await websocket.close()
        """
    )
    await (await rig.connect()).rest()
    await rig.until(lambda: "unfinished" in rig.texts())
    assert rig.texts() == [
        "one\x1b[31m\u202e two",
        "to stderr",
        "buffer",
        "raw \ufffd",
        "from a program",
        "oops",
        "a-b",
        "unfinished",
    ]
    first, raw, last = rig.of("server.print")[0], rig.of("server.print")[3], rig.of("server.print")[-1]
    assert first.summary == "one␛[31m<U+202E> two"
    assert first.source is not None
    assert raw.source is None
    assert last.data["partial"] is True


async def test_a_thousand_prints_in_a_burst_and_a_barrier(rig: Any) -> None:
    await rig.endpoint(
        "await websocket.accept()\nfor n in range(1000): print(n)\n"
        "for n in range(1000): await websocket.send_text(str(n))"
    )
    client = await rig.connect()
    received = await client.rest()
    assert received.endswith(b"999")
    assert await rig.server.sync(20)
    assert rig.texts() == [str(n) for n in range(1000)]
    sent = [e.data["message"]["text"] for e in rig.on(client.port) if "text" in e.data.get("message", {})]
    assert sent == rig.texts()


async def test_sync_delivers_all_there_was(rig: Any) -> None:
    await rig.endpoint(
        "await websocket.accept()\nwhile True:\n"
        "    text = await websocket.receive_text()\n    print(text)\n    logging.warning(text)\n"
        "    await websocket.send_text(text)"
    )
    client = await rig.connect()
    await client.head()
    for number in range(50):
        await client.send(1, b"%d" % number)
        assert await client.frame() == (1, b"%d" % number)
        assert await rig.server.sync(20)
        assert rig.texts()[-1] == str(number)
        assert rig.of("server.log")[-1].data["message"] == str(number)
        # The app's next receive has not returned, so its last event is the send.
        assert rig.on(client.port)[-1].kind == "asgi.send"


async def test_a_long_line_comes_in_pieces(rig: Any) -> None:
    await rig.endpoint('print("x" * 100_000)\nprint("done")\nawait websocket.close()')
    await (await rig.connect()).rest()
    await rig.until(lambda: "done" in rig.texts())
    assert "".join(rig.texts()) == "x" * 100_000 + "done"
    assert max(map(len, rig.texts())) <= 16_384


async def test_a_scenario_that_reads_stdin_gets_its_end(rig: Any) -> None:
    await rig.endpoint("print(repr(sys.stdin.read()), os.read(0, 9))\nawait websocket.close()")
    await (await rig.connect()).rest()
    assert await rig.server.sync(20)
    assert rig.texts() == ["'' b''"]


async def test_logs_and_warnings(rig: Any, first_line: int) -> None:
    await rig.endpoint(
        """
        logging.getLogger("mine").info("hidden, as in plain Python")
        logging.getLogger("mine").warning("shown %s", "\\x1b[31m")
        __import__("warnings").warn("old", DeprecationWarning)
        try: 1 / 0
        except ZeroDivisionError: logging.exception("bad")
        await websocket.close()
        """
    )
    await (await rig.connect("/ws?token=secret")).rest()
    assert await rig.server.sync(20)
    mine = rig.of("server.log", logger="mine")
    assert [e.data["message"] for e in mine] == ["shown \x1b[31m"]
    assert mine[0].source == Source("probe.py", first_line + 1, "endpoint")
    assert mine[0].summary == "WARNING shown ␛[31m"
    assert "ZeroDivisionError" in rig.of("server.log", message="bad")[0].data["traceback"]
    assert any(
        '"WebSocket /ws?token=secret" 403' in e.data["message"] for e in rig.of("server.log", level="INFO")
    )


async def test_logging_set_up_by_the_scenario(rig: Any) -> None:
    before = 'logging.basicConfig(level=logging.DEBUG, format="%(message)s"); log = logging.getLogger("mine")'
    await rig.endpoint('log.debug("shown")\nawait websocket.close()', before=before)
    await (await rig.connect()).rest()
    assert await rig.server.sync(20)
    assert rig.of("server.log", logger="mine")[0].data["message"] == "shown"
    assert rig.texts() == []
    await rig.endpoint('logging.getLogger("mine").debug("hidden again")\nawait websocket.close()')
    await (await rig.connect()).rest()
    assert await rig.server.sync(20)
    assert len(rig.of("server.log", logger="mine")) == 1


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
        "import sys, wsplay.server.process, wsplay.server.errors, wsplay.model.engine\n"
        "assert not {'fastapi', 'starlette', 'uvicorn'} & set(sys.modules), sorted(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
