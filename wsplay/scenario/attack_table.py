"""What an attacker needs to know: from the `[tool.wsplay.attack]` table, or as the tries suggest it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from wsplay.protocol.cookie import cookies
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
#: A text that is made at run time, and a name that sounds like a credential's.
_MADE = re.compile(r"\{(token|saved)\.")
_SOUNDS = re.compile(r"auth|token|jwt|key|secret|sess|sid|ticket|pass|pin\b", re.IGNORECASE)


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
    def uses_address(self) -> bool:
        """Whether the user's address, as a proxy reports it, plays a part."""
        names = (name.lower() for name, _ in self.handshake.headers)
        return self.place == "address" or FORWARDED_FOR.lower() in names

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
    """Where a try seems to carry its credential, as `credential` spells it.

    A text that is minted or saved at run time is the best guess, then a name that sounds like a credential,
    then a cookie, another header, a query value, a subprotocol, a message.
    """
    handshake = try_.handshake
    found: list[tuple[int, str]] = []

    def add(spelled: str, text: str, otherwise: int, name: str = "") -> None:
        rank = 0 if _MADE.search(text) else 1 if _SOUNDS.search(name) else otherwise
        found.append((rank, spelled))

    for name, value in handshake.headers:
        for cookie, content in cookies(((name, value),)):
            add(f"cookie:{cookie}", content, 2, cookie)
        if name.lower() == FORWARDED_FOR.lower():
            found.append((4, "address"))
        elif name.lower() not in ("cookie", "origin", "host", "user-agent"):
            add(f"header:{name}", value, 3, name)
    for name, value in handshake.query:
        add(f"query:{name}", value, 5, name)
    for value in handshake.subprotocols:
        add("subprotocol", value, 6)
    for step in handshake.steps:
        if isinstance(step, SendText):
            add("message", step.text, 7)
    return min(found, key=lambda one: one[0], default=(0, "none"))[1]
