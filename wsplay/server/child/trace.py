"""The wrapper round a loaded app: sees each message of the ASGI conversation, and changes none.

ASGI 3.0, https://asgi.readthedocs.io/en/latest/specs/main.html. What it costs the loop is a clock reading, a
stack walk and an append; the rest is done on the link's thread.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Any

from wsplay.server.child.asgi_json import message_json, scope_data
from wsplay.server.child.sender import Sender
from wsplay.server.child.stack import exception_data, message_of, nearest, type_name

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[Any]]

#: A hold point: awaited after a message is recorded and before it passes on, with the event's kind, the
#: client's port and the message. None lets everything pass.
Gate = Callable[[str, int | None, Any], Awaitable[None]]

_getframe = sys._getframe


@dataclass
class Tracer:
    """Wraps apps; what it sees goes to `sender`. `gate` is the place for hold points."""

    sender: Sender
    gate: Gate | None = field(default=None)

    async def run(
        self, app: App, scope: Scope, receive: Receive, send: Send, *, file: str, files: frozenset[str]
    ) -> Any:
        """Await `app(scope, receive, send)`, observed. Returns and raises what it does.

        `file` is the scenario's file, whose nearest frame is an event's source; `files` all files of the
        user's.
        """
        on_event = self.sender.on_event
        gate = self.gate
        base = os.path.basename(file)
        client = scope.get("client")
        port = int(client[1]) if client else None

        async def traced_receive() -> Any:
            message = await receive()
            source = nearest(_getframe(1), file, base)
            kept, size = _kept(message)
            on_event("asgi.receive", port, kept, message_json, source, size)
            if gate is not None:
                await gate("asgi.receive", port, message)
            return message

        async def traced_send(message: Any) -> None:
            source = nearest(_getframe(1), file, base)
            kept, size = _kept(message)
            on_event("asgi.send", port, kept, message_json, source, size)
            if gate is not None:
                await gate("asgi.send", port, message)
            try:
                await send(message)
            except Exception as error:
                data = {"why": "send failed", "type": type_name(error), "message": message_of(error)}
                on_event("note", port, data, None, source)
                raise

        on_event("asgi.scope", port, dict(scope), scope_data)
        try:
            result = await app(scope, traced_receive, traced_send)
        except BaseException as error:
            data, source = exception_data(error, error.__traceback__, files)
            on_event("asgi.raised", port, data, None, source)
            raise
        on_event("asgi.returned", port, {})
        return result


def _kept(message: Any) -> tuple[Any, int]:
    """A copy that stays as it is now, whatever becomes of the message, and about how many bytes it holds."""
    if type(message) is not dict:
        return message, 0
    kept = message.copy()
    size = 0
    for key, value in message.items():
        kind = type(value)
        if kind is str or kind is bytes:
            size += len(value)
        elif kind is list or kind is bytearray:
            kept[key] = kind(value)
            size += len(value)
    return kept, size
