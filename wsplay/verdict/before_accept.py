"""Why a handshake was not accepted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wsplay.events.event import Event
from wsplay.events.lenient import header, pairs, payload, table, text
from wsplay.events.safe_text import visible
from wsplay.protocol.routes import listed, route_taking
from wsplay.verdict.connection_facts import ConnectionFacts
from wsplay.verdict.outcome import Close, Outcome
from wsplay.verdict.wording import (
    Finding,
    error_words,
    exit_words,
    line,
    path_of,
    quoted,
    raised_words,
    stall_words,
    who_did,
)

#: What a status means when the server itself answers a handshake (RFC 9110 section 15, RFC 6585).
_STATUS: Mapping[int, str] = {
    400: "the request is not a valid handshake",
    404: "nothing at this path",
    405: "the method is not allowed",
    413: "the request is too large",
    414: "the target is too long",
    426: "an upgrade or another protocol version is needed",
    429: "too many requests",
    431: "the request's headers are too large",
    500: "a server error",
    501: "not implemented",
    502: "bad gateway",
    503: "the server is not available",
    505: "the HTTP version is not supported",
}
#: Headers that every handshake needs (RFC 6455 section 4.1).
_NEEDED = ("Host", "Upgrade", "Connection", "Sec-WebSocket-Key", "Sec-WebSocket-Version")
_ACCEPT_FIRST = "Call `await websocket.accept()` before sending or receiving."
_CLOSE_LATER = (
    "To let the client see the code, accept first, then close. "
    "To refuse with an HTTP status of your own, send a denial response."
)


def find_refused(outcome: Outcome) -> Finding:
    """The response was not a 101."""
    facts, status = outcome.facts, outcome.status
    headline = f"REFUSED {status}"
    end = (facts.response, facts.failed)
    if facts.scope is None and not outcome.asgi:
        return Finding("bad", headline, _server_itself(outcome), (facts.request, *end), _complete(facts))
    if table(facts.scope.data if facts.scope else {}, "scope").get("type") == "http":
        words = f"The request was plain HTTP, not a WebSocket handshake; the app answered HTTP {status}."
        return Finding("info", headline, words, (facts.request, facts.scope, *end))
    if facts.denial is not None:
        return _denied(outcome, headline)
    if facts.asked is not None and facts.asked_early and outcome.asked is not None:
        return _closed_early(outcome, headline, facts.asked, outcome.asked)
    if facts.replaced is not None and facts.accept is None:
        words = f"The code was replaced before the app had accepted, so the server answered HTTP {status}."
        return Finding("warn", headline, words, (facts.scope, facts.replaced, *end))
    if outcome.server_error is not None:
        return _raised(outcome, headline)
    if facts.returned is not None:
        if facts.accept is not None:
            accepted = f"The app accepted{line(facts, facts.accept)}"
            words = f"{accepted} and returned, but the response was HTTP {status}."
        else:
            words = (
                f"The endpoint returned without accepting or closing, so the server answered HTTP {status}."
            )
        return Finding(
            "bad",
            headline,
            words,
            (facts.accept, facts.returned, *end),
            "Accept, close or send a denial response on every path through the endpoint.",
        )
    gone = exit_words(facts)
    words = f"The server answered HTTP {status} before the app had accepted or refused."
    return Finding("bad", headline, f"{words} {gone}." if gone else words, (facts.scope, *end, facts.exited))


def _server_itself(outcome: Outcome) -> str:
    status = outcome.status or 0
    why = f" ({_STATUS[status]})" if status in _STATUS else ""
    words = f"The server answered HTTP {status} itself{why}; the app was never called."
    missing = _missing(outcome.facts)
    if missing:
        words += f" The request lacks {', '.join(missing)}."
    elif outcome.body:
        words += f" Its body says {quoted(outcome.body)}."
    return words


def _missing(facts: ConnectionFacts) -> list[str]:
    if facts.request is None:
        return []
    headers = pairs(facts.request.data)
    return [name for name in _NEEDED if header(headers, name) is None]


def _complete(facts: ConnectionFacts) -> str:
    missing = _missing(facts)
    return f"Send {', '.join(missing)}." if missing else ""


def _denied(outcome: Outcome, headline: str) -> Finding:
    facts, denial = outcome.facts, outcome.facts.denial
    assert denial is not None
    did = f"the handshake with HTTP {outcome.status} instead of accepting it"
    words = who_did(facts, denial, f"answered {did}", f"answer {did}")
    challenge = header(outcome.headers, "www-authenticate")
    if challenge:
        words += f", with WWW-Authenticate: {visible(challenge, 60)}"
    words += f"; the body says {quoted(outcome.body)}." if outcome.body else "."
    if outcome.server_error is not None:
        words += f" It then raised {raised_words(outcome)}."
    return Finding(
        "bad",
        headline,
        words,
        (facts.denial, facts.raised, facts.response, facts.failed),
        "A browser's script cannot read the status. If it needs to know why, accept first, then close.",
    )


def _closed_early(outcome: Outcome, headline: str, asked: Event, close: Close) -> Finding:
    facts = outcome.facts
    so = f"the server answered the handshake with HTTP {outcome.status}"
    errors = validation_errors(table(asked.data, "message").get("reason"))
    step = _CLOSE_LATER
    if errors:
        words = f"FastAPI rejected the request ({errors}) and closed before accept, so {so}."
        step = "Send valid parameters, or give them a default and check them in the endpoint."
    elif asked.source is None and not close.reason and close.code == 1000:
        words, step = _no_route(facts, asked, so)
    else:
        words = f"{who_did(facts, asked, 'closed before accept', 'close before accept')}, so {so}."
    kept = f"Close code {close.code}"
    if close.reason:
        kept += " and that reason" if errors else f" and its reason {quoted(close.reason)}"
    words += f" {kept} never left the server."
    if outcome.server_error is not None:
        words += f" The app then raised {raised_words(outcome)}."
    return Finding("bad", headline, words, (asked, facts.raised, facts.response, facts.failed), step)


def _no_route(facts: ConnectionFacts, asked: Event, so: str) -> tuple[str, str]:
    """Closed as Starlette does it where no route matches; whether none does is known if the routes are."""
    path = path_of(facts)
    at = f" {quoted(path, 80)}" if path else ""
    known = route_taking(path, facts.routes) if path else None
    if known is False:
        routes = listed(facts.routes)
        there = f"The app's WebSocket routes: {routes}." if routes else "The app has no WebSocket route."
        return (
            f"No route matches the path{at}. {there} The framework closed before accept, so {so}.",
            "Use one of these paths, or add a route." if routes else "Add a route.",
        )
    words = f"{who_did(facts, asked, 'closed before accept', 'close before accept')}, so {so}."
    if known is None:
        return (
            f"{words} Most often, no route matches the path{at}.",
            "Check the path against the app's routes.",
        )
    return words, _CLOSE_LATER


def validation_errors(reason: Any) -> str:
    """The validation errors that FastAPI passes on as the close reason; empty if there are none."""
    if not isinstance(reason, list):
        return ""
    told = []
    for error in reason[:2]:
        if isinstance(error, dict) and isinstance(error.get("loc"), list):
            where = " ".join(str(part) for part in error["loc"])
            told.append(f"{visible(where, 60)}: {visible(text(error, 'msg') or 'wrong', 80)}")
    more = f" and {len(reason) - 2} more" if len(reason) > 2 else ""
    return "; ".join(told) + more if told else ""


def _raised(outcome: Outcome, headline: str) -> Finding:
    facts, failure = outcome.facts, outcome.server_error
    assert failure is not None
    if facts.accept is not None:
        words = (
            f"The app accepted{line(facts, facts.accept)}, but raised {raised_words(outcome)}, "
            f"and the server answered HTTP {outcome.status}."
        )
        step = ""
    else:
        words = (
            f"{raised_words(outcome)} was raised before the handshake was accepted, "
            f"so the server answered HTTP {outcome.status}."
        )
        too_early = 'Need to call "accept" first' in failure.message or "websocket.accept" in failure.message
        step = (
            _ACCEPT_FIRST
            if too_early
            else "Catch it, then close or send a denial response. Otherwise the client sees a server error."
        )
    return Finding("bad", headline, words, (facts.accept, facts.raised, facts.response, facts.failed), step)


def find_dropped_early(outcome: Outcome) -> Finding:
    """The connection ended without a response that the client could accept."""
    facts = outcome.facts
    events = [facts.response, facts.stray, facts.raised, facts.server_gone, facts.failed, facts.exited]
    why = f": {error_words(outcome.client_error)}" if outcome.client_error is not None else ""
    step = ""
    if outcome.status == 101:
        words = f"The server answered HTTP 101, but the client rejected the response{why}."
    elif facts.exited is not None:
        words = f"{exit_words(facts)} before it answered the handshake."
        step = "Restart the server."
    elif facts.stray is not None:
        said = payload(table(facts.stray.data, "payload")).text or ""
        words = (
            f"The server answered with something that is not HTTP{f': {quoted(said, 60)}' if said else ''}."
        )
    elif outcome.ended_by == "client":
        words = "The client disconnected before the server answered the handshake."
        events.append(facts.client_gone)
    elif outcome.server_error is not None:
        words = f"{raised_words(outcome)} was raised, and the connection ended without an answer."
    else:
        words = f"The TCP connection ended before the server answered the handshake{why}."
    return Finding("bad", "DROPPED", words, tuple(events), step)


def find_timeout(outcome: Outcome) -> Finding:
    """No response in time."""
    facts = outcome.facts
    limit = None
    if facts.left is not None:
        limit = facts.left.data.get("seconds")
    elif facts.connecting is not None:
        limit = facts.connecting.data.get("open_timeout")
    within = f" within {limit:g} s" if isinstance(limit, int | float) and 0 <= limit < 1e9 else ""
    reason, step = _unanswered(outcome)
    return Finding(
        "bad",
        "TIMED OUT",
        f"No answer to the handshake{within}. {reason}",
        (facts.scope, facts.stalled, facts.exited, facts.failed, facts.left),
        step,
    )


def _unanswered(outcome: Outcome) -> tuple[str, str]:
    facts = outcome.facts
    if facts.exited is not None:
        return f"{exit_words(facts)}.", "Restart the server."
    if facts.stalled is not None:
        return stall_words(
            facts
        ), "Await instead of blocking, or move the work into a thread. Restart the server."
    if facts.scope is None:
        return "The app was never called.", ""
    if facts.accept is not None:
        return f"The app accepted{line(facts, facts.accept)}, but no response reached the client.", ""
    if outcome.server_error is not None:
        return f"The app raised {raised_words(outcome)}.", ""
    if facts.returned is not None:
        return "The app returned, and the server did not answer.", ""
    return (
        "The app was called, but has neither accepted nor closed.",
        "Check what the endpoint waits for before it accepts.",
    )


def find_unreachable(outcome: Outcome) -> Finding:
    """There was no server, or the request could not be sent."""
    facts = outcome.facts
    why = "" if outcome.client_error is None else f": {error_words(outcome.client_error)}"
    if facts.failed is not None and facts.failed.data.get("phase") == "request":
        words = f"The request could not be sent{why}."
        return Finding("bad", "NOT SENT", words, (facts.connecting, facts.failed), "Change the request.")
    if facts.exited is not None:
        words = f"{exit_words(facts)}, so the connection failed{why}."
        return Finding("bad", "UNREACHABLE", words, (facts.exited, facts.failed), "Restart the server.")
    if facts.failed is not None and facts.failed.data.get("phase") == "connect":
        url = "" if facts.connecting is None else text(facts.connecting.data, "url")
        words = f"No TCP connection{f' for {visible(url, 100)}' if url else ''}{why}."
    else:
        error = "" if facts.server_gone is None else text(facts.server_gone.data, "error")
        words = f"The server could not be reached{f': {visible(error, 120)}' if error else ''}."
    return Finding("bad", "UNREACHABLE", words, (facts.connecting, facts.server_gone, facts.failed))


def find_pending(outcome: Outcome) -> Finding:
    """There is no result yet."""
    facts = outcome.facts
    if facts.connecting is None and facts.connected is None and facts.request is None:
        return Finding("info", "WAITING", "No connection yet.")
    words, stall = "The handshake is not answered yet.", stall_words(facts)
    return Finding(
        "warn" if stall else "info",
        "CONNECTING",
        f"{words} {stall}" if stall else words,
        (facts.connecting, facts.stalled),
    )
