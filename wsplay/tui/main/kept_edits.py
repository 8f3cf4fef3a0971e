"""Keeps the user's edits: in a thread, so that the screen never waits for a disk or another wsplay."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from threading import Lock

from wsplay.files.edits import Edit, WorkingFile, find_edits
from wsplay.files.kept_file import NotKept


class KeptEdits:
    """The working copies in `folder`. `tell` is called in any thread, with a line about what went wrong."""

    def __init__(self, folder: Path, tell: Callable[[str], object]) -> None:
        self._folder = folder
        self._tell = tell
        self._told = ""
        self._files: dict[str, WorkingFile] = {}
        self._busy = Lock()  # held while one of `_files` is used
        self._writer = ThreadPoolExecutor(1, "wsplay-edits")

    def find(self, file: str, original: str) -> list[Edit]:
        """The edits of a file that were kept, the newest first."""
        edits, problems = find_edits(self._folder, file, original)
        for problem in problems:
            self._tell(problem)
        return edits

    def begin(self, file: str, original: str, found: Edit | None = None) -> None:
        """The file is about to be edited, from an edit that was found or from its own text."""
        self._files[file] = WorkingFile(self._folder, file, original, found)

    def keep(self, file: str, text: str) -> Future[Path | None]:
        """Write the text of a file that is edited; where it is then, None if it could not be written."""
        return self._writer.submit(self._keep, self._files[file], text)

    def discard(self, file: str) -> None:
        """Nothing of a file's edit needs to be kept."""
        self._writer.submit(self._discard, self._files[file])

    def changed(self, file: str) -> str | None:
        """The text that the user's own editor has saved since the last time, or None."""
        if not self._busy.acquire(blocking=False):
            return None  # our own text is being written
        try:
            return self._files[file].changed() if file in self._files else None
        finally:
            self._busy.release()

    def close(self) -> None:
        """Wait until everything is written."""
        self._writer.shutdown()

    def _keep(self, working: WorkingFile, text: str) -> Path | None:
        try:
            with self._busy:
                working.write(text)
        except NotKept as error:
            self._tell_once(f"your edit is not kept: {error}. It lasts until you quit.")
            return None
        self._told = ""
        return working.path

    def _discard(self, working: WorkingFile) -> None:
        try:
            with self._busy:
                working.discard()
        except NotKept as error:
            self._tell_once(f"your edit is not removed: {error}")

    def _tell_once(self, line: str) -> None:
        if line != self._told:
            self._told = line
            self._tell(line)
