"""Why a connection that was open has ended, or not."""

from __future__ import annotations

from wsplay.events.event import Event
from wsplay.events.lenient import number, table, text
from wsplay.events.safe_text import visible
from wsplay.verdict.outcome import Close, Outcome
from wsplay.verdict.wording import (
    Finding,
    close_words,
    error_words,
    exit_words,
    left_the_client,
    line,
    raised_words,
    stall_words,
    who_did,
)

_TONES = {1000: "good", 1001: "good", 1005: "info", 1002: "bad", 1006: "bad", 1007: "bad", 1011: "bad"}


def find_open(outcome: Outcome) -> Finding:
    """It is open, or was open when the run stopped watching."""
    facts = outcome.facts
    tone, left, after = "info", facts.left, ""
    if left is None:
        words = f"The connection is open{_so_far(outcome)}."
    else:
        accepted = f"The app accepted{line(facts, facts.accept)}"
        after = f" after {_watched(left)}"
        words = f"{accepted}. The connection was still open{after}, when the client disconnected."
    if outcome.server_error is not None:
        tone = "warn"
        words += f" The app has raised {raised_words(outcome)}."
    elif outcome.asked is not None:
        tone = "warn"
        asked = f"The app asked for close {outcome.asked.code}{line(facts, facts.asked)}"
        words += f" {asked}, but no close frame arrived."
    if stall_words(facts):
        tone = "warn"
        words += f" {stall_words(facts)}"
    return Finding(
        tone,
        f"OPEN{after}",
        words,
        (facts.accept, facts.opened, facts.asked, facts.raised, facts.stalled, left),
    )


def _watched(left: Event) -> str:
    """For how long it was watched: `0.4 s of quiet`, `10 s`."""
    if left.data.get("why") == "quiet":
        quiet = number(left.data, "quiet_ms", 10**9)
        return "a time of quiet" if quiet is None else f"{quiet / 1000:g} s of quiet"
    seconds = left.data.get("seconds")
    is_time = isinstance(seconds, int | float) and 0 <= seconds < 1e9
    return f"{seconds:g} s" if is_time else "the run's time limit"


def _so_far(outcome: Outcome) -> str:
    count = outcome.received_count
    return f"; {count} message{'s' if count != 1 else ''} received" if count else ""


def find_closed(outcome: Outcome) -> Finding:
    """A close frame ended it."""
    facts, close = outcome.facts, outcome.close
    events = (
        *(facts.accept, facts.asked, facts.replaced, facts.raised),
        *(facts.server_close, facts.closed),
    )
    broken = _broken(outcome)
    if broken is not None:
        return broken
    if close is None:
        return _unanswered(outcome)
    headline = f"CLOSED {close.code}"
    if outcome.ended_by == "client":
        words = f"The client closed with {close_words(close)}, and the server answered."
        if left_the_client(outcome.server_error):
            words += " The app's receive() raised WebSocketDisconnect: this is how an app learns about it."
        elif outcome.server_error is not None:
            words += f" The app then raised {raised_words(outcome)}."
        bad = outcome.server_error is not None and not left_the_client(outcome.server_error)
        return Finding(
            "warn" if bad else "good", headline, words, (facts.sent_close, facts.disconnect, *events)
        )
    tone = _TONES.get(close.code, "warn")
    if tone == "good" and outcome.asked is not None and outcome.asked.code != close.code:
        tone = "warn"
    return Finding(tone, headline, _by_server(outcome, close), (*events, facts.exited))


def _by_server(outcome: Outcome, close: Close) -> str:
    facts, asked = outcome.facts, outcome.asked
    if asked is None or facts.asked is None:
        if facts.replaced is not None:
            closed = (
                f"The code of this connection was replaced, so the server closed with {close_words(close)}"
            )
            return f"{closed}; the endpoint did not ask for it."
        if close.code == 1012 or facts.exited is not None:
            closed = f"The server was being stopped and closed with {close_words(close)}"
            return f"{closed}; the endpoint did not ask for it."
        words = f"The server closed with {close_words(close)} on its own; the app did not ask for it."
        if outcome.server_error is not None:
            words += f" The app raised {raised_words(outcome)}."
        return words
    how = close_words(close)
    words = who_did(facts, facts.asked, f"closed with {how} after accept", f"close with {how} after accept")
    if asked.code == close.code and asked.reason != close.reason and asked.reason.startswith(close.reason):
        words += f"; its reason ({len(asked.reason)} characters) did not fit and was cut."
    elif (asked.code, asked.reason) != (close.code, close.reason):
        words += f"; the app had asked for {close_words(asked)}."
    else:
        words += (
            ", so code and reason reached the client."
            if close.reason
            else ", so the code reached the client."
        )
    if outcome.server_error is not None:
        words += f" The app then raised {raised_words(outcome)}."
    return words


