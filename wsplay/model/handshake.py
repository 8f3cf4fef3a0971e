"""What a client asks for: path, query, headers, subprotocols, and what it does once it is in."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

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
    """One step a client takes once connected. `kind`: text, binary, ping, wait, close."""

    kind: str
    text: str = ""  # text: the message; ping: its payload; close: the reason
    data: bytes = b""  # binary: the message
    code: int = 1000  # close
    seconds: float = 0.0  # wait


@dataclass(frozen=True, slots=True)
class Handshake:
    """What a client asks for.

    `headers` are sent in this order with duplicates kept; one that names an automatic header overrides it.
    `omit` names automatic headers to leave out. Names compare without case (RFC 9110 section 5.1).
    `open_timeout` and `close_timeout` are seconds.
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

    @property
    def target(self) -> str:
        """Path and query as they stand in the request line."""
        if not self.query:
            return self.path
        return self.path + ("&" if "?" in self.path else "?") + urlencode(self.query)
