"""`wsplay diff`: from real runs and from files."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from wsplay.cli.diff import _run
from wsplay.export.diff_text import diff_lines
from wsplay.play.side_of_run import ToRun
from wsplay.scenario.library import Library
from wsplay.verdict.compare import compare

pytestmark = pytest.mark.slow

LIMIT = 90


def wsplay(*args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "wsplay", *args], capture_output=True, text=True, timeout=LIMIT, check=False
    )


def test_refused_against_closed() -> None:
    ran = wsplay("diff", "close_before_accept@no token", "accept_then_close@no token")
    assert ran.returncode == 1
    lines = ran.stdout.splitlines()
    assert lines[0] == "< close_before_accept @ no token  uvicorn  ✗ REFUSED 403"
    assert lines[1] == "> accept_then_close @ no token  uvicorn  ! CLOSED 1008"
    assert tuple(line for line in lines if "403" in line or " 101" in line)[1:3] == (
        "~< status: 403",
        "~> status: 101",
    )
    assert any(line.startswith("<") and "HTTP/1.1 403 Forbidden" in line for line in lines)
    assert any(line.startswith(">") and "HTTP/1.1 101 Switching" in line for line in lines)
    assert any(line.startswith("~<") and "websocket.close 1008" in line for line in lines)
    assert [line for line in lines if line.startswith("> ") and "await websocket.accept()" in line]
    assert not [line for line in lines if "[tool.wsplay" in line or "policy violation*" in line]


async def test_the_same_run_twenty_times_over_does_not_differ(library: Library) -> None:
    scenario = library.get("close_before_accept")
    what = ToRun(scenario, scenario.tries[0], "uvicorn")
    first = await _run(what)
    for _ in range(20):
        again = await _run(what)
        compared = compare(first, again)
        assert not compared.differs, "\n".join(diff_lines(first, again, compared))
        assert len(compared.part("event")) == len(first.events)


def test_a_file_against_a_run_and_against_itself(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    assert wsplay("run", "close_before_accept", "--save", str(path)).returncode == 0
    ran = wsplay("diff", str(path), "3")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "RECORDED" in ran.stdout.splitlines()[0]
    assert "RECORDED" not in ran.stdout.splitlines()[1]
    assert ran.stdout.splitlines()[-1].endswith("same, no difference")
    assert wsplay("diff", str(path), str(path)).returncode == 0


def test_minted_tokens_do_not_differ_but_what_they_stand_for_does() -> None:
    name = "subprotocol_token@echoed"
    ran = wsplay("diff", name, name)
    assert ran.returncode == 0, ran.stdout
    assert "= Request: the same" in ran.stdout
    ran = wsplay("diff", name, "subprotocol_token@forged token")
    assert ran.returncode == 1
    assert "~< subprotocols" in ran.stdout


def test_engines_are_compared() -> None:
    ran = wsplay("diff", "3@uvicorn", "3@uvicorn-wsproto", "--json")
    *rows, count = map(json.loads, ran.stdout.splitlines())
    assert {row["kind"] for row in rows} == {"diff"}
    assert {row["part"] for row in rows} == {"target", "request", "source", "outcome", "event"}
    [engine] = [row for row in rows if row["key"] == "engine"]
    assert (engine["op"], engine["a"], engine["b"]) == ("~", "uvicorn", "uvicorn-wsproto")
    events = [row["op"] for row in rows if row["part"] == "event"]
    assert count == {
        "kind": "diff.count",
        "same": events.count("="),
        "changed": events.count("~"),
        "left": events.count("<"),
        "right": events.count(">"),
    }
    assert ran.returncode == (set(events) != {"="})


@pytest.mark.parametrize(
    ("args", "code", "says"),
    [
        (["3@no tokn", "3"], 2, 'has no try "no tokn"; did you mean `no token`'),
        (["nothing_at_all", "3"], 2, "no scenario"),
        (["3", "none.jsonl"], 2, "no file none.jsonl"),
        (["3"], 2, "Missing argument 'B'"),
    ],
)
def test_wrong_usage(args: list[str], code: int, says: str) -> None:
    ran = wsplay("diff", *args)
    assert (ran.returncode, ran.stdout) == (code, "")
    assert says in ran.stderr
