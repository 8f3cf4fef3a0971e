"""One sitting at a challenge: what was answered, what may be shown of it, and the clock. No widget, no IO.

What a choice came to is in its `Mark`, made from the run that graded it. A mark is kept from the learner
until the choice was answered, or all are to be seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from wsplay.challenge.catalogue import Item
from wsplay.challenge.result import ChoiceResult
from wsplay.scenario.challenge_table import Challenge

if TYPE_CHECKING:
    pass


# -- what a run said of a choice


# -- the sitting


class Stage(StrEnum):
    """Where a sitting stands."""

    ASKING = "asking"
    RUNNING = "running"
    REFUTED = "refuted"  # the answer was wrong; the other choices keep their secret
    DONE = "done"


@dataclass
class ChallengeSession:
    """One sitting. `answer` is the place of the last answer, None where all were asked to be seen."""

    item: Item
    stage: Stage = Stage.ASKING
    answer: int | None = None
    tried: list[int] = field(default_factory=list)
    marks: dict[int, ChoiceResult] = field(default_factory=dict)
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

    def mark(self, place: int) -> ChoiceResult | None:
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

    def finish(self, marks: Sequence[ChoiceResult] | None = None) -> bool | None:
        """The runs are over. Returns whether the answer was borne out, None where there was none."""
        if marks is not None:
            self.marks = dict(enumerate(marks))
        if self.answer is None:
            self.stage = Stage.DONE
            return None
        self.solved = self.marks[self.answer].confirmed
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
