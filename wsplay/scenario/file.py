"""A scenario file, read and checked: the source, what it explains, and the tries it comes with.

What the file may hold is in docs/scenario-file.md. Reading is pure and never raises: a file that is wrong in
any way gives a scenario that says so in `problem`, with all of it that could be made out.
"""

from __future__ import annotations

import ast
import inspect
import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

from wsplay.events.safe_text import visible
from wsplay.protocol.token import TokenKit
from wsplay.scenario.block import Fields, Problem, ScriptBlock, find_block, kind_of, read_toml
from wsplay.scenario.setup_order import setup_problems
from wsplay.scenario.tries import Try, parse_try, read_path

__all__ = ["Problem", "Scenario", "Try", "parse_scenario"]

#: Where a client connects if neither scenario nor try says otherwise.
DEFAULT_PATH = "/ws"

_KEYS = (
    "title",
    "order",
    "topics",
    "path",
    "flawed",
    "mended",
    "sources",
    "tokens",
    "try",
    "challenge",
    "attack",
)
_TABLE = "tool.wsplay"


@dataclass(frozen=True, slots=True)
class Scenario:
    """One scenario file.

    `file` is the path it was read from and `source` its text, as Python reads it (line ends are `\\n`).
    `order` is None where the file gives none; `topics` may be empty, and the first is the group it is listed
    in. `explanation` and `notes` are Markdown.
    `tokens`, `challenge` and `attack` are the raw tables. `mended` names the scenario that puts right what
    this one, `flawed`, does wrong. `problem` is None for a file that is right.
    """

    name: str
    file: str
    source: str = field(repr=False)
    title: str
    order: int | None = None
    topics: tuple[str, ...] = ()
    explanation: str = field(default="", repr=False)
    notes: str = field(default="", repr=False)
    tries: tuple[Try, ...] = ()
    tokens: Mapping[str, Any] = field(default_factory=dict, hash=False)
    challenge: Mapping[str, Any] | None = field(default=None, hash=False)
    attack: Mapping[str, Any] | None = field(default=None, hash=False)
    flawed: bool = False
    mended: str | None = None
    sources: tuple[str, ...] = ()
    path: str = DEFAULT_PATH
    requires_python: str | None = None
    dependencies: tuple[str, ...] = ()
    problem: Problem | None = None

    @property
    def filename(self) -> str:
        """The file's name without its folder, as source lines of events give it."""
        return PurePath(self.file).name

    @property
    def group(self) -> str:
        """What it is listed under: its first topic."""
        return self.topics[0] if self.topics else ""

    def get_try(self, name: str) -> Try | None:
        """The try of that name, whatever its case."""
        wanted = name.strip().casefold()
        return next((item for item in self.tries if item.name.strip().casefold() == wanted), None)


class _Problems:
    """Keeps the first problem that is reported."""

    def __init__(self, file: str) -> None:
        self.first: Problem | None = None
        self._file = file

    def report(self, message: str, line: int | None) -> None:
        if self.first is None:
            self.first = Problem(message, line, self._file)


def parse_scenario(name: str, file: str, text: str) -> Scenario:
    """Read a scenario file's `text`; `name` is what it is called by, `file` its path. Never raises."""
    source = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    problems = _Problems(file)
    explanation, notes = _docstring(source, problems)
    table, block = _script(source, problems)
    tool = table.get("tool", {})
    wsplay = tool.get("wsplay", {}) if isinstance(tool, dict) else tool
    if not isinstance(wsplay, dict):
        where = block.line_of(_TABLE) if block else None
        problems.report(f"`{_TABLE}` is {kind_of(wsplay)} but must be a table: `[{_TABLE}]`", where)
        wsplay = {}

    def line_of(key: str | None) -> int | None:
        return block.line_of(_TABLE, None, key) if block else None

    script = Fields(
        table, "the block", problems.report, lambda key: block.line_of("", 0, key) if block else None
    )
    fields = Fields(wsplay, f"`[{_TABLE}]`", problems.report, line_of)
    fields.known(*_KEYS)
    title = fields.text("title", '"Close before accept"')
    if title is not None and not title.strip():
        fields.wrong(
            "title", "`title` is empty; give it one, or leave the line out to be listed by file name"
        )
    path = read_path(fields) or DEFAULT_PATH
    tokens = _tokens(fields)
    return Scenario(
        name=name,
        file=file,
        source=source,
        title=visible((title or "").strip(), 80) or title_from(name),
        order=fields.integer("order", "3", 0, 1_000_000),
        topics=fields.strings("topics", '["handshake", "close codes"]'),
        explanation=explanation,
        notes=notes,
        tries=_tries(fields, block, problems, path),
        tokens=tokens,
        challenge=fields.mapping("challenge"),
        attack=fields.mapping("attack"),
        flawed=fields.flag("flawed", False),
        mended=fields.text("mended", '"other_scenario"'),
        sources=fields.strings("sources", '["RFC 6455 section 4.2.2"]'),
        path=path,
        requires_python=script.text("requires-python", '">=3.11"'),
        dependencies=script.strings("dependencies", '["fastapi", "uvicorn", "websockets"]'),
        problem=problems.first,
    )


