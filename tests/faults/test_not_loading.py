"""A scenario that does not load: its error with file and line, and the last good one is still there."""

from __future__ import annotations

import asyncio
import re
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from wsplay.cli.running import run_every
from wsplay.scenario.library import Library
from wsplay.server.parent.process import ServerProcess

pytestmark = pytest.mark.slow

GOOD = "await websocket.accept()\nawait websocket.close(4000, 'first')"
REQUEST = (
    b"GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


def answer(port: int) -> bytes:
    """All a server says to a handshake, up to the end."""
    said = b""
    with socket.create_connection(("127.0.0.1", port), timeout=40) as client:
        client.sendall(REQUEST)
        while b"\x88" not in said and (more := client.recv(4096)):
            said += more
    return said


@pytest.mark.parametrize(
    ("text", "where", "words"),
    [
        ("x = 1\ndef f(:\n", 2, "SyntaxError|invalid syntax|never closed|expected"),
        ("x = 1\n", None, "app"),
        ("x = 1\nraise ValueError('no')\n", 2, "ValueError: no"),
        ("import nowhere_at_all\n", 1, "nowhere_at_all"),
        ("import os\nos._exit(3)\n", None, "exited with code 3"),
        ("import os\nos.kill(os.getpid(), 9)\n", None, "SIGKILL"),
        ("import sys\nsys.exit('gone')\n", 2, "gone"),
        ("app = 7\n", None, "app"),
        ("x = '\0'\n", 1, "NUL"),
    ],
)
def test_it_is_one_error_with_file_and_line_and_exit_3(
    wsplay: Any, tmp_path: Path, text: str, where: int | None, words: str
) -> None:
    path = tmp_path / "broken.py"
    path.write_text(text)
    serve = "ValueError" in text
    done = wsplay("serve" if serve else "run", str(path))
    assert done.returncode == 3, done
    assert serve or done.stdout == ""  # `serve` tells what the server does from its start
    assert re.search(words, done.stderr)
    line = r"broken\.py" if where is None else rf"broken\.py(:|, line ){where}\b"
    assert re.search(line, done.stderr), done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("command", ["run", "serve", "show"])
def test_no_such_path_exits_2(wsplay: Any, tmp_path: Path, command: str) -> None:
    for path in ("nowhere.py", "."):
        done = wsplay(command, str(tmp_path / path) + "/" * (path == "."))
        assert (done.returncode, done.stdout) == (2, "")
        assert str(tmp_path) in done.stderr
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", ["run", "serve"])
def test_an_import_that_never_ends_is_given_up_and_says_where(env: Any, tmp_path: Path, command: str) -> None:
    path = tmp_path / "endless.py"
    path.write_text("app = None\nwhile True:\n    pass\n")
    program = (
        "from wsplay.cli.main import main\n"
        "from wsplay.server.parent.process import ServerProcess\n"
        "ServerProcess.load.__kwdefaults__['limit'] = 2\n"
        "main()\n"
    )
    words = [sys.executable, "-c", program, command, str(path)]
    done = subprocess.run(words, env=env, capture_output=True, text=True, timeout=40)
    assert done.returncode == 3
    assert re.search(r"endless\.py, line [23]", done.stderr)
    assert re.search(r"no response within \d+ s", done.stderr)
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("jobs", [1, 4])
async def test_none_of_them_takes_the_others_down(
    tmp_path: Path,
    endpoint: Any,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    jobs: int,
) -> None:
    monkeypatch.setitem(ServerProcess.load.__kwdefaults__, "limit", 2.0)  # type: ignore[arg-type]
    monkeypatch.setattr("wsplay.play.playground.SYNC_LIMIT", 0.7)
    block = '[tool.wsplay]\n[[tool.wsplay.try]]\nname = "only"\ntimeout = 2\n'
    bodies = {
        "good_1": GOOD,
        "good_2": GOOD,
        "good_3": GOOD,
        "good_4": GOOD,
        "kills": "os.kill(os.getpid(), signal.SIGKILL)",
        "blocks": "await websocket.accept()\nwhile True: time.sleep(1)",
    }
    files = {name: endpoint(body, name, block) for name, body in bodies.items()}
    for name, text in {"endless": "while True: pass\n", "exits": "import os\nos._exit(3)\n"}.items():
        files[name] = tmp_path / f"{name}.py"
        files[name].write_text(text)
    library = Library([])
    order = ("endless", "good_1", "exits", "good_2", "kills", "good_3", "blocks", "good_4")
    async with asyncio.timeout(100):
        code = await run_every(
            [library.open(files[name]) for name in order],
            engine="uvicorn",
            jobs=jobs,
            timeout=None,
            as_json=False,
        )
    out = capsys.readouterr().out
    assert code == 3
    for name in ("endless", "exits"):
        assert re.search(rf"broken  {name}: ", out), out
    for name in ("good_1", "good_2", "good_3", "good_4"):
        assert re.search(rf"{name} +only +CLOSED 4000", out), out
    assert re.search(r"kills +only +DROPPED", out) or re.search(r"kills +only +REFUSED", out), out


def test_while_served_the_last_good_one_stays(start: Any, endpoint: Any, tools: Any, line_of: Any) -> None:
    path = endpoint(GOOD)
    served = start("serve", str(path), "--json")
    served.event("server.loaded")
    pids = tools.children(served.pid)
    port = tools.until(lambda: tools.listening_port(served.pid))
    assert b"first" in answer(port)
    good = path.read_text()
    path.write_text(good.replace("async def", "async dfe"))
    served.until(r"not loaded: .*probe\.py(:|, line )" + str(line_of(path, "async dfe")))
    served.event("note", why="load failed", line=line_of(path, "async dfe"))
    assert b"first" in answer(port)
    path.write_text(good.replace("app = FastAPI()", "app = FastAPI(); app = 1 / 0"))
    served.event("note", why="load failed", line=line_of(path, "1 / 0"))
    served.until(r"not loaded: .*ZeroDivisionError")
    assert b"first" in answer(port)
    path.write_text(good.replace("first", "again"))
    tools.until(lambda: b"again" in answer(port))
    assert tools.children(served.pid) == pids
    assert "Traceback" not in re.sub(r"^\{.*", "", served.text, flags=re.M)


@pytest.mark.tmux
def test_in_the_terminal_the_last_good_one_stays(terminal: Any, endpoint: Any, line_of: Any) -> None:
    path = endpoint(GOOD)
    terminal.start(str(path))
    terminal.until("READY", "probe.py is loaded")
    good = path.read_text()
    path.write_text(good.replace("async def", "async dfe"))
    terminal.keys("t", "L")
    line = line_of(path, "async dfe")
    terminal.until("NOT LOADED", f"probe.py, line {line}", "The previous version", "is still")
    terminal.keys("C-r")
    terminal.until('close 4000 "first"')
    path.write_text(good.replace("app = FastAPI()", "app = FastAPI(); app = 1 / 0"))
    terminal.keys("L")
    terminal.until(
        "NOT LOADED", f"probe.py, line {line_of(path, '1 / 0')}", "ZeroDivisionError", "did not load"
    )
    path.write_text("x = 1\n")
    terminal.keys("L")
    terminal.until("NOT LOADED", "app", "The previous version", "is still")
    terminal.keys("C-r")
    terminal.until('close 4000 "first"')
    path.unlink()
    terminal.keys("L")
    terminal.until("NOT LOADED", "no file to read")
    path.write_text(good)
    terminal.keys("L")
    terminal.until("READY", "probe.py is loaded")
    terminal.keys("C-q")
    terminal.ended(0)


@pytest.mark.tmux
def test_a_broken_file_opens_in_the_terminal_and_others_can_be_chosen(terminal: Any, tmp_path: Path) -> None:
    path = tmp_path / "broken.py"
    path.write_text("x = 1\ndef f(:\n")
    terminal.start(str(path))
    terminal.until("NOT LOADED", "broken.py, line 2")
    terminal.keys("3")
    terminal.until("close_before_accept.py is loaded")
    terminal.keys("C-r")
    terminal.until("REFUSED 403")
    terminal.keys("C-q")
    terminal.ended(0)
