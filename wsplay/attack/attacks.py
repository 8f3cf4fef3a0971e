"""The attacks: what an attacker does, derived from how an authorised user connects.

Whether a design holds is decided by the runs, not here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from wsplay.protocol.handshake import Handshake, Pairs
from wsplay.protocol.steps import SendText, step_texts
from wsplay.scenario.attack_table import FORWARDED_FOR, VALID_TOKEN, AttackTarget

FOREIGN_ORIGIN = "https://evil.example"
#: Addresses that careless allow-lists contain.
SPOOFED = ("127.0.0.1", "10.0.0.7", "192.168.0.1")
#: What an attacker without any knowledge sends.
GUESS = "letmein"


@dataclass(frozen=True, slots=True)
class GetIn:
    """Connect, and try to receive the success marker; with `replay`, after a user has sent the same."""

    handshake: Handshake
    replay: bool = False


@dataclass(frozen=True, slots=True)
class HoldIdle:
    """Open `sockets` connections, send nothing, and check whether they stay open."""

    handshake: Handshake
    sockets: int = 5


@dataclass(frozen=True, slots=True)
class ReadLog:
    """Look for the credential in the server's log of an authorised run."""

    handshake: Handshake


#: One way to run an attack.
Variant = GetIn | HoldIdle | ReadLog


@dataclass(frozen=True, slots=True)
class Attack:
    """An attack by name. `about` completes "the attacker ...".

    `variants` are the ways to make it against a target: none if it does not apply to the design.
    """

    name: str
    title: str
    about: str
    variants: Callable[[AttackTarget], list[Variant]]


# -- what an attacker sends


def without_credential(target: AttackTarget) -> Handshake:
    """The user's own request without the credential."""
    user = target.handshake
    match target.place:
        case "header" | "cookie" | "address":
            return replace(user, headers=_without(user.headers, target.header))
        case "query":
            return replace(user, query=_without(user.query, target.name))
        case "subprotocol":
            secret = _secret_subprotocols(target)
            names = (name for place, name in enumerate(user.subprotocols) if place not in secret)
            return replace(user, subprotocols=tuple(names))
        case "message":
            return replace(user, steps=())
    return user


def with_token(target: AttackTarget, kind: str) -> Handshake:
    """The user's own request with another kind of token instead of the valid one."""
    return target.handshake.filled(lambda text: text.replace(VALID_TOKEN, "{token." + kind + "}"))


def with_guess(target: AttackTarget) -> Handshake:
    """The user's own request with a guess instead of the credential."""
    bare = without_credential(target)
    match target.place:
        case "header":
            scheme = "Bearer " if _value(target.handshake.headers, target.name).startswith("Bearer ") else ""
            return _with_header(bare, target.name, scheme + GUESS)
        case "cookie":
            return _with_header(bare, "Cookie", f"{target.name}={GUESS}")
        case "query":
            return replace(bare, query=(*bare.query, (target.name, GUESS)))
        case "subprotocol":
            return replace(bare, subprotocols=(*bare.subprotocols, GUESS))
        case "message":
            return replace(bare, steps=(SendText(GUESS),))
    return bare


def _secret_subprotocols(target: AttackTarget) -> set[int]:
    """Which of the user's subprotocols are the credential: those with a token, or else all but the first."""
    names = target.handshake.subprotocols
    tokens = {place for place, name in enumerate(names) if VALID_TOKEN in name}
    return tokens or set(range(1 if len(names) > 1 else 0, len(names)))


def _with_header(handshake: Handshake, name: str, value: str) -> Handshake:
    return replace(handshake, headers=(*_without(handshake.headers, name), (name, value)))


def _without(pairs: Pairs, name: str) -> Pairs:
    return tuple(pair for pair in pairs if pair[0].lower() != name.lower())


def _value(pairs: Pairs, name: str) -> str:
    return next((value for key, value in pairs if key.lower() == name.lower()), "")


# -- the attacks


def _no_credentials(target: AttackTarget) -> list[Variant]:
    return [GetIn(without_credential(target))]


