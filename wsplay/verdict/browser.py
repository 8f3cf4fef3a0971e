"""What a browser's script would see of a connection, per spec: nothing here is observed.

The rules are the WHATWG WebSockets standard (https://websockets.spec.whatwg.org/, "Opening handshake" and
"Feedback from the protocol") over RFC 6455 sections 4.1, 7.1 and 7.2.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from wsplay.events.lenient import Received
from wsplay.events.safe_text import visible

#: What a browser's script sees is derived, not observed: each sentence about it begins with this.
LABEL = "In a browser (per spec):"
#: Close codes that no close frame may carry (RFC 6455 section 7.4.1): a browser fails the connection.
UNSENDABLE_CODES = frozenset((1005, 1006, 1015))
#: Headers that a page can influence: cookies with document.cookie, subprotocols with the constructor, and
#: Origin with its own address. The browser sets every other header itself.
_PAGES_OWN = frozenset(("cookie", "origin", "sec-websocket-protocol"))


@dataclass(frozen=True, slots=True)
class Browser:
    """The events of a WebSocket object: open, message, error, close.

    `code`, `reason` and `clean` are those of the close event, None if there is none. `cannot_send` names
    headers of this request that no script can send, `cannot_omit` headers that it left out and every browser
    sends: no script could have made such a request, and the rest is what it would see for this response.
    `cannot_close` is the code our client closed with, if `close()` throws on it.
    `why` says why a browser fails the connection although our client went on, or is empty.
    """

    opened: bool = False
    received: tuple[Received, ...] = ()
    error: bool = False
    code: int | None = None
    reason: str | None = None
    clean: bool | None = None
    cannot_send: tuple[str, ...] = ()
    cannot_omit: tuple[str, ...] = ()
    cannot_close: int | None = None
    why: str = ""

    def to_json(self) -> dict[str, Any]:
        """The keys of an outcome's `browser`; the `cannot_...` keys only if they have a value."""
        data: dict[str, Any] = {
            "opened": self.opened,
            "received": [message.to_json() for message in self.received],
            "error": self.error,
            "code": self.code,
            "reason": self.reason,
            "clean": self.clean,
            "by": "rule",
        }
        if self.cannot_send:
            data["cannot_send"] = list(self.cannot_send)
        if self.cannot_omit:
            data["cannot_omit"] = list(self.cannot_omit)
        if self.cannot_close is not None:
            data["cannot_close"] = self.cannot_close
        return data


def what_a_script_sees(
    *,
    ended: str,
    accepted: bool,
    opened: bool,
    received: tuple[Received, ...] = (),
    close: tuple[int, str] | None = None,
    offered: Sequence[str] = (),
    selected: str | None = None,
    broken: bool = False,
    asked_at_all: bool = True,
    headers: Sequence[str] = (),
    omitted: Sequence[str] = (),
    closed_with: int | None = None,
) -> Browser:
    """Apply the rules.

    `ended` is the outcome's. `accepted`: the response was a 101; `opened`: a client accepted it. `close` is
    the received close frame, 1005 if it had no code. `offered` and `selected` are subprotocols. `broken`: the
    server violated RFC 6455 after the handshake. `asked_at_all` is False if no request was sent. `headers`
    names the explicit headers, `omitted` the automatic ones that were left out. `closed_with` is the code our
    client closed with.
    """
    browser = Browser(
        cannot_send=unsendable(headers),
        cannot_omit=tuple(dict.fromkeys(omitted)),
        cannot_close=None if closed_with is None or may_close_with(closed_with) else closed_with,
    )
    if ended == "pending" or not asked_at_all:
        return browser
    # "Fail the WebSocket connection": an error event, then a close event without a reason.
    failed = replace(browser, error=True, code=1006, reason="", clean=False)
    if not accepted or not opened:
        return failed
    why = subprotocol_problem(offered, selected)
    if why:
        return replace(failed, why=why)
    if broken:
        why = "the server violated the WebSocket protocol"
        return replace(failed, opened=True, received=received, why=why)
    if ended == "open":
        return replace(browser, opened=True, received=received)
    if close is not None:
        code, reason = close
        return replace(browser, opened=True, received=received, code=code, reason=reason, clean=True)
    # RFC 6455 section 7.2.1: if TCP is lost unexpectedly, the client fails the WebSocket connection.
    return replace(failed, opened=True, received=received)


def subprotocol_problem(offered: Sequence[str], selected: str | None) -> str:
    """Why a browser fails a handshake because of its subprotocols; empty if it does not.

    If any was offered, one must be selected (WHATWG standard), and no other may be (RFC 6455 section 4.1).
    """
    if offered and not selected:
        return "a subprotocol was offered and the server selected none"
    if selected and selected not in offered:
        return "the server selected a subprotocol that was not offered"
    return ""


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


def in_words(browser: Browser, ended: str) -> str:
    """What a browser's script would see, in one or two sentences that say that this is not observed."""
    could_not = _could_not(browser)
    if browser.code is None and not browser.opened:
        if ended == "pending":
            return f"{LABEL} nothing yet."
        return f"{LABEL} {could_not or 'a script cannot make this request.'}"
    steps = ["open"] if browser.opened else []
    if browser.opened and browser.received:
        steps.append("a message" if len(browser.received) == 1 else "messages")
    if browser.error:
        # If TCP just ends, not every browser fires an error event first.
        steps.append("error (not in every browser)" if browser.opened and not browser.why else "error")
    if browser.code is not None:
        steps.append(_close_words(browser))
    seen = ", then ".join(steps)
    if browser.code is None:
        seen += ", and no close yet"
    if ended == "timeout":
        seen = f"nothing until it gives up, then {seen}"
    if browser.why:
        seen += f", because {browser.why}"
    if browser.cannot_close is not None:
        seen += f", although its close() does not accept {browser.cannot_close}"
    return f"{LABEL} {could_not} For this response it sees {seen}." if could_not else f"{LABEL} {seen}."


def _could_not(browser: Browser) -> str:
    limits = []
    if browser.cannot_send:
        limits.append(f"send {_names(browser.cannot_send)}")
    if browser.cannot_omit:
        limits.append(f"leave out {_names(browser.cannot_omit)}")
    return f"a script cannot {' or '.join(limits)}." if limits else ""


def _names(names: Sequence[str]) -> str:
    shown = [visible(name, 40) for name in names[:3]]
    return ", ".join(shown) + (" and more" if len(names) > 3 else "")


def _close_words(browser: Browser) -> str:
    reason = f'reason "{visible(browser.reason, 80)}"' if browser.reason else "no reason"
    return f"close {browser.code}, {reason}" + (", clean" if browser.clean else "")
