"""The real program in a real terminal: what it shows, and that it leaves nothing behind."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

TMUX = shutil.which("tmux")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.tmux,
    pytest.mark.skipif(TMUX is None, reason="tmux is missing: nothing was tried in a real terminal"),
]
#: Seconds something may take on a busy machine.
LIMIT = 30.0


def processes() -> dict[int, tuple[int, str]]:
    """Every process that lives: pid -> (parent, command line)."""
    listed = subprocess.run(
        ["ps", "-eo", "pid=,ppid=,stat=,args="], capture_output=True, text=True, check=True
    )
    found = {}
    for line in listed.stdout.splitlines():
        pid, parent, state, command = line.split(None, 3)
        if not state.startswith("Z"):
            found[int(pid)] = (int(parent), command)
    return found


class Terminal:
    """A tmux of its own with one window."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self.folder = folder
        self.state = folder / "state"

    def keep_state(self) -> None:
        """Let the program keep what the user does, as if it was started before."""
        (self.state / "wsplay").mkdir(parents=True)
        (self.state / "wsplay" / "started").touch()

    def tmux(self, *words: str) -> str:
        assert TMUX is not None
        done = subprocess.run(
            [TMUX, "-L", self.name, "-f", os.devnull, *words], capture_output=True, text=True, timeout=LIMIT
        )
        return done.stdout

    def start(self, *words: str, size: tuple[int, int] = (140, 40), program: str | None = None) -> None:
        """Run wsplay in a shell that says what was before it, and how it ended."""
        command = program or shlex.join([sys.executable, "-m", "wsplay", *words])
        # A shell that has COLUMNS passes it on, and the program would believe it for ever.
        script = (
            f"unset COLUMNS LINES; echo BEFORE; stty -g > {self.folder}/before; {command}; "
            f"echo EXIT $?; stty -g > {self.folder}/after; exec sleep 600"
        )
        self.tmux(
            *("new-session", "-d", "-x", str(size[0]), "-y", str(size[1])),
            *("-e", "TERM=tmux-256color", "-e", f"HOME={self.folder}", "-e", "LC_ALL=C.UTF-8"),
            *(("-e", f"XDG_STATE_HOME={self.state}") if self.state.exists() else ()),
            script,
        )
        self.tmux("set-option", "-g", "set-clipboard", "on")

    @property
    def text(self) -> str:
        return self.tmux("capture-pane", "-p")

    def keys(self, *keys: str) -> None:
        self.tmux("send-keys", *keys)

    def type(self, text: str) -> None:
        """Type as a person does: see what was typed, press Enter, and pause before typing on."""
        self.keys("-l", text)
        self.until(text)
        self.keys("Enter")
        time.sleep(1)

    def until(self, found: str | Callable[[], object]) -> str:
        """Wait until a text is on the screen, or something holds."""
        deadline = time.monotonic() + LIMIT
        while True:
            text = self.text
            if found in text if isinstance(found, str) else found():
                return text
            assert time.monotonic() < deadline, f"never came: {found}\n{text}"
            time.sleep(0.05)

    def wsplay(self) -> int:
        """The pid of the program."""
        pane = int(self.tmux("list-panes", "-F", "#{pane_pid}").split()[0])
        return next(
            pid
            for pid, (parent, command) in processes().items()
            if parent == pane and "sleep" not in command and sys.executable in command
        )

    def ended(self, code: int, *, resized: bool = False) -> None:
        """Check that it ended with `code`, and left the terminal as it was.

        After a window has grown, tmux 3.3 itself leaves rows of any full-screen program above the prompt.
        """
        text = self.until(f"EXIT {code}")
        assert "BEFORE" in text
        assert resized or "wsplay   " not in text
        self.until(lambda: (self.folder / "after").exists() and (self.folder / "after").read_text())
        assert (self.folder / "after").read_text() == (self.folder / "before").read_text()
        flags = self.tmux(
            "list-panes", "-F", "#{alternate_on} #{mouse_any_flag} #{cursor_flag} #{bracket_paste_flag}"
        )
        assert flags.split()[:3] == ["0", "0", "1"]


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    terminal = Terminal(f"wsplay-test-{os.getpid()}-{time.monotonic_ns()}", tmp_path)
    yield terminal
    terminal.tmux("kill-server")


