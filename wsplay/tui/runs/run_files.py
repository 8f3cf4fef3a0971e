"""Writes a kept run to a run file, and reads one; for a thread of its own."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from wsplay.events.event import Event
from wsplay.events.lenient import text
from wsplay.export.run_file import SUFFIX, read_run_file
from wsplay.export.run_writer import RunWriter
from wsplay.export.secrets import Secrets
from wsplay.files.small_file import NotReadable
from wsplay.play.recording import secrets_of
from wsplay.scenario.published import is_bundled
from wsplay.tui.runs.kept_run import KeptRun
from wsplay.verdict.outcome import PENDING


class NoRun(Exception):
    """There is no run to open. The message says why, in one line."""


class ToWrite(NamedTuple):
    """A run as it is at one moment: it may go on while it is written."""

    kept: KeptRun
    header: Mapping[str, Any]
    events: Sequence[Event]
    outcome: Mapping[str, Any] | None


def to_write(kept: KeptRun) -> ToWrite:
    """The run as it is now."""
    return ToWrite(kept, kept.named_header, kept.timeline[:], kept.outcome)


def write_run(run: ToWrite, path: Path, *, keep_secrets: bool, force: bool) -> int:
    """Write it to a new file, or with `force` over one that is there; returns how many events it has. A run
    that has not ended is written without an end. Raises `NotWritten`.
    """
    start_ns = run.kept.timeline.start_ns
    redacted = run.header.get("redacted") is True
    secrets = None if keep_secrets and not redacted else _secrets(run.kept)
    whole = run.outcome is not None and text(run.outcome, "ended") != PENDING and not run.kept.cut
    writer = RunWriter(path, run.header, secrets, force=force)
    try:
        for event in run.events:
            writer.add_event(event, start_ns)
        if run.outcome is not None:
            writer.add_outcome(run.outcome)
    except BaseException:
        writer.close(whole=False)
        raise
    writer.close(whole=whole)
    return writer.events


def _secrets(kept: KeptRun) -> Secrets:
    """The secrets of the run. What stands in a bundled scenario is none, but what a user wrote into it is."""
    scenario = kept.scenario
    if scenario is None:
        return Secrets()
    if kept.edited and is_bundled(scenario):
        try:
            scenario = replace(scenario, source=Path(scenario.file).read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError):
            scenario = replace(scenario, source="")
    return secrets_of(scenario, kept.minted)


def open_run_file(path: Path) -> KeptRun:
    """Read a run file. Raises `NoRun` if nothing in it is whole."""
    try:
        run = read_run_file(path)
    except FileNotFoundError:
        raise NoRun(f"no file {path}") from None
    except NotReadable as error:
        raise NoRun(f"{path} {error}") from None
    if run.empty:
        raise NoRun(f"{path} has no run in it")
    return KeptRun.from_file(run, path)


def file_name(kept: KeptRun) -> str:
    """A name for its file: of letters that every system takes."""
    name = kept.name.replace(" @ ", "-")
    return (re.sub(r"[^\w.-]+", "_", name).strip("._-")[:80] or "run") + SUFFIX
