"""The child's main program, which `ServerProcess` starts as `python -m wsplay.server.child`.

The messages from and to the parent use stdin and stdout. One thread reads them, so that pings are answered
and the parent's end is noticed even if the event loop is blocked. Another thread writes them. The event loop
runs in the main thread, as in a real server.
"""

from __future__ import annotations

import argparse
import asyncio
import errno
import faulthandler
import gc
import os
import signal
import sys
import threading
from collections.abc import Callable

from wsplay.protocol.hold_points import parse_points
from wsplay.server import ipc
from wsplay.server.child import lifeline
from wsplay.server.child.descriptor import Descriptor
from wsplay.server.child.sender import Sender
from wsplay.server.child.stack import innermost, message_of, type_name
from wsplay.server.child.stdio import stamp_prints, take_stdio
from wsplay.server.child.still_clock import StillLoop

TYPE_CHECKING = False
if TYPE_CHECKING:
    from wsplay.server.child.app_slot import AppSlot

#: Seconds that the last messages may take to be written.
FLUSH_LIMIT = 0.5
#: Seconds after which the event loop gets the interpreter back from another thread. Python's default, 0.005,
#: is as long as about fifty echo round trips.
SWITCH_INTERVAL = 0.0002


class Child:
    """The server, and what its threads share."""

    def __init__(self, engine: str) -> None:
        reading, writing = take_stdio()
        self.engine = engine
        self._reading = Descriptor(reading)
        self._lines = ipc.Lines()
        secrets, early = self._first_message()
        self.sender = Sender(writing, secrets.link.encode())
        self._slot: AppSlot | None = None
        self._handle: Callable[[ipc.Message], None] | None = None
        self._early = early  # received before there was a `_handle`
        self._lock = threading.Lock()
        stamp_prints(secrets.prints.encode(), self._where, self.sender)
        threading.Thread(target=self._read, name="wsplay-ipc-in", daemon=True).start()
        _flush_before_exit(self.sender)

    async def serve(self) -> None:
        """Run the server until the parent or a signal stops it. Raises ImportError or OSError."""
        from wsplay.server.child import engines
        from wsplay.server.child.app_slot import AppSlot
        from wsplay.server.child.gate import Gate
        from wsplay.server.child.logs import Logs
        from wsplay.server.child.watchdog import Watchdog

        loop = asyncio.get_running_loop()
        assert isinstance(loop, StillLoop)
        sock = engines.bound_socket()
        gate = Gate(self.sender, loop.stop_time)
        slot = self._slot = AppSlot(self.sender, Logs(self.sender, self._scenario_file), gate)
        watchdog = Watchdog(loop, self.sender, slot)
        loads: set[asyncio.Task[None]] = set()

        def on_listening() -> None:
            versions = engines.versions(self.engine)
            self.sender.send(ipc.Listening(0, list(sock.getsockname()), dict(versions)))
            watchdog.start()
            self._attach(lambda message: _soon(loop, handle, message))

        def on_ended() -> None:
            watchdog.stop()
            self.sender.flush(FLUSH_LIMIT)

        async def load(request: ipc.Load) -> None:
            gate.pause()  # a connection that is held would hold up the end of the app that is replaced
            loop.let_time_go_on()
            try:
                self.sender.send(await slot.load(request))
            finally:
                gate.go_on()

        def stop_holding() -> None:
            gate.pause()
            loop.let_time_go_on()

        def on_signal() -> None:
            # The server looks at a timer for whether it should stop.
            loop.call_soon_threadsafe(stop_holding)

        def handle(message: ipc.Message) -> None:
            match message:
                case ipc.Load():
                    task = loop.create_task(load(message), name="wsplay-load")
                    loads.add(task)
                    task.add_done_callback(loads.discard)
                case ipc.Sync(number):
                    self.sender.send(ipc.Synced(number))
                case ipc.Hold(words):
                    gate.hold_at(parse_points(map(str, words)))
                case ipc.Decide(number, phase):
                    gate.decide(number, phase)
                case ipc.Spare(port):
                    gate.spare(port)
                case ipc.StopTime():
                    loop.stop_time()
                case ipc.TimeGoesOn() if not gate.waiting:
                    loop.let_time_go_on()
                case ipc.Stop():
                    stop_holding()
                    server.should_exit = True

        server = engines.make_server(
            self.engine, slot, on_listening=on_listening, on_ended=on_ended, on_signal=on_signal
        )
        await server.serve(sockets=[sock])

    def _attach(self, handle: Callable[[ipc.Message], None]) -> None:
        """Call `handle`, in the reader's thread, for each message from now on and for the early ones."""
        with self._lock:
            self._handle = handle
            for message in self._early:
                handle(message)
            self._early.clear()

    def _scenario_file(self) -> str:
        """The file of the scenario that is loaded or being loaded; "" before the first."""
        return self._slot.loader.file if self._slot is not None else ""

    def _where(self) -> ipc.Place | None:
        file = self._scenario_file()
        return innermost(sys._getframe(2), file) if file else None

    def _first_message(self) -> tuple[ipc.Secrets, list[ipc.Message]]:
        """The parent's secrets, which it sends first, and the messages that came with them."""
        messages: list[ipc.Message] = []
        while not messages:
            data = self._read_some()
            if not data:
                lifeline.die()
            messages = [ipc.decode(line) for line in self._lines.feed(data)]
        secrets = messages.pop(0)
        if not isinstance(secrets, ipc.Secrets):
            raise SystemExit("wsplay starts this process; it cannot be started by hand")
        return secrets, messages

    def _read(self) -> None:
        os.register_at_fork(after_in_child=self._reading.close)
        while data := self._read_some():
            for line in self._lines.feed(data):
                message = ipc.decode(line)
                if isinstance(message, ipc.Ping):
                    self.sender.send(ipc.Pong(message.id, 0))
                    continue
                with self._lock:
                    if self._handle is None:
                        self._early.append(message)
                    else:
                        self._handle(message)
        if self._reading.lost:
            self.tell_failed("the scenario closed the descriptor from which it reads")
        lifeline.die()

    def _read_some(self) -> bytes:
        try:
            return self._reading.read(262_144)
        except OSError:
            return b""

    def tell_failed(self, reason: str, hint: str = "") -> None:
        """Tell the parent why the process is about to end; if that cannot be sent, print it."""
        self.sender.send(ipc.Failed(reason, hint))
        self.sender.flush(FLUSH_LIMIT)
        if self.sender.broken:
            os.write(2, f"wsplay's server ends: {reason}\n".encode("utf-8", "replace"))


