"""`NO_COLOR`: no colour reaches the terminal, and what colours say is said by characters and attributes."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import sys
import termios
import time
from pathlib import Path
from typing import Any

import pytest
from scenes import SCENES

pytestmark = pytest.mark.slow

LIMIT = 60.0


@pytest.mark.parametrize("name", SCENES)
async def test_no_colour_is_left_on_any_screen(
    enter: Any, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with enter(name) as it:
        for strip in it.app.screen._compositor.render_strips():
            for segment in strip:
                assert segment.style is None or segment.style.color is segment.style.bgcolor is None, segment


def reversed_text(screen: Any) -> str:
    strips = screen._compositor.render_strips()
    return "\n".join(
        "".join(one.text for one in strip if one.style is not None and one.style.reverse) for strip in strips
    )


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("refused", 'INFO "WebSocket'),
        ("search in the timeline", "http"),
        ("headers", "Connect"),
        ("small palette", "uvicorn"),
        ("connected", "a"),
        ("challenge", "1"),
        ("challenges", "No authentication"),
        ("main", "Close before accept"),
    ],
)
async def test_what_is_under_the_cursor_is_in_reverse_video(
    enter: Any, name: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with enter(name) as it:
        assert told.lower() in reversed_text(it.app.screen).lower()


async def test_an_empty_no_color_says_nothing(enter: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "")
    async with enter("main") as it:
        assert not it.app.no_color
        colours = {
            segment.style.color.triplet.hex
            for strip in it.app.screen._compositor.render_strips()
            for segment in strip
            if segment.style is not None and segment.style.color is not None
        }
        assert "#8fb1ff" in colours


class Terminal:
    """The real program on a terminal, and every byte that it wrote."""

    def __init__(self, home: Path, *words: str, **env: str) -> None:
        self.master, slave = pty.openpty()
        termios.tcsetwinsize(slave, (40, 140))
        unset = {"NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES", "TEXTUAL_ANIMATIONS"}
        given = {name: value for name, value in os.environ.items() if name not in unset}
        given |= {"TERM": "xterm-256color", "COLORTERM": "truecolor", "HOME": str(home), **env}
        command = [sys.executable, "-m", "wsplay", *words]
        self.run = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, env=given)
        os.close(slave)
        self.written = b""

    def until(self, text: str) -> None:
        """Read until it has written a text, at most `LIMIT` seconds."""
        end = time.monotonic() + LIMIT
        seen = len(self.written)
        while text.encode() not in self.written[seen:]:
            assert time.monotonic() < end, f"{text} never came: {self.written[-2000:]!r}"
            self._read()

    def _read(self) -> None:
        if select.select([self.master], [], [], 0.2)[0]:
            self.written += os.read(self.master, 65536)

    def press(self, keys: str) -> None:
        os.write(self.master, keys.encode())

    def close(self) -> None:
        """End it, and read what it still writes."""
        self.press("\x11")
        end = time.monotonic() + LIMIT
        while self.run.poll() is None and time.monotonic() < end:
            try:
                self._read()
            except OSError:  # EIO: it has ended
                break
        assert self.run.wait(LIMIT) == 0
        os.close(self.master)

    @property
    def attributes(self) -> set[str]:
        """The parameters of every SGR sequence, colours with all their numbers."""
        found: set[str] = set()
        for codes in re.findall(rb"\x1b\[([0-9;:]*)m", self.written):
            found |= set(codes.decode().replace(":", ";").split(";"))
        return found


def test_the_terminal_gets_no_colour_code_and_nothing_that_blinks(tmp_path: Path) -> None:
    """In the bytes, from the first paint over a run and a palette to the end."""
    terminal = Terminal(tmp_path, "3", NO_COLOR="1")
    terminal.until("READY")
    terminal.press("\x12")  # connect
    terminal.until("REFUSED 403")
    terminal.press("?")
    terminal.until("escape closes")
    terminal.press("\x1b")
    terminal.close()
    # 0 none, 1 bold, 2 dim, 3 italic, 4 underline, 7 reverse; never 5 and 6 (blink), 30 to 49 or 90 to 107
    assert terminal.attributes <= {"", "0", "1", "2", "3", "4", "7"}
    assert {"1", "7"} <= terminal.attributes


def test_with_colours_the_same_terminal_gets_them_and_nothing_blinks(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path, "3")
    terminal.until("READY")
    terminal.close()
    sequences = re.findall(rb"\x1b\[([0-9;:]*)m", terminal.written)
    assert any(b"38;2;" in one for one in sequences)
    for one in sequences:
        plain = re.sub(rb"[34]8;(2;\d+;\d+;\d+|5;\d+)", b"", one)
        assert not {b"5", b"6"} & set(plain.split(b";")), one
