"""A new scenario of the user's: what it takes from the text it is made from, and what it never does."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wsplay.scenario.block import ScriptBlock, find_block
from wsplay.scenario.file import Scenario, parse_scenario
from wsplay.scenario.first_file import FIRST_FILE
from wsplay.scenario.library import Library
from wsplay.scenario.new_file import (
    OWN_TOPIC,
    AlreadyThere,
    NotWritten,
    new_file,
    own_text,
    problem_with_name,
)

HEAD = '"""Mine."""\nfrom fastapi import FastAPI\n\napp = FastAPI()\n'


def table(text: str) -> dict[str, Any]:
    block = find_block(text)
    assert isinstance(block, ScriptBlock)
    return tomllib.loads(block.toml)


def block_of(*lines: str) -> str:
    return "\n".join([HEAD, "# /// script", *(f"# {line}" if line else "#" for line in lines), "# ///", ""])


def read(text: str) -> Scenario:
    return parse_scenario("mine", "mine.py", text)


@pytest.mark.parametrize(("tries", "challenge"), [(True, True), (True, False), (False, True), (False, False)])
def test_each_bundled_scenario_becomes_one_of_the_users(
    library: Library, tries: bool, challenge: bool
) -> None:
    for original in library.scenarios:
        text = own_text(original.source, "My title", with_tries=tries, with_challenge=challenge)
        mine = read(text)
        assert mine.problems == ()
        assert (mine.title, mine.topics) == ("My title", (OWN_TOPIC, *original.topics))
        assert (mine.order, mine.flawed, mine.mended) == (None, False, None)
        assert mine.tries == (original.tries if tries else ())
        assert (mine.challenge is not None) == (tries and challenge)
        assert (mine.tokens, mine.sources, mine.path) == (original.tokens, original.sources, original.path)
        assert text[: mine.code.end] == original.source[: original.code.end]
        assert (mine.explanation, mine.notes) == (original.explanation, original.notes)


def test_the_first_file_has_what_a_scenario_can_have() -> None:
    scenario = read(FIRST_FILE)
    assert scenario.problems == ()
    assert len(scenario.tries) == 2
    assert all(each.expect is not None for each in scenario.tries)
    assert scenario.challenge is not None
    assert scenario.attack is not None
    assert scenario.notes
    compile(FIRST_FILE, "first", "exec")


@pytest.mark.parametrize("challenge", [True, False])
def test_its_comments_go_with_what_they_are_about(challenge: bool) -> None:
    text = own_text(FIRST_FILE, "Mine", with_challenge=challenge)
    assert ("No choice is marked as right" in text) == challenge
    assert "A try is one way to connect" in text
    assert "A try is one way" not in own_text(FIRST_FILE, "Mine", with_tries=False)


def test_comments_and_other_tables_stay() -> None:
    lines = (
        "# about it",
        "requires-python = '>=3.11' # why",
        "[tool.other]",
        "x = 1",
        "[tool.wsplay]",
        "order = 3",
    )
    text = own_text(block_of(*lines), "Mine")
    assert "# # about it\n" in text
    assert "# why\n" in text
    assert table(text)["tool"]["other"] == {"x": 1}
    assert read(text).order is None


@pytest.mark.parametrize(
    "lines",
    [
        [
            "[tool.wsplay]",
            "title = 'x'",
            "[tool.other]",
            "x = 1",
            "[tool.wsplay.challenge]",
            "question = 'q'",
        ],
        ["tool.wsplay.title = 'x'", "tool.wsplay.order = 3"],
        ["tool = { wsplay = { title = 'x', flawed = true } }"],
        ["[tool]", "wsplay = { order = 1 }"],
        ["[[tool.wsplay.try]]", "name = 'a'", "[tool.wsplay]", "order = 2"],
        ["[tool.wsplay.try]", "name = 'not an array'"],
        ["[tool.other]", "x = 1"],
        ["[tool]"],
        ["dependencies = []"],
        ["[tool.wsplay]", "topics = 'a string'", "challenge = 3", "try = 1"],
        ["[tool.wsplay]", "text = '''", "  two ", "", "lines", "'''"],
    ],
)
@pytest.mark.parametrize("tries", [True, False])
def test_every_form_of_the_table_is_changed(lines: list[str], tries: bool) -> None:
    before, after = table(block_of(*lines)), table(own_text(block_of(*lines), "Mine", with_tries=tries))
    mine = after["tool"]["wsplay"]
    assert (mine.pop("title"), mine.pop("topics")[0]) == ("Mine", OWN_TOPIC)
    kept = before.get("tool", {}).get("wsplay", {})
    gone = {"title", "topics", "order", "flawed", "mended"} | (
        set() if tries else {"try", "challenge", "attack"}
    )
    assert mine == {key: value for key, value in kept.items() if key not in gone}
    assert after["tool"].get("other") == before.get("tool", {}).get("other")


@pytest.mark.parametrize("lines", [["title = "], ["[tool]", "wsplay = 3"], ["tool = 3"]])
def test_a_block_that_cannot_be_read_stays_as_it_is(lines: list[str]) -> None:
    assert own_text(block_of(*lines), "Mine") == block_of(*lines)


@pytest.mark.parametrize("source", [HEAD, "", "\n\n", HEAD + "# /// other\n# x\n# ///\n", "\ufeff" + HEAD])
def test_a_text_without_a_block_gets_one(source: str) -> None:
    text = own_text(source, 'A "title"')
    assert table(text) == {"tool": {"wsplay": {"title": 'A "title"', "topics": [OWN_TOPIC]}}}
    assert text.startswith(source.removeprefix("\ufeff").strip())


@given(st.text(alphabet=st.sampled_from("#/ \n[]=\"'\\.abcscripttool.wsplay\r\t{}1"), max_size=200))
def test_no_text_is_too_odd(body: str) -> None:
    text = own_text(f"# /// script\n# {body}\n# ///\n", "Mine")
    assert own_text(text, "Mine") == text


@pytest.mark.parametrize("name", ["mine", "my-own_2", "2fast", "Prüfung", "a" * 60])
def test_a_name_that_can_be_one(name: str) -> None:
    assert problem_with_name(name) == ""


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("", "needs a name"),
        ("a" * 61, "too long"),
        ("../mine", "cannot be a name: use letters"),
        ("_mine", "begin with a letter"),
        (".mine", "begin with a letter"),
        ("-mine", "begin with a letter"),
        ("mi ne", "use letters"),
        ("mine\n", "use letters"),
        ("mi\0ne", "use letters"),
        ("mine.py", "use letters"),
        ("12", "a number means"),
        ("json", "would hide the Python module json"),
        ("FastAPI", "would hide the Python module fastapi"),
        ("no_auth", "there is already a scenario"),
    ],
)
def test_a_name_that_cannot_be_one(name: str, why: str, tmp_path: Path) -> None:
    taken = {"no_auth"}
    assert why in problem_with_name(name, taken)
    assert "\n" not in problem_with_name(name, taken)
    if name not in taken:
        with pytest.raises(NotWritten):
            new_file(name, HEAD, tmp_path)
        assert list(tmp_path.iterdir()) == []


def test_it_is_written_and_read_as_it_was_returned(tmp_path: Path) -> None:
    scenario = new_file("my_own", FIRST_FILE, tmp_path / "not" / "there")
    path = tmp_path / "not" / "there" / "my_own.py"
    assert scenario.file == str(path)
    assert scenario.title == "My own"
    [found] = Library([path.parent]).scenarios
    assert found == scenario


def test_a_text_that_cannot_run_is_written_too(tmp_path: Path) -> None:
    scenario = new_file("mine", "def broken(:\n", tmp_path)
    assert scenario.problem is not None
    assert (tmp_path / "mine.py").read_text().startswith("def broken(:\n")


@pytest.mark.parametrize("there", ["file", "folder", "link to nowhere"])
def test_nothing_is_written_over(tmp_path: Path, there: str) -> None:
    path = tmp_path / "mine.py"
    if there == "file":
        path.write_text("before")
    elif there == "folder":
        path.mkdir()
    else:
        path.symlink_to(tmp_path / "nowhere.py")
    with pytest.raises(AlreadyThere, match="is there already"):
        new_file("mine", HEAD, tmp_path)
    assert list(tmp_path.iterdir()) == [path]
    assert there != "file" or path.read_text() == "before"


def test_what_cannot_be_written_leaves_no_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(NotWritten, match=r"not a (folder|directory)"):
        new_file("mine", HEAD, tmp_path / "file")
    with pytest.raises(NotWritten, match="half a surrogate pair"):
        new_file("mine", HEAD + "# \ud800", tmp_path)
    with pytest.raises(NotWritten, match="cannot write"):
        new_file("mine", HEAD, tmp_path / "a\0b")
    assert os.listdir(tmp_path) == ["file"]


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no device that is always full")
def test_a_full_disk_leaves_no_part_of_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = open

    def full(path: Any, mode: str) -> Any:
        real(path, mode).close()
        return real("/dev/full", "wb", buffering=0)

    monkeypatch.setattr("builtins.open", full)
    with pytest.raises(NotWritten, match="No space left"):
        new_file("mine", HEAD, tmp_path)
    assert list(tmp_path.iterdir()) == []
