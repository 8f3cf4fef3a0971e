"""Pieces of a one-line bar, and where they stand."""

from __future__ import annotations

from dataclasses import dataclass

from textual.content import Content


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of the line. Where room is short the one with the highest `rank` goes first; 0 never goes."""

    text: str
    style: str
    what: str = ""  # what a click on it means
    tip: str = ""
    rank: int = 0

    @property
    def width(self) -> int:
        """Its cells."""
        return Content(self.text).cell_length


def laid_out(pieces: tuple[list[Piece], list[Piece]], width: int, gap: int = 2) -> list[tuple[int, Piece]]:
    """The pieces that fit into `width` cells, each with the column it begins at."""
    left, right = (list(side) for side in pieces)

    def room() -> int:
        both = [*left, *right]
        return width - sum(piece.width for piece in both) - gap * len(both)

    while room() < 0 and any(piece.rank for piece in (*left, *right)):
        worst = max((*left, *right), key=lambda piece: piece.rank)
        (left if worst in left else right).remove(worst)
    placed, x = [], 0
    for piece in left:
        placed.append((x, piece))
        x += piece.width + gap
    x += max(room(), 0) + 1
    for piece in right:
        placed.append((x, piece))
        x += piece.width + gap
    return placed
