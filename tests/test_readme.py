"""The README, held to its word."""

import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from wsplay.cli.main import COMMANDS, cli

README = Path(__file__).parents[1] / "README.md"


@pytest.fixture(scope="module")
def text() -> str:
    return README.read_text(encoding="utf-8")


def test_the_two_commands_stand_there(text: str) -> None:
    assert "\npip install -e . && wsplay\n" in text
    assert "\npip install -e '.[test]' && pytest\n" in text


def test_every_command_is_in_the_table(text: str) -> None:
    missing = [name for name in COMMANDS if f"`wsplay {name}" not in text]
    assert missing == []


def test_its_scenario_runs_as_it_says(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = next(block for block in re.findall(r"```python\n(.*?)```", text, re.S) if "/// script" in block)
    (tmp_path / "please.py").write_text(source, encoding="utf-8")
    monkeypatch.setenv("WSPLAY_SCENARIOS", str(tmp_path))
    monkeypatch.setenv("WSPLAY_PROGRESS", str(tmp_path / "progress.json"))
    assert "Say please" in CliRunner().invoke(cli, ["list"]).stdout
    run = CliRunner().invoke(cli, ["run", "please", "--all"])
    assert "2 as expected, 0 not as expected" in run.stdout
    quiz = CliRunner().invoke(cli, ["quiz", "please", "--answer", "2"])
    assert quiz.exit_code == 0, quiz.output


def test_its_links_lead_somewhere(text: str) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        assert target.startswith("https://") or (README.parent / target).exists(), target


def test_the_page_of_keys_is_current() -> None:
    script = README.parent / "docs" / "keys.py"
    page = script.with_name("keys.md")
    probe = f"import runpy; print(runpy.run_path({str(script)!r})['page'](), end='')"
    made = subprocess.run(
        [sys.executable, "-c", probe], capture_output=True, text=True, timeout=60, check=True
    )
    assert made.stdout == page.read_text(encoding="utf-8"), "run python docs/keys.py"


def test_the_moving_picture_is_small_and_can_stand_still(text: str) -> None:
    picture = (README.parent / "docs" / "moving.svg").read_text(encoding="utf-8")
    assert text.index("docs/moving.svg") < text.index("pip install")
    assert len(picture) < 500_000
    groups = [node.get("class") for node in ElementTree.fromstring(picture) if node.tag.endswith("}g")]
    assert groups == [f"screen screen-{number}" for number in range(5)]
    assert "@media (prefers-reduced-motion: no-preference)" in picture
    assert "403&#160;Forbidden" in picture
    assert "@font-face" not in picture
    assert "url(http" not in picture
