import datetime
import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wsplay.protocol.handshake import Handshake
from wsplay.protocol.steps import Close, Ping, SendBinary, SendText, Wait
from wsplay.protocol.token import TokenKit
from wsplay.scenario.block import ScriptBlock, find_block, find_blocks
from wsplay.scenario.expectations import Expectations
from wsplay.scenario.file import Problem, Scenario, Try, parse_scenario, title_from
from wsplay.verdict.expectation import Expectation

CODE = '''"""What it does.

## Notes

Say this.
"""

app = None

'''


def read(toml: str, code: str = CODE) -> Scenario:
    """A scenario whose block holds `toml`; its first TOML line is line `first_line(code)` of the file."""
    block = "".join(f"# {line}\n" if line else "#\n" for line in toml.strip("\n").split("\n"))
    return parse_scenario("probe", "/somewhere/probe.py", f"{code}# /// script\n{block}# ///\n")


def first_line(code: str = CODE) -> int:
    return code.count("\n") + 2


def problem(toml: str) -> Problem:
    found = read(toml).problem
    assert found is not None
    assert found.message.isprintable()
    return found


def a_try(lines: str) -> Try:
    scenario = read(f'[tool.wsplay.tokens]\nsecret = "s"\n[[tool.wsplay.try]]\nname = "probe"\n{lines}')
    assert scenario.problem is None, scenario.problem
    return scenario.tries[0]


def test_a_whole_file_is_read() -> None:
    scenario = read(
        """
requires-python = ">=3.11"
dependencies = ["fastapi", "uvicorn"]

[tool.other]
anything = 1

[tool.wsplay]
title = "Close before accept"
order = 3
topics = ["handshake", "close codes"]
path = "/chat"
flawed = true
mended = "accept_then_close"
sources = ["RFC 6455 section 4.2.2"]

[tool.wsplay.tokens]
secret = "0123456789"

[[tool.wsplay.try]]
name = "no token"
expect = { status = 403 }

[[tool.wsplay.try]]
name = "valid token"
path = "/other"

[tool.wsplay.challenge]
question = "What does the client get?"
choice = [{ text = "a", holds.status = 403 }, { text = "b", holds.opened = true }]
"""
    )
    assert scenario.problem is None
    assert (scenario.name, scenario.file, scenario.filename) == ("probe", "/somewhere/probe.py", "probe.py")
    assert (scenario.title, scenario.order, scenario.group) == ("Close before accept", 3, "handshake")
    assert scenario.topics == ("handshake", "close codes")
    assert (scenario.explanation, scenario.notes) == ("What it does.", "Say this.")
    assert (scenario.flawed, scenario.mended) == (True, "accept_then_close")
    assert scenario.sources == ("RFC 6455 section 4.2.2",)
    assert scenario.tokens == TokenKit("0123456789")
    assert scenario.challenge is not None
    assert scenario.challenge.question == "What does the client get?"
    assert [choice.text for choice in scenario.challenge.choices] == ["a", "b"]
    assert (scenario.requires_python, scenario.dependencies) == (">=3.11", ("fastapi", "uvicorn"))
    assert [(each.name, each.handshake.path) for each in scenario.tries] == [
        ("no token", "/chat"),
        ("valid token", "/other"),
    ]
    assert scenario.get_try("No Token") is scenario.tries[0]
    assert scenario.get_try("absent") is None
    assert {scenario, scenario} == {scenario}


def test_a_file_without_a_block_is_a_fine_scenario() -> None:
    scenario = parse_scenario("my_own-endpoint", "my_own-endpoint.py", "app = 1\n")
    assert scenario.problem is None
    assert scenario.title == "My own endpoint"
    assert (scenario.order, scenario.topics, scenario.tries, scenario.path) == (None, (), (), "")
    assert (scenario.explanation, scenario.notes, scenario.challenge) == ("", "", None)


def test_a_block_of_another_tool_alone_leaves_the_defaults() -> None:
    scenario = read('dependencies = ["fastapi"]')
    assert scenario.problem is None
    assert scenario.title == "Probe"


