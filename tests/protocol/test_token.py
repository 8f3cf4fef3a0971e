from __future__ import annotations

import json
import subprocess
import sys
import time
from typing import Any

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wsplay.protocol.token import FAR, KINDS, TokenKit, expand, mint, read

NOW = 1_700_000_000
KEY = "a-secret-of-thirty-two-bytes-or-more"
KIT = TokenKit(KEY, audience="wsplay", issuer="stage", subject="ada", lifetime=300, claims={"role": "admin"})


def check(token: str, **options: Any) -> dict[str, Any]:
    """What an endpoint that does it right would do."""
    return jwt.decode(
        token, KEY, algorithms=["HS256"], audience="wsplay", options={"require": ["exp"]}, **options
    )


def test_mint_signs_what_pyjwt_verifies() -> None:
    now = int(time.time())
    token = mint({"sub": "ada", "aud": "wsplay"}, KEY, now=now, lifetime=60, headers={"kid": "k1"})
    assert check(token) == {"sub": "ada", "aud": "wsplay", "iat": now, "exp": now + 60}
    assert jwt.get_unverified_header(token) == {"typ": "JWT", "alg": "HS256", "kid": "k1"}


def test_mint_leaves_the_claims_their_own_times() -> None:
    reading = read(mint({"iat": 1, "exp": 2}, KEY, now=NOW), now=NOW)
    assert reading.claims == {"iat": 1, "exp": 2}
    assert read(mint({}, KEY, now=NOW, lifetime=None), now=NOW).claims == {"iat": NOW}


def test_mint_without_a_signature() -> None:
    token = mint({"sub": "ada"}, None, algorithm="none", now=NOW)
    assert token.endswith(".")
    assert jwt.get_unverified_header(token)["alg"] == "none"


def test_short_keys_do_not_warn() -> None:
    # filterwarnings is "error" here: a warning would raise.
    token = mint({"sub": "ada"}, "short", now=NOW)
    reading = read(token, key="short", now=NOW)
    assert reading.verified is True
    assert any("5 bytes" in note and "32" in note for note in reading.notes)


@pytest.mark.parametrize(
    ("claims", "key", "algorithm", "words"),
    [
        ({}, "", "HS256", "needs a key"),
        ({}, None, "HS256", "needs a key"),
        ({}, KEY, "RS256", "RS256"),
        ({}, KEY, "HS257", "HS257"),
        ({"x": object()}, KEY, "HS256", "not JSON"),
        ({"x": float("nan")}, KEY, "HS256", "not JSON"),
        ({}, "-----BEGIN PUBLIC KEY-----\nabc\n-----END PUBLIC KEY-----", "HS256", "cannot sign"),
    ],
)
def test_what_cannot_be_minted_says_why(
    claims: dict[str, Any], key: str | None, algorithm: str, words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        mint(claims, key, algorithm=algorithm, now=NOW)


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("valid", None),
        ("expired", jwt.ExpiredSignatureError),
        ("forged", jwt.InvalidSignatureError),
        ("unsigned", jwt.InvalidAlgorithmError),
        ("wrong_audience", jwt.InvalidAudienceError),
        ("no_exp", jwt.MissingRequiredClaimError),
        ("not_yet", jwt.ImmatureSignatureError),
    ],
)
def test_each_kind_fails_pyjwt_in_its_own_way(kind: str, error: type[Exception] | None) -> None:
    token = KIT.make(kind, int(time.time()))
    if error is None:
        claims = check(token)
        assert (claims["sub"], claims["iss"], claims["aud"], claims["role"]) == (
            "ada",
            "stage",
            "wsplay",
            "admin",
        )
    else:
        with pytest.raises(error):
            check(token, leeway=60)


def test_every_kind_is_tested() -> None:
    kinds = [mark.args[1] for mark in test_each_kind_fails_pyjwt_in_its_own_way.pytestmark]  # type: ignore[attr-defined]
    assert {kind for kind, _ in kinds[0]} == set(KINDS)


