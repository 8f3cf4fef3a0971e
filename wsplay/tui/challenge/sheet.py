"""A challenge as lines of text: the question, its choices, and what the runs said of each. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from wsplay.challenge.result import CheckResult, ChoiceResult
from wsplay.events.safe_text import visible
from wsplay.tui.challenge.session import ChallengeSession, Stage, minutes
from wsplay.tui.kit.lanes import BAD_GLYPH, GOOD_GLYPH
from wsplay.tui.kit.styled_lines import Line, Span, cells, wrap

_INDENT = "      "


@dataclass(frozen=True, slots=True)
class Row:
    """One line; `choice` is the place of the choice it belongs to, None for the others."""

    line: Line
    choice: int | None = None


def sheet(session: ChallengeSession, cursor: int, width: int, height: int = 0) -> list[Row]:
    """Everything, for a pane of that size; the choice at `cursor` is told in full.

    Where all of it fits with room to spare, the choices stand apart.
    """
    rows = _sheet(session, cursor, width, air=False)
    airy = _sheet(session, cursor, width, air=True)
    return airy if len(airy) <= height else rows


def _broken(line: Line, width: int, indent: int = 0, tail: Line = ()) -> list[Line]:
    """`line` in lines of `width` cells; `tail` stays whole, on the last of them or on one of its own."""
    lines = [
        _flush(part, indent) if number else part for number, part in enumerate(wrap(line, width, indent))
    ]
    if tail:
        if cells(lines[-1]) + cells(tail) <= width:
            lines[-1] = (*lines[-1], *tail)
        else:
            lines.append(_flush(((" " * indent, ""), *tail), indent))
    return lines


def _flush(line: Line, indent: int) -> Line:
    """A line that goes on begins with a word, not with the space before it."""
    start = 1 if indent else 0
    if len(line) <= start:
        return line
    text, token = line[start]
    return (*line[:start], (text.lstrip(" "), token), *line[start + 1 :])


def _sheet(session: ChallengeSession, cursor: int, width: int, *, air: bool) -> list[Row]:
    rows = [Row(part) for part in _broken(_head(session), width)]
    if air:
        rows.append(Row(()))
    rows += [Row(part) for part in _broken(_text(session.challenge.question, "text-bright bold"), width)]
    rows.append(Row(()))
    for place in range(len(session.challenge.choices)):
        if air:
            rows.append(Row(()))
        rows += _choice(session, place, place == cursor, width)
    if session.hint:
        said = session.challenge.hint or "there is no hint to this one"
        line: Line = (("hint  ", "warn bold"), (visible(said), "text-plain"))
        rows += [Row(()), *(Row(part) for part in _broken(line, width, len("hint  ")))]
    return rows


def _head(session: ChallengeSession) -> Line:
    challenge = session.challenge
    parts = [challenge.level, f"suggested {minutes(challenge.seconds)}"]
    if challenge.seed is not None:
        parts.insert(0, f"problem {challenge.seed} of the first five")
    if session.tried:
        count = len(session.tried)
        parts.append(f"{count} attempt{'' if count == 1 else 's'}")
    return ((" · ".join(parts), "text-soft"),)


def _text(text: str, token: str) -> Line:
    """Text with what stands between backticks in the colour of code."""
    spans: list[Span] = []
    for number, part in enumerate(visible(text).split("`")):
        if part:
            spans.append((part, "code-string" if number % 2 else token))
    return tuple(spans)


def _choice(session: ChallengeSession, place: int, current: bool, width: int) -> list[Row]:
    mark = session.mark(place)
    choice = session.challenge.choices[place]
    lead: list[Span] = [
        ("▌" if current else " ", "accent bold"),
        (f"{place + 1:>2}  ", "accent bold" if mark is None else "text-dim"),
    ]
    if mark is not None:
        glyph, word, tone = verdict_of(mark)
        lead.append((f"{glyph} {word}  ", f"{tone} bold"))
    elif session.stage is Stage.RUNNING and place == session.answer:
        lead.append(("… running  ", "warn bold"))
    token = "text-bright bold" if current else "text-plain"
    line: Line = (*lead, *_text(choice.text, token))
    yours = mark is not None and session.tried and place == session.tried[-1]
    tail: Line = (("  ◂ your answer", "text-soft"),) if yours else ()
    rows = [Row(part, place) for part in _broken(line, width, 5, tail)]
    if mark is not None:
        rows += [Row(part, place) for part in _listeners(mark, width)]
        if current:
            rows += [Row(part, place) for part in details(mark, width)]
    return rows


def verdict_of(mark: ChoiceResult) -> tuple[str, str, str]:
    """Glyph, words and colour of a mark; the words have the same width."""
    return (GOOD_GLYPH, "borne out", "good") if mark.confirmed else (BAD_GLYPH, "refuted  ", "bad")


def _listeners(mark: ChoiceResult, width: int) -> list[Line]:
    if not mark.observers:
        return []
    spans: list[Span] = [(_INDENT, ""), ("holds for  ", "text-dim")]
    for name, ok in mark.observers:
        glyph, tone = (GOOD_GLYPH, "good") if ok else (BAD_GLYPH, "bad")
        spans += [(f"{glyph} ", tone), (f"{name}   ", "text-bright" if ok else "text-soft")]
    return _broken(tuple(spans), width, len(_INDENT))


def details(mark: ChoiceResult, width: int) -> list[Line]:
    """Each check, what was claimed and what was seen, then the run that says so."""
    lines: list[Line] = []
    name_width = min(max((len(check.key) for check in mark.checks), default=0), 20)
    for check in mark.checks:
        seqs = " ".join(f"#{seq}" for seq in check.events)
        tail: Line = ((f"  {seqs}", "accent"),) if seqs else ()
        lines += _broken(_check(check, name_width), width, len(_INDENT) + 2, tail)
    said = [visible(mark.headline, 80)]
    if mark.attempt:
        said.append(f"try: {visible(mark.attempt, 40)}")
    if mark.patched:
        said.append("with this choice patched in")
    line: Line = ((_INDENT, ""), ("= ", "text-dim"), (" · ".join(said), "text-soft"))
    return [*lines, *_broken(line, width, len(_INDENT) + 2)]


def _check(check: CheckResult, name_width: int) -> Line:
    glyph, tone = (GOOD_GLYPH, "good") if check.ok else (BAD_GLYPH, "bad")
    return (
        (_INDENT, ""),
        (f"{glyph} ", tone),
        (f"{visible(check.key, 20):<{name_width}}  ", "text-plain"),
        ("claimed ", "text-dim"),
        (visible(check.claimed, 60), "text-plain"),
        (", observed ", "text-dim"),
        (visible(check.observed, 80), tone),
    )
