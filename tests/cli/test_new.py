"""`wsplay new`: a file that runs at once, where the library looks, and never over another one."""

from __future__ import annotations

import json
import os
import shlex
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from wsplay.cli.main import cli
from wsplay.scenario.library import Library

LIMIT = 30.0


@pytest.fixture(autouse=True)
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's scenarios folder, which does not exist yet."""
    monkeypatch.setenv("WSPLAY_SCENARIOS", "")
    monkeypatch.setenv("WSPLAY_PROGRESS", str(tmp_path / "progress.json"))
    folder = tmp_path / "config" / "scenarios"
    monkeypatch.setattr("platformdirs.user_config_dir", lambda *_, **__: str(tmp_path / "config"))
    return folder


def wsplay(*words: str) -> Result:
    return CliRunner().invoke(cli, list(words))


def made(*words: str) -> dict[str, Any]:
    done = wsplay("new", *words, "--json")
    assert done.exit_code == 0, done.output
    [line] = done.stdout.splitlines()
    read = json.loads(line)
    assert isinstance(read, dict)
    return read


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["uvicorn", "uvicorn-wsproto", "uvicorn-websockets"])
def test_a_new_scenario_runs_at_once_as_it_says(own: Path, engine: str) -> None:
    done = wsplay("new", "mine")
    assert done.exit_code == 0
    first, *commands = done.stdout.splitlines()
    assert first == f"created {own / 'mine.py'}"
    run = wsplay("run", "mine", "--engine", engine)
    assert (run.exit_code, "✓ as expected" in run.stdout) == (0, True)
    every = wsplay("run", "mine", "--all", "--engine", engine)
    assert (every.exit_code, "2 as expected, 0 not as expected" in every.stdout) == (0, True)
    quiz = wsplay("quiz", "mine", "--answer", "2", "--engine", engine)
    assert quiz.exit_code == 0, quiz.output
    for command in commands:
        _, *words = shlex.split(command)
        if words[0] == "run":
            assert wsplay(*words).exit_code == 0


@pytest.mark.slow
def test_it_runs_by_itself(own: Path) -> None:
    made("mine")
    text = (own / "mine.py").read_text()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (own / "mine.py").write_text(text.replace("port=8000", f"port={port}"))
    process = subprocess.Popen([sys.executable, str(own / "mine.py")], stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + LIMIT
        while True:
            with socket.socket() as client:
                client.settimeout(LIMIT)
                if not client.connect_ex(("127.0.0.1", port)):
                    client.sendall(b"GET /nowhere HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                    assert client.recv(100).startswith(b"HTTP/1.1 404")
                    break
            assert time.monotonic() < deadline
            assert process.poll() is None
            time.sleep(0.05)
    finally:
        process.kill()
        process.wait(LIMIT)


@pytest.mark.slow
def test_a_copy_of_each_kind_runs_as_the_original(own: Path) -> None:
    assert made("sends", "--from", "4")["tries"] == ["valid token", "no token"]
    assert made("my-jwt", "--from", "JWT before accept")["from"] == "JWT before accept"
    for name in ("sends", "my-jwt"):
        every = wsplay("run", name, "--all")
        assert (every.exit_code, " 0 not as expected" in every.stdout) == (0, True)


def test_the_library_finds_it_as_the_users_own(own: Path) -> None:
    made("mine")
    scenario = Library.find().get("mine")
    assert (scenario.file, scenario.group, scenario.problems) == (str(own / "mine.py"), "my own", ())


@pytest.mark.parametrize(
    ("options", "tries", "challenge"),
    [((), 2, True), (("--no-challenge",), 2, False), (("--no-tries",), 0, False)],
)
@pytest.mark.parametrize("original", [(), ("--from", "no_auth")])
def test_with_and_without(
    own: Path, original: tuple[str, ...], options: tuple[str, ...], tries: int, challenge: bool
) -> None:
    told = made("mine", *original, *options)
    scenario = Library.find().get("mine")
    assert bool(scenario.tries) == bool(tries)
    assert told["tries"] == [each.name for each in scenario.tries]
    assert told["challenge"] == (scenario.challenge is not None) == challenge
    assert scenario.problems == ()


def test_it_goes_into_the_folder_that_is_named(own: Path, tmp_path: Path) -> None:
    folder = tmp_path / "my folder"
    done = wsplay("new", "mine", "--to", str(folder))
    assert done.exit_code == 0
    assert (folder / "mine.py").is_file()
    assert not own.exists()
    _, ui, *_ = done.stdout.splitlines()
    assert shlex.split(ui) == ["wsplay", str(folder / "mine.py")]


def test_a_file_that_is_there_is_never_changed(own: Path) -> None:
    own.mkdir(parents=True)
    (own / "mine.py").write_text("before")
    done = wsplay("new", "mine")
    assert done.exit_code == 2
    assert f"{own / 'mine.py'} is there already" in done.stderr
    assert (own / "mine.py").read_text() == "before"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["no_auth"], 2, 'there is already a scenario "no_auth"'),
        (["run"], 2, "`wsplay run` is a command"),
        (["here/mine"], 2, "name the folder with --to here"),
        (["mine.py"], 2, "cannot be a name"),
        (["12"], 2, "a number means a place in the list"),
        (["asyncio"], 2, "would hide the Python module asyncio"),
        (["mine", "--from", "no_aut"], 2, "did you mean `no_auth`"),
        ([], 2, "Missing argument 'NAME'"),
    ],
)
def test_wrong_usage_says_what_and_writes_nothing(own: Path, words: list[str], code: int, said: str) -> None:
    done = wsplay("new", *words)
    assert done.exit_code == code
    assert said in done.stderr
    assert not own.exists()


def test_a_broken_original_is_not_copied(own: Path, tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text("def (:\n")
    done = wsplay("new", "mine", "--from", str(tmp_path / "broken.py"))
    assert done.exit_code == 3
    assert "broken.py:1" in done.stderr
    assert not own.exists()


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = wsplay("new", "mine", "--to", str(tmp_path / "file" / "sub"))
    assert done.exit_code == 3
    assert "cannot write" in done.stderr or "is not a folder" in done.stderr
    assert os.listdir(tmp_path) == ["file"]
