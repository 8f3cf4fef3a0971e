"""What a bundled scenario publishes itself: a credential in its text is no secret."""

from __future__ import annotations

import os
from collections.abc import Callable, Set

from wsplay.scenario.file import Scenario
from wsplay.scenario.library import builtin_folder


def is_bundled(scenario: Scenario) -> bool:
    """Whether the scenario came with wsplay."""
    return os.path.dirname(os.path.realpath(scenario.file)) == os.path.realpath(builtin_folder())


def published_by(scenario: Scenario, minted: Set[str]) -> Callable[[str], bool]:
    """Whether a value stands in the text of a bundled scenario, or is one of the tokens `minted` from it."""
    if not is_bundled(scenario):
        return lambda value: False
    return lambda value: value in minted or value in scenario.source
