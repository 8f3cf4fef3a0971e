"""How a run is named: `TARGET[@TRY][@ENGINE]`."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wsplay.protocol.engine import ENGINE_NAMES
from wsplay.scenario.run_name import RunName, read_run_name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("3", RunName("3")),
        ("3@no token", RunName("3", "no token")),
        ("3@uvicorn", RunName("3", None, "uvicorn")),
        ("3@no token@uvicorn-wsproto", RunName("3", "no token", "uvicorn-wsproto")),
        ("3@user: bob = b@b", RunName("3", "user: bob = b@b")),
        ("my@home/app.py@no token", RunName("my@home/app.py", "no token")),
        ("my@home/app.py", RunName("my@home/app.py")),
        ("nothing@no token", RunName("nothing@no token")),
        ("@uvicorn", RunName("", None, "uvicorn")),
        ("3@", RunName("3", "")),
    ],
)
def test_a_run_name(text: str, name: RunName) -> None:
    assert read_run_name(text, {"3", "my@home/app.py"}.__contains__) == name


@given(st.text(alphabet="a@", max_size=6), st.text(alphabet="b@", max_size=6), st.sampled_from(ENGINE_NAMES))
def test_the_engine_is_what_comes_last(target: str, try_name: str, engine: str) -> None:
    name = read_run_name(f"{target}@{try_name}@{engine}", lambda text: text == target)
    assert name == RunName(target, try_name, engine)
