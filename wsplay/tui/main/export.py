"""Exports from the screen: an event for the clipboard, a timeline as text in a file."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from wsplay.events.event import Event
from wsplay.export.text import event_details, event_text


def event_as(form: Literal["text", "JSON"], event: Event, start_ns: int) -> str:
    """An event as text (its line, and details below it), or as indented JSON."""
    if form == "JSON":
        return json.dumps(event.to_json(start_ns), indent=2, default=str)
    line = event_text(event, start_ns, width=None).strip()
    return "\n".join([line, *event_details(event, whole=True)])


def save_text(events: Iterable[Event], start_ns: int, name: str, folder: Path) -> Path:
    """Write events to a new file in `folder`, one per line, and return its path. An existing file is not
    changed: the new one gets a number. Raises OSError.
    """
    lines = (event_text(event, start_ns, width=None, tag=True) for event in events)
    for count in range(1, 1000):
        path = folder / (f"{name}.txt" if count == 1 else f"{name}-{count}.txt")
        try:
            with path.open("x", encoding="utf-8") as file:
                file.writelines(line + "\n" for line in lines)
        except FileExistsError:
            continue
        return path
    raise FileExistsError(f"{folder / name}.txt and 998 more exist already")
