import pytest
from hypothesis import given
from hypothesis import strategies as st

from wsplay.scenario.source import Code, PatchError, read_source, split_notes


def code_of(source: str) -> str:
    reported: list[str] = []
    _, _, code = read_source(source, lambda message, line: reported.append(message))
    return source[code.start : code.end]


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ('"""Doc."""\nx = 1\n\n# /// script\n# a = 1\n# ///\n', "x = 1\n"),
        ('"""Doc.\n\nMore.\n"""\n\n# A comment.\nx = 1\n', "x = 1\n"),
        ('"""Doc."""\n@decorated\ndef f(): ...\n', "@decorated\ndef f(): ...\n"),
        ('"""A\x0cform feed and a\u2028line separator."""\nx = 1\n', "x = 1\n"),
        ("x = 1\n", "x = 1\n"),
        ('"""Doc."""\n', '"""Doc."""\n'),
        ("x = (\n# /// script\n", "x = ("),
        ("", ""),
    ],
)
def test_the_code_is_what_is_neither_docstring_nor_block(source: str, code: str) -> None:
    assert code_of(source) == code


def test_the_first_line_of_code() -> None:
    source = '"""Doc.\n"""\n\nx = 1\n'
    _, _, code = read_source(source, lambda message, line: None)
    assert code.first_line(source) == 4


@given(st.text())
def test_any_text_has_code(source: str) -> None:
    assert code_of(source) in source


@given(st.text(), st.text(min_size=1), st.text())
def test_a_patch_replaces_one_place_or_refuses(source: str, old: str, new: str) -> None:
    code = Code(0, len(source))
    if source.count(old) == 1:
        assert code.patched(source, ((old, new),)) == source.replace(old, new)
    else:
        with pytest.raises(PatchError):
            code.patched(source, ((old, new),))


@pytest.mark.parametrize(
    ("markdown", "rest", "notes"),
    [
        ("one\n\n## Notes\n\ntwo", "one", "two"),
        ("## notes:\ntwo\n### More\nthree", "", "two\n### More\nthree"),
        ("one\n## Notes\ntwo\n## See also\nthree", "one\n## See also\nthree", "two"),
        ("one\n```\n## Notes\n```\nthree", "one\n```\n## Notes\n```\nthree", ""),
        ("one\n### Notes\ntwo", "one\n### Notes\ntwo", ""),
        ("", "", ""),
    ],
)
def test_notes_are_split_off(markdown: str, rest: str, notes: str) -> None:
    assert split_notes(markdown) == (rest, notes)
