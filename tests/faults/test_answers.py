"""No answer to a challenge is lost, however the quiz goes on."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow

#: Answers to `no_auth` and `accept_then_close` that the run confirms.
RIGHT = {"no_auth": "4", "accept_then_close": "2"}


@pytest.fixture
def progress(env: dict[str, str], tmp_path: Path) -> Path:
    env["WSPLAY_PROGRESS"] = str(tmp_path / "progress.json")
    return tmp_path / "progress.json"


@pytest.fixture
def keyboard() -> Iterator[tuple[int, int]]:
    """A pipe to answer through: the end to read and the end to write."""
    reading, writing = os.pipe()
    yield reading, writing
    os.close(reading)
    os.close(writing)


def solved(path: Path) -> set[str]:
    records = json.loads(path.read_text())["records"]
    return {name for name, record in records.items() if record["solved"]}


def test_ctrl_c_after_an_answer(start: Any, keyboard: tuple[int, int], progress: Path) -> None:
    quiz = start("quiz", "no_auth", "header_check", stdin=keyboard[0])
    quiz.until("no_auth .*suggested time")
    os.write(keyboard[1], RIGHT["no_auth"].encode() + b"\n")
    quiz.until("header_check .*suggested time")
    os.kill(quiz.pid, signal.SIGINT)
    assert quiz.ended() == 130
    assert solved(progress) == {"no_auth"}


def test_an_output_that_is_closed_before_the_results(
    env: dict[str, str], tools: Any, keyboard: tuple[int, int], progress: Path
) -> None:
    quiz = subprocess.Popen(
        [sys.executable, "-m", "wsplay", "quiz", "no_auth", "header_check"],
        stdin=keyboard[0], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env,
    )  # fmt: skip
    assert quiz.stdout is not None
    assert b"no_auth" in quiz.stdout.readline()
    quiz.stdout.close()
    os.write(keyboard[1], RIGHT["no_auth"].encode() + b"\n")
    assert quiz.stderr is not None
    assert quiz.stderr.read() == b""
    quiz.stderr.close()
    assert quiz.wait(tools.patience) == 0
    assert solved(progress) == {"no_auth"}


def test_a_later_challenge_that_cannot_be_graded(wsplay: Any, tmp_path: Path, progress: Path) -> None:
    broken = tmp_path / "raises.py"
    broken.write_text(wsplay("show", "no_auth", "--source").stdout.replace("app = FastAPI()", "app = 1 / 0"))
    done = wsplay(
        "quiz", "accept_then_close", str(broken), "--answer", RIGHT["accept_then_close"], "--answer", "1"
    )
    assert done.returncode == 3
    assert "ZeroDivisionError" in done.stderr
    assert solved(progress) == {"accept_then_close"}


def test_two_quizzes_at_once(start: Any, wsplay: Any, keyboard: tuple[int, int], progress: Path) -> None:
    first = start("quiz", "no_auth", stdin=keyboard[0])
    first.until("suggested time")
    other = wsplay("quiz", "accept_then_close", "--answer", RIGHT["accept_then_close"])
    assert other.returncode == 0
    os.write(keyboard[1], RIGHT["no_auth"].encode() + b"\n")
    assert first.ended() == 0
    assert solved(progress) == {"no_auth", "accept_then_close"}
    assert json.loads(progress.read_text())["streak"] == 2


def test_a_broken_file_is_set_aside_with_a_word(wsplay: Any, progress: Path) -> None:
    progress.write_text("{ half a fi")
    done = wsplay("quiz", "no_auth", "--answer", RIGHT["no_auth"])
    assert done.returncode == 0
    first, then = done.stderr.splitlines()
    assert "is not valid JSON" in first
    assert "progress.json.unreadable" in then
    assert progress.with_name("progress.json.unreadable").read_text() == "{ half a fi"
    assert solved(progress) == {"no_auth"}


def test_what_a_newer_version_wrote_stays(wsplay: Any, progress: Path) -> None:
    newer = {"version": 2, "theme": "x", "records": {"header_check": {"solved": True, "seconds": 3}}}
    progress.write_text(json.dumps(newer))
    done = wsplay("quiz", "no_auth", "--answer", RIGHT["no_auth"])
    assert (done.returncode, done.stderr) == (0, "")
    kept = json.loads(progress.read_text())
    assert (kept["version"], kept["theme"]) == (2, "x")
    assert kept["records"]["header_check"] == {"solved": True, "seconds": 3}
    assert kept["records"]["no_auth"]["solved"]
