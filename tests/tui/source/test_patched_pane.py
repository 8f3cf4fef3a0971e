"""The patched source: which lines are marked, and which explain the code."""

from __future__ import annotations

import pytest

from wsplay.tui.kit.styled_lines import plain
from wsplay.tui.source.patched_pane import changed_lines, code_lines, difference_rows, docstring_lines


def test_changed_lines_are_those_of_the_new_text() -> None:
    before = "a\nb\nc\nd\n"
    assert changed_lines(before, "a\nB\nc\nd\n") == {2}
    assert changed_lines(before, "a\nb\nx\ny\nc\nd\n") == {3, 4}
    assert changed_lines(before, "a\nd\n") == {2}  # the line after what was taken out
    assert changed_lines(before, before) == frozenset()


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ('"""Why."""\nimport x\n', 1),
        ('"""Why\n\nso.\n"""\n\n@x\ndef f(): ...\n', 5),
        ("import x\n", 0),
        ('"""Why."""\n', 0),
        ("def f(:\n", 0),
    ],
)
def test_how_many_lines_explain_the_code(source: str, lines: int) -> None:
    assert docstring_lines(source) == lines


FLAWED = '''"""Flawed.

Why.
"""

import x


def f(token):
    accept()
    send()

# /// script
# [tool.wsplay]
# flawed = true
# ///
'''
FIXED = '''"""The fix."""

import x


def f(token):
    if token != "right":
        return

    accept()
    send(1)
'''


def test_the_code_is_between_docstring_and_metadata() -> None:
    assert code_lines(FLAWED) == range(6, 12)
    assert code_lines(FIXED) == range(3, 12)
    assert code_lines("") == range(1, 1)
    assert code_lines("def f(:\n") == range(1, 2)


def test_a_difference_has_what_is_gone_and_what_is_new() -> None:
    rows = difference_rows(FLAWED, FIXED)
    assert [(row.mark, row.line, row.removed, plain(row.text)) for row in rows] == [
        ("", 3, 0, "import x"),
        ("", 4, 0, ""),
        ("", 5, 0, ""),
        ("", 6, 0, "def f(token):"),
        ("+", 7, 0, '    if token != "right":'),
        ("+", 8, 0, "        return"),
        ("+", 9, 0, ""),
        ("", 10, 0, "    accept()"),
        ("-", 0, 11, "    send()"),
        ("+", 11, 0, "    send(1)"),
    ]


def test_explanation_and_metadata_are_no_difference() -> None:
    rows = difference_rows(FLAWED, FLAWED.replace("Why.", "Because.").replace("true", "false"))
    assert {row.mark for row in rows} == {""}
