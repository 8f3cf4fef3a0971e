"""A scenario's explanation as lines: what is in it, how it fits, and what stays out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from wsplay.scenario.file import Scenario
from wsplay.scenario.fixes import Fixes, Standing
from wsplay.scenario.library import Library
from wsplay.tui.kit.styled_lines import StyledLine, line_width, plain
from wsplay.tui.source.explanation import EASY_WIDTH, Explanation, notes_lines


def texts(lines: list[StyledLine]) -> list[str]:
    return [plain(line) for line in lines]


@pytest.fixture
def scenario(library: Library) -> Scenario:
    return replace(
        library.get("3"),
        explanation="What it does.\n\n**What to look for**\n\n- one `x`\n- two",
        notes="Ask *first*.",
        sources=("RFC 6455 section 4", "ASGI spec"),
    )


def test_it_says_what_to_look_for_and_where_that_is_written(scenario: Scenario) -> None:
    assert texts(Explanation(scenario).lines(80)) == [
        "What it does.",
        "",
        "What to look for",
        "",
        "• one x",
        "• two",
        "",
        "Sources",
        "• RFC 6455 section 4",
        "• ASGI spec",
    ]


def test_a_flawed_scenario_and_its_fix_say_so_first(library: Library) -> None:
    fixes = Fixes(library.scenarios)
    flawed, fix = library.get("no_auth"), library.get("header_check")
    keys = "  F opens it, = shows the difference"
    said = "✗ flawed on purpose: fixed in 2 Header check"
    assert texts(Explanation(flawed, fixes.of(flawed)).lines(100))[0] == said + keys
    assert texts(Explanation(flawed, fixes.of(flawed), keys=False).lines(100))[0] == said
    assert texts(Explanation(fix, fixes.of(fix)).lines(100))[0] == "✓ fixes 1 No authentication" + keys
    several = library.get("close_before_accept")
    first, second, *_ = texts(Explanation(several, fixes.of(several)).lines(80))
    assert first == "✓ fixes 4 A send that raises, 11 Return without accept"
    assert second == "  F opens one of them, = shows the difference"
    assert texts(Explanation(flawed, Standing(flawed=True)).lines(100))[0] == "✗ flawed on purpose"
    gone = Standing(flawed=True, missing="go\x1bne")
    assert texts(Explanation(flawed, gone).lines(100))[0] == "✗ flawed on purpose: fixed in go␛ne"


def test_speaker_s_notes_are_apart(library: Library) -> None:
    for scenario in library.scenarios:
        if scenario.notes:
            first = texts(notes_lines(scenario, 80))[0]
            assert first not in texts(Explanation(scenario).lines(80))
    none = replace(library.get("3"), notes="", explanation="", sources=())
    assert texts(notes_lines(none, 80)) == ["This scenario has no speaker's notes."]
    assert texts(Explanation(none).lines(80)) == ["This scenario has no explanation."]


@pytest.mark.parametrize("size", [(76, 5), (134, 13), (134, 40), (20, 1), (76, 0)])
def test_it_fits_into_the_space_and_says_if_there_is_more(library: Library, size: tuple[int, int]) -> None:
    for scenario in library.scenarios:
        explanation = Explanation(scenario, Fixes(library.scenarios).of(scenario))
        lines = explanation.lines_for(*size)
        assert len(lines) <= size[1]
        assert all(line_width(line) <= size[0] for line in lines[:-1])
        whole = texts(lines) == texts(explanation.lines(size[0]))
        compact = lines and "Sources  " in plain(lines[-1])
        if size[1] and not (whole or compact or "Sources  " in "\n".join(texts(lines))):
            assert plain(lines[-1]).endswith(" · I shows the whole explanation")


def test_long_lines_are_used_only_where_the_text_would_not_fit(scenario: Scenario) -> None:
    long = replace(scenario, explanation="word " * 60)
    easy = Explanation(long).lines_for(140, 30)
    assert max(map(line_width, easy)) <= EASY_WIDTH
    tight = Explanation(long).lines_for(140, 5)
    assert max(map(line_width, tight)) > EASY_WIDTH
    assert len(tight) <= 5
