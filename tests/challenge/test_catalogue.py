"""Every challenge there is, in the order in which they are offered."""

from __future__ import annotations

from wsplay.challenge.catalogue import read_catalogue
from wsplay.scenario.file import parse_scenario
from wsplay.scenario.library import Library

SCENARIO = parse_scenario("probe", "/scenarios/probe.py", "app = None\n")


def test_the_catalogue_has_the_first_five_first_and_all_of_the_rest(library: Library) -> None:
    catalogue = read_catalogue(library.scenarios)
    assert [item.challenge.seed for item in catalogue.items[:5]] == [1, 2, 3, 4, 5]
    assert all(item.challenge.seed is None for item in catalogue.items[5:])
    assert catalogue.problems == ()
    assert len(set(catalogue.names)) == len(catalogue.names)
    assert len(catalogue.names) == sum(scenario.challenge is not None for scenario in library.scenarios)
    groups = [item.scenario.group for item in catalogue.items[5:]]
    assert [group for at, group in enumerate(groups) if at == 0 or groups[at - 1] != group] == list(
        dict.fromkeys(groups)
    )
    last = catalogue.names[-1]
    following = catalogue.after(last, 1)
    assert following is not None
    assert following.name == catalogue.names[0]


def test_a_wrong_challenge_is_told_of_and_takes_nothing_down() -> None:
    table = "# /// script\n# [tool.wsplay.challenge]\n# question = 'x'\n# ///\n"
    broken = parse_scenario("broken", "/broken.py", f"app = None\n{table}")
    catalogue = read_catalogue([broken, SCENARIO])
    assert catalogue.items == ()
    [(name, problem)] = catalogue.problems
    assert name == "broken"
    assert problem.startswith("/broken.py:3: ")
    assert "two choices" in problem
