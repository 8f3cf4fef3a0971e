"""The attack table as data: the attacks and designs, the results so far, and the text for each. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from wsplay.attack.attacks import ATTACKS, Attack
from wsplay.attack.result import AttackResult, AttackVerdict, count_verdicts
from wsplay.events.safe_text import visible
from wsplay.scenario.file import Scenario
from wsplay.tui.kit.verdict import Tone, Verdict
from wsplay.tui.kit.wording import sentence

#: Verdict -> glyph, word and colour in the table, and the tone of its verdict bar.
_LOOKS: dict[AttackVerdict, tuple[str, str, str, Tone]] = {
    AttackVerdict.HELD: ("✓", "held", "good", "good"),
    AttackVerdict.BROKEN: ("✗", "BROKEN", "bad", "bad"),
    AttackVerdict.NOT_APPLICABLE: ("·", "n/a", "text-dim", "info"),
}


@dataclass
class BenchState:
    """Attacks are rows, designs are columns. The designs are attacked one after another, in order."""

    designs: Sequence[Scenario]
    attacks: Sequence[Attack] = ATTACKS
    #: (design, attack) by name -> result.
    results: dict[tuple[str, str], AttackResult] = field(default_factory=dict)
    #: The design under attack.
    current: str | None = None
    #: Design -> why it could not be attacked.
    problems: dict[str, str] = field(default_factory=dict)
    running: bool = False
    #: Why the attacks ended early.
    ended: str = ""

    def add_result(self, result: AttackResult) -> None:
        """An attack is over."""
        self.results[result.scenario, result.attack.name] = result
        self.current = result.scenario

    def get(self, row: int, column: int) -> AttackResult | None:
        """The result of an attack on a design, None if it was not run."""
        return self.results.get((self.designs[column].name, self.attacks[row].name))

    @property
    def done(self) -> int:
        return len(self.results)

    @property
    def total(self) -> int:
        return len(self.designs) * len(self.attacks)

    def running_at(self) -> tuple[int, int] | None:
        """Row and column of the attack that runs now."""
        names = [design.name for design in self.designs]
        if not self.running or not names:
            return None
        column = 0 if self.current is None else names.index(self.current)
        if self._complete(names[column]):
            column += 1
        return (len(self._of(names[column])), column) if column < len(names) else None

    def _of(self, name: str) -> list[AttackResult]:
        return [result for (design, _), result in self.results.items() if design == name]

    def _complete(self, name: str) -> bool:
        return len(self._of(name)) == len(self.attacks)

    def words(self, row: int, column: int) -> tuple[str, str]:
        """A cell's text and colour."""
        result = self.get(row, column)
        if result is not None:
            glyph, word, tone, _ = _LOOKS[result.verdict]
            return f"{glyph} {word}", tone
        if self.designs[column].name in self.problems:
            return "! not run", "warn"
        return ("… running", "warn") if self.running_at() == (row, column) else ("", "text-dim")

    def total_words(self, column: int) -> tuple[str, str]:
        """The total below a column: how many attacks broke the design; `…` while some are not run yet."""
        name = self.designs[column].name
        if name in self.problems:
            return "! not run", "warn"
        results = self._of(name)
        if not results:
            return "", "text-dim"
        broken = count_verdicts(results)[AttackVerdict.BROKEN]
        more = "" if self._complete(name) else "…"
        return f"{broken} broken{more}", "bad" if broken else "good"

    def verdict(self, row: int, column: int) -> Verdict:
        """The full text for an attack on a design."""
        if not self.designs:
            return Verdict("warn", "NOT RUN", self.ended)
        why, result = self._why(row, column), self.get(row, column)
        if result is not None:
            _, word, _, tone = _LOOKS[result.verdict]
            return Verdict(tone, word.upper(), why)
        if self.running:
            return Verdict("info", "RUNNING", why)
        return Verdict("warn", "NOT RUN", f"{self.ended} {why}".strip())

    def _why(self, row: int, column: int) -> str:
        attack, design = self.attacks[row], self.designs[column]
        result = self.get(row, column)
        what = f"{attack.title} against {visible(design.title, 60)}: the attacker {attack.about}."
        if result is not None:
            return f"{what} {sentence(visible(result.why, 200))}"
        if design.name in self.problems:
            return visible(self.problems[design.name], 300)
        if self.running_at() == (row, column):
            return f"{what} Running now."
        return f"{what} {'Not run yet.' if self.running else 'Not run.'}"
