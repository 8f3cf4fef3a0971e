"""What the run on show can be compared with. Pure: kept runs, scenario and engines in, the choices out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, Protocol

from wsplay.events.lenient import table, text
from wsplay.events.safe_text import visible
from wsplay.export.run_file import name_of
from wsplay.play.side_of_run import ToRun
from wsplay.protocol.engine import ENGINE_NAMES, get_engine
from wsplay.scenario.file import Scenario, Try
from wsplay.tui.kit.commands import Choice, action
from wsplay.verdict.compare import Plain, Side

#: The keys of the menu.
Which = Literal["b", "e", "t", "x"]


class Kept(Protocol):
    """A run that is kept: the header of its file, and the run as it is compared."""

    @property
    def header(self) -> Mapping[str, Any]: ...
    @property
    def side(self) -> Side: ...


@dataclass(frozen=True, slots=True)
class Shown:
    """The run on show, and what it takes to run it again: `try_` has the request as it was asked for, before
    anything was filled in, and `scenario` is as in its file; `source` is the text that the server ran, if it
    is another one.
    """

    side: Side
    scenario: Scenario
    try_: Try
    source: str | None = None

    @property
    def engine(self) -> str:
        """The engine that it ran on."""
        return text(self.side.header, "engine")


@dataclass(frozen=True, slots=True)
class Pair:
    """Two runs to compare, the left one and the right one; what is no `Side` yet is to be run."""

    left: Side | ToRun
    right: Side | ToRun


def next_engine(name: str) -> str:
    """The engine after that one, round the end."""
    at = ENGINE_NAMES.index(name) if name in ENGINE_NAMES else -1
    return ENGINE_NAMES[(at + 1) % len(ENGINE_NAMES)]


def next_try(scenario: Scenario, name: str) -> Try | None:
    """The try after that one, round the end; the first one after a request that is none of them. None if
    there is no other.
    """
    names = [each.name for each in scenario.tries]
    at = names.index(name) if name in names else -1
    following = scenario.tries[(at + 1) % len(names)] if names else None
    return None if following is None or following.name == name else following


def pairs(shown: Shown, before: Kept | None, others: Sequence[Kept], edit: str | None) -> dict[Which, Pair]:
    """What can be compared, by its key. `before` is the run before, `others` are the kept runs of this
    session, newest first; `edit` is the text that the user has made of the scenario's file, None if it is as
    in the file.

    Of what is to be run, a kept run is taken if there is one of the same code.
    """
    found: dict[Which, Pair] = {}
    if before is not None:
        found["b"] = Pair(before.side, shown.side)
    engine = ToRun(shown.scenario, shown.try_, next_engine(shown.engine), shown.source)
    found["e"] = Pair(shown.side, _kept(others, engine, shown.side) or engine)
    if (following := next_try(shown.scenario, shown.try_.name)) is not None:
        wanted = ToRun(shown.scenario, following, shown.engine, shown.source)
        found["t"] = Pair(shown.side, _kept(others, wanted) or wanted)
    if edit is not None and edit != shown.scenario.source:
        ran = shown.scenario.source if shown.source is None else shown.source
        from_file = ToRun(shown.scenario, shown.try_, shown.engine)
        edited = replace(from_file, source=edit)
        found["x"] = Pair(
            shown.side if ran == shown.scenario.source else _kept(others, from_file, shown.side) or from_file,
            shown.side if ran == edit else _kept(others, edited, shown.side) or edited,
        )
    return found


def choices(offered: dict[Which, Pair]) -> list[Choice]:
    """The menu of what can be compared."""
    titles = {
        "b": "the run before",
        "e": "the same request on the next engine",
        "t": "the next try",
        "x": "before and after the edit",
    }
    return [
        Choice(titles[key], _about(key, pair), action("compare", key), key) for key, pair in offered.items()
    ]


def _about(key: Which, pair: Pair) -> str:
    other = pair.left if key == "b" else pair.right
    missing = [side for side in (pair.left, pair.right) if isinstance(side, ToRun)]
    if key == "x":
        return "Both texts of the file, the same request" + ("; runs what is missing" if missing else "")
    engine = other.engine if isinstance(other, ToRun) else text(other.header, "engine")
    name = other.name if isinstance(other, ToRun) else name_of(other.header)
    where = get_engine(engine).label if engine in ENGINE_NAMES else engine
    return visible(f"{name} on {where}" + ("; runs it now" if missing else ""), 64)


def _kept(others: Sequence[Kept], wanted: ToRun, same_request: Side | None = None) -> Side | None:
    """The newest kept run that is what is wanted: the same code on the same engine, and the same try or
    request. None if there is none.
    """
    code = wanted.scenario.source if wanted.source is None else wanted.source
    for other in others:
        header = other.header
        if (
            text(header, "target") == wanted.scenario.name
            and text(header, "engine") == wanted.engine
            and text(table(header, "source"), "text") == code
            and (
                _requests_alike(same_request.header, header)
                if same_request is not None
                else bool(wanted.try_.name) and text(header, "try") == wanted.try_.name
            )
        ):
            return other.side
    return None


def _requests_alike(a: Mapping[str, Any], b: Mapping[str, Any]) -> bool:
    one, other = (Plain(header)(table(header, "request")) for header in (a, b))
    return bool(one == other)
