"""The attack bench: the same attacks against any endpoint, each made from how its own user comes in.

A scenario says which of its tries is somebody who may come in, where that try carries its credential, and
what only somebody let in receives. What an attacker does is derived from that. Nothing here says what holds:
that is read from the runs.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from wsplay.model.attempt import Step, Try
from wsplay.model.handshake import Handshake, Pairs, Send
from wsplay.model.printable import visible
from wsplay.model.scenario import Scenario

#: Where a credential can travel.
PLACES = ("header", "cookie", "query", "subprotocol", "message", "address", "none")
FOREIGN_ORIGIN = "https://evil.example"
FORWARDED_FOR = "X-Forwarded-For"
#: Addresses that careless allow-lists know.
SPOOFED = ("127.0.0.1", "10.0.0.7", "192.168.0.1")
#: What an attacker who knows nothing sends.
GUESS = "letmein"

_VALID = "{token.valid}"
_KEYS = ("let_in", "prize", "credential")


class AttackError(ValueError):
    """The scenario cannot be attacked. The message is one line, safe to print, and says what to do."""


@dataclass(frozen=True, slots=True)
class Target:
    """What the bench needs to know of a scenario. `place` is one of `PLACES`, `name` a header's, say."""

    scenario: Scenario
    let_in: Try
    prize: str
    place: str
    name: str

    @property
    def has_token(self) -> bool:
        """Whether the credential is a token of the scenario's own kit, which can be spoiled."""
        return any(_VALID in text for text in _texts(self.let_in))


@dataclass(frozen=True, slots=True)
class Move:
    """One way in. Broken where its run receives the prize, or, by `judge`, where its traces say so.

    judge: "prize" (the run got it), "idle" (sockets that say nothing are still open after a while), "log"
    (the log of a user's own run shows the credential).
    """

    attempt: Try
    judge: str = "prize"
    twice: bool = False  # a user's own run comes first, with the very same credential
    sockets: int = 1


@dataclass(frozen=True, slots=True)
class Attack:
    """An attack by name. `moves` makes its ways in for a target, None where it has no meaning there."""

    name: str
    title: str
    about: str
    moves: Callable[[Target], list[Move] | None]


def read_target(scenario: Scenario) -> Target:
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
    let_in = scenario.get_try(named) if isinstance(named, str) else _who_comes_in(scenario)
    if let_in is None:
        raise AttackError(
            f'{scenario.name}: name the try of somebody who may come in: let_in = "valid token"'
        )
    prize = table.get("prize")
    if prize is None:
        received = let_in.expect.get("received")
        texts = [item for item in received if isinstance(item, str)] if isinstance(received, list) else []
        prize = texts[0] if texts else None
    if not isinstance(prize, str) or not prize:
        raise AttackError(f'{scenario.name}: say what only somebody let in receives: prize = "Welcome!"')
    given = table.get("credential", _where(let_in))
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
    return Target(scenario, let_in, prize, place, name)


def _who_comes_in(scenario: Scenario) -> Try | None:
    """The first try that is expected to receive something, which is a user's."""
    for attempt in scenario.tries:
        if attempt.expect.get("received") and not attempt.expect_on:
            return attempt
    return None


def _where(attempt: Try) -> str:
    """Where a try seems to carry its credential."""
    for name, _ in attempt.headers:
        if name.lower() == "cookie":
            return f"cookie:{attempt.headers[0][1].partition('=')[0]}"
        if name.lower() not in ("origin", "host", "user-agent"):
            return f"header:{name}"
    if attempt.query:
        return f"query:{attempt.query[0][0]}"
    if attempt.subprotocols:
        return "subprotocol"
    return "message" if any(step.send.kind == "text" for step in attempt.send) else "none"


# -- what an attacker sends


def without_credential(target: Target) -> Try:
    """The user's own request with the credential taken out."""
    attempt = dataclasses.replace(target.let_in, name="attack", expect={}, expect_on={})
    match target.place:
        case "header":
            return dataclasses.replace(attempt, headers=_less(attempt.headers, target.name))
        case "cookie":
            return dataclasses.replace(attempt, headers=_less(attempt.headers, "Cookie"))
        case "query":
            return dataclasses.replace(attempt, query=_less(attempt.query, target.name))
        case "subprotocol":
            return dataclasses.replace(attempt, subprotocols=attempt.subprotocols[:1])
        case "message":
            return dataclasses.replace(attempt, send=())
        case "address":
            return dataclasses.replace(attempt, headers=_less(attempt.headers, FORWARDED_FOR))
    return attempt


def with_token(target: Target, kind: str) -> Try:
    """The user's own request with a spoiled token in the place of the good one."""
    return rewrite(target.let_in, lambda text: text.replace(_VALID, "{token." + kind + "}"))


def with_guess(target: Target) -> Try:
    """The user's own request with a guess in the place of the credential."""
    attempt = without_credential(target)
    match target.place:
        case "header":
            scheme = "Bearer " if _value(target.let_in.headers, target.name).startswith("Bearer ") else ""
            return dataclasses.replace(attempt, headers=(*attempt.headers, (target.name, scheme + GUESS)))
        case "cookie":
            return dataclasses.replace(
                attempt, headers=(*attempt.headers, ("Cookie", f"{target.name}={GUESS}"))
            )
        case "query":
            return dataclasses.replace(attempt, query=(*attempt.query, (target.name, GUESS)))
        case "subprotocol":
            return dataclasses.replace(attempt, subprotocols=(*attempt.subprotocols, GUESS))
        case "message":
            return dataclasses.replace(attempt, send=(Step(Send("text", text=GUESS)),))
    return attempt


