"""Lines of coloured text as plain data, for what draws itself line by line.

A line is a tuple of spans, a span is text and a token: the name of a theme colour and, if wanted, how it is
set: `"lane-wire"`, `"text-bright bold"`, `"text-match on match-ground"`. So a pure function can say how
something looks without knowing the theme, and a test can read it. `Ink` turns a line into a strip.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

Span: TypeAlias = tuple[str, str]
Line: TypeAlias = tuple[Span, ...]

_ATTRIBUTES = frozenset({"bold", "italic", "underline", "reverse", "dim", "strike"})


class Ink:
    """Styles by token, under one set of colours; a new theme needs a new `Ink`.

    `base` is the style of the widget, its ground is what everything stands on that names none. The empty
    token has no colour of its own; it is for space.
    """

    def __init__(self, colours: Mapping[str, str], base: Style | None = None) -> None:
        self._colours = colours
        self._base = Style(bgcolor=None if base is None else base.bgcolor)
        self._styles: dict[tuple[str, str], Style] = {}

    def style(self, token: str, ground: str = "") -> Style:
        """The style of `token` on `ground` (the name of a colour).

        A name the colours lack raises KeyError: it is a mistake in the program.
        """
        known = self._styles.get((token, ground))
        if known is None:
            known = self._styles[token, ground] = self._parse(token, ground)
        return known

    def _parse(self, token: str, ground: str) -> Style:
        text, _, own_ground = token.partition(" on ")
        ground = own_ground or ground
        words = text.split()
        attributes = {word: True for word in words if word in _ATTRIBUTES}
        names = [word for word in words if word not in _ATTRIBUTES]
        return self._base + Style(
            color=self._colours[names[0]] if names else None,
            bgcolor=self._colours[ground] if ground else None,
            bold=attributes.get("bold"),
            italic=attributes.get("italic"),
            underline=attributes.get("underline"),
            reverse=attributes.get("reverse"),
            dim=attributes.get("dim"),
            strike=attributes.get("strike"),
        )

    def strip(self, line: Line, width: int, ground: str = "") -> Strip:
        """`line` as a strip of exactly `width` cells."""
        segments: list[Segment] = []
        for text, token in line:
            # Space before text is a segment of its own: some viewers of SVG screenshots swallow it otherwise.
            if text[:1] == " " and " on " not in token:
                bare = text.lstrip(" ")
                segments.append(Segment(" " * (len(text) - len(bare)), self.style("", ground)))
                text = bare
            if text:
                segments.append(Segment(text, self.style(token, ground)))
        strip = Strip(segments)
        return strip.adjust_cell_length(width, self.style("", ground))


def plain(line: Line) -> str:
    """The text of `line` without its colours."""
    return "".join(text for text, _ in line)


def cells(line: Line) -> int:
    """The width of `line` on a terminal."""
    return sum(len(text) if text.isascii() else cell_len(text) for text, _ in line)


def fit(text: str, width: int) -> str:
    """`text`, cut to `width` cells with `…` at the end where it is longer."""
    if width <= 0:
        return ""
    if cell_len(text) <= width:
        return text
    return set_cell_size(text, width - 1).rstrip() + "…"


def wrap(line: Line, width: int, indent: int = 0) -> list[Line]:
    """Break `line` into lines of at most `width` cells, the later ones indented by `indent` cells.

    It breaks after the last space of a line where there is one in its second half, else anywhere: much of
    what is shown here (tokens, hex) has no spaces. Nothing is lost: the texts joined are the text given.
    """
    width = max(width, 8)
    if cells(line) <= width:
        return [line]
    indent = min(indent, width // 2)
    lines: list[Line] = []
    row: list[Span] = []
    room = width
    rest = list(reversed(line))
    while rest:
        text, token = rest.pop()
        if (wide := len(text) if text.isascii() else cell_len(text)) <= room:
            row.append((text, token))
            room -= wide
            continue
        cut = _cut(text, room)
        if not cut and not row:
            cut = 1  # one character wider than a whole line: it stands alone
        space = text.rfind(" ", 0, cut + 1)
        if space >= cut // 2 and space > 0:
            cut = min(space + 1, cut)
        if cut:
            row.append((text[:cut], token))
        if text[cut:]:
            rest.append((text[cut:], token))
        lines.append(tuple(row))
        row, room = ([(" " * indent, "")] if indent else []), width - indent
    lines.append(tuple(row))
    return lines


def _cut(text: str, room: int) -> int:
    """How many characters of `text` fit in `room` cells."""
    if text.isascii():
        return room
    used = 0
    for place, character in enumerate(text):
        used += cell_len(character)
        if used > room:
            return place
    return len(text)


def runs(characters: Iterable[str], tokens: Iterable[str]) -> list[Span]:
    """Join single-cell characters with equal tokens into spans."""
    spans: list[Span] = []
    text: list[str] = []
    last: str | None = None
    for character, token in zip(characters, tokens, strict=True):
        if token != last and character != " ":
            if text:
                spans.append(("".join(text), last or ""))
                text = []
            last = token
        text.append(character)
    if text:
        spans.append(("".join(text), last or ""))
    return spans
