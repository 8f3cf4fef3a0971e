"""One line of pieces: a screen's title, a progress bar, or tabs. If there is little room, the least important
pieces are left out. A piece can be clicked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual import events
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from wsplay.events.safe_text import visible

FULL, EMPTY = "█", "░"
#: Cells of a progress bar on the line.
BAR = 16


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of the line, in parts of text and style. A click on it runs `action` of the screen, if any.
    If there is little room, the piece with the highest `rank` is left out first; 0 always stays.
    """

    parts: tuple[tuple[str, str], ...]
    action: str = ""
    tip: str = ""
    rank: int = 0

    @property
    def content(self) -> Content:
        return Content.assemble(*self.parts)

    @property
    def width(self) -> int:
        """Its cells."""
        return self.content.cell_length


def piece(text: str, style: str, action: str = "", tip: str = "", rank: int = 0) -> Piece:
    """A piece in one style."""
    return Piece(((text, style),), action, tip, rank)


#: The beginning of a line at the top.
NAME = piece(" wsplay ", "bold $text-on-accent on $accent")


def heading(where: str, title: str = "") -> list[Piece]:
    """The left of a screen's line: the screen's name, and its subject."""
    pieces = [NAME, piece(where, "$text-soft", rank=5 if title else 0)]
    if title:
        pieces.append(piece(visible(title, 48), "bold $text-bright", rank=2))
    return pieces


def progress(done: int, total: int, what: str) -> list[Piece]:
    """A bar, and `3 of 7 WHAT`; empty if there is nothing to do."""
    if not total:
        return []
    full, empty = bar(done, total, BAR)
    return [
        Piece(((full, "$good"), (empty, "$text-dim")), rank=4),
        piece(f"{done} of {total} {what}", "$text-plain", rank=1),
    ]


def bar(done: int, total: int, width: int) -> tuple[str, str]:
    """The full and the empty part of a bar; it is full only when all is done, empty only when nothing is."""
    if total <= 0 or width <= 0:
        return "", EMPTY * max(width, 0)
    filled = width * done // total
    if done and not filled:
        filled = 1
    return FULL * filled, EMPTY * (width - filled)


@dataclass(frozen=True, slots=True)
class Tab:
    """A pane that can be shown: its id, its name, and the key that shows it."""

    id: str
    name: str
    press: str


def tab_pieces(tabs: Sequence[Tab], active: str) -> list[Piece]:
    """The names of the panes, each with its key; the shown one is highlighted.

    A click runs the screen's action `go` with the pane's id.
    """
    return [
        piece(f" {tab.press} {tab.name} ", "bold $text-on-accent on $accent", f"go('{tab.id}')")
        if tab.id == active
        else Piece(((" ", ""), (tab.press, "bold $accent"), (f" {tab.name} ", "")), f"go('{tab.id}')")
        for tab in tabs
    ]


def laid_out(
    left: Sequence[Piece], right: Sequence[Piece], width: int, gap: int = 2
) -> list[tuple[int, Piece]]:
    """The pieces that fit into `width` cells, each with its first column."""
    left, right = list(left), list(right)

    def room() -> int:
        both = [*left, *right]
        gaps = len(both) if right else len(both) - 1  # what is on the right leaves some room at the edge
        return width - sum(piece.width for piece in both) - gap * gaps

    while room() < 0 and any(piece.rank for piece in (*left, *right)):
        worst = max((*left, *right), key=lambda piece: piece.rank)
        (left if worst in left else right).remove(worst)
    placed, x = [], 0
    for piece in left:
        placed.append((x, piece))
        x += piece.width + gap
    x += max(room(), 0) + min(gap, 1)
    for piece in right:
        placed.append((x, piece))
        x += piece.width + gap
    return placed


class StatusLine(Widget):
    """The line. With the class `-tabs` its pieces are tabs, with no gap between them."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    StatusLine {
        height: 1; background: $bar; color: $text-plain; text-wrap: nowrap;
        &.-tabs { background: $page; color: $text-soft; }
    }
    """

    pieces: reactive[tuple[tuple[Piece, ...], tuple[Piece, ...]]] = reactive(((), ()))

    def show(self, left: Sequence[Piece], right: Sequence[Piece] = ()) -> None:
        """Show other pieces, on its left and on its right."""
        self.pieces = (tuple(left), tuple(right))

    @property
    def text(self) -> str:
        """The line as it is shown."""
        return self.render().plain

    def render(self) -> Content:
        """The line, as wide as the widget."""
        line = Content()
        for x, piece in self.laid_out():
            line = Content.assemble(line.pad_right(x - line.cell_length), piece.content)
        return line

    async def on_click(self, event: events.Click) -> None:
        """Run the action of the piece under the mouse."""
        piece = self._at(event)
        if piece is not None and piece.action:
            await self.screen.run_action(piece.action)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Explain the piece under the mouse."""
        piece = self._at(event)
        self.tooltip = None if piece is None else piece.tip or None

    def _at(self, event: events.MouseEvent) -> Piece | None:
        x = event.x - self.gutter.left
        return next((piece for at, piece in self.laid_out() if at <= x < at + piece.width), None)

    def laid_out(self) -> list[tuple[int, Piece]]:
        """The pieces that fit, each with the column it begins at."""
        return laid_out(*self.pieces, self.size.width, 0 if self.has_class("-tabs") else 2)
