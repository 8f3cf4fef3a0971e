"""One sitting at a challenge: what was answered, what may be shown of it, and the clock. No widget, no IO.

What a choice came to is in its `Mark`, made from the run that graded it. A mark is kept from the learner
until the choice was answered, or all are to be seen.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from wsplay.model.challenge import Challenge, ChallengeError, parse_challenge
from wsplay.model.evidence import evidence
from wsplay.model.printable import visible
from wsplay.model.progress import groups_of
from wsplay.model.scenario import Scenario
from wsplay.model.timeline import Timeline

if TYPE_CHECKING:
    from wsplay.bench import Cell, DesignGrade
    from wsplay.grading import Graded

#: Observers as a column names them.
OBSERVER_WORDS = {"wire": "wire", "browser": "browser (by rule)", "testclient": "TestClient"}


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
    """Every challenge there is: the seed problems first, then by group; and what is wrong with the rest."""

    items: tuple[Item, ...]
    groups: dict[str, list[str]]
    problems: tuple[tuple[str, str], ...] = ()

    @property
    def names(self) -> list[str]:
        return [item.name for item in self.items]

    def get(self, name: str) -> Item | None:
        return next((item for item in self.items if item.name == name), None)

    def after(self, name: str, by: int) -> Item | None:
        """The challenge `by` places after `name`, going round; None where there is no other."""
        names = self.names
        if not names or names == [name]:
            return None
        at = names.index(name) if name in names else -by
        return self.items[(at + by) % len(names)]


def read_catalogue(scenarios: Iterable[Scenario]) -> Catalogue:
    """The challenges of these scenarios. A wrong one is told of in `problems` and takes nothing else down."""
    found: list[Item] = []
    problems: list[tuple[str, str]] = []
    for scenario in scenarios:
        if scenario.problem is not None:
            continue
        try:
            challenge = parse_challenge(scenario)
        except ChallengeError as error:
            problems.append((scenario.name, str(error)))
            continue
        if challenge is not None:
            found.append(Item(scenario, challenge))
    groups = groups_of((item.name, item.scenario.group, item.challenge.seed) for item in found)
    seeds = sorted((item for item in found if item.challenge.seed is not None), key=_seed)
    place = {group: number for number, group in enumerate(groups)}
    rest = [item for item in found if item.challenge.seed is None]
    rest.sort(key=lambda item: place[item.scenario.group or "other"])
    return Catalogue((*seeds, *rest), groups, tuple(problems))


def _seed(item: Item) -> int:
    return item.challenge.seed or 0


# -- what a run said of a choice


@dataclass(frozen=True, slots=True)
class Seen:
    """One thing a choice claimed and what was observed; `events` are the `seq` it is read from."""

    key: str
    claimed: str
    observed: str
    ok: bool
    events: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Mark:
    """What came of one choice. `timeline` is the run that graded it, or `cells` the attacks that did."""

    borne_out: bool
    headline: str
    checks: tuple[Seen, ...]
    attempt: str = ""
    patched: bool = False
    observers: tuple[tuple[str, bool], ...] = ()
    timeline: Timeline | None = None
    cells: tuple[Cell, ...] = ()

    @property
    def evidence(self) -> tuple[int, ...]:
        """The events that decide, the decisive ones first: of a refuted choice those of what failed."""
        decisive = [check for check in self.checks if check.ok == self.borne_out]
        rest = [check for check in self.checks if check.ok != self.borne_out]
        return tuple(dict.fromkeys(seq for check in (*decisive, *rest) for seq in check.events))


def mark_of(graded: Graded) -> Mark:
    """The mark of a choice graded by a run of its own or a shared one."""
    run = graded.run
    return Mark(
        borne_out=graded.borne_out,
        headline=run.diagnosis.headline,
        checks=tuple(
            Seen(
                check.key,
                check.expected,
                check.observed,
                check.ok,
                evidence([check.key], run.timeline, run.outcome.conn),
            )
            for check in graded.grade.checks
        ),
        attempt=run.attempt.name or "",
        patched=bool(graded.choice.patch),
        observers=tuple(
            (OBSERVER_WORDS.get(name, name), grade.borne_out) for name, grade in graded.observed.items()
        ),
        timeline=run.timeline,
    )


def mark_of_design(graded: DesignGrade) -> Mark:
    """The mark of a choice judged by the attack bench; its checks are the attacks that broke it."""
    return Mark(
        borne_out=graded.borne_out,
        headline=f"{graded.broken} of {len(graded.cells)} attacks broke it",
        checks=tuple(
            Seen(cell.attack.title, "held", f"BROKEN, {cell.why}", False)
            for cell in graded.cells
            if cell.verdict == "broken"
        ),
        cells=graded.cells,
    )


# -- the sitting


class Stage(StrEnum):
    """Where a sitting stands."""

    ASKING = "asking"
    RUNNING = "running"
    REFUTED = "refuted"  # the answer was wrong; the other choices keep their secret
    DONE = "done"


@dataclass
class Game:
    """One sitting. `answer` is the place of the last answer, None where all were asked to be seen."""

    item: Item
    stage: Stage = Stage.ASKING
    answer: int | None = None
    tried: list[int] = field(default_factory=list)
    marks: dict[int, Mark] = field(default_factory=dict)
    hint: bool = False
    solved: bool = False

    @property
    def challenge(self) -> Challenge:
        return self.item.challenge

    @property
    def graded(self) -> bool:
        """Whether every choice has been run."""
        return len(self.marks) == len(self.challenge.choices)

    @property
    def open(self) -> bool:
        """Whether an answer can be given."""
        return self.stage in (Stage.ASKING, Stage.REFUTED)

    def mark(self, place: int) -> Mark | None:
        """The mark of a choice as far as it may be shown."""
        known = self.tried
        if self.stage is Stage.RUNNING and self.answer is not None:
            known = self.tried[:-1]  # this one is being run
        return self.marks.get(place) if self.stage is Stage.DONE or place in known else None

    def begin(self, answer: int | None) -> bool:
        """Take an answer, or the wish to see all. False where that makes no sense now."""
        if not self.open or answer in self.tried:
            return False
        self.answer = answer
        if answer is not None:
            self.tried.append(answer)
        self.stage = Stage.RUNNING
        return True

    def give_back(self) -> None:
        """The run did not come to its end: the answer was none."""
        if self.stage is Stage.RUNNING:
            if self.answer is not None:
                self.tried.remove(self.answer)
            self.answer = self.tried[-1] if self.tried else None
            self.stage = Stage.REFUTED if self.tried else Stage.ASKING

    def finish(self, marks: Sequence[Mark] | None = None) -> bool | None:
        """The runs are over. Returns whether the answer was borne out, None where there was none."""
        if marks is not None:
            self.marks = dict(enumerate(marks))
        if self.answer is None:
            self.stage = Stage.DONE
            return None
        self.solved = self.marks[self.answer].borne_out
        self.stage = Stage.DONE if self.solved else Stage.REFUTED
        return self.solved


# -- the clock


@dataclass
class Clock:
    """Counts down from the suggested time, and on; a suggestion is no limit. Times are monotonic seconds."""

    seconds: int
    used: float = 0.0
    since: float | None = None
    shown: bool = True

    def start(self, now: float) -> None:
        """Go on."""
        if self.since is None:
            self.since = now

    def stop(self, now: float) -> None:
        """Stand still: a run is no time to think."""
        if self.since is not None:
            self.used += now - self.since
            self.since = None

    def left(self, now: float) -> float:
        """Seconds left; below zero once the time is over."""
        return self.seconds - self.used - (0.0 if self.since is None else now - self.since)

    def words(self, now: float) -> str:
        """`1:43 left`, or `time is up +0:12`: it goes on all the same."""
        if not self.shown:
            return "clock off"
        left = self.left(now)
        if left > 0:
            return f"{minutes(int(left + 0.999))} left"
        return f"time is up +{minutes(int(-left))}"


def minutes(seconds: int) -> str:
    """`2:00`."""
    return f"{seconds // 60}:{seconds % 60:02}"


def as_plain(markdown: str) -> str:
    """An explanation as one flow of text, without the stars of its emphasis."""
    return " ".join(markdown.replace("**", "").replace("__", "").split())
