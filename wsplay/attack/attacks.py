"""The attacks: what an attacker does, derived from how an authorised user connects.

Whether a design holds is decided by the runs, not here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from wsplay.protocol.cookie import cookies, without_cookie
from wsplay.protocol.handshake import Handshake, Pairs
from wsplay.protocol.steps import SendText, step_texts
from wsplay.scenario.attack_table import FORWARDED_FOR, VALID_TOKEN, AttackTarget

FOREIGN_ORIGIN = "https://evil.example"
#: Addresses that careless allow-lists contain.
SPOOFED = ("127.0.0.1", "10.0.0.7", "192.168.0.1")
#: What an attacker without any knowledge sends.
GUESS = "letmein"
#: How many wrong guesses an attacker sends, and in a message, how many on one connection.
GUESSES, GUESSES_PER_CONNECTION = 20, 10
#: A credential with more possible values than this cannot be guessed over a network.
GUESSABLE = 10**9


@dataclass(frozen=True, slots=True)
class GetIn:
    """Connect, and try to receive the success marker; with `replay`, after a user has sent the same.

    With `cross_site`, it is the user's browser that connects, from another site's page: it keeps back the
    cookies whose `SameSite` says so.
    """

    handshake: Handshake
    replay: bool = False
    cross_site: bool = False


@dataclass(frozen=True, slots=True)
class HoldIdle:
    """Open `sockets` connections, send nothing, and check whether they stay open."""

    handshake: Handshake
    sockets: int = 5


@dataclass(frozen=True, slots=True)
class ReadLog:
    """Look for the credential in the server's log of an authorised run, and use what the log shows."""

    handshake: Handshake


@dataclass(frozen=True, slots=True)
class GuessOften:
    """Send many wrong guesses, and then the user's own request, to see whether the server still takes it."""

    handshake: Handshake


#: One way to run an attack.
Variant = GetIn | HoldIdle | ReadLog | GuessOften


@dataclass(frozen=True, slots=True)
class Attack:
    """An attack by name. `about` completes "the attacker ...".

    `variants` are the ways to make it against a target: none if it does not apply to the design. `needs` is
    what it applies to.
    """

    name: str
    title: str
    about: str
    variants: Callable[[AttackTarget], list[Variant]]
    needs: str = ""


# -- what an attacker sends


def without_credential(target: AttackTarget) -> Handshake:
    """The user's own request without the credential."""
    user = target.handshake
    match target.place:
        case "cookie":
            return replace(user, headers=without_cookie(user.headers, target.name))
        case "header" | "address":
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


def with_guess(target: AttackTarget, guess: str = GUESS) -> Handshake:
    """The user's own request with a guess instead of the credential."""
    bare = without_credential(target)
    match target.place:
        case "header":
            scheme = "Bearer " if _value(target.handshake.headers, target.name).startswith("Bearer ") else ""
            return _with_header(bare, target.name, scheme + guess)
        case "cookie":
            return replace(bare, headers=_with_cookie(bare.headers, f"{target.name}={guess}"))
        case "query":
            return replace(bare, query=(*bare.query, (target.name, guess)))
        case "subprotocol":
            return replace(bare, subprotocols=(*bare.subprotocols, guess))
        case "message":
            return replace(bare, steps=(SendText(guess),))
    return bare


def wrong_guesses(credential: str, count: int = GUESSES) -> list[str]:
    """Different guesses of the credential's length and characters, none of them right."""
    first, base = ("0", 10) if credential.isdecimal() else ("a", 26)
    found: list[str] = []
    number = 0
    while len(found) < count and number < base ** len(credential):
        rest, letters = number, ""
        while rest:
            rest, digit = divmod(rest, base)
            letters = chr(ord(first) + digit) + letters
        guess = letters.rjust(len(credential), first)
        if guess != credential:
            found.append(guess)
        number += 1
    return found


def possible_values(credential: str) -> int:
    """How many values have the credential's length and kinds of characters."""
    if not credential:
        return 0
    kinds = ((str.isdecimal, 10), (str.islower, 26), (str.isupper, 26))
    alphabet = sum(size for is_kind, size in kinds if any(map(is_kind, credential)))
    if any(not any(is_kind(char) for is_kind, _ in kinds) for char in credential):
        alphabet += 33  # the other printable characters of ASCII
    return int(alphabet ** len(credential))


def _secret_subprotocols(target: AttackTarget) -> set[int]:
    """Which of the user's subprotocols are the credential: those with a token, or else all but the first."""
    names = target.handshake.subprotocols
    tokens = {place for place, name in enumerate(names) if VALID_TOKEN in name}
    return tokens or set(range(1 if len(names) > 1 else 0, len(names)))


