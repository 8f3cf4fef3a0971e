"""The one progress store of the screens, with what they keep beside it while the program runs."""

from __future__ import annotations

from pathlib import Path

from wsplay.challenge.progress_file import progress_path
from wsplay.challenge.progress_store import ProgressStore

_STORES: dict[Path, ScreenProgressStore] = {}


class ScreenProgressStore(ProgressStore):
    """The progress, and whether challenges show the clock."""

    clock_shown = True


def progress_store() -> ScreenProgressStore:
    """The store of this process for the file in use now (see `progress_file.progress_path`)."""
    path = progress_path()
    if path not in _STORES:
        _STORES[path] = ScreenProgressStore(path)
    return _STORES[path]
