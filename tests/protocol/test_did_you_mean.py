import pytest
from hypothesis import given
from hypothesis import strategies as st

from wsplay.protocol.did_you_mean import did_you_mean, nearest, suggest


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("statsu", "did you mean `status`?"),
        ("Ended Early", "did you mean `ended_early`?"),
        ("zzz", "there are status, ended_early"),
    ],
)
def test_the_nearest_name_or_all_of_them(name: str, says: str) -> None:
    assert did_you_mean(name, ["status", "ended_early"]) == says


def test_what_to_say_otherwise() -> None:
    assert did_you_mean("zzz", ["status"], "see the docs") == "see the docs"


def test_several_names_are_suggested_together() -> None:
    names = ["valid token", "valid tokens", "no header"]
    assert suggest(nearest("valid toke", names, 2)) == "did you mean `valid token` or `valid tokens`?"
    assert suggest([]) == ""


@given(st.text(), st.lists(st.text()))
def test_any_names_give_a_hint_that_is_safe_to_print(name: str, names: list[str]) -> None:
    assert suggest(nearest(name, names)).isprintable()
