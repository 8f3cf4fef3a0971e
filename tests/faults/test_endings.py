"""However a command ends, nothing of it stays: no child, no port, no traceback."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow

SILENT = "await asyncio.sleep(3600)"
#: What a shell shows for a program that ended by a signal it did not take, or the program's own code.
SIGNALS = [
    (signal.SIGINT, {130}),
    (signal.SIGTERM, {-signal.SIGTERM, 143}),
    (signal.SIGHUP, {-signal.SIGHUP, 129}),
    (signal.SIGKILL, {-signal.SIGKILL}),
]

#: A scenario's block with a user, to be attacked, and a challenge.
ASKED = """[tool.wsplay]
[tool.wsplay.attack]
let_in = "user"
credential = "header:A"
prize = "secret"
[[tool.wsplay.try]]
name = "user"
headers = [["A", "b"]]
[tool.wsplay.challenge]
question = "Is the client let in?"
[[tool.wsplay.challenge.choice]]
text = "yes"
holds = { status = 101 }
[[tool.wsplay.challenge.choice]]
text = "no"
holds = { status = 403 }
"""


@pytest.mark.parametrize(("number", "codes"), SIGNALS)
def test_a_run_that_is_ended_by_a_signal(
    start: Any, endpoint: Any, tools: Any, number: int, codes: set[int]
) -> None:
    run = start("run", str(endpoint(SILENT)), "--json")
    port = int(run.event("client.connecting")["data"]["url"].split(":")[2].split("/")[0])
    pids = {run.pid} | tools.until(lambda: tools.children(run.pid))
    os.kill(run.pid, number)
    assert run.ended() in codes
    tools.nothing_left(pids, port)
    assert "Traceback" not in run.text


def test_serve_that_is_killed(start: Any, tools: Any) -> None:
    served = start("serve", "no_auth")
    port = int(served.until(r"ws://127\.0\.0\.1:(\d+)/ws"))
    pids = {served.pid} | tools.children(served.pid)
    os.kill(served.pid, signal.SIGKILL)
    served.ended()
    tools.nothing_left(pids, port)


@pytest.mark.parametrize("command", ["run", "serve"])
def test_ctrl_c_does_not_wait_for_a_scenario_that_never_loads(
    start: Any, tmp_path: Path, tools: Any, command: str
) -> None:
    path = tmp_path / "endless.py"
    path.write_text("import os\nopen(os.path.dirname(__file__) + '/begun', 'w').close()\nwhile True: pass\n")
    program = start(command, str(path))
    tools.until((tmp_path / "begun").exists)
    pids = {program.pid} | tools.children(program.pid)
    os.kill(program.pid, signal.SIGINT)
    assert program.ended() in (0, 130)
    assert "no response within" not in program.text  # it ended for the signal, not for the limit
    assert "Traceback" not in program.text
    tools.nothing_left(pids)


def test_ctrl_c_in_a_tour_of_all(start: Any, tools: Any) -> None:
    run = start("run", "--all", "--jobs", "3")
    tools.until(lambda: len(tools.children(run.pid)) == 3)
    pids = {run.pid} | tools.children(run.pid)
    os.kill(run.pid, signal.SIGINT)
    assert run.ended() == 130
    assert "Traceback" not in run.text
    tools.nothing_left(pids)


@pytest.mark.parametrize(("number", "codes"), SIGNALS)
def test_a_run_of_several_at_once_that_is_ended_by_a_signal(
    start: Any, endpoint: Any, tools: Any, tmp_path: Path, number: int, codes: set[int]
) -> None:
    """One waits for its client, one is silent, one blocks its loop, one never loads; all begin first."""
    told = "open(os.path.dirname(__file__) + f'/begun-{time.time_ns()}', 'w').close()\n"
    block = '[tool.wsplay]\n[[tool.wsplay.try]]\nname = "x"\ntimeout = 600\nsend = [{ wait = 600 }]\n'
    accepted = f"await websocket.accept()\n{told}"
    endpoint(accepted + "await websocket.receive_text()", "waits", block)
    endpoint(accepted + SILENT, "silent", block)
    endpoint(accepted + "while True: time.sleep(1)", "blocks", block)
    endpoint("pass", "endless", block, before=f"{told}while True: pass")
    run = start("run", "--all", "--jobs", "4", more={"WSPLAY_SCENARIOS": str(tmp_path)})
    tools.until(lambda: len(list(tmp_path.glob("begun-*"))) == 4)
    pids = {run.pid} | tools.children(run.pid)
    assert len(pids) == 5
    os.kill(run.pid, number)
    assert run.ended() in codes
    assert "Traceback" not in run.text
    tools.nothing_left(pids)


@pytest.mark.parametrize("words", [["attack"], ["quiz", *["--answer", "1"] * 4]])
def test_ctrl_c_in_a_quiz_or_attack_of_several_at_once(
    start: Any, endpoint: Any, tools: Any, tmp_path: Path, words: list[str]
) -> None:
    told = "open(os.path.dirname(__file__) + f'/begun-{time.time_ns()}', 'w').close()\n"
    endpoint(told + SILENT, "silent", ASKED)
    endpoint(told + SILENT, "second", ASKED)
    endpoint(told + "while True: time.sleep(1)", "blocks", ASKED)
    endpoint("pass", "endless", ASKED, before=f"{told}while True: pass")
    files = [str(tmp_path / f"{name}.py") for name in ("silent", "second", "blocks", "endless")]
    run = start(*words, *files, "--jobs", "4")
    tools.until(lambda: len(list(tmp_path.glob("begun-*"))) == 4)
    pids = {run.pid} | tools.children(run.pid)
    assert len(pids) == 5
    os.kill(run.pid, signal.SIGINT)
    assert run.ended() == 130
    assert "Traceback" not in run.text
    tools.nothing_left(pids)


def test_ctrl_c_while_a_quiz_waits_for_an_answer(start: Any, tools: Any) -> None:
    reading, writing = os.pipe()
    try:
        run = start("quiz", "no_auth", "header_check", stdin=reading)
        run.until("suggested time")
        pids = {run.pid} | tools.until(lambda: tools.children(run.pid))
        os.kill(run.pid, signal.SIGINT)
        assert run.ended() == 130
        assert "Traceback" not in run.text
        tools.nothing_left(pids)
    finally:
        os.close(reading)
        os.close(writing)


@pytest.mark.parametrize("words", [["run", "3", "--all"], ["serve", "no_auth"], ["list"], ["show", "3"]])
def test_a_closed_output_ends_it_quietly(env: Any, tools: Any, words: list[str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    process = subprocess.Popen(
        [sys.executable, "-m", "wsplay", *words],
        stdout=writing,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
        env=env,
    )
    os.close(writing)
    _, errors = process.communicate(timeout=tools.patience)
    assert process.returncode == 0
    assert errors == ""
    tools.nothing_left({process.pid})


def test_an_output_that_cannot_be_written_is_one_line(wsplay: Any) -> None:
    with open("/dev/full", "w") as full:
        for words in (["list"], ["run", "3"], ["serve", "3"]):
            done = wsplay(*words, stdout=full)
            assert done.returncode == 3
            assert done.stderr == "Error: cannot write the output: No space left on device\n"


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
@pytest.mark.parametrize("words", ["run 3 --try 'valid token'", "3"])
def test_closed_standard_streams(env: Any, tmp_path: Path, closed: str, words: str) -> None:
    said = tmp_path / "said"
    streams = f"> {said} 2>&1 {closed}" if closed in ("<&-", "2>&-") else closed
    done = subprocess.run(
        ["sh", "-c", f"{sys.executable} -m wsplay {words} {streams}"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        env=env,
    )
    assert done.returncode == 0, done
    assert "Traceback" not in done.stdout + done.stderr
    if said.exists():
        assert "as expected" in said.read_text()
        assert "Traceback" not in said.read_text()
