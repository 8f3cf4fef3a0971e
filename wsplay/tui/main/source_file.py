"""The shown scenario's file: whether it or a module that it imports was saved."""

from __future__ import annotations

from collections.abc import Iterable

from wsplay.play.saves import Saves


class SourceFile:
    """The file at `path` and the user's modules that it imports, as they were at the last look."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._saves = Saves([path])

    def watch(self, files: Iterable[str]) -> None:
        """Watch these files too, instead of those that were given before."""
        self._saves.watch({self.path, *files})

    def saved(self) -> list[str]:
        """The files that were saved since the last look."""
        return self._saves.look()
