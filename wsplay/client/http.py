"""An HTTP/1.1 client that hides nothing: one request and one response, each an event (RFC 9112)."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time
from collections.abc import Callable
from typing import Any

import h11
from websockets.headers import build_host

from wsplay.client.clock import Clock
from wsplay.client.dial import bound_socket, resolve
from wsplay.client.failure import exception_data
from wsplay.client.words import error_summary
from wsplay.events.event import Direction, Event, Lane
from wsplay.events.payload import payload_data
from wsplay.events.safe_text import visible
from wsplay.protocol.header import header_problem, is_token
from wsplay.protocol.http_request import HttpRequest, HttpResponse

#: Seconds that a request and its response may take.
TIMEOUT = 5.0
#: Bytes of a response body that are read.
MAX_BODY = 1_048_576
#: Seconds that closing the socket may take.
MARGIN = 1.0
_READ = 65_536


class HttpClient:
    """One request, on a connection of its own; used once.

    `on_event`, `conn_for` and `clock` are the same as for `client.connection.Client`. Emits `client.request`,
    then either `client.response` or `client.error` with the phase in which it failed: `request` (it cannot be
    sent), `connect`, or `response`. It does not follow redirects and does not keep cookies.
    """

    def __init__(
        self,
        on_event: Callable[[Event], None],
        conn_for: Callable[[int], int],
        clock: Clock | None = None,
    ) -> None:
        self._on_event = on_event
        self._conn_for = conn_for
        self._clock = clock or Clock()
        #: The connection's number, once its local port is known.
        self.conn: int | None = None
        #: Whether there was a TCP connection.
        self.connected = False

    async def ask(
        self, host: str, port: int, request: HttpRequest, timeout: float = TIMEOUT
    ) -> HttpResponse | None:
        """Send `request` to the server at `host`:`port`; None without a complete response.

        Takes at most `timeout` seconds by the clock. Safe to cancel: it cleans up.
        """
        phase = "connect"
        sock: socket.socket | None = None
        writer: asyncio.StreamWriter | None = None
        try:
            async with self._clock.timeout(timeout) as limit:
                family, address = await resolve(host, port)
                sock = bound_socket(family, address[0])
                self.conn = self._conn_for(sock.getsockname()[1])
                self._announce(request)
                phase = "request"
                parser, data = _plan(request, host, port)
                phase = "connect"
                await asyncio.get_running_loop().sock_connect(sock, address)
                self.connected = True
                phase = "response"
                reader, writer = await asyncio.open_connection(sock=sock)
                writer.write(data)
                await writer.drain()
                response, cut = await _read(parser, reader)
        except asyncio.CancelledError:
            self._fail(phase, {"type": "asyncio.CancelledError", "message": "cancelled", "cancelled": True})
            raise
        # A port above 65535 raises OverflowError, an impossible host name UnicodeError.
        except (OSError, ValueError, OverflowError, h11.ProtocolError) as error:
            if isinstance(error, TimeoutError) and limit.expired():
                message = f"timed out: no complete response within {timeout:g} s"
                self._fail(phase, {"type": "TimeoutError", "message": message, "timeout": True})
            else:
                self._fail(phase, _failure(error))
            return None
        else:
            self._report_response(response, cut)
            return response
        finally:
            await _disconnect(writer, sock)

    def _announce(self, request: HttpRequest) -> None:
        data = {
            "method": request.method,
            "target": request.target,
            "headers": [list(header) for header in request.headers],
            "body": payload_data(request.body, text=True) if request.body else None,
        }
        self._emit("client.request", str(request), data, Direction.C2S)

    def _report_response(self, response: HttpResponse, cut: bool) -> None:
        body: dict[str, Any] = payload_data(response.body, text=True)
        data = {
            "status": response.status,
            "reason": response.reason,
            "headers": [list(header) for header in response.headers],
            "body": body,
        }
        summary = f"{response}  {body['size']} B"
        if cut:
            body["truncated"] = data["cut"] = True
            summary += ", the rest was not read"
        self._emit("client.response", summary, data, Direction.S2C)

    def _fail(self, phase: str, data: dict[str, Any]) -> None:
        self._emit("client.error", error_summary(data["type"], data["message"]), {**data, "phase": phase})

    def _emit(
        self, kind: str, summary: str, data: dict[str, Any], direction: Direction | None = None
    ) -> None:
        self._on_event(Event(time.perf_counter_ns(), Lane.CLIENT, kind, summary, self.conn, direction, data))


def _plan(request: HttpRequest, host: str, port: int) -> tuple[h11.Connection, bytes]:
    """The parser for the response, and the request's bytes. Raises ValueError or h11.LocalProtocolError."""
    problems = [problem for header in request.headers if (problem := header_problem(*header)) is not None]
    if not is_token(request.method):
        problems.append(f'method "{visible(request.method, 60)}" is not a token')
    if any(not 0x21 <= ord(char) <= 0x7E for char in request.target):
        problems.append(f'target "{visible(request.target, 80)}" contains a character to percent-encode')
    if problems:
        raise ValueError("; ".join(problems))
    body = request.body.encode()
    own = {name.lower() for name, _ in request.headers}
    automatic = [
        ("Host", build_host(host, port, False)),
        ("User-Agent", "wsplay"),
        ("Accept", "*/*"),
        ("Connection", "close"),
    ]
    if (body or request.method in ("POST", "PUT", "PATCH")) and "transfer-encoding" not in own:
        automatic.append(("Content-Length", str(len(body))))
    headers = [header for header in automatic if header[0].lower() not in own] + list(request.headers)
    parser = h11.Connection(h11.CLIENT)
    head = h11.Request(
        method=request.method.encode(),
        target=request.target.encode(),
        headers=[(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers],
    )
    sent = [parser.send(head), parser.send(h11.Data(body)) if body else b"", parser.send(h11.EndOfMessage())]
    return parser, b"".join(part or b"" for part in sent)


async def _read(parser: h11.Connection, reader: asyncio.StreamReader) -> tuple[HttpResponse, bool]:
    """The response, and whether its body was cut. Raises OSError or h11.RemoteProtocolError."""
    head: h11.Response | h11.InformationalResponse | None = None
    body = bytearray()
    while True:
        event = parser.next_event()
        if event is h11.NEED_DATA:
            parser.receive_data(await reader.read(_READ))
        elif isinstance(event, h11.Response):
            head = event
        elif isinstance(event, h11.InformationalResponse) and event.status_code == 101:
            return _response(event, b""), False
        elif isinstance(event, h11.Data):
            body += event.data
            if len(body) > MAX_BODY and head is not None:
                return _response(head, bytes(body[:MAX_BODY])), True
        elif isinstance(event, h11.EndOfMessage | h11.ConnectionClosed) or event is h11.PAUSED:
            if head is None:
                raise h11.RemoteProtocolError("the server closed the connection without a response")
            return _response(head, bytes(body)), False


def _response(head: h11.Response | h11.InformationalResponse, body: bytes) -> HttpResponse:
    headers = tuple(
        (name.decode("latin-1"), value.decode("latin-1")) for name, value in head.headers.raw_items()
    )
    return HttpResponse(head.status_code, head.reason.decode("latin-1"), headers, body)


def _failure(error: Exception) -> dict[str, Any]:
    data = exception_data(error)
    data["type"] = data["type"].replace("h11._util.", "h11.")  # as its documentation writes it
    return data


async def _disconnect(writer: asyncio.StreamWriter | None, sock: socket.socket | None) -> None:
    if writer is None:
        if sock is not None:
            sock.close()
        return
    writer.close()
    with contextlib.suppress(OSError, TimeoutError):
        async with asyncio.timeout(MARGIN):
            await writer.wait_closed()
    writer.transport.abort()