def family(pid: int) -> set[int]:
    """A process and all that came of it."""
    living = processes()
    found = {pid}
    while more := {child for child, (parent, _) in living.items() if parent in found} - found:
        found |= more
    return found


def port_of(text: str) -> int:
    return int(text.split("ws://127.0.0.1:")[1].split("/")[0])


def gone(pids: set[int]) -> bool:
    return not pids & set(processes())


def refuses(port: int) -> bool:
    with socket.socket() as client:
        client.settimeout(LIMIT)
        return client.connect_ex(("127.0.0.1", port)) != 0


def test_the_lesson_of_the_403_and_the_1008(terminal: Terminal) -> None:
    terminal.start()
    terminal.until("● listening")
    terminal.until("READY")
    terminal.keys("3")
    terminal.until("3 Close before accept")
    terminal.until("close_before_accept.py is loaded")
    # A header of one's own, typed with the keyboard.
    terminal.keys("c", "a")
    terminal.until("Headers!")
    terminal.type("Authorization")
    terminal.type("validtokem")
    terminal.keys("C-r")
    terminal.until("REFUSED 403")
    text = terminal.until("called close()")
    assert "HTTP/1.1 403 Forbidden" in text
    assert "websocket.close 1008" in text
    assert "In a browser (per spec): " in text
    terminal.keys("Escape", "t", "6")
    terminal.until("accept_then_close.py is loaded")
    # Its first try is filled in; one undo brings the typed header back.
    assert "Authorization  validtokem" not in terminal.text
    terminal.keys("c", "u")
    assert "Authorization  validtokem" in terminal.until("validtokem")
    terminal.keys("C-r")
    text = terminal.until("CLOSED 1008")
    assert 'close 1008 "wrong or missing token"' in text
    port, pids = port_of(text), family(terminal.wsplay())
    assert len(pids) >= 2
    terminal.keys("C-q")
    terminal.ended(0)
    terminal.until(lambda: gone(pids))
    assert refuses(port)


@pytest.mark.parametrize("size", [(140, 40), (80, 24)])
def test_two_runs_are_compared_in_two_keys(terminal: Terminal, size: tuple[int, int]) -> None:
    terminal.start("3", size=size)
    terminal.until("READY")
    terminal.keys("C-r")
    terminal.until("REFUSED 403")
    terminal.keys("6")
    terminal.until("accept_then_close.py is loaded")
    terminal.keys("C-r")
    terminal.until("CLOSED 1008")
    terminal.keys("B")
    terminal.until("the run before")
    terminal.keys("b")
    terminal.until("outcomes differ")
    text = terminal.until("difference 1 of ")
    for said in ("close_before_accept @ no token", "✗ REFUSED 403", "accept_then_close @ no token"):
        assert said in text
    # From difference to difference, to the last and back.
    count = int(text.split("difference 1 of ")[1].split()[0])
    for number in range(2, count + 1):
        terminal.keys("]")
        terminal.until(f"difference {number} of {count}")
    terminal.keys("[")
    terminal.until(f"difference {count - 1} of {count}")
    terminal.keys("=")
    terminal.until("only differences")
    terminal.keys("End", "Enter")
    terminal.until("Event  left")
    terminal.keys("Escape", "Escape")
    terminal.until("CLOSED 1008")
    terminal.keys("C-q")
    terminal.ended(0)


def test_a_small_terminal(terminal: Terminal) -> None:
    terminal.start("3", size=(80, 24))
    terminal.until("READY")
    terminal.keys("C-r")
    text = terminal.until("REFUSED 403")
    assert "as expected" in text
    assert all(len(line) <= 80 for line in text.splitlines())
    terminal.tmux("resize-window", "-x", "140", "-y", "40")
    terminal.until("ws://127.0.0.1:")
    terminal.keys("C-q")
    terminal.ended(0, resized=True)


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (signal.SIGTERM, 143),
        (signal.SIGHUP, 129),
        (signal.SIGINT, 130),
        (signal.SIGQUIT, 131),
        (signal.SIGABRT, 134),
        (signal.SIGUSR1, 138),
        (signal.SIGALRM, 142),
        (signal.SIGXCPU, 152),
        (signal.SIGRTMIN, 162),
    ],
)
def test_a_signal_ends_it_cleanly(terminal: Terminal, number: int, code: int) -> None:
    terminal.start("3")
    text = terminal.until("READY")
    pid = terminal.wsplay()
    pids, port = family(pid), port_of(text)
    os.kill(pid, number)
    terminal.ended(code)
    terminal.until(lambda: gone(pids))
    assert refuses(port)


