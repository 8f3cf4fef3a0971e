"""Which line of the shown file an event belongs to, and what is said about it."""

import pytest

from wsplay.events.event import Event, Lane, Place, Source
from wsplay.events.timeline import Timeline
from wsplay.tui.source.line_of_event import line_of_event

CHAIN = (Place("app.py", 9, "endpoint"), Place("auth.py", 7, "check"))


@pytest.mark.parametrize(
    ("source", "kind", "found"),
    [
        (Source("app.py", 5, "f"), "asgi.send", (5, "line 5 called close()")),
        (Source("app.py", 5, "f"), "asgi.receive", (5, "line 5 received websocket.close")),
        (Source("app.py", 5, "f", "raised"), "asgi.send", (5, "line 5 raised what is answered here")),
        (Source("app.py", 5, "f", "endpoint"), "asgi.send", (5, "line 5 defines the endpoint")),
        (Source("app.py", 5, "f", "raised"), "asgi.raised", (5, "line 5 raised ValueError")),
        (Source("auth.py", 7, "check", chain=CHAIN), "asgi.send", (9, "line 9 via auth.py:7 called close()")),
        (Source("auth.py", 7, "check"), "asgi.send", None),
    ],
)
def test_the_line_says_how_it_belongs_to_the_event(
    source: Source, kind: str, found: tuple[int, str] | None
) -> None:
    timeline = Timeline(0)
    data = {"message": {"type": "websocket.close"}, "type": "app.ValueError"}
    event = timeline.add(Event(1, Lane.ASGI, kind, kind, 1, None, data, source))
    assert line_of_event(event, timeline, "app.py") == found


@pytest.mark.parametrize(
    ("what", "phase", "label"),
    [
        ("send", "waits", "line 5 waits to send websocket.close 1008"),
        ("receive", "waits", "line 5 waits to receive websocket.close 1008"),
        ("send", "stepped", "line 5 held: websocket.close 1008"),
    ],
)
def test_the_line_of_what_is_held(what: str, phase: str, label: str) -> None:
    timeline = Timeline(0)
    data = {"what": what, "phase": phase, "about": "websocket.close 1008"}
    source = Source("app.py", 5, "f")
    event = timeline.add(Event(1, Lane.ASGI, "asgi.held", "x", 1, None, data, source))
    assert line_of_event(event, timeline, "app.py") == (5, label)
