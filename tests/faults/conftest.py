"""The real program as a process and in a terminal, the files it is given, and what it leaves behind."""

from __future__ import annotations

import ctypes
import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

TMUX = shutil.which("tmux")
#: Seconds that anything is waited for. Only a failing test waits this long.
PATIENCE = 40.0
WSPLAY = [sys.executable, "-m", "wsplay"]
#: What an endpoint needs to write to its socket past the server.
RAW = '''
def raw(websocket):
    """The TCP connection under a WebSocket, for what no server would send."""
    for number in os.listdir("/proc/self/fd"):
        try:
            connection = socket.socket(fileno=os.dup(int(number)))
        except OSError:
            continue
        try:
            if connection.getpeername()[1] == websocket.client.port:
                return connection
        except (OSError, IndexError):
            pass
        connection.close()
'''


def until(true: Callable[[], Any], told: Callable[[], object] = lambda: "") -> Any:
    """Wait until something holds and return it."""
    deadline = time.monotonic() + PATIENCE
    while True:
        if found := true():
            return found
        assert time.monotonic() < deadline, told()
        time.sleep(0.03)


def lives(pid: int) -> bool:
    """Whether a process is there and no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def children(pid: int) -> set[int]:
    """The processes that came of one, and live."""
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
    found = {pid}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return {child for child in found - {pid} if lives(child)}


def refuses(port: int) -> bool:
    """Whether nobody listens on a port of this machine."""
    with socket.socket() as client:
        client.settimeout(PATIENCE)
        return client.connect_ex(("127.0.0.1", port)) != 0


def listening_port(pid: int) -> int | None:
    """The TCP port that a process listens on."""
    inodes = set()
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        try:
            inodes.add(entry.readlink().name)
        except OSError:
            continue
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        words = line.split()
        if words[3] == "0A" and f"socket:[{words[9]}]" in inodes:
            return int(words[1].split(":")[1], 16)
    return None


def without(*capabilities: int) -> Callable[[], None]:
    """Make a child process of root one without these capabilities (capabilities(7)); no change for others."""

    def drop() -> None:
        if os.geteuid() == 0:
            libc = ctypes.CDLL(None)
            for capability in capabilities:
                libc.prctl(24, capability, 0, 0, 0)  # PR_CAPBSET_DROP, before an exec

    return drop


class Program:
    """wsplay as a process that is still running."""

    def __init__(self, *words: str, env: dict[str, str], **options: Any) -> None:
        self.text = ""
        options = {"stdin": subprocess.DEVNULL, "stderr": subprocess.STDOUT} | options
        self.process = subprocess.Popen(
            [*WSPLAY, *words],
            stdout=subprocess.PIPE,
            env=env,
            encoding="utf-8",
            errors="surrogateescape",
            **options,
        )
        self.pid = self.process.pid
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.text += line

    def until(self, pattern: str) -> str:
        """Wait for text; the first group, or all that fits."""
        found = until(lambda: re.search(pattern, self.text), lambda: f"no {pattern} in:\n{self.text}")
        return str(found.group(1) if found.groups() else found.group())

    @property
    def events(self) -> list[dict[str, Any]]:
        """The events it told so far, where it says JSON lines; not the outcomes between them."""
        whole = self.text[: self.text.rfind("\n") + 1]
        told = [json.loads(line) for line in whole.splitlines() if line.startswith("{")]
        return [one for one in told if one["kind"] != "outcome"]

    def event(self, kind: str, **data: Any) -> dict[str, Any]:
        """Wait for an event of a kind with these values in its data."""

        def find() -> dict[str, Any] | None:
            for event in self.events:
                if event["kind"] == kind and data.items() <= event["data"].items():
                    return event
            return None

        found: dict[str, Any] = until(find, lambda: f"no {kind} {data} in:\n{self.text}")
        return found

    def ended(self) -> int:
        """Wait for its end; the exit code, negative for a signal."""
        code = self.process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        return code

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.ended()
        assert self.process.stdout is not None
        self.process.stdout.close()


class Terminal:
    """A tmux of its own with one window in which wsplay runs."""

    def __init__(self, name: str, folder: Path, env: dict[str, str]) -> None:
        self.name = name
        self.folder = folder
        self._env = env

    def tmux(self, *words: str) -> str:
        assert TMUX is not None
        command = [TMUX, "-L", self.name, "-f", os.devnull, *words]
        return subprocess.run(
            command, capture_output=True, encoding="utf-8", errors="surrogateescape", timeout=PATIENCE
        ).stdout

    def start(self, *words: str, **options: Any) -> None:
        """Run wsplay in a shell that notes how the terminal was before and is after."""
        self.start_command(shlex.join([*WSPLAY, *words]), **options)

    def start_command(
        self, command: str, size: tuple[int, int] = (140, 40), env: dict[str, str] | None = None
    ) -> None:
        """Run any command so."""
        note = f"stty -a > {self.folder}"
        script = (
            f"unset COLUMNS LINES; echo BEFORE; {note}/before; {command}; echo EXIT $?; "
            f"{note}/after; exec sleep 600"
        )
        wanted = {"TERM": "tmux-256color", **self._env, **(env or {})}
        given = [word for name, value in wanted.items() for word in ("-e", f"{name}={value}")]
        self.tmux("new-session", "-d", "-x", str(size[0]), "-y", str(size[1]), *given, script)

    @property
    def text(self) -> str:
        return self.tmux("capture-pane", "-p")

    def keys(self, *keys: str) -> None:
        self.tmux("send-keys", *keys)

    def until(self, *words: str) -> str:
        """Wait until all these stand on the screen, and return it."""

        def find() -> str | None:
            text = self.text
            return text if all(word in text for word in words) else None

        found: str = until(find, lambda: f"never came: {words}\n{self.text}")
        return found

    def until_gone(self, words: str) -> None:
        """Wait until this stands on the screen no longer."""
        until(lambda: words not in self.text, lambda: f"still there: {words}\n{self.text}")

    @property
    def pid(self) -> int:
        """Of wsplay itself."""
        shell = int(self.tmux("list-panes", "-F", "#{pane_pid}").split()[0])

        def find() -> int | None:
            for pid in children(shell):
                words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
                if b"wsplay" in words:
                    return pid
            return None

        found: int = until(find)
        return found

    def ended(self, code: int) -> None:
        """Check that it ended with `code` and that the terminal is as it was."""
        text = self.until(f"EXIT {code}")
        assert "BEFORE" in text
        after = self.folder / "after"
        until(lambda: after.exists() and after.read_text())
        # The size is the terminal's own business; it may have been changed meanwhile.
        before, then = (
            re.sub("rows \\d+; columns \\d+", "", (self.folder / name).read_text())
            for name in ("before", "after")
        )
        assert then == before
        flags = self.tmux("list-panes", "-F", "#{alternate_on} #{mouse_any_flag} #{cursor_flag}")
        assert flags.split() == ["0", "0", "1"]

    def close(self) -> None:
        self.tmux("kill-server")


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    """Surroundings that nothing of this machine's user gets into."""
    home = tmp_path / "home"
    home.mkdir()
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "WSPLAY_"))}
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES", "PYTHONUNBUFFERED"):
        kept.pop(name, None)
    return {**kept, "HOME": str(home), "LC_ALL": "C.UTF-8", "TERM": "xterm-256color"}


