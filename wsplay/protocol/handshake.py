"""What a client asks for: path, query, headers, subprotocols, and what it does once it is in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from wsplay.protocol.http_request import HttpRequest, SetupStep

Pairs = tuple[tuple[str, str], ...]

#: Headers the client sends by itself, in this order (RFC 6455 section 4.1; Origin only when asked for).
AUTOMATIC_HEADERS = (
    "Host",
    "Upgrade",
    "Connection",
    "Sec-WebSocket-Key",
    "Sec-WebSocket-Version",
    "Sec-WebSocket-Extensions",
    "Sec-WebSocket-Protocol",
    "User-Agent",
)


@dataclass(frozen=True, slots=True)
class Send:
    """One step a client takes once connected. `kind`: text, binary, ping, wait, close, http."""

    kind: str
    text: str = ""  # text: the message; ping: its payload; close: the reason
    data: bytes = b""  # binary: the message
    code: int = 1000  # close
    seconds: float = 0.0  # wait
    request: HttpRequest | None = None  # http: a request beside the connection, on one of its own

    def filled(self, expand: Callable[[str], str]) -> Send:
        """The same with each placeholder filled in by `expand`; what that raises passes on."""
        if self.request is not None:
            return replace(self, request=self.request.filled(expand))
        return replace(self, text=expand(self.text)) if self.text else self


@dataclass(frozen=True, slots=True)
class Handshake:
    """What a client asks for.

    `headers` are sent in this order with duplicates kept; one that names an automatic header overrides it.
    `omit` names automatic headers to leave out. Names compare without case (RFC 9110 section 5.1).
    `before` is done first, `steps` are taken once the connection is open. `open_timeout` and `close_timeout`
    are seconds.
    """

    path: str = "/ws"
    query: Pairs = ()
    headers: Pairs = ()
    omit: tuple[str, ...] = ()
    subprotocols: tuple[str, ...] = ()
    compression: bool = True
    steps: tuple[Send, ...] = ()
    open_timeout: float = 5.0
    close_timeout: float = 2.0
    before: tuple[SetupStep, ...] = ()

    @property
    def target(self) -> str:
        """Path and query as they stand in the request line."""
        if not self.query:
            return self.path
        return self.path + ("&" if "?" in self.path else "?") + urlencode(self.query)

    def filled(self, expand: Callable[[str], str]) -> Handshake:
        """The same with each placeholder filled in by `expand`; what that raises passes on.

        `expand` gets each whole text (a header's value, a query value, a message, a close reason, the path,
        what an HTTP request holds) and returns it filled in.
        """
        once: dict[int, Send] = {}  # a step taken many times is filled in once
        for step in self.steps:
            if id(step) not in once:
                once[id(step)] = step.filled(expand)
        return replace(
            self,
            path=expand(self.path),
            query=tuple((expand(name), expand(value)) for name, value in self.query),
            headers=tuple((name, expand(value)) for name, value in self.headers),
            subprotocols=tuple(expand(subprotocol) for subprotocol in self.subprotocols),
            steps=tuple(once[id(step)] for step in self.steps),
            before=tuple(setup_step.filled(expand) for setup_step in self.before),
        )
