import json

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
