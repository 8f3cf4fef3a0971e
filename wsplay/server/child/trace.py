"""The wrapper around a loaded app: it records each ASGI message and changes none.

ASGI 3.0, https://asgi.readthedocs.io/en/latest/specs/main.html. Per message, it costs the event loop a clock
reading, a stack walk and an append; the sender's thread does the rest.
"""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from types import FrameType
from typing import Any

from wsplay.server.child.asgi_json import message_json, scope_data
from wsplay.server.child.sender import Sender
from wsplay.server.child.stack import (
    Callers,
    answering,
    definition,
    exception_data,
    message_of,
    type_name,
)
from wsplay.server.child.user_files import UserFiles
from wsplay.server.ipc import Where

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[Any]]

_getframe = sys._getframe


@dataclass
class Tracer:
    """Wraps apps. What it observes goes to `sender`."""

    sender: Sender

    async def run(self, app: App, scope: Scope, receive: Receive, send: Send, files: UserFiles) -> Any:
        """Await `app(scope, receive, send)` and record it. Returns and raises what the app does.

        An event's source is a line in `files`: the innermost of those that call. Where none does, because
        the framework answers: the one that raised the exception which is being handled, else the endpoint's.
        """
        send_event, is_full = self.sender.send_event, self.sender.is_full
        client = scope.get("client")
        port = int(client[1]) if client else None

        receiving, sending = Callers(files, _RUN), Callers(files, _RUN)

        def source_of(callers: Callers, frame: FrameType) -> Where | None:
            error = sys.exception()
            return (
                callers.find(frame, error)
                or answering(error, files)
                or definition(scope.get("endpoint"), files)
            )

        async def traced_receive() -> Any:
            message = await receive()
            if is_full():
                return message
            source = source_of(receiving, _getframe(1))
            kept, size = _kept(message)
            send_event("asgi.receive", port, kept, message_json, source, size)
            return message

        async def traced_send(message: Any) -> None:
            if is_full():
                await send(message)
                return
            source = source_of(sending, _getframe(1))
            kept, size = _kept(message)
            send_event("asgi.send", port, kept, message_json, source, size)
            try:
                await send(message)
            except Exception as error:
                data = {"why": "send failed", "type": type_name(error), "message": message_of(error)}
                send_event("note", port, data, None, source)
                raise

        send_event("asgi.scope", port, dict(scope), scope_data)
        try:
            result = await app(scope, traced_receive, traced_send)
        except BaseException as error:
            data, source = exception_data(error, error.__traceback__, files)
            send_event("asgi.raised", port, data, None, source)
            raise
        send_event("asgi.returned", port, {})
        return result


#: The frames outside the app.
_RUN = Tracer.run.__code__


def _kept(message: Any) -> tuple[Any, int]:
    """A copy that later changes to the message do not affect, and its approximate size in bytes."""
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
