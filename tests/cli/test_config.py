"""`wsplay config` and `wsplay --theme`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from wsplay.cli.main import cli

pytestmark = pytest.mark.slow


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WSPLAY_CONFIG", str(tmp_path / "config.toml"))
    return tmp_path / "config.toml"


def wsplay(*args: str) -> Result:
    return CliRunner().invoke(cli, args)


def test_it_prints_where_and_what(path: Path) -> None:
    none = wsplay("config")
    assert none.exit_code == 0
    assert none.stdout.splitlines()[0] == f"{path}  (no such file yet)"
    assert "wsplay-dark  (default)" in none.stdout
    assert not path.exists()
    path.write_text(
        'theme = "wsplay-light"\nlayout = "timeline+event"\neditor = "vi"\n[keys]\nrun.connect = "f5"\n'
    )
    some = wsplay("config")
    assert some.exit_code == 0
    lines = some.stdout.splitlines()
    assert lines[:4] == [str(path), "  theme   wsplay-light", "  layout  timeline+event", "  editor  vi"]
    assert any(line.split()[:2] == ["run.connect", "f5"] and "(default: ctrl+r)" in line for line in lines)


def test_in_json_it_is_one_object(path: Path) -> None:
    path.write_text('theme = "wsplay-light"\n[keys]\nrun.connect = "f5"\n')
    [line] = wsplay("config", "--json").stdout.splitlines()
    assert json.loads(line) == {
        "kind": "config",
        "file": str(path),
        "exists": True,
        "theme": "wsplay-light",
        "layout": "timeline",
        "editor": None,
        "keys": {"run.connect": "f5"},
        "problems": [],
    }
    [line] = wsplay("config", "--keys", "--json").stdout.splitlines()
    keys = json.loads(line)["keys"]
    assert (keys["run.connect"], keys["app.quit"]) == ("f5", "ctrl+q")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('them = "nord"', "unknown setting `them`, did you mean `theme`?"),
        ('[keys]\nrun.conect = "f5"', "unknown key `run.conect`, did you mean `run.connect`?"),
        ('[keys]\nrun.connect = "ctrl+q"', "ctrl+q for run.connect is a key of app.quit (Quit)"),
        ('theme = "wsplay-lite"', 'no theme "wsplay-lite"; did you mean `wsplay-light`?'),
        (
            'theme = "nord"',
            'theme "nord" is Textual\'s own and no longer offered; '
            "there are wsplay-dark, wsplay-light, wsplay-contrast",
        ),
        ("theme = ", "is not valid TOML"),
    ],
)
def test_what_is_wrong_is_one_line_with_the_nearest_and_exits_1(path: Path, text: str, said: str) -> None:
    path.write_text(text)
    result = wsplay("config")
    assert result.exit_code == 1
    [line] = [line for line in result.stdout.splitlines() if line.startswith("✗")]
    assert said in line
    assert path.read_text() == text


def test_all_actions_are_listed_with_their_keys(path: Path) -> None:
    result = wsplay("config", "--keys")
    assert result.exit_code == 0
    for id, key in (("app.quit", "ctrl+q"), ("run.connect", "ctrl+r"), ("app.help", "?")):
        assert any(line.split()[:2] == [id, key] for line in result.stdout.splitlines())


def test_a_wrong_theme_is_told_with_the_nearest(path: Path) -> None:
    result = wsplay("--theme", "wsplay-lihgt", "3")
    assert result.exit_code == 2
    assert 'no theme "wsplay-lihgt"; did you mean `wsplay-light`?' in result.stderr
    result = wsplay("--theme", "nord", "3")
    assert result.exit_code == 2
    assert 'theme "nord" is Textual\'s own and no longer offered' in result.stderr
