"""A line is found again in an edited text, or known to be gone."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from wsplay.tui.source.highlight import lines_of
from wsplay.tui.source.line_map import line_in

BEFORE = "a\nb\nc\nd\n"


def test_lines_move_with_what_is_added_above_them() -> None:
    after = "new\na\nb\nnew\nnew\nc\nd\n"
    assert [line_in(BEFORE, after, line) for line in (1, 2, 3, 4)] == [2, 3, 6, 7]


def test_a_line_that_was_changed_or_removed_is_gone() -> None:
    assert [line_in(BEFORE, "a\nB\nd\n", line) for line in (1, 2, 3, 4)] == [1, None, None, 3]
    assert line_in(BEFORE, BEFORE, 2) == 2
    assert line_in(BEFORE, "x\n", 99) is None


texts = st.lists(st.sampled_from(["a", "b", "", "  c"]), max_size=12).map("\n".join)


@given(texts, texts)
def test_a_line_that_is_found_has_the_same_text(before: str, after: str) -> None:
    old, new = lines_of(before), lines_of(after)
    found = [(line, line_in(before, after, line)) for line in range(1, len(old) + 1)]
    assert all(old[line - 1] == new[at - 1] for line, at in found if at is not None)
    places = [at for _, at in found if at is not None]
    assert places == sorted(set(places))
