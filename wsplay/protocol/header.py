"""Header lines as users type them, checked before anything is sent.

The forms are curl's: `Name: value` sends a header, `Name:` leaves the client's automatic one out, `Name;`
sends the header with an empty value. Errors say what is wrong and what to do instead.
"""

from __future__ import annotations

import re

from wsplay.events.safe_text import visible
from wsplay.protocol.handshake import AUTOMATIC_HEADERS

# token, RFC 9110 section 5.6.2
_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_NOT_TOKEN = re.compile(r"[^!#$%&'*+\-.^_`|~0-9A-Za-z]")
# RFC 9110 section 5.5: CR, LF and NUL are dangerous in a value; other control characters merely ill-advised,
# so they are sent as typed.
_BREAKS = re.compile("[\r\n\0]")
_NOT_LATIN1 = re.compile("[^\x00-\xff]")
_BREAK_NAMES = {"\r": "a carriage return", "\n": "a newline", "\0": "a NUL"}
_AUTOMATIC = {name.lower(): name for name in AUTOMATIC_HEADERS}


class HeaderError(ValueError):
    """A header that cannot be sent; the message says what is wrong and what to do."""


def is_token(text: str) -> bool:
    """Whether `text` is a token (RFC 9110 section 5.6.2): a header name, a subprotocol."""
    return _TOKEN.fullmatch(text) is not None


def automatic_name(name: str) -> str | None:
    """The client's own spelling of `name` if the header is automatic, otherwise None."""
    return _AUTOMATIC.get(name.lower())


def name_problem(name: str) -> str | None:
    """Why `name` cannot be a header's name, and what to do; None if it can."""
    if not name:
        return 'a header has an empty name: write it as "Name: value"'
    bad = _NOT_TOKEN.search(name)
    if bad is None:
        return None
    return (
        f'header name "{visible(name, 60)}" contains {_character(bad.group())}: '
        "use letters, digits and !#$%&'*+-.^_`|~ only (RFC 9110 section 5.6.2)"
    )


def value_problem(name: str, value: str) -> str | None:
    """Why `value` cannot be sent in header `name`, and what to do; None if it can."""
    bad = _BREAKS.search(value)
    if bad is not None:
        return (
            f'the value of "{visible(name, 60)}" contains {_character(bad.group())} '
            f"at position {bad.start()}: a header is one line, so remove it or send two headers"
        )
    bad = _NOT_LATIN1.search(value)
    if bad is not None:
        return (
            f'the value of "{visible(name, 60)}" contains {_character(bad.group())} '
            f"at position {bad.start()}: "
            "headers carry latin-1 only, so percent-encode it or send it as base64"
        )
    return None


def header_problem(name: str, value: str) -> str | None:
    """Why this header cannot be sent, and what to do; None if it can."""
    return name_problem(name) or value_problem(name, value)


def parse_header(line: str) -> tuple[str, str | None]:
    """Read one line: `Name: value`, `Name:` (leave it out: the value is None) or `Name;` (send it empty).

    Spaces and tabs round the name's colon and the value are not part of the value (RFC 9112 section 5).

    Raises:
        HeaderError: If it cannot be sent as a header.

    """
    text = line.strip(" \t")
    if not text:
        raise HeaderError('the header is empty: write it as "Name: value"')
    name, colon, value = text.partition(":")
    sent: str | None = value.strip(" \t")
    if colon:
        bare = name.rstrip(" \t")
        if bare != name and name_problem(bare) is None:
            raise HeaderError(
                f'there is a space before the colon of "{bare}": write "{bare}: {visible(value.strip(), 60)}"'
            )
        sent = sent or None
    elif text.endswith(";"):
        name, sent = text[:-1].rstrip(" \t"), ""
    else:
        if is_token(text):
            raise HeaderError(
                f'"{visible(text, 60)}" has no colon: write "{visible(text, 60)}: value", '
                f'or "{visible(text, 60)};" to send it empty'
            )
        raise HeaderError(f'"{visible(text, 60)}" is not a header: write it as "Name: value"')
    problem = header_problem(name, sent or "")
    if problem is not None:
        raise HeaderError(problem)
    return name, sent


def _character(char: str) -> str:
    shown = {" ": "a space", "\t": "a tab", ":": "a colon", **_BREAK_NAMES}.get(char)
    return shown or f'"{visible(char)}" (U+{ord(char):04X})'
