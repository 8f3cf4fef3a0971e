"""Why a connection had its outcome, in words, from its events alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from wsplay.events.event import Event
from wsplay.events.lenient import number, payload, table, text
from wsplay.events.safe_text import visible
from wsplay.verdict.after_accept import find_closed, find_dropped, find_open
from wsplay.verdict.before_accept import (
    find_dropped_early,
    find_pending,
    find_refused,
    find_timeout,
    find_unreachable,
)
from wsplay.verdict.browser import in_words
from wsplay.verdict.outcome import Outcome
from wsplay.verdict.wording import Finding

TONES: Final = ("good", "bad", "warn", "info")


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """A verdict. All texts are short, on one line and safe to print.

    `tone` is good, bad, warn or info. `headline` is like "REFUSED 403". `text` is one or two sentences.
    `browser` says what a browser's script would see, and that this is not observed. `evidence` has the `seq`
    of the events it rests on, in order. `next_step` says what to do, or is empty.
    """

    tone: str
    headline: str
    text: str
    browser: str
    evidence: tuple[int, ...] = ()
    next_step: str = ""


def diagnose(outcome: Outcome) -> Diagnosis:
    """Explain the outcome. Works at any moment: for an open connection it describes the current state."""
    finding = _with_oddities(_find(outcome), outcome)
    return Diagnosis(
        tone=finding.tone,
        headline=finding.headline,
        text=finding.text,
        browser=in_words(outcome.browser, outcome.ended),
        evidence=tuple(
            sorted({event.seq for event in finding.events if event is not None and event.seq > 0})
        ),
        next_step=finding.next_step,
    )


def _find(outcome: Outcome) -> Finding:
    match outcome.ended:
        case "refused":
            return find_refused(outcome)
        case "timeout":
            return find_timeout(outcome)
        case "unreachable":
            return find_unreachable(outcome)
        case "dropped":
            return find_dropped(outcome) if outcome.opened else find_dropped_early(outcome)
        case "closed":
            return find_closed(outcome)
        case "open":
            return find_open(outcome)
    return find_pending(outcome)


def _with_oddities(finding: Finding, outcome: Outcome) -> Finding:
    """Add what is unusual, whatever the outcome."""
    facts = outcome.facts
    wire = None if facts.response is None else number(facts.response.data, "status", 999)
    if wire is not None and outcome.status is not None and wire != outcome.status:
        finding = _add(
            finding,
            f"The client reports HTTP {outcome.status}, but the wire shows HTTP {wire}.",
            facts.response,
        )
    if facts.second is not None and outcome.status != 101:
        finding = _add(
            finding, f"On the same socket, the server then sent {_second_answer(facts.second)}.", facts.second
        )
    if outcome.opened and outcome.browser.why and not outcome.browser.opened:
        finding = _add(
            replace(finding, tone="bad" if finding.tone == "bad" else "warn"),
            "The client offered subprotocols and the server selected none: "
            "this client goes on, a browser does not.",
            facts.opened or facts.response,
        )
    return finding


def _second_answer(event: Event) -> str:
    status = number(event.data, "status", 999)
    if status is None:
        words = (payload(table(event.data, "payload")).text or "").partition("\r")[0].split(" ")
        status_text = visible(words[1], 3) if len(words) > 1 else ""
        return f"another response, HTTP {status_text}" if status_text else "another response"
    return f"another response, HTTP {status}"


def _add(finding: Finding, sentence: str, event: Event | None) -> Finding:
    return replace(finding, text=f"{finding.text} {sentence}", events=(*finding.events, event))


def told_by(outcome: Mapping[str, Any]) -> Diagnosis:
    """The verdict in an outcome's JSON form, as a file has it: nothing in it is trusted."""
    tone = text(outcome, "tone")
    seqs = outcome.get("evidence")
    return Diagnosis(
        tone=tone if tone in TONES else "info",
        headline=visible(text(outcome, "headline") or text(outcome, "ended").upper(), 200),
        text=visible(text(outcome, "verdict"), 2_000),
        browser=visible(text(outcome, "in_browser"), 2_000),
        evidence=tuple(seq for seq in seqs[:100] if type(seq) is int) if isinstance(seqs, list) else (),
        next_step=visible(text(outcome, "next_step"), 2_000),
    )


def report(outcome: Outcome, **context: Any) -> dict[str, Any]:
    """An outcome's JSON form with its verdict; `context` is passed on to `Outcome.to_json`."""
    return outcome.to_json(diagnosis=diagnose(outcome), **context)