def test_line_ends_and_a_byte_order_mark_do_not_matter() -> None:
    text = f'{CODE}# /// script\n# [tool.wsplay]\n# title = "T"\n# ///\n'
    plain = parse_scenario("x", "x.py", text)
    for end in ("\r\n", "\r"):
        assert parse_scenario("x", "x.py", "\ufeff" + text.replace("\n", end)) == plain


@pytest.mark.parametrize(
    ("name", "title"),
    [("close_before_accept", "Close before accept"), ("a--b", "A b"), ("", ""), ("JWT", "JWT")],
)
def test_title_from_name(name: str, title: str) -> None:
    assert title_from(name) == title


# -- tries


def test_a_try_becomes_a_handshake() -> None:
    try_ = a_try(
        """
headers = [["Authorization", "Bearer {token.valid}"], ["X-A", "1"], ["X-A", "2"]]
origin = "https://evil.example"
query = [["token", "{token.valid}"], ["a", "1"]]
omit = ["user-agent"]
subprotocols = ["chat.v1", "{token.valid}"]
compression = false
timeout = 7
path = "/x?y={token.valid}"
send = [
  "{token.valid}", { text = "b", times = 3 }, { hex = "00 ff" }, { ping = "p" }, { wait = 0.5 },
  { close = 4000, reason = "bye" },
]
"""
    )
    handshake = try_.handshake.filled(lambda text: text.replace("{token.valid}", "T"))
    assert handshake.headers == (
        ("Authorization", "Bearer T"),
        ("X-A", "1"),
        ("X-A", "2"),
        ("Origin", "https://evil.example"),
    )
    assert handshake.target == "/x?y=T&token=T&a=1"
    assert handshake.omit == ("user-agent",)
    assert handshake.subprotocols == ("chat.v1", "T")
    assert handshake.compression is False
    assert (try_.timeout, handshake.open_timeout) == (7.0, 7.0)
    assert handshake.steps == (
        SendText("T"),
        *[SendText("b")] * 3,
        SendBinary(b"\x00\xff"),
        Ping("p"),
        Wait(0.5),
        Close(4000, "bye"),
    )


def test_headers_and_query_may_be_tables() -> None:
    try_ = a_try('headers = { B = "1", A = "2" }\nquery = { token = "x" }')
    assert try_.handshake.headers == (("B", "1"), ("A", "2"))
    assert try_.handshake.query == (("token", "x"),)


def test_a_bare_try_asks_for_the_defaults() -> None:
    try_ = a_try("")
    assert try_.handshake == Handshake(path="")
    assert try_.expect == Expectations()


def test_braces_that_are_no_placeholder_are_left_alone() -> None:
    try_ = a_try("""send = ['{"token": "{token.valid}"}', '{tokens}', '{}']""")
    assert try_.handshake.steps == tuple(map(SendText, ['{"token": "{token.valid}"}', "{tokens}", "{}"]))


def test_what_is_expected_can_differ_by_engine() -> None:
    try_ = a_try(
        "expect = { status = 500, opened = false }\nexpect_on = { uvicorn-websockets = { status = 101 } }"
    )
    assert try_.expect.on("uvicorn") == Expectation({"status": 500, "opened": False})
    assert try_.expect.on("uvicorn-websockets") == Expectation({"status": 101, "opened": False})
    assert try_.expect.default == Expectation({"status": 500, "opened": False})


# -- what is wrong, and where


TRIES = "".join(f"[[tool.wsplay.try]]\nname = '{number}'\n" for number in range(300))


