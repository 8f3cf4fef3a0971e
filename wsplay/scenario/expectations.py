"""What is expected of a run, and how it differs by engine: `expect`, `expect_on`; `holds`, `holds_on`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from wsplay.events.safe_text import visible
from wsplay.protocol.did_you_mean import did_you_mean
from wsplay.protocol.engine import ENGINE_NAMES
from wsplay.scenario.block import Fields, kind_of
from wsplay.verdict.expectation import Expectation, ExpectationError


@dataclass(frozen=True, slots=True)
class Expectations:
    """What is expected: by default, and in full on each engine where something differs."""

    default: Expectation = field(default_factory=Expectation)
    by_engine: Mapping[str, Expectation] = field(default_factory=dict, hash=False)

    def on(self, engine: str) -> Expectation:
        """What is expected on the engine of that name."""
        return self.by_engine.get(engine, self.default)


def parse_expectations(fields: Fields, key: str) -> Expectations:
    """Read the table `key` and, by engine, the differences in `<key>_on`; report problems."""
    default = fields.mapping(key) or {}
    if not _can_be_compared(fields, key, key, default):
        default = {}
    by_engine: dict[str, Expectation] = {}
    on = f"{key}_on"
    for engine, table in (fields.mapping(on) or {}).items():
        if engine not in ENGINE_NAMES:
            known = did_you_mean(engine, ENGINE_NAMES)
            fields.wrong(on, f"no engine `{visible(engine, 60)}` for `{on}` in {fields.label}; {known}")
        elif not isinstance(table, dict):
            example = f"like `{on} = {{ {engine} = {{ status = 500 }} }}`"
            must = f"is {kind_of(table)} but must be a table, {example}"
            fields.wrong(on, f"`{on}.{engine}` in {fields.label} {must}")
        elif _can_be_compared(fields, on, f"{on}.{engine}", table):
            by_engine[engine] = Expectation({**default, **table})
    return Expectations(Expectation(default), by_engine)


def _can_be_compared(fields: Fields, key: str, where: str, table: Mapping[str, Any]) -> bool:
    """Whether the table can be compared with an outcome; if not, it is reported."""
    try:
        Expectation.parse(table, where)
    except ExpectationError as error:
        fields.wrong(key, f"in {fields.label}, {error}")
        return False
    return True
