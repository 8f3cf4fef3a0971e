"""The lines of the list of runs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from textual.content import Content

from wsplay.events.lenient import text
from wsplay.events.safe_text import visible
from wsplay.export.run_file import recorded_at
from wsplay.tui.kit.styled_lines import fit
from wsplay.tui.kit.verdict import GLYPHS, Tone, Verdict
from wsplay.tui.kit.wording import sentence
from wsplay.tui.runs.kept_run import KeptRun
from wsplay.verdict.diagnosis import told_by
from wsplay.verdict.outcome import PENDING

#: Cells of the columns: when, engine, events; and, on a narrow and on a wide screen, name and outcome.
WHEN, ENGINE, EVENTS = 8, 22, 6
NARROW_COLUMNS, WIDE_COLUMNS = (26, 15), (40, 22)
RECORDED = "RECORDED"


def header_line(*, wide: bool) -> str:
    """The names of the columns."""
    name, outcome = WIDE_COLUMNS if wide else NARROW_COLUMNS
    engine = f"  {'engine':<{ENGINE}}" if wide else ""
    return f"{'UTC':<{WHEN}}  {'run':<{name}}{engine}  {'outcome':<{outcome}}  {'events':>{EVENTS}}"


def run_line(kept: KeptRun, *, live: bool, wide: bool, marked: bool = False) -> Content:
    """One run: when, what, on which engine, what it came to, and how many events it has."""
    verdict = verdict_of(kept)
    name, outcome = WIDE_COLUMNS if wide else NARROW_COLUMNS
    told = fit(f"{GLYPHS[verdict.tone]} {verdict.headline}", outcome)
    marks = [RECORDED] if kept.from_disk else ["on screen"] if live else []
    marks += ["edited"] if kept.edited else []
    marks = ["◆ marked", *marks] if marked else marks
    return Content.assemble(
        (f"{when(kept.header):<{WHEN}}  ", "$text-soft"),
        (f"{fit(visible(kept.name), name):<{name}}  ", "$text-bright"),
        *(((f"{fit(visible(kept.engine), ENGINE):<{ENGINE}}  ", "$text-soft"),) if wide else ()),
        (f"{told:<{outcome}}  ", f"${verdict.tone}"),
        (f"{len(kept.timeline):>{EVENTS},}  ", "$text-plain"),
        (" ".join(marks), "bold $warn" if kept.from_disk else "$text-soft"),
    )


def when(header: Mapping[str, Any]) -> str:
    """The time of day at which it began, or the date if that is known alone."""
    try:
        started = datetime.fromisoformat(text(header, "started"))
    except ValueError:
        return "-"
    return f"{(started.astimezone(UTC) if started.tzinfo is not None else started):%H:%M:%S}"


def verdict_of(kept: KeptRun) -> Verdict:
    """What the run came to, as it was told: a recording is not judged again."""
    outcome = kept.outcome
    if outcome is None:
        what = "The file has no outcome in it: the run was cut short." if kept.cut else "It has no outcome."
        return Verdict("info", "NO OUTCOME", what)
    told = told_by(outcome)
    if text(outcome, "ended") == PENDING:
        return Verdict("info", "NOT ENDED", "The run has not come to an outcome.")
    tone: Tone = told.tone if told.tone in GLYPHS else "info"
    expected = outcome.get("expected")
    mismatches = outcome.get("mismatches")
    return Verdict(
        tone,
        told.headline,
        told.text,
        told.browser,
        met=expected if isinstance(expected, bool) else None,
        mismatch="; ".join(visible(str(each), 200) for each in mismatches[:5])
        if isinstance(mismatches, list)
        else "",
        next_step=told.next_step,
    )


def about(kept: KeptRun) -> str:
    """When it was recorded, where it is from, and what is wrong with its file."""
    parts = [f"Recorded {recorded_at(kept.header)}"]
    if kept.from_disk:
        parts.append(f"from {visible(kept.file, 120)}")
    text_ = sentence(" ".join(parts))
    if kept.header.get("redacted") is True:
        text_ += " Its secrets are redacted."
    if kept.edited:
        text_ += " The code was edited: it is not the scenario's own."
    if kept.cut:
        text_ += " The file has no end: the run was cut short."
    return text_
