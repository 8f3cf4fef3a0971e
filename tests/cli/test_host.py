"""`--host`: an empty one is refused before anything starts."""

import pytest
from click.testing import CliRunner

from wsplay.cli.main import cli


@pytest.mark.parametrize("host", ["", " ", "\t", "\n", "\u3000"])
@pytest.mark.parametrize("words", [("serve", "3", "--host"), ("--host",)], ids=["serve", "ui"])
def test_an_empty_host_is_refused(words: tuple[str, ...], host: str) -> None:
    run = CliRunner().invoke(cli, [*words, host])
    assert run.exit_code == 2
    assert "--host" in run.stderr
    assert "empty" in run.stderr
    assert "127.0.0.1" in run.stderr
    assert run.stdout == ""
