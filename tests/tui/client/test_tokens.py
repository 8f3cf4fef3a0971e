"""Tokens found in a form, and told in words."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wsplay.protocol.token import TokenKit
from wsplay.scenario.file import parse_scenario
from wsplay.tui.client.form import FormState, Row
from wsplay.tui.client.tokens import OWN_KIT, claim_text, distance, kit_of, read_with, tokens_in

NOW = 1_764_000_000
TOKEN = OWN_KIT.make("valid", NOW)


def test_tokens_are_found_wherever_they_are_sent() -> None:
    state = FormState(
        headers=(
            Row("Authorization", f"Bearer {TOKEN}"),
            Row("Cookie", f"theme=dark; session={TOKEN}; other={TOKEN}"),
            Row("X", TOKEN, on=False),
            Row("Accept", "a.b.c"),
        ),
        query=(Row("token", TOKEN),),
        subprotocols=(Row("bearer"), Row(TOKEN)),
    )
    found = [(token.where, token.text) for token in tokens_in(state)]
    assert found == [
        ("Authorization", f"Bearer {TOKEN}"),
        ("Cookie", TOKEN),
        ("Cookie", TOKEN),
        ("query token", TOKEN),
        ("subprotocol", TOKEN),
    ]


def test_a_bearer_that_is_no_jwt_is_read_too() -> None:
    (found,) = tokens_in(FormState(headers=(Row("Authorization", "Bearer validtoken"),)))
    assert read_with(OWN_KIT, found.text, NOW).problems


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_text_can_be_looked_at(name: str, value: str) -> None:
    state = FormState(headers=(Row(name, value), Row(name, f"Bearer {value}")))
    for found in tokens_in(state):
        assert found.where.isprintable()
        read_with(OWN_KIT, found.text, NOW)


def test_a_scenario_whose_kit_is_wrong_gets_ours() -> None:
    scenario = parse_scenario("x", "/x.py", "app = None\n")
    assert kit_of(scenario) is OWN_KIT
    broken = parse_scenario("x", "/x.py", "# /// script\n# [tool.wsplay.tokens]\n# secret = 5\n# ///\n")
    assert broken.problem is not None
    assert "secret" in broken.problem.message
    assert kit_of(broken) is OWN_KIT
    good = kit_of(replace(scenario, tokens=TokenKit("s" * 32)))
    assert good.secret == "s" * 32


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "now"),
        (0.4, "now"),
        (1, "in 1 s"),
        (-90, "90 s ago"),
        (300, "in 5 min"),
        (-7200, "2 h ago"),
        (3 * 86_400, "in 3 d"),
    ],
)
def test_distances(seconds: float, words: str) -> None:
    assert distance(seconds) == words


def test_claims_in_words() -> None:
    assert claim_text("exp", NOW + 300, NOW) == "16:05:00 UTC, in 5 min"
    assert claim_text("exp", 1e300, NOW) == "1e+300"
    assert claim_text("exp", True, NOW) == "True"
    assert claim_text("exp", "soon\x1b", NOW) == "soon␛"
    assert claim_text("aud", ["a", "b"], NOW) == "['a', 'b']"
    assert len(claim_text("sub", "x" * 500, NOW)) == 120
