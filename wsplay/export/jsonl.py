"""A timeline as JSON lines, schema version 1: one event per line, the outcome last."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from wsplay.events.event import Event

_encode = json.JSONEncoder(separators=(",", ":"), ensure_ascii=True, default=str).encode


def json_line(value: Mapping[str, Any]) -> str:
    """One line of JSON in ASCII, so that no raw bytes from the wire reach a terminal."""
    return _encode(value)


def event_line(event: Event, start_ns: int) -> str:
    return json_line(event.to_json(start_ns))


def timeline_lines(events: Iterable[Event], start_ns: int) -> Iterable[str]:
    for event in events:
        yield event_line(event, start_ns)
