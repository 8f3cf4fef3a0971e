"""The file descriptors of the pipes to the parent, kept from a scenario as far as that is possible.

They get high numbers, so that `os.closerange(3, 256)`, which old programs call before they start another,
does not close them. A scenario can still close any number, and the next file that it opens can get that
number. So before each use the number is compared with what it stood for.
"""

from __future__ import annotations

import os

try:
    import fcntl
    import resource
except ImportError:  # not on this system
    HIGH = None
else:
    #: The lowest number to use, well below the limit on open files.
    HIGH = min(resource.getrlimit(resource.RLIMIT_NOFILE)[0], 4096) - 64


def moved_up(fd: int) -> int:
    """A copy of `fd` with a high number, where the system has those. Started programs do not inherit it."""
    if HIGH is None or HIGH < 0:
        return os.dup(fd)
    return fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, HIGH)


class Descriptor:
    """A file descriptor that is used only as long as it stands for the same file."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._file = _identity(fd)

    @property
    def lost(self) -> bool:
        """Whether the number was closed, or belongs to another file by now."""
        try:
            return _identity(self._fd) != self._file
        except OSError:
            return True

    def read(self, size: int) -> bytes:
        """As `os.read`; raises OSError if the descriptor is lost."""
        self._check()
        return os.read(self._fd, size)

    def write(self, data: bytes) -> int:
        """As `os.write`; raises OSError if the descriptor is lost."""
        self._check()
        return os.write(self._fd, data)

    def close(self) -> None:
        """Close it, unless it is lost."""
        if not self.lost:
            os.close(self._fd)

    def _check(self) -> None:
        if self.lost:
            raise OSError("the descriptor was closed")


def _identity(fd: int) -> tuple[int, int]:
    status = os.fstat(fd)
    return status.st_dev, status.st_ino
