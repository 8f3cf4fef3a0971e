"""The tokens of a form: finding, reading and minting them. Pure; the time is passed in."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from wsplay.events.safe_text import visible
from wsplay.protocol.handshake import Handshake
from wsplay.protocol.token import Reading, TokenKit, expand, read
from wsplay.scenario.file import Scenario, Try
from wsplay.tui.client.form import FormState

#: Makes and checks tokens if a scenario has no settings for them.
OWN_KIT = TokenKit(secret="wsplay-signs-with-this-where-a-scenario-names-no-secret", subject="alice")

# A part that decodes to an opening brace, then two parts more (RFC 7515 section 7.1).
_JWT = re.compile(r"e[w-z0-9_-][A-Za-z0-9_-]*\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*")
_BEARER = re.compile(r"bearer\s", re.IGNORECASE)
_TIMES = ("iat", "nbf", "exp")


@dataclass(frozen=True, slots=True)
class FoundToken:
    """A token and where it is; `text` may start with `Bearer`."""

    where: str
    text: str


def kit_of(scenario: Scenario | None) -> TokenKit:
    """The scenario's kit, or `OWN_KIT` if it has none that works."""
    return OWN_KIT if scenario is None or scenario.tokens is None else scenario.tokens


def fill_in(
    try_: Try,
    kit: TokenKit,
    now: float,
    on_minted: Callable[[str, str], object] = lambda token, placeholder: None,
) -> Handshake:
    """A try's handshake with its tokens minted; `on_minted` gets each with its placeholder. Raises ValueError
    if one cannot be minted.
    """
    tokens = None if kit is OWN_KIT else kit
    return try_.handshake.filled(lambda text: expand(text, tokens, int(now), on_minted))


def tokens_in(state: FormState) -> Iterator[FoundToken]:
    """The tokens that would be sent, in the order of the tabs."""
    for row in state.headers:
        if row.on:
            yield from _tokens(visible(row.name), row.value)
    for row in state.query:
        if row.on:
            yield from _tokens(f"query {visible(row.name)}", row.value)
    for row in state.subprotocols:
        if row.on:
            yield from _tokens("subprotocol", row.name)


def _tokens(where: str, text: str) -> Iterator[FoundToken]:
    if _BEARER.match(text):
        yield FoundToken(where, text)
        return
    for match in _JWT.finditer(text):
        yield FoundToken(where, match.group())


def read_with(kit: TokenKit, token: str, now: float) -> Reading:
    """The content of a token, checked against the scenario's key if it has one."""
    if kit is OWN_KIT:
        return read(token, now=int(now))
    return read(token, key=kit.secret, algorithms=[kit.algorithm], audience=kit.audience, now=int(now))


def claim_text(name: str, value: Any, now: float) -> str:
    """A claim's value in words: times as a clock time and a distance, others unchanged."""
    if name in _TIMES and isinstance(value, (int, float)) and not isinstance(value, bool):
        try:
            clock = datetime.fromtimestamp(value, UTC).strftime("%H:%M:%S")
        except (ValueError, OverflowError, OSError):
            return visible(str(value), 60)
        return f"{clock} UTC, {distance(value - now)}"
    return visible(value if isinstance(value, str) else repr(value), 120)


def claim_in_short(name: str, value: Any, now: float) -> str:
    """A claim's value in words; of a time only the distance."""
    text = claim_text(name, value, now)
    return text.rpartition(" UTC, ")[2] if name in _TIMES else text


def distance(seconds: float) -> str:
    """`in 5 min`, `3 h ago`."""
    whole = round(abs(seconds))
    if whole == 0:
        return "now"
    size, unit = next(
        (s, u) for s, u in ((86_400, "d"), (3600, "h"), (60, "min"), (1, "s")) if whole >= s * 2 or s == 1
    )
    amount = f"{whole // size} {unit}"
    return f"in {amount}" if seconds > 0 else f"{amount} ago"
