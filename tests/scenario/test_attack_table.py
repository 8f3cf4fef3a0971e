"""Who may come in, with what, and what proves it: from the attack table, or from the tries alone."""

from collections.abc import Callable

import pytest

from wsplay.scenario.attack_table import AttackTarget
from wsplay.scenario.file import Scenario


@pytest.mark.parametrize(
    ("sends", "place", "name"),
    [
        ('headers = [["Cookie", "session=abc"]]', "cookie", "session"),
        ('headers = [["Origin", "https://a.example"], ["cookie", "session=a=b"]]', "cookie", "session"),
        ('headers = [["X-Key", "k"], ["Cookie", "session=abc"]]', "header", "X-Key"),
        ('headers = [["X-Trace", "1"], ["Cookie", "theme=dark; session=abc"]]', "cookie", "session"),
        ('headers = [["X-Trace", "1"], ["Cookie", "id=abc"]]', "cookie", "id"),
        ('headers = [["X-Trace", "1"], ["Authorization", "x"]]', "header", "Authorization"),
        ('headers = [["X-Trace", "1"], ["X-Forwarded-For", "10.0.0.7"]]', "header", "X-Trace"),
        ('headers = [["X-Forwarded-For", "10.0.0.7"]]', "address", ""),
        ('headers = [["X-Trace", "1"]]\nquery = { ticket = "t" }', "query", "ticket"),
        ('headers = [["Origin", "https://a.example"]]\nquery = { token = "t" }', "query", "token"),
        ('subprotocols = ["t"]', "subprotocol", ""),
        ('send = [{ wait = 0.1 }, "t"]', "message", ""),
    ],
)
def test_where_the_credential_travels_is_read_from_the_try(
    read_tries: Callable[..., Scenario], sends: str, place: str, name: str
) -> None:
    scenario = read_tries(f'{sends}\nexpect.received = ["Welcome!"]')
    assert scenario.problem is None
    target = scenario.attack
    assert target is not None
    assert (target.place, target.name, target.success_marker) == (place, name, "Welcome!")


TABLE = """
[tool.wsplay]
[[tool.wsplay.try]]
name = "user"
headers = [["Authorization", "opensesame"]]
[tool.wsplay.attack]
let_in = "User"
prize = "secret"
credential = "header:Authorization"
"""


def test_the_table_says_it(read_block: Callable[..., Scenario]) -> None:
    scenario = read_block(TABLE)
    assert scenario.problems == ()
    assert scenario.attack == AttackTarget(scenario.tries[0], "secret", "header", "Authorization")
    assert not scenario.attack.has_token


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ('let_in = "User"', 'let_im = "User"', 9, "did you mean `let_in`?"),
        ('let_in = "User"', 'let_in = "usr"', 9, "did you mean `user`?"),
        ('let_in = "User"', "let_in = 3", 9, "an integer"),
        ('prize = "secret"', "", 8, '`prize = "Welcome!"`'),
        ('prize = "secret"', "prize = []", 10, "an array"),
        ('credential = "header:Authorization"', 'credential = "header"', 11, "header:NAME"),
        ('credential = "header:Authorization"', 'credential = "body:x"', 11, "header:NAME"),
        ('credential = "header:Authorization"', "credential = 1", 11, "an integer"),
    ],
)
def test_a_wrong_table_is_told_with_its_line_and_the_scenario_still_runs(
    read_block: Callable[..., Scenario], old: str, new: str, line: int, words: str
) -> None:
    assert TABLE.count(old) == 1
    scenario = read_block(TABLE.replace(old, new))
    problem = scenario.attack_problem
    assert problem is not None
    assert words in problem.message
    assert (problem.line, problem.file) == (line, "/probe.py")
    assert (scenario.attack, scenario.problem, scenario.problems) == (None, None, (problem,))


def test_an_inline_table_has_the_line_of_its_key(read_block: Callable[..., Scenario]) -> None:
    problem = read_block('[tool.wsplay]\ntitle = "x"\nattack = { let_in = "nobody" }').attack_problem
    assert problem is not None
    assert problem.line == 6


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        (('headers = [["A", "b"]]',), "no try is expected to receive anything"),
        (('expect.received = ["hi"]',), "sends no credential"),
        (('headers = [["A", "b"]]\nexpect.received = [{ hex = "00" }]',), 'prize = "Welcome!"'),
    ],
)
def test_without_a_table_the_reason_is_no_fault_of_the_file(
    read_tries: Callable[..., Scenario], parts: tuple[str, ...], words: str
) -> None:
    scenario = read_tries(*parts)
    assert scenario.attack is None
    assert scenario.attack_problem is not None
    assert words in scenario.attack_problem.message
    assert scenario.attack_problem.line is None
    assert scenario.problems == ()
