"""One-line summaries of what a client sent and received, safe to print."""

from __future__ import annotations

from typing import Any

from wsplay.events.payload import PAYLOAD_CAP, payload_data
from wsplay.events.safe_text import visible

#: Characters of a payload or a reason that a summary shows.
SHOWN = 60
#: Characters of an error message that a summary shows.
SHOWN_ERROR = 200


def text_payload(text: str) -> dict[str, Any]:
    """`payload_data` of a text message, without encoding it just to count its bytes.

    This runs for thousands of messages per second, and for single ones of many megabytes.
    """
    size = len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))
    return {"size": size, "text": text} if size <= PAYLOAD_CAP else payload_data(text, text=True, size=size)


def text_summary(text: str, size: int) -> str:
    return f'text {size} B "{visible(text[: SHOWN + 1], SHOWN)}"'


def bytes_summary(kind: str, payload: bytes) -> str:
    """`ping 4 B "abcd"` if it is printable ASCII, otherwise `binary 2 B 00ff`."""
    start = payload[: SHOWN + 1]
    if not payload:
        return f"{kind} 0 B"
    if start.isascii() and start.decode("ascii").isprintable() and kind != "binary":
        return f'{kind} {len(payload)} B "{visible(start.decode("ascii"), SHOWN)}"'
    shown = payload[: SHOWN // 2].hex()
    return f"{kind} {len(payload)} B {shown}{'…' if len(payload) > SHOWN // 2 else ''}"


def close_summary(code: int | None, reason: str) -> str:
    """`1008 "bad token"`, without the quotes if there is no reason."""
    shown = "without a code" if code is None else str(code)
    return f'{shown} "{visible(reason, SHOWN)}"' if reason else shown


def closed_summary(data: dict[str, Any]) -> str:
    """`closed 1008 "bad token" by the server`, or what was missing; from the data of a `client.closed`."""
    sent = data["sent"]
    if data["received"] is not None:
        return f"closed {close_summary(data['code'], data['reason'])} by the {data['by']}"
    if sent is None:
        return "dropped (1006): no close frame"
    return f"dropped (1006): our close {close_summary(sent['code'], sent['reason'])} was not answered"


def pong_summary(payload: bytes, latency_ms: float | None) -> str:
    """`pong 4 B "abcd"  0.4 ms`."""
    latency = "unsolicited" if latency_ms is None else f"{latency_ms:.1f} ms"
    return f"{bytes_summary('pong', payload)}  {latency}"


def error_summary(kind: str, message: str, hint: str = "") -> str:
    """`InvalidStatus: server rejected WebSocket connection: HTTP 403`."""
    name = kind.rpartition(".")[2]
    shown = visible(message, SHOWN_ERROR)
    return f"{name}: {shown}{f' ({visible(hint, SHOWN_ERROR)})' if hint else ''}" if shown else name
