"""Which scenario fixes what another one does wrong, and how that is said. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from wsplay.events.safe_text import visible
from wsplay.scenario.file import Scenario

#: Marks a flawed scenario, and one that fixes another. Each is one cell wide.
FLAWED_MARK, FIX_MARK = "✗", "✓"


@dataclass(frozen=True, slots=True)
class Standing:
    """What one scenario is to others: `fix` does right what it does wrong, `flaws` are those it fixes.

    `fix` is None if it is not flawed, names no fix, or its fix is not in the library; `missing` is then the
    name of the fix it gives.
    """

    flawed: bool = False
    fix: Scenario | None = None
    missing: str = ""
    flaws: tuple[Scenario, ...] = ()

    @property
    def partners(self) -> tuple[Scenario, ...]:
        """The scenarios to compare it with: its fix, or else those it fixes."""
        return self.flaws if self.fix is None else (self.fix,)

    @property
    def mark(self) -> str:
        """One cell: flawed, a fix, or neither."""
        return FLAWED_MARK if self.flawed else FIX_MARK if self.flaws else ""

    @property
    def words(self) -> str:
        """`flawed: fixed in 4`, `fixes 2, 11`, or nothing. By number, or by name where there is none."""
        parts = []
        if self.flawed:
            fix = short_name(self.fix) if self.fix is not None else visible(self.missing, 40)
            parts.append(f"flawed: fixed in {fix}" if fix else "flawed")
        if self.flaws:
            parts.append("fixes " + ", ".join(map(short_name, self.flaws)))
        return ", ".join(parts)


class Fixes:
    """How the scenarios of a library stand to each other."""

    def __init__(self, scenarios: Iterable[Scenario]) -> None:
        self._named = {scenario.name: scenario for scenario in scenarios}
        self._flaws: dict[str, list[Scenario]] = {}
        for scenario in self._named.values():
            if (fix := self._fix_of(scenario)) is not None:
                self._flaws.setdefault(fix.name, []).append(scenario)

    def of(self, scenario: Scenario) -> Standing:
        """How a scenario stands to the others."""
        fix = self._fix_of(scenario)
        missing = scenario.mended or "" if scenario.flawed and fix is None else ""
        flaws = tuple(flaw for flaw in self._flaws.get(scenario.name, ()) if flaw.name != scenario.name)
        return Standing(scenario.flawed, fix, missing, flaws)

    def _fix_of(self, scenario: Scenario) -> Scenario | None:
        if not scenario.flawed or scenario.mended in (None, scenario.name):
            return None
        return self._named.get(scenario.mended or "")


def short_name(scenario: Scenario) -> str:
    """Its number, or its name if it has none."""
    return visible(scenario.name, 40) if scenario.order is None else str(scenario.order)
