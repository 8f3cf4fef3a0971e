"""Whether a scenario's code was edited by hand, while what it expects was written for the code before."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass

from wsplay.scenario.file import Scenario


@dataclass(slots=True)
class _First:
    """A scenario's code and its metadata, with what it expects, as they were first seen; and whether another
    file of it was saved since.
    """

    code: str
    metadata: str
    others_saved: bool = False


class CodeEdits:
    """The scenarios that were opened, as they were first seen. No IO."""

    def __init__(self) -> None:
        self._first: dict[str, _First] = {}

    def opened(self, scenario: Scenario) -> None:
        """A scenario is opened, or read again. With new metadata, what it expects is new too."""
        if scenario.problem is not None:
            return
        code, metadata = _parts(scenario)
        first = self._first.get(scenario.file)
        if first is None or first.metadata != metadata:
            self._first[scenario.file] = _First(code, metadata)

    def saved(self, scenario: Scenario | None, files: Iterable[str]) -> None:
        """These files of a scenario were saved."""
        first = None if scenario is None else self._first.get(scenario.file)
        if scenario is not None and first is not None:
            own = os.path.realpath(scenario.file)
            first.others_saved |= any(os.path.realpath(file) != own for file in files)

    def edited(self, scenario: Scenario) -> bool:
        """Whether its code, or another file of it, was edited since it was first seen."""
        first = self._first.get(scenario.file)
        return first is not None and (first.others_saved or first.code != _parts(scenario)[0])


def _parts(scenario: Scenario) -> tuple[str, str]:
    """The code, and what comes after it: the metadata."""
    source, code = scenario.source, scenario.code
    return source[code.start : code.end].strip(), source[code.end :]
