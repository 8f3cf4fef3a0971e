import os
import subprocess
import sys
from pathlib import Path

import pytest

from wsplay.config.config import Config
from wsplay.config.config_file import MAX_SIZE, ConfigError, keep_setting, read_config

FULL = """# mine
theme = "wsplay-light"  # for the projector
layout = "timeline+event"
editor = "code -w"
later = [1, 2]

[keys]
run.connect = "f5"
"run.disconnect" = "f6,d"
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "config.toml"


def write(path: Path, content: str | bytes) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)


def test_no_file_is_no_settings(path: Path) -> None:
    assert read_config(path) == Config(path)
    write(path, "")
    assert read_config(path) == Config(path)
    path.unlink()
    path.symlink_to("nowhere")
    assert read_config(path) == Config(path)


def test_all_settings_are_read(path: Path) -> None:
    write(path, FULL.replace("later = [1, 2]\n", ""))
    keys = {"run.connect": "f5", "run.disconnect": "f6,d"}
    assert read_config(path) == Config(path, "wsplay-light", "timeline+event", "code -w", keys)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('them = "x"', "unknown setting `them`, did you mean `theme`?"),
        ('them = "x"\nqqq = 1', "unknown settings `them`, did you mean `theme`?; `qqq`"),
        ("theme = 3", "`theme` must be a string"),
        ('layout = "rows"', 'no layout "rows"; it is "timeline" or "timeline+event"'),
        ("keys = 3", "`keys` must be a table, [keys]"),
        ("[keys]\nx = 3", '`x` in [keys] must be a string such as "ctrl+r"'),
        ('"a\\u001b[31m" = 1', "unknown setting `a␛[31m`"),
    ],
)
def test_what_is_wrong_is_one_line_and_the_rest_applies(path: Path, text: str, said: str) -> None:
    write(path, f'editor = "vi"\n{text}\n')
    config = read_config(path)
    assert config.problems == (f"{path}: {said}",)
    assert (config.editor, config.theme, config.layout) == ("vi", None, None)


BROKEN = ["theme = ", "\xff", "[" * 50_000, "a = 1\na = 2"]


@pytest.mark.parametrize("text", BROKEN, ids=range(len(BROKEN)))
def test_a_broken_file_loses_nothing(path: Path, text: str) -> None:
    content = text.encode("latin-1")
    write(path, content)
    config = read_config(path)
    [problem] = config.problems
    assert problem.isprintable()
    assert str(path) in problem
    assert problem.endswith("; the defaults apply")
    assert config == Config(path, problems=config.problems)
    assert path.read_bytes() == content
    told = keep_setting("theme", "nord", path)
    assert "It is kept as config.toml.broken" in told
    assert "\n" not in told
    assert path.with_name("config.toml.broken").read_bytes() == content
    assert read_config(path) == Config(path, "nord")
    write(path, content)
    assert "config.toml.broken-2" in keep_setting("theme", "nord", path)
    assert path.with_name("config.toml.broken").read_bytes() == content


def test_what_is_no_file_is_neither_read_nor_replaced(path: Path) -> None:
    path.parent.mkdir()
    os.mkfifo(path)
    assert "not a regular file" in read_config(path).problems[0]
    with pytest.raises(ConfigError, match=r"not saved: .* not a regular file"):
        keep_setting("theme", "nord", path)
    assert path.is_fifo()
    path.unlink()
    write(path, "#" * (MAX_SIZE + 1))
    assert "larger than" in read_config(path).problems[0]
    with pytest.raises(ConfigError, match="larger than"):
        keep_setting("theme", "nord", path)


def test_a_choice_changes_nothing_else(path: Path) -> None:
    assert keep_setting("theme", "nord", path) == ""
    assert path.read_text() == 'theme = "nord"\n'
    write(path, FULL)
    path.chmod(0o640)
    assert keep_setting("theme", "nord", path) == ""
    assert path.read_text() == FULL.replace('"wsplay-light"', '"nord"')
    assert path.stat().st_mode & 0o777 == 0o640
    assert [each.name for each in path.parent.iterdir()] == ["config.toml"]


def test_a_new_setting_comes_before_the_tables(path: Path) -> None:
    write(path, '[keys]\nrun.connect = "f5"\n')
    keep_setting("layout", "timeline+event", path)
    assert read_config(path) == Config(path, layout="timeline+event", keys={"run.connect": "f5"})


def test_a_link_is_followed(path: Path, tmp_path: Path) -> None:
    real = tmp_path / "dotfiles.toml"
    real.write_text(FULL)
    path.parent.mkdir()
    path.symlink_to(real)
    keep_setting("theme", "nord", path)
    assert path.is_symlink()
    assert 'theme = "nord"' in real.read_text()


def test_two_at_once_lose_neither_choice(path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from wsplay.config.config_file import keep_setting\n"
        "for n in range(20): keep_setting(sys.argv[1], f'{n}', Path(sys.argv[2]))"
    )
    both = [subprocess.Popen([sys.executable, "-c", code, name, str(path)]) for name in ("theme", "editor")]
    assert [one.wait(60) for one in both] == [0, 0]
    config = read_config(path)
    assert (config.theme, config.editor) == ("19", "19")


def test_a_folder_that_cannot_be_written_is_told(path: Path) -> None:
    path.parent.write_text("a file in the place of the folder")
    with pytest.raises(ConfigError, match=f"your choice is not saved: {path}"):
        keep_setting("theme", "nord", path)
