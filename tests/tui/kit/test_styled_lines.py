"""Coloured text as plain data: nothing is lost, nothing is too wide."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from wsplay.tui.kit import theme
from wsplay.tui.kit.styled_lines import LineRenderer, StyledLine, fit, line_width, plain, wrap

LINES = st.lists(
    st.tuples(st.text("ab 汉é-", max_size=40), st.sampled_from(["", "good", "bad bold"])), max_size=6
)


@given(parts=LINES, width=st.integers(8, 60), indent=st.integers(0, 12))
def test_wrapping_loses_nothing_and_keeps_the_width(
    parts: list[tuple[str, str]], width: int, indent: int
) -> None:
    line: StyledLine = tuple(parts)
    broken = wrap(line, width, indent)
    assert all(line_width(part) <= width for part in broken)
    kept = min(indent, max(width, 8) // 2)
    texts = [plain(part) if number == 0 else plain(part)[kept:] for number, part in enumerate(broken)]
    assert "".join(texts) == plain(line)


def test_wrapping_breaks_after_a_space_and_indents_what_follows() -> None:
    assert [plain(part) for part in wrap((("one two three", ""),), 9, 2)] == ["one two ", "  three"]
    assert [plain(part) for part in wrap((("onetwothree", ""),), 8, 0)] == ["onetwoth", "ree"]


@given(text=st.text(max_size=40), width=st.integers(-2, 30))
def test_fitting_never_exceeds_the_width(text: str, width: int) -> None:
    short = fit(text, width)
    assert cell_len(short) <= max(width, 0)
    assert short == text or width <= 0 or short.endswith("…")


@given(parts=LINES, width=st.integers(0, 60))
def test_a_strip_has_the_width_asked_for_and_the_text(parts: list[tuple[str, str]], width: int) -> None:
    strip = LineRenderer(theme.DARK.variables()).strip(tuple(parts), width, "bar")
    assert strip.cell_length == width
    if line_width(tuple(parts)) <= width:
        assert strip.text == plain(tuple(parts)).ljust(len(strip.text))


def test_styles_are_colours_with_attributes_on_a_background() -> None:
    renderer = LineRenderer(theme.DARK.variables())
    style = renderer.rich_style("bad bold", "bar")
    assert (style.color and style.color.name, style.bgcolor and style.bgcolor.name, style.bold) == (
        theme.DARK.bad,
        theme.DARK.bar,
        True,
    )
    own = renderer.rich_style("text-match on match-ground", "bar")
    assert own.bgcolor is not None
    assert own.bgcolor.name == theme.DARK.match_ground
    with pytest.raises(KeyError):
        renderer.rich_style("no-such-colour")
