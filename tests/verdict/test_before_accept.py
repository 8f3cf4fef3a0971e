from collections.abc import Callable
from typing import Any

import pytest

from wsplay.events.event import Lane, Place, Source
from wsplay.verdict.diagnosis import diagnose

LATER = (
    "To let the client see the code, accept first, then close. "
    "To refuse with an HTTP status of your own, send a denial response."
)
ROUTES = [{"path": "/ws", "websocket": True}, {"path": "/room/{name}", "websocket": True}]

RAISED_AT_33 = Source("probe.py", 33, "check", "raised")
DEFINED_AT_20 = Source("probe.py", 20, "endpoint", "endpoint")
IN_HELPER = Source("guard.py", 5, "check", "raised")
TWO_FILES_AWAY = Source(
    "inner/refusal.py",
    2,
    "refuse",
    chain=(
        Place("probe.py", 9, "endpoint"),
        Place("guard.py", 3, "check"),
        Place("inner/refusal.py", 2, "refuse"),
    ),
)

#: How the story goes, and the tone, headline and text it is told in.
Case = tuple[Callable[[Any], Any], str, str, str]


def refused(story: Any, status: int = 403, body: str = "", headers: Any = None) -> Any:
    return story.refused(status, body, headers)


CASES: dict[str, Case] = {
    # -- refused because other code is loaded
    "the code was replaced": (
        lambda s: refused(s.asked().note("code replaced", Lane.ASGI, scenario="x"), 500),
        "warn",
        "REFUSED 500",
        "The code was replaced before the app had accepted, so the server answered HTTP 500.",
    ),
    "the code was replaced and the app raised when it was disconnected": (
        lambda s: refused(
            s.asked().note("code replaced", Lane.ASGI, scenario="x").raised("RuntimeError", "gone", 15), 500
        ),
        "warn",
        "REFUSED 500",
        "The code was replaced before the app had accepted, so the server answered HTTP 500.",
    ),
    # -- refused by the app
    "closed before accept": (
        lambda s: refused(s.asked().send("close", 21, code=1008, reason="")),
        "bad",
        "REFUSED 403",
        "The app closed before accept (line 21), so the server answered the handshake "
        "with HTTP 403. "
        "Close code 1008 never left the server.",
    ),
    "closed before accept with a reason": (
        lambda s: refused(s.asked().send("close", 21, code=4401, reason="bad\x1b token")),
        "bad",
        "REFUSED 403",
        "The app closed before accept (line 21), so the server answered the handshake "
        "with HTTP 403. "
        'Close code 4401 and its reason "bad␛ token" never left the server.',
    ),
    "a dependency closed and the endpoint went on": (
        lambda s: refused(s.asked().send("close", 9, code=1008).raised("RuntimeError", "after close", 15)),
        "bad",
        "REFUSED 403",
        "The app closed before accept (line 9), so the server answered the handshake "
        "with HTTP 403. "
        "Close code 1008 never left the server. The app then raised RuntimeError: after "
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
        "FastAPI rejected the request (query token: Field required) and closed before "
        "accept, so the "
        "server answered the handshake with HTTP 403. Close code 1008 and that reason never left the server.",
    ),
    "an exception that stands for a close": (
        lambda s: refused(s.server("loaded", routes=ROUTES).asked().send("close", code=1008, reason="no")),
        "bad",
        "REFUSED 403",
        "The app closed before accept (no line of code was seen), so the server answered the handshake "
        "with HTTP 403. "
        'Close code 1008 and its reason "no" never left the server.',
    ),
    "an exception that was answered with a close": (
        lambda s: refused(
            s.server("loaded", routes=ROUTES).asked().send("close", RAISED_AT_33, code=1008, reason="no")
        ),
        "bad",
        "REFUSED 403",
        "An exception (line 33) made the framework close before accept, so the server answered the "
        'handshake with HTTP 403. Close code 1008 and its reason "no" never left the server.',
    ),
    "closed for an endpoint that no line of the user's closed": (
        lambda s: refused(s.asked().send("close", DEFINED_AT_20, code=1008)),
        "bad",
        "REFUSED 403",
        "The framework, or an installed package, closed before accept for the endpoint (line 20), so the "
        "server answered the handshake with HTTP 403. Close code 1008 never left the server.",
    ),
    "closed by default for an endpoint": (
        lambda s: refused(s.asked().send("close", DEFINED_AT_20, code=1000, reason="")),
        "bad",
        "REFUSED 403",
        "The framework, or an installed package, closed before accept for the endpoint (line 20), so the "
        "server answered the handshake with HTTP 403. Close code 1000 never left the server.",
    ),
    "closed two files away": (
        lambda s: refused(
            s.server("loaded", file="/home/ada/probe.py")
            .asked()
            .send("close", TWO_FILES_AWAY, code=1008)
            .raised("ValueError", "late", IN_HELPER)
        ),
        "bad",
        "REFUSED 403",
        "The app closed before accept (inner/refusal.py, line 2, called from line 9), so the server "
        "answered the handshake with HTTP 403. Close code 1008 never left the server. "
        "The app then raised ValueError: late (guard.py, line 5).",
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
        'No route matches the path "/nope". The app\'s WebSocket routes: /ws, /room/{name}. '
        "The framework closed before accept, so the server answered the "
        "handshake with HTTP 403. Close code 1000 never left the server.",
    ),
    "no such path, most likely": (
        lambda s: refused(s.connecting().request("/nope").scope("/nope").send("close", code=1000, reason="")),
        "bad",
        "REFUSED 403",
        "The app closed before accept (no line of code was seen), so the server answered "
        "the handshake "
        'with HTTP 403. Most often, no route matches the path "/nope". '
        "Close code 1000 never left the server.",
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
        "On the same socket, the server then sent another response, HTTP 101.",
    ),
    "a 500 and then a 101 as bytes that fit nothing": (
        lambda s: s.asked().returned().response(500).stray("HTTP/1.1 101 Switching\r\n").rejected(500),
        "bad",
        "REFUSED 500",
        "The endpoint returned without accepting or closing, so the server answered HTTP 500. "
        "On the same socket, the server then sent another response, HTTP 101.",
    ),
    "the client and the wire differ": (
        lambda s: s.asked().returned().response(101).rejected(500),
        "bad",
        "REFUSED 500",
        "The endpoint returned without accepting or closing, so the server answered HTTP 500. "
        "The client reports HTTP 500, but the wire shows HTTP 101.",
    ),
    "accepted in a way the server could not send": (
        lambda s: refused(s.asked().send("accept", 12).raised("ValueError", "bad header", 12), 500),
        "bad",
        "REFUSED 500",
        "The app accepted (line 12), but raised ValueError: bad header (line 12), "
        "and the server answered HTTP 500.",
    ),
    "accepted and returned, yet refused": (
        lambda s: refused(s.asked().send("accept", 12).returned(), 500),
        "bad",
        "REFUSED 500",
        "The app accepted (line 12) and returned, but the response was HTTP 500.",
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
        "The app answered the handshake with HTTP 401 instead of accepting it (line 17), with "
        'WWW-Authenticate: Bearer; the body says "{"detail":"no"}".',
    ),
    "an HTTPException": (
        lambda s: refused(s.asked().send("http.response.start", status=401).returned(), 401),
        "bad",
        "REFUSED 401",
        "The app answered the handshake with HTTP 401 instead of accepting it (no line of code was seen).",
    ),
    "an HTTPException with its line": (
        lambda s: refused(s.asked().send("http.response.start", RAISED_AT_33, status=401).returned(), 401),
        "bad",
        "REFUSED 401",
        "An exception (line 33) made the framework answer the handshake with HTTP 401 instead of "
        "accepting it.",
    ),
    "a denial for an endpoint": (
        lambda s: refused(s.asked().send("http.response.start", DEFINED_AT_20, status=401).returned(), 401),
        "bad",
        "REFUSED 401",
        "The framework, or an installed package, answered the handshake with HTTP 401 instead of accepting "
        "it for the endpoint (line 20).",
    ),
    "a denial response and then an exception": (
        lambda s: refused(
            s.asked().send("http.response.start", 17, status=401).raised("ValueError", "x", 18), 401
        ),
        "bad",
        "REFUSED 401",
        "The app answered the handshake with HTTP 401 instead of accepting it (line 17). "
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
        "The app answered the handshake with HTTP 401 instead of accepting it (line 17), with "
        "WWW-Authenticate: Basic.",
    ),
    "plain HTTP": (
        lambda s: s.connected().request().scope("/", "http").response(404, "Not Found"),
        "info",
        "REFUSED 404",
        "The request was plain HTTP, not a WebSocket handshake; the app answered HTTP 404.",
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
        "The server answered HTTP 404 itself (nothing at this path); the app was never called. "
        'Its body says "Not Found␛[2J".',
    ),
    "a status of no meaning": (
        lambda s: refused(s.connecting().request(), 599),
        "bad",
        "REFUSED 599",
        "The server answered HTTP 599 itself; the app was never called.",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_it_says_why(story: Any, judge: Any, name: str) -> None:
    judge(story, CASES[name])


@pytest.mark.parametrize(
    ("name", "step"),
    [
        ("closed before accept", LATER),
        ("no such path", "Use one of these paths, or add a route."),
        ("no such path, most likely", "Check the path against the app's routes."),
        ("raised before accept", "Call `await websocket.accept()` before sending or receiving."),
        ("a handshake without its key", "Send Sec-WebSocket-Key, Sec-WebSocket-Version."),
        ("headers too large", ""),
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
