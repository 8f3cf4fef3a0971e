"""Ends the programs that a scenario has started and detached: with a session of their own, or a double fork.

They are no longer in the process group of the server's process. But a program inherits its environment, and
that of the server's process has a mark. Only Linux lets us look for it (proc(5), /proc/PID/environ).
"""

from __future__ import annotations

import contextlib
import os
import signal

#: The environment variable with the mark.
VARIABLE = "WSPLAY_SERVER"
#: How often to look again, for programs that were started meanwhile.
ROUNDS = 50


def end_marked(mark: str) -> None:
    """Kill all processes whose environment has the mark, except this one. Does nothing without /proc."""
    own = os.getpid()
    for _ in range(ROUNDS):
        found = [pid for pid in _marked(f"{VARIABLE}={mark}".encode()) if pid != own]
        for pid in found:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        if not found:
            return


def _marked(entry: bytes) -> list[int]:
    try:
        names = os.listdir("/proc")
    except OSError:
        return []
    found = []
    for name in filter(str.isdecimal, names):
        try:
            with open(f"/proc/{name}/environ", "rb") as file:
                if entry in file.read().split(b"\0"):
                    found.append(int(name))
        except OSError:  # it has ended, or is another user's
            continue
    return found
