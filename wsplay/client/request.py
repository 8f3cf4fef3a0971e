"""The handshake request exactly as it will stand on the wire (RFC 6455 section 4.1).

`websockets` sends its own headers and appends the caller's. Here any of its own can be overridden or left
out, so the request is built whole, and what the answer is checked against (key, extensions, subprotocols)
follows from what is really sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from websockets.extensions.base import ClientExtensionFactory
from websockets.extensions.permessage_deflate import enable_client_permessage_deflate
from websockets.headers import build_extension, build_host
from websockets.http11 import USER_AGENT
from websockets.utils import generate_key

from wsplay.events.safe_text import visible
from wsplay.protocol.handshake import AUTOMATIC_HEADERS, Handshake, Pairs
from wsplay.protocol.header import automatic_name, header_problem, is_token


@dataclass(frozen=True, slots=True)
class RequestPlan:
    """A handshake request, and what its answer is checked against.

    `headers` stand in the order of sending. `key` is what Sec-WebSocket-Accept must answer: the first key
    sent, or one that never was (so that no answer fits) where the header is left out. `extensions` and
    `subprotocols` are None where none was offered, as `websockets` wants them.
    """

    target: str
    headers: Pairs
    key: str
    extensions: Sequence[ClientExtensionFactory] | None
    subprotocols: Sequence[str] | None

    def serialize(self) -> bytes:
        """The request's bytes, header values as latin-1 (RFC 9112 section 2.1)."""
        lines = [f"GET {self.target} HTTP/1.1", *(f"{name}: {value}" for name, value in self.headers), "", ""]
        return "\r\n".join(lines).encode("latin-1")


def plan_request(handshake: Handshake, host: str, port: int, *, key: str | None = None) -> RequestPlan:
    """Build the request for `handshake` to the server at `host`:`port`; `key` is random unless given.

    An overriding header stands in the automatic one's place; several with that same automatic name all stand
    there; the others follow in order. Values are kept exactly as they are.

    Raises:
        ValueError: If something in it cannot be sent; its text says what is wrong and what to do.

    """
    problems = [problem for header in handshake.headers if (problem := header_problem(*header)) is not None]
    problems += [
        f'subprotocol "{visible(name, 60)}" is not a token: letters, digits and !#$%&\'*+-.^_`|~ only'
        for name in handshake.subprotocols
        if not is_token(name)
    ]
    target, problem = request_target(handshake.target)
    if problem is not None:
        problems.append(problem)
    if problems:
        raise ValueError("; ".join(problems))
    factories = enable_client_permessage_deflate(None) if handshake.compression else None
    automatic = {
        "Host": build_host(host, port, False),
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Key": key or generate_key(),
        "Sec-WebSocket-Version": "13",
        "User-Agent": USER_AGENT,
    }
    if factories is not None:
        offers = [(factory.name, factory.get_request_params()) for factory in factories]
        automatic["Sec-WebSocket-Extensions"] = build_extension(offers)
    if handshake.subprotocols:
        automatic["Sec-WebSocket-Protocol"] = ", ".join(handshake.subprotocols)
    headers = arrange_headers(automatic, handshake.headers, handshake.omit)
    sent_keys = [value for name, value in headers if name.lower() == "sec-websocket-key"]
    offered = ",".join(value for name, value in headers if name.lower() == "sec-websocket-extensions")
    protocols = ",".join(value for name, value in headers if name.lower() == "sec-websocket-protocol")
    return RequestPlan(
        target,
        headers,
        sent_keys[0].strip(" \t") if sent_keys else generate_key(),
        factories if "permessage-deflate" in offered else None,
        [name.strip(" \t") for name in protocols.split(",") if name.strip(" \t")] or None,
    )


def arrange_headers(automatic: dict[str, str], explicit: Pairs, omit: Sequence[str]) -> Pairs:
    """Put the client's own headers and the explicit ones in the order of sending."""
    omitted = {name.lower() for name in omit}
    arranged: list[tuple[str, str]] = []
    for name in AUTOMATIC_HEADERS:
        overriding = [header for header in explicit if header[0].lower() == name.lower()]
        if overriding:
            arranged += overriding
        elif name in automatic and name.lower() not in omitted:
            arranged.append((name, automatic[name]))
    arranged += [header for header in explicit if automatic_name(header[0]) is None]
    return tuple(arranged)


def request_target(target: str) -> tuple[str, str | None]:
    """The request target as sent (RFC 9112 section 3.2.1), and what keeps it from being sent, or None.

    Spaces and what is not ASCII are percent-encoded as UTF-8, as browsers do; all else stays as it is.
    """
    if not target or target.startswith("?"):
        target = "/" + target
    shown = visible(target, 80)
    if not target.startswith("/"):
        return target, f'path "{shown}" must start with "/"'
    if "#" in target:
        return target, f'path "{shown}" holds a fragment (#), which is never sent: percent-encode it as %23'
    if any(ord(char) < 0x20 or ord(char) == 0x7F for char in target):
        return target, f'path "{shown}" holds a control character: percent-encode it'
    # Every printable ASCII character but the space is safe.
    safe = "".join(chr(code) for code in range(0x21, 0x7F))
    try:
        return quote(target, safe=safe), None
    except UnicodeEncodeError:
        return target, f'path "{shown}" holds half a surrogate pair, which is not text: take it out'
