from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wsplay.model.close_code import CLOSE_CODES, meaning
from wsplay.model.doctor import Diagnosis, diagnose
from wsplay.model.doctor_handshake import route_taking, validation_errors
from wsplay.model.event import Direction, Lane

C2S, S2C = Direction.C2S, Direction.S2C
DISCONNECT = "starlette.websockets.WebSocketDisconnect"
FAILED = "error, then close 1006, no reason."
UNANSWERED = "No answer to the handshake within 5 s. "
LATER = (
    "To let the client see the code, accept first and close then; to refuse with a status of your own, "
    "send a denial response."
)
ROUTES = [{"path": "/ws", "type": "websocket"}, {"path": "/room/{name}", "type": "websocket"}]


def refused(story: Any, status: int = 403, body: str = "", headers: Any = None) -> Any:
    return story.response(status, body, headers).eof().rejected(status, body, headers)


def dropped(story: Any) -> Any:
    return story.eof().closed(None, by=None)


Case = tuple[Callable[[Any], Any], str, str, str]

CASES: dict[str, Case] = {
    # -- refused by the app
    "closed before accept": (
        lambda s: refused(s.asked().send("close", 21, code=1008, reason="")),
        "bad",
        "REFUSED 403",
        "The endpoint closed before it accepted (line 21), so the server answered the handshake "
        "with HTTP 403. "
        "Close code 1008 never left the server.",
    ),
    "closed before accept with a reason": (
        lambda s: refused(s.asked().send("close", 21, code=4401, reason="bad\x1b token")),
        "bad",
        "REFUSED 403",
        "The endpoint closed before it accepted (line 21), so the server answered the handshake "
        "with HTTP 403. "
        'Close code 4401 and its reason "bad␛ token" never left the server.',
    ),
    "a dependency closed and the endpoint went on": (
        lambda s: refused(s.asked().send("close", 9, code=1008).raised("RuntimeError", "after close", 15)),
        "bad",
        "REFUSED 403",
        "The endpoint closed before it accepted (line 9), so the server answered the handshake "
        "with HTTP 403. "
        "Close code 1008 never left the server. The app went on and raised RuntimeError: after "
        "close (line 15).",
    ),
    "a parameter is missing": (
        lambda s: refused(
            s.asked().send(
                "close",
                code=1008,
                reason=[
                    {"type": "missing", "loc": ["query", "token"], "msg": "Field required", "input": None}
                ],
            )
        ),
        "bad",
        "REFUSED 403",
        "The framework found the request wanting (query token: Field required) and closed before "
        "accept, so the "
        "server answered the handshake with HTTP 403. Close code 1008 and that reason never left the server.",
    ),
    "an exception that stands for a close": (
        lambda s: refused(s.server("loaded", routes=ROUTES).asked().send("close", code=1008, reason="no")),
        "bad",
        "REFUSED 403",
        "The framework closed before accept and no line of the endpoint did, so the server "
        "answered the handshake "
        "with HTTP 403: a WebSocketException, raised in the endpoint or in a dependency, does that. "
        'Close code 1008 and its reason "no" never left the server.',
    ),
    "no such path": (
        lambda s: refused(
            s.server("loaded", routes=ROUTES)
            .connecting()
            .connected()
            .request("/nope?token=x")
            .scope("/nope")
            .send("close", code=1000, reason="")
        ),
        "bad",
        "REFUSED 403",
        'No route takes the path "/nope", so the framework closed before accept and the server answered the '
        "handshake with HTTP 403. Close code 1000 never left the server.",
    ),
    "no such path, most likely": (
        lambda s: refused(s.connecting().request("/nope").scope("/nope").send("close", code=1000, reason="")),
        "bad",
        "REFUSED 403",
        "The framework closed before accept and no line of the endpoint did, so the server "
        "answered the handshake "
        'with HTTP 403; most often no route takes the path "/nope". Close code 1000 never left the server.',
    ),
    "raised before accept": (
        lambda s: refused(
            s.asked().raised("RuntimeError", 'Expected ASGI message "websocket.accept"', 14), 500, "oops"
        ),
        "bad",
        "REFUSED 500",
        'RuntimeError: Expected ASGI message "websocket.accept" (line 14) was raised before the '
        "handshake was "
        "accepted, so the server answered HTTP 500.",
    ),
    "raised before accept without a message": (
        lambda s: refused(s.asked().raised("jwt.exceptions.DecodeError", "", 14), 500),
        "bad",
        "REFUSED 500",
        "DecodeError (line 14) was raised before the handshake was accepted, so the server "
        "answered HTTP 500.",
    ),
    "returned without accept": (
        lambda s: refused(s.asked().returned(), 500),
        "bad",
        "REFUSED 500",
        "The endpoint returned without accepting or closing, so the server answered HTTP 500.",
    ),
    "a 500 and then a 101 on one socket": (
        lambda s: s.asked().returned().response(500).response(101).rejected(500),
        "bad",
        "REFUSED 500",
        "The endpoint returned without accepting or closing, so the server answered HTTP 500. "
        "On the same socket the server then wrote another answer, HTTP 101.",
    ),
    "a 500 and then a 101 as bytes that fit nothing": (
        lambda s: s.asked().returned().response(500).stray("HTTP/1.1 101 Switching\r\n").rejected(500),
        "bad",
        "REFUSED 500",
        "The endpoint returned without accepting or closing, so the server answered HTTP 500. "
        "On the same socket the server then wrote another answer, HTTP 101.",
    ),
    "the client and the wire differ": (
        lambda s: s.asked().returned().response(101).rejected(500),
        "bad",
        "REFUSED 500",
        "The endpoint returned without accepting or closing, so the server answered HTTP 500. "
        "The client reports HTTP 500, while the wire carried HTTP 101.",
    ),
    "accepted in a way the server could not send": (
        lambda s: refused(s.asked().send("accept", 12).raised("ValueError", "bad header", 12), 500),
        "bad",
        "REFUSED 500",
        "The app accepted (line 12), but ValueError: bad header (line 12) came of it, "
        "and the server answered HTTP 500.",
    ),
    "accepted and returned, yet refused": (
        lambda s: refused(s.asked().send("accept", 12).returned(), 500),
        "bad",
        "REFUSED 500",
        "The app accepted (line 12) and returned, but the answer was HTTP 500.",
    ),
    "a denial response": (
        lambda s: refused(
            s.asked().send("http.response.start", 17, status=401).send("http.response.body", 17),
            401,
            '{"detail":"no"}',
            [["www-authenticate", "Bearer"]],
        ),
        "bad",
        "REFUSED 401",
        "The endpoint answered the handshake with HTTP 401 instead of accepting it (line 17), with "
        'WWW-Authenticate: Bearer; the body says "{"detail":"no"}".',
    ),
    "an HTTPException": (
        lambda s: refused(s.asked().send("http.response.start", status=401).returned(), 401),
        "bad",
        "REFUSED 401",
        "The app answered the handshake with HTTP 401 instead of accepting it. "
        "No line of the endpoint sent it: an HTTPException becomes such an answer.",
    ),
    "a denial response and then an exception": (
        lambda s: refused(
            s.asked().send("http.response.start", 17, status=401).raised("ValueError", "x", 18), 401
        ),
        "bad",
        "REFUSED 401",
        "The endpoint answered the handshake with HTTP 401 instead of accepting it (line 17). "
        "It then raised ValueError: x (line 18).",
    ),
    "a denial response that only the wire saw": (
        lambda s: (
            s.connected()
            .request()
            .scope()
            .send("http.response.start", 17, status=401)
            .response(401, "", [["WWW-Authenticate", "Basic"]])
        ),
        "bad",
        "REFUSED 401",
        "The endpoint answered the handshake with HTTP 401 instead of accepting it (line 17), with "
        "WWW-Authenticate: Basic.",
    ),
    "plain HTTP": (
        lambda s: s.connected().request().scope("/", "http").response(404, "Not Found"),
        "info",
        "REFUSED 404",
        "The request was plain HTTP, no WebSocket handshake; the app answered it with HTTP 404.",
    ),
    "the server stopped before the app had decided": (
        lambda s: refused(s.asked(), 500).server("exited", expected=True),
        "bad",
        "REFUSED 500",
        "The server answered HTTP 500 before the app had accepted or refused. The server's process "
        "was stopped.",
    ),
    # -- refused by the server
    "a handshake without its key": (
        lambda s: refused(
            s.connecting().request(
                "/ws", [["host", "x"], ["Upgrade", "websocket"], ["Connection", "Upgrade"]]
            ),
            400,
            "Missing Sec-WebSocket-Key header",
        ),
        "bad",
        "REFUSED 400",
        "The server answered HTTP 400 itself (the request is not a valid handshake); the app was "
        "never called. "
        "The request lacks Sec-WebSocket-Key, Sec-WebSocket-Version.",
    ),
    "another version": (
        lambda s: refused(s.connecting().request(), 426, "Use 13"),
        "bad",
        "REFUSED 426",
        "The server answered HTTP 426 itself (an upgrade or another protocol version is needed); "
        'the app was never called. Its body says "Use 13".',
    ),
    "headers too large": (
        lambda s: refused(s.connecting().request(), 431),
        "bad",
        "REFUSED 431",
        "The server answered HTTP 431 itself (the request's headers are too large); the app was "
        "never called.",
    ),
    "not found": (
        lambda s: refused(s.connecting().request(), 404, "Not Found\x1b[2J"),
        "bad",
        "REFUSED 404",
        "The server answered HTTP 404 itself (there is nothing at this path); the app was never called. "
        'Its body says "Not Found␛[2J".',
    ),
    "a status of no meaning": (
        lambda s: refused(s.connecting().request(), 599),
        "bad",
        "REFUSED 599",
        "The server answered HTTP 599 itself; the app was never called.",
    ),
    # -- no answer
    "nobody accepts": (
        lambda s: s.asked().failed(type="TimeoutError", message="", timeout=True),
        "bad",
        "TIMED OUT",
        UNANSWERED + "The app was called, but has neither accepted nor closed.",
    ),
    "the app was not called": (
        lambda s: s.connecting().connected().request().failed(type="TimeoutError", message="", timeout=True),
        "bad",
        "TIMED OUT",
        UNANSWERED + "The app was never called.",
    ),
    "the loop is blocked": (
        lambda s: s.asked().server("stalled", 19, seconds=1.04).failed(message="", timeout=True),
        "bad",
        "TIMED OUT",
        UNANSWERED
        + "The server's event loop was blocked for more than 1.0 s (line 19), so it could do nothing else.",
    ),
    "the loop was blocked before": (
        lambda s: s.server("stalled", seconds=3).connecting().failed(message="", timeout=True),
        "bad",
        "TIMED OUT",
        UNANSWERED + "The server's event loop was blocked for more than 3.0 s, so it could do nothing else.",
    ),
    "the loop was blocked, but is not any more": (
        lambda s: (
            s.server("stalled", seconds=3)
            .note("recovered", Lane.SERVER, None)
            .asked()
            .failed(message="", timeout=True)
        ),
        "bad",
        "TIMED OUT",
        UNANSWERED + "The app was called, but has neither accepted nor closed.",
    ),
    "accepted without an answer": (
        lambda s: s.asked().send("accept", 12).failed(message="", timeout=True),
        "bad",
        "TIMED OUT",
        UNANSWERED + "The app accepted (line 12), but no answer reached the client.",
    ),
    "raised without an answer": (
        lambda s: s.asked().raised("ValueError", "x", 3).failed(message="", timeout=True),
        "bad",
        "TIMED OUT",
        UNANSWERED + "The app raised ValueError: x (line 3).",
    ),
    "returned without an answer": (
        lambda s: s.asked().returned().failed(message="", timeout=True),
        "bad",
        "TIMED OUT",
        UNANSWERED + "The app returned, and the server did not answer.",
    ),
    "the process died while asked": (
        lambda s: s.asked().server("exited", signal="SIGKILL").failed(message="", timeout=True),
        "bad",
        "TIMED OUT",
        UNANSWERED + "The server's process was killed by SIGKILL.",
    ),
    "the run's limit was over": (
        lambda s: s.asked().note("timeout", seconds=2.5),
        "bad",
        "TIMED OUT",
        "No answer to the handshake within 2.5 s. The app was called, but has neither accepted nor closed.",
    ),
    "a request that cannot be asked": (
        lambda s: s.connecting().failed("request", type="ValueError", message="newline in header"),
        "bad",
        "NOT SENT",
        "The request could not be sent as it was asked for: ValueError: newline in header.",
    ),
    "nobody listens": (
        lambda s: s.connecting().failed("connect", type="ConnectionRefusedError", message="refused"),
        "bad",
        "UNREACHABLE",
        "No TCP connection for ws://127.0.0.1:1/ws: ConnectionRefusedError: refused.",
    ),
    "the tap finds no server": (
        lambda s: s.connecting().reset(S2C, "connection refused").failed(message="no answer"),
        "bad",
        "UNREACHABLE",
        "The server could not be reached: connection refused.",
    ),
    "the server was down": (
        lambda s: s.server("exited", code=3).connecting().reset().failed(message="no answer"),
        "bad",
        "UNREACHABLE",
        "The server's process exited with code 3, so the connection was not taken: OSError: no answer.",
    ),
    "gone before the answer": (
        lambda s: s.asked().eof().failed(type="EOFError", message="no answer"),
        "bad",
        "DROPPED",
        "The TCP connection ended before the server answered the handshake: EOFError: no answer.",
    ),
    "raised and gone before the answer": (
        lambda s: s.asked().raised("ValueError", "x", 3).eof().failed(message="no answer"),
        "bad",
        "DROPPED",
        "ValueError: x (line 3) was raised, and the connection ended without an answer.",
    ),
    "died before the answer": (
        lambda s: s.asked().eof().failed(message="no answer").server("exited", signal="SIGSEGV"),
        "bad",
        "DROPPED",
        "The server's process was killed by SIGSEGV before it answered the handshake.",
    ),
    "garbage": (
        lambda s: s.asked().stray("SSH-2.0\r\n").failed(message="no answer"),
        "bad",
        "DROPPED",
        'The server answered with something that is not HTTP: "SSH-2.0".',
    ),
    "the client left first": (
        lambda s: s.connected().request().scope().eof(C2S).eof(S2C),
        "bad",
        "DROPPED",
        "The client left before the server had answered the handshake.",
    ),
    "a 101 the client does not take": (
        lambda s: s.asked().response(101).failed(type="a.InvalidHeader", message="bad accept", status=101),
        "bad",
        "DROPPED",
        "The server answered HTTP 101, but the client did not take the answer: InvalidHeader: bad accept.",
    ),
    # -- open
    "kept open": (
        lambda s: s.accepted().note("quiet", quiet_ms=400),
        "good",
        "OPEN",
        "The endpoint accepted (line 12) and keeps the connection open; nothing more came for 400 ms, "
        "so the client left.",
    ),
    "kept open to the limit": (
        lambda s: s.accepted().note("timeout", seconds=10),
        "good",
        "OPEN",
        "The endpoint accepted (line 12) and keeps the connection open; the run's limit was reached, "
        "so the client left.",
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
        "The connection is open. The app asked for close 1008 (line 14), but no close frame has come.",
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
        "OPEN",
        "The endpoint accepted (line 12) and keeps the connection open; nothing more came for 400 ms, "
        "so the client left. The client offered subprotocols and the server selected none of them; "
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
        'The endpoint closed with 1008 (policy violation), "bad token" after it had accepted (line 30), '
        "so code and reason reached the client.",
    ),
    "closed in order": (
        lambda s: s.accepted().send("close", 30, code=1000, reason="").closed(1000),
        "good",
        "CLOSED 1000",
        "The endpoint closed with 1000 (normal closure) after it had accepted (line 30), "
        "so the code reached the client.",
    ),
    "a WebSocketException after accept": (
        lambda s: s.accepted().send("close", code=4003, reason="").closed(4003),
        "warn",
        "CLOSED 4003",
        "The framework closed with 4003 (a private code, whose meaning is the app's own) after accept, "
        "no line of the endpoint did, so the code reached the client.",
    ),
    "another close than asked for": (
        lambda s: s.accepted().send("close", 30, code=4003, reason="x").closed(1011),
        "bad",
        "CLOSED 1011",
        "The endpoint closed with 1011 (internal error) after it had accepted (line 30); the app "
        "had asked for "
        '4003 (a private code, whose meaning is the app\'s own), "x".',
    ),
    "a reason that did not fit": (
        lambda s: s.accepted().send("close", 30, code=1008, reason="x" * 200).closed(1008, "x" * 3),
        "warn",
        "CLOSED 1008",
        'The endpoint closed with 1008 (policy violation), "xxx" after it had accepted (line 30); '
        "the reason it gave (200 characters) did not fit and came cut.",
    ),
    "a code that may not be sent, made another": (
        lambda s: s.accepted().send("close", 30, code=1006, reason="").closed(1000),
        "warn",
        "CLOSED 1000",
        "The endpoint closed with 1000 (normal closure) after it had accepted (line 30); "
        "the app had asked for 1006 (no close frame at all).",
    ),
    "closed and then raised": (
        lambda s: s.accepted().send("close", 30).raised("RuntimeError", "late", 31).closed(1000),
        "good",
        "CLOSED 1000",
        "The endpoint closed with 1000 (normal closure) after it had accepted (line 30), "
        "so the code reached the client. The app then raised RuntimeError: late (line 31).",
    ),
    "the server was stopped": (
        lambda s: s.accepted().close_frame(1012).closed(1012),
        "warn",
        "CLOSED 1012",
        "The server was being stopped and closed with 1012 (service restart); the endpoint did not "
        "ask for it.",
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
        'The client closed with 4000 (a private code, whose meaning is the app\'s own), "bye", and '
        "the server "
        "answered. The app's receive raised WebSocketDisconnect, which is how it learns of that.",
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
        "PROTOCOL BROKEN",
        "The server broke the WebSocket protocol: reserved opcode 0x3. "
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
        "The server's process was killed by SIGKILL while the connection was open, so no close frame came.",
    ),
    "exited while open": (
        lambda s: dropped(s.accepted()).server("exited", code=7),
        "bad",
        "DROPPED",
        "The server's process exited with code 7 while the connection was open, so no close frame came.",
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
        "The client went away without a close frame. The app was told websocket.disconnect 1006.",
    ),
    "reset": (
        lambda s: s.accepted().reset().closed(None, by=None),
        "bad",
        "DROPPED",
        "The TCP connection was reset without a close frame. "
        "The client reports ConnectionClosedError: as it went.",
    ),
    # -- nothing yet
    "nothing": (lambda s: s, "info", "WAITING", "No connection yet."),
    "asked": (lambda s: s.asked(), "info", "CONNECTING", "The handshake is not answered yet."),
    "asked and blocked": (
        lambda s: s.asked().server("stalled", 19, seconds=1),
        "warn",
        "CONNECTING",
        "The handshake is not answered yet. "
        "The server's event loop was blocked for more than 1.0 s (line 19), so it could do nothing else.",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_it_says_why(story: Any, name: str) -> None:
    build, tone, headline, text = CASES[name]
    diagnosis = diagnose(build(story).outcome())
    assert (diagnosis.tone, diagnosis.headline) == (tone, headline)
    assert diagnosis.text == text


@pytest.mark.parametrize("name", CASES)
def test_it_speaks_plainly_and_rests_on_events_of_the_story(story: Any, name: str) -> None:
    diagnosis = diagnose(CASES[name][0](story).outcome())
    seqs = [event.seq for event in story.events]
    assert list(diagnosis.evidence) == sorted(set(diagnosis.evidence))
    assert set(diagnosis.evidence) <= set(seqs)
    assert diagnosis.evidence or not seqs
    for said in (diagnosis.text, diagnosis.browser):
        assert said.isprintable()
        assert said.endswith(".")
        assert said[0].isupper() or said.startswith("No")
    assert diagnosis.next_step == "" or diagnosis.next_step.endswith(".")


def test_the_evidence_is_what_decided(story: Any) -> None:
    refused(story.asked().send("close", 21, code=1008))
    kinds = {event.seq: event.kind for event in story.events}
    assert [kinds[seq] for seq in diagnose(story.outcome()).evidence] == [
        "asgi.send",
        "wire.response",
        "client.error",
    ]


def test_events_without_a_number_are_no_evidence(story: Any) -> None:
    refused(story.asked().send("close", 21, code=1008))
    story.events = [event.numbered(0) for event in story.events]
    assert diagnose(story.outcome()).evidence == ()


@pytest.mark.parametrize(
    ("name", "step"),
    [
        ("closed before accept", LATER),
        ("no such path", "The app's routes: /ws, /room/{name}."),
        ("no such path, most likely", "Check the path against the app's routes."),
        ("raised before accept", "Call `await websocket.accept()` before sending or receiving."),
        ("returned after accept", "End with `await websocket.close()`."),
        ("a handshake without its key", "Send Sec-WebSocket-Key, Sec-WebSocket-Version."),
        ("headers too large", ""),
        ("killed while open", "Restart the server."),
        ("kept open", ""),
    ],
)
def test_it_says_what_to_do_about_it(story: Any, name: str, step: str) -> None:
    assert diagnose(CASES[name][0](story).outcome()).next_step == step


def test_a_receive_before_accept_is_told_apart_from_other_faults(story: Any, new_story: Any) -> None:
    early = 'WebSocket is not connected. Need to call "accept" first.'
    told = diagnose(refused(story.asked().raised("RuntimeError", early, 9), 500).outcome())
    assert told.next_step.startswith("Call `await websocket.accept()`")
    other = diagnose(refused(new_story().asked().raised("KeyError", "'x'", 9), 500).outcome())
    assert other.next_step.startswith("Catch it")


def test_the_browser_s_view_is_its_own_sentence(story: Any) -> None:
    diagnosis = diagnose(refused(story.asked().send("close", 21, code=1008)).outcome())
    assert diagnosis.browser == f"A browser's script sees: {FAILED}"
    assert "browser" not in diagnosis.text


def test_a_diagnosis_has_no_more_than_a_view_needs() -> None:
    assert list(Diagnosis.__dataclass_fields__) == [
        "tone",
        "headline",
        "text",
        "browser",
        "evidence",
        "next_step",
    ]


def test_a_message_s_own_full_stop_is_not_doubled(story: Any) -> None:
    refused(story.asked().raised("RuntimeError", "It is over.", 9), 500)
    assert diagnose(story.outcome()).text.startswith("RuntimeError: It is over (line 9) was raised")


def test_long_words_from_the_wire_are_cut(story: Any) -> None:
    refused(story.asked().send("close", 21, code=1008, reason="x" * 5000), 403, "y" * 5000)
    assert len(diagnose(story.outcome()).text) < 400


# -- routes


@pytest.mark.parametrize(
    ("path", "routes", "takes"),
    [
        ("/ws", [], None),
        ("/ws", ["/ws"], True),
        ("/ws/", ["/ws"], False),
        ("/ws", ["WebSocket /ws"], True),
        ("/ws", ["GET /ws"], False),
        ("/ws", [{"path": "/ws"}], True),
        ("/ws", [{"path": "/ws", "methods": ["GET"]}], False),
        ("/ws", [{"path": "/ws", "type": "http"}], False),
        ("/ws", [{"path": "/docs", "methods": ["GET"]}, {"path": "/ws", "websocket": True}], True),
        ("/static/ws", [{"path": "/static", "methods": []}], True),
        ("/ws", [{"path": "/ws", "kind": "WebSocketRoute"}], True),
        ("/room/7", ["/room/{id:int}"], True),
        ("/room/7/8", ["/room/{id}"], False),
        ("/file/a/b", ["/file/{rest:path}"], True),
        ("/sub/ws", [{"path": "/sub", "type": "mount"}], True),
        ("/subway", [{"path": "/sub", "type": "mount"}], False),
        ("/anything", [{"path": "", "type": "mount"}], True),
        ("/a.b", ["/a+b"], False),
        ("/ws", [None, 3, {"path": None}, "not a path"], False),
    ],
)
def test_whether_a_route_takes_a_path(path: str, routes: list[Any], takes: bool | None) -> None:
    assert route_taking(path, routes) is takes


@given(st.text(max_size=20), st.lists(st.text(alphabet="/{}:apth*[(+\\", max_size=12).map(lambda p: "/" + p)))
def test_any_route_and_path_can_be_compared(path: str, routes: list[str]) -> None:
    assert route_taking(path, routes) in (True, False, None)


def test_validation_errors_are_told_by_place_and_message() -> None:
    errors = [{"loc": ["header", "x-key"], "msg": "Field required"}, {"loc": ["query", 0]}, {"loc": ["body"]}]
    assert validation_errors(errors) == "header x-key: Field required; query 0: wrong and 1 more"
    assert validation_errors("a reason") == ""
    assert validation_errors([]) == ""
    assert validation_errors(["x", {"loc": "y"}]) == ""


# -- close codes


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (1000, "normal closure"),
        (1008, "policy violation"),
        (1011, "internal error"),
        (1012, "service restart"),
        (3000, "unauthorized"),
        (3999, "a code for libraries and frameworks, not a registered one"),
        (4000, "a private code, whose meaning is the app's own"),
        (4999, "a private code, whose meaning is the app's own"),
        (1016, "a code the protocol keeps for itself, not assigned"),
        (999, "not a valid code"),
        (5000, "not a valid code"),
    ],
)
def test_what_a_close_code_means(code: int, words: str) -> None:
    assert meaning(code) == words


@given(st.integers())
def test_every_number_means_something(code: int) -> None:
    assert meaning(code)
    assert (code in CLOSE_CODES) == (meaning(code) in CLOSE_CODES.values())
