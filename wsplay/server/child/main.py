"""The child's main: `python -m wsplay.server.child`, started by `ServerProcess` and by nobody else.

The link to the parent is on stdin and stdout. A thread reads it, so that pings are answered and the parent's
end is noticed whatever the loop does; another writes it. The main thread runs the loop, as under a real
server.
"""

from __future__ import annotations

import argparse
import asyncio
import faulthandler
import gc
import os
import signal
import sys
import threading
from collections.abc import Callable

from wsplay.server import ipc as link
from wsplay.server.child import lifeline
from wsplay.server.child.sender import Sender
from wsplay.server.child.stack import message_of, nearest, type_name
from wsplay.server.child.stdio import stamp_prints, take_link
from wsplay.server.ipc import Where

TYPE_CHECKING = False
if TYPE_CHECKING:
    from wsplay.server.child.app_slot import AppSlot
    from wsplay.server.child.logs import Logs

#: Seconds that are spent at most on getting the last observations out.
LAST_FLUSH = 0.5
#: Seconds the loop waits at most for the writer's thread to hand over the interpreter (Python's own: 0.005,
#: which is some fifty echo round trips).
SWITCH_INTERVAL = 0.0002


class Child:
    """What the threads of this process share."""

    def __init__(self, engine: str, token: bytes) -> None:
        reading, writing = take_link()
        self.engine = engine
        self.sender = Sender(writing)
        self.holder: AppSlot | None = None
        self._handle: Callable[[link.Message], None] | None = None
        self._early: list[link.Message] = []
        self._lock = threading.Lock()
        stamp_prints(token, self._where, self.sender)
        threading.Thread(target=self._read, args=(reading,), name="wsplay-link-in", daemon=True).start()
        _flush_before_exit(self.sender)

    def scenario_file(self) -> str:
        """The file of the scenario that is loaded or being loaded; "" before the first."""
        return self.holder.loader.file if self.holder is not None else ""

    def attach(self, handle: Callable[[link.Message], None]) -> None:
        """From now on `handle`, in the reader's thread, gets what the parent asks and has asked already."""
        with self._lock:
            self._handle = handle
            for message in self._early:
                handle(message)
            self._early.clear()

    def _where(self) -> Where | None:
        file = self.scenario_file()
        return nearest(sys._getframe(2), file, os.path.basename(file)) if file else None

    def _read(self, fd: int) -> None:
        os.register_at_fork(after_in_child=lambda: os.close(fd))
        lines = link.Lines()
        while data := _read_some(fd):
            for line in lines.feed(data):
                message = link.decode(line)
                if isinstance(message, link.Ping):
                    self.sender.tell(link.Pong(message.id, 0))
                    continue
                with self._lock:
                    if self._handle is None:
                        self._early.append(message)
                    else:
                        self._handle(message)
        lifeline.die()


def _read_some(fd: int) -> bytes:
    try:
        return os.read(fd, 262_144)
    except OSError:
        return b""


def _flush_before_exit(sender: Sender) -> None:
    """Let os._exit hand over what has been observed first: a scenario may well call it."""
    real, own = os._exit, os.getpid()

    def _exit(status: int) -> None:
        if os.getpid() == own:
            sender.flush(LAST_FLUSH)
        real(status)

    os._exit = _exit  # type: ignore[assignment]


async def serve(child: Child, logs: Logs, holder: AppSlot) -> None:
    """Serve until told to stop or signalled."""
    from wsplay.server.child import engines
    from wsplay.server.child.watchdog import Watchdog

    loop = asyncio.get_running_loop()
    sock = engines.bound_socket()
    address = list(sock.getsockname())
    watchdog = Watchdog(loop, child.sender, holder)
    loads: set[asyncio.Task[None]] = set()

    def on_listening() -> None:
        found = engines.versions(child.engine)
        child.sender.tell(link.Listening(0, address, dict(found)))
        watchdog.start()
        child.attach(lambda message: _soon(loop, obey, message))

    def on_ended() -> None:
        watchdog.stop()
        child.sender.flush(LAST_FLUSH)

    async def load(order: link.Load) -> None:
        child.sender.tell(await holder.load(order))

    def obey(message: link.Message) -> None:
        if isinstance(message, link.Load):
            task = loop.create_task(load(message), name="wsplay-load")
            loads.add(task)
            task.add_done_callback(loads.discard)
        elif isinstance(message, link.Sync):
            child.sender.tell(link.Synced(message.id))
        elif isinstance(message, link.Stop):
            server.should_exit = True

    server = engines.make_server(child.engine, holder, on_listening=on_listening, on_ended=on_ended)
    await server.serve(sockets=[sock])


def _soon(loop: asyncio.AbstractEventLoop, do: Callable[[link.Message], None], message: link.Message) -> None:
    try:
        loop.call_soon_threadsafe(do, message)
    except RuntimeError:
        return  # the loop has closed: the process is ending


def main() -> None:
    """Run the child. Ends with the parent, on Stop, or however the scenario ends it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--engine", required=True)
    parser.add_argument("--token", required=True)
    parser.add_argument("--lifeline", type=int)
    asked = parser.parse_args()
    if asked.lifeline is not None:
        lifeline.hold_on(asked.lifeline)
    child = Child(asked.engine, asked.token.encode())
    faulthandler.enable(file=2, all_threads=False)
    try:
        import fastapi  # noqa: F401 - here, so that the first load need not wait for it

        from wsplay.server.child.app_slot import AppSlot
        from wsplay.server.child.logs import Logs

        logs = Logs(child.sender, child.scenario_file)

        async def run() -> None:
            child.holder = AppSlot(child.sender, logs)
            await serve(child, logs, child.holder)

        sys.setswitchinterval(SWITCH_INTERVAL)
        gc.freeze()  # what the libraries made stays; the collector need not go through it again and again
        sys.dont_write_bytecode = True  # leave no __pycache__ in a user's folder
        asyncio.run(run())
    except (ImportError, OSError) as error:
        hint = "Install what is missing." if isinstance(error, ImportError) else ""
        child.sender.tell(link.Failed(f"{type_name(error)}: {message_of(error)}", hint))
        child.sender.close(LAST_FLUSH)
        sys.exit(1)
    except KeyboardInterrupt:
        # Raised again by uvicorn after its shutdown: end as a process does that SIGINT has ended.
        child.sender.close(LAST_FLUSH)
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGINT)
    child.sender.close(LAST_FLUSH)


if __name__ == "__main__":
    main()
