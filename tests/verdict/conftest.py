"""A story: the events of a connection, written by hand, a line each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from wsplay.events.event import Direction, Event, Lane, Source
from wsplay.events.payload import payload_data
from wsplay.verdict.diagnosis import diagnose
from wsplay.verdict.outcome import Outcome, outcome_of

C2S, S2C = Direction.C2S, Direction.S2C
INVALID_STATUS = "websockets.exceptions.InvalidStatus"
CLOSED_ERROR = "websockets.exceptions.ConnectionClosedError"
CLOSED_OK = "websockets.exceptions.ConnectionClosedOK"


#: A line of the scenario's file that called, or any other source.
Line = int | Source | None


class Story:
    """Events of one connection, a millisecond apart and numbered. Each method returns the story."""

    def __init__(self, conn: int = 1) -> None:
        self.conn = conn
        self.events: list[Event] = []
        self.now = 0

    def add(
        self,
        kind: str,
        data: dict[str, Any] | None = None,
        direction: Direction | None = None,
        line: Line = None,
        lane: Lane | None = None,
        conn: int | None = -1,
    ) -> Story:
        self.now += 1_000_000
        self.events.append(
            Event(
                self.now,
                lane or Lane(kind.partition(".")[0]),
                kind,
                kind,
                self.conn if conn == -1 else conn,
                direction,
                data or {},
                Source("probe.py", line, "endpoint") if isinstance(line, int) else line,
                len(self.events) + 1,
            )
        )
        return self

    def seq(self, kind: str) -> int:
        """The number of the newest event of a kind."""
        return [event.seq for event in self.events if event.kind == kind][-1]

    def outcome(self) -> Outcome:
        return outcome_of(self.events, self.conn)

    # -- client

    def connecting(self, **data: Any) -> Story:
        asked = {
            "url": "ws://127.0.0.1:1/ws",
            "headers": [],
            "omit": [],
            "subprotocols": [],
            "open_timeout": 5.0,
        }
        return self.add("client.connecting", asked | data, C2S)

    def open(self, **data: Any) -> Story:
        return self.add("client.open", {"status": 101, "headers": [], "subprotocol": None} | data, S2C)

    def got(self, text: str | bytes) -> Story:
        kind = "text" if isinstance(text, str) else "binary"
        return self.add("client.received", {"type": kind, **payload_data(text, text=kind == "text")}, S2C)

    def closed(
        self,
        code: int | None = None,
        reason: str = "",
        by: str | None = "server",
        sent: int | None = None,
        exception: str = CLOSED_ERROR,
    ) -> Story:
        """The client's last word; no `code` for no close frame received."""
        data = {
            "code": 1006 if code is None else code,
            "reason": reason,
            "by": by,
            "clean": code is not None,
            "received": None if code is None else {"code": code, "reason": reason},
            "sent": None if sent is None else {"code": sent, "reason": ""},
            "exception": {"type": exception, "message": "as it went"},
        }
        return self.add("client.closed", data)

    def failed(self, phase: str = "handshake", **data: Any) -> Story:
        told = {"type": "OSError", "message": "it failed", "phase": phase}
        return self.add("client.error", told | data)

    def rejected(self, status: int, body: str = "", headers: list[list[str]] | None = None) -> Story:
        return self.failed(
            type=INVALID_STATUS,
            message=f"server rejected WebSocket connection: HTTP {status}",
            status=status,
            headers=headers or [],
            body=payload_data(body, text=True),
        )

    def note(self, why: str, lane: Lane = Lane.CLIENT, conn: int | None = -1, **data: Any) -> Story:
        return self.add("note", {"why": why, **data}, lane=lane, conn=conn)

    # -- wire

    def connected(self) -> Story:
        return self.add("wire.connected", {"client": ["::1", 5], "upstream": ["::1", 6]}, C2S)

    def request(self, target: str = "/ws", headers: list[list[str]] | None = None) -> Story:
        whole = [
            ["Host", "localhost"],
            ["Upgrade", "websocket"],
            ["Connection", "Upgrade"],
            ["Sec-WebSocket-Key", "x"],
            ["Sec-WebSocket-Version", "13"],
        ]
        data = {"method": "GET", "target": target, "headers": whole if headers is None else headers}
        return self.add("wire.request", data, C2S)

    def response(self, status: int, body: str | None = None, headers: list[list[str]] | None = None) -> Story:
        data = {
            "status": status,
            "headers": headers or [],
            "body": None if body is None else payload_data(body, text=True),
        }
        return self.add("wire.response", data, S2C)

    def frame(
        self, payload: str | bytes = b"", opcode: int = 1, direction: Direction = S2C, **data: Any
    ) -> Story:
        told = {
            "fin": True,
            "opcode": opcode,
            "payload": payload_data(payload, text=isinstance(payload, str)),
        }
        return self.add("wire.frame", told | data, direction)

    def close_frame(
        self, code: int | None = None, reason: str = "", direction: Direction = S2C, **data: Any
    ) -> Story:
        told = {} if code is None else {"code": code, "reason": reason}
        return self.frame(b"", 8, direction, **told, **data)

    def stray(self, text: str, direction: Direction = S2C) -> Story:
        return self.add(
            "wire.stray", {"payload": payload_data(text, text=True), "why": "not HTTP"}, direction
        )

    def eof(self, direction: Direction = S2C) -> Story:
        return self.add("wire.eof", {}, direction)

    def reset(self, direction: Direction = S2C, error: str = "connection refused") -> Story:
        return self.add("wire.reset", {"error": error}, direction)

    # -- ASGI

    def scope(self, path: str = "/ws", kind: str = "websocket") -> Story:
        return self.add("asgi.scope", {"scope": {"type": kind, "path": path}}, C2S)

    def receive(self, kind: str, line: Line = None, **message: Any) -> Story:
        return self.add("asgi.receive", {"message": {"type": f"websocket.{kind}", **message}}, C2S, line)

    def send(self, kind: str, line: Line = None, **message: Any) -> Story:
        return self.add("asgi.send", {"message": {"type": f"websocket.{kind}", **message}}, S2C, line)

    def raised(self, kind: str, message: str, line: Line = None) -> Story:
        return self.add("asgi.raised", {"type": kind, "message": message}, None, line)

    def returned(self) -> Story:
        return self.add("asgi.returned")

    # -- server

    def server(self, name: str, line: int | None = None, **data: Any) -> Story:
        return self.add(f"server.{name}", data, None, line, conn=None)

    # -- beginnings and ends

    def asked(self, **data: Any) -> Story:
        """Up to the app's first message."""
        return self.connecting(**data).connected().request().scope().receive("connect")

    def accepted(self, **data: Any) -> Story:
        """Up to an open connection, accepted in line 12."""
        return self.asked(**data).send("accept", 12).response(101).open()

    def refused(self, status: int = 403, body: str = "", headers: Any = None) -> Story:
        return self.response(status, body, headers).eof().rejected(status, body, headers)


@pytest.fixture
def story() -> Story:
    return Story()


@pytest.fixture
def new_story() -> type[Story]:
    return Story


@pytest.fixture
def judge() -> Callable[[Story, tuple[Callable[[Story], Story], str, str, str]], None]:
    """Tell a case's story to the doctor and hold tone, headline and text against the case."""

    def check(story: Story, case: tuple[Callable[[Story], Story], str, str, str]) -> None:
        build, tone, headline, text = case
        diagnosis = diagnose(build(story).outcome())
        assert (diagnosis.tone, diagnosis.headline) == (tone, headline)
        assert diagnosis.text == text
        seqs = {event.seq for event in story.events}
        assert list(diagnosis.evidence) == sorted(set(diagnosis.evidence))
        assert set(diagnosis.evidence) <= seqs
        assert diagnosis.evidence or not seqs
        for said in (diagnosis.text, diagnosis.browser, diagnosis.next_step):
            assert said.isprintable()
            assert said == "" or said.endswith(".")
        assert diagnosis.browser

    return check
