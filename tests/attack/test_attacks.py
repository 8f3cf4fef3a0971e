"""What each attack sends, made from how a user connects. Nothing connects here."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from wsplay.attack.attacks import (
    ATTACKS,
    DESIGNS,
    FOREIGN_ORIGIN,
    GUESS,
    GUESSABLE,
    SPOOFED,
    Attack,
    GetIn,
    GuessOften,
    HoldIdle,
    ReadLog,
    Variant,
    credential_values,
    possible_values,
    shows,
    with_guess,
    with_token,
    without_credential,
    wrong_guesses,
)
from wsplay.protocol.handshake import Handshake
from wsplay.protocol.steps import SendText, Wait
from wsplay.scenario.attack_table import FORWARDED_FOR, PLACES, AttackTarget, Place
from wsplay.scenario.library import Library
from wsplay.scenario.tries import Try

TOKEN = "{token.valid}"
KEY = ("X-Key", "k")

#: How a user connects, by where the credential is: without a token, and with one.
SECRETS: dict[Place, tuple[str, Handshake]] = {
    "header": ("Authorization", Handshake(headers=(KEY, ("authorization", "Bearer opensesame")))),
    "cookie": ("session", Handshake(headers=(KEY, ("Cookie", "theme=dark; session=opensesame")))),
    "query": ("token", Handshake(query=(("room", "1"), ("token", "opensesame")))),
    "subprotocol": ("", Handshake(subprotocols=("chat.v1", "opensesame"))),
    "message": ("", Handshake(headers=(KEY,), steps=(SendText("opensesame"), Wait(0.1)))),
    "address": ("", Handshake(headers=(KEY, (FORWARDED_FOR, "192.0.2.7")))),
    "none": ("", Handshake(headers=(KEY,))),
}
WITH_CREDENTIAL: tuple[Place, ...] = ("header", "cookie", "query", "subprotocol", "message")


def target(place: Place, *, token: bool = False, handshake: Handshake | None = None) -> AttackTarget:
    name, user = SECRETS[place]
    user = handshake or user
    if token:
        user = user.filled(lambda text: text.replace("opensesame", TOKEN))
    return AttackTarget(Try("user", user), "Welcome!", place, name)


def variants(name: str, of: AttackTarget) -> Sequence[Variant]:
    [attack] = [attack for attack in ATTACKS if attack.name == name]
    return attack.variants(of)


def texts(handshake: Handshake) -> str:
    """Everything that a handshake sends."""
    return " ".join(
        [
            handshake.path,
            *(f"{name}={value}" for name, value in handshake.query),
            *(f"{name}: {value}" for name, value in handshake.headers),
            *handshake.subprotocols,
            *map(str, handshake.steps),
        ]
    )


# -- the user's request without, or with a wrong, credential

BARE = {
    "header": Handshake(headers=(KEY,)),
    "cookie": Handshake(headers=(KEY, ("Cookie", "theme=dark"))),
    "query": Handshake(query=(("room", "1"),)),
    "subprotocol": Handshake(subprotocols=("chat.v1",)),
    "message": Handshake(headers=(KEY,)),
    "address": Handshake(headers=(KEY,)),
    "none": Handshake(headers=(KEY,)),
}


@pytest.mark.parametrize("place", PLACES)
def test_without_the_credential_the_rest_of_the_request_is_the_users(place: Place) -> None:
    assert without_credential(target(place)) == BARE[place]


@pytest.mark.parametrize(
    ("subprotocols", "left"),
    [
        (("opensesame",), ()),
        (("chat.v1", "opensesame"), ("chat.v1",)),
        ((TOKEN,), ()),
        ((f"bearer.{TOKEN}", "chat.v1"), ("chat.v1",)),
        (("chat.v2", "chat.v1", TOKEN), ("chat.v2", "chat.v1")),
    ],
)
def test_the_subprotocol_that_is_the_credential_is_left_out_wherever_it_stands(
    subprotocols: tuple[str, ...], left: tuple[str, ...]
) -> None:
    user = target("subprotocol", handshake=Handshake(subprotocols=subprotocols))
    assert without_credential(user).subprotocols == left
    assert with_guess(user).subprotocols == (*left, GUESS)


GUESSED = {
    "header": Handshake(headers=(KEY, ("Authorization", f"Bearer {GUESS}"))),
    "cookie": Handshake(headers=(KEY, ("Cookie", f"theme=dark; session={GUESS}"))),
    "query": Handshake(query=(("room", "1"), ("token", GUESS))),
    "subprotocol": Handshake(subprotocols=("chat.v1", GUESS)),
    "message": Handshake(headers=(KEY,), steps=(SendText(GUESS),)),
    "address": Handshake(headers=(KEY,)),
    "none": Handshake(headers=(KEY,)),
}


@pytest.mark.parametrize("place", PLACES)
def test_a_guess_takes_the_place_of_the_credential(place: Place) -> None:
    assert with_guess(target(place)) == GUESSED[place]


def test_a_guessed_header_has_a_scheme_only_if_the_users_has_one() -> None:
    user = target("header", handshake=Handshake(headers=(("Authorization", "opensesame"),)))
    assert with_guess(user).headers == (("Authorization", GUESS),)


@pytest.mark.parametrize("place", WITH_CREDENTIAL)
def test_another_kind_of_token_takes_the_place_of_the_valid_one_and_nothing_else_changes(
    place: Place,
) -> None:
    user = target(place, token=True)
    assert user.has_token
    expired = with_token(user, "expired")
    assert "{token.expired}" in texts(expired)
    assert TOKEN not in texts(expired)
    assert expired.filled(lambda text: text.replace("{token.expired}", TOKEN)) == user.handshake


# -- the attacks


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
@pytest.mark.parametrize("token", [False, True], ids=["secret", "token"])
@pytest.mark.parametrize("place", PLACES)
def test_only_attacks_that_have_the_credential_send_it(place: Place, token: bool, attack: Attack) -> None:
    """A user's own request may only be sent by a browser with the user's cookies, again, or to be logged."""
    user = target(place, token=token)
    secret = TOKEN if token else "opensesame"
    for variant in attack.variants(user):
        allowed = attack.name in ("replay", "logged", "guessing")
        allowed = allowed or (attack.name, place) == ("foreign_origin", "cookie")
        assert (secret in texts(variant.handshake)) <= allowed


@pytest.mark.parametrize("place", PLACES)
def test_which_attacks_apply(place: Place) -> None:
    credential = place in WITH_CREDENTIAL
    for token in (False, True):
        user = target(place, token=token)
        applies = {attack.name for attack in ATTACKS if attack.variants(user)}
        expected = {"no_credentials", "idle"}
        if credential:
            expected |= {"forged", "replay", "logged"}
            expected |= {"expired", "no_expiry", "alg_none"} if token else {"guessing"}
        if place == "cookie":
            expected |= {"foreign_origin"}
        if place == "address":
            expected |= {"foreign_origin", "same_address", "spoofed_address"}
        assert applies == expected


def test_an_attack_that_does_not_apply_everywhere_says_what_it_needs() -> None:
    for attack in ATTACKS:
        everywhere = all(attack.variants(target(place)) for place in PLACES)
        assert bool(attack.needs) is not everywhere


def test_where_the_address_is_checked_too_it_is_attacked_too() -> None:
    office = ("x-forwarded-for", "10.0.0.7")
    user = target("header", handshake=Handshake(headers=(office, ("Authorization", "Bearer opensesame"))))
    [variant] = variants("same_address", user)
    assert variant.handshake.headers == (office,)
    found = variants("spoofed_address", user)
    assert [variant.handshake.headers for variant in found] == [((FORWARDED_FOR, one),) for one in SPOOFED]
    assert variants("idle", user) == [HoldIdle(Handshake(headers=(office,)))]


def test_no_credentials_sends_the_request_without_them() -> None:
    user = target("header")
    assert variants("no_credentials", user) == [GetIn(without_credential(user))]


def test_forged_sends_a_forged_token_or_without_tokens_a_guess() -> None:
    user = target("query", token=True)
    assert variants("forged", user) == [GetIn(with_token(user, "forged"))]
    assert variants("forged", target("query")) == [GetIn(GUESSED["query"])]


@pytest.mark.parametrize(
    ("name", "kind"), [("expired", "expired"), ("no_expiry", "no_exp"), ("alg_none", "unsigned")]
)
def test_each_kind_of_invalid_token_has_its_attack(name: str, kind: str) -> None:
    user = target("header", token=True)
    [variant] = variants(name, user)
    assert variant == GetIn(
        Handshake(headers=(KEY, ("authorization", f"Bearer {{token.{kind}}}"))), replay=False
    )


def test_a_foreign_page_sends_its_origin_and_the_users_cookies() -> None:
    user = target(
        "cookie",
        handshake=Handshake(headers=(("Cookie", "session=1; t=2"), ("origin", "https://own.example"))),
    )
    # First what gets in whatever a browser does with the cookie, then the cookie too.
    without, with_cookie = variants("foreign_origin", user)
    assert without == GetIn(Handshake(headers=(("Cookie", "t=2"), ("Origin", FOREIGN_ORIGIN))))
    sent = Handshake(headers=(("Cookie", "session=1; t=2"), ("Origin", FOREIGN_ORIGIN)))
    assert with_cookie == GetIn(sent, cross_site=True)


def test_a_foreign_page_has_the_address_of_the_user_who_opened_it() -> None:
    [variant] = variants("foreign_origin", target("address"))
    headers = (KEY, (FORWARDED_FOR, "192.0.2.7"), ("Origin", FOREIGN_ORIGIN))
    assert variant == GetIn(Handshake(headers=headers), cross_site=True)


def test_the_cookie_may_stand_in_any_cookie_header() -> None:
    """A user's own scenario: the header is not the first, nor is the cookie."""
    headers = (("X-Trace", "1"), ("Cookie", "theme=dark"), ("cookie", "lang=en;session=opensesame"))
    user = target("cookie", handshake=Handshake(headers=headers))
    assert credential_values(user, user.handshake) == ["opensesame"]
    bare = (("X-Trace", "1"), ("Cookie", "theme=dark"), ("cookie", "lang=en"))
    assert without_credential(user).headers == bare
    guessed = (("X-Trace", "1"), ("Cookie", f"theme=dark; session={GUESS}"), ("cookie", "lang=en"))
    assert with_guess(user).headers == guessed


