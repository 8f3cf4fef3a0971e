"""`wsplay show RUNFILE`: a run that was kept, as `wsplay run` printed it."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from wsplay.cli.errors import COULD_NOT_RUN, OK, CouldNotRun, NotFound
from wsplay.cli.filtering import Filtered
from wsplay.cli.running import diagnosis_lines, say_event
from wsplay.cli.terminal import complain, paint, say
from wsplay.events.lenient import number, table, text
from wsplay.events.safe_text import visible, visible_lines
from wsplay.export.event_filter import Filter
from wsplay.export.jsonl import json_line
from wsplay.export.run_file import RunFile, name_of, read_run_file, recorded_at
from wsplay.files.small_file import NotReadable
from wsplay.verdict.diagnosis import told_by


def open_run(path: Path) -> RunFile:
    """Read a run file, and say what is wrong with it.

    Raises `NotFound`, or `CouldNotRun` if nothing in it is whole.
    """
    try:
        run = read_run_file(path)
    except FileNotFoundError:
        raise NotFound(f"no file {path}") from None
    except NotReadable as error:
        raise CouldNotRun(f"{path} {error}") from error
    for problem in run.problems:
        complain(problem)
    if run.events_left_out:
        complain(f"{run.name}: {run.events_left_out:,} more events are not shown")
    if run.empty:
        raise CouldNotRun(f"{path} has no run in it; `wsplay run SCENARIO --save FILE` writes one")
    return run


def show_run(path: Path, wanted: Filter, *, only_source: bool, as_json: bool, verbose: bool) -> int:
    """Print a kept run; return the exit code."""
    run = open_run(path)
    if only_source:
        return _say_source(run)
    conns = {event.conn for event in run.events if event.conn is not None}
    events = Filtered(wanted, partial(say_event, as_json=as_json, verbose=verbose, numbered=len(conns) > 1))
    if not as_json:
        for line in title_lines(run):
            say(line)
    for event in run.events:
        events.see(event, 0)
    for outcome in run.outcomes:
        if as_json:
            say(json_line(outcome))
            continue
        events.say_hidden()
        say()
        conn = number(outcome, "conn", 10**9)
        for line in diagnosis_lines(told_by(outcome), f"#{conn} " if len(conns) > 1 and conn else ""):
            say(line)
        if outcome.get("expected") is not None:
            good = outcome["expected"] is True
            say(paint("✓ as expected" if good else "✗ not as expected", "good" if good else "bad"))
    if run.cut and run.header and not as_json:
        say(paint("the file ends here: the run was cut short", "warn"))
    return OK


def title_lines(run: RunFile) -> list[str]:
    """What the run is, and that it is a recording."""
    header = run.header
    versions = table(header, "versions")
    engine = text(header, "engine")
    version = text(versions, "uvicorn") if engine.startswith("uvicorn") else ""
    what = paint(name_of(header), "strong") + paint(f"  {visible(f'{engine} {version}'.strip(), 80)}", "dim")
    lines = [f"{paint('RECORDED', 'warn')} {recorded_at(header)}  {what}"]
    if header.get("edited") is True:
        lines.append(paint("the code was edited: it is not the scenario's own", "warn"))
    if header.get("redacted") is True:
        lines.append(paint("secrets are redacted", "dim"))
    return lines


def _say_source(run: RunFile) -> int:
    source = table(run.header, "source")
    if not isinstance(source.get("text"), str):
        complain(f"{run.name} has no source in it")
        return COULD_NOT_RUN
    say(visible_lines(text(source, "text")), end="")
    return OK
