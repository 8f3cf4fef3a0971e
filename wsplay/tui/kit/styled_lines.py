"""Lines of styled text as plain data, for widgets that draw themselves line by line.

A line is a tuple of pairs, text and style. A style is the name of a theme colour, optionally with attributes
and a background: `"lane-wire"`, `"text-bright bold"`, `"text-match on match-ground"`. So a pure function can
say how something looks without knowing the theme, and a test can read it. `LineRenderer` turns a line into a
strip.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

StyledText: TypeAlias = tuple[str, str]
StyledLine: TypeAlias = tuple[StyledText, ...]

_ATTRIBUTES = frozenset({"bold", "italic", "underline", "reverse", "dim", "strike"})


class LineRenderer:
    """Turns styled lines into strips, in the colours of one theme; a new theme needs a new renderer.

    `base` is the widget's own style; its background is behind all text without another one. The empty style
    has no colour; it is for spaces.
    """

    def __init__(self, colours: Mapping[str, str], base: Style | None = None) -> None:
        self._colours = colours
        self._base = Style(bgcolor=None if base is None else base.bgcolor)
        self._styles: dict[tuple[str, str], Style] = {}

    def rich_style(self, style: str, background: str = "") -> Style:
        """Rich's style for `style`, on the colour named `background`.

        An unknown name raises KeyError: it is a bug in the program.
        """
        known = self._styles.get((style, background))
        if known is None:
            known = self._styles[style, background] = self._parse(style, background)
        return known

    def _parse(self, style: str, background: str) -> Style:
        text, _, own_background = style.partition(" on ")
        background = own_background or background
        words = text.split()
        names = [word for word in words if word not in _ATTRIBUTES]
        colours = Style(
            color=self._colours[names[0]] if names else None,
            bgcolor=self._colours[background] if background else None,
        )
        return self._base + colours + Style.parse(" ".join(word for word in words if word in _ATTRIBUTES))

    def strip(self, line: StyledLine, width: int, background: str = "") -> Strip:
        """`line` as a strip of exactly `width` cells."""
        segments: list[Segment] = []
        for text, style in line:
            # Space before text is a separate segment: otherwise some SVG viewers drop it.
            if text[:1] == " " and " on " not in style:
                bare = text.lstrip(" ")
                segments.append(Segment(" " * (len(text) - len(bare)), self.rich_style("", background)))
                text = bare
            if text:
                segments.append(Segment(text, self.rich_style(style, background)))
        return Strip(segments).adjust_cell_length(width, self.rich_style("", background))


def plain(line: StyledLine) -> str:
    """The text of `line` without its styles."""
    return "".join(text for text, _ in line)


def line_width(line: StyledLine) -> int:
    """The width of `line` on a terminal."""
    return sum(len(text) if text.isascii() else cell_len(text) for text, _ in line)


def fit(text: str, width: int) -> str:
    """`text`, cut to `width` cells with `…` at the end if it is longer."""
    if width <= 0:
        return ""
    if cell_len(text) <= width:
        return text
    return set_cell_size(text, width - 1).rstrip() + "…"


def wrap(line: StyledLine, width: int, indent: int = 0) -> list[StyledLine]:
    """Break `line` into lines of at most `width` cells, the later ones indented by `indent` cells.

    It breaks after the last space in the second half of a line, or else anywhere: much of this text (tokens,
    hex) has no spaces. Joining the results gives the original text.
    """
    width = max(width, 8)
    if line_width(line) <= width:
        return [line]
    indent = min(indent, width // 2)
    lines: list[StyledLine] = []
    row: list[StyledText] = []
    room = width
    rest = list(reversed(line))
    while rest:
        text, style = rest.pop()
        if (wide := len(text) if text.isascii() else cell_len(text)) <= room:
            row.append((text, style))
            room -= wide
            continue
        cut = _cut(text, room)
        if not cut and not row:
            cut = 1  # one character wider than a whole line: it gets a line of its own
        space = text.rfind(" ", 0, cut + 1)
        if space >= cut // 2 and space > 0:
            cut = min(space + 1, cut)
        if cut:
            row.append((text[:cut], style))
        if text[cut:]:
            rest.append((text[cut:], style))
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


def join_cells(characters: Iterable[str], styles: Iterable[str]) -> list[StyledText]:
    """Join characters of one cell each into runs of equal style; a space takes the style before it."""
    joined: list[StyledText] = []
    text: list[str] = []
    last: str | None = None
    for character, style in zip(characters, styles, strict=True):
        if style != last and character != " ":
            if text:
                joined.append(("".join(text), last or ""))
                text = []
            last = style
        text.append(character)
    if text:
        joined.append(("".join(text), last or ""))
    return joined
