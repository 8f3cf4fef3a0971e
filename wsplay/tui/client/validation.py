"""Checks of the text in the client's form. Pure."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Literal

from wsplay.events.safe_text import visible
from wsplay.protocol.header import is_token, value_problem

#: The two columns of a row; a subprotocol has only its name.
Part = Literal["name", "value"]
#: Maximum timeout in seconds.
MAX_SECONDS = 3600.0
#: Maximum bytes of a close reason (RFC 6455 section 5.5: a control frame carries 125, two for the code).
MAX_REASON = 123


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong and where: `where` is a list's name or an option's; a list's has `row` and `part`."""

    message: str
    where: str
    row: int | None = None
    part: Part = "value"


def problems_of_row(which: str, index: int, name: str, value: str) -> list[Problem]:
    """The problems of one row of the list `which`, the name first."""
    found: list[Problem] = []

    def wrong(message: str | None, part: Part) -> None:
        if message:
            found.append(Problem(message, which, index, part))

    if which == "headers":
        wrong(_header_name(name), "name")
        wrong(_header_value(value), "value")
    elif which == "query":
        wrong("a parameter needs a name or a value" if not name and not value else _unencodable(name), "name")
        wrong(_unencodable(value), "value")
    else:
        wrong(_subprotocol(name), "name")
    return found


def problems_of_option(option: str, text: str) -> list[Problem]:
    """What is wrong with an option: `path`, `open_timeout` or `close_timeout`."""
    message = _path(text) if option == "path" else _seconds(text)
    return [Problem(message, option)] if message else []


def seconds_of(text: str) -> float:
    """A valid timeout as a number."""
    return float(text.strip())


def bytes_of_hex(text: str) -> bytes | str:
    """The bytes of hex digits, grouped or not (`48 65`, `0x48`), or what is wrong with them."""
    digits = re.sub(r"0[xX]|[\s:,]", "", text)
    stray = re.search(r"[^0-9a-fA-F]", digits)
    if stray:
        return f"{visible(stray.group())} is not a hex digit; write bytes like 48 65 6c"
    if len(digits) % 2:
        return "a hex digit is missing: each byte has two"
    return bytes.fromhex(digits)


def close_problem(code: str, reason: str) -> tuple[str, bool]:
    """What is wrong with a close, and whether it can still be sent. `("", True)` if nothing is.

    RFC 6455 sections 5.5 and 7.4: codes 1000 to 1003, 1007 to 1014 and 3000 to 4999 may be in a frame.
    """
    if not re.fullmatch(r"[0-9]{1,5}", code.strip()) or int(code) > 65535:
        return "a close code is a number from 1000 to 4999", False
    number = int(code)
    if number in (1004, 1005, 1006, 1015):
        return f"{number} is reserved and never sent in a frame; the client may refuse it", True
    if not (1000 <= number <= 1014 or 3000 <= number <= 4999):
        return f"{number} is not a code that an endpoint may send; the client may refuse it", True
    size = len(reason.encode("utf-8", "surrogatepass"))
    if size > MAX_REASON:
        return (
            f"the reason is {size} bytes and a frame has room for {MAX_REASON}; the client may refuse it",
            True,
        )
    return "", True


# -- the checks

# `wsplay.protocol.header` decides what may be sent; these texts are short enough for a narrow pane.
_BREAKS = {"\r": "line break", "\n": "line break", "\x00": "NUL"}


def _header_name(name: str) -> str | None:
    if not name:
        return "a header needs a name"
    return _token(name, "name")


def _token(text: str, what: str) -> str | None:
    for character in text:
        if not is_token(character):
            shown = "a space" if character == " " else visible(character)
            return f"{shown} cannot be in a {what}"
    return None


def _header_value(value: str) -> str | None:
    if value_problem("", value) is None:
        return None
    for character in value:
        if character in _BREAKS:
            return f"a {_BREAKS[character]} ({visible(character)}) cannot be in a value"
        if ord(character) > 0xFF:
            return f"{visible(character)} is not latin-1; a header must be"
    return None


def _unencodable(text: str) -> str | None:
    return "half a surrogate pair is not valid text" if re.search("[\ud800-\udfff]", text) else None


def _subprotocol(name: str) -> str | None:
    if not name:
        return "a subprotocol needs a name"
    return _token(name, "subprotocol")


def _path(path: str) -> str | None:
    if path and not path.startswith("/"):
        return "a path starts with /"
    for character in path:
        if not "!" <= character <= "~" or character == "#":
            shown = "a space" if character == " " else visible(character)
            return f"{shown} cannot be in a path; write it percent-encoded"
    return None


def _seconds(text: str) -> str | None:
    try:
        seconds = float(text.strip())
    except ValueError:
        return "not a number of seconds, like 5 or 0.5"
    if not math.isfinite(seconds) or not 0 < seconds <= MAX_SECONDS:
        return f"not between 0 and {MAX_SECONDS:g} seconds"
    return None
