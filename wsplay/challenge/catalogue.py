"""All challenges, in the order in which they are offered."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from wsplay.challenge.progress import groups_of
from wsplay.events.safe_text import visible
from wsplay.scenario.challenge_table import Challenge
from wsplay.scenario.file import Scenario


@dataclass(frozen=True, slots=True)
class Item:
    """A scenario and its challenge."""

    scenario: Scenario
    challenge: Challenge

    @property
    def name(self) -> str:
        return self.scenario.name

    @property
    def title(self) -> str:
        return visible(self.scenario.title, 60)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All challenges: the seed problems first, then by group. `problems` has the errors of the others."""

    items: tuple[Item, ...]
    groups: dict[str, list[str]]
    problems: tuple[tuple[str, str], ...] = ()

    @property
    def names(self) -> list[str]:
        return [item.name for item in self.items]

    def get(self, name: str) -> Item | None:
        return next((item for item in self.items if item.name == name), None)

    def after(self, name: str, by: int) -> Item | None:
        """The challenge `by` places after `name`, wrapping around; None if there is no other."""
        names = self.names
        if not names or names == [name]:
            return None
        at = names.index(name) if name in names else -by
        return self.items[(at + by) % len(names)]


def read_catalogue(scenarios: Iterable[Scenario]) -> Catalogue:
    """The challenges of these scenarios. A broken one is reported in `problems`; the others stay."""
    found: list[Item] = []
    problems: list[tuple[str, str]] = []
    for scenario in scenarios:
        if scenario.problem is not None:
            continue
        if scenario.challenge is not None:
            found.append(Item(scenario, scenario.challenge))
        elif scenario.challenge_problem is not None:
            problems.append((scenario.name, str(scenario.challenge_problem)))
    groups = groups_of((item.name, item.scenario.group, item.challenge.seed) for item in found)
    by_name = {item.name: item for item in found}
    ordered = dict.fromkeys(name for names in groups.values() for name in names)
    return Catalogue(tuple(by_name[name] for name in ordered), groups, tuple(problems))
