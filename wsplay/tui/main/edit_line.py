"""The line about the user's edit: which text the server runs, what is wrong with it, and what to press."""

from __future__ import annotations

import time
from dataclasses import dataclass

from wsplay.events.safe_text import visible
from wsplay.tui.kit.lanes import BAD_GLYPH
from wsplay.tui.kit.status_line import Piece, piece
from wsplay.tui.main.working_copy import WorkingCopy

#: Marks what is about an edit.
EDIT_MARK = "✎"
#: Characters of what is wrong: the verdict says all of it.
PROBLEM_WIDTH = 76


@dataclass(frozen=True, slots=True)
class Offer:
    """An edit of an earlier start. `edited` is when it was written; `based` whether on the file as it is."""

    edited: float
    based: bool


def edit_pieces(
    copy: WorkingCopy, served: str | None, problem: str = "", offer: Offer | None = None
) -> list[Piece]:
    """The line, or nothing where the server runs the file and no edit exists.

    `served` is the text of the scenario's file that the server runs, None if it runs none. `problem` is why
    the applied text did not load.
    """
    if offer is not None and not copy.edited:
        of = "" if offer.based else ", of an earlier version of the file"
        return [
            piece(f"{EDIT_MARK} your edit of {date_words(offer.edited)}{of}", "bold $warn"),
            _key("ctrl+e", "keep", "edit"),
            _key("=", "differences", "difference", rank=1),
            _key("Z", "discard", "revert"),
        ]
    if not copy.edited and served in (copy.text, None):
        return []
    pieces = _state(copy, served, problem)
    if copy.text != copy.applied:
        pieces.append(_key("ctrl+s", "apply", "apply", rank=1))
    if copy.changed:
        pieces.append(piece("the file was saved since", "$warn", rank=2))
    pieces.append(_key("=", "differences", "difference", rank=4))
    pieces.append(_key("Z", "revert", "revert", rank=3))
    return pieces


def _state(copy: WorkingCopy, served: str | None, problem: str) -> list[Piece]:
    runs = f"the server runs {served_words(copy, served)}"
    if problem and copy.text == copy.applied:
        return [
            piece(f"{BAD_GLYPH} {visible(problem, PROBLEM_WIDTH)}", "bold $bad"),
            piece(runs, "$text-plain", rank=5),
        ]
    if served == copy.text:
        return [
            Piece(((f"{EDIT_MARK} edited", "bold $warn"), (": the server runs your edit", "$text-plain")))
        ]
    what = "edited, not applied" if copy.edited else "not applied"
    if copy.text == copy.applied:
        what = "edited, loading"
    return [Piece(((f"{EDIT_MARK} {what}", "bold $warn"), (f": {runs}", "$text-plain")))]


def served_words(copy: WorkingCopy, served: str | None) -> str:
    """Which text the server runs, in words."""
    if served is None:
        return "neither the file nor the edit"
    if served == copy.original:
        return "the file"
    return "your edit" if served == copy.text else "the previous version"


def _key(key: str, name: str, action: str, rank: int = 0) -> Piece:
    return Piece(((key, "bold $accent"), (f" {name}", "")), action, "", rank)


def date_words(seconds: float) -> str:
    """A time as `30 Nov 14:02`; with its year if that is not the present one."""
    then, now = time.localtime(seconds), time.localtime()
    year = f" {then.tm_year}" if then.tm_year != now.tm_year else ""
    return f"{then.tm_mday} {time.strftime('%b', then)}{year} {then.tm_hour:02}:{then.tm_min:02}"
