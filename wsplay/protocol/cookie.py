"""Cookies: the pairs of a `Cookie` header, and what a `Set-Cookie` header allows (RFC 6265bis)."""

from __future__ import annotations

from dataclasses import dataclass

from wsplay.protocol.http_request import Pairs

#: The values of `SameSite` (RFC 6265bis section 5.6.7); any other counts as no `SameSite`.
SAME_SITE = ("strict", "lax", "none")


@dataclass(frozen=True, slots=True)
class SetCookie:
    """A cookie as a response set it. `same_site` is one of `SAME_SITE`, or "absent"."""

    name: str
    same_site: str = "absent"
    secure: bool = False


def read_set_cookie(value: str) -> SetCookie | None:
    """Read a `Set-Cookie` header's value; None if it has no name. Of an attribute given twice, the last
    counts (RFC 6265bis section 5.6).
    """
    pair, *attributes = value.split(";")
    name, equals, _ = pair.partition("=")
    name = name.strip(" \t")
    if not equals or not name:
        return None
    same_site, secure = "absent", False
    for attribute in attributes:
        key, _, setting = (part.strip(" \t").lower() for part in attribute.partition("="))
        if key == "samesite":
            same_site = setting if setting in SAME_SITE else "absent"
        elif key == "secure":
            secure = True
    return SetCookie(name, same_site, secure)


def cookies(headers: Pairs) -> Pairs:
    """The names and values of all `Cookie` headers, in order. One without `=` is a name without a value."""
    return tuple(pair for name, value in headers if name.lower() == "cookie" for pair in _pairs(value))


def without_cookie(headers: Pairs, cookie: str) -> Pairs:
    """The headers without the cookie of that name; other cookies and headers stay as they are."""
    kept: list[tuple[str, str]] = []
    for name, value in headers:
        pairs = _pairs(value) if name.lower() == "cookie" else []
        if all(known != cookie for known, _ in pairs):
            kept.append((name, value))
            continue
        rest = "; ".join(part for part in _parts(value) if part.partition("=")[0].strip(" \t") != cookie)
        if rest:
            kept.append((name, rest))
    return tuple(kept)


def _parts(value: str) -> list[str]:
    return [part.strip(" \t") for part in value.split(";") if part.strip(" \t")]


def _pairs(value: str) -> list[tuple[str, str]]:
    split = (part.partition("=") for part in _parts(value))
    return [(name.strip(" \t"), content.strip(" \t")) for name, _, content in split]
