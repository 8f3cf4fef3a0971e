"""A learner's progress: attempts, solved challenges, streak, badges. Pure; `progress_file.py` stores it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

VERSION = 1
#: The highest count that is read; a higher one was never counted.
MAX_COUNT = 10**9


@dataclass(frozen=True, slots=True)
class Record:
    """One challenge's record. `first_try` is true if the run confirmed the first answer."""

    attempts: int = 0
    solved: bool = False
    first_try: bool = False
    hints: int = 0


@dataclass(frozen=True, slots=True)
class Progress:
    """All records by scenario name. `streak` counts confirmed answers in a row, `best_streak` the maximum."""

    records: Mapping[str, Record] = field(default_factory=dict)
    streak: int = 0
    best_streak: int = 0

    def answered(self, name: str, confirmed: bool) -> Progress:
        """The progress after one more answer."""
        old = self.records.get(name, Record())
        record = replace(
            old,
            attempts=old.attempts + 1,
            solved=old.solved or confirmed,
            first_try=confirmed if old.attempts == 0 else old.first_try,
        )
        streak = self.streak + 1 if confirmed else 0
        return Progress({**self.records, name: record}, streak, max(streak, self.best_streak))

    def hinted(self, name: str) -> Progress:
        """The progress after a hint was shown."""
        old = self.records.get(name, Record())
        return replace(self, records={**self.records, name: replace(old, hints=old.hints + 1)})

    def solved(self, names: Sequence[str]) -> int:
        """How many of these challenges are solved."""
        return sum(1 for name in names if name in self.records and self.records[name].solved)

    def badges(self, groups: Mapping[str, Sequence[str]]) -> list[str]:
        """The groups in which every challenge is solved. Empty groups do not count."""
        return [group for group, names in groups.items() if names and self.solved(names) == len(names)]

    def to_json(self) -> dict[str, Any]:
        return {
            "version": VERSION,
            "streak": self.streak,
            "best_streak": self.best_streak,
            "records": {name: asdict(record) for name, record in self.records.items()},
        }

    def merged_into(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """The JSON `given`, as `from_json` reads it, with this progress in place of the progress it holds.

        All else is kept: keys that this version does not know, and values of theirs that have not changed.
        """
        if not given:
            return self.to_json()
        before, now = Progress.from_json(given), self.to_json()
        known = before.to_json()
        merged = {**given, **{key: now[key] for key in ("streak", "best_streak") if now[key] != known[key]}}
        old = given.get("records")
        records: dict[str, Any] = dict(old) if isinstance(old, dict) else {}
        for name in before.records.keys() - self.records.keys():
            del records[name]
        for name, record in now["records"].items():
            was = known["records"].get(name, {})
            changed = {key: value for key, value in record.items() if key not in was or was[key] != value}
            if name not in before.records:
                records[name] = record
            elif changed:
                records[name] = {**records[name], **changed}
        return {"version": VERSION, **merged, "records": records}

    @classmethod
    def from_json(cls, data: object) -> Progress:
        """Read what `to_json` wrote; anything else counts as missing. Never raises."""
        if not isinstance(data, dict):
            return cls()
        records: dict[str, Record] = {}
        given = data.get("records")
        for name, item in given.items() if isinstance(given, dict) else ():
            if isinstance(name, str) and isinstance(item, dict):
                records[name] = Record(
                    attempts=_count(item, "attempts"),
                    solved=item.get("solved") is True,
                    first_try=item.get("first_try") is True,
                    hints=_count(item, "hints"),
                )
        streak = _count(data, "streak")
        return cls(records, streak, max(streak, _count(data, "best_streak")))


def _count(item: Mapping[str, Any], key: str) -> int:
    value = item.get(key)
    return value if type(value) is int and 0 <= value <= MAX_COUNT else 0


#: The group of the five seed problems, which has its own badge.
SEED_GROUP = "the first five"


def groups_of(challenges: Iterable[tuple[str, str, int | None]]) -> dict[str, list[str]]:
    """Challenges `(name, group, seed)` by group, with the seed problems as an additional first group."""
    first: list[tuple[int, str]] = []
    groups: dict[str, list[str]] = {}
    for name, group, seed in challenges:
        groups.setdefault(group or "other", []).append(name)
        if seed is not None:
            first.append((seed, name))
    return {SEED_GROUP: [name for _, name in sorted(first)], **groups} if first else groups