def test_a_signal_ends_it_while_the_library_is_read(terminal: Terminal) -> None:
    program = terminal.folder / "slow.py"
    program.write_text(
        "import sys, time\nfrom wsplay.tui.app import run_app\nsys.exit(run_app(lambda: time.sleep(600)))\n",
        encoding="utf-8",
    )
    terminal.start(program=shlex.join([sys.executable, str(program)]))
    terminal.until("Timeline")
    pid = terminal.wsplay()
    pids = family(pid)
    os.kill(pid, signal.SIGTERM)
    start = time.monotonic()
    terminal.until(lambda: pid not in processes())
    assert time.monotonic() - start < 4
    terminal.ended(143)
    terminal.until(lambda: gone(pids))


def test_a_terminal_that_is_closed_leaves_nothing(terminal: Terminal) -> None:
    terminal.start("3")
    text = terminal.until("READY")
    pids, port = family(terminal.wsplay()), port_of(text)
    terminal.tmux("kill-server")
    deadline = time.monotonic() + LIMIT
    while not gone(pids):
        assert time.monotonic() < deadline, processes()
        time.sleep(0.1)
    assert refuses(port)


def test_a_killed_program_takes_its_server_along(terminal: Terminal) -> None:
    terminal.start("3")
    terminal.until("READY")
    pid = terminal.wsplay()
    pids = family(pid)
    os.kill(pid, signal.SIGKILL)
    terminal.until(lambda: gone(pids))


def test_a_crash_of_the_screen_restores_the_terminal_and_leaves_no_server(terminal: Terminal) -> None:
    program = terminal.folder / "crash.py"
    program.write_text(
        "import sys\n"
        "from wsplay.scenario.library import Library\n"
        "from wsplay.tui.app import run_app\n"
        "from wsplay.tui.main.screen import MainScreen\n"
        "def crash(self): raise RuntimeError('a bug of the screen')\n"
        "MainScreen.action_zoom = crash\n"
        "sys.exit(run_app(Library.find(), scenario='3'))\n",
        encoding="utf-8",
    )
    terminal.start(program=shlex.join([sys.executable, str(program)]))
    terminal.until("READY")
    pids = family(terminal.wsplay())
    terminal.keys("t", "z")
    terminal.until("EXIT 1")
    terminal.until("a bug of the screen")
    terminal.until(lambda: gone(pids))
    flags = terminal.tmux("list-panes", "-F", "#{alternate_on} #{mouse_any_flag} #{cursor_flag}")
    assert flags.split() == ["0", "0", "1"]


def test_a_port_that_is_taken_is_one_line_and_exit_3(terminal: Terminal) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        terminal.start("--port", str(port), "3")
        text = terminal.until("EXIT 3")
    assert f"cannot listen on 127.0.0.1:{port}" in text
    assert "Traceback" not in text
    terminal.ended(3)


def kept(terminal: Terminal) -> list[Path]:
    """The working copies that are kept."""
    return sorted(terminal.state.rglob("edits/*.py"))


def test_an_editor_borrows_the_terminal_and_each_of_its_saves_is_applied(terminal: Terminal) -> None:
    terminal.keep_state()
    path = terminal.folder / "mine.py"
    shutil.copy(Path(__file__).parents[3] / "scenarios" / "no_auth.py", path)
    before = path.read_bytes()
    editor = terminal.folder / "editor"
    editor.write_text(
        '#!/bin/sh\necho "EDITING $1"\nread line\necho "print(\'$line\')" >> "$1"\n'
        'echo SAVED\nread line\necho "print(\'$line\')" >> "$1"\n',
        encoding="utf-8",
    )
    editor.chmod(0o755)
    program = shlex.join([sys.executable, "-m", "wsplay", str(path)])
    terminal.start(program=f"EDITOR={editor} {program}")
    terminal.until("READY")
    terminal.keys("t", "E")
    terminal.until("EDITING")
    terminal.keys("typed", "Enter")
    terminal.until("SAVED")
    [copy] = kept(terminal)
    assert copy.read_text(encoding="utf-8").endswith("print('typed')\n")
    terminal.keys("again", "Enter")
    terminal.until("the server runs your edit")
    terminal.until("again")  # what the applied code prints when it is loaded
    assert path.read_bytes() == before
    assert copy.read_text(encoding="utf-8").endswith("print('typed')\nprint('again')\n")
    terminal.keys("C-r")
    terminal.until("CLOSED 1000")
    terminal.keys("C-q")
    terminal.ended(0)
    assert path.read_bytes() == before


