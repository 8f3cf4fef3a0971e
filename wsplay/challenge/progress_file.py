"""A learner's progress between sessions: one JSON file in the user's state folder."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from pathlib import Path

from wsplay.challenge.progress import Progress

#: Names another file for the progress.
VARIABLE = "WSPLAY_PROGRESS"


class ProgressError(Exception):
    """The progress could not be saved. The message says where and why."""


def progress_path() -> Path:
    """`$WSPLAY_PROGRESS`, or `progress.json` in the user's state folder for wsplay."""
    if named := os.environ.get(VARIABLE):
        return Path(named)
    from platformdirs import user_state_path

    return user_state_path("wsplay") / "progress.json"


def read_progress(path: Path | None = None) -> Progress:
    """The saved progress, or none without a readable file."""
    try:
        return Progress.from_json(json.loads((path or progress_path()).read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return Progress()


def write_progress(progress: Progress, path: Path | None = None) -> None:
    """Save the progress, replacing the file atomically. Raises `ProgressError`."""
    path = path or progress_path()
    text = json.dumps(progress.to_json(), indent=1)
    temporary = ""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, delete=False) as file:
            temporary = file.name
            file.write(text)
        os.replace(temporary, path)
    except OSError as error:
        if temporary:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
        raise ProgressError(f"progress is not saved: {path}: {error.strerror or error}") from error


def reset_progress(path: Path | None = None) -> bool:
    """Delete all progress; false if there was none. Raises `ProgressError`."""
    path = path or progress_path()
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    except OSError as error:
        raise ProgressError(f"progress is not reset: {path}: {error.strerror or error}") from error
    return True
