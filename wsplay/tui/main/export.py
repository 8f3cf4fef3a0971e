"""What can be taken out of the screen: an event, the request, the run. Text for a clipboard or a file."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from wsplay.events.event import Event
from wsplay.export.jsonl import timeline_lines
from wsplay.export.text import event_details, event_text

#: Columns of a timeline that is saved as text.
TEXT_WIDTH = 120


def event_as_text(event: Event, start_ns: int) -> str:
    """An event as it reads: its line, and below it what the line has no room for."""
    line = event_text(event, start_ns, width=TEXT_WIDTH).strip()
    return "\n".join([line, *event_details(event)])


def event_as_json(event: Event, start_ns: int) -> str:
    """An event in its JSON form, indented."""
    return json.dumps(event.to_json(start_ns), indent=2, default=str)


def timeline_text(events: Iterable[Event], start_ns: int) -> Iterable[str]:
    """A timeline, a line an event."""
    for event in events:
        yield event_text(event, start_ns, width=TEXT_WIDTH, tag=True)


def save(events: list[Event], start_ns: int, name: str, form: str, folder: Path) -> Path:
    """Write events to a new file in `folder` and return its path; `form` is `jsonl` or `txt`.

    A file that is there already is left alone: the new one gets a number. Raises OSError.
    """
    lines = timeline_lines(events, start_ns) if form == "jsonl" else timeline_text(events, start_ns)
    for count in range(1, 1000):
        path = folder / (f"{name}.{form}" if count == 1 else f"{name}-{count}.{form}")
        try:
            with path.open("x", encoding="utf-8") as file:
                file.writelines(line + "\n" for line in lines)
        except FileExistsError:
            continue
        return path
    raise FileExistsError(f"{folder / name}.{form} and 998 more are there already")
