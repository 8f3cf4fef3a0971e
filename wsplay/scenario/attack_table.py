"""What an attacker needs to know: from the `[tool.wsplay.attack]` table, or as the tries suggest it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from wsplay.protocol.handshake import Handshake
from wsplay.protocol.steps import SendText
from wsplay.scenario.block import Fields
from wsplay.scenario.tries import Try, find_try, unknown_try

#: Where a credential can travel.
Place = Literal["header", "cookie", "query", "subprotocol", "message", "address", "none"]
PLACES: tuple[Place, ...] = get_args(Place)
#: The header with which proxies report the client's address.
FORWARDED_FOR = "X-Forwarded-For"
#: The token that an invalid one replaces in an attack.
VALID_TOKEN = "{token.valid}"


@dataclass(frozen=True, slots=True)
class AttackTarget:
    """How an authorised user gets in, and what proves it.

    `authorised_try` is the user's; its credential travels in `place`, under the `name` of a header, a cookie
    or a parameter. Only an authorised user receives a message with `success_marker`.
    """

    authorised_try: Try
    success_marker: str
    place: Place
    name: str = ""

    @property
    def handshake(self) -> Handshake:
        """What the user sends."""
        return self.authorised_try.handshake

    @property
    def header(self) -> str:
        """The header that the credential travels in, if it travels in one."""
        return {"cookie": "Cookie", "address": FORWARDED_FOR}.get(self.place, self.name)

    @property
    def has_credential(self) -> bool:
        """Whether there is something to guess, to replay or to leak; an address is none."""
        return self.place not in ("none", "address")

    @property
    def has_token(self) -> bool:
        """Whether the credential is a token of the scenario's own kit, so that invalid ones can be made."""
        return any(VALID_TOKEN in text for key, text in self.authorised_try.texts() if key != "before")


def parse_attack(fields: Fields, tries: Sequence[Try]) -> AttackTarget | None:
    """What the table says, or what the tries suggest; None, and reported, if it cannot be attacked."""
    fields.known("let_in", "prize", "credential")
    named = fields.text("let_in", '"valid token"')
    user = _first_user(tries) if named is None else find_try(tries, named)
    if user is None:
        _no_user(fields, tries, named)
        return None
    marker = fields.text("prize", '"Welcome!"') or _first_message(user)
    if not marker:
        fields.wrong("prize", 'say what only an authorised user receives: `prize = "Welcome!"`')
        return None
    credential = fields.text("credential", '"header:Authorization"') or _credential(user)
    if credential == "none" and "credential" not in fields.table:
        what = f'try "{user.name}" sends no credential, so there is nothing to attack'
        fields.wrong(None, f'{what}; if it does, say where: `credential = "header:Authorization"`')
        return None
    kind, _, name = credential.partition(":")
    place = next((place for place in PLACES if place == kind), None)
    if place is None or (place in ("header", "cookie", "query") and not name):
        places = "header:NAME, cookie:NAME, query:NAME, subprotocol, message, address or none"
        fields.wrong("credential", f"`credential` in {fields.label} must be {places}")
        return None
    return AttackTarget(user, marker, place, name)


def _no_user(fields: Fields, tries: Sequence[Try], named: str | None) -> None:
    if named is not None:
        fields.wrong("let_in", f"`let_in` in {fields.label} names {unknown_try(named, tries)}")
        return
    what = "no try is expected to receive anything" if tries else "there are no tries"
    hint = 'name the try of an authorised user: `let_in = "valid token"`'
    fields.wrong(None, f"{what}, so nothing shows how a user gets in; {hint}")


def _first_user(tries: Sequence[Try]) -> Try | None:
    """The first try that is expected to receive something on every engine, which is a user's."""
    for try_ in tries:
        if try_.expect.default.table.get("received") and not try_.expect.by_engine:
            return try_
    return None


def _first_message(try_: Try) -> str:
    received = try_.expect.default.table.get("received", [])
    return next((item for item in received if isinstance(item, str)), "")


def _credential(try_: Try) -> str:
    """Where a try seems to carry its credential, as `credential` spells it."""
    handshake = try_.handshake
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