def _broken(outcome: Outcome) -> Finding | None:
    """The client failed the connection because the server violated the protocol."""
    facts = outcome.facts
    sent = None if facts.closed is None else number(table(facts.closed.data, "sent"), "code")
    if facts.broken is None or (facts.ours and (outcome.close is not None or sent is None)):
        return None
    problem = text(facts.broken.data, "problem") or text(facts.broken.data, "why")
    told = f": {visible(problem, 160)}" if problem else ""
    words = f"The server violated the WebSocket protocol{told}."
    if sent is not None:
        words += f" The client failed the connection with close {sent}."
    return Finding("bad", "PROTOCOL ERROR", words, (facts.broken, facts.closed))


def _unanswered(outcome: Outcome) -> Finding:
    facts = outcome.facts
    data = {} if facts.closed is None else table(facts.closed.data, "sent")
    if not data and facts.client_close is not None:
        data = facts.client_close.data
    code = number(data, "code")
    sent = f" with {close_words(Close(code, text(data, 'reason')))}" if code is not None else ""
    words = f"The client closed{sent}, and no close frame came back."
    if facts.exited is not None:
        words += f" {exit_words(facts)}."
    elif stall_words(facts):
        words += f" {stall_words(facts)}"
    elif outcome.server_error is not None and not left_the_client(outcome.server_error):
        words += f" The app raised {raised_words(outcome)}."
    headline = "CLOSED" if code is None else f"CLOSED {code}"
    return Finding(
        "warn",
        headline,
        words,
        (facts.sent_close, facts.client_close, facts.stalled, facts.raised, facts.exited, facts.closed),
    )


def find_dropped(outcome: Outcome) -> Finding:
    """It was open, and TCP ended without a close frame."""
    facts, failure = outcome.facts, outcome.server_error
    events = [facts.accept, facts.asked, facts.raised, facts.server_gone, facts.closed, facts.exited]
    broken = _broken(outcome)
    if broken is not None:
        return broken
    step = ""
    if facts.exited is not None:
        words = f"{exit_words(facts)} while the connection was open, so no close frame was sent."
        step = "Restart the server."
    elif outcome.ended_by == "client":
        words = "The client disconnected without a close frame."
        told = None if facts.disconnect is None else number(table(facts.disconnect.data, "message"), "code")
        if told is not None:
            words += f" The app was told websocket.disconnect {told}."
        return Finding("warn", "DROPPED", words, (facts.client_gone, facts.disconnect, *events))
    elif facts.asked is not None and outcome.asked is not None:
        asked = f"The app asked for close {outcome.asked.code}{line(facts, facts.asked)}"
        words = f"{asked}, but no close frame reached the client."
        if failure is not None:
            words += f" It raised {raised_words(outcome)}."
    elif failure is not None:
        words = (
            f"{raised_words(outcome)} was raised after accept, "
            "so the server dropped the TCP connection without a close frame."
        )
        step = "Catch it and close with a code that tells the client, 1011 for an internal error."
    elif facts.returned is not None:
        words = (
            "The endpoint returned after accept without closing, "
            "so the server dropped the TCP connection without a close frame."
        )
        events.append(facts.returned)
        step = "End with `await websocket.close()`."
    else:
        reset = facts.server_gone is not None and facts.server_gone.kind == "wire.reset"
        how = "The TCP connection was reset" if reset else "The TCP connection ended"
        words = f"{how} without a close frame."
        if outcome.client_error is not None:
            words += f" The client reports {error_words(outcome.client_error)}."
    return Finding("bad", "DROPPED", words, tuple(events), step)
