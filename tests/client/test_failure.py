from __future__ import annotations

import asyncio
import socket

import pytest
from websockets import exceptions

from wsplay.client.failure import as_latin1, exception_data, exception_name


@pytest.mark.parametrize(
    ("exc", "name"),
    [
        (ConnectionRefusedError(), "ConnectionRefusedError"),
        (TimeoutError(), "TimeoutError"),
        (asyncio.CancelledError(), "asyncio.CancelledError"),
        (socket.gaierror(), "socket.gaierror"),
        (exceptions.InvalidHeader("X"), "websockets.exceptions.InvalidHeader"),
        (exceptions.ConnectionClosedOK(None, None), "websockets.exceptions.ConnectionClosedOK"),
    ],
)
def test_exceptions_are_named_as_their_documentation_does(exc: BaseException, name: str) -> None:
    assert exception_name(exc) == name


def test_the_message_is_the_exceptions_own() -> None:
    exc = exceptions.InvalidMessage("did not receive a valid HTTP response")
    assert exception_data(exc) == {
        "type": "websockets.exceptions.InvalidMessage",
        "message": "did not receive a valid HTTP response",
    }
    exc.__cause__ = EOFError("early")
    assert exception_data(exc)["cause"] == {"type": "EOFError", "message": "early"}
    reset = ConnectionResetError(104, "reset")
    assert exception_data(exc, reset)["cause"] == {
        "type": "ConnectionResetError",
        "message": "[Errno 104] reset",
    }


def test_bytes_the_library_could_not_decode_are_latin1() -> None:
    raw = bytes(range(256))
    assert as_latin1(raw.decode("ascii", "surrogateescape")) == raw.decode("latin-1")
    assert as_latin1(raw.decode("latin-1")) == raw.decode("latin-1")