def _token(kind: str) -> Callable[[AttackTarget], list[Variant]]:
    return lambda target: [GetIn(with_token(target, kind))] if target.has_token else []


def _forged(target: AttackTarget) -> list[Variant]:
    if target.has_token:
        return [GetIn(with_token(target, "forged"))]
    return [GetIn(with_guess(target))] if target.has_credential else []


def _foreign_origin(target: AttackTarget) -> list[Variant]:
    """What another site's page can do: a browser adds the user's cookies to its request, nothing else."""
    sent = target.handshake if target.place == "cookie" else without_credential(target)
    return [GetIn(_with_header(sent, "Origin", FOREIGN_ORIGIN))]


def _replay(target: AttackTarget) -> list[Variant]:
    return [GetIn(target.handshake, replay=True)] if target.has_credential else []


def _same_address(target: AttackTarget) -> list[Variant]:
    """Someone else with the user's address, as the proxy names it; the rest is missing."""
    bare = without_credential(target)
    if target.place == "address":
        bare = _with_header(bare, FORWARDED_FOR, _value(target.handshake.headers, FORWARDED_FOR))
    return [GetIn(bare)]


def _spoofed_address(target: AttackTarget) -> list[Variant]:
    bare = without_credential(target)
    return [GetIn(_with_header(bare, FORWARDED_FOR, address)) for address in SPOOFED]


def _idle(target: AttackTarget) -> list[Variant]:
    return [HoldIdle(replace(without_credential(target), steps=()))]


def _logged(target: AttackTarget) -> list[Variant]:
    return [ReadLog(target.handshake)] if target.has_credential else []


ATTACKS: tuple[Attack, ...] = (
    Attack("no_credentials", "no credentials", "connects without a credential", _no_credentials),
    Attack("forged", "forged", "sends a token signed with another key, or a guess", _forged),
    Attack("expired", "expired", "sends an expired token", _token("expired")),
    Attack("no_expiry", "no expiry", "sends a token that never expires", _token("no_exp")),
    Attack("alg_none", "alg: none", "sends a token without a signature (alg: none)", _token("unsigned")),
    Attack(
        "foreign_origin",
        "cross-site page (CSWSH)",
        "connects from another site's page, with the user's cookies",
        _foreign_origin,
    ),
    Attack("replay", "replay", "sends a credential that was used before", _replay),
    Attack(
        "same_address",
        "same address",
        "connects from the user's address, without the credential",
        _same_address,
    ),
    Attack(
        "spoofed_address", "spoofed address", f"claims another address in {FORWARDED_FOR}", _spoofed_address
    ),
    Attack("idle", "idle sockets", "opens connections, sends nothing and holds them open", _idle),
    Attack("logged", "token in the log", "reads the server's log after a user has connected", _logged),
)
#: The four designs of the fifth seed problem.
DESIGNS = ("cookie_only", "jwt_before_accept", "ask_by_message", "ip_filter")


# -- what must not be in the log


def shows(line: str, values: Iterable[str]) -> bool:
    """Whether a log line shows one of these values; short values are not secrets."""
    return any(len(value) >= 6 and value in line for value in values)


def credential_values(target: AttackTarget, handshake: Handshake) -> list[str]:
    """The secrets in the user's request, as it was sent: the credential's values, without their scheme."""
    match target.place:
        case "header":
            values = [_value(handshake.headers, target.name)]
        case "cookie":
            cookies = [cookie.partition("=") for cookie in _value(handshake.headers, "Cookie").split("; ")]
            return [value for name, _, value in cookies if name == target.name]
        case "query":
            values = [_value(handshake.query, target.name)]
        case "subprotocol":
            secret = _secret_subprotocols(target)
            values = [name for place, name in enumerate(handshake.subprotocols) if place in secret]
        case "message":
            values = [text for step in handshake.steps for text in step_texts(step)]
        case _:
            values = []
    return [value.rpartition(" ")[2] for value in values]
