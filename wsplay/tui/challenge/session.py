"""One session at a challenge: the answers, and which results may be shown. No widget, no IO.

The result of a choice is its `ChoiceResult`. It is hidden until the choice was answered, or all results are
shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from wsplay.challenge.catalogue import Item
from wsplay.challenge.result import ChoiceResult
from wsplay.scenario.challenge_table import Challenge


class Stage(StrEnum):
    """The state of a session."""

    ASKING = "asking"
    RUNNING = "running"
    REFUTED = "refuted"  # the answer was wrong; the results of the other choices stay hidden
    DONE = "done"


@dataclass
class ChallengeSession:
    """One session. `answer` is the place of the last answer, from 0; None if all results were requested."""

    item: Item
    stage: Stage = Stage.ASKING
    answer: int | None = None
    #: The places answered so far, in order.
    tried: list[int] = field(default_factory=list)
    results: dict[int, ChoiceResult] = field(default_factory=dict)
    hint: bool = False
    solved: bool = False

    @property
    def challenge(self) -> Challenge:
        return self.item.challenge

    @property
    def graded(self) -> bool:
        """Whether every choice has been run."""
        return len(self.results) == len(self.challenge.choices)

    @property
    def open(self) -> bool:
        """Whether an answer can be given."""
        return self.stage in (Stage.ASKING, Stage.REFUTED)

    def result(self, place: int) -> ChoiceResult | None:
        """The result of the choice at `place`, None while it is hidden."""
        known = self.tried
        if self.stage is Stage.RUNNING and self.answer is not None:
            known = self.tried[:-1]  # this one is being run
        return self.results.get(place) if self.stage is Stage.DONE or place in known else None

    def begin(self, answer: int | None) -> bool:
        """Answer with the choice at that place; None asks for all results. False if neither is possible."""
        if not self.open or answer in self.tried:
            return False
        self.answer = answer
        if answer is not None:
            self.tried.append(answer)
        self.stage = Stage.RUNNING
        return True

    def withdraw(self) -> None:
        """Take the answer back, because its run did not finish."""
        if self.stage is Stage.RUNNING:
            if self.answer is not None:
                self.tried.remove(self.answer)
            self.answer = self.tried[-1] if self.tried else None
            self.stage = Stage.REFUTED if self.tried else Stage.ASKING

    def finish(self, results: Sequence[ChoiceResult] | None = None) -> bool | None:
        """Every choice has been run; `results` are in the order of the choices, None if they are known.
        Returns whether the answer was confirmed, None if all results were requested.
        """
        if results is not None:
            self.results = dict(enumerate(results))
        if self.answer is None:
            self.stage = Stage.DONE
            return None
        self.solved = self.results[self.answer].confirmed
        self.stage = Stage.DONE if self.solved else Stage.REFUTED
        return self.solved
