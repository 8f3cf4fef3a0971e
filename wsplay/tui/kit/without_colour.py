"""The UI without colours, for `NO_COLOR`: what a background says is said by reverse video.

Textual itself turns colours into greys, which are colours for a terminal too. Here no colour is left: text is
drawn as the terminal draws any text, with its attributes. Most backgrounds go with a glyph, a word or a
border; those in `TELLING` do not.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from rich.color import Color as RichColour
from rich.segment import Segment
from rich.style import Style
from textual.app import App
from textual.color import Color
from textual.filter import LineFilter

from wsplay.tui.kit.theme import colours

#: The names of the backgrounds that nothing else says: the row or the button under the cursor, selected text,
#: a match of a search, buttons that can be pressed now, and the bar of a scroll bar.
TELLING = ("accent", "cursor-ground", "match-ground", "good", "warn", "edge", "text-dim")


class WithoutColour(LineFilter):
    """Takes the colours of `app` away."""

    def __init__(self, app: App[Any]) -> None:
        super().__init__()
        self._app = app
        self._telling: tuple[str, frozenset[str]] = ("", frozenset())  # the theme, and its telling grounds

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The segments without colours. Text keeps its attributes, and what the mouse finds at it."""
        if self._telling[0] != self._app.theme:
            known = colours(self._app)
            hexes = (Color.parse(known[name]).hex.lower() for name in TELLING)
            self._telling = (self._app.theme, frozenset(hexes))
        telling = self._telling[1]
        return [
            Segment(text, None if style is None else _plain(style, telling), control)
            for text, style, control in segments
        ]


@lru_cache(4096)
def _plain(style: Style, telling: frozenset[str]) -> Style:
    if style.color is None and style.bgcolor is None:
        return style  # done already, for a screen that is covered in part
    plain = style.without_color + Style(reverse=bool(style.reverse) or _hex(style.bgcolor) in telling)
    return plain + Style.from_meta(style.meta) if style.meta else plain


def _hex(colour: RichColour | None) -> str:
    return "" if colour is None or colour.triplet is None else colour.triplet.hex
