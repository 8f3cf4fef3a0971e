"""The command line as its user meets it: a real process, real exit codes."""

import io
import json
import os
import pty
import re
import shlex
import signal
import socket
import subprocess
import sys
import termios
import time
from contextlib import suppress
from pathlib import Path

import pytest

from wsplay.cli.main import main

pytestmark = pytest.mark.slow

LIMIT = 60


def wsplay(
    *args: str, env: dict[str, str] | None = None, cwd: Path | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "wsplay", *args],
        capture_output=True,
        text=True,
        timeout=LIMIT,
        stdin=subprocess.DEVNULL,
        env={**os.environ, **(env or {})},
        cwd=cwd,
    )


def called(*args: str, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Like `wsplay`, but the entry point is called in this process: what prints and exits needs no other."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["wsplay", *args])
        patch.setattr(sys, "stdin", io.StringIO())
        patch.setattr(sys, "stdout", out)
        patch.setattr(sys, "stderr", err)
        for name, value in (env or {}).items():
            patch.setenv(name, value)
        with pytest.raises(SystemExit) as ended:
            main()
    code = ended.value.code
    assert isinstance(code, int)
    said = [stream.buffer.getvalue().decode() for stream in (out, err)]
    return subprocess.CompletedProcess(args, code, *said)


def json_lines(text: str) -> list[dict]:
    return [json.loads(line) for line in text.splitlines()]


def test_a_time_limit_is_waited_for() -> None:
    """What closes after a second is not told as open, whether a run is watched for it or left early."""
    args = ("run", "first_message_deadline", "--try", "sends nothing", "-H", "X-A: b")
    watched = wsplay(*args, "--timeout", "10", "--json")
    outcome = json_lines(watched.stdout)[-1]
    assert (outcome["ended"], outcome["close"]["code"], outcome["watched_ms"]) == ("closed", 1008, None)
    left = wsplay(*args).stdout
    assert "● OPEN after 0.4 s of quiet" in left
    assert "--timeout 10 watches longer." in left
    assert "✓" not in left


def test_close_before_accept_in_json_ends_with_the_outcome() -> None:
    run = wsplay("run", "close_before_accept", "--try", "no token", "--json")
    lines = json_lines(run.stdout)
    *events, outcome = lines
    assert outcome["kind"] == "outcome"
    assert (outcome["ended"], outcome["status"]) == ("refused", 403)
    assert outcome["asked"]["code"] == 1008
    assert outcome["browser"]["code"] == 1006
    [close] = [e for e in events if e["kind"] == "asgi.send"]
    source = Path("scenarios/close_before_accept.py").resolve()
    if source.exists():
        assert "websocket.close" in source.read_text().splitlines()[close["source"]["line"] - 1]
    assert [e["seq"] for e in events] == list(range(1, len(events) + 1))
    assert run.returncode == 0
    assert run.stderr == ""


def test_send_before_accept_shows_starlette_s_own_text_and_the_line() -> None:
    run = called("run", "send_before_accept", "--try", "valid token", "--json")
    *events, outcome = json_lines(run.stdout)
    [raised] = [e for e in events if e["kind"] == "asgi.raised"]
    assert raised["data"]["type"].endswith("RuntimeError")
    assert "websocket.accept" in raised["data"]["message"]
    assert raised["source"]["file"] == "send_before_accept.py"
    assert outcome["status"] == 500


def test_a_run_in_text_shows_the_lanes_and_the_verdict() -> None:
    run = wsplay("run", "close_before_accept", "--try", "no token")
    for word in (
        "client",
        "wire",
        "asgi",
        "GET /ws HTTP/1.1",
        "HTTP/1.1 403",
        "websocket.close 1008",
        "REFUSED 403",
        "as expected",
    ):
        assert word in run.stdout
    assert "\x1b" not in run.stdout


def test_number_name_and_path_mean_the_same_scenario(tmp_path: Path) -> None:
    source = called("show", "3", "--source").stdout
    assert source == called("show", "close_before_accept", "--source").stdout
    (tmp_path / "copy.py").write_text(source)
    assert called("show", str(tmp_path / "copy.py"), "--source").stdout == source


@pytest.mark.parametrize(
    ("args", "code", "words"),
    [
        (["run", "close_befor_accept"], 2, ["close_before_accept"]),
        (["close_befor_accept"], 2, ["close_before_accept"]),
        (["rnu"], 2, ["run"]),
        (["run", "3", "--try", "no tokn"], 2, ["no token"]),
        (["run", "3", "--engine", "uvicorn-wsprot"], 2, ["uvicorn-wsproto"]),
        (["run"], 2, ["SCENARIO", "--all"]),
        (["run", "3", "-H", "no colon here"], 2, ["-H"]),
        (["run", "3", "-H", "X: a\nb"], 2, ["-H"]),
        (["run", "3", "-H", ": v"], 2, ["-H"]),
        (["run", "3", "--query", "novalue"], 2, ["KEY=VALUE"]),
        (["run", "3", "--timeout", "-1"], 2, ["--timeout"]),
        (["run", "--all", "-H", "A: b"], 2, ["--all"]),
        (["run", "3", "--jobs", "2"], 2, ["--jobs", "--all"]),
        (["run", "--all", "--jobs", "0"], 2, ["--jobs"]),
        (["run", "./nowhere.py"], 2, ["nowhere.py"]),
        (["serve", "3", "--port", "70000"], 2, ["--port"]),
        (["frobnicate", "--x"], 2, []),
    ],
)
def test_wrong_usage_exits_2_and_says_what_to_do(args: list[str], code: int, words: list[str]) -> None:
    run = called(*args)
    assert run.returncode == code, run
    assert run.stdout == ""
    assert "Traceback" not in run.stderr
    for word in words:
        assert word in run.stderr


def test_a_broken_file_exits_3_with_file_and_line(tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text("x = 1\ndef f(:\n")
    run = wsplay("run", str(tmp_path / "broken.py"))
    assert run.returncode == 3
    assert re.search(r"broken\.py:2:", run.stderr)
    assert "Traceback" not in run.stderr


TWO_ROUTES = """
from fastapi import FastAPI, WebSocket
app = FastAPI()

@app.websocket("/room/{name}")
@app.websocket("/chat")
async def endpoint(websocket: WebSocket):
    await websocket.accept()
    await websocket.send_text("hello")

# /// script
# [[tool.wsplay.try]]
# name = "no path"
# expect = { received = ["hello"] }
#
# [tool.wsplay.attack]
# credential = "none"
# ///
"""


def test_several_routes_and_no_path_exit_2_with_the_routes(tmp_path: Path) -> None:
    file = tmp_path / "two.py"
    file.write_text(TWO_ROUTES)
    run = called("run", str(file))
    assert (run.returncode, run.stdout) == (2, "")
    assert "--path" in run.stderr
    assert "/chat, /room/{name}" in run.stderr
    assert called("run", str(file), "--path", "/room/ada").returncode == 0
    every = called("run", str(file), "--all")
    assert every.returncode == 3
    assert "/chat, /room/{name}" in every.stdout
    attack = called("attack", str(file))
    assert attack.returncode == 3
    assert "/chat, /room/{name}" in attack.stdout + attack.stderr


def test_the_only_route_is_the_path(tmp_path: Path) -> None:
    file = tmp_path / "one.py"
    file.write_text(TWO_ROUTES.replace('@app.websocket("/room/{name}")\n', ""))
    [*events, outcome] = json_lines(called("run", str(file), "--json").stdout)
    assert next(event for event in events if event["kind"] == "wire.request")["data"]["target"] == "/chat"
    assert (outcome["opened"], outcome["routes"]) == (True, None)
    [*_, outcome] = json_lines(called("run", str(file), "--json", "--path", "/other").stdout)
    assert (outcome["status"], outcome["routes"]) == (403, ["/chat"])


def test_a_file_without_app_exits_3(tmp_path: Path) -> None:
    (tmp_path / "empty.py").write_text("x = 1\n")
    run = called("run", str(tmp_path / "empty.py"))
    assert run.returncode == 3
    assert "app" in run.stderr


def test_a_broken_file_takes_nothing_else_down(tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text("def f(:\n")
    run = called("list", env={"WSPLAY_SCENARIOS": str(tmp_path)})
    assert run.returncode == 0
    assert "close_before_accept" in run.stdout
    assert re.search(r"broken\.py:1:", run.stdout)


def test_an_unmet_expectation_exits_1(tmp_path: Path) -> None:
    text = called("show", "no_auth", "--source").stdout
    wrong = re.sub(
        r"# \[\[tool\.wsplay\.try\]\].*?# ///",
        '# [[tool.wsplay.try]]\n# name = "x"\n# expect = { status = 403 }\n# ///',
        text,
        flags=re.S,
    )
    (tmp_path / "wrong.py").write_text(wrong)
    run = wsplay("run", str(tmp_path / "wrong.py"))
    assert run.returncode == 1
    assert "not as expected" in run.stdout


def test_list_in_json_is_an_object_a_line() -> None:
    names = [each["name"] for each in json_lines(called("list", "--json").stdout)]
    assert names[:6] == [
        "no_auth",
        "header_check",
        "close_before_accept",
        "send_before_accept",
        "jwt_before_accept",
        "accept_then_close",
    ]


def test_a_wrong_challenge_is_told_with_its_line_and_the_scenario_still_runs(tmp_path: Path) -> None:
    folder = tmp_path / "scenarios"
    folder.mkdir()
    file = folder / "odd.py"
    file.write_text(
        "from fastapi import FastAPI, WebSocket\n"
        "app = FastAPI()\n"
        '@app.websocket("/ws")\n'
        "async def endpoint(websocket: WebSocket):\n"
        "    await websocket.accept()\n"
        "    await websocket.close()\n"
        "# /// script\n"
        "# [tool.wsplay.challenge]\n"
        "# question = 3\n"
        "# ///\n"
    )
    said = "9: `question` in `[tool.wsplay.challenge]` is an integer but must be a string"
    env = {"WSPLAY_SCENARIOS": str(folder)}
    assert f"✗ odd.py:{said}" in called("list", env=env).stdout
    [listed] = [
        each for each in json_lines(called("list", "--json", env=env).stdout) if each["name"] == "odd"
    ]
    assert listed["problem"]["line"] == 9
    assert f"✗ {file}:{said}" in called("show", str(file)).stdout
    run = called("run", str(file), "--json")
    assert f"{file}:{said}" in run.stderr
    assert json_lines(run.stdout)[-1]["status"] == 101
    assert run.returncode == 0
    quiz = called("quiz", str(file))
    assert f"Error: {file}:{said}" in quiz.stderr
    assert quiz.returncode == 3


def test_a_list_can_be_searched_and_tells_the_flawed_from_the_fixed() -> None:
    found = called("list", "cookie", "origin").stdout
    assert "cookie_any_origin" in found
    assert "flawed, fixed in cookie_own_origin" in found
    assert "heartbeat" not in found
    nothing = called("list", "no-such-word-anywhere")
    assert (nothing.stdout, nothing.returncode) == ("", 1)
    assert "no scenario" in nothing.stderr
    nothing = called("list", "--json", "no-such-word-anywhere")
    assert (nothing.stdout, nothing.returncode) == ("", 1)
    shown = called("show", "cookie_any_origin").stdout
    assert "flawed on purpose, fixed in cookie_own_origin" in shown
    assert "Sources" in shown
    assert "✓ fixes cookie_any_origin" in called("show", "cookie_own_origin").stdout
    assert "✓ fixes cookie_any_origin" in called("list", "cookie", "origin").stdout


def on_a_terminal(*args: str, **env: str) -> str:
    """What the command prints on a terminal of 70 columns."""
    master, slave = pty.openpty()
    termios.tcsetwinsize(slave, (24, 70))
    unset = {"NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES"}
    given = {name: value for name, value in os.environ.items() if name not in unset}
    given |= {"TERM": "xterm-256color", **env}
    command = [sys.executable, "-m", "wsplay", *args]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=slave, env=given) as run:
        os.close(slave)
        data = b""
        with suppress(OSError):  # EIO: the command has ended
            while more := os.read(master, 65536):
                data += more
        os.close(master)
        assert run.wait(LIMIT) == 0
    return data.decode().replace("\r\n", "\n")


def test_on_a_terminal_an_explanation_is_rendered_and_in_a_pipe_it_is_as_written(tmp_path: Path) -> None:
    file = tmp_path / "marked.py"
    written = "**Look for** `close()`, [this](http://x.y/).\n\n- one *two*\n"
    file.write_text(f'"""{written}\n## Notes\n\n**Ask** first &#x202E;"""\napp = None\n')
    assert written in called("show", str(file)).stdout
    shown = on_a_terminal("show", str(file))
    assert "\x1b[1mLook" in shown
    assert "\x1b[36mclose()\x1b[0m, this" in shown
    assert "(http://x.y/)" in shown
    assert "\x1b]8" not in shown  # no link that a terminal would follow
    assert "**" not in shown
    assert "Ask" not in shown
    plain = on_a_terminal("show", str(file), "--notes", NO_COLOR="1")
    assert "Look for close(), this (http://x.y/).\n\n• one two\n\nAsk first <U+202E>\n" in plain
    assert "\x1b" not in plain


def test_on_a_terminal_the_explanation_is_broken_to_its_width() -> None:
    shown = on_a_terminal("show", "close_before_accept", NO_COLOR="1")
    explanation = shown[: shown.index("from fastapi")]
    assert "What to look for" in explanation
    assert max(map(len, explanation.splitlines())) <= 70


def test_without_a_terminal_the_tour_runs() -> None:
    run = wsplay("--engine", "uvicorn-wsproto", "no_auth")
    assert "No terminal" in run.stderr
    assert "1 as expected" in run.stdout
    assert run.returncode == 0


def test_version_help_and_completion() -> None:
    assert re.fullmatch(r"wsplay, version \d+\.\d+\.\d+\n", wsplay("--version").stdout)
    for args in ([], ["run"], ["serve"], ["list"], ["show"], ["token"], ["token", "mint"], ["token", "read"]):
        run = called(*args, "--help")
        assert run.returncode == 0
        assert "Usage:" in run.stdout
    for shell in ("bash", "zsh", "fish"):
        assert "_WSPLAY_COMPLETE" in called("completion", shell).stdout


def test_scenarios_are_completed() -> None:
    run = called(env={"_WSPLAY_COMPLETE": "bash_complete", "COMP_LINE": "wsplay run clo"})
    assert "close_before_accept" in run.stdout


def test_headers_of_the_user_s_own_are_sent_as_typed() -> None:
    run = called(
        "run",
        "3",
        "-H",
        "Authorization: validtoken",
        "-H",
        "x-A: 1",
        "-H",
        "X-a: 2",
        "-H",
        "User-Agent:",
        "--json",
    )
    *events, outcome = json_lines(run.stdout)
    [request] = [e for e in events if e["kind"] == "wire.request"]
    headers = request["data"]["headers"]
    assert ["x-A", "1"] in headers
    assert ["X-a", "2"] in headers
    assert not any(name.lower() == "user-agent" for name, _ in headers)
    assert outcome["received"] == ["Welcome!"]
    assert outcome["expected"] is None


def read_until(process: subprocess.Popen[str], pattern: str) -> str:
    assert process.stdout is not None
    seen = ""
    deadline = time.monotonic() + LIMIT
    while time.monotonic() < deadline:
        line = process.stdout.readline()
        seen += line
        if found := re.search(pattern, seen):
            return found.group(1) if found.groups() else found.group()
        assert line, f"ended: {seen}"
    raise AssertionError(f"no {pattern} in {seen}")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_serve_prints_what_other_clients_do_and_leaves_nothing(number: signal.Signals) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "wsplay", "serve", "close_before_accept"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        port = int(read_until(process, r"ws://127\.0\.0\.1:(\d+)/ws"))
        with socket.create_connection(("127.0.0.1", port), timeout=LIMIT) as client:
            client.sendall(
                b"GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
            )
            assert client.recv(4096).startswith(b"HTTP/1.1 403")
        read_until(process, r"#1 wire .*HTTP/1\.1 403")
        told = read_until(
            process, r"(?s)(#1 ✗ REFUSED 403\n.*In a browser \(per spec\): error, then close 1006)"
        )
        assert "The app closed before accept (line 44)" in told
        process.send_signal(number)
        assert process.wait(LIMIT) == 0
    finally:
        process.kill()
        process.communicate()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=LIMIT)


def test_serve_on_a_taken_port_exits_3_with_what_to_pass() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        run = wsplay("serve", "no_auth", "--port", str(taken.getsockname()[1]))
    assert run.returncode == 3
    assert "--port" in run.stderr
    assert "Traceback" not in run.stderr


def test_ctrl_c_ends_a_run_with_130_and_no_traceback(tmp_path: Path) -> None:
    (tmp_path / "slow.py").write_text(
        "import asyncio\nfrom fastapi import FastAPI, WebSocket\napp = FastAPI()\n"
        "@app.websocket('/ws')\nasync def endpoint(websocket: WebSocket):\n    await asyncio.sleep(600)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "wsplay", "run", str(tmp_path / "slow.py")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    read_until(process, r"websocket /ws")
    process.send_signal(signal.SIGINT)
    _, complaint = process.communicate(timeout=LIMIT)
    assert process.returncode == 130
    assert complaint.split() == ["stopped"]


@pytest.mark.parametrize(
    "words",
    [
        ["run", "close_before_accept", "--all", "--json"],
        ["run", "close_before_accept"],
        ["list"],
        ["show", "close_before_accept", "--source"],
        ["--help"],
        ["run", "--help"],
        ["--version"],
    ],
)
def test_a_closed_pipe_ends_quietly_with_0(words: list[str]) -> None:
    """As in `wsplay list | head -1`: the reader has what it wanted."""
    reading, writing = os.pipe()
    os.close(reading)
    run = subprocess.run(
        [sys.executable, "-m", "wsplay", *words],
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
        timeout=LIMIT,
    )
    os.close(writing)
    assert (run.returncode, run.stderr) == (0, "")


def test_the_first_line_can_be_taken_alone() -> None:
    run = subprocess.run(
        ["bash", "-o", "pipefail", "-c", f"{sys.executable} -m wsplay run 3 --all --json | head -1"],
        capture_output=True,
        text=True,
        timeout=LIMIT,
    )
    assert json.loads(run.stdout)["kind"] == "outcome"
    assert (run.returncode, run.stderr) == (0, "")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["rnu"], 'no command "rnu"; did you mean `run`?'),
        (["rnu", "3", "--try", "no token"], 'no command "rnu"; did you mean `run`?'),
        (["serv", "3", "--port", "70"], 'no command "serv"; did you mean `serve`?'),
        (["lst", "cookie"], 'no command "lst"; did you mean `list`?'),
        (["frobnicate", "--x"], 'no command or scenario "frobnicate"; see wsplay --help and wsplay list'),
        (["3", "--x"], "no such option: --x; to run a try, use: wsplay run SCENARIO"),
        (["3", "4"], "unexpected argument: 4; to run a try, use: wsplay run SCENARIO"),
        (["3", "--engine=uvicorn"], "put --engine before the scenario: wsplay --engine ... SCENARIO"),
    ],
)
def test_a_mistyped_command_is_told_as_one(words: list[str], said: str) -> None:
    run = called(*words)
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr.splitlines()[-1] == f"Error: {said}"


