"""A scenario's explanation, and its speaker's notes, as lines of styled text. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from wsplay.events.safe_text import visible
from wsplay.scenario.file import Scenario
from wsplay.scenario.fixes import FIX_MARK, FLAWED_MARK, Standing, short_name
from wsplay.scenario.markdown import Line, Mark, markdown_lines
from wsplay.tui.kit.styled_lines import StyledLine, line_width, wrap

#: Text is not broken to more cells than this where there is room for it: longer lines are hard to read.
EASY_WIDTH = 100
_ALONE = Standing()


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a scenario does, what to look for, and where that is written.

    `standing` says whether it is flawed or fixes another. With `keys`, the keys for that are named.
    """

    scenario: Scenario
    standing: Standing = _ALONE
    keys: bool = True

    def lines(self, width: int) -> list[StyledLine]:
        """All of it, in lines of at most `width` cells."""
        width = min(width, EASY_WIDTH)
        parts = [self._standing(width), self._text(width), self._sources(width)]
        return _joined(parts) or [(("This scenario has no explanation.", "text-soft"),)]

    def lines_for(self, width: int, height: int) -> list[StyledLine]:
        """As much of it as fits in a space of that size; the last line says if there is more."""
        lines = self.lines(width)
        if len(lines) > height:
            lines = _joined(
                [self._standing(width), self._text(width, compact=True), self._sources_line(width)]
            )
        if len(lines) <= height:
            return lines
        shown = lines[: max(height - 1, 0)]
        while shown and not shown[-1]:
            shown.pop()
        more = sum(1 for line in lines[len(shown) :] if line)
        told = f"⋯ {more} more {'line' if more == 1 else 'lines'} · I shows the whole explanation"
        return [*shown, ((told, "text-dim italic"),)][:height]

    def _text(self, width: int, *, compact: bool = False) -> list[StyledLine]:
        return markdown_styled(self.scenario.explanation, width, compact=compact)

    def _standing(self, width: int) -> list[StyledLine]:
        standing = self.standing
        lines: list[StyledLine] = []
        if standing.flawed:
            fix = "" if standing.fix is None else _name(standing.fix)
            fix = fix or visible(standing.missing, 40)
            text = f"flawed on purpose: fixed in {fix}" if fix else "flawed on purpose"
            lines.append(((f"{FLAWED_MARK} ", "warn bold"), (text, "warn")))
        if standing.flaws:
            flaws = ", ".join(map(_name, standing.flaws))
            lines.append(((f"{FIX_MARK} ", "good bold"), (f"fixes {flaws}", "good")))
        if self.keys and standing.partners:
            which = "it" if len(standing.partners) == 1 else "one of them"
            keys: StyledLine = ((f"  F opens {which}, = shows the difference", "text-soft"),)
            if line_width((*lines[0], *keys)) <= width:
                lines[0] = (*lines[0], *keys)
            else:
                lines.insert(1, keys)
        return [part for line in lines for part in wrap(line, width, 2)]

    def _sources(self, width: int) -> list[StyledLine]:
        if not self.scenario.sources:
            return []
        lines: list[StyledLine] = [(("Sources", "text-bright bold"),)]
        for source in self.scenario.sources:
            lines += wrap((("• ", "text-dim"), (visible(source), "text-soft")), width, 2)
        return lines

    def _sources_line(self, width: int) -> list[StyledLine]:
        sources = " · ".join(map(visible, self.scenario.sources))
        return wrap((("Sources  ", "text-bright bold"), (sources, "text-soft")), width) if sources else []


def notes_lines(scenario: Scenario, width: int) -> list[StyledLine]:
    """The speaker's notes, in lines of at most `width` cells."""
    lines = markdown_styled(scenario.notes, min(width, EASY_WIDTH))
    return lines or [(("This scenario has no speaker's notes.", "text-soft"),)]


def markdown_styled(text: str, width: int, *, compact: bool = False) -> list[StyledLine]:
    """Markdown in the theme's colours; see `markdown_lines`."""
    return [_styled(line) for line in markdown_lines(text, width, compact=compact)]


def _styled(line: Line) -> StyledLine:
    return tuple((text, style_of(marks)) for text, marks in line)


def style_of(marks: frozenset[Mark]) -> str:
    """The style of text with these marks."""
    if Mark.CODE in marks:
        colour = "code-string"
    elif Mark.QUIET in marks:
        colour = "text-dim"
    elif Mark.HEADING in marks:
        colour = "accent bold"
    else:
        colour = "text-bright bold" if Mark.STRONG in marks else "text-plain"
    return f"{colour} italic" if Mark.EMPHASIS in marks else colour


def _name(scenario: Scenario) -> str:
    """Number and title."""
    title = visible(scenario.title, 80)
    return title if scenario.order is None else f"{short_name(scenario)} {title}"


def _joined(parts: Iterable[list[StyledLine]]) -> list[StyledLine]:
    """Parts that are not empty, with a blank line between them."""
    lines: list[StyledLine] = []
    for part in filter(None, parts):
        lines += [*([()] if lines else []), *part]
    return lines