def _with_header(handshake: Handshake, name: str, value: str) -> Handshake:
    return replace(handshake, headers=(*_without(handshake.headers, name), (name, value)))


def _with_cookie(headers: Pairs, cookie: str) -> Pairs:
    """The headers with one more cookie, in the first `Cookie` header if there is one."""
    place = next((place for place, (name, _) in enumerate(headers) if name.lower() == "cookie"), None)
    if place is None:
        return (*headers, ("Cookie", cookie))
    name, value = headers[place]
    return (*headers[:place], (name, f"{value}; {cookie}"), *headers[place + 1 :])


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
    """What another site's page can do: a browser adds the user's cookies to its request, as far as SameSite
    allows, and it has the user's address. Any other credential is out of the page's reach.
    """
    page = _with_header(target.handshake, "Origin", FOREIGN_ORIGIN)
    match target.place:
        case "cookie":
            # Without the cookie first: then what gets in depends on no browser's setting.
            bare = replace(page, headers=without_cookie(page.headers, target.name))
            return [GetIn(bare), GetIn(page, cross_site=True)]
        case "address":
            return [GetIn(page, cross_site=True)]
    return []


def _replay(target: AttackTarget) -> list[Variant]:
    return [GetIn(target.handshake, replay=True)] if target.has_credential else []


def _guessing(target: AttackTarget) -> list[Variant]:
    return [GuessOften(target.handshake)] if target.has_credential and not target.has_token else []


def _same_address(target: AttackTarget) -> list[Variant]:
    """Someone else with the user's address, as the proxy names it; the rest is missing."""
    if not target.uses_address:
        return []
    bare = without_credential(target)
    if target.place == "address":
        bare = _with_header(bare, FORWARDED_FOR, _value(target.handshake.headers, FORWARDED_FOR))
    return [GetIn(bare)]


def _spoofed_address(target: AttackTarget) -> list[Variant]:
    return [GetIn(handshake) for handshake in _spoofed(target)]


def _spoofed(target: AttackTarget) -> list[Handshake]:
    if not target.uses_address:
        return []
    bare = without_credential(target)
    return [_with_header(bare, FORWARDED_FOR, address) for address in SPOOFED]


def _idle(target: AttackTarget) -> list[Variant]:
    """Where an address is the credential, with a spoofed one, too: what it lets in can be held open."""
    spoofed = _spoofed(target) if target.place == "address" else []
    return [HoldIdle(replace(sent, steps=())) for sent in (without_credential(target), *spoofed)]


def _logged(target: AttackTarget) -> list[Variant]:
    return [ReadLog(target.handshake)] if target.has_credential else []


ATTACKS: tuple[Attack, ...] = (
    Attack("no_credentials", "no credentials", "connects without a credential", _no_credentials),
    Attack(
        "forged", "forged", "sends a token signed with another key, or a guess", _forged, needs="a credential"
    ),
    Attack("expired", "expired", "sends an expired token", _token("expired"), needs="a token"),
    Attack("no_expiry", "no expiry", "sends a token that never expires", _token("no_exp"), needs="a token"),
    Attack(
        "alg_none",
        "alg: none",
        "sends a token without a signature (alg: none)",
        _token("unsigned"),
        needs="a token",
    ),
    Attack(
        "guessing",
        "guessing",
        f"sends {GUESSES} wrong guesses, and then the right credential",
        _guessing,
        needs="a credential short enough to guess",
    ),
    Attack(
        "foreign_origin",
        "cross-site page (CSWSH)",
        "connects from another site's page, in the user's browser",
        _foreign_origin,
        needs="a cookie or an address",
    ),
    Attack("replay", "replay", "sends a credential that was used before", _replay, needs="a credential"),
    Attack(
        "same_address",
        "same address",
        "connects from the user's address, without the credential",
        _same_address,
        needs="an address that is checked",
    ),
    Attack(
        "spoofed_address",
        "spoofed address",
        f"claims another address in {FORWARDED_FOR}",
        _spoofed_address,
        needs="an address that is checked",
    ),
    Attack("idle", "idle sockets", "opens connections, sends nothing and holds them open", _idle),
    Attack(
        "logged",
        "token in the log",
        "uses the credential that the server's log shows after a user has connected",
        _logged,
        needs="a credential",
    ),
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
            return [value for name, value in cookies(handshake.headers) if name == target.name]
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
