"""The attack table as data: which attack stands where, what is known of it, and how that is told. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wsplay.attack.attacks import ATTACKS, Attack
from wsplay.events.safe_text import visible
from wsplay.scenario.file import Scenario

if TYPE_CHECKING:
    from wsplay.attack.bench import AttackResult

#: Verdict -> glyph, word and colour.
LOOKS = {
    "held": ("✓", "held", "good"),
    "broken": ("✗", "BROKEN", "bad"),
    "n/a": ("·", "n/a", "text-dim"),
}


@dataclass
class BenchState:
    """Attacks down, designs across; cells come one by one."""

    designs: Sequence[Scenario]
    attacks: Sequence[Attack] = ATTACKS
    cells: dict[tuple[str, str], AttackResult] = field(default_factory=dict)
    #: The design that is attacked now.
    current: str | None = None
    #: Design -> why it could not be attacked.
    problems: dict[str, str] = field(default_factory=dict)
    running: bool = False

    def take(self, cell: AttackResult) -> None:
        """An attack is over."""
        self.cells[cell.scenario, cell.attack.name] = cell
        self.current = cell.scenario

    def get(self, row: int, column: int) -> AttackResult | None:
        """The cell, None where it has not been run."""
        return self.cells.get((self.designs[column].name, self.attacks[row].name))

    @property
    def done(self) -> int:
        return len(self.cells)

    @property
    def total(self) -> int:
        return len(self.designs) * len(self.attacks)

    def broken(self, name: str) -> int:
        """How many attacks broke the design."""
        return sum(cell.verdict == "broken" for cell in self._of(name))

    def complete(self, name: str) -> bool:
        """Whether every attack on the design is over."""
        return len(self._of(name)) == len(self.attacks)

    def place(self) -> tuple[int, int] | None:
        """Row and column of the attack that runs now."""
        name = self._under_attack() if self.running else None
        column = next((at for at, design in enumerate(self.designs) if design.name == name), None)
        return None if name is None or column is None else (len(self._of(name)), column)

    def next_up(self, row: int, column: int) -> bool:
        """Whether this is the attack that runs now."""
        return self.place() == (row, column)

    def _under_attack(self) -> str | None:
        name = self.current
        if name is None:
            return self.designs[0].name if self.designs else None
        if not self.complete(name):
            return name
        names = [design.name for design in self.designs]
        at = names.index(name) + 1
        return names[at] if at < len(names) else None

    def _of(self, name: str) -> list[AttackResult]:
        return [cell for (scenario, _), cell in self.cells.items() if scenario == name]

    def words(self, row: int, column: int) -> tuple[str, str]:
        """What a cell says, and its colour."""
        cell = self.get(row, column)
        name = self.designs[column].name
        if cell is not None:
            glyph, word, tone = LOOKS[cell.verdict]
            return f"{glyph} {word}", tone
        if name in self.problems:
            return "! not run", "warn"
        if self.next_up(row, column):
            return "… running", "warn"
        return "", "text-dim"

    def total_words(self, column: int) -> tuple[str, str]:
        """What the foot of a column says: how many broke it, so far or in all."""
        name = self.designs[column].name
        if name in self.problems:
            return "! not run", "warn"
        cells = self._of(name)
        if not cells:
            return "", "text-dim"
        broken = self.broken(name)
        so_far = "" if self.complete(name) else " so far"
        return f"{broken} broken{so_far}", "bad" if broken else "good"

    def why(self, row: int, column: int) -> str:
        """What is known of a cell, in words."""
        attack, design = self.attacks[row], self.designs[column]
        cell = self.get(row, column)
        what = f"{attack.title} against {visible(design.title, 60)}: the attacker {attack.about}."
        if cell is not None:
            return f"{what} {_capital(visible(cell.why, 200))}."
        if design.name in self.problems:
            return visible(self.problems[design.name], 300)
        if self.next_up(row, column):
            return f"{what} It runs now."
        return f"{what} {'Its turn comes.' if self.running else 'It was not run.'}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