def test_guessing_starts_from_the_users_own_request() -> None:
    user = target("message")
    assert variants("guessing", user) == [GuessOften(user.handshake)]


@pytest.mark.parametrize(
    ("credential", "guesses"),
    [
        ("4711", ["0000", "0001", "0002"]),
        ("0001", ["0000", "0002", "0003"]),
        ("alice", ["aaaaa", "aaaab", "aaaac"]),
        ("7", ["0", "1", "2"]),
        ("", []),
    ],
)
def test_wrong_guesses_look_like_the_credential_and_are_never_right(
    credential: str, guesses: list[str]
) -> None:
    assert wrong_guesses(credential, 3) == guesses
    assert credential not in wrong_guesses(credential, 30)


def test_a_short_secret_has_few_wrong_guesses() -> None:
    assert wrong_guesses("7", 20) == ["0", "1", "2", "3", "4", "5", "6", "8", "9"]


@pytest.mark.parametrize(
    ("credential", "values"),
    [("4711", 10**4), ("alice", 26**5), ("Alice", 52**5), ("a1", 36**2), ("a-b", 59**3), ("", 0)],
)
def test_how_many_values_a_credential_may_have(credential: str, values: int) -> None:
    assert possible_values(credential) == values


def test_a_random_token_cannot_be_guessed_and_a_pin_can() -> None:
    assert possible_values("12345678") <= GUESSABLE < possible_values("opensesame")