@pytest.mark.parametrize(
    ("toml", "line", "words"),
    [
        ("[tool.wsplay]\ntitel = 'x'", 2, ("titel", "`title`")),
        ("[tool.wsplay]\nzzz = 'x'", 2, ("zzz", "known are title")),
        ("[tool.wsplay]\norder = '3'", 2, ("order", "a string", "whole number")),
        ("[tool.wsplay]\norder = true", 2, ("order", "a boolean")),
        ("[tool.wsplay]\norder = -1", 2, ("order", "from 0")),
        ("[tool.wsplay]\n\ntitle = 3", 3, ("title", "an integer")),
        ("[tool.wsplay]\ntitle = ''", 2, ("title", "empty")),
        ("[tool.wsplay]\ntopics = 'x'", 2, ("topics", "array of strings")),
        ("[tool.wsplay]\npath = 'ws'", 2, ("path", "slash")),
        ("[tool.wsplay]\nflawed = 1", 2, ("flawed", "true or false")),
        ("[tool.wsplay]\ntokens = 1", 2, ("tokens", "a table")),
        ("[tool.wsplay]\n[tool.wsplay.tokens]\nsecrt = 'x'", 3, ("secrt", "secret")),
        ("[tool.wsplay]\nchallenge = 'x'", 2, ("challenge", "a table")),
        ("[tool.wsplay]\ntry = 1", 2, ("[[tool.wsplay.try]]",)),
        ("[tool.wsplay.try]\nname = 'x'", 1, ("[[tool.wsplay.try]]",)),
        ("tool = 3", 1, ("tool.wsplay", "an integer")),
        ("[tool]\nwsplay = 3", 2, ("tool.wsplay", "an integer")),
        ("dependencies = 'fastapi'", 1, ("dependencies", "array of strings")),
        ("[tool.wsplay]\ntitle = ", 2, ("not valid TOML",)),
        ("[tool.wsplay]\ntitle = 'a'\ntitle = 'b'", 3, ("not valid TOML",)),
        ("[tool.wsplay]\ntopics = [\n'a',", 3, ("not valid TOML",)),
        ("a = " + "9" * 5000, 0, ("too many digits",)),
        ("a = " + "[" * 5000, 1, ("nested too deeply",)),
        ("b = 1\na = [\n" + "[" * 49 + "\n[", 4, ("nested too deeply",)),
        ("b = 1\na = " + "{a = " * 51 + "1" + "}" * 51, 2, ("nested too deeply",)),
        ("b = 1\n" + ".".join("a" * 21) + " = 1", 2, ("more than 20 parts",)),
        ("[" + ".".join("a" * 20_000) + "]", 1, ("more than 20 parts",)),
        ("b = 1\na = '" + "x" * 100_000 + "'", 2, ("longer than 100,000",)),
        (TRIES, 401, ("more than 200 tries",)),
    ],
)
def test_a_wrong_block_is_told_by_line(toml: str, line: int, words: tuple[str, ...]) -> None:
    found = problem(toml)
    assert found.line == first_line() + line - 1
    for word in words:
        assert word in found.message
    assert str(found).startswith(f"/somewhere/probe.py:{found.line}: ")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("nam = 'x'", ("nam", "`name`")),
        ("header = []", ("`headers`",)),
        ("headers = 'x'", ("headers", "[name, value] pairs")),
        ("headers = [['a']]", ("headers",)),
        ("headers = [['Host', false]]", ("headers", "strings")),
        ("query = [[1, 2]]", ("query",)),
        ("omit = ['Hots']", ("Hots", "`Host`")),
        ("omit = ['X-Unheard-Of']", ("X-Unheard-Of", "Sec-WebSocket-Key")),
        ("subprotocols = 'chat'", ("subprotocols",)),
        ("compression = 'no'", ("compression",)),
        ("timeout = 0", ("timeout", "above 0")),
        ("timeout = nan", ("timeout", "above 0")),
        ("timeout = '5'", ("timeout", "seconds")),
        ("expect = 403", ("expect", "a table")),
        ("expect_on = { uvicorn-webskets = {} }", ("uvicorn-webskets", "`uvicorn-websockets`")),
        ("expect_on = { uvicorn = 403 }", ("expect_on.uvicorn", "must be a table")),
        ("expect_on = { uvicorn = { statsu = 403 } }", ("expect_on.uvicorn", "statsu", "`status`")),
        ("expect.statsu = 403", ("expect", "statsu", "`status`")),
        ("expect = { ended = 'refusd' }", ("refusd", "`refused`")),
        ("expect = { status = '403' }", ("expect.status", "a string")),
        ("send = 'hello'", ("send", "array of steps")),
        ("send = [1]", ("an integer", "string or a table")),
        ("send = [{}]", ("exactly one of",)),
        ("send = [{ txt = 'x' }]", ("exactly one of", "`text`")),
        ("send = [{ text = 'x', ping = 'y' }]", ("exactly one of",)),
        ("send = [{ text = 'x', reason = 'y' }]", ("reason", "`times`")),
        ("send = [{ wait = 1, times = 2 }]", ("times", "nothing")),
        ("send = [{ text = 1 }]", ("text", "a string")),
        ("send = [{ text = 'x', times = 0 }]", ("times", "from 1")),
        ("send = [{ text = 'x', times = 60000 }, { text = 'x', times = 60000 }]", ("100000",)),
        ("send = [{ hex = 'xyz' }]", ("hexadecimal",)),
        ("send = [{ hex = 'é' }]", ("hexadecimal",)),
        ("send = [{ wait = 1e9 }]", ("wait", "600")),
        ("send = [{ close = 70000 }]", ("close", "65535")),
        ("headers = [['A', '{token.vaild}']]", ("vaild", "`valid`")),
        ("send = ['{token.valid}']", ("[tool.wsplay.tokens]",)),
        ("query = { t = '{token.valid}' }", ("[tool.wsplay.tokens]",)),
        ("path = '/{token.nonsense-kind}'", ("nonsense-kind", "expired")),
    ],
)
def test_a_wrong_try_is_told_by_line_and_spares_the_others(line: str, words: tuple[str, ...]) -> None:
    toml = f"[[tool.wsplay.try]]\nname = 'good'\n\n[[tool.wsplay.try]]\nname = 'odd'\n{line}"
    found = problem(toml)
    assert found.line == first_line() + 5
    assert 'try "odd"' in found.message
    for word in words:
        assert word in found.message
    assert read(toml).tries[0].name == "good"


