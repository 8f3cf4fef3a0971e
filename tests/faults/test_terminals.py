"""Odd terminals and moments: dumb, colourless, tiny, resized in a run, two at once, no place to write."""

from __future__ import annotations

import os
import re
import shlex
import stat
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow

DAC_OVERRIDE, DAC_READ_SEARCH = 1, 2
TALKS = (
    "await websocket.accept()\n"
    "for number in range(1000):\n"
    "    await websocket.send_text(f'number {number}')\n"
    "    await asyncio.sleep(0.02)\n"
)


def test_no_terminal_is_said_and_the_tour_runs(wsplay: Any) -> None:
    done = wsplay("3")
    assert done.returncode == 0
    assert "No terminal here" in done.stderr
    for command in ("list", "show", "run", "serve"):
        assert command in done.stderr
    assert "1 as expected, 0 not as expected" in done.stdout


@pytest.mark.parametrize("more", [{"TERM": "dumb"}, {"NO_COLOR": "1"}, {"TERM": ""}, {"COLUMNS": "1"}])
def test_odd_surroundings_without_a_terminal(wsplay: Any, tools: Any, more: dict[str, str]) -> None:
    done = wsplay("run", "3", "-v", more=more)
    assert done.returncode == 0
    assert "REFUSED 403" in done.stdout
    assert tools.raw_in(done.stdout + done.stderr) == ""


def test_two_serve_at_once(start: Any) -> None:
    ports = {start("serve", "no_auth").until(r"ws://127\.0\.0\.1:(\d+)/ws") for _ in range(2)}
    assert len(ports) == 2


@pytest.mark.parametrize("kind", ["unwritable", "a file", "nowhere"])
def test_progress_that_cannot_be_kept_is_told_and_nothing_else_fails(
    wsplay: Any, tools: Any, tmp_path: Path, kind: str
) -> None:
    home = tmp_path / "other"
    if kind == "unwritable":
        home.mkdir(mode=0o555)
    elif kind == "a file":
        home.write_text("")
    drop = tools.without(DAC_OVERRIDE, DAC_READ_SEARCH)
    more = {"HOME": "/proc/none" if kind == "nowhere" else str(home)}
    done = wsplay("quiz", "close_before_accept", "--answer", "1", more=more, preexec_fn=drop)
    assert done.returncode in (0, 1)
    assert "progress is not saved" in done.stderr
    assert "streak" in done.stdout
    assert "Traceback" not in done.stderr
    for words in (["progress"], ["run", "3"]) if kind == "unwritable" else (["progress"],):
        done = wsplay(*words, more=more, preexec_fn=drop)
        assert done.returncode == 0, done
        assert done.stderr == ""
    assert kind != "unwritable" or not list(home.iterdir())


def test_progress_that_cannot_be_read_is_none(wsplay: Any, tools: Any, tmp_path: Path) -> None:
    path = tmp_path / "progress.json"
    path.write_text("{}")
    path.chmod(0)
    done = wsplay("progress", more={"WSPLAY_PROGRESS": str(path)}, preexec_fn=tools.without(1, 2))
    assert done.returncode == 0
    assert "0 of" in done.stdout
    [line] = done.stderr.splitlines()
    for word in ("progress is not read", str(path), "ermission denied"):
        assert word in line
    assert stat.S_IMODE(os.stat(path).st_mode) == 0


@pytest.mark.tmux
def test_a_dumb_terminal_gets_the_tour(terminal: Any) -> None:
    # tmux has its own say about TERM, so it is said once more.
    terminal.start_command(shlex.join(["env", "TERM=dumb", sys.executable, "-m", "wsplay", "3"]))
    text = terminal.until("EXIT 0")
    assert "No terminal" in text
    assert "1 as expected" in text
    terminal.ended(0)


@pytest.mark.tmux
def test_no_colour(terminal: Any) -> None:
    terminal.start("3", env={"NO_COLOR": "1"})
    terminal.until("READY")
    terminal.keys("C-r")
    terminal.until("REFUSED 403", "✗")
    # Words, glyphs and attributes tell it; no colour is left.
    painted = terminal.tmux("capture-pane", "-p", "-e")
    assert "\x1b[7m" in painted
    codes = {code for one in re.findall(r"\x1b\[([\d;]*)m", painted) for code in one.split(";")}
    assert codes <= {"", "0", "1", "2", "3", "4", "7", "39", "49"}
    terminal.keys("C-q")
    terminal.ended(0)


