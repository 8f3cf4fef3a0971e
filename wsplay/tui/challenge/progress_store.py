"""A learner's progress while the program runs: in memory, and in its file if that can be written."""

from __future__ import annotations

from pathlib import Path

from wsplay.challenge.progress import Progress
from wsplay.challenge.progress_file import (
    ProgressError,
    progress_path,
    read_progress,
    set_aside,
    write_progress,
)

_STORES: dict[Path, ProgressStore] = {}


class ProgressStore:
    """The progress in the file at `path`. What cannot be written is kept and written with the next answer."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.progress = Progress()
        self._problem = ""
        #: Whether the file has held our progress, so that one which does not any more was spoiled.
        self._ours = False
        try:
            self.progress = read_progress(path)
            self._ours = self.progress != Progress()
        except ProgressError as error:
            self._problem = str(error)
        self._stamp = self._file_stamp()
        #: Whether some of it is not written yet.
        self._unsaved = False
        #: Whether to show the clock.
        self.clock_shown = True

    def take_problem(self) -> str:
        """Why the file could not be read, the first time that this is asked; otherwise nothing."""
        problem, self._problem = self._problem, ""
        return problem

    def add_answer(self, name: str, confirmed: bool) -> str:
        """Add an answer to the challenge of that name. Returns what went wrong with the file, or nothing."""
        self._refresh()
        self.progress = self.progress.answered(name, confirmed)
        return self._write()

    def add_hint(self, name: str) -> str:
        """Count a hint. Returns what went wrong with the file, or nothing."""
        self._refresh()
        self.progress = self.progress.hinted(name)
        return self._write()

    def _refresh(self) -> None:
        # Another wsplay may have written; our unwritten progress takes precedence.
        stamp = self._file_stamp()
        if stamp is None or stamp == self._stamp or self._unsaved:
            return
        try:
            written = read_progress(self.path)
        except ProgressError:
            return  # writing says so
        if written != Progress():
            self.progress = written

    def _write(self) -> str:
        told = ""
        try:
            try:
                write_progress(self.progress, self.path)
            except ProgressError:
                if not self._ours or not self.path.is_file():
                    raise
                aside = set_aside(self.path)
                told = (
                    f"{self.path} could not be read any more and is kept as {aside.name}; progress is saved."
                )
                write_progress(self.progress, self.path)
        except ProgressError as error:
            self._unsaved = True
            return f"{error}. It counts until you quit; the next answer tries to write it again."
        self._unsaved, self._ours = False, True
        self._stamp = self._file_stamp()
        return told

    def _file_stamp(self) -> tuple[int, int] | None:
        """Modification time and inode of the file, None without a file."""
        try:
            status = self.path.stat()
        except OSError:
            return None
        return status.st_mtime_ns, status.st_ino


def progress_store() -> ProgressStore:
    """The store of this process for the file in use now (see `progress_file.progress_path`)."""
    path = progress_path()
    if path not in _STORES:
        _STORES[path] = ProgressStore(path)
    return _STORES[path]
