"""Holding in the real program, with the keyboard alone."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from .test_terminal import Terminal, family, gone, port_of, pytestmark, refuses, terminal

__all__ = ["pytestmark", "terminal"]

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def hold(terminal: Terminal, point: str) -> None:
    """Choose a point from the menu."""
    terminal.keys("H")
    terminal.until("Hold where?")
    terminal.until("What refuses or ends a connection")  # its choices are there
    terminal.keys("-l", point)
    terminal.until(lambda: "What refuses or ends a connection" not in terminal.text)
    terminal.keys("Enter")
    terminal.until("‖ HOLD")


def in_band(terminal: Terminal, words: str) -> str:
    """Wait until the band says that this waits."""
    terminal.until(lambda: any("‖ WAITS" in line and words in line for line in terminal.text.splitlines()))
    return terminal.text


@pytest.mark.parametrize("size", [(140, 40), (80, 24)])
def test_a_refusal_is_held_and_stepped_through_every_boundary(
    terminal: Terminal, size: tuple[int, int]
) -> None:
    terminal.start("3", size=size)
    terminal.until("READY")
    terminal.until("listening")
    hold(terminal, "all")
    terminal.keys("t", "C-r")
    text = in_band(terminal, "the client's request: GET /ws HTTP/1.1")
    assert "HOLD: all" in text
    assert "WAITS" in next(line for line in text.splitlines() if "├" in line and "GET /ws" in line)
    assert "the time of day" in text
    terminal.keys("Enter")
    terminal.until("Sec-WebSocket-Version: 13")
    terminal.keys("Enter")
    terminal.keys("-l", "Authorization: guess")
    terminal.until("Authorization: guess")
    terminal.keys("C-s")
    text = in_band(terminal, "the app sends: websocket.close 1008")
    assert "close_before_accept.py:44" in text
    terminal.until("waits to send websocket.close 1008" if size[0] > 80 else "❱")
    terminal.keys(".")
    in_band(terminal, "the server's response: HTTP/1.1 403 Forbidden")
    terminal.keys(".")
    text = terminal.until("REFUSED 403")
    assert "expectations no longer apply: you edited the held request" in " ".join(
        text.replace("▌", "").split()
    )
    # Both versions, in the inspector.
    terminal.keys("t", "/")
    terminal.until("type to search")
    terminal.keys("-l", "kind:wire.edited")
    terminal.until("kind:wire.edited")
    terminal.keys("Enter")
    terminal.until(lambda: "enter keeps it" not in terminal.text)
    terminal.keys("i")
    terminal.until("wire  edited: GET /ws HTTP/1.1")
    if size[0] > 80:
        terminal.until("Before the edit")
    pids, port = family(terminal.wsplay()), find_port(terminal)
    terminal.keys("C-q")
    terminal.ended(0)
    terminal.until(lambda: gone(pids))
    assert port is None or refuses(port)


def find_port(terminal: Terminal) -> int | None:
    """The server's port, where the screen has room for it."""
    text = terminal.text
    return port_of(text) if "ws://127.0.0.1:" in text else None


@pytest.mark.parametrize("point", ["all", "asgi"])
def test_quitting_while_something_is_held_leaves_nothing(terminal: Terminal, point: str) -> None:
    terminal.start("3")
    terminal.until("READY")
    hold(terminal, point)
    terminal.keys("t", "C-r")
    in_band(terminal, "request" if point == "all" else "the app")
    pids, port = family(terminal.wsplay()), port_of(terminal.text)
    terminal.keys("C-q")
    terminal.ended(0)
    terminal.until(lambda: gone(pids))
    assert refuses(port)


@pytest.mark.skipif(BROWSER is None, reason="no Chromium: no browser's handshake was held")
def test_the_handshake_of_a_browser_is_held_and_let_go(terminal: Terminal, tmp_path: Path) -> None:
    assert BROWSER is not None
    terminal.start("no_auth")
    text = terminal.until("READY")
    address = f"ws://127.0.0.1:{port_of(text)}/ws"
    hold(terminal, "wire")
    page = tmp_path / "page.html"
    page.write_text(
        f"<script>new WebSocket('{address}').onmessage = e => {{ document.title = e.data }}</script>",
        encoding="utf-8",
    )
    command = [BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
    command += ["--no-first-run", f"--user-data-dir={tmp_path / 'profile'}", "--remote-debugging-port=0"]
    browser = subprocess.Popen(
        [*command, page.as_uri()], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        in_band(terminal, "the client's request: GET /ws HTTP/1.1")
        terminal.keys("t", ".")
        in_band(terminal, "the server's response: HTTP/1.1 101")
        terminal.keys(">")
        terminal.until("hold: off")
        terminal.until('text 9 B "Connected"')
        terminal.until("CLOSED 1000")
    finally:
        browser.kill()
        browser.wait(20)
    terminal.keys("C-q")
    terminal.ended(0)
