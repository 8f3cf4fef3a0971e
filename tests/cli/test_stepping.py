"""`--step` and `--hold` in the real program: answers on stdin, and what the stream says."""

from __future__ import annotations

import json
import os
import pty
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest

from wsplay.cli.stepping import complete_point, hold_option, tell_lines
from wsplay.protocol.engine import ENGINE_NAMES
from wsplay.protocol.hold_points import parse_points
from wsplay.scenario.library import Library
from wsplay.scenario.message_lines import message_lines

LIMIT = 60
RUN = [sys.executable, "-m", "wsplay", "run"]
REFUSED = ["close_before_accept", "--try", "no token"]
#: What differs from run to run, held or not.
VOLATILE = ("held_ms", "watched_ms", "evidence")


def run(*args: str, answers: str = "", stdin: Any = None) -> subprocess.CompletedProcess[str]:
    given: dict[str, Any] = {"input": answers} if stdin is None else {"stdin": stdin}
    return subprocess.run([*RUN, *args], capture_output=True, text=True, timeout=LIMIT, check=False, **given)


def events_and_outcome(text: str) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    *events, outcome = map(json.loads, text.splitlines())
    return events, {key: value for key, value in outcome.items() if key not in VOLATILE}


def phases(events: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(e["data"]["what"], e["data"]["phase"]) for e in events if e["kind"].endswith(".held")]


@pytest.mark.slow
@pytest.mark.parametrize("engine", ENGINE_NAMES)
def test_a_run_that_yes_steps_through_ends_as_one_that_is_not_held(engine: str) -> None:
    plain = run(*REFUSED, "--json", "--engine", engine)
    with subprocess.Popen(["yes", ""], stdout=subprocess.PIPE) as yes:
        held = run(*REFUSED, "--json", "--engine", engine, "--step", stdin=yes.stdout)
        yes.kill()
    assert held.stderr == "", "nothing is asked where nobody reads it"
    events, outcome = events_and_outcome(held.stdout)
    assert outcome == events_and_outcome(plain.stdout)[1]
    assert (held.returncode, plain.returncode) == (0, 0)
    assert phases(events) == [
        (what, phase) for what in ("request", "send", "response") for phase in ("waits", "stepped")
    ]
    waits = [event for event in events if event["data"].get("phase") == "waits"]
    assert all(set(event["data"]) >= {"id", "what", "phase", "held_us"} for event in waits)
    assert waits[1]["source"]["line"] == 44


@pytest.mark.slow
def test_the_end_of_the_input_holds_no_more() -> None:
    ran = run(*REFUSED, "--step", "--json", answers="\n")
    events, outcome = events_and_outcome(ran.stdout)
    assert outcome["status"] == 403
    assert phases(events) == [
        ("request", "waits"), ("request", "stepped"), ("send", "waits"), ("send", "let_go"),
    ]  # fmt: skip


@pytest.mark.slow
def test_a_held_request_becomes_a_file_s_bytes(tmp_path: Path) -> None:
    head = b"GET /ws HTTP/1.1\r\nHost: a\r\nhOST: b\r\nUpgrade: websocket\r\n\r\n"
    file = tmp_path / "a head.txt"
    file.write_bytes(head)
    ran = run(*REFUSED, "--hold", "wire", "--json", answers=f"e {file}\nc\n")
    events, outcome = events_and_outcome(ran.stdout)
    [edited] = [event for event in events if event["kind"] == "wire.edited"]
    [request] = [event for event in events if event["kind"] == "wire.request"]
    assert edited["data"]["after"]["text"].encode() == head
    assert "Sec-WebSocket-Key" in edited["data"]["before"]["text"]
    assert request["data"]["headers"][:2] == [["Host", "a"], ["hOST", "b"]]
    assert (outcome["status"], outcome["expected"]) == (400, None)
    assert ran.returncode == 0
    assert phases(events)[:2] == [("request", "waits"), ("request", "edited")]


