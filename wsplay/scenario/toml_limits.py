"""Limits for the TOML of a metadata block, checked before it is parsed.

Within the size of a scenario file, `tomllib` takes minutes for a key of very many parts, and runs out of
stack for values that are nested too deeply. This finds either in one pass, with its line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

#: The longest TOML text, in characters.
MAX_LENGTH = 100_000
#: The most parts of a dotted key (`a.b.c` has three), and the deepest nesting of arrays and inline tables.
MAX_PARTS, MAX_DEPTH = 20, 50

#: What has a meaning outside strings and comments; a comment goes to the end of its line.
_TOKEN = re.compile(r'"""|\'\'\'|["\'\[\]{}=,.\n]|#[^\n]*')
#: The next end of a string, or an escape in it, by what opened it. One on a single line ends with that line.
_REST = {
    '"""': re.compile(r'"""|\\.', re.DOTALL),
    "'''": re.compile("'''"),
    '"': re.compile(r'["\n]|\\.'),
    "'": re.compile("['\\n]"),
}


@dataclass(frozen=True, slots=True)
class Excess:
    """What exceeds a limit, and on which line of the TOML text, counted from 1."""

    message: str
    line: int


def find_excess(toml: str) -> Excess | None:
    """The first thing in the text that exceeds a limit; None if all is well or the text is not valid TOML."""
    if len(toml) > MAX_LENGTH:
        message = f"the block is longer than {MAX_LENGTH:,} characters; move what is long into the code"
        return Excess(message, toml.count("\n", 0, MAX_LENGTH) + 1)
    depth, dots, place = 0, 0, 0
    while (token := _TOKEN.search(toml, place)) is not None:
        place = token.end()
        match token[0]:
            case '"""' | "'''" | '"' | "'":
                place = _end_of_string(toml, place, token[0])
            case ".":
                dots += 1
                if dots >= MAX_PARTS:
                    message = f"a key with more than {MAX_PARTS} parts; shorten it"
                    return Excess(message, toml.count("\n", 0, place) + 1)
            case "[" | "{":
                depth, dots = depth + 1, 0
                if depth > MAX_DEPTH:
                    message = f"nested too deeply, more than {MAX_DEPTH} levels; flatten it"
                    return Excess(message, toml.count("\n", 0, place) + 1)
            case "]" | "}":
                depth, dots = max(depth - 1, 0), 0
            case "=" | "," | "\n":
                dots = 0
    return None


def _end_of_string(toml: str, place: int, opened: str) -> int:
    """Where the string ends that begins before `place`; the end of the text if it is not closed."""
    while (found := _REST[opened].search(toml, place)) is not None:
        place = found.end()
        if found[0] in (opened, "\n"):
            return place
    return len(toml)