def test_a_try_needs_a_name_of_its_own() -> None:
    assert "no name" in problem("[[tool.wsplay.try]]\npath = '/x'").message
    assert "no name" in problem("[[tool.wsplay.try]]\nname = ' '").message
    assert "must be a string" in problem("[[tool.wsplay.try]]\nname = 3").message
    same = "[[tool.wsplay.try]]\nname = 'One'\n[[tool.wsplay.try]]\nname = 'one'"
    assert "second" in problem(same).message
    assert problem(same).line == first_line() + 3
    assert [each.name for each in read(same).tries] == ["One"]


def test_the_tries_of_a_file_have_a_limit_of_steps_together() -> None:
    many = "".join(
        f"[[tool.wsplay.try]]\nname = '{number}'\nsend = [{{ text = 'x', times = 60000 }}]\n"
        for number in range(3)
    )
    found = problem(many)
    assert found.line == first_line() + 5
    assert "100000 steps together" in found.message


def test_the_first_problem_is_the_one_told() -> None:
    assert "titel" in problem("[tool.wsplay]\ntitel = 1\norder = 'x'").message


def test_control_characters_in_the_block_stay_off_the_screen() -> None:
    scenario = read('[tool.wsplay]\ntitle = "a\\u001b[2Jb"\n[[tool.wsplay.try]]\nname = "x\\u202ey"')
    assert scenario.title.isprintable()
    assert scenario.tries[0].name.isprintable()
    assert problem('[tool.wsplay]\n"a\\u001bb" = 1').message.isprintable()


