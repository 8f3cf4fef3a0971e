"""Markdown as lines of text for a terminal: CommonMark, and tables. Pure.

Scenario text is data: HTML is shown as it is written, a link is its text and its address, and nothing can be
followed, loaded or run. What a line looks like is said by marks; who shows it gives them colours.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from typing import TypeAlias

from markdown_it import MarkdownIt
from markdown_it.token import Token
from rich.cells import cell_len, chop_cells

from wsplay.events.safe_text import visible, visible_lines

#: The least width that text is broken to, in cells.
LEAST_WIDTH = 12
#: Text longer than this is shown as it is written: a scenario file has at most 250,000 bytes.
LONGEST = 100_000
#: Levels of lists and quotations that are indented; deeper ones are not indented further.
_DEEPEST = 6


class Mark(StrEnum):
    """What a piece of text is."""

    STRONG = "strong"
    EMPHASIS = "emphasis"
    CODE = "code"
    HEADING = "heading"
    QUIET = "quiet"  # a bullet, the address of a link


Span: TypeAlias = tuple[str, frozenset[Mark]]
Line: TypeAlias = tuple[Span, ...]

_PLAIN: frozenset[Mark] = frozenset()
_QUIET = frozenset({Mark.QUIET})
_OPENED = {"strong_open": Mark.STRONG, "em_open": Mark.EMPHASIS}
_BULLET, _QUOTE, _BREAK = "• ", "│ ", "───"


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False, "maxNesting": 20}).enable("table")


def markdown_lines(text: str, width: int, *, compact: bool = False) -> list[Line]:
    """`text` in lines of at most `width` cells, with no blank line at either end. With `compact`, a list has
    none above it.

    Every character is safe to print. Code that is wider than `width` is broken anywhere.
    """
    width = max(width, LEAST_WIDTH)
    if len(text) > LONGEST:
        return [line for raw in visible_lines(text).split("\n") for line in _chopped(raw, width, _PLAIN)]
    lines: list[Line] = []
    for block in _blocks(_parser().parse(text)):
        if lines and block.apart and not (compact and block.begins_list):
            lines.append(())
        first, rest = block.first[: width // 2], block.rest[: width // 2]
        for line in block.lines(width - cell_len(rest)):
            lead: Line = ((first, _QUIET),) if first else ()
            lines.append((*lead, *line))
            first = rest
    return lines


def plain(line: Line) -> str:
    """The text of a line without its marks."""
    return "".join(text for text, _ in line)


# -- blocks


@dataclass
class _Block:
    """A block without others in it. `first` is to the left of its first line, `rest` of the others; both
    are equally wide. `apart` blocks have a blank line above them.
    """

    first: str = ""
    rest: str = ""
    apart: bool = True
    begins_list: bool = False

    def lines(self, width: int) -> Iterable[Line]:
        """Its lines."""
        return [((_BREAK, _QUIET),)]


@dataclass
class _Prose(_Block):
    spans: list[Span] = field(default_factory=list)

    def lines(self, width: int) -> Iterable[Line]:
        return _wrapped(self.spans, width)


@dataclass
class _Code(_Block):
    text: str = ""

    def lines(self, width: int) -> Iterable[Line]:
        indent = "  "
        for raw in visible_lines(self.text).rstrip("\n").split("\n"):
            for line in _chopped(raw, width - len(indent), frozenset({Mark.CODE})):
                yield ((indent, _PLAIN), *line) if line else ()


@dataclass
class _Table(_Block):
    rows: list[list[list[Span]]] = field(default_factory=list)

    def lines(self, width: int) -> Iterable[Line]:
        columns = range(max(map(len, self.rows), default=0))
        widths = [max(_width(row[at]) for row in self.rows if at < len(row)) for at in columns]
        for row in self.rows:
            spans: list[Span] = []
            for at, cell in enumerate(row):
                spans += [*([("  ", _PLAIN)] if at else []), *cell]
                if at + 1 < len(row):
                    spans.append((" " * (widths[at] - _width(cell)), _PLAIN))
            yield from [tuple(spans)] if _width(spans) <= width else _wrapped(spans, width)


@dataclass
class _Level:
    """A list item or a quotation that is open: what is to the left of its first line, and of the others."""

    first: str
    rest: str
    started: bool = False


def _blocks(tokens: Sequence[Token]) -> Iterator[_Block]:
    levels: list[_Level] = []
    numbers: list[int | None] = []  # of the open lists: the next number, None with bullets
    begun = False  # a list was opened, and nothing in it was shown yet
    hidden = False  # the paragraph has no blank line above it in its list
    heading = False
    table: _Table | None = None

    def placed(block: _Block) -> _Block:
        nonlocal begun
        shown = levels[:_DEEPEST]
        block.first = "".join(level.rest if level.started else level.first for level in shown)
        block.rest = "".join(level.rest for level in shown)
        # A list is apart from the text above it, unless it is in another one.
        block.begins_list, begun = begun and len(numbers) == 1, False
        block.apart = block.begins_list or not hidden
        for level in levels:
            level.started = True
        return block

    for token in tokens:
        match token.type:
            case "bullet_list_open" | "ordered_list_open":
                numbers.append(None if token.type == "bullet_list_open" else _start(token))
                begun = True
            case "bullet_list_close" | "ordered_list_close":
                numbers.pop()
            case "list_item_open":
                number = numbers[-1]
                lead = _BULLET if number is None else f"{number}. "
                if number is not None:
                    numbers[-1] = number + 1
                levels.append(_Level(lead, " " * len(lead)))
            case "blockquote_open":
                levels.append(_Level(_QUOTE, _QUOTE))
            case "list_item_close" | "blockquote_close":
                if not levels[-1].started:
                    hidden = True
                    yield placed(_Prose())  # an empty item still has its bullet
                    hidden = False
                levels.pop()
            case "paragraph_open":
                hidden = token.hidden
            case "paragraph_close":
                hidden = False
            case "heading_open":
                heading = True
            case "heading_close":
                heading = False
            case "table_open":
                table = _Table()
            case "table_close" if table is not None:
                yield placed(table)
                table = None
            case "tr_open" if table is not None:
                table.rows.append([])
            case "inline":
                spans = list(_spans(token.children or (), frozenset({Mark.HEADING} if heading else ())))
                if table is not None:
                    table.rows[-1].append(spans)
                else:
                    yield placed(_Prose(spans=spans))
            case "fence" | "code_block":
                yield placed(_Code(text=token.content))
            case "hr":
                yield placed(_Block())


def _start(token: Token) -> int:
    start = token.attrGet("start")
    return 1 if start is None else int(start)


# -- text


def _spans(tokens: Iterable[Token], marks: frozenset[Mark]) -> Iterator[Span]:
    """A paragraph's text in pieces; `\\n` alone is a line break that was asked for."""
    open_marks = list(marks)
    hrefs: list[tuple[str, list[str]]] = []  # of the open links: the address, and the text so far
    for token in tokens:
        now = frozenset(open_marks)
        text, own = "", now
        match token.type:
            case "strong_open" | "em_open":
                open_marks.append(_OPENED[token.type])
            case "strong_close" | "em_close":
                open_marks.remove(_OPENED[token.type.replace("close", "open")])
            case "code_inline":
                text, own = token.content, now | {Mark.CODE}
            case "softbreak":
                text = " "
            case "hardbreak":
                yield ("\n", _PLAIN)
            case "link_open":
                hrefs.append((str(token.attrGet("href") or ""), []))
            case "link_close":
                href, said = hrefs.pop()
                if href and href != "".join(said):
                    yield (f" ({visible(href)})", _QUIET)
            case "image":
                text = f"{token.content} ({token.attrGet('src') or ''})".strip()
            case _:
                text = token.content
        if text:
            for _, said in hrefs:
                said.append(text)
            yield (visible(text), own)