@pytest.fixture
def wsplay(env: dict[str, str]) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run wsplay to its end."""

    def run(*words: str, more: dict[str, str] | None = None, **options: Any) -> Any:
        options = {
            "stdin": subprocess.DEVNULL,
            "stdout": subprocess.PIPE,
            "stderr": subprocess.PIPE,
        } | options
        return subprocess.run(
            [*WSPLAY, *words],
            env=env | (more or {}),
            encoding="utf-8",
            errors="surrogateescape",
            timeout=PATIENCE,
            **options,
        )

    return run


@pytest.fixture
def start(env: dict[str, str]) -> Iterator[Callable[..., Program]]:
    """Start wsplay and leave it running until the test's end."""
    programs = []

    def begin(*words: str, more: dict[str, str] | None = None, **options: Any) -> Program:
        program = Program(*words, env=env | (more or {}), **options)
        programs.append(program)
        return program

    yield begin
    for program in programs:
        program.close()


@pytest.fixture
def terminal(tmp_path: Path, env: dict[str, str]) -> Iterator[Terminal]:
    """A terminal. Where there is no tmux, the test is skipped and says so."""
    if TMUX is None:
        pytest.skip("tmux is missing: nothing was tried in a real terminal")
    name = f"wsplay-faults-{os.getpid()}-{time.monotonic_ns()}"
    given = {name: env[name] for name in ("HOME", "LC_ALL")}
    terminal = Terminal(name, tmp_path, given)
    yield terminal
    terminal.close()


@pytest.fixture
def endpoint(tmp_path: Path) -> Callable[..., Path]:
    """Write a scenario whose endpoint has this body; the body's first line is line `FIRST`."""

    def write(body: str, name: str = "probe", block: str = "", before: str = "") -> Path:
        lines = "".join(f"    {line}\n" for line in body.strip().splitlines())
        text = (
            '"""A probe."""\n'
            "import asyncio, logging, os, signal, socket, sys, time\n"
            "from fastapi import FastAPI, WebSocket\n"
            f"{RAW}{before}\n"
            "app = FastAPI()\n"
            '@app.websocket("/ws")\n'
            f"async def endpoint(websocket: WebSocket):\n{lines}"
        )
        if block:
            text += "\n# /// script\n" + "".join(f"# {line}\n" for line in block.splitlines()) + "# ///\n"
        path = tmp_path / f"{name}.py"
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.fixture
def line_of() -> Callable[[Path, str], int]:
    """The number of the line of a file that holds some text."""

    def find(path: Path, text: str) -> int:
        lines = path.read_text(encoding="utf-8").splitlines()
        return 1 + next(number for number, line in enumerate(lines) if text in line)

    return find


class Tools:
    """The functions above, for tests."""

    until = staticmethod(until)
    lives = staticmethod(lives)
    children = staticmethod(children)
    refuses = staticmethod(refuses)
    listening_port = staticmethod(listening_port)
    without = staticmethod(without)
    patience = PATIENCE

    @staticmethod
    def events(text: str) -> list[dict[str, Any]]:
        """JSON lines, every one of which must be one."""
        return [json.loads(line) for line in text.splitlines()]

    @staticmethod
    def nothing_left(pids: set[int], port: int | None = None) -> None:
        """Check that these processes end and that nobody listens any more."""
        until(lambda: not any(map(lives, pids)), lambda: f"still there: {[p for p in pids if lives(p)]}")
        assert port is None or refuses(port)

    @staticmethod
    def raw_in(text: str) -> str:
        """What a terminal would obey, or a reader be misled by, in some output."""
        return "".join(sorted({char for char in text if char != "\n" and not char.isprintable()}))

    signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL)


@pytest.fixture(scope="session")
def tools() -> type[Tools]:
    return Tools
