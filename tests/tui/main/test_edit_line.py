"""The line about an edit always says which text the server runs."""

from __future__ import annotations

import time

import pytest

from wsplay.tui.kit.status_line import laid_out
from wsplay.tui.main.edit_line import Offer, date_words, edit_pieces
from wsplay.tui.main.working_copy import WorkingCopy

FILE, EDIT, EARLIER = "file\n", "edit\n", "earlier\n"


def said(
    text: str,
    applied: str,
    served: str | None,
    problem: str = "",
    *,
    offer: Offer | None = None,
    changed: bool = False,
    width: int = 140,
) -> str:
    copy = WorkingCopy("mine", "/a/mine.py", FILE, text, applied, changed)
    pieces = edit_pieces(copy, served, problem, offer)
    return "  ".join(piece.content.plain for _, piece in laid_out(pieces, [], width))


@pytest.mark.parametrize(
    ("text", "applied", "served", "line"),
    [
        (FILE, FILE, FILE, ""),
        (FILE, FILE, None, ""),
        (EDIT, FILE, FILE, "✎ edited, not applied: the server runs the file  ctrl+s apply"),
        (EDIT, EARLIER, EARLIER, "✎ edited, not applied: the server runs the previous version  ctrl+s apply"),
        (EDIT, EDIT, FILE, "✎ edited, loading: the server runs the file"),
        (EDIT, EDIT, EDIT, "✎ edited: the server runs your edit"),
        (EDIT, FILE, EDIT, "✎ edited: the server runs your edit  ctrl+s apply"),
        (FILE, EDIT, EDIT, "✎ not applied: the server runs the previous version  ctrl+s apply"),
        (EDIT, EDIT, None, "✎ edited, loading: the server runs neither the file nor the edit"),
    ],
)
def test_what_the_server_runs(text: str, applied: str, served: str | None, line: str) -> None:
    keys = "  = differences  Z revert" if line else ""
    assert said(text, applied, served) == line + keys


def test_what_did_not_load_is_said_and_what_runs_instead() -> None:
    line = said(EDIT, EDIT, FILE, "line 3: SyntaxError: invalid syntax")
    assert line.startswith("✗ line 3: SyntaxError: invalid syntax  the server runs the file  ")
    typed_on = said(EDIT, EARLIER, FILE, "line 3: SyntaxError: invalid syntax")
    assert typed_on.startswith("✎ edited, not applied: the server runs the file")


def test_control_characters_of_a_problem_are_shown() -> None:
    assert said(EDIT, EDIT, FILE, "line 1: \x1b[31m[b]x[/b]").startswith("✗ line 1: ␛[31m[b]x[/b]")


def test_a_file_that_was_saved_meanwhile_is_told() -> None:
    assert "the file was saved since" in said(EDIT, EDIT, EDIT, changed=True)


def test_an_edit_of_an_earlier_start_is_offered_until_something_is_typed() -> None:
    then = time.mktime((2026, 11, 3, 9, 5, 0, 0, 0, -1))
    line = said(FILE, FILE, FILE, offer=Offer(then, based=True))
    assert line == f"✎ your edit of {date_words(then)}  ctrl+e keep  = differences  Z discard"
    other = said(FILE, FILE, FILE, offer=Offer(then, based=False))
    assert ", of an earlier version of the file" in other
    assert "not applied" in said(EDIT, FILE, FILE, offer=Offer(then, based=True))


@pytest.mark.parametrize("problem", ["", "line 123: " + "x" * 200])
def test_it_fits_a_small_terminal(problem: str) -> None:
    for served in (FILE, EDIT, EARLIER):
        for text in (FILE, EDIT):
            assert len(said(text, EDIT, served, problem, changed=True, width=80)) <= 80


def test_a_date_says_the_year_if_it_is_another_one() -> None:
    year = time.localtime().tm_year
    assert date_words(time.mktime((year, 3, 5, 14, 2, 0, 0, 0, -1))) == "5 Mar 14:02"
    assert date_words(time.mktime((2020, 3, 5, 4, 2, 0, 0, 0, -1))) == "5 Mar 2020 04:02"