LONG = "x" * 300


def test_nothing_is_cut_in_a_pipe(tmp_path: Path) -> None:
    """Each line has all of its event's summary, which is short by itself; `-v` has all of a header."""
    long = 80 * "x"  # wider than the 100 columns that a pipe was once taken for
    run = called("run", "no_auth", "-v", "-H", f"X-Long: {LONG}", "--query", f"long={long}")
    assert re.search(rf"client +● connecting ws://127\.0\.0\.1:\d+/ws\?long={long}$", run.stdout, re.M)
    assert f"│ X-Long: {LONG}\n" in run.stdout
    folder = tmp_path / "scenarios"
    folder.mkdir()
    (folder / "broken.py").write_text(f'# /// script\n# [tool.wsplay]\n# {LONG} = "no such key"\n# ///\n')
    env = {"WSPLAY_SCENARIOS": str(folder)}
    [listed] = [
        one for one in json_lines(called("list", "--json", env=env).stdout) if one["name"] == "broken"
    ]
    assert len(listed["problem"]["message"]) > 100
    assert listed["problem"]["message"] in called("list", env=env).stdout


@pytest.mark.parametrize(
    ("env", "coloured"),
    [
        ({}, False),
        ({"FORCE_COLOR": "1"}, True),
        ({"FORCE_COLOR": "3", "TERM": "dumb"}, True),
        ({"FORCE_COLOR": "0"}, False),
        ({"FORCE_COLOR": ""}, False),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
    ],
)
def test_colour_can_be_forced(env: dict[str, str], coloured: bool) -> None:
    for words in (["list"], ["show", "3"]):
        assert ("\x1b[" in called(*words, env=env).stdout) is coloured