BUNDLED = Path(__file__).parents[3] / "scenarios" / "close_before_accept.py"


def test_edit_apply_connect_and_revert_by_keyboard_alone(terminal: Terminal) -> None:
    before = BUNDLED.read_bytes()
    terminal.keep_state()
    terminal.start("3", size=(80, 24))
    terminal.until("READY")
    terminal.keys("C-r")
    terminal.until("REFUSED 403")
    terminal.keys("t", "Home")
    for _ in range(20):
        if "websocket.close(code=1008)" in terminal.text:
            break
        terminal.keys("Down")
        time.sleep(0.2)
    terminal.keys("C-e")
    terminal.until("Editor  close_before_accept.py")
    terminal.until("esc leave")
    terminal.keys("-l", "await websocket.accept(); ")
    terminal.until("✎ edited, not applied: the server runs the file")
    terminal.keys("C-s")
    terminal.until("✎ edited: the server runs your edit")
    terminal.keys("C-r")
    terminal.until("CLOSED 1008")
    terminal.until("you edited the code")
    terminal.keys("Escape")
    terminal.until("Endpoint  close_before_accept.py  ✎ edited")
    terminal.keys("Z")
    terminal.until(lambda: "✎" not in terminal.text)
    terminal.keys("C-r")
    terminal.until("REFUSED 403")
    terminal.until("as expected")
    assert BUNDLED.read_bytes() == before
    terminal.keys("C-q")
    terminal.ended(0)
    assert BUNDLED.read_bytes() == before
    assert kept(terminal) == []


def test_an_edit_is_offered_again_after_a_restart_and_discarded(terminal: Terminal) -> None:
    before = BUNDLED.read_bytes()
    terminal.keep_state()
    program = shlex.join([sys.executable, "-m", "wsplay", "3"])
    terminal.start(program=f"{program}; {program}; {program}", size=(80, 24))
    terminal.until("READY")
    terminal.keys("C-e")
    terminal.until("esc leave")
    terminal.keys("Home")
    terminal.keys("-l", "# mine ")
    terminal.until("edited, not applied")
    terminal.until(lambda: any("# mine" in path.read_text("utf-8") for path in kept(terminal)))
    terminal.keys("C-q")
    terminal.until("✎ your edit of ")
    terminal.until("READY")
    terminal.until("ctrl+e keep  = differences  Z discard")
    terminal.keys("=")
    terminal.until(" +  40  # mine @app.websocket")
    terminal.keys("=", "C-s")
    terminal.until("the server runs your edit")
    terminal.keys("C-q")
    terminal.until("✎ your edit of ")
    terminal.until("READY")
    terminal.keys("Z")
    terminal.until(lambda: "✎" not in terminal.text)
    terminal.until(lambda: kept(terminal) == [])
    terminal.keys("C-q")
    terminal.ended(0)
    assert BUNDLED.read_bytes() == before


def test_a_syntax_error_stands_at_its_line_while_the_old_code_serves(terminal: Terminal) -> None:
    terminal.start("3", size=(80, 24))
    terminal.until("READY")
    terminal.keys("C-e")
    terminal.until("esc leave")
    terminal.keys("Home")
    terminal.keys("-l", "x = (")
    terminal.until("edited, not applied")
    terminal.keys("C-s")
    terminal.until("✗ line 40: SyntaxError")
    terminal.until("40✗ x = (@app.websocket")
    terminal.until("NOT LOADED")
    terminal.keys("C-r")
    terminal.until("REFUSED 403")
    terminal.keys("C-q")
    terminal.ended(0)


