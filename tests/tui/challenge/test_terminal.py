"""All five seed challenges in a real terminal, right and wrong, until the badge."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

TMUX = shutil.which("tmux")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.tmux,
    pytest.mark.timeout(300),
    pytest.mark.skipif(TMUX is None, reason="tmux is missing: no challenge was taken in a real terminal"),
]
#: Seconds something may take on a busy machine; the attack bench takes about 25 on an idle one.
LIMIT = 120.0


class Terminal:
    """A tmux of its own with one window, in which wsplay runs."""

    def __init__(self, folder: Path) -> None:
        self.name = f"wsplay-quiz-{os.getpid()}-{time.monotonic_ns()}"
        self.progress = folder / "progress.json"
        command = shlex.join([sys.executable, "-m", "wsplay", "1"])
        self.tmux(
            *("-f", os.devnull, "new-session", "-d", "-x", "140", "-y", "40"),
            *("-e", "TERM=tmux-256color", "-e", f"HOME={folder}", "-e", "LC_ALL=C.UTF-8"),
            *("-e", f"WSPLAY_PROGRESS={self.progress}"),
            f"unset COLUMNS LINES; {command}; echo EXIT $?; exec sleep 600",
        )

    def tmux(self, *words: str) -> str:
        assert TMUX is not None
        done = subprocess.run([TMUX, "-L", self.name, *words], capture_output=True, text=True, timeout=30)
        return done.stdout

    @property
    def text(self) -> str:
        return self.tmux("capture-pane", "-p")

    def keys(self, *keys: str) -> None:
        self.tmux("send-keys", *keys)

    def until(self, *found: str) -> str:
        """Wait until all of these are on the screen."""
        deadline = time.monotonic() + LIMIT
        while True:
            text = self.text
            if all(one in text for one in found):
                return text
            assert time.monotonic() < deadline, f"never came: {found}\n{text}"
            time.sleep(0.05)

    def gone(self, words: str) -> None:
        """Wait until this is no longer on the screen."""
        deadline = time.monotonic() + LIMIT
        while words in self.text:
            assert time.monotonic() < deadline, f"never went: {words}\n{self.text}"
            time.sleep(0.05)

    def next(self, title: str) -> None:
        """On to the challenge of that title."""
        self.keys("]")
        self.until(f"Challenge  {title}", "YOUR ANSWER")


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    terminal = Terminal(tmp_path)
    yield terminal
    terminal.tmux("kill-server")


def test_the_five_are_answered_until_the_badge(terminal: Terminal) -> None:
    terminal.until("READY")
    terminal.keys("q")
    text = terminal.until("Challenge  1 No authentication", "1 of the first five", "4  It connects")
    assert not any(word in text for word in ("confirmed", "refuted", "★"))
    terminal.keys("1", "Enter")  # wrong: it is not refused
    text = terminal.until("REFUTED", "◂ your answer", "claimed 401, observed 101")
    assert "confirmed" not in text
    terminal.keys("4", "Enter")
    terminal.until("CONFIRMED on attempt 2")

    terminal.next("2 Header check")
    terminal.keys("3", "Enter")
    text = terminal.until("CONFIRMED on attempt 1", "streak 2")
    assert text.count("✗ refuted") == 3
    terminal.keys("4")
    terminal.until("websocket.body['Authorization']", "raised AttributeError")

    terminal.next("3 Close before accept")
    terminal.keys("1", "Enter")  # the often taught answer
    text = terminal.until("REFUTED", "✓ TestClient")
    assert "✗ wire" in text
    terminal.keys("5", "Enter")
    terminal.until("CONFIRMED on attempt 2", "HTTP/1.1 403 Forbidden")

    terminal.next("4 A send that raises")
    terminal.keys("h")
    terminal.until("hint  ")
    terminal.keys("1", "Enter")
    terminal.until("CONFIRMED on attempt 1", "± choice 1")

    terminal.next("5 JWT before accept")
    terminal.keys("2", "Enter")
    terminal.until("RUNNING", "✗ BROKEN", "… running")
    text = terminal.until("★   BADGE   ★", "the first five", "5 of 5 solved")
    assert "7 attempts, 3 right the first time" in text
    terminal.keys("Space")
    terminal.gone("press any key")
    text = terminal.until("CONFIRMED on attempt 1", "★ 1 badge")
    assert "total" in text
    terminal.keys("l")
    terminal.until("★ badge", "first attempt", "2 attempts")
    terminal.keys("C-q")
    terminal.until("EXIT 0")
    kept = json.loads(terminal.progress.read_text(encoding="utf-8"))
    assert sum(record["solved"] for record in kept["records"].values()) == 5
    assert kept["records"]["no_auth"] == {"attempts": 2, "solved": True, "first_try": False, "hints": 0}
