"""The running ASGI calls of one app."""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
from typing import Any


class Calls:
    """Counts the calls, and knows the client ports of those that are WebSocket connections."""

    def __init__(self) -> None:
        self._ports: dict[object, int | None] = {}
        self._ended: asyncio.Event | None = None

    def __len__(self) -> int:
        return len(self._ports)

    def begin(self, scope: MutableMapping[str, Any]) -> object:
        """A call begins; `end` needs what this returns."""
        client = scope.get("client")
        call = object()
        self._ports[call] = int(client[1]) if client and scope["type"] == "websocket" else None
        return call

    def end(self, call: object) -> None:
        """That call has ended."""
        del self._ports[call]
        if self._ended is not None and not self._ports:
            self._ended.set()

    def websockets(self) -> frozenset[int]:
        """The client ports of the WebSocket connections."""
        return frozenset(port for port in self._ports.values() if port is not None)

    async def wait_until_ended(self, limit: float) -> None:
        """Wait until no call is running, for up to `limit` seconds."""
        if not self._ports:
            return
        self._ended = asyncio.Event()
        try:
            async with asyncio.timeout(limit):
                await self._ended.wait()
        except TimeoutError:
            return
