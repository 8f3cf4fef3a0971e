"""One run that is kept: what was asked for, its events, and what they came to. No widget, no clock, no IO."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from wsplay.events.event import Event
from wsplay.events.lenient import table, text
from wsplay.events.timeline import Timeline
from wsplay.scenario.file import Scenario

if TYPE_CHECKING:
    from wsplay.export.run_file import RunFile
    from wsplay.verdict.compare import Side

#: About how many bytes an event takes besides its payload.
EVENT_BYTES: Final = 1_000
#: Characters of a name.
NAME_LIMIT: Final = 200


@dataclass(eq=False, slots=True)
class KeptRun:
    """A run of this session, or one that was opened from a file.

    `header` is as in a run file. `timeline` has the events: the newest run is still growing. `file` is where
    it was opened from, empty for a run of this session. `scenario` and `minted` tell which values are no
    secrets; the scenario is None for a run from a file, whose secrets nobody knows any more.
    """

    header: Mapping[str, Any]
    timeline: Timeline
    outcome_now: Callable[[], Mapping[str, Any] | None]
    file: str = ""
    scenario: Scenario | None = None
    minted: Set[str] = frozenset()
    standing: Sequence[Event] = ()
    #: What is wrong with its file, a line each.
    problems: Sequence[str] = ()
    cut: bool = False  # its file has no end
    given_name: str = ""
    _text_bytes: int = field(default=-1, init=False)

    @classmethod
    def from_file(cls, run: RunFile, path: Path) -> KeptRun:
        """A run that was read from a file."""
        problems = list(run.problems)
        if run.events_left_out:
            problems.append(f"{run.name}: {run.events_left_out:,} more events are not shown")
        outcome = run.outcome
        return cls(
            run.header,
            run.timeline(),
            lambda: outcome,
            file=str(path),
            standing=tuple(run.standing),
            problems=tuple(problems),
            cut=run.cut and bool(run.header),
        )

    @property
    def name(self) -> str:
        """What the user called it, else what ran."""
        from wsplay.export.run_file import name_of  # later than the first paint

        if self.given_name:
            return self.given_name
        return name_of(self.header) if self.header or not self.file else Path(self.file).name

    @property
    def named_header(self) -> dict[str, Any]:
        """The header, with the name that the user gave the run."""
        return {**self.header, "name": self.name}

    @property
    def from_disk(self) -> bool:
        """Whether it was opened from a file."""
        return bool(self.file)

    @property
    def outcome(self) -> Mapping[str, Any] | None:
        """The JSON form of what it came to: of a run that goes on, so far."""
        return self.outcome_now()

    @property
    def side(self) -> Side:
        """The run as `verdict.compare` takes it."""
        from wsplay.verdict.compare import Side

        timeline = self.timeline
        return Side(self.named_header, timeline[:], self.outcome, timeline.start_ns)

    @property
    def engine(self) -> str:
        """The ASGI server's name."""
        return text(self.header, "engine")

    @property
    def edited(self) -> bool:
        """Whether its code was edited."""
        return self.header.get("edited") is True

    @property
    def source(self) -> tuple[str, str]:
        """The name of the scenario's file and its text, as it ran; empty if the run has none."""
        source = table(self.header, "source")
        return text(source, "file"), text(source, "text")

    @property
    def bytes(self) -> int:
        """About how much memory it takes."""
        if self._text_bytes < 0:
            self._text_bytes = characters(self.header)
        return self._text_bytes + self.timeline.weight + EVENT_BYTES * len(self.timeline)


def characters(value: object) -> int:
    """The characters of all texts in a JSON value."""
    found, rest = 0, [value]
    while rest:
        match rest.pop():
            case str() as each:
                found += len(each)
            case Mapping() as each:
                rest += each.keys()
                rest += each.values()
            case list() | tuple() as each:
                rest += each
    return found
