"""The child ends when its parent ends: a pipe whose only writing end is the parent's, never written to.

However the parent ends, the kernel closes its end. On Linux the kernel then kills the child's whole process
group (`fcntl(2)`: O_ASYNC, F_SETOWN, F_SETSIG). No thread has to run for that, so it also kills a child that
is stopped or blocked in C code, and the programs that a scenario has started. PR_SET_PDEATHSIG does less: it
is tied to one thread of the parent and reaches one process. On other systems, the child ends at the end of
its stdin, see `main.py`.
"""

from __future__ import annotations

import os
import select
import signal
import sys

from wsplay.server.child.descriptor import moved_up


def die_with_parent(fd: int) -> None:
    """End this process when the other end of the pipe `fd` closes. It must be its process group's leader."""
    low, fd = fd, moved_up(fd)
    os.close(low)
    if sys.platform == "linux" and os.getpgrp() == os.getpid():
        import fcntl

        fcntl.fcntl(fd, fcntl.F_SETSIG, signal.SIGKILL)
        fcntl.fcntl(fd, fcntl.F_SETOWN, -os.getpid())
        fcntl.fcntl(fd, fcntl.F_SETFL, fcntl.fcntl(fd, fcntl.F_GETFL) | os.O_ASYNC)
    if hasattr(select, "poll"):
        # The pipe may have closed before O_ASYNC was set.
        poll = select.poll()
        poll.register(fd, select.POLLIN)
        if poll.poll(0):
            die()


def die() -> None:
    """Kill this process and its process group at once."""
    if hasattr(os, "killpg") and os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os._exit(1)
