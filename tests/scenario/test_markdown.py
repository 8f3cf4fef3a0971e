"""Markdown as lines: what is kept, how it is broken, and that it stays data."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from wsplay.scenario.library import Library
from wsplay.scenario.markdown import LEAST_WIDTH, LONGEST, Mark, markdown_lines, plain


def text_of(markdown: str, width: int = 60, *, compact: bool = False) -> list[str]:
    return [plain(line) for line in markdown_lines(markdown, width, compact=compact)]


def marked(markdown: str) -> dict[str, set[Mark]]:
    """The marks of each piece of the text."""
    return {text: set(marks) for line in markdown_lines(markdown, 60) for text, marks in line}


def test_paragraphs_are_filled_and_broken_at_spaces() -> None:
    assert text_of("one two\nthree four five\n\n\nsix", 13) == ["one two three", "four five", "", "six"]
    assert text_of("one  \ntwo\\\nthree") == ["one", "two", "three"]
    assert text_of("") == []


def test_a_word_wider_than_a_line_is_broken_anywhere() -> None:
    assert text_of("a 0123456789abcdefgh b", 12) == ["a", "0123456789ab", "cdefgh b"]
    assert text_of("日本語日本語日本語", 12) == ["日本語日本語", "日本語"]


def test_marks_say_what_a_piece_is() -> None:
    assert marked("# Head") == {"Head": {Mark.HEADING}}
    found = marked("**bold** *slanted* `code` ***both***")
    assert found["bold"] == {Mark.STRONG}
    assert found["slanted"] == {Mark.EMPHASIS}
    assert found["code"] == {Mark.CODE}
    assert found["both"] == {Mark.STRONG, Mark.EMPHASIS}


def test_a_word_of_several_marks_stays_together() -> None:
    assert text_of("0123456 **bo**`ld`, x", 12) == ["0123456", "bold, x"]


def test_lists_have_bullets_and_numbers_and_hang() -> None:
    assert text_of("Text.\n- one two three\n- four", 13) == ["Text.", "", "• one two", "  three", "• four"]
    assert text_of("9. nine\n10. ten") == ["9. nine", "10. ten"]
    assert text_of("- a\n  - b\n    - c\n- d") == ["• a", "  • b", "    • c", "• d"]
    assert text_of("- a\n\n  more\n\n- b") == ["• a", "", "  more", "", "• b"]
    assert text_of("-\n- b") == ["• ", "• b"]


def test_a_compact_text_has_no_blank_line_above_a_list() -> None:
    assert text_of("**Look**\n\n- a\n- b\n\nEnd.", compact=True) == ["Look", "• a", "• b", "", "End."]


def test_quotations_code_rules_and_tables() -> None:
    assert text_of("> one\n> two") == ["│ one two"]
    assert text_of("```py\nif x:\n\treturn\n```") == ["  if x:", "      return"]
    assert text_of("    a  b") == ["  a  b"]
    assert text_of("a\n\n---\n\nb") == ["a", "", "───", "", "b"]
    assert text_of("|a|b|\n|-|-|\n|long|c|") == ["a     b", "long  c"]


def test_links_and_images_are_text() -> None:
    assert text_of("[label](http://x.y/z)") == ["label (http://x.y/z)"]
    assert text_of("<http://x.y>") == ["http://x.y"]
    assert text_of("![alt](i.png)") == ["alt (i.png)"]
    assert text_of("[go](javascript:alert)") == ["[go](javascript:alert)"]


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("<script>x</script>", "<script>x</script>"),
        ("[bold]x[/] [@click=app.quit]y[/]", "[bold]x[/] [@click=app.quit]y[/]"),
        ("a\x1b[31mb\x07", "a␛[31mb␇"),
        ("&#x202E;a &#27;[31m", "<U+202E>a �[31m"),
        ("`\x9b31m`", "<U+009B>31m"),
        ("[a](http://x/%1B\u202e)", "a (http://x/%1B%E2%80%AE)"),
    ],
)
def test_it_is_data_and_never_obeyed(given: str, shown: str) -> None:
    assert text_of(given) == [shown]


@given(
    st.text(st.sampled_from("ab *_`#>-+|1.\n\t[]()<>&;!~\\\x1b\x00\u202e日é"), max_size=200),
    st.integers(1, 90),
)
def test_any_text_fits_and_is_safe(text: str, width: int) -> None:
    lines = text_of(text, width)
    assert all(cell_len(line) <= max(width, LEAST_WIDTH) for line in lines)
    assert all(line.isprintable() for line in lines)


def test_depth_and_size_have_limits() -> None:
    deep = text_of("- " * 3000 + "x", 40) + text_of("> " * 3000 + "x", 40)
    assert all(cell_len(line) <= 40 for line in deep)
    assert len(text_of("*a*\n" * (LONGEST // 2), 40)) == LONGEST // 2 + 1  # as it is written


def test_every_bundled_explanation_is_shown_whole(library: Library) -> None:
    for scenario in library.scenarios:
        lines = text_of(scenario.explanation, 76)
        assert "What to look for" in lines, scenario.name
        assert not any("**" in line for line in lines), scenario.name
        words = scenario.explanation.replace("*", "").replace("`", "").split()
        shown = " ".join(lines).split()
        assert len(shown) >= len(words) * 0.95, scenario.name
