"""Output is split into lines and its stamps are read, however the pipe splits it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from wsplay.server.print_stamps import MAX_PIECE, MAX_STAMP, Line, OutputLines, stamp

TOKEN = b"0123456789abcdef"
WHERE = ("x.py", 7, "endpoint")


def written(text: bytes, t_ns: int = 5, source: tuple[str, int, str] | None = WHERE) -> bytes:
    return stamp(TOKEN, len(text), t_ns, source) + text


def cut_into_lines(stream: bytes, cuts: list[int]) -> list[Line]:
    output = OutputLines(TOKEN)
    lines: list[Line] = []
    for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        lines += output.feed(stream[start:end], 99)
    return lines + output.end(99)


def test_lines_with_and_without_a_stamp() -> None:
    stream = written(b"one") + written(b"\n", 6) + b"raw\r\n" + written(b"two\nthree\n", 7, None) + b"rest"
    assert cut_into_lines(stream, []) == [
        Line("one", 5, WHERE, True),
        Line("raw", 99, None, True),
        Line("two", 7, None, True),
        Line("three", 7, None, True),
        Line("rest", 99, None, False),
    ]


def test_empty_lines_are_lines() -> None:
    assert cut_into_lines(written(b"\n\n") + b"\n", []) == [
        Line("", 5, WHERE, True),
        Line("", 5, WHERE, True),
        Line("", 99, None, True),
    ]


def test_what_only_looks_like_a_stamp_is_text() -> None:
    for fake in (b"\0", b"\0" + TOKEN, b"\0" + TOKEN + b"nonsense\0", b"\0" + TOKEN + b"x" * MAX_STAMP):
        assert (
            "".join(line.text for line in cut_into_lines(fake + b"\nnext\n", [])).encode() == fake + b"next"
        )


def test_an_unfinished_line_can_be_had_early_and_goes_on() -> None:
    output = OutputLines(TOKEN)
    assert output.feed(written("wait \u00fc".encode()[:-1]), 11) == []
    assert output.unfinished
    assert output.flush() == [Line("wait ", 5, WHERE, False)]
    assert output.feed(written("\u00fc".encode()[1:], 6), 12) == []
    assert output.feed(b"\nnext\n", 13) == [Line("\u00fc", 5, WHERE, False), Line("next", 13, None, True)]
    assert output.flush() == []
    assert output.end(14) == []


def test_the_end_of_a_line_handed_out_early_makes_no_line_of_its_own() -> None:
    output = OutputLines(TOKEN)
    output.feed(b"all of it", 1)
    assert [line.text for line in output.flush()] == ["all of it"]
    assert output.feed(b"\n", 2) == []
    assert output.feed(b"\n", 3) == [Line("", 3, None, True)]


def test_a_long_line_comes_in_pieces_of_whole_characters() -> None:
    text = "\u20ac" * MAX_PIECE
    lines = cut_into_lines(text.encode() + b"\n", [])
    assert "".join(line.text for line in lines) == text
    assert all(len(line.text.encode()) <= MAX_PIECE for line in lines)
    assert not any(line.whole for line in lines)


def test_bytes_that_are_no_text_are_replaced() -> None:
    assert cut_into_lines(b"a\xff\xfe\n\xe2\x82", [])[0].text == "a\ufffd\ufffd"


writes = st.lists(st.tuples(st.binary(max_size=30), st.booleans()), max_size=8)


@given(writes, st.data())
def test_any_cut_gives_the_same_lines(parts: list[tuple[bytes, bool]], data: st.DataObject) -> None:
    stream = b"".join(written(part) if stamped else part for part, stamped in parts)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=12)))
    assert cut_into_lines(stream, cuts) == cut_into_lines(stream, [])


@given(st.lists(st.binary(max_size=60)))
def test_no_bytes_raise_and_none_are_lost(parts: list[bytes]) -> None:
    stream = b"".join(parts)
    lines = cut_into_lines(stream, [])
    expected = stream.decode("latin-1").split("\n")
    if expected[-1] == "":
        expected.pop()
    assert len(lines) == len(expected)


def test_a_forged_stamp_is_text() -> None:
    huge = b"1" + b"0" * 400
    for size, t_ns in ((b"1", huge), (huge, b"5"), (b"1", b"100"), (b"1", b"-1"), (b"1", b"1")):
        fake = b"\0" + TOKEN + b"\x1f".join((size, t_ns, b"7", b"endpoint", b"x.py")) + b"\0"
        output = OutputLines(TOKEN, since_ns=2)
        lines = output.feed(written(b"before\n") + fake + b"\n" + written(b"after\n", 6), 99)
        assert [(line.text.encode(), line.t_ns) for line in lines] == [
            (b"before", 5),
            (fake, 99),
            (b"after", 6),
        ]


@given(st.text(), st.text(), st.integers(0, 99), st.integers(1, 10**6))
def test_stamps_hold_any_name(file: str, function: str, t_ns: int, line: int) -> None:
    got = cut_into_lines(written(b"x\n", t_ns, (file, line, function)), [])
    assert got[0].t_ns == t_ns
    if not {"\0", "\x1f"} & set(file + function) and file and file.isprintable() and function.isprintable():
        assert got[0].source == (file, line, function)


def test_a_print_of_a_replaced_scenario_names_it() -> None:
    stream = stamp(TOKEN, 2, 5, WHERE, "li\x1ffe\0") + b"a\n" + written(b"b\n")
    assert cut_into_lines(stream, []) == [Line("a", 5, WHERE, True, "li?fe?"), Line("b", 5, WHERE, True)]
