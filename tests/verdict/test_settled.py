"""Whether waiting longer can decide a claim about a connection that is open."""

from __future__ import annotations

from typing import Any

import pytest

from wsplay.verdict.expectation import Expectation
from wsplay.verdict.settled import settled


@pytest.mark.parametrize(
    ("claim", "decided"),
    [
        # It holds.
        ({"opened": True}, True),
        ({"received": ["a", "b"]}, True),
        ({"received_count": 2}, True),
        # It can no longer come.
        ({"opened": False}, True),
        ({"status": 403}, True),
        ({"subprotocol": "chat"}, True),
        ({"body": "no"}, True),
        ({"ended": "refused"}, True),
        ({"received": ["a"]}, True),
        ({"received": ["a", "c", "d"]}, True),
        ({"received_count": 1}, True),
        ({"asgi": ["websocket.close"]}, True),
        ({"browser": {"opened": False, "code": 1006}}, True),
        ({"opened": False, "close": 1008}, True),
        # It can still come.
        ({"ended": "closed"}, False),
        ({"ended": "dropped"}, False),
        ({"close": 1008}, False),
        ({"asked": {"code": 1008}}, False),
        ({"received": ["a", "b", "c"]}, False),
        ({"received_count": 3}, False),
        ({"server_error": "ValueError"}, False),
        ({"error": "ConnectionClosedError"}, False),
        ({"browser": 1006}, False),
        ({"browser": {"opened": True, "code": 4000}}, False),
        ({"asgi": ["websocket.connect", "websocket.accept", "websocket.close"]}, False),
        ({"opened": True, "close": 1008}, False),
        # It holds as long as the connection is open.
        ({"ended": "open"}, False),
        ({"opened": True, "close": "none"}, False),
    ],
)
def test_a_claim_about_an_open_connection(story: Any, claim: dict[str, Any], decided: bool) -> None:
    story.accepted().got("a").got("b")
    assert settled(Expectation.parse(claim), story.outcome()) is decided


def test_what_has_ended_decides_every_claim(story: Any) -> None:
    story.accepted().close_frame(1000)
    assert not settled(Expectation({"close": 1008}), story.outcome())
    story.closed(1000)
    assert settled(Expectation({"close": 1008}), story.outcome())
