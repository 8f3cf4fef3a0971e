"""Close frames to send, and how a connection ended (RFC 6455 section 7)."""

from __future__ import annotations

from typing import Any

from websockets.exceptions import ProtocolError
from websockets.frames import Close, Frame, Opcode
from websockets.protocol import Protocol

from wsplay.client.failure import exception_data


def close_payload(code: int | None, reason: str) -> bytes:
    """The payload of a close frame; empty without a code.

    Raises:
        ProtocolError: If the code may not be sent or the reason is too long, in the library's words.
        UnicodeEncodeError: If the reason is not text.

    """
    if code is None:
        if reason:
            raise ProtocolError("cannot send a reason without a code")
        return b""
    payload = Close(code, reason).serialize()
    Frame(Opcode.CLOSE, payload).check()
    return payload


def close_hint(code: int | None, reason: str) -> str:
    """What to do about a close frame that cannot be sent."""
    size = len(reason.encode("utf-8", "replace"))
    if code is None:
        return "add a code, or leave the reason out"
    if not (1000 <= code <= 1003 or 1007 <= code <= 1014 or 3000 <= code <= 4999):
        return f"{code} may not be sent; use 1000-1003, 1007-1014 or 3000-4999 (RFC 6455 section 7.4)"
    if size > 123:
        return f"the reason has {size} bytes; at most 123 fit (RFC 6455 section 5.5)"
    return "the reason is not text"


def closed_data(protocol: Protocol, exc: BaseException) -> dict[str, Any]:
    """The data of `client.closed`; `exc` is the exception that the library raised.

    Code and reason are the received ones; without a close frame the code is 1006 (RFC 6455 section 7.1.5).
    `clean` is true if both sides sent a close frame (section 7.1.4); `by` says whose came first.
    """
    received, sent = protocol.close_rcvd, protocol.close_sent
    by = None
    if received is not None and (sent is None or protocol.close_rcvd_then_sent):
        by = "server"
    elif sent is not None:
        by = "client"
    return {
        "code": 1006 if received is None else int(received.code),
        "reason": "" if received is None else received.reason,
        "by": by,
        "clean": received is not None and sent is not None,
        "received": _close_data(received),
        "sent": _close_data(sent),
        "exception": exception_data(exc, exc.__cause__ or protocol.parser_exc),
    }


def _close_data(close: Close | None) -> dict[str, Any] | None:
    return None if close is None else {"code": int(close.code), "reason": close.reason}
