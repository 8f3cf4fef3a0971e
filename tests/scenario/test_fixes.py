"""Which scenario fixes which, and the words for it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from wsplay.scenario.file import Scenario, parse_scenario
from wsplay.scenario.fixes import Fixes, Standing
from wsplay.scenario.library import Library


@pytest.fixture
def make() -> Callable[..., Scenario]:
    """A scenario without code; `fix` is what it names as its fix, None if it is not flawed."""

    def make(name: str, order: int | None = None, fix: str | None = None) -> Scenario:
        table = "" if order is None else f"# order = {order}\n"
        if fix is not None:
            table += "# flawed = true\n" + (f'# mended = "{fix}"\n' if fix else "")
        return parse_scenario(name, f"{name}.py", f"app = 1\n# /// script\n# [tool.wsplay]\n{table}# ///\n")

    return make


def test_a_pair_knows_each_other(make) -> None:
    flawed, fix, other = make("bad", 1, "good"), make("good", 2), make("other", 3)
    fixes = Fixes([flawed, fix, other])
    assert fixes.of(flawed) == Standing(True, fix)
    assert fixes.of(fix) == Standing(flaws=(flawed,))
    assert fixes.of(other) == Standing()
    assert fixes.of(flawed).partners == (fix,)
    assert fixes.of(fix).partners == (flawed,)
    assert [fixes.of(one).mark for one in (flawed, fix, other)] == ["✗", "✓", ""]
    words = [fixes.of(one).words for one in (flawed, fix, other)]
    assert words == ["flawed: fixed in 2", "fixes 1", ""]


def test_one_can_fix_several_and_be_named_without_a_number(make) -> None:
    fixes = Fixes([make("a", 4, "good"), make("b", None, "good"), fix := make("good")])
    assert fixes.of(fix).words == "fixes 4, b"
    assert [one.name for one in fixes.of(fix).partners] == ["a", "b"]


@pytest.mark.parametrize(
    ("fix", "words", "missing"),
    [("", "flawed", ""), ("gone", "flawed: fixed in gone", "gone"), ("bad", "flawed: fixed in bad", "bad")],
)
def test_a_flaw_without_a_fix_in_the_library_is_still_flawed(
    make, fix: str, words: str, missing: str
) -> None:
    flawed = make("bad", 1, fix)
    standing = Fixes([flawed]).of(flawed)
    assert (standing.words, standing.missing, standing.partners) == (words, missing, ())
    assert standing.mark == "✗"


def test_a_fix_can_be_flawed_itself(make) -> None:
    worst, bad, good = make("worst", 1, "bad"), make("bad", 2, "good"), make("good", 3)
    standing = Fixes([worst, bad, good]).of(bad)
    assert standing.words == "flawed: fixed in 3, fixes 1"
    assert standing.partners == (good,)


def test_every_bundled_fix_is_in_the_library(library: Library) -> None:
    fixes = Fixes(library.scenarios)
    flawed = [one for one in library.scenarios if one.flawed]
    assert len(flawed) > 10
    assert [one.name for one in flawed if fixes.of(one).missing] == []
