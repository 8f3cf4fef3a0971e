"""The tokens' table, and each way to get it wrong, with its line."""

from collections.abc import Callable

import pytest

from wsplay.protocol.token import TokenKit
from wsplay.scenario.file import Scenario

ReadBlock = Callable[..., Scenario]
KEY = "0123456789abcdef0123456789abcdef"


def test_a_kit_from_a_table(read_block: ReadBlock) -> None:
    scenario = read_block(
        f'[tool.wsplay.tokens]\nsecret = "{KEY}"\nalgorithm = "HS256"\naudience = "wsplay"\nsubject = "ada"\n'
        'lifetime = 60\nclaims = { role = "admin" }\nheaders.kid = "1"'
    )
    assert scenario.problem is None
    assert scenario.tokens == TokenKit(
        KEY, "HS256", "wsplay", None, "ada", 60, {"role": "admin"}, {"kid": "1"}
    )


@pytest.mark.parametrize(
    ("lines", "line", "words"),
    [
        ("", 5, "`secret`"),
        ('secret = ""', 6, "`secret`"),
        ("secret = 7", 6, "`secret` in `[tool.wsplay.tokens]` is an integer but must be a string"),
        ('secret = "s"\naudiance = "x"', 7, "did you mean `audience`"),
        ('secret = "s"\nlifetime = "60"', 7, "is a string but must be a whole number"),
        ('secret = "s"\nlifetime = true', 7, "is a boolean but must be a whole number"),
        ('secret = "s"\nlifetime = 0', 7, "must be from 1"),
        ('secret = "s"\nclaims = []', 7, "is an array but must be a table"),
        ('secret = "s"\nclaims = { exp = 1 }', 7, "must not set `exp`"),
        ('secret = "s"\nclaims.nbf = 1', 7, "must not set `nbf`"),
        ('secret = "s"\n\n[tool.wsplay.tokens.claims]\niat = 1', 8, "must not set `iat`"),
        ('secret = "s"\nalgorithm = "RS256"', 7, "HS256, HS384, HS512"),
    ],
)
def test_a_table_that_is_wrong_says_why_and_where(
    read_block: ReadBlock, lines: str, line: int, words: str
) -> None:
    scenario = read_block(f"[tool.wsplay]\n[tool.wsplay.tokens]\n{lines}")
    assert scenario.tokens is None
    assert scenario.problem is not None
    assert words in scenario.problem.message
    assert scenario.problem.line == line
