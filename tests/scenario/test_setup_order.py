"""Tries that need each other first, and values that one saves for another."""

from collections.abc import Callable

import pytest

from wsplay.protocol.handshake import Handshake
from wsplay.protocol.steps import ConnectTry
from wsplay.scenario.file import Problem, Scenario
from wsplay.scenario.setup_order import setup_problems
from wsplay.scenario.steps import MAX_CONNECTIONS
from wsplay.scenario.tries import Try


@pytest.mark.parametrize("place", ["send", "headers", "query", "path", "subprotocols"])
def test_what_nothing_saves_is_told_where_it_is_asked_for(
    problem_of: Callable[..., Problem], place: str
) -> None:
    value = {
        "send": '[{ http = "POST /{saved.t}" }]',
        "headers": '[["A", "{saved.t}"]]',
        "query": '{ t = "{saved.t}" }',
        "path": '"/{saved.t}"',
        "subprotocols": '["{saved.t}"]',
    }[place]
    found = problem_of("", f"{place} = {value}")
    assert found.line == 8
    assert "{saved.t}" in found.message
    assert "save it first" in found.message


def test_what_another_try_saves_first_can_be_asked_for(
    read_tries: Callable[..., Scenario], problem_of: Callable[..., Problem]
) -> None:
    saves = 'before = [{ http = "POST /", save = { t = "json:t" } }]'
    uses = 'query = { t = "{saved.t}" }'
    fine = read_tries(
        saves, f'before = [{{ connect = "a" }}]\n{uses}', f'before = [{{ join = "b" }}]\n{uses}'
    )
    assert fine.problem is None, fine.problem
    assert "nothing saves" in problem_of(saves, uses).message


@pytest.mark.parametrize(
    "parts",
    [
        ('before = [{ connect = "a" }]',),
        ('before = [{ connect = "b" }]', 'before = [{ join = "c" }]', 'before = [{ join = "a" }]'),
        ("", 'before = [{ connect = "c" }, { connect = "a" }]', 'before = [{ connect = "b" }]'),
    ],
)
def test_tries_that_need_each_other_are_told_as_a_ring(
    problem_of: Callable[..., Problem], parts: tuple[str, ...]
) -> None:
    message = problem_of(*parts).message
    assert "without an end" in message
    ring = message.rpartition(": ")[2].split(" → ")
    assert ring[0] == ring[-1]
    assert len(ring) == len(set(ring)) + 1


def test_two_ways_to_the_same_try_are_no_ring(read_tries: Callable[..., Scenario]) -> None:
    both = 'before = [{ connect = "b" }, { connect = "a" }]'
    assert read_tries("", 'before = [{ connect = "a" }]', both).problem is None


def test_too_many_connections_are_refused_however_they_are_told(
    read_tries: Callable[..., Scenario], problem_of: Callable[..., Problem]
) -> None:
    limit = f'before = [{{ join = "a", times = {MAX_CONNECTIONS} }}]'
    assert read_tries("", limit).problem is None
    over = problem_of("", limit, f'before = [{{ http = "GET /" }}, {limit.partition("[")[2]}')
    assert "needs more than" in over.message
    assert '"c"' in over.message
    nested = [f'before = [{{ join = "{name}", times = 100 }}]' for name in "abcdefg"]
    assert "needs more than" in problem_of("", *nested).message


def test_a_chain_of_a_thousand_tries_is_refused_not_walked_into_the_ground() -> None:
    tries = [Try("0", Handshake())]
    tries += [Try(str(number), Handshake(before=(ConnectTry(str(number - 1)),))) for number in range(1, 1500)]
    [(_, key, message)] = setup_problems(tries)
    assert key == "before"
    assert "needs more than" in message
