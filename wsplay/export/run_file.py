"""A run file: JSON lines with a header, the events, an outcome for each client, and an end.

docs/run-file.md is the reference. What `wsplay run --json` and `wsplay serve --json` print can be read too:
it has no header. Reading never raises for what is in the file: the lines that are whole are kept, and each of
the others is a problem with its number.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, Final

from wsplay.events.event import Event
from wsplay.events.from_json import DEPTH, NotAnEvent, event_from_json, is_deeper
from wsplay.events.lenient import number, table, text
from wsplay.events.safe_text import visible
from wsplay.events.timeline import Timeline
from wsplay.files.small_file import open_regular_file

#: How the name of a run file ends.
SUFFIX: Final = ".jsonl"
#: The version of the form that is written.
VERSION: Final = 1
#: Bytes of a line, bytes of a file, and events that are read; further events are counted.
LINE_LIMIT, FILE_LIMIT, EVENT_LIMIT = 4 * 1024**2, 256 * 1024**2, 200_000
#: Problems that are named; further ones are counted.
PROBLEMS: Final = 20
#: Outcomes, and lines of a kind that this version does not know, that are kept.
KEPT: Final = 1_000


@dataclass(slots=True)
class RunFile:
    """A run that was kept. `name` is how problems call the file.

    `header` is empty if there was none. `standing` are events from before the run that still apply to it.
    `events` have the numbers that they have in the file. `problems` are lines like "FILE:LINE: what". `cut`
    says that the end is missing: it was still being written, or was cut short.
    """

    name: str
    header: Mapping[str, Any] = field(default_factory=dict)
    standing: list[Event] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    outcomes: list[Mapping[str, Any]] = field(default_factory=list)
    unknown: list[Mapping[str, Any]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    cut: bool = False
    events_left_out: int = 0

    @property
    def empty(self) -> bool:
        """Whether nothing in the file was whole."""
        return not (self.header or self.events or self.outcomes)

    @property
    def outcome(self) -> Mapping[str, Any] | None:
        """The run's outcome: the last one; None if there is none."""
        return self.outcomes[-1] if self.outcomes else None

    def timeline(self) -> Timeline:
        """The events as a timeline. If some are missing in the file, the numbers are others than there."""
        timeline = Timeline(0, max_events=EVENT_LIMIT, max_payload=2 * FILE_LIMIT)
        for event in self.events:
            timeline.add(event.numbered(0))
        return timeline


def read_run_file(path: Path) -> RunFile:
    """Read a run file, within limits. Raises `NotReadable`, or `FileNotFoundError` if there is none."""
    with open_regular_file(path) as file:
        return read_run(_lines(file), str(path))


def read_run(lines: Iterable[bytes], name: str) -> RunFile:
    """Read the lines of a run file. `name` is how problems call it. Never raises."""
    reader = _Reader(RunFile(visible(name, 200)))
    for line in lines:
        if not reader.read(line):
            break
    return reader.finish()


