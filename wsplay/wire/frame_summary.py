"""A frame in one line."""

from __future__ import annotations

from typing import Any

from wsplay.events.safe_text import visible
from wsplay.wire.decoded import amount

#: The opcodes RFC 6455 defines (section 5.2).
NAMES = {0: "continuation", 1: "text", 2: "binary", 8: "close", 9: "ping", 10: "pong"}
#: Characters of a payload that a summary shows.
_SHOWN = 60


def opcode_name(opcode: int) -> str:
    """text, binary, continuation, close, ping, pong, or 0xB and the like for reserved ones."""
    return NAMES.get(opcode) or f"0x{opcode:X}"


def frame_summary(data: dict[str, Any]) -> str:
    """One line, safe to print, for the data of a `wire.frame`."""
    payload = data["payload"]
    if data["name"] == "close":
        line = "close"
        if "code" in data:
            line = f"close {data['code']}"
            if data["reason"]:
                line += f' "{visible(data["reason"], _SHOWN)}"'
        elif data["length"]:
            line = f"close {amount(data['length'])}"
    else:
        line = f"{data['name']} {amount(payload['size'])}{_shown(payload)}"
        if data["compressed"]:
            line += f" ({amount(data['length'])} compressed)"
    if not data["fin"]:
        line += " fin=0"
    return f"{line}  ! {visible(data['problem'], 120)}" if "problem" in data else line


def _shown(payload: dict[str, Any]) -> str:
    """The beginning of a payload, after a space."""
    text = payload.get("text")
    if text is not None:
        if not text:
            return ""
        # Slice first: a long text need not be processed in full.
        shown = visible(text[: _SHOWN + 1], _SHOWN)
        return f' "{shown}"' if "truncated" not in payload or shown.endswith("…") else f' "{shown}…"'
    digits = payload["hex"][:32]
    return "".join(" " + digits[place : place + 2] for place in range(0, len(digits), 2)) + (
        " …" if payload["size"] > 16 else ""
    )
