"""The wrapper around a loaded app: it records each ASGI message and changes none.

ASGI 3.0, https://asgi.readthedocs.io/en/latest/specs/main.html. Per message, it costs the event loop a clock
reading, a stack walk and an append; the sender's thread does the rest.
"""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable, MutableMapping
from types import FrameType
from typing import Any

from wsplay.server.child.asgi_json import message_json, scope_data
from wsplay.server.child.gate import Gate
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


class Tracer:
    """Wraps apps. What it observes goes to `sender`. Messages are held where `gate` says so."""

    def __init__(self, sender: Sender, gate: Gate | None = None) -> None:
        self.sender = sender
        self.gate = Gate(sender) if gate is None else gate

    async def run(self, app: App, scope: Scope, receive: Receive, send: Send, files: UserFiles) -> Any:
        """Await `app(scope, receive, send)` and record it. Returns and raises what the app does.

        An event's source is a line in `files`: the innermost of those that call. Where none does, because
        the framework answers: the one that raised the exception which is being handled, else the endpoint's.
        """
        send_event, is_full = self.sender.send_event, self.sender.is_full
        client = scope.get("client")
        port = int(client[1]) if client else None

        # While nothing is held, `holding` is empty, and asking that is all that holding costs.
        holding = self.gate.busy
        passage = self.gate.begin(port)
        receiving, sending = Callers(files, _RUN), Callers(files, _RUN)

        def source_of(callers: Callers, frame: FrameType) -> Where | None:
            error = sys.exception()
            return (
                callers.find(frame, error)
                or answering(error, files)
                or definition(scope.get("endpoint"), files)
            )

        async def traced_receive() -> Any:
            if holding:
                message = await held_receive(_getframe(1))
            else:
                message = await receive()
                if holding:
                    message = await held_receive(_getframe(1), message)
            if is_full():
                return message
            source = source_of(receiving, _getframe(1))
            kept, size = _kept(message)
            send_event("asgi.receive", port, kept, message_json, source, size)
            return message

        def held_receive(frame: FrameType, *first: Any) -> Awaitable[Any]:
            return passage.receive(receive, lambda: source_of(receiving, frame), *first)

        async def traced_send(message: Any) -> None:
            if holding:
                source = source_of(sending, _getframe(1))
                await passage.send(message, source, lambda: pass_on(message, source))
                return
            if is_full():
                await send(message)
                return
            source = source_of(sending, _getframe(1))
            kept, size = _kept(message)
            send_event("asgi.send", port, kept, message_json, source, size)
            try:
                await send(message)
            except Exception as error:
                note_failed(error, source)
                raise

        async def pass_on(message: Any, source: Where | None) -> None:
            """What `traced_send` does with a message once it may pass."""
            kept, size = _kept(message)
            send_event("asgi.send", port, kept, message_json, source, size)
            try:
                await send(message)
            except Exception as error:
                note_failed(error, source)
                raise

        def note_failed(error: Exception, source: Where | None) -> None:
            data = {"why": "send failed", "type": type_name(error), "message": message_of(error)}
            send_event("note", port, data, None, source)

        send_event("asgi.scope", port, dict(scope), scope_data)
        try:
            result = await app(scope, traced_receive, traced_send)
        except BaseException as error:
            data, source = exception_data(error, error.__traceback__, files)
            send_event("asgi.raised", port, data, None, source)
            raise
        finally:
            passage.close()
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
