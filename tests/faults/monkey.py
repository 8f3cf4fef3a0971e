"""A monkey at the terminal: the real program in a pseudo-terminal, and random input at 200 events a second.

    python -m tests.faults.monkey --seconds 60                    a minute, shared by all screens
    python -m tests.faults.monkey --seconds 60 --screen palette   a minute on one screen
    python -m tests.faults.monkey --seconds 20 --seed 3 --seeds 10

Events are keys, clicks, drags, scrolls, mouse reports in the old form, new terminal sizes, pastes, and bytes
that are not UTF-8. The same seed gives the same events; what the program makes of them depends on time, too.

It fails, with exit code 1 and the last events, if the program ends by itself with another code than 0, writes
anything after it has restored the terminal, does not answer within the limit, does not end with 0 at ctrl+q,
leaves a process behind, or leaves the terminal in another state. Where the random input itself quits (the
palette has the command), that end is checked and the program started again. Keys that would reach the
system instead of the program while an editor is being opened (ctrl+c, ctrl+z, ctrl+\\) are not pressed.

To find out whether the program answers, the terminal gets a height that it did not have before. The answer is
what the program then draws in the new last row; all earlier input has been handled by then.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import pty
import random
import re
import select
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).parents[2]
#: Events a second.
RATE = 200
#: Seconds for the first paint, for an answer, and for the end after ctrl+q.
START_LIMIT, ANSWER_LIMIT, END_LIMIT = 30.0, 15.0, 15.0
#: Sizes of the terminal. Heights above are the ones whose last row is an answer.
MOST_COLUMNS, MOST_LINES, ANSWER_LINES = 180, 50, range(52, 92)

ESCAPE, ENTER, CTRL_P, CTRL_Q, CTRL_R = b"\x1b", b"\r", b"\x10", b"\x11", b"\x12"
#: Screen -> the keys that open it from the main screen's timeline, each with seconds to wait after it.
SCREENS: dict[str, list[tuple[bytes, float]]] = {
    "main": [],
    "run": [(CTRL_R, 0.5)],
    "palette": [(CTRL_P, 0.3)],
    "copies": [(b"r", 0.3)],
    "help": [(b"?", 0.3)],
    "attack": [(b"b", 1.0)],
    "attack run": [(b"b", 3.0), (ENTER, 0.5)],
    "challenges": [(b"Q", 0.5)],
    "challenge": [(b"q", 0.5)],
    "toasts": [(b"R", 0.0), (b"y", 0.0), (b"R", 0.2)],
}
#: What the terminal must be told at the end, and what must not come after it.
RESTORED = {
    b"\x1b[?1049l": b"\x1b[?1049h",  # the main screen
    b"\x1b[?25h": b"\x1b[?25l",  # the cursor
    b"\x1b[?1003l": b"\x1b[?1003h",  # no mouse reports
    b"\x1b[?2004l": b"\x1b[?2004h",  # no marks around pastes
}
_CONTROLS = re.compile(rb"\x1b(\[[0-9;?<>=]*[ -/]*[@-~]|[=>]|\][^\x07\x1b]*(\x07|\x1b\\))|[\r\n\x07]")


#: What the program writes when it leaves the terminal and when it takes it; a size to read a traceback in.
RESTORED_SCREEN, READABLE = (b"\x1b[?1049l", b"\x1b[?1049h"), (150, 50)


class Fallen(Exception):
    """The program failed; says how."""


class Frozen(Fallen):
    """The program did not answer within the limit."""


class Program:
    """wsplay in a pseudo-terminal, in a folder of its own. `mark` is in the environment of all it starts."""

    def __init__(self, folder: Path, mark: str, *words: str) -> None:
        self.master, self._slave = pty.openpty()
        os.set_blocking(self.master, False)
        self.columns, self.lines = 100, 30
        self._set_size(self.columns, self.lines)
        settings = termios.tcgetattr(self._slave)
        # What is typed while it ends is not its output, and no signal.
        settings[3] &= ~(termios.ECHO | termios.ISIG)
        termios.tcsetattr(self._slave, termios.TCSANOW, settings)
        self._before = termios.tcgetattr(self._slave)
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "WSPLAY_"))}
        for name in ("COLUMNS", "LINES", "NO_COLOR", "TEXTUAL"):
            kept.pop(name, None)
        env = {
            **kept,
            "HOME": str(folder),
            "TERM": "xterm-256color",
            "VISUAL": str(folder / "no-editor"),
            "PYTHONPATH": str(ROOT),
            "MONKEY": mark,
            "PYTHONFAULTHANDLER": "1",
        }
        self._mark = f"MONKEY={mark}".encode()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "wsplay", *words],
            stdin=self._slave,
            stdout=self._slave,
            stderr=self._slave,
            cwd=folder,
            env=env,
            preexec_fn=self._take_terminal,  # noqa: PLW1509 - this process has no threads
        )
        #: What it has written: since the last `begin_output`, and before.
        self.output, self._earlier = bytearray(), bytearray()

    def _take_terminal(self) -> None:
        os.setsid()
        fcntl.ioctl(self._slave, termios.TIOCSCTTY, 0)

    @property
    def ended(self) -> bool:
        return self._process.poll() is not None

    def resize(self, columns: int, lines: int) -> None:
        self.columns, self.lines = columns, lines
        self._set_size(columns, lines)

    def _set_size(self, columns: int, lines: int) -> None:
        size = struct.pack("HHHH", lines, columns, 0, 0)
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, size)

    def read(self, seconds: float) -> None:
        """Take what it writes, for that long."""
        until = time.monotonic() + seconds
        while True:
            left = until - time.monotonic()
            if not select.select([self.master], [], [], max(left, 0))[0]:
                return
            with suppress(BlockingIOError):
                data = os.read(self.master, 1 << 16)
                self.output += data
                self._follow(data)
            del self.output[: -(1 << 20)]
            if time.monotonic() > until:
                return

    def _follow(self, data: bytes) -> None:
        """Give it a size that a traceback can be read in while it has left the terminal."""
        left, entered = (data.rfind(word) for word in RESTORED_SCREEN)
        if left > entered:
            self._set_size(*READABLE)
        elif entered > left:
            self._set_size(self.columns, self.lines)

    def begin_output(self) -> None:
        """Begin `output` again."""
        self._earlier += self.output
        del self._earlier[: -(1 << 20)]
        self.output.clear()

    def write(self, data: bytes, limit: float = ANSWER_LIMIT) -> None:
        """Type; raises `Fallen` if the program does not read."""
        until = time.monotonic() + limit
        while data:
            if self.ended:
                return
            if time.monotonic() > until:
                raise Frozen(f"it took no input for {limit} s")
            with suppress(BlockingIOError):
                data = data[os.write(self.master, data) :]
            self.read(0.01 if data else 0)

    def until(self, true: Callable[[], bool], limit: float, what: str) -> float:
        """Wait; returns for how many seconds. Returns, too, when the program has ended."""
        begin = time.monotonic()
        while not true() and not self.ended:
            if time.monotonic() - begin > limit:
                raise Frozen(f"{what} did not come within {limit} s")
            self.read(0.02)
        return time.monotonic() - begin

    def where(self) -> str:
        """Where it is in its code; ends it."""
        self.output.clear()
        self._process.send_signal(signal.SIGABRT)
        with suppress(Fallen):
            self.until(lambda: False, 5.0, "its end")
        self.read(0.1)
        return _CONTROLS.sub(b"\n", bytes(self.output)).decode(errors="replace")

    def family(self) -> set[int]:
        """The living processes of this program, and all that came of it."""
        found = set()
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                with suppress(OSError):
                    state = (entry / "stat").read_text().rpartition(")")[2].split()[0]
                    if state not in "ZX" and self._mark in (entry / "environ").read_bytes().split(b"\0"):
                        found.add(int(entry.name))
        return found

    def check_end(self, limit: float = END_LIMIT) -> None:
        """Wait for its end and check it. Raises `Fallen`."""
        self.until(lambda: False, limit, "the end")
        self.read(0.05)
        output = bytes(self._earlier + self.output)
        said = _CONTROLS.sub(b"", output.rpartition(b"\x1b[?1049l")[2]).decode(errors="replace").strip()
        code = self._process.returncode
        if code != 0 or said:
            raise Fallen(f"crashed: exit code {code}, and it wrote:\n{said}")
        for off, on in RESTORED.items():
            if output.rfind(off) <= output.rfind(on):
                raise Fallen(f"did not restore the terminal: {on!r} came last")
        if termios.tcgetattr(self._slave) != self._before:
            raise Fallen("did not restore the terminal's settings")
        until = time.monotonic() + 5.0
        while left := self.family():
            if time.monotonic() > until:
                raise Fallen(f"left processes behind: {left}")
            time.sleep(0.05)

    def close(self) -> None:
        """End what is left of it."""
        for pid in self.family():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._process.wait()
        os.close(self.master)
        os.close(self._slave)


def events(source: random.Random, size: Callable[[], tuple[int, int]]) -> Iterator[bytes | tuple[int, int]]:
    """Random input for ever: bytes to type, or a new size of the terminal."""
    kinds = {
        _key: 50, _click: 20, _move: 10, _scroll: 6, _drag: 3, _paste: 2, _raw: 4, _old_mouse: 2, _resize: 3,
    }  # fmt: skip
    names, weights = list(kinds), list(kinds.values())
    while True:
        (make,) = source.choices(names, weights)
        made = make(source, *size())
        # People press the same key or button several times in a row.
        yield from [made] * (source.randint(2, 6) if source.random() < 0.1 else 1)


_LETTERS = [char.encode() for char in "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"]
_CHARACTERS = [*_LETTERS, *(char.encode() for char in " /?[]{}<>.,:;'\"\\-_=+!@#$%^&*()|~`é€世😀")]
_CONTROL_KEYS = [bytes([code]) for code in range(32) if code not in (*CTRL_Q, *ESCAPE, 0x03, 0x1A, 0x1C)]
_NAMED = [
    *(b"\x1b[%c" % char for char in b"ABCDHFZ"),
    *(b"\x1b[%d~" % number for number in (1, 2, 3, 4, 5, 6, 11, 12, 13, 14, 15, 17, 18, 19, 20, 21, 23, 24)),
    *(b"\x1b[1;%d%c" % (more, char) for more in (2, 3, 5, 6) for char in b"ABCDHF"),
    b"\x7f", b"\x08", b"\t", ENTER, ESCAPE, b"\x1b[I", b"\x1b[O",
]  # fmt: skip


def _key(source: random.Random, columns: int, lines: int) -> bytes:
    kind = source.random()
    if kind < 0.45:
        return source.choice(_CHARACTERS)
    if kind < 0.6:
        return source.choice(_CONTROL_KEYS)
    if kind < 0.65:
        return ESCAPE + source.choice(_LETTERS)
    if kind < 0.85:
        return source.choice([ENTER, ESCAPE, b"\t", b"\x1b[A", b"\x1b[B", CTRL_P, CTRL_R])
    return source.choice(_NAMED)


def _place(source: random.Random, columns: int, lines: int) -> tuple[int, int]:
    return source.randint(1, columns + 2), source.randint(1, lines + 2)


def _mouse(button: int, place: tuple[int, int], end: bytes = b"M") -> bytes:
    return b"\x1b[<%d;%d;%d%s" % (button, *place, end)


def _click(source: random.Random, columns: int, lines: int) -> bytes:
    place, button = _place(source, columns, lines), source.choice((0, 0, 0, 0, 1, 2))
    return (_mouse(button, place) + _mouse(button, place, b"m")) * source.choice((1, 1, 2, 4))


def _move(source: random.Random, columns: int, lines: int) -> bytes:
    return _mouse(35, _place(source, columns, lines))


def _scroll(source: random.Random, columns: int, lines: int) -> bytes:
    return _mouse(source.choice((64, 65, 66, 67)), _place(source, columns, lines)) * source.randint(1, 3)


def _drag(source: random.Random, columns: int, lines: int) -> bytes:
    begin, *way, end = (_place(source, columns, lines) for _ in range(4))
    return _mouse(0, begin) + b"".join(_mouse(32, place) for place in way) + _mouse(0, end, b"m")


def _paste(source: random.Random, columns: int, lines: int) -> bytes:
    text = bytes(source.choice((*range(32, 256), 9, 10, 13)) for _ in range(source.choice((1, 30, 2000))))
    return b"\x1b[200~" + text + b"\x1b[201~"


def _raw(source: random.Random, columns: int, lines: int) -> bytes:
    return bytes(source.randint(128, 255) for _ in range(source.randint(1, 8)))


def _old_mouse(source: random.Random, columns: int, lines: int) -> bytes:
    return b"\x1b[M" + bytes(32 + min(source.randint(0, 223), 223) for _ in range(3))


def _resize(source: random.Random, columns: int, lines: int) -> tuple[int, int]:
    if source.random() < 0.3:
        return source.choice(((1, 1), (5, 20), (5, 5), (20, 5), (80, 24), (140, 40)))
    return source.randint(1, MOST_COLUMNS), source.randint(1, MOST_LINES)


class Monkey:
    """One seed's run. `longest` is the longest time for an answer, in seconds, and `count` the events."""

    def __init__(self, seed: int, folder: Path) -> None:
        self._source = random.Random(seed)
        self._folder = folder
        self._mark = f"{os.getpid()}-{seed}-{time.monotonic_ns()}"
        self._answers = 0
        self.last: deque[object] = deque(maxlen=60)
        self.longest = 0.0
        self.count = self.starts = 0
        self.program = self._start()

    def _start(self) -> Program:
        self.starts += 1
        self.last.append("started")
        program = Program(self._folder, self._mark)
        try:
            program.until(lambda: b"scenarios" in program.output.lower(), START_LIMIT, "the first paint")
            program.read(0.5)
        except Fallen:
            program.close()
            raise
        return program

    def run(self, screen: str, seconds: float) -> None:
        """Play on one screen, as far as random input stays there."""
        self.open(screen)
        made = events(self._source, lambda: (self.program.columns, self.program.lines))
        begin = due = time.monotonic()
        answered = begin
        while (now := time.monotonic()) - begin < seconds:
            event = next(made)
            self.last.append(event)
            self.count += 1
            if isinstance(event, bytes):
                self.program.write(event)
            else:
                self.program.resize(*event)
            due += 1 / RATE
            self.program.read(max(due - now, 0))
            if self.program.ended:
                self._begin_again()
            elif now - answered > 1.0:
                self.answer()
                self.open(screen)
                answered = due = time.monotonic()
        self.answer()

    def open(self, screen: str) -> None:
        """Go to the main screen's timeline, and from there to a screen."""
        self.program.resize(100, 30)
        for key, wait in [(ESCAPE, 0.05)] * 5 + [(b"t", 0.05), *SCREENS[screen]]:
            self.last.append(key)
            self.program.write(key)
            self.program.read(wait)

    def answer(self) -> None:
        """Check that the program answers."""
        lines = ANSWER_LINES[self._answers % len(ANSWER_LINES)]
        self._answers += 1
        self.program.begin_output()
        self.program.resize(self.program.columns, lines)
        row = b"\x1b[%d;1H" % lines
        took = self.program.until(lambda: row in self.program.output, ANSWER_LIMIT, f"row {lines}")
        self.longest = max(self.longest, took)
        if self.program.ended:
            self._begin_again()

    def _begin_again(self) -> None:
        """The input quit the program: check how it ended, and start it again."""
        self.program.check_end()
        self.program.close()
        self.program = self._start()

    def quit(self) -> None:
        """End the program with ctrl+q."""
        self.last.append("quit")
        self.program.write(CTRL_Q)
        self.program.check_end()


