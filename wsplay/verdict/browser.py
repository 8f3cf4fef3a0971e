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
from wsplay.verdict.browser_request import Because, Unless

#: What a browser's script sees is derived, not observed: each sentence about it begins with this.
LABEL = "In a browser (per spec):"
#: Close codes that no close frame may carry (RFC 6455 section 7.4.1): a browser fails the connection.
UNSENDABLE_CODES = frozenset((1005, 1006, 1015))
#: What to say of a cookie's SameSite.
_SAME_SITE = {
    "strict": "SameSite=Strict",
    "lax": "SameSite=Lax",
    "absent": "no SameSite means Lax",
    "none": "where third-party cookies are blocked",
    "not_seen": "unless SameSite=None",
}


@dataclass(frozen=True, slots=True)
class Browser:
    """The events of a WebSocket object: open, message, error, close.

    `code`, `reason` and `clean` are those of the close event, None if there is none. `unless` has each
    condition under which a browser would do otherwise: what is said here holds for this response.
    `why` says why a browser fails the connection although our client went on, or is empty.
    """

    opened: bool = False
    received: tuple[Received, ...] = ()
    error: bool = False
    code: int | None = None
    reason: str | None = None
    clean: bool | None = None
    unless: tuple[Unless, ...] = ()
    why: str = ""

    @property
    def cannot_send(self) -> tuple[str, ...]:
        """The headers of this request that no script can send."""
        return self._names("cannot_send")

    @property
    def cannot_omit(self) -> tuple[str, ...]:
        """The headers that it left out and every browser sends."""
        return self._names("cannot_omit")

    @property
    def cannot_close(self) -> int | None:
        """The code our client closed with, if `close()` throws on it."""
        return next((int(code) for code in self._names("cannot_close")), None)

    @property
    def throws(self) -> str:
        """The subprotocol that the request names twice, so that the constructor throws; empty if none."""
        return next(iter(self._names("subprotocol_twice")), "")

    def _names(self, because: Because) -> tuple[str, ...]:
        return tuple(condition.name for condition in self.unless if condition.because == because)

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
            "unless": [condition.to_json() for condition in self.unless],
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
    reset: bool = False,
    more_after_close: bool = False,
    asked_at_all: bool = True,
    unless: tuple[Unless, ...] = (),
) -> Browser:
    """Apply the rules.

    `ended` is the outcome's. `accepted`: the response was a 101; `opened`: a client accepted it. `close` is
    the received close frame, 1005 if it had no code. `offered` and `selected` are subprotocols. `broken`: the
    server violated RFC 6455 after the handshake. `reset`: the server ended TCP with a reset.
    `more_after_close`: it sent a frame after its close frame. `asked_at_all` is False if no request was sent.
    `unless` are the conditions under which a browser does otherwise (see `browser_request.conditions`).
    """
    browser = Browser(unless=unless)
    if browser.throws or ended == "pending" or not asked_at_all:
        return browser
    if ended == "timeout" and not opened:  # a browser waits longer than our client did
        return browser
    # "Fail the WebSocket connection": an error event, then a close event without a reason.
    failed = replace(browser, error=True, code=1006, reason="", clean=False)
    if not accepted or not opened:
        return failed
    why = subprotocol_problem(offered, selected)
    if why:
        return replace(failed, why=why)
    alive = replace(browser, opened=True, received=received)
    lost = replace(failed, opened=True, received=received)
    if broken:
        return replace(lost, why="the server violated the WebSocket protocol")
    if ended == "open":
        return alive
    if close is None:
        # TCP ended without a close frame. Browsers fire no error event for it once the connection is open.
        return replace(lost, error=False)
    if more_after_close:
        return replace(lost, why="a frame came after the close frame")
    code, reason = close
    # Clean: the closing handshake is complete, and TCP ended without an error.
    return replace(alive, code=code, reason=reason, clean=not reset)


def subprotocol_problem(offered: Sequence[str], selected: str | None) -> str:
    """Why a browser fails a handshake because of its subprotocols; empty if it does not.

    If any was offered, one must be selected (WHATWG standard), and no other may be (RFC 6455 section 4.1).
    """
    if offered and not selected:
        return "a subprotocol was offered and the server selected none"
    if selected and selected not in offered:
        return "the server selected a subprotocol that was not offered"
    return ""


def in_words(browser: Browser, ended: str) -> str:
    """What a browser's script would see, in a few sentences that say that this is not observed."""
    could_not = _could_not(browser)
    if browser.throws:
        twice = visible(browser.throws, 40)
        return f"{LABEL} the constructor throws, because the subprotocol {twice} is named twice."
    if browser.code is None and not browser.opened:
        if ended == "pending":
            return f"{LABEL} nothing yet."
        if ended == "timeout":
            seen = "no event yet. When it gives up: error, then close 1006."
            return " ".join(part for part in (LABEL, could_not, seen, *_otherwise(browser)) if part)
        return f"{LABEL} {could_not or 'a script cannot make this request.'}"
    steps = ["open"] if browser.opened else []
    if browser.opened and browser.received:
        steps.append("a message" if len(browser.received) == 1 else "messages")
    if browser.error:
        steps.append("error")
    if browser.code is not None:
        steps.append(_close_words(browser))
    seen = ", then ".join(steps)
    if browser.code is None:
        seen += ", and no close yet"
    if browser.why:
        seen += f", because {browser.why}"
    if browser.cannot_close is not None:
        seen += f", although its close() does not accept {browser.cannot_close}"
    said = f"{LABEL} {could_not} For this response it sees {seen}." if could_not else f"{LABEL} {seen}."
    return " ".join((said, *_otherwise(browser)))


def _could_not(browser: Browser) -> str:
    limits = []
    if browser.cannot_send:
        limits.append(f"send {_list(browser.cannot_send)}")
    if browser.cannot_omit:
        limits.append(f"leave out {_list(browser.cannot_omit)}")
    return f"a script cannot {' or '.join(limits)}." if limits else ""


def _otherwise(browser: Browser) -> list[str]:
    """What else a browser does differently, a sentence each."""
    said = []
    kept_back: dict[str, list[str]] = {}
    for condition in browser.unless:
        if condition.because == "origin" and condition.then == "sent_anyway":
            said.append("A browser also sends Origin.")
        elif condition.because == "origin":
            said.append("A browser sends one Origin, its page's own.")
        elif condition.because == "cookie" and condition.page == "any":
            said.append(
                f"A browser rejects cookie {visible(condition.name, 40)}: SameSite=None needs Secure."
            )
        elif condition.because == "cookie" and condition.same_site is not None:
            kept_back.setdefault(condition.same_site, []).append(condition.name)
    for same_site, names in kept_back.items():
        said.append(f"Another site's page sends no cookie {_list(names)} ({_SAME_SITE[same_site]}).")
    return said


def _list(names: Sequence[str]) -> str:
    shown = [visible(name, 40) for name in names[:3]]
    return ", ".join(shown) + (" and more" if len(names) > 3 else "")


def _close_words(browser: Browser) -> str:
    reason = f'reason "{visible(browser.reason, 80)}"' if browser.reason else "no reason"
    return f"close {browser.code}, {reason}" + (", clean" if browser.clean else "")