@pytest.mark.parametrize(
    ("code", "line", "words"),
    [
        ("app = 1\ndef f(:\n", 2, "SyntaxError"),
        ("app = 1\n\nreturn 3\n", 3, "outside function"),
        ("if 1:\npass\n", 2, "IndentationError"),
        ("app = 1\nx = '\ud800'\n", 2, "surrogate"),
        ("\napp = 1\0\n", 2, "NUL"),
        ("x = " + "-" * 100_000 + "1", None, "nested"),
    ],
)
def test_a_syntax_error_is_told_by_line_and_the_block_still_counts(
    code: str, line: int | None, words: str
) -> None:
    scenario = read("[tool.wsplay]\ntitle = 'Kept'\norder = 4", code + "\n")
    assert scenario.problem is not None
    assert words in scenario.problem.message
    if line is not None:
        assert scenario.problem.line == line
    assert (scenario.title, scenario.order) == ("Kept", 4)


def test_a_warning_about_the_code_is_not_ours_to_give() -> None:
    assert parse_scenario("x", "x.py", 'a = "\\d"\nb = a is "x"\n').problem is None


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("# /// script\n# a = 1\n# ///\n\n# /// script\n# b = 1\n# ///\n", 5, "second"),
        ("# /// script\n# a = 1\n# ///\n# /// script\n# b = 1\n# ///\n", 4, "second"),
        ("x = 1\n# /// script\n# a = 1\n", 2, "never closed"),
        ("x = 1\n# /// script\n# a = 1\nx = 2\n", 4, "breaks off"),
        ("# /// script", 1, "never closed"),
        ("# /// script\n# a = 1\n\n# b = 2\n# ///\n", 3, "breaks off"),
        ("# /// script\n# a = 1\n#b = 2\n# ///\n", 3, "breaks off"),
        ("# /// script\n# a = 1\n# //\n", 1, "never closed"),
        ("# /// script\n# a = 1\n# /// \n", 3, "exactly `# ///`"),
        ("# /// script\n# ///\n", 1, "empty"),
        ("# /// script \n# a = 1\n# ///\n", 1, "spaces"),
        ("# /// script\n# a = 1", 1, "never closed"),
    ],
)
def test_a_block_no_tool_would_find_is_told(text: str, line: int, words: str) -> None:
    found = parse_scenario("x", "x.py", text).problem
    assert found is not None
    assert words in found.message
    assert found.line == line


def test_blocks_of_other_types_are_passed_over() -> None:
    text = '# /// other\n# not toml at all\n# ///\n\n# /// script\n# [tool.wsplay]\n# title = "T"\n# ///\n'
    scenario = parse_scenario("x", "x.py", text)
    assert (scenario.title, scenario.problem) == ("T", None)


def test_a_block_is_found_as_the_specification_finds_it() -> None:
    block = find_block("x = 1\n# /// script\n# a = 1\n#\n#  b = 2\n# ///\n")
    assert block == ScriptBlock("a = 1\n\n b = 2\n", 2)


BLOCK_LINES = st.sampled_from(
    ["# /// script", "# ///", "# /// other", "# /// x y", "#", "# a", "# /// script ", "#x", "", " # ///"]
)


@given(st.lists(BLOCK_LINES, max_size=14))
def test_blocks_are_those_of_the_reference_implementation(lines: list[str]) -> None:
    """Its expression is copied from PEP 723."""
    expression = r"(?m)^# /// (?P<type>[a-zA-Z0-9-]+)$\s(?P<content>(^#(| .*)$\s)+)^# ///$"
    text = "\n".join(lines)
    expected = []
    for match in re.finditer(expression, text):
        opening = text.count("\n", 0, match.start()) + 1
        expected.append((match["type"], opening, opening + match[0].count("\n")))
    assert list(find_blocks(lines)) == expected


def test_lines_are_found_in_other_spellings() -> None:
    block = ScriptBlock(
        '[ "tool" . wsplay ]  # here\n"title" = 1\nheaders = [\n  ["a", "b"]\n]\n'
        "[[tool.wsplay.try]]\nname = 1\nexpect.status = 1\n"
        "[[tool.wsplay.try]]\nname = 2\n[tool.wsplay.try.expect]\nstatus = 1\n",
        10,
    )
    assert block.line_of("tool.wsplay", None, "title") == 12
    assert block.line_of("tool.wsplay.try", 0, "expect") == 18
    assert block.line_of("tool.wsplay.try", 1, "name") == 20
    assert block.line_of("tool.wsplay.try", 1, "expect") == 21
    assert block.line_of("tool.wsplay.try", 1, "absent") == 19
    assert block.line_of("tool.absent", None, "title") == 10


