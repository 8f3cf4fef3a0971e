"""The text of a scenario's file as the user edits it, apart from the file. No IO."""

from __future__ import annotations

from dataclasses import dataclass

from wsplay.scenario.file import Scenario, parse_scenario


@dataclass(slots=True)
class WorkingCopy:
    """`original` is the file's text, `text` the one on the screen, `applied` the newest given to the server.

    `changed` says that the file was saved since the edit began.
    """

    name: str
    file: str
    original: str
    text: str
    applied: str
    changed: bool = False

    @property
    def edited(self) -> bool:
        """Whether the text differs from the file's."""
        return self.text != self.original

    def follow(self, original: str) -> None:
        """The file was read again. Without an edit, its text is the one to show and to serve."""
        if not self.edited:
            self.text = self.applied = original
            self.changed = False
        elif original != self.original:
            self.changed = True
            if self.applied == self.original:
                self.applied = original
        self.original = original

    def revert(self) -> None:
        """Back to the file's text, which is then the one to serve."""
        self.text = self.applied = self.original
        self.changed = False

    def scenario(self, text: str) -> Scenario:
        """The scenario with this text in place of the file's."""
        return parse_scenario(self.name, self.file, text)


class WorkingCopies:
    """The working copies of the files that were opened since the start."""

    def __init__(self) -> None:
        self._copies: dict[str, WorkingCopy] = {}

    def of(self, scenario: Scenario) -> WorkingCopy:
        """The working copy of a scenario's file, whose text as it was just read is the scenario's."""
        copy = self._copies.get(scenario.file)
        if copy is None:
            text = scenario.source
            copy = self._copies[scenario.file] = WorkingCopy(scenario.name, scenario.file, text, text, text)
        else:
            copy.follow(scenario.source)
        return copy

    def is_new(self, scenario: Scenario) -> bool:
        """Whether the file was not opened before."""
        return scenario.file not in self._copies