@pytest.mark.parametrize(
    ("kind", "verified", "words"),
    [
        ("valid", True, None),
        ("expired", True, "expired 60 min ago"),
        ("forged", False, "does not fit the key"),
        ("unsigned", False, "alg is none"),
        ("wrong_audience", True, "its audience is not-wsplay, not wsplay"),
        ("no_exp", True, "no exp"),
        ("not_yet", True, "not valid yet, for another 60 min"),
    ],
)
def test_reading_names_what_is_wrong_with_each_kind(kind: str, verified: bool, words: str | None) -> None:
    reading = read(KIT.make(kind, NOW), key=KEY, audience="wsplay", now=NOW)
    assert reading.verified is verified
    assert reading.claims is not None
    assert reading.claims["sub"] == "ada"
    assert len(reading.problems) == (0 if words is None else 1)
    assert words is None or words in reading.problems[0]


def test_expiry_is_judged_by_the_time_passed_in() -> None:
    token = KIT.make("valid", NOW)
    assert read(token, now=NOW).expires_in == 300
    assert read(token, now=NOW + 299).problems == []
    assert read(token, now=NOW + 300).problems == ["it expired 0 s ago (exp)"]
    assert read(KIT.make("expired", NOW), now=NOW).expires_in == -FAR
    assert read(KIT.make("no_exp", NOW), now=NOW).expires_in is None
    assert any("issued" in problem for problem in read(token, now=NOW - 60).problems)


def test_without_a_key_the_signature_is_not_judged() -> None:
    reading = read(KIT.make("forged", NOW), now=NOW)
    assert reading.verified is None
    assert reading.problems == []
    assert any("audience=" in note for note in reading.notes)


def test_the_token_does_not_choose_its_algorithm() -> None:
    token = mint({}, KEY, algorithm="HS512", now=NOW)
    assert read(token, key=KEY, now=NOW).verified is True
    reading = read(token, key=KEY, algorithms=["HS256"], now=NOW)
    assert reading.verified is False
    assert 'alg is "HS512"; allowed: HS256' in reading.problems
    assert read(KIT.make("unsigned", NOW), key=KEY, algorithms=["none"], now=NOW).verified is False


def test_bearer_is_passed_over_and_twice_is_told() -> None:
    token = KIT.make("valid", NOW)
    once = read(f" bearer {token}\n", key=KEY, audience="wsplay", now=NOW)
    assert (once.verified, once.problems) == (True, [])
    assert any('remove "Bearer "' in note for note in once.notes)
    twice = read(f"Bearer Bearer {token}", key=KEY, audience=["other", "wsplay"], now=NOW)
    assert twice.verified is True
    assert len(twice.problems) == 1
    assert "2 times" in twice.problems[0]


def segment(value: Any) -> str:
    from base64 import urlsafe_b64encode

    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


@pytest.mark.parametrize(
    ("token", "words"),
    [
        ("", "no token"),
        ("Bearer", "no token"),
        ("validtoken", "1 parts"),
        ("a.b.c.d.e", "encrypted"),
        ("!!.e30.x", "header part is not base64url"),
        (f"{segment(b'{')}.e30.x", "header part is not JSON"),
        (f"{segment([1])}.e30.x", "header part is not a JSON object"),
        (f"e30.{segment(b'[' * 100_000)}.x", "claims part is not JSON"),
        (f"e30.{segment(b'[NaN]')}.x", "claims part is not JSON"),
        (f"e30.{segment(b'[1e999]')}.x", "claims part is not JSON"),
        (f"e30.{segment({'exp': 'soon'})}.x", "exp is not a number"),
        (f"e30.{segment({'exp': (NOW + 60) * 1000})}.x", "too large"),
        (f"e30.{segment({'exp': [1], 'nbf': {}})}.x", "nbf is not a number"),
        (f"e30.{segment({'sub': 7})}.x", "sub is not a string"),
        (f"e30.{segment({'aud': [1]})}.x", "aud is neither"),
        (f"e30.{segment({})}.x", "names no algorithm"),
        (f"{segment({'alg': 'HS256', 'crit': ['x']})}.{segment({'exp': NOW + 9})}.", "cannot be checked"),
    ],
)
def test_broken_tokens_say_how(token: str, words: str) -> None:
    reading = read(token, key=KEY, now=NOW)
    assert reading.verified is False
    assert any(words in problem for problem in reading.problems)


