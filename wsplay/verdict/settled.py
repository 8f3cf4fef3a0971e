"""Whether a claim about a run is decided while the connection is still open."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from wsplay.verdict.expectation import NONE, Expectation
from wsplay.verdict.outcome import Outcome

#: What happens to an open connection later on: key -> whether what is claimed can still come.
_CAN_COME: Mapping[str, Callable[[Any, Outcome], bool]] = {
    "received": lambda claimed, outcome: _is_start(outcome, claimed),
    "received_count": lambda claimed, outcome: outcome.received_count < claimed,
    "ended": lambda claimed, _: claimed in ("closed", "dropped"),
    "close": lambda claimed, outcome: claimed != NONE and outcome.close is None,
    "asked": lambda claimed, outcome: claimed != NONE and outcome.asked is None,
    "error": lambda claimed, outcome: claimed != NONE and outcome.client_error is None,
    "server_error": lambda claimed, outcome: claimed != NONE and outcome.server_error is None,
    "browser": lambda claimed, outcome: _browser_can(outcome, claimed),
    "asgi": lambda claimed, outcome: list(outcome.asgi) == claimed[: len(outcome.asgi)],
}


def settled(claim: Expectation, outcome: Outcome) -> bool:
    """Whether waiting longer decides nothing about a claim: it holds, or what it lacks can no longer come.

    A claim that the connection stays open is never settled while it is open.
    """
    if outcome.ended != "open":
        return outcome.final
    lacking = [check.key for check in claim.checks(outcome) if not check.ok]
    if not lacking:
        return claim.table.get("ended") != "open" and claim.table.get("close") != NONE
    return not all(key in _CAN_COME and _CAN_COME[key](claim.table[key], outcome) for key in lacking)


def _is_start(outcome: Outcome, messages: list[Any]) -> bool:
    """Whether the messages so far are the first of `messages`."""
    count = outcome.received_count
    first = Expectation({"received": messages[:count]})
    return count < len(messages) and first.satisfied(outcome)


def _browser_can(outcome: Outcome, claimed: Any) -> bool:
    if outcome.browser.code is not None or not isinstance(claimed, dict):
        return outcome.browser.code is None and claimed != NONE
    return bool(claimed.get("opened", outcome.browser.opened) == outcome.browser.opened)
