"""Notices when files are saved: those of a scenario, its own and the modules that it imports."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable

#: Seconds between two looks where the system does not tell of changes; where it does, at most this long.
PAUSE = 0.5

#: A value that changes with the file.
_Stamp = tuple[int, int]


class Saves:
    """The files to watch, and how they were at the last look."""

    def __init__(self, files: Iterable[str]) -> None:
        self._stamps = {file: _stamp(file) for file in files}

    @property
    def files(self) -> frozenset[str]:
        """The files to watch."""
        return frozenset(self._stamps)

    def watch(self, files: Iterable[str]) -> None:
        """Watch these files from now on; what is known of those watched before stays."""
        old = self._stamps
        self._stamps = {file: old[file] if file in old else _stamp(file) for file in files}

    def look(self) -> list[str]:
        """The files that were saved since the last look. One that is gone was not: editors replace files."""
        saved = []
        for file, before in self._stamps.items():
            now = _stamp(file)
            if now is not None and now != before:
                self._stamps[file] = now
                saved.append(file)
        return saved

    async def wait(self) -> list[str]:
        """Wait until files are saved, and return them."""
        while not (saved := self.look()):
            await self._wait_for_change()
        return saved

    def _folders(self) -> set[str]:
        return {folder for file in self._stamps if os.path.isdir(folder := os.path.dirname(file))}

    async def _wait_for_change(self) -> None:
        """Wait until something may have changed in the folders of the files."""
        folders = self._folders()
        try:
            from watchfiles import awatch

            milliseconds = int(PAUSE * 1000)
            changes = awatch(
                *folders,
                watch_filter=None,
                recursive=False,
                debounce=100,
                rust_timeout=milliseconds,
                yield_on_timeout=True,  # for a save before this began to watch
            )
            async for _ in changes:
                break
            await changes.aclose()
        except (ImportError, OSError, RuntimeError):  # no such library here, or no more watches to be had
            await asyncio.sleep(PAUSE)


def _stamp(file: str) -> _Stamp | None:
    try:
        status = os.stat(file)
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size
