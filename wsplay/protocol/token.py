"""Mint, read and break JSON Web Tokens (RFC 7519).

Everything here is pure: the time is passed in as `now`, seconds since the epoch. PyJWT signs and verifies
(RFC 7515); its claim checks look at its own clock, so the claims are checked here, by PyJWT's rules. PyJWT is
imported when first used: it brings in urllib and ssl, and most runs need no token.
"""

from __future__ import annotations

import base64
import binascii
import functools
import hashlib
import json
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from wsplay.events.safe_text import visible
from wsplay.protocol.did_you_mean import did_you_mean

if TYPE_CHECKING:
    from jwt import PyJWS

Key = str | bytes

HMAC_ALGORITHMS = ("HS256", "HS384", "HS512")
#: What a scenario may ask for as `{token.<kind>}`: a valid token, and the ways to break it.
KINDS: Mapping[str, str] = {
    "valid": "signed with the scenario's secret, not expired",
    "expired": "expired an hour ago",
    "forged": "the same claims, signed with another key",
    "unsigned": "alg is none: no signature at all",
    "wrong_audience": "issued for another service (aud)",
    "no_exp": "never expires: it has no exp claim",
    "not_yet": "valid an hour from now (nbf)",
}
#: Seconds by which `expired` and `not_yet` miss: more than any leeway a verifier would grant.
FAR = 3600

_PLACEHOLDER = re.compile(r"\{token\.([^{}]*)\}")
_BASE64URL = re.compile(r"[A-Za-z0-9_-]*={0,2}")
_BEARER = re.compile(r"bearer(?:[ \t]+|$)", re.IGNORECASE)
_TIME_CLAIMS = ("exp", "iat", "nbf")
_FAR_OFF = 253_402_300_799  # the end of the year 9999; in milliseconds, any date of today is beyond it


def mint(
    claims: Mapping[str, Any],
    key: Key | None,
    *,
    algorithm: str = "HS256",
    now: int,
    lifetime: int | None = 300,
    headers: Mapping[str, Any] | None = None,
) -> str:
    """Return a signed token with `claims`, and with `iat` and `exp` where `claims` have none.

    `lifetime` is in seconds; None leaves `exp` out. `algorithm` "none" leaves the signature empty and the key
    unused (RFC 7519 section 6). `headers` are added to the token's header.

    Raises:
        ValueError: If it cannot be signed: the key does not fit the algorithm, the algorithm needs a package
            that is not installed, or the claims are not JSON.

    """
    payload: dict[str, Any] = {**claims}
    payload.setdefault("iat", now)
    if lifetime is not None:
        payload.setdefault("exp", now + lifetime)
    try:
        body = json.dumps(payload, separators=(",", ":"), allow_nan=False).encode()
    except (TypeError, ValueError, RecursionError) as exc:
        raise ValueError(f"the claims are not JSON: {exc}") from exc
    if algorithm != "none" and not key:
        raise ValueError(f"{algorithm} needs a key")
    try:
        return _jws().encode(
            body, "" if algorithm == "none" else key or "", algorithm, dict(headers) if headers else None
        )
    except _signing_errors() as exc:
        raise ValueError(f"cannot sign with {algorithm}: {exc}") from exc


@dataclass(frozen=True, slots=True)
class Reading:
    """What a token says, and what is wrong with it.

    `header` and `claims` are None if they cannot be read. `verified` is about the signature alone: True or
    False if a key was given, else None. `expires_in` is in seconds, negative once expired, None without a
    usable `exp`. `problems` are reasons to refuse the token; `notes` are worth knowing.
    """

    header: dict[str, Any] | None
    claims: dict[str, Any] | None
    problems: list[str]
    verified: bool | None
    expires_in: int | None
    notes: list[str] = field(default_factory=list)


def read(
    token: str,
    *,
    key: Key | None = None,
    algorithms: Sequence[str] | None = None,
    audience: str | Iterable[str] | None = None,
    now: int,
) -> Reading:
    """Decode a token; never raises, whatever the text.

    A leading `Bearer ` is skipped. With a `key` the signature is checked, for `algorithms` only (None:
    the HMAC ones; never what the token itself names, RFC 8725 section 3.1). `audience` is the reader's own.
    `problems` and `notes` are safe to print; `header` and `claims` are raw.
    """
    problems: list[str] = []
    notes: list[str] = []
    text = _bare(token, problems, notes)
    parts = text.split(".")
    if not text:
        problems.append("there is no token")
    elif len(parts) == 5:
        problems.append("it has five parts: it is encrypted (JWE, RFC 7516), and wsplay does not read that")
    elif len(parts) != 3:
        problems.append(f"it has {len(parts)} parts; a signed token has three, with dots between them")
    if len(parts) != 3:
        return Reading(None, None, problems, None if key is None else False, None, notes)
    header = _read_part(parts[0], "header", problems)
    claims = _read_part(parts[1], "claims", problems)
    verified = None
    if header is not None and header.get("alg") == "none":
        problems.append("alg is none: it is not signed, so anyone could have written it")
    if key is not None:
        allowed = HMAC_ALGORITHMS if algorithms is None else tuple(algorithms)
        verified = header is not None and _verify(text, header, key, allowed, problems, notes)
    expires_in = None
    if claims is not None:
        expires_in = _check_times(claims, now, problems)
        _check_names(claims, audience, problems, notes)
    return Reading(header, claims, problems, verified, expires_in, notes)


