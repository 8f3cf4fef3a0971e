"""What a screen of the terminal UI draws: each piece of text with the colours that reach the terminal."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from rich.style import Style
from textual.color import Color
from textual.screen import Screen


def luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.2."""

    def linear(part: int) -> float:
        value = part / 255
        return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4

    red, green, blue = Color.parse(colour).rgb
    return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, WCAG 2.2: 1 to 21."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@dataclass(frozen=True, slots=True)
class Piece:
    """Text of one style: its place, its colours as `#rrggbb` with reverse video applied, its attributes."""

    x: int
    y: int
    text: str
    colour: str
    ground: str
    attributes: frozenset[str]

    @property
    def ratio(self) -> float:
        """The contrast of the text on its ground."""
        return contrast(self.colour, self.ground)


def pieces(screen: Screen[Any]) -> Iterator[Piece]:
    """Everything on the screen, line by line, as the driver gets it: after Textual's filters."""
    for y, strip in enumerate(screen._compositor.render_strips()):
        x = 0
        for segment in strip:
            style = segment.style or Style()
            colour, ground = _hex(style, "color"), _hex(style, "bgcolor")
            if style.reverse:
                colour, ground = ground, colour
            on = frozenset(name for name in ATTRIBUTES if getattr(style, name))
            yield Piece(x, y, segment.text, colour, ground, on)
            x += segment.cell_length


#: What a terminal shows without any colour.
ATTRIBUTES = ("bold", "italic", "underline", "reverse", "strike", "dim", "blink", "blink2")


def _hex(style: Style, which: str) -> str:
    colour = getattr(style, which)
    if colour is None or colour.is_default:
        return "#000000" if which == "bgcolor" else "#ffffff"
    red, green, blue = Color.from_rich_color(colour).rgb
    return f"#{red:02x}{green:02x}{blue:02x}"


def is_ornament(character: str) -> bool:
    """Whether it is a line or a block: borders, lifelines, bars, scroll bars; no letter, digit or sign."""
    return "BOX DRAWINGS" in (name := unicodedata.name(character, "")) or "BLOCK" in name or "SHADE" in name


def own_pieces(screen: Screen[Any]) -> Iterator[Piece]:
    """What belongs to the screen on top, without the screen that it covers in part."""
    for piece in pieces(screen):
        place = next((at for at, one in enumerate(piece.text) if not one.isspace()), 0)
        if not screen.is_modal or screen.get_widget_at(piece.x + place, piece.y)[0] is not screen:
            yield piece


def text_of(piece: Piece) -> str:
    """The letters and signs of a piece, without blanks and ornaments."""
    return "".join(one for one in piece.text if not one.isspace() and not is_ornament(one))


def without_colour(screen: Screen[Any]) -> list[list[tuple[str, frozenset[str]]]]:
    """The lines as cells of character and attributes: what is left of the screen without colours."""
    lines: list[list[tuple[str, frozenset[str]]]] = []
    for piece in pieces(screen):
        while len(lines) <= piece.y:
            lines.append([])
        lines[piece.y] += [(character, piece.attributes) for character in piece.text]
    return lines


def lines_of(screen: Screen[Any]) -> list[str]:
    """The lines as text."""
    return [strip.text for strip in screen._compositor.render_strips()]
