"""In the real program, in a real terminal, by keyboard alone: a run is saved, reopened without a server, and
stepped.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from wsplay.export.run_file import read_run_file

TMUX = shutil.which("tmux")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.tmux,
    pytest.mark.timeout(300),
    pytest.mark.skipif(TMUX is None, reason="tmux is missing: nothing was tried in a real terminal"),
]
#: Seconds something may take on a busy machine.
LIMIT = 60.0


class Terminal:
    """A tmux of its own with one window."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name, self.folder = name, folder

    def tmux(self, *words: str) -> str:
        assert TMUX is not None
        command = [TMUX, "-L", self.name, "-f", os.devnull, *words]
        return subprocess.run(command, capture_output=True, text=True, timeout=LIMIT).stdout

    def start(self, *words: str, **environment: str) -> None:
        """Run wsplay in the folder; a window before it is closed."""
        program = shlex.join([sys.executable, "-m", "wsplay", *words])
        state = {"HOME": str(self.folder), "LC_ALL": "C.UTF-8", "XDG_STATE_HOME": f"{self.folder}/state"}
        given = [f for name, value in (state | environment).items() for f in ("-e", f"{name}={value}")]
        script = f"unset COLUMNS LINES; {program}; echo EXIT $?; exec sleep 600"
        self.tmux("kill-server")
        self.name += "-next"  # the one before may take a moment to end
        self.tmux(
            *(
                "new-session",
                "-d",
                "-x",
                "100",
                "-y",
                "30",
                "-c",
                str(self.folder),
                "-e",
                "TERM=tmux-256color",
            ),
            *given,
            script,
        )

    def keys(self, *keys: str) -> None:
        self.tmux("send-keys", *keys)

    def until(self, found: str | Callable[[str], object]) -> str:
        """Wait until a text is on the screen, or something holds for what is there."""
        deadline = time.monotonic() + LIMIT
        while True:
            text = self.tmux("capture-pane", "-p")
            if found in text if isinstance(found, str) else found(text):
                return text
            assert time.monotonic() < deadline, f"never came: {found}\n{text}"
            time.sleep(0.05)


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    terminal = Terminal(f"wsplay-runs-{os.getpid()}-{time.monotonic_ns()}", tmp_path)
    (tmp_path / "state" / "wsplay").mkdir(parents=True)
    (tmp_path / "state" / "wsplay" / "started").touch()  # it was started before
    yield terminal
    terminal.tmux("kill-server")


def test_a_run_is_saved_reopened_without_a_server_played_and_stepped(
    terminal: Terminal, tmp_path: Path
) -> None:
    terminal.start("3")
    terminal.until("ctrl+r connects")
    terminal.keys("C-r")
    terminal.until("REFUSED 403")
    terminal.keys("o")
    terminal.until(lambda text: "close_before_accept" in text and "1 of 50" in text)
    terminal.keys("s")
    terminal.until("Save the run to which file?")
    terminal.keys("Enter")
    terminal.until("secrets redacted")
    path = tmp_path / "close_before_accept-no_token.jsonl"
    events = len(read_run_file(path).events)
    assert events >= 8

    # With a process that cannot start, there is no server at all.
    broken = tmp_path / "broken"
    (broken / "uvicorn").mkdir(parents=True)
    (broken / "uvicorn" / "__init__.py").write_text("raise SystemExit('no server here')\n")
    terminal.start(path.name, PYTHONPATH=str(broken))
    whole = f"{events} of {events} events"
    terminal.until(lambda text: "RECORDED" in text and "REFUSED 403" in text and whole in text)
    terminal.keys(".")
    terminal.until(lambda text: f"1 of {events} events" in text and "REFUSED" not in text)
    terminal.keys(".")
    terminal.until(f"2 of {events} events")
    terminal.keys(">")
    terminal.until(lambda text: "REFUSED 403" in text and whole in text)
    terminal.keys("Space")
    terminal.until(lambda text: "REFUSED 403" in text and whole in text)
    terminal.keys("Escape")
    terminal.until(lambda text: "SERVER EXITED" in text or "NO SERVER" in text)
    terminal.keys("C-q")
    terminal.until("EXIT 0")