def test_what_a_token_says_is_shown_not_obeyed() -> None:
    token = mint({"aud": "\x1b[31mred\u202e"}, KEY, algorithm="HS256", now=NOW, headers={"kid": "k"})
    reading = read(token, key=KEY, audience="wsplay", now=NOW)
    assert "␛[31mred<U+202E>" in reading.problems[0]
    assert reading.claims is not None
    assert reading.claims["aud"] == "\x1b[31mred\u202e"


PARTS = st.one_of(
    st.text(),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
        max_leaves=5,
    ).map(segment),
    st.dictionaries(
        st.sampled_from(["alg", "exp", "nbf", "iat", "aud", "sub", "kid", "crit", "b64", "typ"]),
        st.one_of(
            st.sampled_from(["HS256", "none", "RS256"]), st.integers(), st.floats(), st.text(), st.none()
        )
        | st.lists(st.text(), max_size=2),
    ).map(segment),
)


@given(
    st.one_of(st.text(), st.lists(PARTS, max_size=6).map(".".join)),
    st.none() | st.text() | st.binary(),
    st.none() | st.text() | st.lists(st.text()),
)
def test_reading_never_raises(token: str, key: str | bytes | None, audience: str | list[str] | None) -> None:
    reading = read(token, key=key, audience=audience, now=NOW)
    json.dumps([reading.header, reading.claims, reading.problems, reading.expires_in], allow_nan=False)
    for line in [*reading.problems, *reading.notes]:
        assert "\n" not in line
        assert "\x1b" not in line
    assert (reading.verified is None) == (key is None)


def test_a_kit_makes_tokens_of_its_lifetime() -> None:
    kit = TokenKit(KEY, "HS256", "wsplay", None, "ada", 60)
    assert kit.problem() is None
    assert read(kit.make("valid", NOW), now=NOW).expires_in == 60


@pytest.mark.parametrize(
    ("kit", "key", "words"),
    [
        (TokenKit(""), "secret", "`secret`"),
        (TokenKit(KEY, claims={"exp": 1}), "claims", "must not set `exp`"),
        (TokenKit(KEY, "RS256"), "algorithm", "HS256, HS384, HS512"),
    ],
)
def test_a_kit_that_makes_no_tokens_says_why(kit: TokenKit, key: str, words: str) -> None:
    problem = kit.problem()
    assert problem is not None
    assert problem[0] == key
    assert words in problem[1]


def test_expand_puts_tokens_in_and_leaves_other_braces() -> None:
    text = 'Bearer {token.valid}; {"a": {}} {token} {other.valid}'
    expanded = expand(text, KIT, NOW)
    token = expanded.removeprefix("Bearer ").partition(";")[0]
    assert read(token, key=KEY, audience="wsplay", now=NOW).problems == []
    assert expanded == text.replace("{token.valid}", token)
    assert expand("{token.valid}{token.valid}", KIT, NOW) == token * 2


def test_expand_names_the_nearest_kind() -> None:
    with pytest.raises(ValueError, match="did you mean `expired`"):
        expand("{token.expred}", KIT, NOW)
    with pytest.raises(ValueError, match="there are valid, expired"):
        expand("{token.}", KIT, NOW)
    with pytest.raises(ValueError, match=r"tool\.wsplay\.tokens"):
        expand("Bearer {token.valid}", None, NOW)
    assert expand("plain {a}", None, NOW) == "plain {a}"


def test_pyjwt_is_imported_when_first_needed() -> None:
    code = "import sys, wsplay.protocol.token; sys.exit('jwt' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=30).returncode == 0
