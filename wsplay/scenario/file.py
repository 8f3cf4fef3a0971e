"""A scenario file, read and checked: source, explanation, tries, challenge, attack target.

docs/scenario-file.md describes the format. Reading is pure and never raises: a broken file gives a scenario
with a `problem` and everything that could still be read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import PurePath
from typing import Any, TypeVar

from wsplay.events.safe_text import visible
from wsplay.protocol.token import TokenKit
from wsplay.scenario.attack_table import AttackTarget, parse_attack
from wsplay.scenario.block import Fields, Line, Problem, Report, ScriptBlock, find_block, kind_of, read_toml
from wsplay.scenario.challenge_table import Challenge, parse_challenge
from wsplay.scenario.setup_order import setup_problems
from wsplay.scenario.source import Code, Patch, read_source
from wsplay.scenario.steps import MAX_STEPS
from wsplay.scenario.token_table import parse_tokens
from wsplay.scenario.tries import Try, find_try, parse_try, read_path

__all__ = ["Problem", "Scenario", "Try", "parse_scenario"]

#: The most tries of one file.
MAX_TRIES = 200

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

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Scenario:
    """One scenario file.

    `file` is the path it was read from and `source` its text, as Python reads it (line ends are `\\n`);
    `code` is the part of it that is neither docstring nor metadata. `order` is None if the file gives none;
    `topics` may be empty, and the first is the group it is listed in. `explanation` and `notes` are Markdown.
    `mended` names the scenario that fixes what this one, `flawed`, does wrong.

    `path` is where a client connects, or empty: then the app's routes say (see `wsplay.protocol.routes`).

    `problem` prevents running, and is None for a valid file. A wrong challenge or attack table
    does not: then `challenge_problem` or `attack_problem` says what is wrong. The latter also says, without a
    line, why a scenario without such a table cannot be attacked.
    """

    name: str
    file: str
    source: str = field(repr=False)
    title: str
    order: int | None = None
    topics: tuple[str, ...] = ()
    explanation: str = field(default="", repr=False)
    notes: str = field(default="", repr=False)
    code: Code = field(default_factory=Code)
    tries: tuple[Try, ...] = ()
    tokens: TokenKit | None = None
    challenge: Challenge | None = None
    challenge_problem: Problem | None = None
    attack: AttackTarget | None = None
    attack_problem: Problem | None = None
    flawed: bool = False
    mended: str | None = None
    sources: tuple[str, ...] = ()
    path: str = ""
    requires_python: str | None = None
    dependencies: tuple[str, ...] = ()
    problem: Problem | None = None

    @property
    def filename(self) -> str:
        """The file's name without its folder, as source lines of events give it."""
        return PurePath(self.file).name

    @property
    def group(self) -> str:
        """The heading it is listed under: its first topic."""
        return self.topics[0] if self.topics else ""

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Everything that is wrong with the file; what keeps it from running comes first."""
        attack = self.attack_problem
        found = (self.problem, self.challenge_problem, attack if attack and attack.line is not None else None)
        return tuple(problem for problem in found if problem is not None)

    def get_try(self, name: str) -> Try | None:
        """The try of that name, regardless of case."""
        return find_try(self.tries, name)

    def patched(self, patch: Patch) -> str:
        """The source with `patch` applied to its code; see `Code.patched`."""
        return self.code.patched(self.source, patch)


class _Problems:
    """Keeps the first problem that is reported."""

    def __init__(self, file: str) -> None:
        self.first: Problem | None = None
        self._file = file

    def report(self, message: str, line: Line) -> None:
        if self.first is None:
            self.first = Problem(message, line() if callable(line) else line, self._file)

    def unless_found(self, value: T | None) -> T | None:
        """The value that was read, or None if something in it is wrong."""
        return value if self.first is None else None


def parse_scenario(name: str, file: str, text: str) -> Scenario:
    """Read a scenario file's `text`; `name` is its name, `file` its path. Never raises."""
    source = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    problems, of_tokens, of_challenge, of_attack = (_Problems(file) for _ in range(4))
    explanation, notes, code = read_source(source, problems.report)
    script, fields = _tables(source, problems.report)
    fields.known(*_KEYS)
    title = fields.text("title", '"Close before accept"')
    if title is not None and not title.strip():
        fields.wrong(
            "title", "`title` is empty; give it one, or leave the line out to be listed by file name"
        )
    path = read_path(fields) or ""
    tokens = fields.inner("tokens", of_tokens.report)
    kit = None if tokens is None else of_tokens.unless_found(parse_tokens(tokens))
    if of_tokens.first is not None:
        problems.report(of_tokens.first.message, of_tokens.first.line)
    tries = _tries(fields, path)
    challenge = fields.inner("challenge", of_challenge.report)
    attack = fields.inner("attack", of_attack.report) or Fields({}, "attack", of_attack.report)
    read_challenge = None if challenge is None else parse_challenge(challenge, source, code, tries)
    return Scenario(
        name=name,
        file=file,
        source=source,
        title=visible((title or "").strip(), 80) or title_from(name),
        order=fields.integer("order", "3", 0, 1_000_000),
        topics=fields.strings("topics", '["handshake", "close codes"]'),
        explanation=explanation,
        notes=notes,
        code=code,
        tries=tries,
        tokens=kit,
        challenge=of_challenge.unless_found(read_challenge),
        attack=of_attack.unless_found(parse_attack(attack, tries)),
        flawed=fields.flag("flawed", False),
        mended=fields.text("mended", '"other_scenario"'),
        sources=fields.strings("sources", '["RFC 6455 section 4.2.2"]'),
        path=path,
        requires_python=script.text("requires-python", '">=3.11"'),
        dependencies=script.strings("dependencies", '["fastapi", "uvicorn", "websockets"]'),
        challenge_problem=of_challenge.first,
        attack_problem=of_attack.first,
        problem=problems.first,
    )


