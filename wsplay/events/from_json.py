"""Events from their JSON form, which comes from anybody's files: nothing in it is trusted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from wsplay.events.event import CALL, Direction, Event, Lane, Place, Source
from wsplay.events.lenient import number, text
from wsplay.events.safe_text import visible

#: The deepest nesting of an event's data.
DEPTH: Final = 32
#: Characters of a name (a kind, a file, a function) that are kept.
NAME: Final = 500
#: Characters of a summary that are kept.
SUMMARY: Final = 10_000
#: The largest time, in microseconds, and the largest number of anything.
MOST: Final = 2**53


class NotAnEvent(ValueError):
    """The value is not an event. The message says why, safe to print."""


def event_from_json(value: Mapping[str, Any], start_ns: int = 0) -> Event:
    """The event, with its own number; keys that are unknown are left out. Raises `NotAnEvent`.

    `start_ns` is added to its time.
    """
    try:
        lane = Lane(text(value, "lane"))
    except ValueError:
        raise NotAnEvent(f"no lane is called `{visible(str(value.get('lane')), 40)}`") from None
    if (kind := text(value, "kind")) == "":
        raise NotAnEvent("an event without a kind")
    if (t_us := number(value, "t_us", MOST)) is None:
        raise NotAnEvent("an event without a time (`t_us`, microseconds from the start of the run)")
    data = value.get("data", {})
    if not isinstance(data, dict):
        raise NotAnEvent("an event whose `data` is no object")
    if is_deeper(data, DEPTH):
        raise NotAnEvent(f"an event whose `data` is nested more than {DEPTH} deep")
    direction = text(value, "direction")
    client = text(value, "client")
    return Event(
        start_ns + t_us * 1000,
        lane,
        visible(kind, NAME),
        visible(text(value, "summary"), SUMMARY),
        number(value, "conn", MOST),
        Direction(direction) if direction in tuple(Direction) else None,
        data,
        _source(value.get("source")),
        number(value, "seq", MOST) or 0,
        client if len(client) == 1 and "A" <= client <= "Z" else None,
    )


def is_deeper(value: Any, depth: int) -> bool:
    """Whether objects and lists are nested more than `depth` deep."""
    level = [value]
    for _ in range(depth):
        level = [
            part
            for each in level
            if isinstance(each, dict | list)
            for part in (each.values() if isinstance(each, dict) else each)
        ]
        if not level:
            return False
    return any(isinstance(each, dict | list) for each in level)


def _source(value: Any) -> Source | None:
    if not isinstance(value, dict) or (place := _place(value)) is None:
        return None
    chain = value.get("chain")
    places = (
        [_place(each) for each in chain[:100] if isinstance(each, dict)] if isinstance(chain, list) else []
    )
    by = visible(text(value, "by"), NAME) or CALL
    return Source(
        place.file, place.line, place.function, by, tuple(each for each in places if each is not None)
    )


def _place(value: Mapping[str, Any]) -> Place | None:
    line = number(value, "line", MOST)
    if line is None or "file" not in value:
        return None
    return Place(visible(text(value, "file"), NAME), line, visible(text(value, "function"), NAME))
