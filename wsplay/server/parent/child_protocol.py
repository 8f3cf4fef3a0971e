"""The parent's side of one child process, from its start to the last byte that it wrote."""

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
from wsplay.server import ipc
from wsplay.server.heartbeat import Heartbeat
from wsplay.server.parent import to_events
from wsplay.server.parent.detached import VARIABLE, end_marked
from wsplay.server.parent.errors import StartError
from wsplay.server.print_stamps import Line, OutputLines

T = TypeVar("T")
OnEvent = Callable[[Event, int | None], None]

#: Seconds without a pong after which the whole process is reported as stalled.
STALL_AFTER = 1.0
#: Seconds between two pings.
TICK = 0.2
#: Seconds that an unfinished line of output waits for its end.
LINE_WAIT = 0.25
#: Seconds that the pipes may stay open after the process has ended; what they still contain then is lost.
DRAIN_LIMIT = 1.0
#: Seconds that the process may go on after it has closed the pipe of its messages; then it is killed.
LINK_LIMIT = 0.5
#: Characters of output that are kept for the message of a failed start.
TAIL = 4_000


class ChildProtocol(asyncio.SubprocessProtocol):
    """The protocol of one child process. `on_event` gets its events, in order.

    `listening` resolves to the child's message or fails with StartError. `ended` resolves to its return code,
    after the events of everything it wrote.
    """

    def __init__(
        self, on_event: OnEvent, engine: str, on_watermark: Callable[[], object] = lambda: None
    ) -> None:
        loop = asyncio.get_running_loop()
        self.engine = engine
        self.pid = 0
        self.expected = False  # whether the parent has asked for its end
        self.stalled: tuple[str, Source | None] | None = None
        self.listening: asyncio.Future[ipc.Listening] = loop.create_future()
        self.ended: asyncio.Future[int] = loop.create_future()
        self.loads: dict[int, asyncio.Future[ipc.LoadDone | ipc.LoadFailed]] = {}
        #: Called once the child says that it has loaded what was asked for, even if nobody waits any more.
        self.on_loaded: dict[int, Callable[[], object]] = {}
        self.loaded: ipc.LoadDone | None = None  # what the child last said it loaded
        self.files: frozenset[str] = frozenset()  # see `ServerProcess.files`
        self.syncs: dict[int, asyncio.Future[bool]] = {}
        #: (t, received): at the time `received`, all events before the time `t` had been received.
        self.watermark: tuple[int, int] = (0, 0)
        self._on_watermark = on_watermark
        self._watermark_requested = False
        self._on_event = on_event
        self._loop = loop
        self._transport: asyncio.SubprocessTransport | None = None
        self._lifeline = -1
        self._secrets = ipc.Secrets(secrets.token_hex(8), secrets.token_hex(8))
        self._family = secrets.token_hex(8)  # the mark of its environment, see `detached`
        self._mark = self._secrets.link.encode()
        self._lines = ipc.Lines()
        self._latest_ns = time.perf_counter_ns()  # the time of the newest message with one
        self._output = OutputLines(self._secrets.prints.encode(), self._latest_ns)
        self._asked: dict[int, ipc.Load] = {}  # without a response so far
        self._refused: list[ipc.BadLine] = []  # not told so far
        self._link_lost: asyncio.TimerHandle | None = None
        self._tail = ""
        self._unfinished: asyncio.TimerHandle | None = None
        self._open = {1, 2}
        self._code: int | None = None
        self._drain_limit: asyncio.TimerHandle | None = None
        self._last_id = 0
        self._heartbeat = Heartbeat(STALL_AFTER, TICK)
        self._unresponsive = False
        self._watch: asyncio.TimerHandle | None = None
        self._ticked = 0.0

    async def start(self) -> None:
        """Start the process. Raises StartError where the system does not allow it."""
        reading, self._lifeline = os.pipe()
        argv = [sys.executable, "-u", "-P", "-m", "wsplay.server.child", "--engine", self.engine]
        argv += ["--lifeline", str(reading)]
        t_ns = time.perf_counter_ns()
        try:
            # In a session of its own: Ctrl+C and hang-up of the terminal are handled by the parent.
            transport, _ = await self._loop.subprocess_exec(
                lambda: self,
                *argv,
                env=_environment(self._family),
                start_new_session=True,
                pass_fds=(reading,),
            )
        except BaseException as error:
            self._close_lifeline()
            if not isinstance(error, OSError):
                raise  # cancelled: asyncio ends the process
            hint = "Check the limits on processes and open files."
            raise StartError(f"The server's process could not be started: {error}", hint) from error
        finally:
            os.close(reading)
        self.pid = transport.get_pid()
        label = get_engine(self.engine).label
        data = {"engine": self.engine, "argv": argv, "pid": self.pid}
        self._emit(to_events.server_event(t_ns, "server.starting", f"starting {label}", data))

    @property
    def alive(self) -> bool:
        """Whether the process is running and listening."""
        return self._code is None and self.listening.done() and not self.listening.exception()

    def next_id(self) -> int:
        """A new message id."""
        self._last_id += 1
        return self._last_id

    def send(self, message: ipc.Message) -> None:
        """Send a message. Does nothing if the child has ended."""
        if isinstance(message, ipc.Load):
            self._asked[message.id] = message
        pipe = self._transport.get_pipe_transport(0) if self._transport is not None else None
        if pipe is not None and not pipe.is_closing():
            cast(asyncio.WriteTransport, pipe).write(ipc.encode(message))

    def request_watermark(self) -> None:
        """Ask the child for a new watermark; `on_watermark` is called once it is there."""
        if not self._watermark_requested:
            self._watermark_requested = True
            self.send(ipc.Ping(0))

    def kill(self) -> None:
        """Kill the process and its process group. Await `ended` for its end."""
        if self._code is None and self.pid:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)

    # ---- what asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.SubprocessTransport, transport)
        self.send(self._secrets)

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        if fd == 2:
            self._add_lines(self._output.feed(data, time.perf_counter_ns()))
            self._wait_for_line_end()
            return
        now = time.perf_counter_ns()
        timed = asked = False
        for message in ipc.decode_marked(self._lines.feed(data), self._mark):
            if isinstance(message, ipc.TIMED):
                if not self._latest_ns <= message.t_ns <= now:
                    self._refuse(message, "its time is in the future, or before that of the line before")
                    continue
                timed = True
                asked = asked or isinstance(message, ipc.Pong)
                self._latest_ns = message.t_ns
            self._handle(message)
        if self._refused:
            self._tell_refused()
        if timed:
            # Prints of the same time may still be in their own pipe.
            self._after_output(self._set_watermark, self._latest_ns, now, asked)

    def pipe_connection_lost(self, fd: int, exc: Exception | None) -> None:
        self._open.discard(fd)
        if fd == 1 and self._code is None:
            self._link_lost = self._loop.call_later(LINK_LIMIT, self._tell_link_lost)
        self._maybe_end()

    def process_exited(self) -> None:
        assert self._transport is not None
        code = self._transport.get_returncode()
        self._code = -signal.SIGKILL if code is None else code
        # Programs that the scenario has started must end too; they also keep the pipes open.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        end_marked(self._family)
        self._drain_limit = self._loop.call_later(DRAIN_LIMIT, self._end)
        self._maybe_end()

    # ---- messages

    def _handle(self, message: ipc.Message) -> None:
        self._message_received()
        match message:
            case ipc.Observed():
                self._observed(message)
            case ipc.Pong():
                self._watermark_requested = False
            case ipc.Synced(number):
                waiting = self.syncs.pop(number, None)
                if waiting is not None:
                    self._after_output(_resolve, waiting, True)
            case ipc.Listening() if self.listening.done():
                self._refuse(message, "the server was listening before")
            case ipc.Listening():
                self._emit(to_events.listening_event(message, self.engine, get_engine(self.engine).label))
                _resolve(self.listening, message)
                self._ticked = self._loop.time()
                self._watch = self._loop.call_later(TICK, self._tick)
            case ipc.LoadDone() | ipc.LoadFailed() if not self._was_asked(message):
                self._refuse(message, "it answers no request to load")
            case ipc.LoadDone():
                self.loaded, self.files = message, frozenset(message.files)
                self.on_loaded.pop(message.id, lambda: None)()
                self._emit(to_events.loaded_event(message))
                self._resolve_load(message)
            case ipc.LoadFailed():
                self.files |= frozenset(message.files)
                self.on_loaded.pop(message.id, None)
                self._emit(to_events.load_failed_event(message))
                self._resolve_load(message)
            case ipc.Failed(reason, hint):
                if not self.listening.done():
                    self.listening.set_exception(StartError(f"The server did not start: {reason}", hint))
                else:
                    self._note("server failed", message=reason, hint=hint)
            case ipc.BadLine():
                self._refused.append(message)
            case _:
                self._refuse(message, "a server's process does not send it")

    def _was_asked(self, message: ipc.LoadDone | ipc.LoadFailed) -> bool:
        """Whether this is the first response to a request; a response can come after the time limit."""
        asked = self._asked.get(message.id)
        if asked is None or asked.name != message.name:
            return False
        del self._asked[message.id]
        return isinstance(message, ipc.LoadFailed) or asked.file == message.file

    def _refuse(self, message: ipc.Message, problem: str) -> None:
        """Ignore a message that the child cannot have sent."""
        self._refused.append(ipc.BadLine(repr(message)[:200], problem))

    def _tell_refused(self) -> None:
        """Tell of the ignored lines: one event for those that came together."""
        refused, self._refused = self._refused, []
        lines = "1 line was" if len(refused) == 1 else f"{len(refused)} lines were"
        text = (
            f"{lines} ignored in the messages from the server's process: {refused[0].problem}. "
            f"Something in the scenario writes to the pipe to wsplay: {refused[0].text}"
        )
        self._note("link", message=text, count=len(refused))

    def _tell_link_lost(self) -> None:
        self._note(
            "link",
            message="the server's process closed the pipe to wsplay, as os.closerange() in a scenario does; "
            "without it nothing can be observed, so wsplay ends the process",
        )
        self.kill()

    def _observed(self, message: ipc.Observed) -> None:
        event = to_events.event_of(message)
        if event.kind == "server.stalled":
            if self._unresponsive:  # reported already, and not over
                return
            self.stalled = (event.summary, event.source)
        elif event.kind == "note" and message.data.get("why") == "recovered":
            self.stalled = None
        self._on_event(event, message.port)

    def _resolve_load(self, message: ipc.LoadDone | ipc.LoadFailed) -> None:
        waiting = self.loads.pop(message.id, None)
        if waiting is not None:
            _resolve(waiting, message)

    def _set_watermark(self, t_ns: int, set_ns: int, asked: bool) -> None:
        self.watermark = (t_ns, set_ns)
        if asked:
            self._on_watermark()

    def _after_output(self, call: Callable[..., object], *args: object) -> None:
        """Call it two iterations of the loop later: what is in the other pipe by now has been read then."""
        self._loop.call_soon(lambda: self._loop.call_soon(call, *args))

    # ---- output

    def _add_lines(self, lines: list[Line]) -> None:
        for line in lines:
            self._tail = (self._tail + line.text + "\n")[-TAIL:]
            self._emit(to_events.print_event(line))

    def _wait_for_line_end(self) -> None:
        if self._output.unfinished and self._unfinished is None:
            self._unfinished = self._loop.call_later(LINE_WAIT, self._line_wait_over)

    def _line_wait_over(self) -> None:
        self._unfinished = None
        self._add_lines(self._output.flush())

    # ---- heartbeat

    def _tick(self) -> None:
        now = self._loop.time()
        passed, self._ticked = now - self._ticked, now
        self._watch = self._loop.call_later(TICK, self._tick)
        if not self._heartbeat.waiting:
            self._heartbeat.ping_sent()
            self.send(ipc.Ping(0))
            return
        stalled = self._heartbeat.tick(passed)
        if stalled is not None and self.stalled is None:
            self._unresponsive = True
            text = "the process does not respond: it is stopped, or C code blocks the interpreter"
            self.stalled = (text, None)
            data = {"seconds": round(stalled, 2), "during": "process", "message": text}
            self._emit(
                to_events.server_event(time.perf_counter_ns(), "server.stalled", f"stalled: {text}", data)
            )

    def _message_received(self) -> None:
        lasted = self._heartbeat.pong_received(self._loop.time() - self._ticked)
        if lasted is not None and self._unresponsive:
            self._unresponsive = False
            self.stalled = None
            self._note("recovered", seconds=round(lasted, 2))

    # ---- the end

    def _maybe_end(self) -> None:
        if self._code is not None and not self._open:
            self._end()

    def _end(self) -> None:
        if self.ended.done():
            return
        code = self._code
        assert code is not None
        now = time.perf_counter_ns()
        for timer in (self._unfinished, self._watch, self._drain_limit, self._link_lost):
            if timer is not None:
                timer.cancel()
        self._add_lines(self._output.end(now))
        self._close_lifeline()
        if self._transport is not None:
            self._transport.close()
        self._emit(to_events.exited_event(now, code, expected=self.expected))
        if not self.listening.done():
            reason = f"The server's process {to_events.exit_text(code)} before it was listening"
            self.listening.set_exception(StartError(reason, "Its last output may say why.", self._tail))
        self.listening.exception()  # retrieved, so that asyncio does not warn if nobody awaits it
        for waiting in self.syncs.values():
            _resolve(waiting, False)
        for load in self.loads.values():
            if not load.done():
                load.set_exception(EOFError(to_events.exit_text(code)))
        self.ended.set_result(code)

    def _close_lifeline(self) -> None:
        if self._lifeline >= 0:
            os.close(self._lifeline)
            self._lifeline = -1

    def _note(self, why: str, **data: object) -> None:
        observed = ipc.Observed("note", time.perf_counter_ns(), None, {"why": why, **data}, None)
        self._emit(to_events.event_of(observed))

    def _emit(self, event: Event) -> None:
        self._on_event(event, None)


def _resolve(future: asyncio.Future[T], value: T) -> None:
    if not future.done():
        future.set_result(value)


def _environment(mark: str) -> dict[str, str]:
    """The child's environment: ours, with a mark, and with the folder of this package on its path.

    The option `-P` keeps the working directory off the path: a file called `token.py` there would replace the
    standard library's.
    """
    env = {**os.environ, "PYTHONUNBUFFERED": "1", VARIABLE: mark}
    home = os.path.dirname(wsplay.PACKAGE)
    if os.path.basename(home) not in ("site-packages", "dist-packages"):
        env["PYTHONPATH"] = os.pathsep.join(part for part in (env.get("PYTHONPATH"), home) if part)
    return env
