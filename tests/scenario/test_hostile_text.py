"""Texts made to take long: each is read in one pass.

They are read in a process of their own, with a limit of a hundred times what is needed: a reader that takes
quadratic time, or worse, needs hours for one of them.
"""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wsplay.scenario.file import parse_scenario
from wsplay.scenario.toml_limits import MAX_DEPTH, MAX_PARTS, find_excess

#: Seconds. All of them together take two or three.
LIMIT = 240

TEXTS = r"""
def block(toml):
    return "app = None\n# /// script\n" + "".join(f"# {line}\n" for line in toml.split("\n")) + "# ///\n"

def tries(count, body):
    return "".join(f"[[tool.wsplay.try]]\nname = '{number}'\n{body}\n" for number in range(count))

texts = {
    "unclosed": "# /// script\n" * 400_000,
    "other": "# /// other\n" * 400_000,
    "parts": block("a." * 45_000 + "a = 1"),
    "header": block("[" + "a." * 45_000 + "a]"),
    "array": block("a = " + "[" * 49_000 + "]" * 49_000),
    "tables": block("a = " + "{a = " * 16_000 + "1" + "}" * 16_000),
    "keys": block("[tool.wsplay]\n" + "\n".join(f"key{number} = 1" for number in range(7_000))),
    "names": block("[[tool.wsplay.try]]\n" * 4_900),
    "missing": block(tries(190, "before = [" + "{connect = 'there is no such try'}, " * 12 + "]")),
    "steps": block(tries(190, "send = [{text = 'x', times = 100000}]")),
    "choices": block(
        "[tool.wsplay.challenge]\n"
        + "".join(f"[[tool.wsplay.challenge.choice]]\ntext = '{number}'\n" for number in range(2_000))
    ),
    "notes": "'''a\n\n## notes" + " " * 200_000 + "x\n'''\n",
    "spaces": block('a = {"' + " " * 45_000 + '" = 1, "' + " " * 45_000 + '" = 1}'),
}
"""
READ = """
from wsplay.scenario.file import parse_scenario
for name, text in texts.items():
    problem = parse_scenario(name, name + ".py", text).problems[:1]
    print(name, problem[0].line if problem else None, flush=True)
"""


@pytest.mark.slow
def test_no_text_takes_long_and_each_problem_has_its_line() -> None:
    run = subprocess.run(
        [sys.executable, "-c", TEXTS + READ], capture_output=True, text=True, timeout=LIMIT, check=True
    )
    assert dict(line.split() for line in run.stdout.splitlines()) == {
        "unclosed": "1",
        "other": "None",
        "parts": "3",
        "header": "3",
        "array": "3",
        "tables": "3",
        "keys": "4",
        "names": "3",
        "missing": "5",
        "steps": "8",
        "choices": "44",
        "notes": "None",
        "spaces": "3",
    }


TOML = st.lists(
    st.sampled_from(['"', "'", '"""', "'''", "\\", "\n", "[", "]", "{", "}", ".", ",", "=", "#", "a", " "])
)


@given(TOML)
def test_what_stands_in_strings_and_comments_has_no_limit(parts: list[str]) -> None:
    text = "".join(parts).replace("'''", "").replace("\n", " ")
    many = "." * (MAX_PARTS + 1) + "[" * (MAX_DEPTH + 1)
    assert find_excess(f"a = '''{text.replace(chr(39), '')}{many}'''") is None
    assert find_excess(f"a = 1 # {text}{many}\nb = 1") is None
    after = find_excess(f"a = '''{text.replace(chr(39), '')}'''\nb = {'[' * (MAX_DEPTH + 1)}")
    assert after is not None
    assert after.line == 2


@given(TOML)
def test_any_text_is_within_the_limits_or_exceeds_them_on_a_line_of_it(parts: list[str]) -> None:
    text = "".join(parts)
    excess = find_excess(text)
    if excess is not None:
        assert 1 <= excess.line <= text.count("\n") + 1
    parse_scenario("x", "x.py", f"# /// script\n# {text.replace(chr(10), chr(10) + '# ')}\n# ///\n")
