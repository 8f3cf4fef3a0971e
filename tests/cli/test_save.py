"""`run --save` and `show FILE`: a run is kept, opened again, and holds no secret."""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import pytest

from wsplay.events.event import Event
from wsplay.export.run_file import read_run_file
from wsplay.verdict.diagnosis import diagnose
from wsplay.verdict.outcome import Outcome
from wsplay.verdict.run import RunRecord

pytestmark = pytest.mark.slow

LIMIT = 60
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIHJlYWwgcGVyc29uIn0.c2lnbmVkIHdpdGggYSBwcml2YXRlIGtleQ"


def wsplay(*args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "wsplay", *args], capture_output=True, text=True, timeout=LIMIT, check=False
    )


def saved(path: Path, *args: str) -> subprocess.CompletedProcess[str]:
    return wsplay("run", *args, "--save", str(path))


def test_a_kept_run_is_shown_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    ran = saved(path, "close_before_accept", "--try", "no token")
    shown = wsplay("show", str(path))
    assert (ran.returncode, shown.returncode, shown.stderr) == (0, 0, "")
    title, *rest = shown.stdout.splitlines()
    assert title.startswith("RECORDED 20")
    assert "close_before_accept @ no token  uvicorn" in title
    assert rest[0] == "secrets are redacted"
    assert rest[1:] == ran.stdout.splitlines()[1:]


def test_json_of_a_kept_run_is_what_the_run_printed(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    ran = saved(path, "close_before_accept", "--try", "no token", "--json", "--keep-secrets")
    shown = wsplay("show", str(path), "--json")
    assert shown.stdout == ran.stdout
    again = tmp_path / "printed.jsonl"
    again.write_text(ran.stdout)
    assert wsplay("show", str(again), "--json").stdout == ran.stdout


def test_the_outcome_can_be_computed_again_from_the_file(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    saved(path, "accept_then_close", "--try", "no token", "--keep-secrets")
    run = read_run_file(path)
    assert recomputed(run.events, run.standing) == without_context(run.outcome)


def recomputed(events: list[Event], standing: list[Event]) -> dict[str, Any]:
    record = RunRecord(read_timeline(), standing)
    record.expect_own()
    for event in events:
        record.add_event(event)
    outcome: Outcome = record.outcome()
    return without_context(outcome.to_json(diagnosis=diagnose(outcome)))


def read_timeline() -> Any:
    from wsplay.events.timeline import Timeline

    return Timeline(0)


def without_context(outcome: Any) -> dict[str, Any]:
    return {key: value for key, value in outcome.items() if key not in ("scenario", "try", "expected")}


def test_a_file_that_is_there_is_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    path.write_text("precious")
    ran = saved(path, "close_before_accept")
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "is there already: pass --force to replace it, or another name" in ran.stderr
    assert path.read_text() == "precious"
    assert saved(path, "close_before_accept", "--force").returncode == 0


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["run", "--all", "--save", "x.jsonl"], "--save keeps one run"),
        (["run", "3", "--force"], "go with --save FILE"),
        (["run", "3", "--save", "x.jsonl", "--keep-secrets", "--redact-all"], "not both"),
        (["show", "nowhere.jsonl"], "no file nowhere.jsonl"),
        (["show", "3", "-v"], "are for a run file"),
        (["show", "x.jsonl", "--notes"], "no speaker's notes"),
    ],
)
def test_wrong_usage(args: list[str], says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    ran = wsplay(*args)
    assert ran.returncode == 2
    assert says in ran.stderr
    assert not list(tmp_path.iterdir())


def test_a_broken_file_shows_what_is_whole_with_the_line_of_the_rest(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    saved(path, "close_before_accept")
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:3]) + lines[3][:-20])
    shown = wsplay("show", str(path))
    assert shown.returncode == 0
    assert f"{path}:" in shown.stderr
    assert "the line is cut short" in shown.stderr
    assert "connecting" in shown.stdout
    assert shown.stdout.splitlines()[-1] == "the file ends here: the run was cut short"
    path.write_bytes(b"nothing\n")
    shown = wsplay("show", str(path))
    assert (shown.returncode, shown.stdout) == (3, "")
    assert "has no run in it" in shown.stderr


def test_ctrl_c_leaves_a_file_that_can_be_read(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    command = [
        sys.executable,
        "-m",
        "wsplay",
        "run",
        "unlimited_messages",
        "--timeout",
        "60",
        "--save",
        str(path),
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        until = time.monotonic() + LIMIT
        while time.monotonic() < until and not (path.exists() and b"client.open" in path.read_bytes()):
            time.sleep(0.05)  # it is flushed twice a second
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=LIMIT)
    assert process.returncode == 130
    run = read_run_file(path)
    assert (run.cut, run.problems) == (True, [])
    assert "client.open" in [event.kind for event in run.events]


# -- secrets


def forms(secret: str) -> set[bytes]:
    raw = secret.encode()
    texts = {secret, quote(secret, safe=""), quote(secret), quote_plus(secret), json.dumps(secret)[1:-1]}
    texts |= {raw.hex(), raw.hex().upper(), repr(secret)[1:-1]}
    for offset in range(3):
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            texts.add(encode(b"." * offset + raw).decode()[4:-4])
    runs = {secret[at : at + 12] for at in range(len(secret.rpartition(".")[0]), len(secret) - 11)}
    return {text.encode() for text in texts | runs}


@pytest.mark.parametrize(
    ("scenario", "secret", "request_options"),
    [
        ("header_check", "hunter2-header-value", ("-H", "Authorization: Bearer {}")),
        ("header_check", 'an odd "one" & it\'s ünique', ("-H", "Authorization: {}")),
        ("cookie_any_origin", "hunter2-cookie-value", ("-H", "Cookie: theme=dark; session={}")),
        ("query_token", "hunter2 query/value+ü", ("--query", "token={}")),
        ("subprotocol_token", JWT, ("--subprotocol", "chat.v1", "--subprotocol", "{}")),
        ("first_message_deadline", "hunter2-message-value", ("--send", '{{"token": "{}"}}')),
    ],
)
def test_no_secret_of_the_user_s_is_in_the_file(
    tmp_path: Path, scenario: str, secret: str, request_options: tuple[str, ...]
) -> None:
    path = tmp_path / "run.jsonl"
    options = [option.format(secret) for option in request_options]
    ran = saved(path, scenario, *options, "--keep-secrets")
    assert ran.returncode == 0, ran.stderr
    assert any(form in path.read_bytes() for form in forms(secret))
    ran = saved(path, scenario, *options, "--force")
    assert ran.returncode == 0, ran.stderr
    content = path.read_bytes()
    assert [form for form in forms(secret) if form in content] == []
    assert b"[secret 1]" in content
    assert read_run_file(path).problems == []


def test_what_a_scenario_publishes_stays_unless_asked(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    saved(path, "header_check", "-H", "Authorization: Bearer validtoken")
    assert b"Bearer validtoken" in path.read_bytes()
    saved(path, "header_check", "-H", "Authorization: Bearer validtoken", "--redact-all", "--force")
    assert b"Bearer validtoken" not in path.read_bytes()


def test_a_minted_token_of_a_bundled_scenario_is_no_secret(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    saved(path, "subprotocol_token")
    assert b"eyJ" in path.read_bytes()
    assert b"[secret" not in path.read_bytes()
    own = tmp_path / "own.py"
    own.write_text(wsplay("show", "subprotocol_token", "--source").stdout)
    kept = tmp_path / "own.jsonl"
    assert saved(kept, str(own)).returncode == 0
    assert b"[secret" in kept.read_bytes()
    assert os.path.exists(own)
