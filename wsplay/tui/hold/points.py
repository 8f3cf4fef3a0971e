"""The menu of where to hold. Pure: the points that are on, and a source, in; choices out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from wsplay.events.safe_text import visible
from wsplay.protocol.hold_points import NOTHING, POINTS, HoldPoints, parse_points
from wsplay.scenario.message_lines import message_lines
from wsplay.tui.kit.commands import Choice, action

#: The word for holding nothing.
OFF = "off"
_TITLES = {"all": "All", "asgi": "ASGI", "wire": "Wire", "accept": "Accept", "close": "Close"}
#: Characters of a line of code that are shown.
_CODE = 60


def chosen(points: HoldPoints, word: str) -> HoldPoints:
    """The points after `word` was chosen in the menu. Accept, close and lines are on together, and each is
    switched off by choosing it again; all, ASGI and wire replace what was on.
    """
    if word == OFF:
        return NOTHING
    new = parse_points([word])
    if new.asgi or new.wire or points.asgi or points.wire:
        return new
    if word not in points.words():
        return points + new
    return HoldPoints(
        accept=points.accept and not new.accept,
        close=points.close and not new.close,
        lines=tuple(line for line in points.lines if line not in new.lines),
    )


def words_of(points: HoldPoints) -> str:
    """`all`; `close, line 44`; nothing where nothing is held."""
    named = replace(points, lines=()).words()
    lines = (f"line {line.number}" for line in points.lines)
    return ", ".join((*named, *lines))


def hold_choices(points: HoldPoints, source: str, line: int | None) -> Iterator[Choice]:
    """Hold everywhere, at some points, or nowhere. `source` is what the server runs, `line` the one under
    the cursor, if any: it comes before the other lines that receive or send. `Off` comes first where
    something is held.
    """
    words = points.words()
    off = Choice("Off", "Hold nothing; what waits is let go", action("hold", OFF))
    if points:
        yield off
    for name, about in POINTS.items():
        about = about[:1].upper() + about[1:]
        yield Choice(_title(_TITLES[name], name in words), about, action("hold", name))
    lines = message_lines(source)
    if line is not None and line not in lines:
        why = "Only a line that receives or sends can be held"
        yield Choice(f"Line {line} neither receives nor sends", why, action("hold_no_line", line))
    for number in sorted(lines, key=lambda number: number != line):
        word = f"line:{number}"
        title = _title(f"Line {number}: {visible(lines[number], _CODE)}", word in words)
        about = (
            "What the line under the cursor receives or sends"
            if number == line
            else "What it receives or sends"
        )
        yield Choice(title, about, action("hold", word))
    if not points:
        yield off


def _title(title: str, on: bool) -> str:
    return f"{title} · on" if on else title