@dataclass(frozen=True, slots=True)
class TokenKit:
    """What tokens are made from.

    `lifetime` is in seconds and at least 1. `claims` and `headers` are added to each token's own.
    """

    secret: str
    algorithm: str = "HS256"
    audience: str | None = None
    issuer: str | None = None
    subject: str | None = None
    lifetime: int = 300
    claims: Mapping[str, Any] = field(default_factory=dict, hash=False)
    headers: Mapping[str, Any] = field(default_factory=dict, hash=False)

    def problem(self) -> tuple[str, str] | None:
        """The setting that is wrong, and what is wrong with it; None if tokens can be made."""
        if not self.secret:
            return "secret", "tokens need a `secret` to be signed with"
        if self.algorithm not in HMAC_ALGORITHMS:
            # The others sign with key pairs, and need the cryptography package.
            known = ", ".join(HMAC_ALGORITHMS)
            return "algorithm", f"`algorithm` must be one of {known}, not `{visible(self.algorithm, 60)}`"
        for name in _TIME_CLAIMS:
            if name in self.claims:
                return "claims", f"`claims` must not set `{name}`: it depends on the time of the run"
        return None

    def make(self, kind: str, now: int) -> str:
        """Return a new token of that kind (see `KINDS`).

        Raises:
            ValueError: If there is no such kind; its text names the nearest.

        """
        if kind not in KINDS:
            raise ValueError(f"there is no token kind `{visible(kind, 60)}`; {did_you_mean(kind, KINDS)}")
        claims: dict[str, Any] = {}
        for name, value in (("sub", self.subject), ("iss", self.issuer), ("aud", self.audience)):
            if value is not None:
                claims[name] = value
        claims.update(self.claims)
        key, algorithm, lifetime = self.secret, self.algorithm, self.lifetime
        if kind == "expired":
            now -= lifetime + FAR
        elif kind == "forged":
            key = hashlib.sha512(b"not the key:" + self.secret.encode("utf-8", "replace")).hexdigest()
        elif kind == "unsigned":
            algorithm = "none"
        elif kind == "wrong_audience":
            claims["aud"] = f"not-{self.audience or 'you'}"
        elif kind == "not_yet":
            claims["nbf"] = now + FAR
            lifetime += FAR
        return mint(
            claims,
            key,
            algorithm=algorithm,
            now=now,
            lifetime=None if kind == "no_exp" else lifetime,
            headers=self.headers,
        )


def expand(
    text: str,
    kit: TokenKit | None,
    now: int,
    on_minted: Callable[[str, str], object] = lambda token, placeholder: None,
) -> str:
    """Replace each `{token.<kind>}` with a new token; other braces stay as they are. `on_minted` gets each
    token and its placeholder.

    Raises:
        ValueError: If there is no such kind, or a token is asked for and there is no kit.

    """

    if kit is None and (asked := _PLACEHOLDER.search(text)) is not None:
        raise ValueError(f"{visible(asked.group(), 60)} needs a [tool.wsplay.tokens] table with a secret")
    if kit is None:
        return text

    def made(match: re.Match[str]) -> str:
        token = kit.make(match.group(1), now)
        on_minted(token, match[0])
        return token

    return _PLACEHOLDER.sub(made, text)


@functools.cache
def _jws() -> PyJWS:
    from jwt import PyJWS
    from jwt.algorithms import HMACAlgorithm

    class QuietHMAC(HMACAlgorithm):
        """HMAC without the warning about short keys; `read` adds a note instead."""

        def check_key_length(self, key: Any) -> str | None:
            return None

    jws = PyJWS()
    for name, digest in zip(HMAC_ALGORITHMS, (hashlib.sha256, hashlib.sha384, hashlib.sha512), strict=True):
        jws.unregister_algorithm(name)
        jws.register_algorithm(name, QuietHMAC(digest))
    return jws


def _signing_errors() -> tuple[type[Exception], ...]:
    from jwt import PyJWTError

    # What is not a key at all makes the layers below PyJWT raise the rest.
    return (PyJWTError, NotImplementedError, TypeError, ValueError, AttributeError, RecursionError)


