"""A challenge as a file says it, and each way to get it wrong, with its line."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wsplay.scenario.block import Fields
from wsplay.scenario.challenge_table import Challenge, parse_challenge
from wsplay.scenario.file import Scenario
from wsplay.scenario.source import Code
from wsplay.verdict.expectation import Expectation

ReadBlock = Callable[..., Scenario]

# Lines of the file: the tries are in 4 to 8, the challenge's table begins in 9, its first choice in 16.
TRIES = """
[tool.wsplay]
[[tool.wsplay.try]]
name = "a try"
[[tool.wsplay.try]]
name = "b"
"""
CHALLENGE = """
[tool.wsplay.challenge]
question = "What?"
level = "expert"
seconds = 60
hint = "h"
observers = true
seed = 3
"""
CHOICES = """
[[tool.wsplay.challenge.choice]]
text = "one"
holds = { status = 403 }
[[tool.wsplay.challenge.choice]]
text = "two"
holds = { opened = true }
holds_on = { uvicorn-wsproto = { status = 101 } }
try = "B"
"""


def block(challenge: str = CHALLENGE, choices: str = CHOICES, tries: str = TRIES) -> str:
    return "\n".join(part.strip("\n") for part in (tries, challenge, choices) if part)


def test_a_challenge_is_read_whole(read_block: ReadBlock) -> None:
    scenario = read_block(block())
    assert scenario.problems == ()
    read = scenario.challenge
    assert read is not None
    assert (read.question, read.level, read.seconds, read.hint) == ("What?", "expert", 60, "h")
    assert (read.viewpoints, read.seed, read.bench) == (True, 3, ())
    assert [choice.try_ for choice in read.choices] == list(scenario.tries)
    assert read.choices[0].claim.on("uvicorn") == Expectation({"status": 403})
    assert read.choices[1].claim.on("uvicorn") == Expectation({"opened": True})
    assert read.choices[1].claim.on("uvicorn-wsproto") == Expectation({"opened": True, "status": 101})
    assert hash(read) == hash(read)


def test_a_design_is_claimed_by_name(read_block: ReadBlock) -> None:
    choices = CHOICES.replace("holds = { status = 403 }", 'bench = "no_auth"')
    read = read_block(block(choices=choices)).challenge
    assert read is not None
    assert read.bench == ("no_auth",)


def test_a_scenario_without_one_has_none(read_block: ReadBlock) -> None:
    scenario = read_block(TRIES)
    assert (scenario.challenge, scenario.challenge_problem) == (None, None)


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ('question = "What?"', "", 9, "question"),
        ('question = "What?"', "question = 3", 10, "an integer"),
        ('question = "What?"', 'question = " "', 10, "needs a question"),
        ('question = "What?"', 'question = "What?"\nanswer = 1', 11, "unknown key `answer`"),
        ('level = "expert"', 'level = "wizard"', 11, "beginner, intermediate"),
        ('level = "expert"', 'level = "expret"', 11, "did you mean `expert`?"),
        ("seconds = 60", "seconds = 0", 12, "from 1 to 3600"),
        ("seconds = 60", 'seconds = "60"', 12, "a string"),
        ('hint = "h"', "hint = []", 13, "an array"),
        ("observers = true", 'observers = "yes"', 14, "true or false"),
        ("seed = 3", "seed = 1.5", 15, "a float"),
        ("seed = 3", 'seed = 3\ntry = "c"', 16, "that is not there"),
        (CHOICES.strip("\n"), "choice = 3", 16, "[[tool.wsplay.challenge.choice]]"),
        (CHOICES.strip("\n"), "choice = [{ text = 'x', holds.status = 1 }]", 16, "two choices"),
        ('text = "one"', "", 16, "needs a text"),
        ('text = "one"', "text = 1", 17, "an integer"),
        ('text = "one"', 'text = "one"\ncorrect = true', 18, "unknown key `correct` in choice 1"),
        ("holds = { status = 403 }", "", 16, "needs one claim"),
        ("holds = { status = 403 }", 'holds = { status = 403 }\nbench = "x"', 16, "needs one claim"),
        ("holds = { status = 403 }", "holds = 403", 18, "a table"),
        ("holds = { status = 403 }", "holds = { statsu = 403 }", 18, "did you mean `status`?"),
        ("holds = { status = 403 }", "bench = 3", 18, "a string"),
        ("holds = { status = 403 }", 'holds = { status = 403 }\npatch = "x"', 19, "[name, value] pairs"),
        ("holds = { status = 403 }", 'holds = { status = 403 }\npatch = [["zzz", ""]]', 19, "`zzz`"),
        ('text = "two"', 'text = "one"', 20, "same text"),
        ("{ uvicorn-wsproto = ", "{ uvicorn-wsprot = ", 22, "did you mean `uvicorn-wsproto`?"),
        ("{ status = 101 }", "{ status = [] }", 22, "`holds_on.uvicorn-wsproto.status`"),
        ('try = "B"', 'try = "c"', 23, "a try `c` that is not there"),
    ],
)
def test_what_is_wrong_is_told_with_its_line_and_the_scenario_still_runs(
    read_block: ReadBlock, old: str, new: str, line: int, words: str
) -> None:
    toml = block()
    assert toml.count(old) == 1
    scenario = read_block(toml.replace(old, new))
    problem = scenario.challenge_problem
    assert problem is not None
    assert words in problem.message
    assert str(problem) == f"/probe.py:{line}: {problem.message}"
    assert (scenario.challenge, scenario.problem, scenario.problems) == (None, None, (problem,))
    assert len(scenario.tries) == 2


def test_a_claim_about_a_run_needs_a_try(read_block: ReadBlock) -> None:
    problem = read_block(
        block(tries="[tool.wsplay]", choices=CHOICES.replace('try = "B"', ""))
    ).challenge_problem
    assert problem is not None
    assert "needs a try" in problem.message
    assert problem.line == 12


def test_a_patch_reaches_the_code_and_neither_docstring_nor_block(read_block: ReadBlock) -> None:
    patch = 'holds = { status = 403 }\npatch = [["About = 1", "About = 2"]]\n'
    scenario = read_block(block(choices=CHOICES.replace("holds = { status = 403 }\n", patch)), "About = 1")
    assert scenario.problems == ()
    assert scenario.challenge is not None
    patched = scenario.patched(scenario.challenge.choices[0].patch)
    assert patched == scenario.source.replace("\nAbout = 1", "\nAbout = 2", 1)


@given(
    st.dictionaries(
        st.sampled_from(["question", "level", "seconds", "choice", "hint", "seed"]),
        st.recursive(
            st.none() | st.integers() | st.text(),
            lambda x: st.lists(x) | st.dictionaries(st.sampled_from(["text", "holds", "try", "patch"]), x),
        ),
    )
)
def test_any_table_is_read_or_refused(table: dict[str, Any]) -> None:
    reported: list[str] = []
    fields = Fields(table, "it", lambda message, line: reported.append(message))
    read = parse_challenge(fields, "app = None", Code(0, 10), ())
    assert isinstance(read, Challenge)
    assert reported or len(read.choices) >= 2
    assert all(message.isprintable() for message in reported)
