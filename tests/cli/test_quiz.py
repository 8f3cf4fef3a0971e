import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from wsplay.attack.attacks import ATTACKS
from wsplay.cli.main import cli

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def own_progress(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "progress.json"
    monkeypatch.setenv("WSPLAY_PROGRESS", str(path))
    return path


def wsplay(*args: str, stdin: str = "") -> Result:
    return CliRunner().invoke(cli, args, input=stdin)


def lines(result: Result) -> list[dict]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_a_close_before_accept_is_1008_in_testclient_alone() -> None:
    result = wsplay("quiz", "close_before_accept", "--answer", "1", "--json")
    quiz, count = lines(result)
    assert (quiz["correct"], result.exit_code, count["wrong"]) == (False, 1, 1)
    by_text = {choice["text"]: choice for choice in quiz["choices"]}
    taught = next(choice for text, choice in by_text.items() if "1008" in text)
    assert taught["observers"] == {"wire": False, "browser": False, "testclient": True}
    real = next(choice for text, choice in by_text.items() if "403" in text)
    assert real["observers"] == {"wire": True, "browser": False, "testclient": False}
    assert [choice["borne_out"] for choice in quiz["choices"]].count(True) == 1


def test_each_snippet_is_run_and_its_failure_shown() -> None:
    [quiz, _] = lines(wsplay("quiz", "header_check", "--answer", "3", "--json"))
    assert quiz["correct"] is True
    assert all(choice["patched"] for choice in quiz["choices"])
    assert {choice["headline"] for choice in quiz["choices"] if not choice["borne_out"]} == {
        "REFUSED 403",
        "REFUSED 500",
    }
    for choice in quiz["choices"]:
        assert any(check["events"] for check in choice["checks"])


def test_a_progress_file_that_cannot_be_read_is_one_line_and_nothing_else_fails(own_progress: Path) -> None:
    os.mkfifo(own_progress)
    result = wsplay("quiz", "no_auth", "--answer", "1", "--json")
    assert [line["kind"] for line in lines(result)] == ["quiz", "quiz.count"]
    assert result.exit_code == 1
    [line] = result.stderr.splitlines()
    for word in ("progress is not read", str(own_progress), "not a regular file", "answers are not saved"):
        assert word in line
    told = wsplay("progress")
    assert told.exit_code == 0
    assert "0 of" in told.stdout
    [line] = told.stderr.splitlines()
    assert "not a regular file" in line
    assert wsplay("progress", "--reset", "--yes").exit_code == 3
    assert own_progress.is_fifo()


def test_answers_come_from_standard_input_and_progress_is_kept(own_progress: Path) -> None:
    result = wsplay("quiz", "no_auth", "accept_then_close", stdin="nonsense\nh\n4\n2\n")
    assert result.exit_code == 0
    assert "2 right, 0 wrong, streak 2" in result.stdout
    kept = json.loads(own_progress.read_text())
    assert kept["streak"] == 2
    progress = json.loads(wsplay("progress", "--json").stdout)
    assert progress["solved"] == 2
    assert "2 of" in wsplay("progress").stdout
    assert "progress reset" in wsplay("progress", "--reset", "--yes").stdout
    assert not own_progress.exists()


def test_questions_can_be_asked_without_a_run() -> None:
    asked = lines(wsplay("quiz", "--ask", "--json"))
    assert len(asked) >= 24
    assert all(set(choice) == {"text"} for quiz in asked for choice in quiz["choices"])


@pytest.mark.parametrize(
    ("args", "code", "word"),
    [
        (["quiz", "no_suth", "--answer", "1"], 2, "no_auth"),
        (["quiz", "no_auth", "--answer", "9"], 2, "4 choices"),
        (["quiz", "no_auth", "header_check", "--answer", "1"], 2, "2 answers"),
        (["quiz", "no_auth", "--answer", "0"], 2, "--answer"),
        (["quiz", "no_auth", "--jobs", "0"], 2, "--jobs"),
        (["attack", "no_auth", "--jobs", "x"], 2, "--jobs"),
        (["attack", "close_befor_accept"], 2, "close_before_accept"),
    ],
)
def test_wrong_usage_says_what_to_do(args: list[str], code: int, word: str) -> None:
    result = wsplay(*args)
    assert result.exit_code == code
    assert word in result.stderr


def test_an_attack_is_a_line_of_json_and_the_count_comes_last() -> None:
    result = wsplay("attack", "jwt_before_accept", "--json")
    *cells, count = lines(result)
    assert {cell["attack"]: cell["verdict"] for cell in cells}["forged"] == "held"
    assert count["scenarios"]["jwt_before_accept"]["held"] == sum(cell["verdict"] == "held" for cell in cells)
    assert result.exit_code == (1 if any(cell["verdict"] == "broken" for cell in cells) else 0)


@pytest.mark.parametrize("jobs", ["1", "3"])
def test_challenges_come_in_the_order_asked_for_whatever_takes_longest(jobs: str) -> None:
    names = ["no_auth", "expiry_checked", "accept_then_close", "close_before_accept"]
    result = wsplay("quiz", *names, *["--answer", "1"] * 4, "--jobs", jobs, "--json")
    *asked, count = lines(result)
    assert [quiz["scenario"] for quiz in asked] == names
    assert count["right"] + count["wrong"] == 4
    assert [sum(choice["borne_out"] for choice in quiz["choices"]) for quiz in asked] == [1, 1, 1, 1]


def test_attacks_come_in_the_order_asked_for_and_twice_if_asked_for_twice() -> None:
    names = ["ip_filter", "cookie_only", "ip_filter"]
    result = wsplay("attack", *names, "--jobs", "3", "--json")
    *cells, count = lines(result)
    whole = [attack.name for attack in ATTACKS]
    assert [(cell["scenario"], cell["attack"]) for cell in cells] == [
        (name, attack) for name in names for attack in whole
    ]
    size = len(whole)
    first, again = ([cell["verdict"] for cell in cells[at : at + size]] for at in (0, 2 * size))
    assert first == again
    assert sum(count["scenarios"]["ip_filter"].values()) == len(whole)


def test_what_cannot_be_graded_ends_the_quiz_in_its_place(tmp_path: Path) -> None:
    path = tmp_path / "raises.py"
    path.write_text(wsplay("show", "no_auth", "--source").stdout.replace("app = FastAPI()", "app = 1 / 0"))
    result = wsplay("quiz", "accept_then_close", str(path), "no_auth", *["--answer", "1"] * 3, "--json")
    assert result.exit_code == 3
    assert [quiz["scenario"] for quiz in lines(result)] == ["accept_then_close"]
    assert "Error: raises: raises.py, line" in result.stderr
    assert "ZeroDivisionError" in result.stderr