def _bare(token: str, problems: list[str], notes: list[str]) -> str:
    text = token.strip()
    count = 0
    while (match := _BEARER.match(text)) is not None:
        text = text[match.end() :].lstrip()
        count += 1
    if count == 1:
        notes.append('remove "Bearer " before you pass the token to PyJWT')
    elif count > 1:
        problems.append(f'"Bearer " is there {count} times; once is right')
    return text


def _read_part(part: str, name: str, problems: list[str]) -> dict[str, Any] | None:
    try:
        if _BASE64URL.fullmatch(part) is None:
            raise binascii.Error("not its alphabet")
        raw = base64.urlsafe_b64decode(part.rstrip("=") + "=" * (-len(part.rstrip("=")) % 4))
    except binascii.Error:
        problems.append(f"its {name} part is not base64url")
        return None
    try:
        value = json.loads(raw.decode(), parse_constant=_refuse, parse_float=_finite)
    except (ValueError, RecursionError):
        problems.append(f"its {name} part is not JSON")
        return None
    if not isinstance(value, dict):
        problems.append(f"its {name} part is not a JSON object")
        return None
    return value


def _refuse(text: str) -> Any:
    raise ValueError(f"{text} is not JSON")


def _finite(text: str) -> float:
    number = float(text)
    return number if math.isfinite(number) else _refuse(text)


def _verify(
    text: str, header: dict[str, Any], key: Key, allowed: Sequence[str], problems: list[str], notes: list[str]
) -> bool:
    algorithm = header.get("alg")
    if not isinstance(algorithm, str):
        problems.append("the header names no algorithm (alg)")
        return False
    if algorithm not in allowed:
        if algorithm != "none":
            problems.append(f'alg is "{visible(algorithm, 60)}"; allowed: {", ".join(allowed)}')
        return False
    if algorithm == "none":
        return False
    size = len(key.encode("utf-8", "replace") if isinstance(key, str) else key)
    if algorithm in HMAC_ALGORITHMS and size < int(algorithm[2:]) // 8:
        wanted = int(algorithm[2:]) // 8
        notes.append(f"the key has {size} bytes; {algorithm} needs {wanted} or more (RFC 7518 section 3.2)")
    from jwt import InvalidSignatureError

    try:
        _jws().decode_complete(text, key, algorithms=list(allowed))
    except InvalidSignatureError:
        problems.append("the signature does not fit the key: forged, changed, or signed with another key")
        return False
    except _signing_errors() as exc:
        problems.append(f"the signature cannot be checked: {visible(str(exc), 200)}")
        return False
    return True


def _check_times(claims: dict[str, Any], now: int, problems: list[str]) -> int | None:
    times: dict[str, int] = {}
    for name in _TIME_CLAIMS:
        if claims.get(name) is None:
            continue
        try:
            seconds = int(claims[name])  # as PyJWT does: "12" and 12.5 pass
        except (TypeError, ValueError):
            problems.append(f"{name} is not a number of seconds (RFC 7519 section 2)")
            continue
        if abs(seconds) > _FAR_OFF:
            problems.append(f"{name} is too large to be a time in seconds")
        else:
            times[name] = seconds
    if claims.get("exp") is None:
        problems.append("it has no exp claim, so it never expires")
    expires_in = times["exp"] - now if "exp" in times else None
    if expires_in is not None and expires_in <= 0:
        problems.append(f"it expired {_span(-expires_in)} ago (exp)")
    if times.get("nbf", now) > now:
        problems.append(f"it is not valid yet, for another {_span(times['nbf'] - now)} (nbf)")
    if times.get("iat", now) > now:
        problems.append(f"it was issued {_span(times['iat'] - now)} from now (iat)")
    return expires_in


def _check_names(
    claims: dict[str, Any], audience: str | Iterable[str] | None, problems: list[str], notes: list[str]
) -> None:
    for name in ("sub", "iss", "jti"):
        if name in claims and not isinstance(claims[name], str):
            problems.append(f"{name} is not a string")
    found = claims.get("aud")
    named = [found] if isinstance(found, str) else found
    if not found:
        if audience is not None:
            problems.append("it has no audience (aud)")
    elif not isinstance(named, list) or not all(isinstance(name, str) for name in named):
        problems.append("aud is neither a string nor a list of strings")
    elif audience is None:
        notes.append(f"its audience is {_names(named)}: PyJWT refuses it without a matching audience=")
    else:
        wanted = [audience] if isinstance(audience, str) else list(audience)
        if not set(wanted) & set(named):
            problems.append(f"its audience is {_names(named)}, not {_names(wanted)} (aud)")


def _names(names: Iterable[str]) -> str:
    return visible(", ".join(names), 120)


def _span(seconds: int) -> str:
    for size, unit in ((86_400, "d"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"
