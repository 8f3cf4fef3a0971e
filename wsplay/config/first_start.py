"""Whether the terminal UI was started before: a file in the user's state folder says so."""

from __future__ import annotations

import os
from pathlib import Path


def first_start_path() -> Path:
    """`started` in the user's state folder for wsplay."""
    from platformdirs import user_state_path

    return user_state_path("wsplay") / "started"


def take_first_start(path: Path | None = None) -> bool:
    """Whether this is the first start; the next one is not.

    Of two at once, one is the first. Never raises: where the file cannot be made, every start is the first.
    """
    try:
        path = first_start_path() if path is None else path
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
    except FileExistsError:
        return path is None or not os.path.isfile(path)  # a file where the folder should be
    except (OSError, RuntimeError, ValueError):  # no home folder, a NUL in its name
        return True
    return True
