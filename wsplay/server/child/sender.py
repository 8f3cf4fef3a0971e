"""Sends messages to the parent: a bounded queue, and a thread that writes it to the pipe.

An observation costs the event loop one append; the thread turns it into JSON and writes it. The time is taken
here, under a lock, so messages are written in the order of their time: after one with a time, none follows
with an earlier one. If the parent does not read, the queue fills up. Further observations are then dropped
and counted, and the count is sent once there is room. The event loop never waits.
"""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from wsplay.server.child.descriptor import Descriptor
from wsplay.server.ipc import TIMED, Reply, Where, encode, encode_observed

#: Seconds between two writes while the queue is busy. Longer delays events; shorter takes more writes.
PAUSE = 0.002
#: The limits of the queue, in (estimated) bytes and in entries.
MAX_BYTES = 48 * 1024 * 1024
MAX_ENTRIES = 20_000
#: Bytes collected for one write.
CHUNK = 65_536
#: Entries of a batch from which on the writer rests after each smaller chunk. Its thread would otherwise get
#: the interpreter in every system call of the event loop, and slow it down several times.
MANY, SMALL_CHUNK = 5_000, 16_384

_clock = time.perf_counter_ns

#: Turns a payload into data for JSON, or into JSON text, on the writer's thread.
Prepare = Callable[[Any], dict[str, Any] | str]
#: (kind, t_ns, port, payload, prepare or None if the payload is the data, source)
Observation = tuple[str, int, int | None, Any, Prepare | None, Where | None]


class Sender:
    """Writes messages to the file descriptor `fd` from a thread of its own, in order.

    Each line begins with `mark`.
    """

    def __init__(
        self, fd: int, mark: bytes = b"", *, max_bytes: int = MAX_BYTES, max_entries: int = MAX_ENTRIES
    ) -> None:
        self._fd = Descriptor(fd)
        self._mark = mark
        self._max_bytes = max_bytes
        self._max_entries = max_entries
        #: Held while a message gets its time and is queued. Prints, which have a pipe of their own, hold it
        #: too. An RLock, because a signal handler may print in the middle of an observation.
        self.lock = threading.RLock()
        self._queue: deque[Observation | Reply] = deque()
        self._bytes = 0
        self._queued = 0  # entries queued so far
        self._written = 0  # entries written so far
        self._dropped = 0
        self._idle = True
        self._closing = False
        self._broken = False
        self._wake = threading.Event()
        os.register_at_fork(after_in_child=self._forked)
        self._thread = threading.Thread(target=self._run, name="wsplay-ipc-out", daemon=True)
        self._thread.start()

    def send_event(
        self,
        kind: str,
        port: int | None,
        payload: Any,
        prepare: Prepare | None = None,
        source: Where | None = None,
        size: int = 0,
    ) -> None:
        """Queue an observation, or count it if the queue is full. `size` is the payload's, in bytes."""
        with self.lock:
            if len(self._queue) >= self._max_entries or self._bytes > self._max_bytes:
                self._dropped += 1
                return
            self._bytes += size
            self._queue.append((kind, _clock(), port, payload, prepare, source))
            self._queued += 1
            if not self._idle:
                return
            self._idle = False
        self._wake.set()

    def send_needed(
        self,
        kind: str,
        port: int | None,
        payload: Any,
        prepare: Prepare | None = None,
        source: Where | None = None,
    ) -> None:
        """Queue an observation that is never dropped. Only for those of which there cannot be many."""
        with self.lock:
            self._queue.append((kind, _clock(), port, payload, prepare, source))
            self._queued += 1
            self._idle = False
        self._wake.set()

    def is_full(self) -> bool:
        """Whether there is no room for an observation now; then one is counted, and need not be made."""
        with self.lock:
            full = len(self._queue) >= self._max_entries or self._bytes > self._max_bytes
            self._dropped += full
        return full

    def send(self, message: Reply) -> None:
        """Queue a message that is never dropped. Sets its `t_ns` if it has one."""
        with self.lock:
            if isinstance(message, TIMED):
                message = replace(message, t_ns=_clock())
            self._queue.append(message)
            self._queued += 1
            self._idle = False
        self._wake.set()

    @property
    def broken(self) -> bool:
        """Whether nothing can be sent any more."""
        return self._broken

    def flush(self, limit: float) -> bool:
        """Wait up to `limit` seconds until all that is queued now is written. Not for the writer's thread."""
        with self.lock:
            goal = self._queued
        end = time.monotonic() + limit
        while self._written < goal and not self._broken and self._thread.is_alive():
            if time.monotonic() >= end:
                return False
            self._wake.set()
            time.sleep(0.0005)
        return True

    def close(self, limit: float) -> None:
        """Write the rest, for up to `limit` seconds, and end the thread."""
        self.flush(limit)
        self._closing = True
        self._wake.set()
        self._thread.join(limit)

    def _forked(self) -> None:
        """In a process that a scenario forks: the pipe is not its own, and the thread does not exist."""
        self.lock = threading.RLock()
        self._broken = True
        self._max_entries = 0
        if not self._closing:  # afterwards the number may be another file's
            self._fd.close()

    def _run(self) -> None:
        while True:
            with self.lock:
                batch, self._queue = self._queue, deque()
                self._bytes = 0  # of the queue only; the batch being written can have as many
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
                self._write(self._mark + _dropped(dropped, now))
            if not self._closing:
                time.sleep(PAUSE)

    def _write_batch(self, batch: deque[Observation | Reply]) -> None:
        parts: list[bytes] = []
        collected = 0
        while batch:
            line = self._mark + _encoded(batch.popleft())
            parts.append(line)
            collected += len(line)
            many = len(batch) > MANY
            if collected >= (SMALL_CHUNK if many else CHUNK) or not batch:
                self._write(b"".join(parts))
                self._written += len(parts)
                parts.clear()
                collected = 0
                if many and not self._closing:
                    time.sleep(PAUSE)

    def _write(self, data: bytes) -> None:
        try:
            while data and not self._broken:
                data = data[self._fd.write(data) :]
        except OSError:
            self._broken = True  # the parent has ended or the scenario has closed the pipe: see `main.py`


def _encoded(entry: Observation | Reply) -> bytes:
    if not isinstance(entry, tuple):
        return encode(entry)
    kind, t_ns, port, payload, prepare, source = entry
    try:
        return encode_observed(kind, t_ns, port, prepare(payload) if prepare else payload, source)
    except Exception as error:  # noqa: BLE001 - reading a scenario's object can raise anything
        data = {"why": "not shown", "kind": kind, "message": f"{type(error).__name__} when reading its data"}
        return encode_observed("note", t_ns, port, data, source)


def _dropped(count: int, t_ns: int) -> bytes:
    data = {"why": "dropped", "count": count, "message": "the queue was full"}
    return encode_observed("note", t_ns, None, data, None)
