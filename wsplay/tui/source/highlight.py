"""Python source as coloured lines, and where things are in it. Pure."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

import tree_sitter_python
from tree_sitter import Language, Parser, Query, QueryCursor

from wsplay.events.safe_text import visible_lines
from wsplay.tui.kit.styled_lines import StyledLine, StyledText

#: Longer sources are shown without colours, so that showing one never takes long.
MAX_COLOURED: Final = 200_000

#: Captures of the grammar's own highlight query; of two for the same text, the later one here wins.
_COLOURS: Final = {
    "embedded": "code-text",
    "constructor": "code-builtin",
    "type": "code-builtin",
    "constant": "code-constant",
    "function": "code-function",
    "function.method": "code-function",
    "function.builtin": "code-builtin",
    "operator": "code-operator",
    "keyword": "code-keyword",
    "number": "code-number",
    "constant.builtin": "code-constant",
    "string": "code-string",
    "escape": "code-constant",
    "punctuation.special": "code-operator",
    "comment": "code-comment italic",
}
_RANK: Final = {name: rank for rank, name in enumerate(_COLOURS)}
_ENDPOINT: Final = re.compile(r"\s*@\s*[\w.]+\.websocket(_route)?\b")


@lru_cache(maxsize=1)
def python_language() -> tuple[Language, str]:
    """The grammar of Python, and its own highlight query."""
    return Language(tree_sitter_python.language()), tree_sitter_python.HIGHLIGHTS_QUERY


@lru_cache(maxsize=1)
def _grammar() -> tuple[Parser, Query]:
    language, query = python_language()
    return Parser(language), Query(language, query)


def capture_styles() -> dict[str, str]:
    """The style of each capture of the query, by its name."""
    return dict(_COLOURS)


def lines_of(source: str) -> list[str]:
    """The lines of `source` as Python counts them."""
    return source.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def coloured(source: str) -> list[StyledLine]:
    """The lines of `source`, coloured as Python and safe to print; as many as `lines_of` has."""
    shown = visible_lines("\n".join(lines_of(source)))
    if len(shown) > MAX_COLOURED:
        return [((line, "code-text"),) if line else () for line in shown.split("\n")]
    raw = [line.encode() for line in shown.split("\n")]
    colours = [["code-text"] * len(line) for line in raw]
    parser, query = _grammar()
    captures = QueryCursor(query).captures(parser.parse(b"\n".join(raw)).root_node)
    found = [
        (node.end_byte - node.start_byte, _RANK[name], name, node)
        for name, nodes in captures.items()
        if name in _RANK
        for node in nodes
    ]
    # Inner nodes are painted after outer ones: a name in an f-string over the string.
    for _, _, name, node in sorted(found, key=lambda one: (-one[0], one[1])):
        colour = _COLOURS["keyword" if node.type.isalpha() and name == "operator" else name]
        (first, start), (last, end) = node.start_point, node.end_point
        for row in range(first, min(last, len(raw) - 1) + 1):
            left = start if row == first else 0
            right = min(end, len(raw[row])) if row == last else len(raw[row])
            colours[row][left:right] = [colour] * (right - left)
    return [_styled(line, colour) for line, colour in zip(raw, colours, strict=True)]


def _styled(line: bytes, colours: list[str]) -> StyledLine:
    parts: list[StyledText] = []
    start = 0
    for end in range(1, len(line) + 1):
        if end == len(line) or colours[end] != colours[start]:
            parts.append((line[start:end].decode(errors="replace"), colours[start]))
            start = end
    return tuple(parts)


def endpoint_line(source: str) -> int | None:
    """The line (from 1) of the first `@app.websocket` decorator, or None."""
    for number, line in enumerate(lines_of(source), 1):
        if _ENDPOINT.match(line):
            return number
    return None


def metadata_lines(source: str) -> tuple[int, int] | None:
    """First and last line (from 1) of the `# /// script` block (PEP 723), or None without a complete one."""
    lines = lines_of(source)
    for start, line in enumerate(lines):
        if line.rstrip() != "# /// script":
            continue
        end = None
        for number in range(start + 1, len(lines)):
            text = lines[number].rstrip()
            if text != "#" and not text.startswith("# "):
                break
            if text == "# ///":
                end = number
        return None if end is None else (start + 1, end + 1)
    return None
