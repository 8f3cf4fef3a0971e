"""The line at the top of challenge screens: where one is, the clock, and how far one has come."""

from __future__ import annotations

from dataclasses import dataclass

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from wsplay.events.safe_text import visible
from wsplay.tui.kit.pieces import Piece, laid_out

FULL, EMPTY = "█", "░"
#: Cells of the bar.
BAR = 16


@dataclass(frozen=True, slots=True)
class Score:
    """All the line shows. `clock` is in words; `late` colours it."""

    where: str = "Challenges"
    title: str = ""
    clock: str = ""
    late: bool = False
    done: int = 0
    total: int = 0
    what: str = "solved"
    streak: int = 0
    badges: int = 0


def bar(done: int, total: int, width: int) -> tuple[str, str]:
    """The full and the empty part of a bar; it is full only when all is done, empty only when nothing is."""
    if total <= 0 or width <= 0:
        return "", EMPTY * max(width, 0)
    filled = width * done // total
    if done and not filled:
        filled = 1
    return FULL * filled, EMPTY * (width - filled)


class ScoreBar(Widget):
    """One line; pieces that do not fit go, the least needed first."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    ScoreBar { height: 1; background: $bar; color: $text-plain; text-wrap: nowrap; }
    """

    score: reactive[Score] = reactive(Score())

    def render(self) -> Content:
        """The line, as wide as the widget."""
        line = Content()
        for x, piece in laid_out(pieces_of(self.score), self.size.width):
            text = Content.styled(piece.text, piece.style)
            if piece.what == "bar":
                full, empty = bar(self.score.done, self.score.total, BAR)
                text = Content.assemble((full, "$good"), (empty, "$text-dim"))
            line = Content.assemble(line.pad_right(x - line.cell_length), text)
        return line


def pieces_of(score: Score) -> tuple[list[Piece], list[Piece]]:
    """What the line says on its left and on its right."""
    left = [Piece(" wsplay ", "bold $text-on-accent on $accent")]
    left.append(Piece(score.where, "$text-soft", rank=5 if score.title else 0))
    if score.title:
        left.append(Piece(visible(score.title, 48), "bold $text-bright", rank=2))
    right = []
    if score.clock:
        right.append(Piece(score.clock, "bold $warn" if score.late else "bold $text-bright"))
    if score.total:
        right.append(Piece(FULL * BAR, "$good", "bar", rank=4))
        right.append(Piece(f"{score.done} of {score.total} {score.what}", "$text-plain", rank=1))
    if score.streak:
        right.append(Piece(f"streak {score.streak}", "bold $warn", rank=3))
    if score.badges:
        plural = "" if score.badges == 1 else "s"
        right.append(Piece(f"★ {score.badges} badge{plural}", "bold $good", rank=6))
    return left, right
