"""The terminal UI on this terminal, watched: how late its loop is, what it has taken in, what it weighs.

    python watched_app.py REPORT real COUNT          our client asks flood_app.py for COUNT messages
    python watched_app.py REPORT synthetic COUNT RATE  COUNT messages are made in the background thread,
                                                     RATE a second (0: as many as go), three events each

Writes what it saw to REPORT, as JSON, several times a second.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from wsplay.events.event import Direction, Event, Lane, Source
from wsplay.protocol.handshake import Handshake
from wsplay.scenario.file import Scenario
from wsplay.scenario.library import Library
from wsplay.tui.app import WsplayApp
from wsplay.tui.background.messages import Connect
from wsplay.tui.background.proxy import make_playground

HERE = Path(__file__).resolve().parent
REPORT = Path(sys.argv[1])
MODE, COUNT = sys.argv[2], int(sys.argv[3])
RATE = int(sys.argv[4]) if len(sys.argv) > 4 else 0
#: Seconds between two looks at the loop's clock.
STEP = 0.004


class Maker:
    """In the playground's place: makes events as a flood of text messages does, at most RATE a second."""

    url = "ws://127.0.0.1:1"
    versions: Mapping[str, str] = {}
    standing: tuple[Event, ...] = ()
    alive = True

    def __init__(self, observe: Callable[[Event], None]) -> None:
        self.observe = observe

    async def start(self) -> None: ...
    async def aclose(self) -> None: ...
    async def load(self, scenario: Scenario, source: str | None = None) -> None: ...
    async def restart(self) -> None: ...
    async def use_engine(self, name: str) -> None: ...
    async def sync(self) -> bool:
        return True

    def begin_run(self) -> int:
        return time.perf_counter_ns()

    def is_open(self, conn: int | None) -> bool:
        return False

    async def connect(self, handshake: Handshake) -> Maker:
        self.conn, self.open = 1, True
        self.observe(Event(time.perf_counter_ns(), Lane.CLIENT, "client.connecting", "connecting", 1))
        self.observe(
            Event(time.perf_counter_ns(), Lane.CLIENT, "client.open", "open", 1, None, {"status": 101})
        )
        self.task = asyncio.ensure_future(self.make())
        return self

    async def make(self) -> None:
        start, made = time.perf_counter(), 0
        while made < COUNT:
            due = int((time.perf_counter() - start) * RATE) if RATE else made + 256
            for number in range(made, min(due, COUNT)):
                self.message(number)
            made = min(due, COUNT)
            await asyncio.sleep(0.001 if RATE else 0)

    def message(self, number: int) -> None:
        """What one text message from the server comes to."""
        text, t_ns = f"message {number:8} of a flood of them", time.perf_counter_ns()
        asgi = {"message": {"type": "websocket.send", "text": text}}
        frame = {
            "fin": True, "rsv1": False, "rsv2": False, "rsv3": False, "opcode": 1, "name": "text",
            "masked": False, "length": len(text), "payload": {"size": len(text), "text": text},
            "compressed": False, "inflated": None,
        }  # fmt: skip
        got = {"type": "text", "size": len(text), "text": text}
        words = f'text {len(text)} B "{text}"'
        source = Source("flood_app.py", 17, "endpoint")
        down, observe = Direction.S2C, self.observe
        observe(Event(t_ns, Lane.ASGI, "asgi.send", "websocket.send " + words, 1, down, asgi, source))
        observe(Event(t_ns, Lane.WIRE, "wire.frame", words, 1, down, frame))
        observe(Event(t_ns, Lane.CLIENT, "client.received", words, 1, down, got))

    async def disconnect(self) -> None: ...


def factory(observe: Callable[[Event], None], engine: str, port: int) -> Any:
    return make_playground(observe, engine, port) if MODE == "real" else Maker(observe)


def rss() -> int:
    """Bytes of memory in use."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


class Collections:
    """How long garbage collections took, by generation."""

    def __init__(self) -> None:
        self.took: dict[int, list[float]] = {0: [], 1: [], 2: []}
        self._begin = 0.0
        gc.callbacks.append(self._look)

    def _look(self, phase: str, info: dict[str, int]) -> None:
        if phase == "start":
            self._begin = time.perf_counter()
        else:
            self.took[info["generation"]].append(time.perf_counter() - self._begin)

    def told(self) -> dict[str, Any]:
        return {str(name): [len(took), max(took, default=0.0)] for name, took in self.took.items()}


async def watch(pilot: Pilot[None]) -> None:
    """Watch the app from within its loop."""
    loop = asyncio.get_running_loop()
    app: Any = pilot.app
    state = None
    while state is None or state.loaded is None:
        await asyncio.sleep(0.05)
        state = getattr(app.screen, "state", None)
    screen = app.screen
    await asyncio.sleep(1.5)
    screen.timeline.focus()
    collections = Collections()
    seen: dict[str, Any] = {"memory_before": rss(), "gaps": [], "first": None, "last": None, "full": None}
    app.proxy.ask(Connect(Handshake(path=f"/flood/{COUNT}", compression=False), None))
    before, told = loop.time(), 0.0
    late: list[float] = []
    shown = 0
    while True:
        await asyncio.sleep(STEP)
        now = loop.time()
        late.append(now - before - STEP)
        before = now
        run = screen.state.run
        count = run.timeline.next_seq - 1
        if count != shown and run.number:
            shown = count
            seen["first"] = seen["first"] or now
            seen["last"] = now
        if seen["full"] is None and len(run.timeline) >= 100_000:
            seen["full"] = rss()
        if now - told > 0.5:
            told = now
            late = sorted(late)[-50:]
            outcome = run.outcome()
            seen |= {
                "gaps": late[::-1][:50],
                "events": count,
                "lost": run.lost,
                "kept": len(run.timeline),
                "dropped": run.timeline.dropped,
                "received": outcome.received_count,
                "memory": rss(),
                "collections": collections.told(),
                "over": now - (seen["last"] or now) > 1.0,
            }
            spare = REPORT.with_suffix(".new")
            spare.write_text(json.dumps(seen))
            spare.replace(REPORT)


app = WsplayApp(Library.find(), scenario=str(HERE / "flood_app.py"), make_playground=factory)
app.run(auto_pilot=watch)
