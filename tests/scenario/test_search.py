import pytest

from wsplay.scenario.library import Library
from wsplay.scenario.search import contains


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ([], True),
        (["close_before_accept"], True),
        (["CLOSE", "before"], True),
        (["3"], True),
        (["no-such-word"], False),
        (["close", "no-such-word"], False),
    ],
)
def test_all_words_are_looked_for(library: Library, words: list[str], found: bool) -> None:
    assert contains(library.get("close_before_accept"), words) is found


def test_each_part_is_searched(library: Library) -> None:
    scenario = library.get("close_before_accept")
    for part in (scenario.name, scenario.title, *scenario.topics, scenario.explanation.split()[-1]):
        assert contains(scenario, [part.upper()]), part
