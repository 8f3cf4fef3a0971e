"""Under which conditions a browser would have sent another request than the one of a run, or none at all.

The rules are the WHATWG WebSockets standard (https://websockets.spec.whatwg.org/) and, for cookies, RFC
6265bis section 5.2 ("Same-site" and "cross-site" requests) with what Chromium does: a cookie without
`SameSite` counts as Lax, one with `SameSite=None` needs `Secure`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlsplit

from wsplay.protocol.cookie import SetCookie, cookies
from wsplay.protocol.http_request import Pairs

Because = Literal["cannot_send", "cannot_omit", "cannot_close", "origin", "cookie", "subprotocol_twice"]
Page = Literal["any", "same_origin", "same_site", "cross_site"]
Then = Literal["not_sent", "sent_anyway", "throws"]

#: Headers that a page can influence: cookies with document.cookie, subprotocols with the constructor, and
#: Origin with its own address. The browser sets every other header itself.
_PAGES_OWN = frozenset(("cookie", "origin", "sec-websocket-protocol"))
_SCHEMES = {"ws": "http", "wss": "https"}
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Unless:
    """One condition under which a browser does otherwise: an item of an outcome's `browser.unless`.

    `name` is a header, a cookie, a subprotocol or a close code. `page` says of which page it is true, seen
    from the server: any, or one of the same origin, of another origin of the same site, or of another site.
    `same_site` is a cookie's own setting: strict, lax, none, absent, or not_seen if no response
    of the run set it.
    """

    because: Because
    name: str
    then: Then
    page: Page = "any"
    same_site: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The key `samesite` is there for cookies only."""
        data = {"because": self.because, "name": self.name, "page": self.page, "then": self.then}
        return data if self.same_site is None else data | {"samesite": self.same_site}


@dataclass(frozen=True, slots=True)
class ClientRequest:
    """What a client asked for.

    `headers` are those that it chose: all of another client's, the explicit ones of ours (`ours`). `omitted`
    are automatic headers that ours left out. `url` is the WebSocket URL, as far as it is known. `set_cookies`
    are the cookies that responses have set earlier in the run, by name.
    """

    headers: Pairs = ()
    omitted: Sequence[str] = ()
    subprotocols: Sequence[str] = ()
    url: str = ""
    ours: bool = True
    set_cookies: Mapping[str, SetCookie] = field(default_factory=dict)


def conditions(request: ClientRequest, closed_with: int | None = None) -> tuple[Unless, ...]:
    """Each way in which a browser would do otherwise, in the order request, close. `closed_with` is the code
    that our client closed with.
    """
    found: list[Unless] = []
    if request.ours:
        names = [name for name, _ in request.headers]
        found += [Unless("cannot_send", name, "not_sent") for name in unsendable(names)]
        found += [Unless("cannot_omit", name, "sent_anyway") for name in dict.fromkeys(request.omitted)]
    found += _origin(request.headers)
    found += _kept_back(request)
    named = list(request.subprotocols)
    twice = dict.fromkeys(name for name in named if named.count(name) > 1)
    found += [Unless("subprotocol_twice", name, "throws") for name in twice]
    if closed_with is not None and not may_close_with(closed_with):
        found.append(Unless("cannot_close", str(closed_with), "throws"))
    return tuple(found)


def unsendable(headers: Sequence[str]) -> tuple[str, ...]:
    """Those of `headers` that no script can send, each once, as first written."""
    names: dict[str, str] = {}
    for name in headers:
        if name.lower() not in _PAGES_OWN:
            names.setdefault(name.lower(), name)
    return tuple(names.values())


def may_close_with(code: int) -> bool:
    """Whether a script's `close()` accepts `code` or throws InvalidAccessError. 1005 means no code."""
    return code in (1000, 1005) or 3000 <= code <= 4999


def offered_subprotocols(headers: Pairs, named: Sequence[str]) -> tuple[str, ...]:
    """The subprotocols that a request offers: those of its own headers, or else the `named` ones."""
    values = [value for name, value in headers if name.lower() == "sec-websocket-protocol"]
    if not values:
        return tuple(named)
    return tuple(name.strip(" \t") for value in values for name in value.split(",") if name.strip(" \t"))


def page_of(origin: str, url: str) -> Page:
    """From which kind of page a request with this Origin comes, seen from the server at `url`.

    Two different hosts may belong to one site; without the public suffix list that cannot be told, and they
    count as two sites.
    """
    page, server = urlsplit(origin), urlsplit(url)
    scheme = _SCHEMES.get(server.scheme, "")
    try:
        ports = page.port or _PORTS.get(page.scheme), server.port or _PORTS.get(scheme)
    except ValueError:
        return "cross_site"
    if not page.hostname or page.scheme != scheme or page.hostname != server.hostname:
        return "cross_site"
    return "same_origin" if ports[0] == ports[1] else "same_site"


def _origin(headers: Pairs) -> Iterator[Unless]:
    """A browser sends Origin once, with every WebSocket handshake: the page's own, or null."""
    origins = [value for name, value in headers if name.lower() == "origin"]
    if not origins:
        yield Unless("origin", "Origin", "sent_anyway")
    elif len(origins) > 1 or not _is_origin(origins[0]):
        yield Unless("origin", "Origin", "not_sent")


def _is_origin(text: str) -> bool:
    """Whether a browser could send it: `null`, or scheme, host and port only (RFC 6454 section 6.2)."""
    if text == "null":
        return True
    try:
        url = urlsplit(text)
        return bool(url.hostname) and f"{url.scheme}://{url.netloc}" == text and "@" not in url.netloc
    except ValueError:
        return False


def _kept_back(request: ClientRequest) -> Iterator[Unless]:
    """The request's cookies that a browser does not send, or not from every page."""
    origin = next((value for name, value in request.headers if name.lower() == "origin"), None)
    try:
        page = None if origin is None else page_of(origin, request.url)
    except ValueError:
        page = None
    for name in dict.fromkeys(name for name, _ in cookies(request.headers)):
        cookie = request.set_cookies.get(name)
        if cookie is not None and cookie.same_site == "none" and not cookie.secure:
            yield Unless("cookie", name, "not_sent", same_site="none")
        elif page in (None, "cross_site"):
            same_site = "not_seen" if cookie is None else cookie.same_site
            yield Unless("cookie", name, "not_sent", "cross_site", same_site)