@pytest.mark.tmux
def test_a_tiny_terminal_and_every_size_during_a_run(terminal: Any, endpoint: Any) -> None:
    terminal.start(str(endpoint(TALKS)), size=(40, 10))
    terminal.until("READY")
    terminal.keys("C-r")
    terminal.until("number")
    for width, height in ((140, 40), (20, 5), (80, 24), (1, 1), (200, 60), (40, 10), (100, 30)):
        terminal.tmux("resize-window", "-x", str(width), "-y", str(height))
        if width >= 40:
            terminal.until("wsplay")
            terminal.until("number")
    text = terminal.until("number", "following")
    assert "Traceback" not in text
    assert all(len(line) <= 100 for line in text.splitlines())
    terminal.keys("C-q")
    terminal.ended(0)


@pytest.mark.tmux
def test_a_home_that_cannot_be_written(terminal: Any, tmp_path: Path) -> None:
    home = tmp_path / "file"
    home.write_text("")
    terminal.start("3", env={"HOME": str(home)})
    terminal.until("READY")
    terminal.keys("C-r")
    terminal.until("REFUSED 403")
    terminal.keys("C-q")
    terminal.ended(0)


@pytest.mark.tmux
@pytest.mark.parametrize(
    "data",
    [
        b"\xff",
        b"\xe9\xe8",
        b"\x1b[200~caf\xe9 \xff\xfe\x1b[201~",
        b"\x1b[M \xc8\xff",
        b"\xe2\x82",
        b"\xc3\x28\xf5\x80",
    ],
    ids=["one byte", "Latin-1", "Latin-1 paste", "X10 mouse report", "half a character", "invalid"],
)
def test_a_byte_that_is_not_utf_8_does_not_end_the_ui(terminal: Any, data: bytes) -> None:
    terminal.start("3")
    terminal.until("READY")
    terminal.keys("-H", *(f"{byte:02x}" for byte in data))
    terminal.keys("Escape", "t", "C-r")
    terminal.until("REFUSED 403")
    terminal.keys("C-q")
    terminal.ended(0)


@pytest.mark.tmux
@pytest.mark.parametrize(
    "crash",
    [
        "MainScreen.action_zoom = lambda screen: 1 / 0",
        "read = AnyByteDriver.process_message\n"
        "def crash(driver, message):\n"
        "    return 1 / 0 if getattr(message, 'key', '') == 'z' else read(driver, message)\n"
        "AnyByteDriver.process_message = crash",
    ],
    ids=["of the screen", "of the thread that reads the terminal"],
)
def test_after_a_crash_the_code_is_1_and_the_terminal_is_restored(
    terminal: Any, tmp_path: Path, crash: str
) -> None:
    program = tmp_path / "crashing.py"
    program.write_text(
        "import sys\n"
        "from wsplay.scenario.library import Library\n"
        "from wsplay.tui.any_byte_driver import AnyByteDriver\n"
        "from wsplay.tui.app import run_app\n"
        "from wsplay.tui.main.screen import MainScreen\n"
        f"{crash}\n"
        "sys.exit(run_app(Library.find, scenario='3'))\n"
    )
    # As high as the traceback is long, so that nothing scrolls away.
    terminal.start_command(shlex.join([sys.executable, str(program)]), size=(140, 300))
    terminal.until("READY")
    terminal.keys("t", "z")
    terminal.until("ZeroDivisionError")
    terminal.ended(1)


@pytest.mark.tmux
def test_an_editor_that_cannot_be_started_is_reported_and_the_ui_goes_on(
    terminal: Any, tmp_path: Path
) -> None:
    # A short path: the notification must have it on one line.
    terminal.start("3", env={"VISUAL": "/nowhere/no-editor", "XDG_STATE_HOME": str(tmp_path / "state")})
    terminal.until("READY")
    for _ in range(2):
        terminal.keys("t", "E")
        terminal.until("no-editor: No such file")
    terminal.keys("t", "C-r")
    terminal.until("REFUSED 403")
    terminal.keys("C-q")
    terminal.ended(0)