def title_from(name: str) -> str:
    """`close_before_accept` -> `Close before accept`."""
    words = re.sub(r"[\s_-]+", " ", name).strip()
    return words[:1].upper() + words[1:]


def _script(source: str, problems: _Problems) -> tuple[dict[str, Any], ScriptBlock | None]:
    block = find_block(source)
    if isinstance(block, Problem):
        problems.report(block.message, block.line)
        return {}, None
    if block is None:
        return {}, None
    table = read_toml(block)
    if isinstance(table, Problem):
        problems.report(table.message, table.line)
        return {}, block
    return table, block


def _tokens(fields: Fields) -> dict[str, Any]:
    tokens = fields.mapping("tokens")
    if tokens is None:
        return {}
    try:
        TokenKit.from_table(tokens)
    except ValueError as error:
        fields.wrong("tokens", visible(str(error), 300))
        return {}
    return tokens


def _tries(fields: Fields, block: ScriptBlock | None, problems: _Problems, path: str) -> tuple[Try, ...]:
    tables = fields.table.get("try", [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        fields.wrong("try", f"`try` must be an array of tables; write each under its own `[[{_TABLE}.try]]`")
        return ()
    found: dict[str, Try] = {}
    places: dict[str, Fields] = {}
    for index, table in enumerate(tables):

        def line_of(key: str | None, index: int = index) -> int | None:
            return block.line_of(f"{_TABLE}.try", index, key) if block else None

        given = table.get("name")
        label = (
            f'try "{visible(given, 60)}"' if isinstance(given, str) and given.strip() else f"try {index + 1}"
        )
        item = Fields(table, label, problems.report, line_of)
        attempt = parse_try(item, path, tokens="tokens" in fields.table)
        if attempt is None:
            continue
        same = attempt.name.strip().casefold()
        if same in found:
            item.wrong("name", f"a second {label}; names of tries must differ, and not by case alone")
            continue
        found[same] = attempt
        places[attempt.name] = item
    for other, key, message in setup_problems(tuple(found.values())):
        places[other.name].wrong(key, message)
    return tuple(found.values())


def _docstring(source: str, problems: _Problems) -> tuple[str, str]:
    """Check the syntax and return what the module's docstring explains, and its speaker's notes."""
    if "\0" in source:
        line = source.count("\n", 0, source.index("\0")) + 1
        problems.report("a NUL byte, which Python does not take in source; remove it", line)
        return "", ""
    try:
        with warnings.catch_warnings():
            # A warning about the user's code would be written across the screen.
            warnings.simplefilter("ignore")
            tree = ast.parse(source)
            docstring = ast.get_docstring(tree, clean=False) or ""
            # The compiler finds what the parser lets pass: a `return` outside a function, say.
            compile(tree, "<scenario>", "exec", dont_inherit=True)
    except SyntaxError as error:
        what = f"{type(error).__name__}: {visible(error.msg or 'invalid syntax', 200)}"
        problems.report(f"{what}; mend this line or the one above it, then reload", error.lineno or None)
        return "", ""
    except UnicodeEncodeError as error:
        line = source.count("\n", 0, error.start) + 1
        problems.report("half a surrogate pair, which no file can hold; remove the character", line)
        return "", ""
    except (ValueError, RecursionError, MemoryError):
        problems.report("nested too deeply for Python to compile; break it into parts", None)
        return "", ""
    return split_notes(inspect.cleandoc(docstring))


def split_notes(markdown: str) -> tuple[str, str]:
    """Split off the `## Notes` section (to the next heading of its level or above): (the rest, the notes)."""
    rest: list[str] = []
    notes: list[str] = []
    into, fenced = rest, False
    for line in markdown.split("\n"):
        if line.lstrip().startswith(("```", "~~~")):
            fenced = not fenced
        elif not fenced and re.match(r"#{1,2}\s", line):
            into = notes if re.fullmatch(r"##\s+notes\s*:?\s*#*\s*", line, re.IGNORECASE) else rest
            if into is notes:
                continue
        into.append(line)
    return "\n".join(rest).strip(), "\n".join(notes).strip()
