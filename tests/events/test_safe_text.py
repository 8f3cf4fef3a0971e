import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from wsplay.events.safe_text import visible, visible_lines

ANY = st.text(st.characters(), max_size=60)


def obeyed(char: str) -> bool:
    """Whether a terminal obeys the character, or a reader cannot see it, by its Unicode category."""
    return unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", ""),
        ("Welcome! ☃ é 漢", "Welcome! ☃ é 漢"),
        ("\x1b[31mred", "␛[31mred"),
        ("two\r\nlines\tx\0", "two␍␊lines␉x␀"),
        ("\x7f", "␡"),
        ("\x9b2J", "<U+009B>2J"),  # CSI in one character
        ("a\u202eb", "a<U+202E>b"),
        ("a\u2066b\u2069", "a<U+2066>b<U+2069>"),
        ("zero\u200bwidth", "zero<U+200B>width"),
        ("\u2028", "<U+2028>"),
        ("\ud800", "<U+D800>"),
        ("hidden\U000e0041", "hidden<U+E0041>"),  # a tag character
        ("a\ufe0fb", "a<U+FE0F>b"),  # a variation selector
        ("\u3164", "<U+3164>"),  # a letter drawn as nothing
        ("[red]markup[/]", "[red]markup[/]"),  # markup is for the view to keep apart
    ],
)
def test_what_would_be_obeyed_is_shown(text: str, shown: str) -> None:
    assert visible(text) == shown


@given(ANY)
@example("\x1b]0;title\x07")
def test_nothing_is_left_to_obey(text: str) -> None:
    shown = visible(text)
    assert not any(map(obeyed, shown))
    assert shown.isprintable()


@given(ANY)
def test_showing_twice_changes_nothing(text: str) -> None:
    assert visible(visible(text)) == visible(text)


@given(st.text(st.characters(max_codepoint=0x7E, min_codepoint=0x20), max_size=60))
def test_plain_text_is_left_alone(text: str) -> None:
    assert visible(text) == text


@given(ANY, st.integers(-1, 70))
def test_a_limit_is_kept_and_a_cut_is_marked(text: str, limit: int) -> None:
    shown = visible(text, limit)
    assert len(shown) <= max(limit, 0)
    if shown != visible(text) and limit > 0:
        assert shown.endswith("…")
        assert visible(text).startswith(shown[:-1])


def test_text_that_just_fits_is_not_cut() -> None:
    assert visible("abcd", 4) == "abcd"
    assert visible("abcde", 4) == "abc…"
    assert visible("\x1b\x1b", 2) == "␛␛"
    assert visible("anything", 0) == ""


def test_lines_stay_lines_and_tabs_become_spaces() -> None:
    assert visible_lines("one\r\ntwo\n\tthree\rfour\x1b") == "one\ntwo\n    three␍four␛"


@given(ANY)
def test_of_lines_only_line_feeds_are_left(text: str) -> None:
    shown = visible_lines(text)
    assert not any(map(obeyed, shown.replace("\n", "")))
    assert shown.count("\n") == text.count("\n")
