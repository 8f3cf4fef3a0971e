"""The patched source: which lines are marked, and which explain the code."""

from __future__ import annotations

import pytest

from wsplay.tui.source.patched_pane import changed_lines, docstring_lines


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
