"""A learner's progress while the program runs: in memory, and in its file whenever that can be written."""

from __future__ import annotations

from pathlib import Path

from wsplay.challenge.progress import Progress
from wsplay.challenge.progress_file import ProgressError, progress_path, read_progress, write_progress

_KEEPERS: dict[Path, ProgressStore] = {}


class ProgressStore:
    """The progress kept at `path`. An answer that cannot be written stays here, and goes with the next."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.progress = read_progress(path)
        self._stamp = self._look()
        #: Whether some of it is in no file yet.
        self.unsaved = False
        #: Whether the learner wants a clock.
        self.clock = True

    def answered(self, name: str, confirmed: bool) -> str:
        """Take an answer. Returns why it could not be written, or nothing."""
        self._refresh()
        self.progress = self.progress.answered(name, confirmed)
        return self._write()

    def hinted(self, name: str) -> str:
        """A hint was asked for. Returns why that could not be written, or nothing."""
        self._refresh()
        self.progress = self.progress.hinted(name)
        return self._write()

    def _refresh(self) -> None:
        # Another wsplay may have written; what is in no file yet counts for more than what it wrote.
        stamp = self._look()
        if stamp is None or stamp == self._stamp or self.unsaved:
            return
        kept = read_progress(self.path)
        if kept != Progress():
            self.progress = kept

    def _write(self) -> str:
        try:
            write_progress(self.progress, self.path)
        except ProgressError as error:
            self.unsaved = True
            return f"{error}. It counts until you quit, and is written with the next answer if it can be."
        self.unsaved = False
        self._stamp = self._look()
        return ""

    def _look(self) -> tuple[int, int] | None:
        try:
            status = self.path.stat()
        except OSError:
            return None
        return status.st_mtime_ns, status.st_ino


def progress_store() -> ProgressStore:
    """The one of this process, for the file that holds now (see `learner.progress_path`)."""
    path = progress_path()
    if path not in _KEEPERS:
        _KEEPERS[path] = ProgressStore(path)
    return _KEEPERS[path]