def rewrite(attempt: Try, change: Callable[[str], str]) -> Try:
    """The try with each of its texts changed, and nothing expected of it."""
    return dataclasses.replace(
        attempt,
        name="attack",
        path=change(attempt.path),
        query=tuple((name, change(value)) for name, value in attempt.query),
        headers=tuple((name, change(value)) for name, value in attempt.headers),
        subprotocols=tuple(change(text) for text in attempt.subprotocols),
        send=tuple(
            dataclasses.replace(step, send=dataclasses.replace(step.send, text=change(step.send.text)))
            for step in attempt.send
        ),
        expect={},
        expect_on={},
    )


def _with_header(attempt: Try, name: str, value: str) -> Try:
    return dataclasses.replace(attempt, headers=(*_less(attempt.headers, name), (name, value)))


def _less(pairs: Pairs, name: str) -> Pairs:
    return tuple(pair for pair in pairs if pair[0].lower() != name.lower())


def _value(pairs: Pairs, name: str) -> str:
    return next((value for key, value in pairs if key.lower() == name.lower()), "")


def _texts(attempt: Try) -> list[str]:
    return [
        attempt.path,
        *(value for _, value in attempt.query),
        *(value for _, value in attempt.headers),
        *attempt.subprotocols,
        *(step.send.text for step in attempt.send),
    ]


# -- the attacks


def _spoiled(kind: str) -> Callable[[Target], list[Move] | None]:
    def moves(target: Target) -> list[Move] | None:
        return [Move(with_token(target, kind))] if target.has_token else None

    return moves


def _forged(target: Target) -> list[Move] | None:
    if target.has_token:
        return [Move(with_token(target, "forged"))]
    return None if target.place in ("none", "address") else [Move(with_guess(target))]


def _foreign_origin(target: Target) -> list[Move] | None:
    """What a page of another site can do: a browser attaches the user's cookies to it, and nothing else."""
    attempt = target.let_in if target.place == "cookie" else without_credential(target)
    return [Move(_with_header(rewrite(attempt, str), "Origin", FOREIGN_ORIGIN))]


def _replay(target: Target) -> list[Move] | None:
    if target.place in ("none", "address"):
        return None
    return [Move(rewrite(target.let_in, str), twice=True)]


def _same_address(target: Target) -> list[Move] | None:
    """Somebody else behind the same address: the proxy tells the address of the user, the rest is missing."""
    attempt = without_credential(target)
    if target.place == "address":
        return [Move(_with_header(attempt, FORWARDED_FOR, _value(target.let_in.headers, FORWARDED_FOR)))]
    return [Move(attempt)]


def _spoofed(target: Target) -> list[Move] | None:
    bare = without_credential(target)
    return [Move(_with_header(bare, FORWARDED_FOR, address)) for address in SPOOFED]


def _idle(target: Target) -> list[Move] | None:
    silent = dataclasses.replace(without_credential(target), send=())
    return [Move(silent, judge="idle", sockets=5)]


def _logged(target: Target) -> list[Move] | None:
    return None if target.place in ("none", "address") else [Move(rewrite(target.let_in, str), judge="log")]


ATTACKS: tuple[Attack, ...] = (
    Attack(
        "no_credentials",
        "no credentials",
        "connects and brings nothing",
        lambda t: [Move(without_credential(t))],
    ),
    Attack("forged", "forged", "brings a token signed with another key, or a guess", _forged),
    Attack("expired", "expired", "brings a token that has run out", _spoiled("expired")),
    Attack("no_expiry", "no expiry", "brings a token that never runs out", _spoiled("no_exp")),
    Attack("alg_none", "alg: none", "brings a token that says it needs no signature", _spoiled("unsigned")),
    Attack(
        "foreign_origin",
        "stolen cookie",
        "a page of another site connects with the user's cookies",
        _foreign_origin,
    ),
    Attack("replay", "replay", "uses a credential again that was used before", _replay),
    Attack(
        "same_address", "same address", "comes from the user's address without the credential", _same_address
    ),
    Attack("spoofed_address", "spoofed address", "says in a forwarding header to be somebody else", _spoofed),
    Attack("idle", "idle sockets", "opens sockets, says nothing, and holds them open", _idle),
    Attack("logged", "token in the log", "reads the server's log after a user came in", _logged),
)
#: The four designs of the fifth seed problem.
DESIGNS = ("cookie_only", "jwt_before_accept", "ask_by_message", "ip_filter")


def get_attack(name: str) -> Attack:
    """Raises `KeyError`."""
    return {attack.name: attack for attack in ATTACKS}[name]


def shown_in(log: Iterable[str], values: Iterable[str]) -> str | None:
    """The first line of a log that shows one of these values; short ones are no secrets."""
    secrets = [value for value in values if len(value) >= 6]
    return next((line for line in log if any(secret in line for secret in secrets)), None)


def credential_values(target: Target, handshake: Handshake) -> list[str]:
    """What of a user's own request is secret: the values that carry the credential, without their scheme."""
    match target.place:
        case "header":
            values = [_value(handshake.headers, target.name)]
        case "cookie":
            values = _value(handshake.headers, "Cookie").split("; ")
        case "query":
            values = [_value(handshake.query, target.name)]
        case "subprotocol":
            values = list(handshake.subprotocols)
        case "message":
            values = [step.text for step in handshake.steps]
        case _:
            values = []
    return [
        value.removeprefix("Bearer ").rpartition("=" if target.place == "cookie" else " ")[2]
        for value in values
    ]
