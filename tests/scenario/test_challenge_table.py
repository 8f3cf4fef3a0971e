from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wsplay.scenario.challenge_table import (
    Challenge,
    ChallengeError,
    parse_challenge,
    patched,
    patched_source,
)
from wsplay.scenario.file import Scenario, parse_scenario

SOURCE = (
    '"""Says text = 1 here."""\ntext = 1\napp = None\n\n'
    '# /// script\n# [tool.wsplay]\n# title = "text = 1"\n# ///\n'
)


def scenario(**challenge: Any) -> Scenario:
    import dataclasses

    read = parse_scenario("probe", "probe.py", SOURCE)
    tries = parse_scenario(
        "t", "t.py", '# /// script\n# [[tool.wsplay.try]]\n# name = "a try"\n# ///\n'
    ).tries
    return dataclasses.replace(read, tries=tries, challenge=challenge)


def choices(*claims: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"text": f"choice {number}", **claim} for number, claim in enumerate(claims)]


GOOD = choices({"holds": {"status": 403}}, {"holds": {"opened": True}})


def test_a_challenge_is_read_whole() -> None:
    read = parse_challenge(scenario(question="What?", level="expert", seconds=60, hint="h", choice=GOOD))
    assert isinstance(read, Challenge)
    assert (read.question, read.level, read.seconds, read.hint) == ("What?", "expert", 60, "h")
    assert [choice.attempt for choice in read.choices] == ["a try", "a try"]


def test_a_scenario_without_one_has_none() -> None:
    assert parse_challenge(parse_scenario("probe", "probe.py", SOURCE)) is None


@pytest.mark.parametrize(
    ("table", "word"),
    [
        ({"choice": GOOD}, "question"),
        ({"question": "?", "choice": GOOD[:1]}, "two choices"),
        ({"question": "?", "choice": GOOD, "level": "wizard"}, "wizard"),
        ({"question": "?", "choice": GOOD, "seconds": 0}, "seconds"),
        ({"question": "?", "choice": GOOD, "answer": 1}, "answer"),
        ({"question": "?", "choice": choices({"holds": {"status": 1}}, {"correct": True})}, "correct"),
        ({"question": "?", "choice": choices({"holds": {"stat": 1}}, {})}, "status"),
        ({"question": "?", "choice": choices({}, {})}, "claim"),
        ({"question": "?", "choice": choices({"holds": {"status": 1}, "try": "b"}, {})}, "no try"),
        (
            {
                "question": "?",
                "choice": choices({"holds": {"status": 1}, "patch": [["zzz", ""]]}, {"holds": {"status": 2}}),
            },
            "zzz",
        ),
        (
            {
                "question": "?",
                "choice": choices({"holds": {"status": 1}, "patch": "x"}, {"holds": {"status": 2}}),
            },
            "patch",
        ),
        ({"question": "?", "choice": [*GOOD, GOOD[0]]}, "same text"),
    ],
)
def test_what_is_wrong_is_said(table: dict[str, Any], word: str) -> None:
    with pytest.raises(ChallengeError, match=word):
        parse_challenge(scenario(**table))


def test_a_patch_reaches_the_code_and_neither_docstring_nor_block() -> None:
    table = choices({"holds": {"status": 1}, "patch": [["text = 1", "text = 2"]]}, {"holds": {"status": 2}})
    probe = scenario(question="?", choice=table)
    read = parse_challenge(probe)
    assert read is not None
    assert patched_source(probe, read.choices[0]) == SOURCE.replace("\ntext = 1", "\ntext = 2")


@given(st.text(), st.text(min_size=1), st.text())
def test_a_patch_replaces_one_place_or_refuses(source: str, old: str, new: str) -> None:
    if source.count(old) == 1:
        assert patched(source, ((old, new),)) == source.replace(old, new)
    else:
        with pytest.raises(ChallengeError):
            patched(source, ((old, new),))


@given(
    st.dictionaries(
        st.sampled_from(["question", "level", "seconds", "choice", "hint", "seed"]),
        st.recursive(
            st.none() | st.integers() | st.text(),
            lambda x: st.lists(x) | st.dictionaries(st.sampled_from(["text", "holds", "try", "patch"]), x),
        ),
    )
)
def test_any_table_is_read_or_refused(table: dict[str, Any]) -> None:
    probe = scenario(**table)
    try:
        read = parse_challenge(probe)
    except ChallengeError:
        return
    assert read is not None
    assert len(read.choices) >= 2