def play(seed: int, seconds: float, screens: list[str]) -> bool:
    """One seed; says what it came to and returns whether the program held."""
    with tempfile.TemporaryDirectory(prefix="wsplay-monkey-", ignore_cleanup_errors=True) as folder:
        monkey = Monkey(seed, Path(folder))
        problem = ""
        screen = ""
        try:
            for screen in screens:
                monkey.run(screen, seconds / len(screens))
            monkey.quit()
        except Frozen as error:
            problem = f"froze: {error}\n{monkey.program.where()}"
        except Fallen as error:
            problem = str(error)
        finally:
            monkey.program.close()
    told = f"{monkey.count} events, {monkey.starts} starts, longest answer {monkey.longest:.2f} s"
    lines = [f"seed {seed}: {told}: {'FELL on ' + screen if problem else 'held'}"]
    if problem:
        lines += [problem, "last events:", *map(repr, monkey.last)]
    print(*lines, sep="\n", flush=True)  # noqa: T201
    return not problem


def main() -> int:
    """The exit code: 0 if the program held, 1 if not."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60.0, help="for each seed")
    parser.add_argument("--seed", type=int, default=1, help="the first one")
    parser.add_argument("--seeds", type=int, default=1, help="how many")
    parser.add_argument(
        "--screen", action="append", choices=SCREENS, help="only this one; several are possible"
    )
    options = parser.parse_args()
    held = [
        play(seed, options.seconds, options.screen or list(SCREENS))
        for seed in range(options.seed, options.seed + options.seeds)
    ]
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main())
