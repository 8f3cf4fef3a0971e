"""A challenge as lines of text: the question, its choices, and the result of each. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from wsplay.challenge.result import VIEWPOINT_NAMES, CheckResult, ChoiceResult
from wsplay.events.safe_text import visible
from wsplay.tui.challenge.clock import minutes
from wsplay.tui.challenge.session import ChallengeSession, Stage
from wsplay.tui.kit.lanes import BAD_GLYPH, GOOD_GLYPH
from wsplay.tui.kit.styled_lines import StyledLine, StyledText, line_width, wrap
from wsplay.tui.kit.wording import count_of

_INDENT = "      "
_HINT = "hint  "


@dataclass(frozen=True, slots=True)
class Row:
    """One line; `choice` is the place of the choice it belongs to, None for the others."""

    line: StyledLine
    choice: int | None = None


def sheet(session: ChallengeSession, cursor: int, width: int, height: int = 0) -> list[Row]:
    """All rows for a pane of that size in cells; the choice at `cursor` is shown with its details.

    If there is enough room, blank rows separate the choices.
    """
    airy = _sheet(session, cursor, width, air=True)
    return airy if len(airy) <= height else _sheet(session, cursor, width, air=False)


def _sheet(session: ChallengeSession, cursor: int, width: int, *, air: bool) -> list[Row]:
    challenge = session.challenge
    blank = [Row(())]
    rows = [Row(line) for line in _broken(_head(session), width)]
    rows += blank * air
    rows += [Row(line) for line in _broken(_prose(challenge.question, "text-bright bold"), width)]
    rows += blank
    for place in range(len(challenge.choices)):
        rows += blank * air
        rows += [Row(line, place) for line in _choice(session, place, place == cursor, width)]
    if session.hint:
        text = challenge.hint or "this challenge has no hint"
        hint: StyledLine = ((_HINT, "warn bold"), (visible(text), "text-plain"))
        rows += blank + [Row(line) for line in _broken(hint, width, len(_HINT))]
    return rows


def _broken(line: StyledLine, width: int, indent: int = 0, tail: StyledLine = ()) -> list[StyledLine]:
    """`line` in lines of `width` cells; `tail` stays whole, on the last of them or on one of its own."""
    first, *rest = wrap(line, width, indent)
    lines = [first, *(_flush(part, indent) for part in rest)]
    if tail:
        if line_width(lines[-1]) + line_width(tail) <= width:
            lines[-1] = (*lines[-1], *tail)
        else:
            lines.append(_flush(((" " * indent, ""), *tail), indent))
    return lines


def _flush(line: StyledLine, indent: int) -> StyledLine:
    """A continued line without the space before its first word."""
    start = 1 if indent else 0
    if len(line) <= start:
        return line
    text, style = line[start]
    return (*line[:start], (text.lstrip(" "), style), *line[start + 1 :])


def _head(session: ChallengeSession) -> StyledLine:
    challenge = session.challenge
    parts = [challenge.level, f"suggested time {minutes(challenge.seconds)}"]
    if challenge.seed is not None:
        parts.insert(0, f"{challenge.seed} of the first five")
    if session.tried:
        parts.append(count_of(len(session.tried), "attempt"))
    return ((" · ".join(parts), "text-soft"),)


def _prose(text: str, style: str) -> StyledLine:
    """Text, with the parts between backticks in the colour of code."""
    parts = visible(text).split("`")
    return tuple((part, "code-string" if at % 2 else style) for at, part in enumerate(parts) if part)


def _choice(session: ChallengeSession, place: int, current: bool, width: int) -> list[StyledLine]:
    result = session.result(place)
    lead: list[StyledText] = [
        ("▌" if current else " ", "accent bold"),
        (f"{place + 1:>2}  ", "accent bold" if result is None else "text-dim"),
    ]
    if result is not None:
        glyph, tone = _mark(result.confirmed)
        word = "confirmed" if result.confirmed else "refuted  "
        lead.append((f"{glyph} {word}  ", f"{tone} bold"))
    elif session.stage is Stage.RUNNING and place == session.answer:
        lead.append(("… running  ", "warn bold"))
    text = _prose(session.challenge.choices[place].text, "text-bright bold" if current else "text-plain")
    yours = result is not None and session.tried[-1:] == [place]
    tail: StyledLine = (("  ◂ your answer", "text-soft"),) if yours else ()
    lines = _broken((*lead, *text), width, 5, tail)
    if result is not None:
        lines += _viewpoints(result, width)
        if current:
            lines += _details(result, width)
    return lines


def _mark(ok: bool) -> tuple[str, str]:
    """Glyph and colour."""
    return (GOOD_GLYPH, "good") if ok else (BAD_GLYPH, "bad")


def _viewpoints(result: ChoiceResult, width: int) -> list[StyledLine]:
    """The viewpoints for which the claim holds: the wire, a browser, TestClient."""
    if not result.viewpoints:
        return []
    parts: list[StyledText] = [(_INDENT, ""), ("holds for  ", "text-dim")]
    for viewpoint, ok in result.viewpoints.items():
        glyph, tone = _mark(ok)
        parts += [
            (f"{glyph} ", tone),
            (f"{VIEWPOINT_NAMES[viewpoint]}   ", "text-bright" if ok else "text-soft"),
        ]
    return _broken(tuple(parts), width, len(_INDENT))


def _details(result: ChoiceResult, width: int) -> list[StyledLine]:
    """Each check: the claim, what was observed, the events it is read from. Then their run. Of attacks, only
    those that broke the design.
    """
    lines: list[StyledLine] = []
    names = [one.attack.title for one in result.attacks] or [check.key for check in result.checks]
    named = [
        (visible(name, 24), check)
        for name, check in zip(names, result.checks, strict=True)
        if not (result.attacks and check.ok)
    ]
    name_width = max((len(name) for name, _ in named), default=0)
    for name, check in named:
        numbers = " ".join(f"#{seq}" for seq in check.events)
        tail: StyledLine = ((f"  {numbers}", "accent"),) if numbers else ()
        lines += _broken(_check(f"{name:<{name_width}}", check), width, len(_INDENT) + 2, tail)
    parts = [visible(result.headline, 80)]
    if result.try_name:
        parts.append(f"try: {visible(result.try_name, 40)}")
    if result.patched:
        parts.append("with this choice's patch")
    line: StyledLine = ((_INDENT, ""), ("outcome  ", "text-dim"), (" · ".join(parts), "text-soft"))
    return [*lines, *_broken(line, width, len(_INDENT) + 2)]


def _check(name: str, check: CheckResult) -> StyledLine:
    glyph, tone = _mark(check.ok)
    return (
        (_INDENT, ""),
        (f"{glyph} ", tone),
        (f"{name}  ", "text-plain"),
        ("claimed ", "text-dim"),
        (visible(check.claimed, 60), "text-plain"),
        (", observed ", "text-dim"),
        (visible(check.observed, 80), tone),
    )
