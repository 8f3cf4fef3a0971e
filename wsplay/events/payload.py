"""A payload as an event keeps it: capped, with its full size."""

from __future__ import annotations

import codecs
import contextlib
from typing import Any

#: Bytes (or characters of text) of a payload that an event keeps. What is forwarded is never cut.
PAYLOAD_CAP = 16_384

_Utf8 = codecs.getincrementaldecoder("utf-8")


def payload_data(payload: bytes | str, *, text: bool, size: int | None = None) -> dict[str, Any]:
    """Return `{"size": n, "text": str}` or `{"size": n, "hex": str}`, with `"truncated": true` if capped.

    `text` asks for text: bytes that are not UTF-8 fall back to hex. `size` is the full size in bytes if
    `payload` is only its beginning.
    """
    if isinstance(payload, str):
        encoded = payload[:PAYLOAD_CAP].encode("utf-8", "surrogatepass")
        full = len(payload.encode("utf-8", "surrogatepass")) if size is None else size
        data: dict[str, Any] = {"size": full, "text": payload[:PAYLOAD_CAP]}
        if full > len(encoded):
            data["truncated"] = True
        return data
    full = len(payload) if size is None else size
    kept = bytes(payload[:PAYLOAD_CAP])
    data = {"size": full}
    if text:
        # A cut can be inside a character, whose first bytes are then left out; no other bytes may be.
        with contextlib.suppress(UnicodeDecodeError):
            data["text"] = _Utf8().decode(kept, final=full <= len(kept))
    if "text" not in data:
        data["hex"] = kept.hex()
    if full > len(kept):
        data["truncated"] = True
    return data
