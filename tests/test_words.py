"""The program speaks plain English: these phrases are in none of its texts.

What counts as text: the string literals, docstrings and comments of the package and of the scenarios, and the
Markdown files. Names, keys and code do not count. The list holds exact phrases; the rest is up to a reader.
"""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

PHRASES = (
    "borne out",
    "mended by",
    "mended in",
    "What do you say",
    "of such an answer",
    "as the client pane says",
    "the pane with the focus",
    "how far you are",
    "found the request wanting",
    "the command of yours",
    "cannot be lent",
    "cannot be come to",
    "the attacker a page",
    "progress forgotten",
)
#: Whole words, in any case, with any white space between them.
FORBIDDEN = re.compile(
    "|".join(r"\b" + r"\s+".join(phrase.split()) + r"\b" for phrase in PHRASES), re.IGNORECASE
)

FILES = sorted(
    [
        *ROOT.glob("wsplay/**/*.py"),
        *ROOT.glob("scenarios/*.py"),
        *ROOT.glob("docs/*.md"),
        *ROOT.glob("benchmarks/*.md"),
        *ROOT.glob("*.md"),
    ]
)


def texts(source: str) -> Iterator[str]:
    """Each string of a Python file, with `{}` for the values of an f-string, then its comments."""
    tree = ast.parse(source)
    in_f_string = {
        id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in in_f_string:
            yield node.value
    comments = [
        token
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type == tokenize.COMMENT
    ]
    yield "\n".join(comment.string.lstrip("#: ") for comment in comments)


def forbidden(path: Path) -> list[str]:
    source = path.read_text(encoding="utf-8")
    said = texts(source) if path.suffix == ".py" else [source]
    return [found[0] for text in said for found in FORBIDDEN.finditer(text)]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_none_of_the_phrases_is_said(path: Path) -> None:
    assert forbidden(path) == []


def test_it_reads_the_whole_program() -> None:
    names = {str(path.relative_to(ROOT)) for path in FILES}
    assert {"README.md", "CHANGELOG.md", "CONTRIBUTING.md", "docs/scenario-file.md"} <= names
    assert {"wsplay/cli/main.py", "wsplay/tui/app.py", "scenarios/no_auth.py"} <= names


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('"""The claim is borne\n    out."""', ["borne\n    out"]),
        ('say("What do " "you say?")', ["What do you say"]),
        ('f"{name}: progress forgotten"', ["progress forgotten"]),
        ("# Mended\n# by another\npass", ["Mended\nby"]),
        ('if mended in {"borne": "out"}:\n    outborne = "outborne out"', []),
        ('"`mended` in the table, the claim is confirmed"', []),
    ],
)
def test_it_can_fail(source: str, found: list[str], tmp_path: Path) -> None:
    """A made-up file; code, names and parts of words are not texts."""
    path = tmp_path / "made_up.py"
    path.write_text(source, encoding="utf-8")
    assert forbidden(path) == found
