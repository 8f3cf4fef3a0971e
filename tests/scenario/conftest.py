from collections.abc import Callable

import pytest

from wsplay.scenario.file import Problem, Scenario, parse_scenario


def _read_tries(*parts: str) -> Scenario:
    lines = []
    for name, part in zip("abcdefgh", parts, strict=False):
        lines += ["[[tool.wsplay.try]]", f'name = "{name}"', *part.split("\n")]
    block = "".join(f"# {line}".rstrip() + "\n" for line in lines)
    return parse_scenario("probe", "probe.py", f"app = None\n# /// script\n{block}# ///\n")


def _problem_of(*parts: str) -> Problem:
    found = _read_tries(*parts).problem
    assert found is not None
    assert found.message.isprintable()
    return found


@pytest.fixture
def read_tries() -> Callable[..., Scenario]:
    """Read a scenario with a try for each part, called a, b, c and so on."""
    return _read_tries


@pytest.fixture
def problem_of() -> Callable[..., Problem]:
    """Read such a scenario, and give what is wrong with it."""
    return _problem_of


@pytest.fixture
def read_block() -> Callable[..., Scenario]:
    """Read a scenario whose metadata block holds this TOML. Its first line is line 4 of the file."""

    def read(toml: str, code: str = "app = None") -> Scenario:
        block = "".join(f"# {line}".rstrip() + "\n" for line in toml.strip("\n").split("\n"))
        return parse_scenario("probe", "/probe.py", f'"""About."""\n{code}\n# /// script\n{block}# ///\n')

    return read
