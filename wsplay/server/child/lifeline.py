"""No child outlives its parent: a pipe whose one writing end is the parent's, never written to.

When the parent is gone, however it went, the kernel closes that end. On Linux the kernel itself then kills
the child's whole process group (`fcntl(2)`: O_ASYNC, F_SETOWN, F_SETSIG): no thread need run for it, so a
child that is stopped or whose interpreter is held by C code dies too, and so do the programs a scenario has
started. That is more than PR_SET_PDEATHSIG does, which is tied to one thread of the parent and reaches one
process. Elsewhere the end of the link tells, see `child.py`.
"""

from __future__ import annotations

import os
import select
import signal
import sys


def hold_on(fd: int) -> None:
    """In the child: die when the other end of the pipe `fd` closes. The child must lead its process group."""
    os.set_inheritable(fd, False)
    if sys.platform == "linux" and os.getpgrp() == os.getpid():
        import fcntl

        fcntl.fcntl(fd, fcntl.F_SETSIG, signal.SIGKILL)
        fcntl.fcntl(fd, fcntl.F_SETOWN, -os.getpid())
        fcntl.fcntl(fd, fcntl.F_SETFL, fcntl.fcntl(fd, fcntl.F_GETFL) | os.O_ASYNC)
    if hasattr(select, "poll"):
        # It may have closed before the kernel was told.
        poll = select.poll()
        poll.register(fd, select.POLLIN)
        if poll.poll(0):
            die()


def die() -> None:
    """End this process and everything in its group, at once."""
    if hasattr(os, "killpg") and os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os._exit(1)
