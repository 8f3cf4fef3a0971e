from collections.abc import Callable
from typing import Any

import pytest

from wsplay.events.event import Direction, Lane

C2S, S2C = Direction.C2S, Direction.S2C
UNANSWERED = "No answer to the handshake within 5 s. "

#: How the story goes, and the tone, headline and text it is told in.
Case = tuple[Callable[[Any], Any], str, str, str]

CASES: dict[str, Case] = {
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
        UNANSWERED + "The app accepted (line 12), but no response reached the client.",
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
        "The request could not be sent: ValueError: newline in header.",
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
        "The server's process exited with code 3, so the connection failed: OSError: no answer.",
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
        "The client disconnected before the server answered the handshake.",
    ),
    "a 101 the client does not take": (
        lambda s: s.asked().response(101).failed(type="a.InvalidHeader", message="bad accept", status=101),
        "bad",
        "DROPPED",
        "The server answered HTTP 101, but the client rejected the response: InvalidHeader: bad accept.",
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
def test_it_says_why(story: Any, judge: Any, name: str) -> None:
    judge(story, CASES[name])
