import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from wsplay.cli.main import cli
from wsplay.protocol.token import KINDS

SECRET = "a secret of thirty-two bytes or so"


def wsplay(*args: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(cli, args, input=stdin)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_only_the_valid_kind_reads_as_good(kind: str) -> None:
    minted = wsplay("token", "mint", kind, "--secret", SECRET, "--audience", "me")
    assert minted.exit_code == 0
    result = wsplay("token", "read", minted.stdout.strip(), "--secret", SECRET, "--audience", "me", "--json")
    reading = json.loads(result.stdout)
    good = reading["verified"] is True and not reading["problems"]
    assert good == (kind == "valid")
    assert result.exit_code == (0 if good else 1)


def test_claims_are_json_where_they_can_be() -> None:
    minted = wsplay("token", "mint", "--secret", SECRET, "--claim", "role=admin", "--claim", "level=3")
    claims = json.loads(wsplay("token", "read", "-", "--json", stdin=minted.stdout).stdout)["claims"]
    assert (claims["role"], claims["level"]) == ("admin", 3)


def test_a_scenarios_secret_is_used() -> None:
    minted = wsplay("token", "mint", "--scenario", "jwt_before_accept")
    result = wsplay("token", "read", minted.stdout.strip(), "--scenario", "jwt_before_accept")
    assert result.exit_code == 0
    assert "the signature is valid" in result.stdout


@pytest.fixture
def secret_file(tmp_path: Path) -> str:
    path = tmp_path / "secret"
    path.write_text(f"{SECRET}\n")
    return str(path)


@pytest.mark.parametrize("way", ["stdin", "file", "file from stdin", "pipe", "environment"])
def test_a_secret_can_come_in_where_nobody_sees_it(
    way: str, secret_file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    args, stdin = [], None
    match way:
        case "stdin":
            args, stdin = ["--secret", "-"], f"{SECRET}\r\n"
        case "file":
            args = ["--secret-file", secret_file]
        case "file from stdin":
            args, stdin = ["--secret-file", "-"], SECRET
        case "pipe":
            os.mkfifo(tmp_path / "pipe")
            args = ["--secret-file", str(tmp_path / "pipe")]
            threading.Thread(target=(tmp_path / "pipe").write_text, args=(SECRET,)).start()
        case "environment":
            monkeypatch.setenv("WSPLAY_SECRET", SECRET)
    minted = wsplay("token", "mint", *args, stdin=stdin)
    assert minted.exit_code == 0, minted.stderr
    assert minted.stderr == ""
    read = wsplay("token", "read", minted.stdout.strip(), "--secret", SECRET)
    assert "the signature is valid" in read.stdout
    if way != "pipe":
        read = wsplay("token", "read", minted.stdout.strip(), *args, stdin=stdin)
        assert "the signature is valid" in read.stdout


def test_what_is_on_the_command_line_counts_before_the_environment(
    secret_file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WSPLAY_SECRET", "another secret of thirty-two bytes or more")
    for given in (["--secret", SECRET], ["--secret-file", secret_file], ["--scenario", "jwt_before_accept"]):
        minted = wsplay("token", "mint", *given)
        assert wsplay("token", "read", minted.stdout.strip(), *given).exit_code == 0
        assert wsplay("token", "read", minted.stdout.strip()).exit_code == 1


def test_help_says_who_sees_an_argument_and_what_hides_it() -> None:
    for name in ("mint", "read"):
        text = " ".join(wsplay("token", name, "--help").stdout.split())
        assert "Other users of this machine can see an argument" in text
        for word in ("standard input", "--secret-file", "$WSPLAY_SECRET"):
            assert word in text


def test_a_secret_file_is_completed_as_a_file() -> None:
    words = {"COMP_LINE": "wsplay token mint --secret-file ", "_WSPLAY_COMPLETE": "bash_complete"}
    run = subprocess.run(
        [sys.executable, "-m", "wsplay"],
        env={**os.environ, **words},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert run.stdout.startswith("file\t"), run.stderr


@pytest.mark.parametrize(
    ("args", "stdin", "word"),
    [
        (["mint", "--secret", "x", "--secret-file", "y"], None, "not both"),
        (["mint", "--secret", "-"], "", "empty"),
        (["mint", "--secret", "-"], "\n", "empty"),
        (["mint", "--secret", "-"], "\udcff", "UTF-8"),
        (["mint", "--secret-file", "/no/such/file"], None, "/no/such/file"),
        (["mint", "--secret-file", "/"], None, "directory"),
        (["mint", "--secret-file", "/dev/zero"], None, "longer than 65,536 bytes"),
        (["read", "-", "--secret", "-"], "x", "both"),
        (["read", "-", "--secret-file", "-"], "x", "both"),
    ],
)
def test_a_secret_that_cannot_be_used_is_one_line(args: list[str], stdin: str | None, word: str) -> None:
    data = None if stdin is None else stdin.encode("utf-8", "surrogateescape")
    result = CliRunner().invoke(cli, ["token", *args], input=data)
    assert result.exit_code == 2
    assert word in result.stderr.splitlines()[-1]
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    ("args", "word"),
    [
        (["mint"], "--secret"),
        (["mint", "valid", "--scenario", "no_auth"], "--secret"),
        (["mint", "vlaid", "--secret", "x"], "valid"),
        (["mint", "--secret", "x", "--claim", "novalue"], "NAME=VALUE"),
        (["mint", "--secret", "x", "--claim", "exp=3"], "exp"),
        (["mint", "--scenario", "jwt_before_acept"], "jwt_before_accept"),
    ],
)
def test_wrong_usage_says_what_to_do(args: list[str], word: str) -> None:
    result = wsplay("token", *args)
    assert result.exit_code == 2
    assert word in result.stderr


@pytest.mark.parametrize("text", ["", "nonsense", "a.b.c", "\x1b[2J.x.y", "e30.e30."])
def test_what_is_no_token_is_told_safely(text: str) -> None:
    result = wsplay("token", "read", text)
    assert result.exit_code == 1
    assert all(line.isprintable() for line in result.stdout.splitlines())
    assert "✗" in result.stdout