def test_an_event_is_copied_to_the_terminals_clipboard(terminal: Terminal) -> None:
    terminal.start("3")
    terminal.until("READY")
    terminal.keys("C-r")
    terminal.until("REFUSED 403")
    terminal.keys("t", "y")
    terminal.until(
        lambda: "InvalidStatus" in terminal.tmux("show-buffer") or "EOF" in terminal.tmux("show-buffer")
    )


def test_two_at_once(terminal: Terminal, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = Terminal(terminal.name + "-two", tmp_path_factory.mktemp("two"))
    try:
        terminal.start("3")
        other.start("6")
        ports = {port_of(one.until("READY")) for one in (terminal, other)}
        assert len(ports) == 2
        terminal.keys("C-r")
        other.keys("C-r")
        terminal.until("REFUSED 403")
        other.until("CLOSED 1008")
        other.keys("C-q")
        other.ended(0)
        terminal.keys("C-r")
        terminal.until("run 2")
    finally:
        other.tmux("kill-server")


def test_the_first_five_minutes(terminal: Terminal) -> None:
    """What a person sees who starts wsplay for the first time, at 80x24, with the keyboard alone."""
    transcript = terminal.folder / "five_minutes.txt"

    def seen(step: str, *texts: str) -> str:
        """Wait until all of it is on the screen, and keep the screen."""
        terminal.until(lambda: all(text in terminal.text for text in texts))
        text = terminal.text
        assert all(len(line) <= 80 for line in text.splitlines())
        with transcript.open("a", encoding="utf-8") as file:
            file.write(f"==== {step}\n{text}\n")
        return text

    started = [*("env", f"XDG_STATE_HOME={terminal.folder}/state"), sys.executable, "-m", "wsplay"]
    terminal.start(program=shlex.join(started), size=(80, 24))
    seen("wsplay", "READY", "First steps", "^r (ctrl+r) connects", "or type its number", "? lists every key")
    terminal.keys("3")
    text = seen("3 is open", "3 Close before accept", "close_before_accept.py is loaded", "is loaded. What")
    assert "First steps" not in text
    assert "Without the right token, the endpoint calls close(code=1008)" in text
    terminal.keys("I")
    text = seen(
        "I: what it teaches", "Explanation  Close before accept", "1008, policy violation. No client does."
    )
    terminal.keys("C-r")
    text = seen("ctrl+r", "REFUSED 403", "run 1", "HTTP/1.1 403 Forbidden")
    assert "✓ as expected" in text
    terminal.keys("v")
    seen(
        "v: the whole verdict",
        "Close code 1008 never left the",
        "In a browser (per spec): error, then close 1006",
        "To let the client see the code, accept first",
    )
    terminal.keys("v", "c", "a")
    seen("c, a: a header of one's own", "Headers!", "esc done")
    terminal.type("Authorization")
    terminal.type("validtoken")
    seen("typed", "✓ Authorization  validtoken", "(edited)")
    terminal.keys("C-r")
    seen("ctrl+r again", "run 2", '"Welcome!"', "DROPPED", "you edited the request")
    terminal.keys("4")
    seen(
        "4: the same, with a flaw",
        "4 A send that raises",
        "flawed on purpose: fixed in 3",
        "send_before_accept.py is loaded",
    )
    terminal.keys("C-r")
    seen("ctrl+r: what the flaw does", "REFUSED 500", "RuntimeError")
    terminal.keys("F")
    seen("F: the fix", "3 Close before accept", "close_before_accept.py is loaded")
    terminal.keys("=")
    seen("=: what differs", "Difference  - send_before_accept.py  + close_before_accept.py", "if token != ")
    terminal.keys("q")
    text = seen("q: its challenge", "What does the client get?", "YOUR ANSWER")
    answer = next(line.split()[0] for line in text.splitlines() if "Close code" not in line and "403" in line)
    terminal.keys(answer.strip("▌│ "), "Enter")
    seen("the answer is run", "confirmed")
    terminal.keys("Escape")
    seen("back", "q quiz")
    terminal.keys("?")
    seen("?: the first steps again", "First steps", "^r (ctrl+r) connects", "Everywhere")
    terminal.keys("Escape")
    terminal.until("● listening")
    terminal.keys("C-q")
    terminal.ended(0)
    terminal.tmux("respawn-pane", "-k", f"unset COLUMNS LINES; {shlex.join(started)}")
    assert "First steps" not in seen("the second start", "READY")
    terminal.keys("C-q")
