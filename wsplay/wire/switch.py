"""What a 101 violates, held against the request that it answers (RFC 6455 section 4.2.2, RFC 7692)."""

from __future__ import annotations

from collections.abc import Sequence

from websockets.exceptions import InvalidHeader
from websockets.headers import parse_extension
from websockets.utils import accept_key

from wsplay.wire.deflate import NAME
from wsplay.wire.head import Head
from wsplay.wire.message import Asked

_HANDSHAKE = "(RFC 6455 section 4.2.2)"
#: The sizes that a window can have, as they are written.
_BITS = {str(bits) for bits in range(8, 16)}
_Parameters = Sequence[tuple[str, str | None]]


def switch_problems(head: Head, asked: Asked) -> list[str]:
    """What is wrong with the 101 `head` as the answer to `asked`, in words; extensions apart."""
    problems = []
    if head.start[0] != "1.1":
        problems.append(f"101 in HTTP/{head.start[0]}, which cannot switch protocols")
    if "websocket" not in head.tokens("upgrade"):
        problems.append(f"no Upgrade: websocket {_HANDSHAKE}")
    if "upgrade" not in head.tokens("connection"):
        problems.append(f"no Connection: Upgrade {_HANDSHAKE}")
    accepts = head.values("sec-websocket-accept")
    if asked.key is not None and not accepts:
        problems.append(f"no Sec-WebSocket-Accept {_HANDSHAKE}")
    elif asked.key is not None and accepts != [accept_key(asked.key)]:
        problems.append(f"Sec-WebSocket-Accept does not fit the key {_HANDSHAKE}")
    selected = head.names("sec-websocket-protocol")
    if len(selected) > 1:
        problems.append(f"more than one subprotocol {_HANDSHAKE}")
    problems += [
        f"subprotocol {name[:100]} was not offered {_HANDSHAKE}"
        for name in selected
        if name not in asked.subprotocols
    ]
    return problems


def extension_problems(answers: list[str], offers: Sequence[str]) -> list[str]:
    """What the extensions of a 101 violate, given the request's; nothing if they cannot be read."""
    try:
        answered = parse_extension(", ".join(answers)) if answers else []
    except InvalidHeader:
        return []  # told where they are read
    try:
        offered = parse_extension(", ".join(offers)) if offers else []
    except InvalidHeader:
        return []  # what a broken offer means is unknown
    problems: list[str] = []
    for name, parameters in answered:
        candidates = [given for other, given in offered if other == name]
        if not candidates:
            problems.append(f"extension {name} was not offered (RFC 6455 section 9.1)")
        if name == NAME:
            # The answer does not say which offer it accepts: the one that it fits best.
            found = [_deflate_problems(parameters, offer) for offer in candidates]
            best: list[str] = min(found or [_deflate_problems(parameters, ())], key=len)
            problems += best
    return problems


def _deflate_problems(parameters: _Parameters, offer: _Parameters) -> list[str]:
    """What an answer of permessage-deflate violates as the answer to this offer (RFC 7692 section 7.1)."""
    problems = []
    offered = dict(offer)
    given = dict(parameters)
    if len(given) < len(parameters):
        problems.append(f"a parameter of {NAME} given twice")
    for name, value in given.items():
        if name in ("server_no_context_takeover", "client_no_context_takeover"):
            if value is not None:
                problems.append(f"{name} has no value (RFC 7692 section 7.1.1)")
        elif name in ("server_max_window_bits", "client_max_window_bits"):
            if name == "client_max_window_bits" and name not in offered:
                problems.append(f"{name} was not offered (RFC 7692 section 7.1.2.2)")
            most = offered.get(name)
            if value not in _BITS:
                told = f"{name} without a value" if value is None else f"{name}={value[:20]}"
                problems.append(f"{told}: not 8 to 15 (RFC 7692 section 7.1.2)")
            elif most in _BITS and int(value or 0) > int(most or 0):
                problems.append(f"{name}={value} is more than the offered {most} (RFC 7692 section 7.1.2)")
        else:
            problems.append(f"parameter {name[:100]} was not offered (RFC 7692 section 7.1)")
    problems += [
        f"{name} was asked for, and is not in the answer (RFC 7692 section 7.1)"
        for name in ("server_no_context_takeover", "server_max_window_bits")
        if name in offered and name not in given
    ]
    return problems
