"""Text as it can be typed: control characters as escapes, and back."""

from __future__ import annotations

import re

from wsplay.events.safe_text import visible

_SHOWN = re.compile("[\u2400-\u241f\u2421]|<U\\+([0-9A-F]{4,6})>")


def editable(text: str) -> str:
    """`text` as it is shown in an input: a line feed is `␊`, a bidirectional mark `<U+202E>`; see `typed`."""
    return visible(text)


def typed(text: str) -> str:
    """The real text of an input: the inverse of `editable`, so that nothing is lost."""
    return _SHOWN.sub(_meant, text)


def _meant(match: re.Match[str]) -> str:
    shown = match.group()
    if len(shown) == 1:
        return "\x7f" if shown == "␡" else chr(ord(shown) - 0x2400)
    code = int(match.group(1), 16)
    if code > 0x10FFFF:
        return shown
    character = chr(code)
    surrogate = "\ud800" <= character <= "\udfff"
    return character if not surrogate and visible(character) == shown else shown