# -- anything at all


@given(st.text(max_size=400))
def test_any_text_gives_a_scenario(text: str) -> None:
    scenario = parse_scenario("x", "x.py", text)
    assert scenario.name == "x"


LINES = [
    '"""doc"""',
    "# /// script",
    "# /// script ",
    "# ///",
    "# /// other",
    "#",
    "# [tool.wsplay]",
    "# title = 'x'",
    "# [[tool.wsplay.try]]",
    "# name = 'a'",
    "# send = [",
    "# ]",
    "#x",
    "",
    "x = (",
    "",
]


@given(st.lists(st.sampled_from(LINES), max_size=14))
def test_any_order_of_lines_gives_a_scenario_and_a_line_of_it(lines: list[str]) -> None:
    scenario = parse_scenario("x", "x.py", "\n".join(lines))
    if scenario.problem is not None and scenario.problem.line is not None:
        assert 1 <= scenario.problem.line <= scenario.source.count("\n") + 1


KEYS = [
    "title",
    "order",
    "topics",
    "path",
    "flawed",
    "mended",
    "sources",
    "tokens",
    "try",
    "challenge",
    "odd",
]
TRY_KEYS = ["path", "query", "headers", "origin", "omit", "subprotocols", "compression", "send", "timeout"]
TRY_KEYS += ["expect", "expect_on", "odd"]
EXPECT_KEYS = [
    "status",
    "received",
    "close",
    "asked",
    "browser",
    "ended",
    "code",
    "reason",
    "contains",
    "hex",
]
STEP_KEYS = ["text", "hex", "ping", "wait", "close", "reason", "times", "odd"]
TOKEN_KEYS = ["secret", "algorithm", "audience", "lifetime", "claims", "odd"]
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.sampled_from(
    ["/ws", "{token.valid}", "{token.x}", "{token.}", "Host", "uvicorn", "HS256", "00ff"]
)
scalars = (
    texts
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.datetimes(datetime.datetime(1, 1, 1), datetime.datetime(9999, 1, 1))
    | st.dates()
    | st.times()
)


def tables(keys: list[str], values: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.dictionaries(st.sampled_from(keys) | texts, values, max_size=4)


values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | tables(STEP_KEYS, inner)
        | tables(TOKEN_KEYS, inner)
        | tables(EXPECT_KEYS, inner)
        | tables(["name", *TRY_KEYS], inner)
    ),
    max_leaves=12,
)


def as_toml(value: Any) -> str:
    match value:
        case dict():
            return "{" + ", ".join(f"{quoted(key)} = {as_toml(item)}" for key, item in value.items()) + "}"
        case list():
            return "[" + ", ".join(as_toml(item) for item in value) + "]"
        case str():
            return quoted(value)
        case bool():
            return str(value).lower()
        case int():
            return str(value)
        case float():
            return repr(value)
    return value.isoformat()


def quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


@given(tables(KEYS, values), st.lists(tables(TRY_KEYS, values), max_size=3))
def test_any_values_give_a_scenario(table: dict[str, Any], tries: list[dict[str, Any]]) -> None:
    if tries:
        table["try"] = [{"name": f"try {place}", **entry} for place, entry in enumerate(tries)]
    scenario = parse_scenario("x", "x.py", f"# /// script\n# tool.wsplay = {as_toml(table)}\n# ///\n")
    assert scenario.problem is None or "not valid TOML" not in scenario.problem.message
    assert isinstance(scenario.title, str)
    for each in scenario.tries:
        handshake = each.handshake.filled(str.upper)
        assert len(handshake.steps) <= 100_000
        Expectation.parse(each.expect.on("uvicorn").table)
    if scenario.problem is not None:
        assert scenario.problem.message.isprintable()
        assert scenario.problem.line in (1, 2)
