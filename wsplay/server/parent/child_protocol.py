"""One life of the child, seen from the parent: from its start to the last byte it wrote."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import signal
import sys
import time
from collections.abc import Callable
from typing import TypeVar, cast

import wsplay
from wsplay.events.event import Event, Source
from wsplay.protocol.engine import get_engine
from wsplay.server import ipc as link
from wsplay.server.heartbeat import Heartbeat
from wsplay.server.parent import to_events as report
from wsplay.server.parent.errors import StartError
from wsplay.server.print_stamps import Line, OutputLines

T = TypeVar("T")
Observe = Callable[[Event, int | None], None]

#: Seconds of silence of the child's reader thread that make a stall of the whole process.
SILENT_AFTER = 1.0
#: Seconds between two pings.
TICK = 0.2
#: Seconds after which a line without an end is handed out as far as it is there.
LINE_PATIENCE = 0.25
#: Seconds the pipes may stay open after the child's death, before what is in them is given up.
LAST_WORDS = 1.0
#: Characters of output kept for the message of a failed start.
TAIL = 4_000


class ChildProtocol(asyncio.SubprocessProtocol):
    """The protocol of one child process. What comes from it goes to `observe`, in order.

    `listening` resolves to the child's message or fails with StartError; `ended` resolves to its return
    code, after everything it wrote has been observed.
    """

    def __init__(self, on_event: Observe, engine: str, on_told: Callable[[], object] = lambda: None) -> None:
        loop = asyncio.get_running_loop()
        self.engine = engine
        self.pid = 0
        self.expected = False  # whether its end was asked for
        self.stalled: tuple[str, Source | None] | None = None
        self.listening: asyncio.Future[link.Listening] = loop.create_future()
        self.ended: asyncio.Future[int] = loop.create_future()
        self.loads: dict[int, asyncio.Future[link.LoadDone | link.LoadFailed]] = {}
        self.syncs: dict[int, asyncio.Future[bool]] = {}
        #: Everything that happened in the child before the first of these times has been told; when it was.
        self.told: tuple[int, int] = (0, 0)
        self._on_told = on_told
        self._asked = False
        self._observe = on_event
        self._loop = loop
        self._transport: asyncio.SubprocessTransport | None = None
        self._lifeline = -1
        self._token = secrets.token_hex(8)
        self._lines = link.Lines()
        self._output = OutputLines(self._token.encode())
        self._tail = ""
        self._unfinished: asyncio.TimerHandle | None = None
        self._open = {1, 2}
        self._code: int | None = None
        self._last_words: asyncio.TimerHandle | None = None
        self._numbers = 0
        self._silence = Heartbeat(SILENT_AFTER, TICK)
        self._silent = False
        self._watch: asyncio.TimerHandle | None = None
        self._ticked = 0.0

    async def start(self) -> None:
        """Start the process. Raises StartError where the system does not allow it."""
        reading, self._lifeline = os.pipe()
        argv = [sys.executable, "-u", "-P", "-m", "wsplay.server.child", "--engine", self.engine]
        argv += ["--token", self._token, "--lifeline", str(reading)]
        t_ns = time.perf_counter_ns()
        try:
            # In a session of its own: the terminal's Ctrl+C and hang-up are the parent's business.
            transport, _ = await self._loop.subprocess_exec(
                lambda: self, *argv, env=_environment(), start_new_session=True, pass_fds=(reading,)
            )
        except BaseException as error:
            self._close_lifeline()
            if not isinstance(error, OSError):
                raise  # cancelled: asyncio has seen to the process
            hint = "Check the limits on processes and open files."
            raise StartError(f"The server's process could not be started: {error}", hint) from error
        finally:
            os.close(reading)
        self.pid = transport.get_pid()
        label = get_engine(self.engine).label
        data = {"engine": self.engine, "argv": argv, "pid": self.pid}
        self._emit(report.server_event(t_ns, "server.starting", f"starting {label}", data))

    @property
    def alive(self) -> bool:
        """Whether the process runs and listens."""
        return self._code is None and self.listening.done() and not self.listening.exception()

    def number(self) -> int:
        """A number for a question that no other has."""
        self._numbers += 1
        return self._numbers

    def tell(self, message: link.Message) -> None:
        """Send a message; without effect where the child is gone."""
        pipe = self._transport.get_pipe_transport(0) if self._transport is not None else None
        if pipe is not None and not pipe.is_closing():
            cast(asyncio.WriteTransport, pipe).write(link.encode(message))

    def ask_told(self) -> None:
        """Have the child say now up to which time it has told everything; `on_told` is called then."""
        if not self._asked:
            self._asked = True
            self.tell(link.Ping(0))

    def kill(self) -> None:
        """End the process and its group at once. `ended` tells when it is done."""
        if self._code is None and self.pid:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)

    # ---- what asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.SubprocessTransport, transport)

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        if fd == 2:
            self._print(self._output.feed(data, time.perf_counter_ns()))
            self._await_line_end()
            return
        messages = link.decode_all(self._lines.feed(data))
        for message in messages:
            self._take(message)
        for message in reversed(messages):
            if isinstance(message, link.TIMED):
                now = time.perf_counter_ns()
                self.told = (min(message.t_ns, now), now)
                break

    def pipe_connection_lost(self, fd: int, exc: Exception | None) -> None:
        self._open.discard(fd)
        self._maybe_end()

    def process_exited(self) -> None:
        assert self._transport is not None
        code = self._transport.get_returncode()
        self._code = -signal.SIGKILL if code is None else code
        # What the scenario has started must neither stay nor keep the pipes open.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        self._last_words = self._loop.call_later(LAST_WORDS, self._end)
        self._maybe_end()

    # ---- what the child says

    def _take(self, message: link.Message) -> None:
        self._alive_sign()
        match message:
            case link.Observed():
                self._observed(message)
            case link.Pong():
                self._asked = False
                self._soon(self._on_told)
            case link.Synced(number):
                waiting = self.syncs.pop(number, None)
                if waiting is not None:
                    self._soon(_resolve, waiting, True)
            case link.Listening():
                self._emit(report.listening_event(message, self.engine, get_engine(self.engine).label))
                _resolve(self.listening, message)
                self._ticked = self._loop.time()
                self._watch = self._loop.call_later(TICK, self._tick)
            case link.LoadDone():
                self._emit(report.loaded_event(message))
                self._resolve_load(message)
            case link.LoadFailed():
                self._emit(report.load_failed_event(message))
                self._resolve_load(message)
            case link.Failed(reason, hint):
                if not self.listening.done():
                    self.listening.set_exception(StartError(f"The server did not start: {reason}", hint))
                else:
                    self._note("server failed", message=reason)
            case _:
                self._note("link", message=f"a line that is no message: {message!r}"[:400])

    def _observed(self, message: link.Observed) -> None:
        event = report.event_of(message)
        if event.kind == "server.stalled":
            if self._silent:  # told already, and not over
                return
            self.stalled = (event.summary, event.source)
        elif event.kind == "note" and message.data.get("why") == "recovered":
            self.stalled = None
        self._observe(event, message.port)

    def _resolve_load(self, message: link.LoadDone | link.LoadFailed) -> None:
        waiting = self.loads.pop(message.id, None)
        if waiting is not None:
            _resolve(waiting, message)

    def _soon(self, call: Callable[..., object], *args: object) -> None:
        """Two turns of the loop later, what is in the other pipe by now has been read as well."""
        self._loop.call_soon(lambda: self._loop.call_soon(call, *args))

    # ---- what it prints

    def _print(self, lines: list[Line]) -> None:
        for line in lines:
            self._tail = (self._tail + line.text + "\n")[-TAIL:]
            self._emit(report.print_event(line))

    def _await_line_end(self) -> None:
        if self._output.unfinished and self._unfinished is None:
            self._unfinished = self._loop.call_later(LINE_PATIENCE, self._line_waited)

    def _line_waited(self) -> None:
        self._unfinished = None
        self._print(self._output.flush())

    # ---- whether it lives

    def _tick(self) -> None:
        now = self._loop.time()
        passed, self._ticked = now - self._ticked, now
        self._watch = self._loop.call_later(TICK, self._tick)
        if not self._silence.waiting:
            self._silence.asked()
            self.tell(link.Ping(0))
            return
        silent = self._silence.passed(passed)
        if silent is not None and self.stalled is None:
            self._silent = True
            text = "the process does not answer: it is stopped, or C code holds the interpreter"
            self.stalled = (text, None)
            data = {"seconds": round(silent, 2), "during": "process", "message": text}
            self._emit(
                report.server_event(time.perf_counter_ns(), "server.stalled", f"stalled: {text}", data)
            )

    def _alive_sign(self) -> None:
        lasted = self._silence.answered(self._loop.time() - self._ticked)
        if lasted is not None and self._silent:
            self._silent = False
            self.stalled = None
            self._note("recovered", seconds=round(lasted, 2))

    # ---- its end

    def _maybe_end(self) -> None:
        if self._code is not None and not self._open:
            self._end()

    def _end(self) -> None:
        if self.ended.done():
            return
        code = self._code
        assert code is not None
        now = time.perf_counter_ns()
        for timer in (self._unfinished, self._watch, self._last_words):
            if timer is not None:
                timer.cancel()
        self._print(self._output.end(now))
        self._close_lifeline()
        if self._transport is not None:
            self._transport.close()
        self._emit(report.exited_event(now, code, expected=self.expected))
        if not self.listening.done():
            reason = f"The server's process {report.exit_text(code)} before it listened"
            self.listening.set_exception(StartError(reason, "Its last output says why.", self._tail))
        self.listening.exception()  # looked at, so that nobody need
        for waiting in self.syncs.values():
            _resolve(waiting, False)
        for load in self.loads.values():
            if not load.done():
                load.set_exception(EOFError(report.exit_text(code)))
        self.ended.set_result(code)

    def _close_lifeline(self) -> None:
        if self._lifeline >= 0:
            os.close(self._lifeline)
            self._lifeline = -1

    def _note(self, why: str, **data: object) -> None:
        observed = link.Observed("note", time.perf_counter_ns(), None, {"why": why, **data}, None)
        self._emit(report.event_of(observed))

    def _emit(self, event: Event) -> None:
        self._observe(event, None)


def _resolve(future: asyncio.Future[T], value: T) -> None:
    if not future.done():
        future.set_result(value)


def _environment() -> dict[str, str]:
    """The child's surroundings: ours, and this package found where it was found here.

    `-P` keeps the working directory off the child's path, where a file called `token.py` would hide the
    library's.
    """
    env = dict(os.environ, PYTHONUNBUFFERED="1")
    home = os.path.dirname(wsplay.PACKAGE)
    if os.path.basename(home) not in ("site-packages", "dist-packages"):
        env["PYTHONPATH"] = os.pathsep.join(part for part in (env.get("PYTHONPATH"), home) if part)
    return env
