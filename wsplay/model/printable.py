"""Data from the wire, made safe to look at: shown, never obeyed.

A terminal obeys control characters, and a reader is misled by bidirectional marks (CVE-2021-42574), so
neither reaches the screen raw. Every view of an event passes text through here.
"""

from __future__ import annotations


def _picture(char: str) -> str:
    if char.isprintable():
        return char
    code = ord(char)
    if code < 0x20:
        return chr(0x2400 + code)  # the control pictures block: ␛ for ESC, ␊ for LF
    if code == 0x7F:
        return "␡"
    return f"<U+{code:04X}>"


def visible(text: str, limit: int | None = None) -> str:
    """Return `text` on one line with every character that Unicode does not call printable shown.

    That covers controls, bidirectional and other format marks, surrogates, and unassigned code points.

    C0 controls become control pictures (ESC is `␛`), the rest `<U+202E>`. With `limit`, the result is cut
    to that many characters, the last being `…`.
    """
    if limit is not None and len(text) > limit:
        text = text[: max(limit - 1, 0)] + "…"
    shown = text if text.isprintable() else "".join(map(_picture, text))
    if limit is not None and len(shown) > limit:
        shown = shown[: max(limit - 1, 0)] + "…"
    return shown


def visible_lines(text: str) -> str:
    """Like `visible`, but line feeds still break lines and tabs become four spaces."""
    return "\n".join(visible(line) for line in text.replace("\r\n", "\n").expandtabs(4).split("\n"))
