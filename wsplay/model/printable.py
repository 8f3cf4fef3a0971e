"""Data from the wire, made safe to look at: shown, never obeyed.

A terminal obeys control characters, and a reader is misled by bidirectional marks (CVE-2021-42574), so
neither reaches the screen raw. Every view of an event passes text through here.
"""

from __future__ import annotations

import re

_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202f\u2060-\u206f\ud800-\udfff\ufeff\ufff9-\ufffb]"
)


def _picture(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code < 0x20:
        return chr(0x2400 + code)  # the control pictures block: ␛ for ESC, ␊ for LF
    if code == 0x7F:
        return "␡"
    return f"<U+{code:04X}>"


def visible(text: str, limit: int | None = None) -> str:
    """Return `text` on one line with every control, bidirectional and invisible character shown.

    C0 controls become control pictures (ESC is `␛`), the rest `<U+202E>`. With `limit`, the result is cut
    to that many characters, the last being `…`.
    """
    if limit is not None and len(text) > limit:
        text = text[: max(limit - 1, 0)] + "…"
    shown = _UNSAFE.sub(_picture, text) if not text.isascii() or not text.isprintable() else text
    if limit is not None and len(shown) > limit:
        shown = shown[: max(limit - 1, 0)] + "…"
    return shown


def visible_lines(text: str) -> str:
    """Like `visible`, but line feeds still break lines and tabs become four spaces."""
    return "\n".join(visible(line) for line in text.replace("\r\n", "\n").expandtabs(4).split("\n"))
