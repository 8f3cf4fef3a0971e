"""The metadata block of a scenario file: found, read, its values checked, each error with its line.

The inline script metadata specification (PEP 723) defines the block; what wsplay reads from its
`[tool.wsplay]` table is in docs/scenario-file.md.
"""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from wsplay.events.safe_text import visible
from wsplay.protocol.did_you_mean import did_you_mean
from wsplay.scenario.toml_limits import find_excess

_START = re.compile(r"# /// ([a-zA-Z0-9-]+)")
_OPENING = re.compile(r"(?m)^# /// script[ \t]*$")
_TOML_PLACE = re.compile(r"\(at (?:line (?P<line>\d+), column \d+|end of document)\)$")
_HEADER = re.compile(r"\s*\[\[?(?P<path>[^\[\]=,]+)\]\]?\s*(#.*)?$")

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a scenario file, and what to do about it; `message` is one line, safe to print.

    `line` counts from 1 and is None if no single line is wrong.
    """

    message: str
    line: int | None = None
    file: str = ""

    def __str__(self) -> str:
        where = visible(self.file)
        if self.line is not None:
            where = f"{where}:{self.line}" if where else f"line {self.line}"
        return f"{where}: {self.message}" if where else self.message


#: A line, or how to find it: that takes time, and only the first problem needs it.
Line = int | None | Callable[[], int | None]
Report = Callable[[str, Line], None]


@dataclass(frozen=True, slots=True)
class ScriptBlock:
    """The TOML text of a block. `opening` is the file's line with `# /// script`."""

    toml: str
    opening: int

    def line_of(self, table: str, index: int | None = None, key: str | None = None) -> int:
        """The file's line of `key` in `table` (`tool.wsplay`), or in the `index`-th of an array of tables.

        TOML values have no lines, so this looks for them in the text. For a table without its own header
        (`attack = { ... }`) it is the line of its key, and if nothing is found that of the block.
        """
        wanted = 0 if index is None else index
        best, path = self.opening, ""
        seen = 0 if table == "" else -1
        for number, line in enumerate(self.toml.split("\n"), self.opening + 1):
            if header := _HEADER.match(line):
                path = re.sub(r"[\s\"']", "", header["path"])
                if path == table:
                    seen += 1
                    best = number if seen == wanted else best
                elif path == f"{table}.{key}" and (seen == wanted or index is None):
                    return number
            elif path == table and seen == wanted and key is not None:
                stripped = line.lstrip().lstrip("\"'")
                if stripped.startswith(key) and stripped[len(key) :].lstrip("\"' \t").startswith(("=", ".")):
                    return number
        outer, _, name = table.rpartition(".")
        return self.line_of(outer, None, name) if seen < 0 else best


def find_block(text: str) -> ScriptBlock | Problem | None:
    """Return the `script` block of `text` (line ends `\\n`), None if it has none, or what is wrong."""
    lines = text.split("\n")
    found = [(opening, closing) for type_, opening, closing in find_blocks(lines) if type_ == "script"]
    if not found:
        return _unclosed(text)
    second = "a second `# /// script` block: a file may have one only; join the two"
    if len(found) > 1:
        return Problem(second, found[1][0])
    [(opening, closing)] = found
    content = lines[opening : closing - 1]
    # Of blocks that touch, the specification sees one, up to the last closing line.
    for number, line in enumerate(content, opening + 1):
        if line.rstrip() == "# /// script":
            return Problem(second, number)
    toml = "".join((line[2:] if line.startswith("# ") else line[1:]) + "\n" for line in content)
    return ScriptBlock(toml, opening)


def find_blocks(lines: Sequence[str]) -> Iterator[tuple[str, int, int]]:
    """The type of each block in these lines, and the numbers of its first and last line.

    They are those that the reference implementation's expression finds (PEP 723), which takes quadratic time
    where blocks are not closed: a run of comment lines holds at most one block, from its first line that
    opens one to its last that closes one, with a line or more between them.
    """
    type_, opening, closing = "", 0, 0
    for number, line in enumerate([*lines, ""], 1):
        if line != "#" and not line.startswith("# "):
            if type_ and closing > opening + 1:
                yield type_, opening, closing
            type_, closing = "", 0
        elif type_:
            closing = number if line == "# ///" else closing
        elif start := _START.fullmatch(line):
            type_, opening = start[1], number


def _unclosed(text: str) -> Problem | None:
    opening = _OPENING.search(text)
    if opening is None:
        return None
    first = _line(text, opening.start())
    if opening.group() != "# /// script":
        return Problem("spaces after `# /// script`: no tool will see the block; remove them", first)
    for number, line in enumerate(text[opening.end() :].rstrip("\n").split("\n")[1:], first + 1):
        if line.startswith("# ///") and not line.strip("# /"):
            if number == first + 1:
                return Problem("the block is empty; put its TOML between `# /// script` and `# ///`", first)
            return Problem("the block's closing line must be exactly `# ///`", number)
        if line != "#" and not line.startswith("# "):
            return Problem(
                "the `# /// script` block breaks off here: each line must start with `# ` (or be `#`), "
                "up to the line `# ///` that ends it",
                number,
            )
    return Problem("the `# /// script` block is never closed; end it with a line `# ///`", first)