class _Reader:
    def __init__(self, run: RunFile) -> None:
        self.run = run
        self._number = self._size = self._more_problems = 0
        self._ended = False
        self._last_seq = 0

    def read(self, line: bytes) -> bool:
        """Take one line, with its line feed; return whether to go on."""
        self._number += 1
        self._size += len(line)
        if self._size > FILE_LIMIT:
            self._problem(f"the file is larger than {FILE_LIMIT // 1024**2} MiB; the rest is not read")
            self.run.cut = self._ended = True
            return False
        if len(line) > LINE_LIMIT:
            self._problem(f"the line is longer than {LINE_LIMIT // 1024**2} MiB")
            return True
        if not line.strip():
            return True
        value = self._parse(line)
        if value is not None:
            self._use(value)
        return True

    def finish(self) -> RunFile:
        run = self.run
        if not self._ended:
            run.cut = True
        if self._more_problems:
            run.problems.append(f"{run.name}: {self._more_problems:,} more problems")
        return run

    def _parse(self, line: bytes) -> Mapping[str, Any] | None:
        try:
            value = json.loads(
                line.decode("utf-8-sig" if self._number == 1 else "utf-8"), parse_constant=_none
            )
        except UnicodeDecodeError:
            self._problem("not UTF-8")
        except RecursionError:
            self._problem(f"nested more than {DEPTH} deep")
        except ValueError as error:
            what = error.msg if isinstance(error, json.JSONDecodeError) else "a number that is too long"
            cut = "" if line.endswith(b"\n") else "; the line is cut short"
            self._problem(f"not JSON: {what}{cut}")
        else:
            if isinstance(value, dict):
                return value
            self._problem("not a JSON object")
        return None

    def _use(self, value: Mapping[str, Any]) -> None:
        run = self.run
        kind = text(value, "kind")
        if "lane" in value:
            self._event(value)
        elif is_deeper(value, DEPTH):
            self._problem(f"nested more than {DEPTH} deep")
        elif kind == "run":
            self._header(value)
        elif kind == "outcome":
            if len(run.outcomes) < KEPT:
                run.outcomes.append(value)
        elif kind == "end":
            self._end(value)
        elif len(run.unknown) < KEPT:
            run.unknown.append(value)

    def _header(self, value: Mapping[str, Any]) -> None:
        run = self.run
        if run.header:
            self._problem("a second header: one file has one run")
            return
        run.header = value
        version = number(value, "v", 10**6)
        if version is None or version > VERSION:
            self._problem(
                f"version {'unknown' if version is None else version} of the form; "
                f"this wsplay knows {VERSION} and reads what it can"
            )
        standing = value.get("standing")
        for each in standing[:100] if isinstance(standing, list) else ():
            try:
                run.standing.append(event_from_json(each if isinstance(each, dict) else {}))
            except NotAnEvent as error:
                self._problem(f"`standing`: {error}")

    def _event(self, value: Mapping[str, Any]) -> None:
        run = self.run
        if len(run.events) >= EVENT_LIMIT:
            run.events_left_out += 1
            return
        try:
            event = event_from_json(value)
        except NotAnEvent as error:
            self._problem(str(error))
            return
        run.events.append(event)

    def _end(self, value: Mapping[str, Any]) -> None:
        self._ended = True
        said = number(value, "events", 2**53)
        there = len(self.run.events) + self.run.events_left_out
        if said is not None and said != there:
            self._problem(f"the file says that it has {said:,} events, and has {there:,}")

    def _problem(self, what: str) -> None:
        if len(self.run.problems) < PROBLEMS:
            self.run.problems.append(f"{self.run.name}:{self._number}: {what}")
        else:
            self._more_problems += 1


def _none(constant: str) -> None:
    """NaN and Infinity are no JSON."""


def _lines(file: BinaryIO) -> Iterator[bytes]:
    """The lines of a file. Of one that is too long, one byte more than the limit is there."""
    while line := file.readline(LINE_LIMIT + 1):
        yield line
        while len(line) > LINE_LIMIT and not line.endswith(b"\n"):
            line = file.readline(LINE_LIMIT + 1)
            if not line:
                return


def name_of(header: Mapping[str, Any]) -> str:
    """What the run is called: its name, else its target and try."""
    name = text(header, "name")
    if name:
        return visible(name, 200)
    target, try_ = text(header, "target"), text(header, "try")
    return visible(f"{target} @ {try_}" if target and try_ else target or "a run", 200)


def recorded_at(header: Mapping[str, Any]) -> str:
    """When the run was recorded, such as "2026-11-30 22:02 UTC"; "at an unknown time" if nothing says so."""
    started = text(header, "started")
    try:
        time = datetime.fromisoformat(started)
    except ValueError:
        return visible(started, 40) or "at an unknown time"
    return f"{time:%Y-%m-%d %H:%M} {'' if time.tzinfo is None else time.tzname()}".rstrip()


def source_text(header: Mapping[str, Any], file: str) -> str | None:
    """The text of a file of the user's, as the run kept it; None if it did not."""
    others = header.get("sources")
    for each in (table(header, "source"), *(others[:1_000] if isinstance(others, list) else ())):
        if isinstance(each, dict) and text(each, "file") == file and isinstance(each.get("text"), str):
            return text(each, "text")
    return None
