"""The handshake request exactly as it is sent (RFC 6455 section 4.1).

`websockets` sends its own headers and appends the caller's. Here each of its own can be overridden or left
out, so wsplay builds the whole request. The response is checked against what was really sent: key,
extensions, subprotocols.
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
    """A handshake request, and what its response is checked against.

    `headers` are in the order they are sent. `key` is what Sec-WebSocket-Accept must match: the first key
    sent, or, without the header, a key that was never sent (so that nothing matches). `extensions` and
    `subprotocols` are None if none was offered, as `websockets` expects.
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

    A header with an automatic name takes the automatic one's place, and several with that name all do. The
    others follow in order. Values are not changed.

    Raises:
        ValueError: If a part of it cannot be sent; the message says what is wrong and what to do.

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
    """Put the automatic and the explicit headers in the order they are sent."""
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
    """The request target as it is sent (RFC 9112 section 3.2.1), and why it cannot be sent, or None.

    Spaces and non-ASCII characters are percent-encoded as UTF-8, as browsers do; the rest stays.
    """
    if not target or target.startswith("?"):
        target = "/" + target
    shown = visible(target, 80)
    if not target.startswith("/"):
        return target, f'path "{shown}" must start with "/"'
    if "#" in target:
        return (
            target,
            f'path "{shown}" contains a fragment (#), which is never sent: percent-encode it as %23',
        )
    if any(ord(char) < 0x20 or ord(char) == 0x7F for char in target):
        return target, f'path "{shown}" contains a control character: percent-encode it'
    # Every printable ASCII character except the space is safe.
    safe = "".join(chr(code) for code in range(0x21, 0x7F))
    try:
        return quote(target, safe=safe), None
    except UnicodeEncodeError:
        return target, f'path "{shown}" contains half a surrogate pair, which is not text: remove it'
