"""The source line of an event, and its label."""

from __future__ import annotations

from wsplay.events.event import ENDPOINT, RAISED, Event
from wsplay.events.timeline import Timeline
from wsplay.protocol.hold_points import RECEIVE, WAITS

#: Events searched for the last one with a source line.
LOOK_BACK = 300

_CALLS = {
    "websocket.accept": "called accept()",
    "websocket.close": "called close()",
    "websocket.send": "sent a message",
    "websocket.http.response.start": "refused with an HTTP response",
    "websocket.http.response.body": "refused with an HTTP response",
}


def line_of_event(event: Event, timeline: Timeline, filename: str) -> tuple[int, str] | None:
    """The line of `filename` that caused `event`, or the last before it on its connection, with a label."""
    place = event.seq - timeline.first_seq
    for index in range(place, max(place - LOOK_BACK, -1), -1):
        if not 0 <= index < len(timeline):
            break
        before = timeline[index]
        source = before.source
        if source is None or (before is not event and before.conn != event.conn):
            continue
        line = source.line_in(filename)
        if line is None:
            return None
        via = "" if source.file == filename else f"via {source.file}:{source.line} "
        return line, f"line {line} {via}{_did(before)}"
    return None


def _did(event: Event) -> str:
    match event.kind:
        case "asgi.send" | "asgi.receive" if event.source is not None and event.source.by == ENDPOINT:
            return "defines the endpoint"
        case "asgi.send" | "asgi.receive" if event.source is not None and event.source.by == RAISED:
            return "raised what is answered here"
        case "asgi.send":
            message = str(_message(event).get("type", ""))
            return _CALLS.get(message, "called send()")
        case "asgi.receive":
            return "received " + str(_message(event).get("type", "a message"))
        case "asgi.held":
            way = "receive" if event.data.get("what") == RECEIVE else "send"
            about = str(event.data.get("about", ""))
            return f"waits to {way} {about}" if event.data.get("phase") == WAITS else f"held: {about}"
        case "asgi.raised":
            return "raised " + str(event.data.get("type", "an exception")).rpartition(".")[2]
        case "server.stalled":
            return "blocks the event loop"
        case _:
            return "ran"


def _message(event: Event) -> dict[str, object]:
    message = event.data.get("message")
    return message if isinstance(message, dict) else {}
