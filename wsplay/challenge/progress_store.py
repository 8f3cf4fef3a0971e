"""A learner's progress while the program runs: in memory, and in its file if that can be written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from wsplay.challenge.progress import Progress
from wsplay.challenge.progress_file import BrokenProgress, ProgressError, read_progress, update_progress


class ProgressStore:
    """The progress in the file at `path`, for the command line and the screens.

    Each answer and hint is written at once and added to what the file holds then: another wsplay may have
    written to it. What cannot be written is kept and written with the next answer.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.progress = Progress()
        self._problem = ""
        #: Whether the file was broken at the start, so that the first answer sets it aside.
        self.sets_aside = False
        try:
            self.progress = read_progress(path)
        except ProgressError as error:
            self._problem = str(error)
            self.sets_aside = isinstance(error, BrokenProgress)
        #: The progress that the file is known to have held. If it has none any more, it was lost or spoiled.
        self._written = self.progress
        self._unwritten: list[Callable[[Progress], Progress]] = []

    def take_problem(self) -> str:
        """Why the file could not be read, the first time that this is asked; otherwise nothing."""
        problem, self._problem = self._problem, ""
        return problem

    def add_answer(self, name: str, confirmed: bool) -> str:
        """Add an answer to the challenge of that name. Returns what went wrong with the file, or nothing."""
        return self._add(lambda progress: progress.answered(name, confirmed))

    def add_hint(self, name: str) -> str:
        """Count a hint. Returns what went wrong with the file, or nothing."""
        return self._add(lambda progress: progress.hinted(name))

    def _add(self, change: Callable[[Progress], Progress]) -> str:
        self._unwritten.append(change)
        try:
            self.progress, told = update_progress(self._apply, self.path, known=self._written)
        except ProgressError as error:
            self.progress = change(self.progress)
            return f"{error}. It counts until you quit; the next answer tries to write it again."
        self._unwritten.clear()
        self._written = self.progress
        return told

    def _apply(self, progress: Progress) -> Progress:
        for change in self._unwritten:
            progress = change(progress)
        return progress
