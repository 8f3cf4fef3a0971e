"""Which copy of an app the running code belongs to: its lifespan, a connection, and what these start.

A copy that was replaced goes on for a while: its connections are closed, and its shutdown runs. What it
prints and logs then must not look like the doing of the copy that is loaded.
"""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(slots=True)
class Copy:
    """One copy of a scenario's app, by the scenario's name."""

    name: str
    replaced: bool = False


_running: ContextVar[Copy | None] = ContextVar("wsplay_copy", default=None)


def enter(copy: Copy) -> None:
    """From here on, this task and what it starts belong to `copy`."""
    _running.set(copy)


def replaced_name() -> str:
    """The name of the copy that the running code belongs to if that was replaced, otherwise ""."""
    copy = _running.get()
    return copy.name if copy is not None and copy.replaced else ""
