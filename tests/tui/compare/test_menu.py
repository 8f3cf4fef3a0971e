"""What the run on show can be compared with: what is kept is taken, what is missing is run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest

from wsplay.play.side_of_run import ToRun
from wsplay.protocol.engine import ENGINE_NAMES
from wsplay.protocol.handshake import Handshake
from wsplay.scenario.file import Scenario, Try, parse_scenario
from wsplay.tui.compare.menu import Pair, Shown, Which, choices, next_engine, next_try, pairs
from wsplay.verdict.compare import Side

SOURCE = """app = 1
# /// script
# [tool.wsplay]
# [[tool.wsplay.try]]
# name = "first"
# [[tool.wsplay.try]]
# name = "second"
# ///
"""
EDITED = SOURCE.replace("app = 1", "app = 2")
SCENARIO = parse_scenario("probe", "/scenarios/probe.py", SOURCE)
FIRST, SECOND = SCENARIO.tries


@dataclass(frozen=True)
class Kept:
    side: Side

    @property
    def header(self) -> Mapping[str, Any]:
        return self.side.header


def offered(shown: Shown, others: Sequence[Side], edit: str | None) -> dict[Which, Pair]:
    """With all others kept, and the newest of them as the run before."""
    rest = [Kept(side) for side in others]
    return pairs(shown, rest[0] if rest else None, rest, edit)


def kept(try_name: str | None = "first", engine: str = "uvicorn", text: str = SOURCE, **more: Any) -> Side:
    header = {
        "target": "probe",
        "name": f"probe @ {try_name}",
        "try": try_name,
        "engine": engine,
        "source": {"file": "probe.py", "text": text},
        "request": {"path": "/ws"},
    }
    return Side({**header, **more}, [], {"ended": "closed"})


def shown(side: Side | None = None, try_: Try = FIRST, **more: Any) -> Shown:
    return Shown(side or kept(), SCENARIO, try_, **more)


def test_the_run_before_is_the_left_one() -> None:
    now, before, older = kept(), kept("second"), kept()
    found = offered(shown(now), [before, older], None)
    assert (found["b"].left, found["b"].right) == (before, now)
    assert "b" not in offered(shown(now), [], None)


def test_the_next_engine_is_run_if_it_was_not_yet() -> None:
    now = kept()
    found = offered(shown(now), [kept()], None)["e"]
    assert found.left is now
    assert found.right == ToRun(SCENARIO, FIRST, ENGINE_NAMES[1])


def test_a_kept_run_of_the_same_request_on_the_next_engine_is_taken() -> None:
    there = kept(engine=ENGINE_NAMES[1])
    found = offered(shown(), [kept(engine=ENGINE_NAMES[2]), there], None)
    assert found["e"].right is there


@pytest.mark.parametrize(
    "other",
    [
        kept(engine=ENGINE_NAMES[1], request={"path": "/other"}),
        kept(engine=ENGINE_NAMES[1], text=EDITED),
        kept(engine=ENGINE_NAMES[1], target="another"),
    ],
)
def test_a_kept_run_of_something_else_is_not_taken(other: Side) -> None:
    assert isinstance(offered(shown(), [other], None)["e"].right, ToRun)


def test_the_next_try_is_run_if_it_was_not_yet() -> None:
    assert offered(shown(), [], None)["t"].right == ToRun(SCENARIO, SECOND, "uvicorn")
    there = kept("second")
    assert offered(shown(), [there], None)["t"].right is there


def test_what_ran_from_edited_code_runs_that_again() -> None:
    found = offered(shown(kept(text=EDITED), source=EDITED), [], EDITED)
    assert found["e"].right == ToRun(SCENARIO, FIRST, ENGINE_NAMES[1], EDITED)
    assert found["t"].right == ToRun(SCENARIO, SECOND, "uvicorn", EDITED)


def test_before_and_after_the_edit() -> None:
    now = kept()
    found = offered(shown(now), [], EDITED)["x"]
    assert found.left is now
    assert found.right == ToRun(SCENARIO, FIRST, "uvicorn", EDITED)
    after = kept(text=EDITED)
    assert offered(shown(now), [after], EDITED)["x"].right is after


def test_the_edit_was_what_ran() -> None:
    now = kept(text=EDITED)
    found = offered(shown(now, source=EDITED), [], EDITED)["x"]
    assert found.left == ToRun(SCENARIO, FIRST, "uvicorn")
    assert found.right is now


def test_edited_once_more_since_the_run() -> None:
    found = offered(shown(kept(text=EDITED), source=EDITED), [], EDITED + "# more\n")["x"]
    assert found.left == ToRun(SCENARIO, FIRST, "uvicorn")
    assert found.right == ToRun(SCENARIO, FIRST, "uvicorn", EDITED + "# more\n")


def test_without_an_edit_there_is_no_before_and_after() -> None:
    assert "x" not in offered(shown(), [kept()], None)
    assert "x" not in offered(shown(), [kept()], SOURCE)


def test_engines_go_round() -> None:
    assert [next_engine(name) for name in ENGINE_NAMES] == [*ENGINE_NAMES[1:], ENGINE_NAMES[0]]
    assert next_engine("another") == ENGINE_NAMES[0]


def test_tries_go_round() -> None:
    assert [next_try(SCENARIO, name) for name in ("first", "second", "")] == [SECOND, FIRST, FIRST]
    alone: Scenario = replace(SCENARIO, tries=(FIRST,))
    assert next_try(alone, "first") is None
    assert next_try(replace(SCENARIO, tries=()), "") is None
    assert next_try(alone, "") is FIRST


def test_the_menu_says_what_is_run() -> None:
    menu = choices(offered(shown(), [kept("second")], EDITED))
    assert [(choice.key, choice.title, choice.action) for choice in menu] == [
        ("b", "the run before", "compare('b')"),
        ("e", "the same request on the next engine", "compare('e')"),
        ("t", "the next try", "compare('t')"),
        ("x", "before and after the edit", "compare('x')"),
    ]
    assert [choice.help for choice in menu] == [
        "probe @ second on uvicorn (websockets-sansio)",
        "probe @ first on uvicorn (wsproto); runs it now",
        "probe @ second on uvicorn (websockets-sansio)",
        "Both texts of the file, the same request; runs what is missing",
    ]


def test_a_request_that_is_no_try_has_its_scenario_s_name() -> None:
    menu = choices(offered(shown(kept(None), Try("", Handshake(path="/ws"))), [], None))
    assert menu[0].help == "probe on uvicorn (wsproto); runs it now"
