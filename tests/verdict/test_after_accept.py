from collections.abc import Callable
from typing import Any

import pytest

from wsplay.events.event import Direction, Lane, Source
from wsplay.verdict.diagnosis import diagnose

C2S = Direction.C2S
DISCONNECT = "starlette.websockets.WebSocketDisconnect"
RAISED_AT_33 = Source("probe.py", 33, "check", "raised")
DEFINED_AT_20 = Source("probe.py", 20, "endpoint", "endpoint")

#: How the story goes, and the tone, headline and text it is told in.
Case = tuple[Callable[[Any], Any], str, str, str]


def dropped(story: Any) -> Any:
    return story.eof().closed(None, by=None)


CASES: dict[str, Case] = {
    # -- open
    "kept open": (
        lambda s: s.accepted().note("quiet", quiet_ms=400),
        "info",
        "OPEN after 0.4 s of quiet",
        "The app accepted (line 12). The connection was still open after 0.4 s of quiet, "
        "when the client disconnected.",
    ),
    "kept open to the limit": (
        lambda s: s.accepted().note("timeout", seconds=10),
        "info",
        "OPEN after 10 s",
        "The app accepted (line 12). The connection was still open after 10 s, when the client disconnected.",
    ),
    "open now": (lambda s: s.accepted(), "info", "OPEN", "The connection is open."),
    "open now, with messages": (
        lambda s: s.accepted().got("a").got("b"),
        "info",
        "OPEN",
        "The connection is open; 2 messages received.",
    ),
    "open though the app raised": (
        lambda s: s.accepted().got("a").raised("ValueError", "x", 14),
        "warn",
        "OPEN",
        "The connection is open; 1 message received. The app has raised ValueError: x (line 14).",
    ),
    "open though a close was asked for": (
        lambda s: s.accepted().send("close", 14, code=1008),
        "warn",
        "OPEN",
        "The connection is open. The app asked for close 1008 (line 14), but no close frame arrived.",
    ),
    "open and blocked": (
        lambda s: s.accepted().server("stalled", 15, seconds=2),
        "warn",
        "OPEN",
        "The connection is open. The server's event loop was blocked for more than 2.0 s (line 15), "
        "so it could do nothing else.",
    ),
    "open without the subprotocol it offered": (
        lambda s: s.accepted(subprotocols=["chat"]).note("quiet", quiet_ms=400),
        "warn",
        "OPEN after 0.4 s of quiet",
        "The app accepted (line 12). The connection was still open after 0.4 s of quiet, "
        "when the client disconnected. The client offered subprotocols and the server selected none: "
        "this client goes on, a browser does not.",
    ),
    # -- closed
    "closed after accept": (
        lambda s: (
            s.accepted()
            .send("close", 30, code=1008, reason="bad token")
            .close_frame(1008, "bad token")
            .closed(1008, "bad token", sent=1008)
        ),
        "warn",
        "CLOSED 1008",
        'The app closed with 1008 (policy violation), "bad token" after accept (line 30), '
        "so code and reason reached the client.",
    ),
    "closed in order": (
        lambda s: s.accepted().send("close", 30, code=1000, reason="").closed(1000),
        "good",
        "CLOSED 1000",
        "The app closed with 1000 (normal closure) after accept (line 30), so the code reached the client.",
    ),
    "a WebSocketException after accept": (
        lambda s: s.accepted().send("close", code=4003, reason="").closed(4003),
        "warn",
        "CLOSED 4003",
        "The app closed with 4003 (a private code, defined by the app) "
        "after accept (no line of code was seen), so the code reached the client.",
    ),
    "an exception that was answered with a close after accept": (
        lambda s: s.accepted().send("close", RAISED_AT_33, code=4003, reason="").closed(4003),
        "warn",
        "CLOSED 4003",
        "An exception (line 33) made the framework close with 4003 (a private code, defined by the app) "
        "after accept, so the code reached the client.",
    ),
    "a close for an endpoint after accept": (
        lambda s: s.accepted().send("close", DEFINED_AT_20, code=4003, reason="").closed(4003),
        "warn",
        "CLOSED 4003",
        "The framework, or an installed package, closed with 4003 (a private code, defined by the app) "
        "after accept for the endpoint (line 20), so the code reached the client.",
    ),
    "accepted by the framework": (
        lambda s: s.asked().send("accept", DEFINED_AT_20).response(101).open().note("quiet", quiet_ms=400),
        "info",
        "OPEN after 0.4 s of quiet",
        "The app accepted. The connection was still open after 0.4 s of quiet, when the client disconnected.",
    ),
    "another close than asked for": (
        lambda s: s.accepted().send("close", 30, code=4003, reason="x").closed(1011),
        "bad",
        "CLOSED 1011",
        "The app closed with 1011 (internal error) after accept (line 30); the app "
        "had asked for "
        '4003 (a private code, defined by the app), "x".',
    ),
    "a reason that did not fit": (
        lambda s: s.accepted().send("close", 30, code=1008, reason="x" * 200).closed(1008, "x" * 3),
        "warn",
        "CLOSED 1008",
        'The app closed with 1008 (policy violation), "xxx" after accept (line 30); '
        "its reason (200 characters) did not fit and was cut.",
    ),
    "a code that may not be sent, made another": (
        lambda s: s.accepted().send("close", 30, code=1006, reason="").closed(1000),
        "warn",
        "CLOSED 1000",
        "The app closed with 1000 (normal closure) after accept (line 30); "
        "the app had asked for 1006 (no close frame at all).",
    ),
    "closed and then raised": (
        lambda s: s.accepted().send("close", 30).raised("RuntimeError", "late", 31).closed(1000),
        "good",
        "CLOSED 1000",
        "The app closed with 1000 (normal closure) after accept (line 30), "
        "so the code reached the client. The app then raised RuntimeError: late (line 31).",
    ),
    "the server was stopped": (
        lambda s: s.accepted().close_frame(1012).closed(1012),
        "warn",
        "CLOSED 1012",
        "The server was being stopped and closed with 1012 (service restart); the endpoint did not "
        "ask for it.",
    ),
    "the code was replaced": (
        lambda s: s.accepted().note("code replaced", Lane.ASGI, scenario="x").close_frame(1012).closed(1012),
        "warn",
        "CLOSED 1012",
        "The code of this connection was replaced, so the server closed with 1012 (service restart); the "
        "endpoint did not ask for it.",
    ),
    "the server closed on its own": (
        lambda s: s.accepted().close_frame(1009, "too big").closed(1009, "too big"),
        "warn",
        "CLOSED 1009",
        'The server closed with 1009 (message too big), "too big" on its own; the app did not ask for it.',
    ),
    "the server closed for an exception": (
        lambda s: s.accepted().raised("ValueError", "x", 14).closed(1011),
        "bad",
        "CLOSED 1011",
        "The server closed with 1011 (internal error) on its own; the app did not ask for it. "
        "The app raised ValueError: x (line 14).",
    ),
    "the client closed": (
        lambda s: (
            s.accepted()
            .close_frame(4000, "bye", C2S)
            .receive("disconnect", code=4000)
            .raised(DISCONNECT, "", 14)
            .close_frame(4000, "bye")
            .closed(4000, "bye", by="client", sent=4000)
        ),
        "good",
        "CLOSED 4000",
        'The client closed with 4000 (a private code, defined by the app), "bye", and '
        "the server "
        "answered. The app's receive() raised WebSocketDisconnect: this is how an app learns about it.",
    ),
    "the client closed and the app fell over it": (
        lambda s: (
            s.accepted()
            .close_frame(1000, "", C2S)
            .raised("KeyError", "'text'", 14)
            .closed(1000, by="client", sent=1000)
        ),
        "warn",
        "CLOSED 1000",
        "The client closed with 1000 (normal closure), and the server answered. "
        "The app then raised KeyError: 'text' (line 14).",
    ),
    "the client closed without an answer": (
        lambda s: s.accepted().closed(None, by="client", sent=1000),
        "warn",
        "CLOSED 1000",
        "The client closed with 1000 (normal closure), and no close frame came back.",
    ),
    "the client closed and the loop was blocked": (
        lambda s: s.accepted().server("stalled", 15, seconds=2).closed(None, by="client", sent=1000),
        "warn",
        "CLOSED 1000",
        "The client closed with 1000 (normal closure), and no close frame came back. "
        "The server's event loop was blocked for more than 2.0 s (line 15), so it could do nothing else.",
    ),
    "a stranger closed without an answer": (
        lambda s: s.connected().request().response(101).close_frame(None, "", C2S).reset(),
        "warn",
        "CLOSED",
        "The client closed, and no close frame came back.",
    ),
    "the protocol was broken": (
        lambda s: (
            s.accepted().frame("x", 3, problem="reserved opcode 0x3").closed(None, by="client", sent=1002)
        ),
        "bad",
        "PROTOCOL ERROR",
        "The server violated the WebSocket protocol: reserved opcode 0x3. "
        "The client failed the connection with close 1002.",
    ),
    # -- dropped while open
    "raised after accept": (
        lambda s: dropped(s.accepted().raised("ValueError", "no", 14)),
        "bad",
        "DROPPED",
        "ValueError: no (line 14) was raised after accept, so the server dropped the TCP connection "
        "without a close frame.",
    ),
    "returned after accept": (
        lambda s: dropped(s.accepted().returned()),
        "bad",
        "DROPPED",
        "The endpoint returned after accept without closing, so the server dropped the TCP connection "
        "without a close frame.",
    ),
    "a close that never came": (
        lambda s: dropped(s.accepted().send("close", 14, code=1008).raised("ValueError", "no", 14)),
        "bad",
        "DROPPED",
        "The app asked for close 1008 (line 14), but no close frame reached the client. "
        "It raised ValueError: no (line 14).",
    ),
    "killed while open": (
        lambda s: dropped(s.accepted()).server("exited", signal="SIGKILL", expected=False),
        "bad",
        "DROPPED",
        "The server's process was killed by SIGKILL while the connection was open, so "
        "no close frame was sent.",
    ),
    "exited while open": (
        lambda s: dropped(s.accepted()).server("exited", code=7),
        "bad",
        "DROPPED",
        "The server's process exited with code 7 while the connection was open, so no close frame was sent.",
    ),
    "the client went away": (
        lambda s: (
            s.connected()
            .request()
            .scope()
            .send("accept", 12)
            .response(101)
            .eof(C2S)
            .eof()
            .receive("disconnect", code=1006)
        ),
        "warn",
        "DROPPED",
        "The client disconnected without a close frame. The app was told websocket.disconnect 1006.",
    ),
    "reset": (
        lambda s: s.accepted().reset().closed(None, by=None),
        "bad",
        "DROPPED",
        "The TCP connection was reset without a close frame. "
        "The client reports ConnectionClosedError: as it went.",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_it_says_why(story: Any, judge: Any, name: str) -> None:
    judge(story, CASES[name])


@pytest.mark.parametrize(
    ("name", "step"),
    [
        ("returned after accept", "End with `await websocket.close()`."),
        ("killed while open", "Restart the server."),
        ("kept open", ""),
    ],
)
def test_it_says_what_to_do_about_it(story: Any, name: str, step: str) -> None:
    assert diagnose(CASES[name][0](story).outcome()).next_step == step