def title_from(name: str) -> str:
    """`close_before_accept` becomes `Close before accept`."""
    words = re.sub(r"[\s_-]+", " ", name).strip()
    return words[:1].upper() + words[1:]


def _tables(source: str, report: Report) -> tuple[Fields, Fields]:
    """The values of the metadata block, and those of its `[tool.wsplay]`; empty if it is wrong."""
    table: dict[str, Any] = {}
    block = find_block(source)
    if isinstance(block, ScriptBlock):
        read = read_toml(block)
        if isinstance(read, Problem):
            report(read.message, read.line)
        else:
            table = read
    elif block is not None:
        report(block.message, block.line)
        block = None
    script = Fields(table, "the block", report, block, "", 0)
    tool = table.get("tool", {})
    wsplay = tool.get("wsplay", {}) if isinstance(tool, dict) else tool
    fields = Fields(wsplay, f"`[{_TABLE}]`", report, block, _TABLE)
    if isinstance(wsplay, dict):
        return script, fields
    fields.wrong(None, f"`{_TABLE}` is {kind_of(wsplay)} but must be a table: `[{_TABLE}]`")
    return script, replace(fields, table={})


def _tries(fields: Fields, path: str) -> tuple[Try, ...]:
    def label(number: int, table: Mapping[str, Any]) -> str:
        name = table.get("name")
        return f'try "{visible(name, 60)}"' if isinstance(name, str) and name.strip() else f"try {number}"

    found: dict[str, Try] = {}
    places: dict[str, Fields] = {}
    steps = 0
    for number, item in enumerate(fields.inner_array("try", label), 1):
        if number > MAX_TRIES:
            item.wrong(None, f"more than {MAX_TRIES} tries; put some of them in another file")
            break
        try_ = parse_try(item, path, tokens="tokens" in fields.table)
        if try_ is None:
            continue
        same = try_.name.strip().casefold()
        if same in found:
            item.wrong("name", f"a second {item.label}; names of tries must differ, and not by case alone")
            continue
        steps += len(try_.handshake.steps)
        if steps > MAX_STEPS:
            item.wrong("send", f"the tries send more than {MAX_STEPS} steps together; lower `times`")
            break
        found[same] = try_
        places[try_.name] = item
    for other, key, message in setup_problems(tuple(found.values())):
        places[other.name].wrong(key, message)
    return tuple(found.values())
