"""Who may come in, with what, and what proves it: from the attack table, or from the tries alone."""

from collections.abc import Callable

import pytest

from wsplay.scenario.attack_table import read_target
from wsplay.scenario.file import Scenario


@pytest.mark.parametrize(
    ("sends", "place", "name"),
    [
        ('headers = [["Cookie", "session=abc"]]', "cookie", "session"),
        ('headers = [["Origin", "https://a.example"], ["cookie", "session=a=b"]]', "cookie", "session"),
        ('headers = [["X-Key", "k"], ["Cookie", "session=abc"]]', "header", "X-Key"),
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
    target = read_target(scenario)
    assert (target.place, target.name, target.success_marker) == (place, name, "Welcome!")