@pytest.mark.slow
def test_what_is_no_answer_is_told_in_a_line_and_asked_again(tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.touch()
    answers = f"next\ne\ne /no/such/file\ne {empty}\ne {tmp_path}\n\x1b[2J\nx\n"
    ran = run(*REFUSED, "--hold", "accept", "--hold", "close", answers=answers.replace("x\n", ""))
    told = ran.stderr.splitlines()
    assert told[0] == '"next" is no answer: Enter lets it pass, c holds no more, x drops it, q leaves'
    assert '"e" is no answer' in told[1]
    assert (
        told[2:5] == ["only a request can be replaced; this is the app sends"] * 3
        or "only a request" in told[2]
    )
    assert "\x1b" not in ran.stderr
    wire = run(*REFUSED, "--hold", "wire", answers=answers)
    assert "No such file" in wire.stderr
    assert "is empty" in wire.stderr
    assert "Is a directory" in wire.stderr


@pytest.mark.slow
def test_a_dropped_close_leaves_nothing_expected() -> None:
    ran = run(*REFUSED, "--hold", "close", "--json", "--timeout", "0.5", answers="x\n")
    events, outcome = events_and_outcome(ran.stdout)
    assert phases(events)[:2] == [("send", "waits"), ("send", "dropped")]
    assert "asgi.send" not in [event["kind"] for event in events], "the server never got it"
    assert outcome["expected"] is None
    assert ran.returncode == 0


@pytest.mark.slow
@pytest.mark.parametrize("answers", ["q\n", "\nq\n"])
def test_leaving_ends_the_program_at_once_without_an_outcome(answers: str) -> None:
    ran = run(*REFUSED, "--step", "--json", answers=answers)
    assert ran.returncode == 0
    assert "outcome" not in [json.loads(line)["kind"] for line in ran.stdout.splitlines()]
    assert ran.stderr == ""


@pytest.mark.slow
def test_on_a_terminal_each_wait_is_asked_for_on_stderr() -> None:
    leader, follower = pty.openpty()
    program = subprocess.Popen(
        [*RUN, *REFUSED, "--step", "--json"], stdin=follower, stderr=follower, stdout=subprocess.PIPE
    )
    os.close(follower)
    try:
        shown = ""
        for question in ("the client's request: GET /ws", "the app sends: websocket.close 1008", "response"):
            while (
                f"held  #1 {'asgi' if 'app' in question else 'wire'}: " not in shown or question not in shown
            ):
                shown += os.read(leader, 65_536).decode()
            shown = ""
            os.write(leader, b"\n")
        stdout, _ = program.communicate(timeout=LIMIT)
    finally:
        program.kill()
        os.close(leader)
    assert program.returncode == 0
    assert all(json.loads(line) for line in stdout.splitlines())


@pytest.mark.slow
def test_ctrl_c_while_held_leaves_no_process() -> None:
    program = subprocess.Popen(
        [*RUN, *REFUSED, "--step", "--json"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert program.stdout is not None
        while json.loads(program.stdout.readline())["kind"] != "wire.held":
            pass
        children = children_of(program.pid)
        assert children
        program.send_signal(signal.SIGINT)
        program.wait(LIMIT)
        until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in children))
    finally:
        program.kill()
        program.communicate()


def children_of(pid: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def until(true: Callable[[], object]) -> None:
    end = time.monotonic() + LIMIT
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.mark.slow
def test_serve_holds_the_handshake_of_any_client() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "wsplay", "serve", "no_auth", "--hold", "wire", "--hold", "accept", "--json"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1,
    ) as program:  # fmt: skip
        assert program.stdout is not None
        assert program.stdin is not None
        try:
            lines = map(json.loads, program.stdout)
            next(event for event in lines if event["kind"] == "server.loaded")
            port = listening_port(program.pid)
            with socket.create_connection(("127.0.0.1", port), timeout=LIMIT) as client:
                client.sendall(
                    b"GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
                )
                for about in ("GET /ws HTTP/1.1", "websocket.accept", "HTTP/1.1 101 Switching Protocols"):
                    event = next(event for event in lines if event["data"].get("phase") == "waits")
                    assert event["data"]["about"] == about
                    program.stdin.write("\n")
                assert b" 101 " in client.recv(65_536)
                program.stdin.write("\nq\n")
                program.stdin.close()
                *_, last = lines
            assert program.wait(LIMIT) == 0
            assert last["kind"] != "server.stalled"
        finally:
            program.kill()


def listening_port(pid: int) -> int:
    """The port of 127.0.0.1 on which this process listens."""
    inodes = set()
    for fd in Path(f"/proc/{pid}/fd").iterdir():
        target = os.readlink(fd)
        if target.startswith("socket:["):
            inodes.add(target[8:-1])
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        parts = line.split()
        if parts[3] == "0A" and parts[9] in inodes:
            return int(parts[1].split(":")[1], 16)
    raise AssertionError("it does not listen")


def test_all_cannot_be_held() -> None:
    for option in (["--step"], ["--hold", "close"]):
        ran = run("--all", *option)
        assert ran.returncode == 2
        assert "--all cannot be held: leave out --step and --hold" in ran.stderr


def test_a_wrong_point_is_told_with_the_nearest() -> None:
    ran = run(*REFUSED, "--hold", "clos")
    assert ran.returncode == 2
    assert 'no point "clos"; did you mean `close`?' in ran.stderr


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("", ["all", "asgi", "wire", "accept", "close", "line:44", "line:49"]),
        ("li", ["line:44"]),
        ("cl", ["close"]),
        ("x", []),
    ],
)
def test_points_are_completed_with_the_lines_that_receive_or_send(typed: str, offered: list[str]) -> None:
    command = hold_option("")(click.Command("probe"))
    context = click.Context(command)
    context.params["scenario"] = "close_before_accept"
    found = [item.value for item in complete_point(context, click.Option(["--hold"]), typed)]
    assert [item for item in found if not str(item).startswith("line")] == [
        item for item in offered if not item.startswith("line")
    ]
    assert ("line:44" in found) is ("line:44" in offered)
    assert all(str(item).startswith(typed) for item in found)


def test_a_line_that_seems_to_hold_nothing_is_told(
    library: Library, capsys: pytest.CaptureFixture[str]
) -> None:
    scenario = library.get("close_before_accept")
    lines = sorted(message_lines(scenario.source))
    tell_lines(parse_points([f"line:{lines[0]}", "asgi", "line:other.py:1"]), scenario)
    assert capsys.readouterr().err == ""
    tell_lines(parse_points(["line:1", "line:close_before_accept.py:2"]), scenario)
    said = capsys.readouterr().err.splitlines()
    these = ", ".join(map(str, lines))
    assert said == [
        f"line {number} of close_before_accept.py does not seem to receive or send, "
        f"so nothing may be held there; these do: {these}"
        for number in (1, 2)
    ]
