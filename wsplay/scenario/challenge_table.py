"""A challenge: a question with choices that a run grades, from the `[tool.wsplay.challenge]` table.

Each choice carries what it claims, as predicates over the outcome of a run. Nothing says which is right: the
right choice is the one whose claim the run confirms.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from wsplay.protocol.did_you_mean import did_you_mean
from wsplay.scenario.block import Fields
from wsplay.scenario.expectations import Expectations, parse_expectations
from wsplay.scenario.source import Code, Patch, PatchError
from wsplay.scenario.tries import Try, find_try, unknown_try

LEVELS = ("beginner", "intermediate", "advanced", "expert")
#: Seconds suggested if a challenge suggests none.
SECONDS = 120
#: The most choices of a challenge, and the most texts that one of them replaces.
MAX_CHOICES, MAX_PATCHES = 20, 50


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer, and its claim: either about a run of `try_`, or that a design withstands attacks best.
    `claim` is the expected result of the run; `patch` is source text replaced before it. `bench` is the name
    of the design's scenario.
    """

    text: str
    try_: Try | None = None
    claim: Expectations = field(default_factory=Expectations)
    patch: Patch = ()
    bench: str | None = None


@dataclass(frozen=True, slots=True)
class Challenge:
    """A question over one scenario. `seconds` is a suggestion, not a limit; `seed` numbers the first five.

    `viewpoints` asks to grade the choices as a browser and TestClient see the run, too.
    """

    question: str
    choices: tuple[Choice, ...]
    level: str = "intermediate"
    seconds: int = SECONDS
    hint: str = ""
    explanation: str = ""
    viewpoints: bool = False
    seed: int | None = None

    @property
    def bench(self) -> tuple[str, ...]:
        """The designs to attack; none if the choices are graded by runs."""
        return tuple(choice.bench for choice in self.choices if choice.bench is not None)


def parse_challenge(fields: Fields, source: str, code: Code, tries: Sequence[Try]) -> Challenge:
    """Read the table and report its problems; with a problem, the challenge cannot be used.

    `source` is the scenario's, in which `code` can be patched; `tries` are the tries that a choice may run.
    """
    fields.known(
        "question", "level", "seconds", "hint", "try", "explanation", "observers", "seed", "bench", "choice"
    )
    question = fields.text("question", '"What does the client see?"')
    level = fields.text("level", '"beginner"') or "intermediate"
    if level not in LEVELS:
        fields.wrong("level", f"`level` in {fields.label} is unknown; {did_you_mean(level, LEVELS)}")
    name = fields.text("try", '"no token"')
    default = _named_try(fields, tries, name) if name is not None else next(iter(tries), None)
    items = fields.inner_array("choice", lambda number, table: f"choice {number}")
    if len(items) > MAX_CHOICES:
        items[MAX_CHOICES].wrong(None, f"{fields.label} has more than {MAX_CHOICES} choices; leave some out")
        items = items[:MAX_CHOICES]
    choices = tuple(_parse_choice(item, source, code, tries, default) for item in items)
    if len(choices) < 2:
        need = "needs two choices or more, each under its own `[[tool.wsplay.challenge.choice]]`"
        fields.wrong("choice", f"{fields.label} {need}")
    for number, choice in enumerate(choices):
        if any(choice.text == earlier.text for earlier in choices[:number]):
            items[number].wrong("text", f"{items[number].label} has the same text as an earlier one")
    if not question or not question.strip():
        fields.wrong("question", f'{fields.label} needs a question: `question = "What happens?"`')
    return Challenge(
        question=question or "",
        choices=choices,
        level=level,
        seconds=fields.integer("seconds", "120", 1, 3600) or SECONDS,
        hint=fields.text("hint") or "",
        explanation=fields.text("explanation") or "",
        viewpoints=fields.flag("observers", False),
        seed=fields.integer("seed", "1", 1, 1000),
    )


def _parse_choice(
    fields: Fields, source: str, code: Code, tries: Sequence[Try], default: Try | None
) -> Choice:
    fields.known("text", "holds", "holds_on", "try", "patch", "bench")
    name = fields.text("try", '"no token"')
    choice = Choice(
        text=fields.text("text") or "",
        try_=default if name is None else _named_try(fields, tries, name),
        claim=parse_expectations(fields, "holds"),
        patch=fields.pairs("patch", '[["old", "new"]]'),
        bench=fields.text("bench", '"other_scenario"'),
    )
    if not choice.text.strip():
        fields.wrong("text", f'{fields.label} needs a text: `text = "HTTP 403"`')
    if bool(fields.table.get("holds")) == ("bench" in fields.table):
        fields.wrong(None, f"{fields.label} needs one claim: either `holds` or `bench`")
    if choice.bench is None and choice.try_ is None:
        fields.wrong("try", f"{fields.label} makes a claim about a run, so the file needs a try")
    if len(choice.patch) > MAX_PATCHES:
        fields.wrong("patch", f"`patch` in {fields.label} has more than {MAX_PATCHES} pairs; join some")
        return choice
    try:
        code.patched(source, choice.patch)
    except PatchError as error:
        fields.wrong("patch", f"`patch` in {fields.label}: {error}")
    return choice


def _named_try(fields: Fields, tries: Sequence[Try], name: str) -> Try | None:
    try_ = find_try(tries, name)
    if try_ is None:
        fields.wrong("try", f"`try` in {fields.label} names {unknown_try(name, tries)}")
    return try_