def test_a_replay_sends_the_users_own_request_once_more() -> None:
    user = target("message")
    assert variants("replay", user) == [GetIn(user.handshake, replay=True)]


def test_someone_at_the_users_address_has_the_address_and_no_credential() -> None:
    [variant] = variants("same_address", target("address"))
    assert variant.handshake.headers == (KEY, (FORWARDED_FOR, "192.0.2.7"))


def test_a_spoofed_address_is_tried_for_each_that_careless_lists_contain() -> None:
    found = variants("spoofed_address", target("address"))
    assert [variant.handshake.headers for variant in found] == [
        (KEY, (FORWARDED_FOR, address)) for address in SPOOFED
    ]
    assert all(isinstance(variant, GetIn) for variant in found)


def test_idle_sockets_use_an_address_that_may_be_let_in() -> None:
    assert variants("idle", target("address")) == [
        HoldIdle(BARE["address"]),
        *(HoldIdle(Handshake(headers=(KEY, (FORWARDED_FOR, address)))) for address in SPOOFED),
    ]


def test_an_idle_socket_sends_nothing_at_all() -> None:
    user = target("header", handshake=Handshake(headers=(KEY,), steps=(SendText("hi"),)))
    assert variants("idle", user) == [HoldIdle(Handshake(headers=(KEY,)))]


def test_the_log_is_read_after_the_users_own_request() -> None:
    user = target("query")
    assert variants("logged", user) == [ReadLog(user.handshake)]


def test_attacks_have_names_of_their_own_and_the_seed_designs_exist() -> None:
    names = [attack.name for attack in ATTACKS]
    assert len(set(names)) == len(names)
    assert all(Library.find(user_folders=()).get(name).attack is not None for name in DESIGNS)


# -- what must not be in the log


@pytest.mark.parametrize(
    ("place", "handshake", "values"),
    [
        ("header", None, ["opensesame"]),
        ("header", Handshake(headers=(("Authorization", "plain"),)), ["plain"]),
        ("cookie", None, ["opensesame"]),
        ("cookie", Handshake(headers=(("cookie", "session=YWJjZGVm=="),)), ["YWJjZGVm=="]),
        ("query", None, ["opensesame"]),
        ("subprotocol", None, ["opensesame"]),
        ("subprotocol", Handshake(subprotocols=("opensesame",)), ["opensesame"]),
        ("message", None, ["opensesame"]),
        ("address", None, []),
        ("none", None, []),
    ],
)
def test_the_secrets_of_a_request(place: Place, handshake: Handshake | None, values: list[str]) -> None:
    user = target(place, handshake=handshake)
    assert credential_values(user, user.handshake) == values


@pytest.mark.parametrize("place", WITH_CREDENTIAL)
def test_the_secret_is_the_token_that_was_minted(place: Place) -> None:
    user = target(place, token=True)
    sent = user.handshake.filled(lambda text: text.replace(TOKEN, "eyJ.a.b"))
    assert credential_values(user, sent)[-1] == "eyJ.a.b"
    assert "chat.v1" not in credential_values(user, sent)


def test_a_log_line_shows_a_secret_and_short_values_are_no_secrets() -> None:
    assert shows("user opensesame connected", ["abc", "opensesame"])
    assert not shows("GET /ws?token=***", ["opensesame"])
    assert not shows("token abc", ["abc"])
    assert not shows("user opensesame connected", [])
