"""Data from outside, made safe to print.

A terminal executes control characters, and bidirectional marks mislead a reader (CVE-2021-42574), so neither
reaches the screen raw. Every view of an event uses this.
"""

from __future__ import annotations

import re

#: Characters that count as printable but are invisible (Default_Ignorable_Code_Point): fillers and variation
#: selectors, which can hide text in text.
_INVISIBLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)


def _picture(char: str) -> str:
    if char.isprintable() and not _INVISIBLE.match(char):
        return char
    code = ord(char)
    if code < 0x20:
        return chr(0x2400 + code)  # the control pictures block: ␛ for ESC, ␊ for LF
    if code == 0x7F:
        return "␡"
    return f"<U+{code:04X}>"


def visible(text: str, limit: int | None = None) -> str:
    """Return `text` on one line, with every control and invisible character made visible.

    That covers controls, bidirectional and other format marks, surrogates, unassigned code points, and
    invisible letters.

    C0 controls become control pictures (ESC is `␛`), the rest `<U+202E>`. With `limit`, the result is cut
    to that many characters, the last being `…`.
    """
    if limit is not None and len(text) > limit:
        text = _cut(text, limit)
    if text.isprintable() and (text.isascii() or not _INVISIBLE.search(text)):
        return text
    shown = "".join(map(_picture, text))
    return _cut(shown, limit) if limit is not None and len(shown) > limit else shown


def _cut(text: str, limit: int) -> str:
    return text[: limit - 1] + "…" if limit > 0 else ""


def visible_lines(text: str) -> str:
    """Like `visible`, but line feeds still break lines and tabs become four spaces."""
    return "\n".join(visible(line) for line in text.replace("\r\n", "\n").expandtabs(4).split("\n"))
