"""The attack bench: the same attacks against any endpoint, each made from how its own user comes in.

A scenario says which of its tries is somebody who may come in, where that try carries its credential, and
what only somebody let in receives. What an attacker does is derived from that. Nothing here says what holds:
that is read from the runs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from wsplay.protocol.handshake import Handshake, Pairs
from wsplay.protocol.steps import SendText, step_texts
from wsplay.scenario.attack_table import VALID_TOKEN, AttackTarget

FOREIGN_ORIGIN = "https://evil.example"
FORWARDED_FOR = "X-Forwarded-For"
#: Addresses that careless allow-lists know.
SPOOFED = ("127.0.0.1", "10.0.0.7", "192.168.0.1")
#: What an attacker who knows nothing sends.
GUESS = "letmein"


@dataclass(frozen=True, slots=True)
class Variant:
    """One way in. Broken where its run receives the prize, or, by `judge`, where its traces say so.

    judge: "prize" (the run got it), "idle" (sockets that say nothing are still open after a while), "log"
    (the log of a user's own run shows the credential).
    """

    handshake: Handshake
    judge: str = "prize"
    twice: bool = False  # a user's own run comes first, with the very same credential
    sockets: int = 1


@dataclass(frozen=True, slots=True)
class Attack:
    """An attack by name. `moves` makes its ways in for a target, None where it has no meaning there."""

    name: str
    title: str
    about: str
    variants: Callable[[AttackTarget], list[Variant] | None]


# -- what an attacker sends


def without_credential(target: AttackTarget) -> Handshake:
    """The user's own request with the credential taken out."""
    user = target.handshake
    match target.place:
        case "header":
            return replace(user, headers=_less(user.headers, target.name))
        case "cookie":
            return replace(user, headers=_less(user.headers, "Cookie"))
        case "query":
            return replace(user, query=_less(user.query, target.name))
        case "subprotocol":
            return replace(user, subprotocols=user.subprotocols[:1])
        case "message":
            return replace(user, steps=())
        case "address":
            return replace(user, headers=_less(user.headers, FORWARDED_FOR))
    return user


def with_token(target: AttackTarget, kind: str) -> Handshake:
    """The user's own request with a spoiled token in the place of the good one."""
    return target.handshake.filled(lambda text: text.replace(VALID_TOKEN, "{token." + kind + "}"))


def with_guess(target: AttackTarget) -> Handshake:
    """The user's own request with a guess in the place of the credential."""
    bare = without_credential(target)
    match target.place:
        case "header":
            user = _value(target.handshake.headers, target.name)
            scheme = "Bearer " if user.startswith("Bearer ") else ""
            return replace(bare, headers=(*bare.headers, (target.name, scheme + GUESS)))
        case "cookie":
            return replace(bare, headers=(*bare.headers, ("Cookie", f"{target.name}={GUESS}")))
        case "query":
            return replace(bare, query=(*bare.query, (target.name, GUESS)))
        case "subprotocol":
            return replace(bare, subprotocols=(*bare.subprotocols, GUESS))
        case "message":
            return replace(bare, steps=(SendText(GUESS),))
    return bare


def _with_header(handshake: Handshake, name: str, value: str) -> Handshake:
    return replace(handshake, headers=(*_less(handshake.headers, name), (name, value)))


def _less(pairs: Pairs, name: str) -> Pairs:
    return tuple(pair for pair in pairs if pair[0].lower() != name.lower())


def _value(pairs: Pairs, name: str) -> str:
    return next((value for key, value in pairs if key.lower() == name.lower()), "")


# -- the attacks


def _spoiled(kind: str) -> Callable[[AttackTarget], list[Variant] | None]:
    def variants(target: AttackTarget) -> list[Variant] | None:
        return [Variant(with_token(target, kind))] if target.has_token else None

    return variants


def _forged(target: AttackTarget) -> list[Variant] | None:
    if target.has_token:
        return [Variant(with_token(target, "forged"))]
    return None if target.place in ("none", "address") else [Variant(with_guess(target))]


def _foreign_origin(target: AttackTarget) -> list[Variant] | None:
    """What a page of another site can do: a browser attaches the user's cookies to it, and nothing else."""
    user = target.handshake
    sent = user if target.place == "cookie" else without_credential(target)
    return [Variant(_with_header(sent, "Origin", FOREIGN_ORIGIN))]


def _replay(target: AttackTarget) -> list[Variant] | None:
    if target.place in ("none", "address"):
        return None
    return [Variant(target.handshake, twice=True)]


def _same_address(target: AttackTarget) -> list[Variant] | None:
    """Somebody else behind the same address: the proxy tells the address of the user, the rest is missing."""
    bare = without_credential(target)
    if target.place == "address":
        address = _value(target.handshake.headers, FORWARDED_FOR)
        bare = _with_header(bare, FORWARDED_FOR, address)
    return [Variant(bare)]


def _spoofed(target: AttackTarget) -> list[Variant] | None:
    bare = without_credential(target)
    return [Variant(_with_header(bare, FORWARDED_FOR, address)) for address in SPOOFED]


def _idle(target: AttackTarget) -> list[Variant] | None:
    silent = replace(without_credential(target), steps=())
    return [Variant(silent, judge="idle", sockets=5)]


def _logged(target: AttackTarget) -> list[Variant] | None:
    if target.place in ("none", "address"):
        return None
    return [Variant(target.handshake, judge="log")]


ATTACKS: tuple[Attack, ...] = (
    Attack(
        "no_credentials",
        "no credentials",
        "connects and brings nothing",
        lambda t: [Variant(without_credential(t))],
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


def credential_values(target: AttackTarget, handshake: Handshake) -> list[str]:
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
            values = [text for step in handshake.steps for text in step_texts(step)]
        case _:
            values = []
    return [
        value.removeprefix("Bearer ").rpartition("=" if target.place == "cookie" else " ")[2]
        for value in values
    ]