def _width(spans: Iterable[Span]) -> int:
    return sum(cell_len(text) for text, _ in spans)


def _wrapped(spans: Sequence[Span], width: int) -> list[Line]:
    """Text in lines, broken at spaces; a word wider than a line is broken anywhere."""
    lines: list[Line] = []
    line: list[Span] = []
    used = 0
    gap: Span | None = None
    for word in _words(spans):
        wide = _width(word)
        if plain(tuple(word)) == "\n":
            lines.append(tuple(line))
            line, used, gap = [], 0, None
            continue
        if plain(tuple(word)).isspace():
            gap = (" ", word[0][1])
            continue
        if line and used + (gap is not None) + wide > width:
            lines.append(tuple(line))
            line, used = [], 0
        elif line and gap is not None:
            line.append(gap)
            used += 1
        gap = None
        if wide > width:
            *whole, rest = [part for text, marks in word for part in _chopped(text, width, marks)]
            lines += whole
            word, wide = list(rest), _width(rest)
        line += word
        used += wide
    return [*lines, tuple(line)]


def _words(spans: Iterable[Span]) -> Iterator[list[Span]]:
    """Words, which may have several marks, and what is between them: spaces, or a line break."""
    word: list[Span] = []
    for text, marks in spans:
        for piece in re.findall(r"\n|[^\S\n]+|\S+", text):
            if piece.isspace():
                if word:
                    yield word
                    word = []
                yield [(piece, marks)]
            else:
                word.append((piece, marks))
    if word:
        yield word


def _chopped(text: str, width: int, marks: frozenset[Mark]) -> list[Line]:
    """Text in lines of `width` cells, broken anywhere."""
    return [((part, marks),) if part else () for part in (chop_cells(text, max(width, 2)) or [""])]