def test_progress_is_reset_after_a_question(tmp_path: Path) -> None:
    file = tmp_path / "progress.json"
    env = {"WSPLAY_PROGRESS": str(file)}
    none = called("progress", "--reset", env=env)
    assert (none.returncode, none.stdout) == (0, "there was no progress to reset\n")
    file.write_text('{"version": 2, "records": {}}')
    asked = called("progress", "--reset", env=env)
    assert (asked.returncode, asked.stdout) == (2, "")
    assert "pass --yes" in asked.stderr
    assert file.exists()
    reset = called("progress", "--reset", "--yes", "--json", env=env)
    told = {"kind": "progress.reset", "reset": True, "file": str(file)}
    assert (reset.returncode, json_lines(reset.stdout)) == (0, [told])
    assert not file.exists()
    again = called("progress", "--reset", "--json", env=env)
    assert (again.returncode, json_lines(again.stdout)) == (0, [told | {"reset": False}])
    assert called("progress", "--yes", env=env).returncode == 2


@pytest.mark.parametrize(
    ("answer", "code", "said", "left"),
    [("y\n", 0, "progress reset", False), ("n\n", 1, "nothing was reset", True), ("\n", 1, "nothing", True)],
)
def test_the_question_is_asked_on_a_terminal(
    tmp_path: Path, answer: str, code: int, said: str, left: bool
) -> None:
    """The question goes to stderr, so that stdout has only the answer."""
    file = tmp_path / "progress.json"
    file.write_text('{"version": 2, "records": {}}')
    leader, follower = os.openpty()
    try:
        os.write(leader, answer.encode())
        run = subprocess.run(
            [sys.executable, "-m", "wsplay", "progress", "--reset"],
            stdin=follower,
            capture_output=True,
            text=True,
            timeout=LIMIT,
            env={**os.environ, "WSPLAY_PROGRESS": str(file)},
        )
    finally:
        os.close(leader)
        os.close(follower)
    assert (run.returncode, file.exists()) == (code, left)
    assert said in run.stdout
    assert f"Delete your progress, {file}?" in run.stderr


def test_show_prints_commands_that_a_shell_takes(tmp_path: Path) -> None:
    names = ["it's", 'a "b"', "$HOME `x`", "plain"]
    tries = "".join(f"# [[tool.wsplay.try]]\n# name = {json.dumps(name)}\n" for name in names)
    (tmp_path / "my own.py").write_text(f"app = 1\n# /// script\n{tries}# ///\n")
    done = called("show", "my own", env={"WSPLAY_SCENARIOS": str(tmp_path)})
    commands = [line for line in done.stdout.splitlines() if line.startswith("  wsplay run")]
    assert [shlex.split(line) for line in commands] == [
        ["wsplay", "run", "my own", "--try", name] for name in names
    ]
