"""The child's end of the link that writes: a thread that drains a bounded queue.

What is observed on the loop costs the loop one append; turning it into JSON and writing it is the thread's
work. The time is taken here, under a lock: messages are written in the order of their time, and each says
that all before it has been told. If the parent does not read, the queue fills, further observations are
counted instead of kept, and the count is told once there is room. The loop never waits.
"""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from wsplay.server.ipc import TIMED, Answer, Where, encode, encode_observed

#: Seconds between two drains of a busy queue: how late an event may be, and how many share a write.
PAUSE = 0.002
#: What the queue holds at most, in (estimated) bytes and in entries.
MAX_BYTES = 48 * 1024 * 1024
MAX_ENTRIES = 100_000
#: Bytes gathered for one write.
CHUNK = 65_536

_clock = time.perf_counter_ns

#: Turns what was observed into JSON-able data, or JSON text, on the writer's thread.
Prepare = Callable[[Any], dict[str, Any] | str]
#: (kind, t_ns, port, payload, prepare or None where the payload is the data, source)
Observation = tuple[str, int, int | None, Any, Prepare | None, Where | None]


class Sender:
    """Writes messages to descriptor `fd` from its own thread, in the order they were given."""

    def __init__(self, fd: int, *, max_bytes: int = MAX_BYTES, max_entries: int = MAX_ENTRIES) -> None:
        self._fd = fd
        self._max_bytes = max_bytes
        self._max_entries = max_entries
        #: Held from taking the time to queueing; by prints too, which have a pipe of their own. A signal
        #: handler may print in the middle of an observation, hence an RLock.
        self.lock = threading.RLock()
        self._queue: deque[Observation | Answer] = deque()
        self._bytes = 0
        self._given = 0  # entries ever queued
        self._written = 0  # entries ever written
        self._dropped = 0
        self._idle = True
        self._closing = False
        self._broken = False
        self._wake = threading.Event()
        os.register_at_fork(after_in_child=self._forked)
        self._thread = threading.Thread(target=self._run, name="wsplay-link-out", daemon=True)
        self._thread.start()

    def on_event(
        self,
        kind: str,
        port: int | None,
        payload: Any,
        prepare: Prepare | None = None,
        source: Where | None = None,
        size: int = 0,
    ) -> None:
        """Queue an observation, or count it where the queue is full. `size`: bytes the payload holds."""
        with self.lock:
            if len(self._queue) >= self._max_entries or self._bytes > self._max_bytes:
                self._dropped += 1
                return
            self._bytes += size
            self._queue.append((kind, _clock(), port, payload, prepare, source))
            self._given += 1
            if not self._idle:
                return
            self._idle = False
        self._wake.set()

    def tell(self, message: Answer) -> None:
        """Queue a message that is never dropped; its `t_ns`, if it has one, is set."""
        with self.lock:
            if isinstance(message, TIMED):
                message = replace(message, t_ns=_clock())
            self._queue.append(message)
            self._given += 1
            self._idle = False
        self._wake.set()

    def flush(self, limit: float) -> bool:
        """Wait up to `limit` seconds until what was given so far is written. Any thread but the writer's."""
        with self.lock:
            goal = self._given
        end = time.monotonic() + limit
        while self._written < goal and not self._broken and self._thread.is_alive():
            if time.monotonic() >= end:
                return False
            self._wake.set()
            time.sleep(0.0005)
        return True

    def close(self, limit: float) -> None:
        """Write what is queued, for up to `limit` seconds, and end the thread."""
        self.flush(limit)
        self._closing = True
        self._wake.set()
        self._thread.join(limit)

    def _forked(self) -> None:
        """In a process a scenario forks off: this link is not its own, and the thread is not there."""
        self.lock = threading.RLock()
        self._broken = True
        self._max_entries = 0
        if not self._closing:  # afterwards the number may be another file's
            os.close(self._fd)

    def _run(self) -> None:
        while True:
            with self.lock:
                batch, self._queue = self._queue, deque()
                self._bytes = 0  # of what waits here; a batch on its way may hold as much again
                dropped, self._dropped = self._dropped, 0
                now = _clock()
                self._idle = not batch
                if self._idle:
                    self._wake.clear()
            if not batch:
                if self._closing:
                    return
                self._wake.wait()
                continue
            self._write_batch(batch)
            if dropped:
                self._write(_dropped(dropped, now))
            if not self._closing:
                time.sleep(PAUSE)

    def _write_batch(self, batch: deque[Observation | Answer]) -> None:
        parts: list[bytes] = []
        gathered = 0
        while batch:
            line = _encoded(batch.popleft())
            parts.append(line)
            gathered += len(line)
            if gathered >= CHUNK or not batch:
                self._write(b"".join(parts))
                self._written += len(parts)
                parts.clear()
                gathered = 0

    def _write(self, data: bytes) -> None:
        try:
            while data and not self._broken:
                data = data[os.write(self._fd, data) :]
        except OSError:
            self._broken = True  # the parent is gone; the reader's thread ends the process


def _encoded(entry: Observation | Answer) -> bytes:
    if not isinstance(entry, tuple):
        return encode(entry)
    kind, t_ns, port, payload, prepare, source = entry
    try:
        return encode_observed(kind, t_ns, port, prepare(payload) if prepare else payload, source)
    except Exception as error:  # noqa: BLE001 - a scenario's object may raise anything when looked at
        data = {"why": "not shown", "kind": kind, "message": f"{type(error).__name__} when reading its data"}
        return encode_observed("note", t_ns, port, data, source)


def _dropped(count: int, t_ns: int) -> bytes:
    data = {"why": "dropped", "count": count, "message": "the link was full"}
    return encode_observed("note", t_ns, None, data, None)
