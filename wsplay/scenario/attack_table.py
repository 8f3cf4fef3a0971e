"""What the attack bench needs to know of a scenario: who may come in, with what, and what proves it."""

from __future__ import annotations

from dataclasses import dataclass

from wsplay.events.safe_text import visible
from wsplay.protocol.steps import SendText
from wsplay.scenario.file import Scenario
from wsplay.scenario.tries import Try

#: Where a credential can travel.
PLACES = ("header", "cookie", "query", "subprotocol", "message", "address", "none")


_VALID = "{token.valid}"


_KEYS = ("let_in", "prize", "credential")


class AttackError(ValueError):
    """The scenario cannot be attacked. The message is one line, safe to print, and says what to do."""


@dataclass(frozen=True, slots=True)
class AttackTarget:
    """What the bench needs to know of a scenario. `place` is one of `PLACES`, `name` a header's, say."""

    scenario: Scenario
    authorised_try: Try
    success_marker: str
    place: str
    name: str

    @property
    def has_token(self) -> bool:
        """Whether the credential is a token of the scenario's own kit, which can be spoiled."""
        return any(_VALID in text for key, text in self.authorised_try.texts() if key != "before")


def read_target(scenario: Scenario) -> AttackTarget:
    """What `[tool.wsplay.attack]` says, or what the tries suggest. Raises `AttackError`."""
    table = scenario.attack or {}
    for key in table:
        if key not in _KEYS:
            raise AttackError(
                f"attack has an unknown key `{visible(str(key), 60)}`; known: {', '.join(_KEYS)}"
            )
    if not scenario.tries:
        raise AttackError(f"{scenario.name} has no tries, so nothing tells how a user comes in")
    named = table.get("let_in")
    authorised_try = scenario.get_try(named) if isinstance(named, str) else _who_comes_in(scenario)
    if authorised_try is None:
        raise AttackError(
            f'{scenario.name}: name the try of somebody who may come in: let_in = "valid token"'
        )
    success_marker = table.get("prize")
    if success_marker is None:
        received = authorised_try.expect.get("received")
        texts = [item for item in received if isinstance(item, str)] if isinstance(received, list) else []
        success_marker = texts[0] if texts else None
    if not isinstance(success_marker, str) or not success_marker:
        raise AttackError(f'{scenario.name}: say what only somebody let in receives: prize = "Welcome!"')
    given = table.get("credential", _where(authorised_try))
    if given == "none" and "credential" not in table:
        raise AttackError(
            f"{scenario.name} seems to ask for no credential, so nothing is attacked; if there is one, "
            'say where it travels: credential = "header:Authorization"'
        )
    place, _, name = str(given).partition(":")
    if place not in PLACES or (place in ("header", "cookie", "query") and not name):
        raise AttackError(
            f"{scenario.name}: credential must be one of header:NAME, cookie:NAME, query:NAME, "
            "subprotocol, message, address, none"
        )
    return AttackTarget(scenario, authorised_try, success_marker, place, name)


def _who_comes_in(scenario: Scenario) -> Try | None:
    """The first try that is expected to receive something, which is a user's."""
    for attempt in scenario.tries:
        if attempt.expect.get("received") and not attempt.expect_on:
            return attempt
    return None


def _where(attempt: Try) -> str:
    """Where a try seems to carry its credential."""
    handshake = attempt.handshake
    for name, value in handshake.headers:
        if name.lower() == "cookie":
            return f"cookie:{value.partition('=')[0]}"
        if name.lower() not in ("origin", "host", "user-agent"):
            return f"header:{name}"
    if handshake.query:
        return f"query:{handshake.query[0][0]}"
    if handshake.subprotocols:
        return "subprotocol"
    return "message" if any(isinstance(step, SendText) for step in handshake.steps) else "none"
