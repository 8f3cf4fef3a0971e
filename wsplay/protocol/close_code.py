"""What close codes mean: RFC 6455 section 7.4 and the WebSocket Close Code Number Registry at IANA."""

from __future__ import annotations

from collections.abc import Mapping

#: https://www.iana.org/assignments/websocket/websocket.xhtml#close-code-number
CLOSE_CODES: Mapping[int, str] = {
    1000: "normal closure",
    1001: "going away",
    1002: "protocol error",
    1003: "unsupported data",
    1004: "reserved",
    1005: "no code in the close frame",
    1006: "no close frame at all",
    1007: "payload that does not match its type",
    1008: "policy violation",
    1009: "message too big",
    1010: "a mandatory extension is missing",
    1011: "internal error",
    1012: "service restart",
    1013: "try again later",
    1014: "bad gateway",
    1015: "TLS handshake failed",
    3000: "unauthorized",
    3003: "forbidden",
    3008: "timeout",
}


def meaning(code: int) -> str:
    """What `code` means, in a few words."""
    known = CLOSE_CODES.get(code)
    if known is not None:
        return known
    if 4000 <= code <= 4999:
        return "a private code, defined by the app"
    if 3000 <= code <= 3999:
        return "a code for libraries and frameworks, not registered"
    if 1000 <= code <= 2999:
        return "a code reserved for the protocol, not assigned"
    return "not a valid code"