def read_toml(block: ScriptBlock) -> dict[str, Any] | Problem:
    """Return the block's table, or what is wrong with its TOML and on which line of the file."""
    if (excess := find_excess(block.toml)) is not None:
        return Problem(excess.message, block.opening + excess.line)
    try:
        return tomllib.loads(block.toml)
    except (ValueError, RecursionError) as error:  # ValueError: TOMLDecodeError, and ints of over 4300 digits
        text = str(error)
        place = _TOML_PLACE.search(text)
        line = block.opening
        if place is not None:
            text = text[: place.start()].rstrip()
            last = block.toml.rstrip("\n").count("\n") + 1
            line += min(int(place["line"]), last) if place["line"] else last
        if isinstance(error, RecursionError):
            text = "nested too deeply"
        elif not isinstance(error, tomllib.TOMLDecodeError):
            text = "a number with too many digits"
        return Problem(
            f"the block is not valid TOML: {visible(text, 200)}; fix this line or the one above it", line
        )


def _line(text: str, place: int) -> int:
    return text.count("\n", 0, place) + 1


def kind_of(value: object) -> str:
    """TOML's name of a value's type, with an article."""
    match value:
        case bool():
            return "a boolean"
        case int():
            return "an integer"
        case float():
            return "a float"
        case str():
            return "a string"
        case list():
            return "an array"
        case dict():
            return "a table"
    return "a date or time"


@dataclass(frozen=True, slots=True)
class Fields:
    """One table's values, read with their types checked.

    A value of another type is reported with its line and counts as missing, so reading continues and the
    valid parts of a broken file can still be shown. `label` is how messages name the table. `path` and
    `index` say where it is in `block` (see `ScriptBlock.line_of`); without a block, nothing has a line.
    """

    table: Mapping[str, Any]
    label: str
    report: Report
    block: ScriptBlock | None = None
    path: str = ""
    index: int | None = None

    def line_of(self, key: str | None) -> int | None:
        """The file's line of `key`, or of the table itself."""
        return None if self.block is None else self.block.line_of(self.path, self.index, key)

    def inner(self, key: str, report: Report | None = None) -> Fields | None:
        """The table `key` in this one, if there is one; its problems go to `report`."""
        table = self.mapping(key)
        if table is None:
            return None
        path = f"{self.path}.{key}"
        return Fields(table, f"`[{path}]`", report or self.report, self.block, path)

    def inner_array(self, key: str, label: Callable[[int, Mapping[str, Any]], str]) -> list[Fields]:
        """The tables of the array `key`; `label` names each by its number, from 1, and its content."""
        path = f"{self.path}.{key}"
        tables = self.table.get(key, [])
        if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
            self.wrong(key, f"`{key}` must be an array of tables; write each under its own `[[{path}]]`")
            return []
        return [
            Fields(table, label(index + 1, table), self.report, self.block, path, index)
            for index, table in enumerate(tables)
        ]

    def known(self, *names: str) -> None:
        """Report the first key that is not one of `names`, with the nearest of them."""
        key = next((key for key in self.table if key not in names), None)
        if key is not None:
            hint = did_you_mean(key, names, "known are " + ", ".join(names))
            self.wrong(key, f"unknown key `{visible(key, 60)}` in {self.label}; {hint}")

    def wrong(self, key: str | None, message: str) -> None:
        self.report(message, lambda: self.line_of(key))

    def expected(self, key: str, what: str, example: str) -> None:
        """Report that the value of `key` is not `what`."""
        got = kind_of(self.table.get(key))
        self.wrong(key, f"`{key}` in {self.label} is {got} but must be {what}, like `{key} = {example}`")

    def text(self, key: str, example: str = '"text"') -> str | None:
        value = self.table.get(key)
        if value is None or isinstance(value, str):
            return value
        self.expected(key, "a string", example)
        return None

    def flag(self, key: str, default: bool) -> bool:
        value = self.table.get(key, default)
        if isinstance(value, bool):
            return value
        self.expected(key, "true or false", "true")
        return default

    def integer(self, key: str, example: str, least: int, most: int) -> int | None:
        value = self.table.get(key)
        if value is None:
            return None
        if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
            return value
        if isinstance(value, int) and not isinstance(value, bool):
            self.wrong(
                key, f"`{key}` in {self.label} must be from {least} to {most}, like `{key} = {example}`"
            )
        else:
            self.expected(key, "a whole number", example)
        return None

    def seconds(self, key: str, example: str, most: float) -> float | None:
        """A duration in seconds, above 0 and at most `most`."""
        value = self.table.get(key)
        if value is None:
            return None
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            if not math.isnan(value) and 0 < value <= most:
                return float(value)
            self.wrong(
                key,
                f"`{key}` in {self.label} must be above 0 and at most {most:g} seconds, "
                f"like `{key} = {example}`",
            )
        else:
            self.expected(key, "a number of seconds", example)
        return None

    def strings(self, key: str, example: str) -> tuple[str, ...]:
        value = self.table.get(key, [])
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return tuple(value)
        self.expected(key, "an array of strings", example)
        return ()

    def pairs(self, key: str, example: str) -> Pairs:
        """`[["name", "value"], ...]`, or a table if neither order nor duplicates matter."""
        value = self.table.get(key, [])
        if isinstance(value, dict):
            value = [[name, item] for name, item in value.items()]
        if isinstance(value, list) and all(_is_pair(item) for item in value):
            return tuple((name, item) for name, item in value)
        self.expected(key, "an array of [name, value] pairs of strings", example)
        return ()

    def mapping(self, key: str) -> dict[str, Any] | None:
        value = self.table.get(key)
        if value is None or isinstance(value, dict):
            return value
        self.expected(key, "a table", "{ ... }")
        return None


def _is_pair(item: object) -> bool:
    return isinstance(item, list) and len(item) == 2 and all(isinstance(part, str) for part in item)
