"""Completion in real shells: what is typed, Tab, and what the command is then called with."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wsplay.cli.shells import Word, quoted_for_bash, split_line

TMUX = shutil.which("tmux")
#: How each shell starts without a person's own settings, and loads the completion.
SHELLS = {
    "bash": (("bash", "--norc", "--noprofile", "-i"), 'eval "$(wsplay completion bash)"'),
    "zsh": (
        ("zsh", "-f", "-i"),
        'autoload -U compinit; compinit -u -D; eval "$(wsplay completion zsh)"',
    ),
    "fish": (("fish", "--no-config", "-i"), "wsplay completion fish | source"),
}
LIMIT = 30.0

SCENARIO = '''"""Odd names."""
from fastapi import FastAPI

app = FastAPI()
# /// script
# [[tool.wsplay.try]]
# name = "no token"
# [[tool.wsplay.try]]
# name = "user: bob = b@b"
# [[tool.wsplay.try]]
# name = "it's \\"odd\\" $HOME `x` \\\\ & *"
# ///
'''
ODD = 'it\'s "odd" $HOME `x` \\ & *'


class Shell:
    """An interactive shell in a tmux of its own, in which `wsplay` says what it is called with."""

    def __init__(self, kind: str, folder: Path) -> None:
        self.kind = kind
        self.folder = folder
        self.name = f"wsplay-completion-{os.getpid()}-{kind}"
        self.called = folder / "called"
        self.work = folder / "work"
        self.work.mkdir()
        (self.work / "my folder").mkdir()
        (self.work / "my folder" / "echo it.py").write_text(SCENARIO)
        scenarios = folder / "scenarios"
        scenarios.mkdir()
        (scenarios / "my own.py").write_text(SCENARIO)
        program = folder / "bin" / "wsplay"
        program.parent.mkdir()
        real = shlex.join([sys.executable, "-m", "wsplay"])
        program.write_text(
            "#!/bin/sh\n"
            f'[ -n "$_WSPLAY_COMPLETE" ] || [ "$1" = completion ] && exec {real} "$@"\n'
            f"printf '%s\\0' \"$@\" > {self.called}.new && mv {self.called}.new {self.called}\n"
        )
        program.chmod(0o755)
        words, self.setup = SHELLS[kind]
        env = {
            "HOME": str(folder),
            "PATH": f"{program.parent}:{os.environ['PATH']}",
            "WSPLAY_SCENARIOS": str(scenarios),
            "LC_ALL": "C.UTF-8",
            "PYTHONPATH": str(Path(__file__).parents[2]),
        }
        self.tmux(
            *("new-session", "-d", "-x", "160", "-y", "40", "-c", str(self.work)),
            shlex.join(["env", *(f"{name}={value}" for name, value in env.items()), *words]),
        )

    def get_ready(self) -> None:
        """Load the completion."""
        self.run(self.setup)
        self.run("wsplay ready")
        assert self.arguments() == ["ready"]

    def tmux(self, *words: str) -> str:
        assert TMUX is not None
        command = [TMUX, "-L", self.name, "-f", os.devnull, *words]
        return subprocess.run(command, capture_output=True, text=True, timeout=LIMIT).stdout

    def run(self, line: str) -> None:
        self.tmux("send-keys", "-l", "--", line)
        self.tmux("send-keys", "Enter")

    def arguments(self) -> list[str]:
        """What wsplay was called with, once it was."""
        deadline = time.monotonic() + LIMIT
        while not self.called.exists():
            assert time.monotonic() < deadline, self.tmux("capture-pane", "-p")
            time.sleep(0.02)
        said = self.called.read_text()
        self.called.unlink()
        return said.split("\0")[:-1]

    def completed(self, typed: str, then: str = "") -> list[str]:
        """Type, press Tab, type on, press Enter: the arguments that wsplay is called with."""
        self.tmux("send-keys", "-l", "--", typed)
        self.tmux("send-keys", "Tab")
        if then:
            self.tmux("send-keys", "-l", "--", then)
        self.tmux("send-keys", "Enter")
        return self.arguments()


@pytest.fixture(scope="module", params=SHELLS)
def shell(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    kind = request.param
    if TMUX is None or shutil.which(kind) is None:
        pytest.skip(f"{kind if TMUX else 'tmux'} is missing: completion was not tried in a real {kind}")
    started = Shell(kind, tmp_path_factory.mktemp(kind))
    try:
        started.get_ready()
        yield started
    finally:
        started.tmux("kill-server")


def _tries(quote: str) -> list[tuple[str, list[str]]]:
    run = ["run", "my own", "--try"]
    return [
        (f"wsplay run 'my own' --try {quote}no", [*run, "no token"]),
        (f"wsplay run my\\ own --try {quote}us", [*run, "user: bob = b@b"]),
        (f'wsplay run "my own" --try {quote}it', [*run, ODD]),
    ]


@pytest.mark.slow
@pytest.mark.tmux
@pytest.mark.parametrize(
    ("typed", "arguments"),
    [
        *_tries(""),
        *_tries('"'),
        ("wsplay run 'my own' --try 'no", ["run", "my own", "--try", "no token"]),
        ("wsplay run 'my own' --try 'us", ["run", "my own", "--try", "user: bob = b@b"]),
        ("wsplay run 'my own' --try no\\ t", ["run", "my own", "--try", "no token"]),
        ("wsplay run 'my own' --try \"no t", ["run", "my own", "--try", "no token"]),
        ("wsplay run 'my own' --try=no", ["run", "my own", "--try=no token"]),
        ("wsplay run 'my own' --try=us", ["run", "my own", "--try=user: bob = b@b"]),
        ("wsplay run close_before_accept --try no", ["run", "close_before_accept", "--try", "no token"]),
        ("wsplay run 3 --tr", ["run", "3", "--try"]),
        ("wsplay run 3 --engine uvicorn-ws", ["run", "3", "--engine", "uvicorn-wsproto"]),
        ("wsplay --engine uvicorn-ws", ["--engine", "uvicorn-wsproto"]),
        ("wsplay --theme wsplay-c", ["--theme", "wsplay-contrast"]),
        ("wsplay --theme=wsplay-l", ["--theme=wsplay-light"]),
        ("wsplay serve close_b", ["serve", "close_before_accept"]),
        ("wsplay close_b", ["close_before_accept"]),
        ("wsplay prog", ["progress"]),
        ("wsplay ne", ["new"]),
        ("wsplay new mine --no-ch", ["new", "mine", "--no-challenge"]),
        ("wsplay new mine --from close_b", ["new", "mine", "--from", "close_before_accept"]),
        ("wsplay new mine --from my", ["new", "mine", "--from", "my own"]),
        ("wsplay show my", ["show", "my own"]),
        ('wsplay show "my', ["show", "my own"]),
    ],
)
def test_what_is_completed_is_one_word(shell: Shell, typed: str, arguments: list[str]) -> None:
    assert shell.completed(typed) == arguments


@pytest.mark.slow
@pytest.mark.tmux
def test_a_path_is_completed_as_a_file(shell: Shell) -> None:
    """Folder by folder, with spaces."""
    assert shell.completed("wsplay run ./my", "ech\t") == ["run", "./my folder/echo it.py"]
    secret = shell.completed("wsplay token mint --secret-file ./my", "ech\t")
    assert secret == ["token", "mint", "--secret-file", "./my folder/echo it.py"]


@pytest.mark.slow
@pytest.mark.tmux
def test_a_folder_is_completed(shell: Shell) -> None:
    """Two of the three end it with a slash."""
    *words, folder = shell.completed("wsplay new mine --to ./my")
    assert (words, folder.rstrip("/")) == (["new", "mine", "--to"], "./my folder")


@pytest.mark.slow
@pytest.mark.tmux
def test_what_fits_several_is_completed_as_far_as_they_agree(shell: Shell) -> None:
    assert shell.completed("wsplay run 3 --engine uvi", "-ws\t") == [
        "run",
        "3",
        "--engine",
        "uvicorn-wsproto",
    ]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("", [Word("")]),
        ("wsplay ", [Word("wsplay"), Word("")]),
        ("wsplay run\t3", [Word("wsplay"), Word("run"), Word("3")]),
        ("a 'b c' \"d e\"f", [Word("a"), Word("b c"), Word("d ef")]),
        (r"a b\ c\'", [Word("a"), Word("b c'")]),
        ("a 'b \\", [Word("a"), Word("b \\", "'")]),
        (r'a "b \"c\x', [Word("a"), Word('b "c\\x', '"')]),
        ("a '' b", [Word("a"), Word(""), Word("b")]),
        ("a b\\", [Word("a"), Word("b")]),
        ("a --b=c:d", [Word("a"), Word("--b=c:d", "", 6)]),
        (r"a --b=c\:d", [Word("a"), Word("--b=c:d", "", 4)]),
        ('a --b="c:d', [Word("a"), Word("--b=c:d", '"', 4)]),
    ],
)
def test_a_line_is_split_as_a_shell_does(line: str, words: list[Word]) -> None:
    assert split_line(line, ":=") == words


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0\n")), st.sampled_from(["", "'", '"']))
def test_what_is_quoted_for_bash_is_read_as_it_was(text: str, quote: str) -> None:
    *_, word = split_line(f"x {quote}{quoted_for_bash(text, quote)}{quote}")
    assert word.text == text