def _flush_before_exit(sender: Sender) -> None:
    """Make os._exit, which a scenario may call, write the last messages first."""
    real, own = os._exit, os.getpid()

    def _exit(status: int) -> None:
        if os.getpid() == own:
            sender.flush(FLUSH_LIMIT)
        real(status)

    os._exit = _exit  # type: ignore[assignment]


def _soon(
    loop: asyncio.AbstractEventLoop, handle: Callable[[ipc.Message], None], message: ipc.Message
) -> None:
    try:
        loop.call_soon_threadsafe(handle, message)
    except RuntimeError:
        return  # the loop is closed: the process is about to exit


def main() -> None:
    """Run the child until the parent stops it or ends, or the scenario ends the process."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--engine", required=True)
    parser.add_argument("--lifeline", type=int, required=True)
    options = parser.parse_args()
    lifeline.die_with_parent(options.lifeline)
    child = Child(options.engine)
    faulthandler.enable(file=2, all_threads=False)
    try:
        import fastapi  # noqa: F401 - here, so that the first load need not wait for it

        from wsplay.server.child import engines  # noqa: F401 - before gc.freeze

        sys.setswitchinterval(SWITCH_INTERVAL)
        gc.freeze()  # the libraries' objects stay; the garbage collector need not look at them again
        sys.dont_write_bytecode = True  # leave no __pycache__ in a user's folder
        with asyncio.Runner(loop_factory=StillLoop) as runner:
            runner.run(child.serve())
    except (ImportError, OSError) as error:
        hint = "Install what is missing." if isinstance(error, ImportError) else ""
        reason = f"{type_name(error)}: {message_of(error)}"
        if isinstance(error, OSError) and error.errno == errno.EBADF:
            reason = (
                f"something in the scenario closed files of the server, as os.closerange() does ({reason})"
            )
        child.tell_failed(reason, hint)
        child.sender.close(FLUSH_LIMIT)
        sys.exit(1)
    except KeyboardInterrupt:
        # uvicorn raises SIGINT again after its shutdown: end as a process does that SIGINT has ended.
        child.sender.close(FLUSH_LIMIT)
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGINT)
    child.sender.close(FLUSH_LIMIT)
