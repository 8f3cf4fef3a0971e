"""A request written as a try's keys is read as the same request."""

from __future__ import annotations

import json
import tomllib

import pytest
import tomlkit
from hypothesis import given
from hypothesis import strategies as st

from wsplay.protocol.handshake import AUTOMATIC_HEADERS, Handshake
from wsplay.protocol.http_request import HttpRequest
from wsplay.protocol.saved import Save
from wsplay.protocol.steps import Close, ConnectTry, Fetch, JoinTry, Ping, SendBinary, SendText, Wait
from wsplay.scenario.library import Library
from wsplay.scenario.request_table import read_request, request_table

TEXTS = st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)
PAIRS = st.lists(st.tuples(TEXTS, TEXTS), max_size=3).map(tuple)
REQUESTS = st.builds(
    HttpRequest, st.sampled_from(["GET", "POST"]), TEXTS.map(lambda text: f"/{text}".strip()), PAIRS, TEXTS
)
WAITS = st.builds(Wait, st.sampled_from([0.1, 0.5, 2.0]))
STEPS = (
    st.builds(SendText, TEXTS)
    | st.builds(SendBinary, st.binary(max_size=8))
    | st.builds(Ping, TEXTS)
    | st.builds(Close, st.integers(1000, 4999), TEXTS)
    | WAITS
    | REQUESTS
)
BEFORE = (
    st.builds(Fetch, REQUESTS, st.just(()) | st.just((Save("a", "cookie", "b"), Save("c", "json", "d.e"))))
    | st.builds(ConnectTry, TEXTS)
    | st.builds(JoinTry, TEXTS, st.integers(1, 9))
    | WAITS
)
HANDSHAKES = st.builds(
    Handshake,
    path=st.just("") | TEXTS.map(lambda text: f"/{text}"),
    query=PAIRS,
    headers=PAIRS,
    omit=st.lists(st.sampled_from(AUTOMATIC_HEADERS), max_size=2).map(tuple),
    subprotocols=st.lists(TEXTS, max_size=3).map(tuple),
    compression=st.booleans(),
    steps=st.lists(STEPS, max_size=5).map(lambda steps: (*steps, *steps[:1] * 3)),
    before=st.lists(BEFORE, max_size=4).map(tuple),
)


@given(HANDSHAKES)
def test_a_request_comes_back_the_same(handshake: Handshake) -> None:
    table = request_table(handshake)
    assert read_request(json.loads(json.dumps(table))) == (handshake, ())
    assert read_request(tomllib.loads(tomlkit.dumps(table))) == (handshake, ())


def test_every_try_of_the_library_comes_back_the_same() -> None:
    tries = [each for scenario in Library.find(user_folders=()).scenarios for each in scenario.tries]
    assert len(tries) > 200
    for each in tries:
        read, problems = read_request(request_table(each.handshake))
        assert (read.target, read.headers, read.steps, read.before) == (
            each.handshake.target,
            each.handshake.headers,
            each.handshake.steps,
            each.handshake.before,
        )
        assert problems == ()


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ({"path": "ws"}, "must start with a slash"),
        ({"headers": 3}, "headers"),
        ({"send": [{"txt": "x"}]}, "did you mean `text`?"),
        ({"omit": ["Cookie"]}, "is not sent anyway"),
    ],
)
def test_what_is_wrong_is_told(table: dict[str, object], says: str) -> None:
    _, [problem] = read_request(table)
    assert says in problem
