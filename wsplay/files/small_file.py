"""Read a small file of the user's, whatever is there: without waiting, and never more than a limit."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

#: Flags with which opening waits for nothing, and a terminal does not become the program's own.
_NO_WAIT = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)


class NotReadable(Exception):
    """The file cannot be read. The message is what follows "it " in a sentence, and says what to do."""


def read_small_file(path: Path, limit: int) -> bytes:
    """The content of a regular file of at most `limit` bytes.

    A named pipe, a device, a socket or a folder is refused without being opened: a pipe would be waited for,
    and a device may never end. The size is not trusted either: some files have none and still do not end.

    Raises:
        FileNotFoundError: If there is no file: neither it nor, perhaps, its folder.
        NotReadable: If it cannot be read.

    """
    with open_regular_file(path) as file:
        data: bytes | None = file.read(limit + 1)
    if data is None:
        raise NotReadable("cannot be read: it has no content yet")
    if len(data) > limit:
        raise NotReadable(f"is larger than {limit:,} bytes")
    return data


@contextmanager
def open_regular_file(path: Path) -> Iterator[BinaryIO]:
    """Open a regular file to read its bytes; anything else is refused without being opened.

    What goes wrong while it is read is told in the same way.

    Raises:
        FileNotFoundError: If there is no file: neither it nor, perhaps, its folder.
        NotReadable: If it cannot be read.

    """
    try:
        _check(os.stat(path))
        # It may have been replaced since: the flags matter then.
        with open(path, "rb", opener=lambda name, flags: os.open(name, flags | _NO_WAIT)) as file:
            _check(os.fstat(file.fileno()))
            yield file
    except FileNotFoundError:
        raise
    except NotADirectoryError as error:
        raise FileNotFoundError(*error.args) from error
    except OSError as error:
        raise NotReadable(f"cannot be read: {error.strerror or error}; check its permissions") from error


def _check(status: os.stat_result) -> None:
    mode = status.st_mode
    if stat.S_ISDIR(mode):
        raise NotReadable("is a folder, not a file")
    if not stat.S_ISREG(mode):
        raise NotReadable("is not a regular file, but a pipe, a device or a socket")
