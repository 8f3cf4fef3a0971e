"""Errors, as the client library reports them."""

from __future__ import annotations

from typing import Any

from websockets import exceptions
from websockets.datastructures import Headers

from wsplay.client.library import WatchedConnection
from wsplay.events.payload import payload_data

_ESCAPED = {0xDC00 + code: code for code in range(0x80, 0x100)}


def exception_name(exc: BaseException) -> str:
    """The exception's full name as its documentation writes it.

    `websockets.exceptions.InvalidStatus`, `asyncio.CancelledError`; builtins bare: `ConnectionRefusedError`.
    """
    module, name = type(exc).__module__, type(exc).__qualname__
    if module == "builtins":
        return name
    if module.startswith("websockets.") and name in exceptions.__all__:
        return f"websockets.exceptions.{name}"
    if module == "asyncio.exceptions":
        return f"asyncio.{name}"
    return f"{module}.{name}"


def exception_data(exc: BaseException, cause: BaseException | None = None) -> dict[str, Any]:
    """`{"type", "message"}` of an exception, and the same for its `cause` if it has one."""
    data: dict[str, Any] = {"type": exception_name(exc), "message": str(exc)}
    cause = cause or exc.__cause__
    if cause is not None:
        data["cause"] = {"type": exception_name(cause), "message": str(cause)}
    return data


def refused(exc: Exception, connection: WatchedConnection | None) -> dict[str, Any]:
    """Why a connection did not open: `exc`, and the server's response if there was one.

    The response adds `{"status", "reason", "headers", "body"}`; the body is capped.
    """
    if connection is None:
        return exception_data(exc)
    response = connection.response
    if response is None:
        # The library only says that the response is incomplete; the TCP error is the better cause.
        return exception_data(exc, connection.lost_by)
    return {
        **exception_data(exc),
        "status": response.status_code,
        "reason": as_latin1(response.reason_phrase),
        "headers": header_list(response.headers),
        "body": payload_data(bytes(response.body), text=True),
    }


def header_list(headers: Headers) -> list[list[str]]:
    """`[[name, value], ...]` in order, with duplicates and case kept, decoded as latin-1."""
    return [[name, as_latin1(value)] for name, value in headers.raw_items()]


def as_latin1(text: str) -> str:
    """The library's text as latin-1: before version 17 it decoded non-ASCII bytes as lone surrogates."""
    return text if text.isascii() else text.translate(_ESCAPED)


def timed_out(phase: str, limit: float, any_bytes: bool) -> dict[str, Any]:
    """The open timeout of `limit` seconds has passed; `any_bytes` says whether the server sent any."""
    if phase == "handshake":
        missing = "no complete response" if any_bytes else "no response"
        message = f"timed out during opening handshake: {missing} within {limit:g} s"
    else:
        message = f"timed out while connecting: no TCP connection within {limit:g} s"
    return {"type": "TimeoutError", "message": message, "timeout": True}


def cancelled(phase: str) -> dict[str, Any]:
    """The client gave up before the connection opened."""
    doing = "during the opening handshake" if phase == "handshake" else "while connecting"
    return {"type": "asyncio.CancelledError", "message": f"cancelled {doing}", "cancelled": True}
