"""The outcome of a connection: a pure function of its events, at any moment."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from wsplay.events.event import SCHEMA_VERSION, Event, Source
from wsplay.events.lenient import Received, decoded, header, number, pairs, payload, strings, table, text
from wsplay.protocol.routes import route_taking, websocket_routes
from wsplay.verdict.browser import UNSENDABLE_CODES, Browser, what_a_script_sees
from wsplay.verdict.browser_request import ClientRequest, Unless, conditions, offered_subprotocols
from wsplay.verdict.connection_facts import ConnectionFacts

#: How a connection can end. "pending" is not one of them: nothing is known yet.
ENDED = ("refused", "closed", "dropped", "open", "timeout", "unreachable")
PENDING = "pending"
#: The code that stands for a close frame without one (RFC 6455 section 7.1.5).
NO_CODE = 1005

_Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Close:
    """A close: a frame that the client received, or the app's request. `by` says who began, if known."""

    code: int
    reason: str = ""
    by: str | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """An exception: its full dotted name, its message, and the user's line that raised it."""

    type: str
    message: str
    source: Source | None = None


class Verdict(Protocol):
    """What `Outcome.to_json` needs of a diagnosis (see `verdict.diagnosis.Diagnosis`)."""

    @property
    def tone(self) -> str: ...
    @property
    def headline(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def browser(self) -> str: ...
    @property
    def next_step(self) -> str: ...
    @property
    def evidence(self) -> tuple[int, ...]: ...


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of one connection, or its state so far if it is not `final`.

    `ended` is one of `ENDED`, or `PENDING`; it is "open" while the connection is open, and if it was still
    open when the run stopped watching. `status` is the response's, as the client reports it or else the wire.
    `close` is the close frame that the client received, `asked` the close that the app asked for, even if it
    was never sent. `received` has the first messages, `received_count` counts all. `ended_by` is "server" or
    "client", if known. `facts` has the events that all this rests on.
    """

    conn: int | None
    ended: str
    final: bool
    status: int | None
    opened: bool
    received: tuple[Received, ...]
    received_count: int
    close: Close | None
    asked: Close | None
    client_error: Failure | None
    server_error: Failure | None
    asgi: tuple[str, ...]
    browser: Browser
    ended_by: str | None
    subprotocol: str | None
    headers: _Pairs
    body: str | None
    facts: ConnectionFacts

    @property
    def watched_ms(self) -> int | None:
        """How long the connection was seen open, in milliseconds, without the time in which something was
        held; None if it did not stay open.
        """
        begun = self.facts.opened or self.facts.response
        if self.ended != "open" or begun is None or self.facts.last_ns is None:
            return None
        seen_ns = self.facts.last_ns - begun.t_ns - self.facts.held_while_open_ns
        return max(seen_ns, 0) // 1_000_000

    @property
    def held_ms(self) -> int:
        """For how long something of the connection was held, in milliseconds."""
        return self.facts.held_ns(self.facts.last_ns or 0) // 1_000_000

    @property
    def unmatched(self) -> list[str] | None:
        """The app's WebSocket routes if none of them matches the path; None if one does, or none is known."""
        scope = table({} if self.facts.scope is None else self.facts.scope.data, "scope")
        if self.opened or scope.get("type") != "websocket":
            return None
        if route_taking(text(scope, "path"), self.facts.routes) is not False:
            return None
        return [route.path for route in websocket_routes(self.facts.routes)]

    def to_json(
        self,
        *,
        scenario: str | None = None,
        try_name: str | None = None,
        engine: str | None = None,
        versions: Mapping[str, str] | None = None,
        diagnosis: Verdict | None = None,
        expected: bool | None = None,
        mismatches: Sequence[str] = (),
    ) -> dict[str, Any]:
        """The JSON form, schema version 1.

        `try_name` is the name of the try. Engine and versions come from the server's events unless they are
        given. `expected` is None if nothing was expected. `routes` are the app's WebSocket routes if none of
        them matches the path.
        """
        listening: Mapping[str, Any] = {} if self.facts.listening is None else self.facts.listening.data
        return {
            "kind": "outcome",
            "scenario": scenario,
            "try": try_name,
            "engine": engine or text(listening, "engine") or None,
            "versions": dict(table(listening, "versions") if versions is None else versions),
            "ended": self.ended,
            "status": self.status,
            "opened": self.opened,
            "received": [message.to_json() for message in self.received],
            "close": None if self.close is None else _close_json(self.close) | {"by": self.close.by},
            "asked": None if self.asked is None else _close_json(self.asked),
            "client_error": None if self.client_error is None else _failure_json(self.client_error),
            "server_error": None
            if self.server_error is None
            else _failure_json(self.server_error)
            | {"source": None if self.server_error.source is None else self.server_error.source.to_json()},
            "asgi": list(self.asgi),
            "browser": self.browser.to_json(),
            "verdict": "" if diagnosis is None else diagnosis.text,
            "expected": expected,
            "v": SCHEMA_VERSION,
            "conn": self.conn,
            "ended_by": self.ended_by,
            "subprotocol": self.subprotocol,
            "body": self.body,
            "received_count": self.received_count,
            "watched_ms": self.watched_ms,
            "tone": "" if diagnosis is None else diagnosis.tone,
            "held_ms": self.held_ms,
            "headline": "" if diagnosis is None else diagnosis.headline,
            "in_browser": "" if diagnosis is None else diagnosis.browser,
            "next_step": "" if diagnosis is None else diagnosis.next_step,
            "evidence": [] if diagnosis is None else list(diagnosis.evidence),
            "mismatches": list(mismatches),
            "routes": self.unmatched,
        }


class OutcomeBuilder:
    """Takes events as they arrive and builds the outcome at any moment.

    `conn` is the connection's number; with None, the outcome stays pending. Events of other connections are
    ignored; those of the server's lane count for all. `server` is a builder without a connection: the
    server's events that it has seen count too, as if they came first. Not thread-safe.
    """

    __slots__ = ("_facts", "see")

    def __init__(self, conn: int | None, server: OutcomeBuilder | None = None) -> None:
        known = ConnectionFacts(None) if server is None else server._facts
        self._facts: ConnectionFacts = replace(known, conn=conn)
        #: Add one event. Cheap and bounded: called for every event.
        self.see = self._facts.see

    def outcome(self) -> Outcome:
        """The outcome of the events so far."""
        return _outcome(self._facts.snapshot())


def outcome_of(events: Iterable[Event], conn: int | None = None) -> Outcome:
    """The outcome of connection `conn`, or of the first one in `events`, which are in order of time."""
    events = list(events)
    if conn is None:
        conn = next((event.conn for event in events if event.conn is not None), None)
    builder = OutcomeBuilder(conn)
    for event in events:
        builder.see(event)
    return builder.outcome()


# -- deriving


def _outcome(facts: ConnectionFacts) -> Outcome:
    status = _status(facts)
    opened = facts.opened is not None if facts.ours else status == 101
    close = _close(facts)
    ended, final = _ended(facts, status, opened, close)
    answer = facts.opened or facts.failed
    headers = () if answer is None else pairs(answer.data)
    if not headers and facts.response is not None:
        headers = pairs(facts.response.data)
    subprotocol = _subprotocol(facts, headers, status)
    return Outcome(
        conn=facts.conn,
        ended=ended,
        final=final,
        status=status,
        opened=opened,
        received=facts.received,
        received_count=facts.received_count,
        close=close,
        asked=_asked(facts),
        client_error=_client_error(facts),
        server_error=_failure(facts.raised),
        asgi=facts.asgi,
        browser=_browser(facts, ended, status, opened, close, subprotocol),
        ended_by=_ended_by(facts, ended, close),
        subprotocol=subprotocol,
        headers=headers,
        body=_body(facts, status),
        facts=facts,
    )


def _status(facts: ConnectionFacts) -> int | None:
    if facts.opened is not None:
        return number(facts.opened.data, "status", 999) or 101
    status = None if facts.failed is None else number(facts.failed.data, "status", 999)
    if status is None and facts.response is not None:
        status = number(facts.response.data, "status", 999)
    return status


def _ended(facts: ConnectionFacts, status: int | None, opened: bool, close: Close | None) -> tuple[str, bool]:
    """How it ended, and whether that is final."""
    refused = status is not None and status != 101
    if facts.ours:
        if facts.left is not None:
            if opened:
                return ("open" if close is None else "closed"), True
            return ("refused" if refused else "timeout"), True
        if facts.closed is not None:
            by_client = facts.closed.data.get("by") == "client" or bool(table(facts.closed.data, "sent"))
            return ("closed" if close is not None or by_client else "dropped"), True
        if facts.failed is not None:
            return _failed(facts, facts.failed, refused), True
        if close is not None and opened:
            return "closed", False
        return ("open" if opened else PENDING), False
    gone = facts.server_gone is not None or facts.client_gone is not None
    if refused:
        return "refused", True
    if not opened:
        if not gone:
            return PENDING, False
        return ("unreachable" if _no_server(facts) else "dropped"), True
    if close is not None:
        return "closed", gone
    if gone:
        return ("closed" if facts.client_close is not None else "dropped"), True
    return "open", False


def _failed(facts: ConnectionFacts, failed: Event, refused: bool) -> str:
    if failed.data.get("phase") in ("request", "connect"):
        return "unreachable"
    if refused:
        return "refused"
    if failed.data.get("timeout") is True:
        return "timeout"
    return "unreachable" if _no_server(facts) else "dropped"


def _no_server(facts: ConnectionFacts) -> bool:
    """The tap accepted the connection, but could not reach the server."""
    gone = facts.server_gone
    return (
        gone is not None
        and gone.kind == "wire.reset"
        and facts.response is None
        and (facts.connected is None or not facts.connected.data.get("upstream"))
    )


def _close(facts: ConnectionFacts) -> Close | None:
    if facts.closed is not None and "received" in facts.closed.data:
        data = table(facts.closed.data, "received")
        by = facts.closed.data.get("by")
        if not data:
            return None
        code = number(data, "code")
        return Close(
            NO_CODE if code is None else code,
            text(data, "reason"),
            by if by in ("server", "client") else _first_to_close(facts),
        )
    if facts.server_close is None:
        return None
    code = number(facts.server_close.data, "code")
    return Close(
        NO_CODE if code is None else code, text(facts.server_close.data, "reason"), _first_to_close(facts)
    )


def _first_to_close(facts: ConnectionFacts) -> str:
    theirs, client = facts.server_close, facts.client_close
    if client is not None and (theirs is None or client.t_ns < theirs.t_ns):
        return "client"
    return "server"


def _ended_by(facts: ConnectionFacts, ended: str, close: Close | None) -> str | None:
    if ended == "closed":
        return "client" if close is None else close.by
    if ended == "dropped":
        server, client = facts.server_gone, facts.client_gone
        if server is None and client is None:
            return None
        return "server" if client is None or (server is not None and server.t_ns <= client.t_ns) else "client"
    return "server" if ended == "refused" else None


def _asked(facts: ConnectionFacts) -> Close | None:
    if facts.asked is None:
        return None
    message = table(facts.asked.data, "message")
    code = number(message, "code", 2**31)
    reason = message.get("reason")
    if not isinstance(reason, str):  # FastAPI passes its list of validation errors as the reason
        reason = json.dumps(reason, ensure_ascii=False, default=str) if reason else ""
    return Close(1000 if code is None else code, reason)


def _client_error(facts: ConnectionFacts) -> Failure | None:
    failure = _failure(facts.failed) or _failure(facts.trouble)
    if failure is None and facts.closed is not None:
        data = table(facts.closed.data, "exception")
        name = text(data, "type")
        # With ConnectionClosedOK, the library says that there was no error.
        if name and name.rpartition(".")[2] != "ConnectionClosedOK":
            failure = Failure(name, text(data, "message"))
    return failure


def _failure(event: Event | None) -> Failure | None:
    if event is None:
        return None
    return Failure(text(event.data, "type"), text(event.data, "message"), event.source)


def _subprotocol(facts: ConnectionFacts, headers: _Pairs, status: int | None) -> str | None:
    if facts.opened is not None and "subprotocol" in facts.opened.data:
        return text(facts.opened.data, "subprotocol") or None
    return header(headers, "sec-websocket-protocol") if status == 101 else None


def _body(facts: ConnectionFacts, status: int | None) -> str | None:
    """A refusal's body; None without a response. Bytes that are not text are escaped."""
    if status is None or status == 101:
        return None
    for event in (facts.failed, facts.response):
        if event is not None and isinstance(event.data.get("body"), dict):
            part = payload(event.data["body"])
            return part.text if part.text is not None else decoded(part).decode(errors="backslashreplace")
    return ""


def _browser(
    facts: ConnectionFacts,
    ended: str,
    status: int | None,
    opened: bool,
    close: Close | None,
    selected: str | None,
) -> Browser:
    broken = False
    # Our client is stricter than a browser about the codes in a close frame.
    if opened and facts.broken is not None:
        code = number(facts.broken.data, "code")
        broken = code is None or code in UNSENDABLE_CODES or "UTF-8" in text(facts.broken.data, "problem")
        if not broken and close is None and code is not None:
            close = Close(code, text(facts.broken.data, "reason"))
    sent = None if facts.closed is None else number(table(facts.closed.data, "sent"), "code")
    request = _request(facts)
    by_client = _ended_by(facts, ended, close) == "client" and not broken
    unless: tuple[Unless, ...] = ()
    if request is not None:
        unless = conditions(request, sent if by_client else None)
    return what_a_script_sees(
        ended=ended,
        accepted=status == 101,
        opened=opened,
        received=facts.received,
        close=None if close is None else (close.code, close.reason),
        offered=() if request is None else request.subprotocols,
        selected=selected,
        broken=broken,
        reset=facts.server_gone is not None and facts.server_gone.kind == "wire.reset",
        more_after_close=facts.after_close is not None,
        asked_at_all=not (facts.failed is not None and facts.failed.data.get("phase") == "request"),
        unless=unless,
    )


def _request(facts: ConnectionFacts) -> ClientRequest | None:
    """What the client asked for; None if that was not seen."""
    if facts.connecting is not None:
        asked = facts.connecting.data
        headers = pairs(asked)
        return ClientRequest(
            headers=headers,
            omitted=strings(asked, "omit"),
            subprotocols=offered_subprotocols(headers, strings(asked, "subprotocols")),
            url=text(asked, "url"),
            set_cookies=facts.set_cookies,
        )
    if facts.request is None:
        return None
    headers = pairs(facts.request.data)
    return ClientRequest(
        headers=headers,
        subprotocols=offered_subprotocols(headers, ()),
        url=f"ws://{header(headers, 'host') or ''}/",
        ours=False,
        set_cookies=facts.set_cookies,
    )


def _close_json(close: Close) -> dict[str, Any]:
    return {"code": close.code, "reason": close.reason}


def _failure_json(failure: Failure) -> dict[str, Any]:
    return {"type": failure.type, "message": failure.message}
