"""What is suggested while headers, parameters and subprotocols are typed."""

from __future__ import annotations

from collections.abc import Mapping

#: Header names in the order of suggestion: those for authentication first.
HEADER_NAMES: tuple[str, ...] = (
    "Authorization",
    "Cookie",
    "Origin",
    "Sec-WebSocket-Protocol",
    "Sec-WebSocket-Extensions",
    "Sec-WebSocket-Version",
    "Sec-WebSocket-Key",
    "X-API-Key",
    "X-Token",
    "X-Forwarded-For",
    "X-Forwarded-Proto",
    "X-Real-IP",
    "X-Request-ID",
    "User-Agent",
    "Upgrade",
    "Accept",
    "Accept-Language",
    "Connection",
    "Content-Length",
    "Forwarded",
    "Host",
    "Proxy-Authorization",
    "Referer",
    "Transfer-Encoding",
    "Via",
)

#: Starts of values, by the header's name in lower case.
HEADER_VALUES: Mapping[str, tuple[str, ...]] = {
    "authorization": ("Bearer ", "Basic ", "validtoken"),
    "cookie": ("session=", "token="),
    "origin": ("https://evil.example", "http://localhost:8000", "null"),
    "connection": ("Upgrade", "keep-alive"),
    "upgrade": ("websocket",),
    "sec-websocket-version": ("13", "8"),
    "sec-websocket-extensions": ("permessage-deflate",),
    "sec-websocket-protocol": ("chat", "graphql-transport-ws", "bearer"),
}

QUERY_NAMES: tuple[str, ...] = ("token", "access_token", "api_key", "ticket")
SUBPROTOCOLS: tuple[str, ...] = (
    "chat",
    "bearer",
    "graphql-transport-ws",
    "graphql-ws",
    "mqtt",
    "wamp.2.json",
)
