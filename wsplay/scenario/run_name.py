"""How a run is named on the command line: `TARGET[@TRY][@ENGINE]`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from wsplay.protocol.engine import ENGINE_NAMES


@dataclass(frozen=True, slots=True)
class RunName:
    """A target, and the names of a try and an engine where they are given."""

    target: str
    try_name: str | None = None
    engine: str | None = None


def read_run_name(text: str, is_target: Callable[[str], bool]) -> RunName:
    """Read `TARGET[@TRY][@ENGINE]`.

    What follows the last `@` is the engine if it is an engine's name. The rest is split at the first `@`
    whose left side names a target; without one, it is a target as a whole.
    """
    rest, at, engine = text.rpartition("@")
    if not at or engine not in ENGINE_NAMES:
        rest, engine = text, ""
    place = rest.find("@")
    while place != -1:
        if is_target(rest[:place]):
            return RunName(rest[:place], rest[place + 1 :], engine or None)
        place = rest.find("@", place + 1)
    return RunName(rest, None, engine or None)
